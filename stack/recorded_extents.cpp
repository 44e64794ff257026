// What there is to read on a disc.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "mmc/lba.h"

#include "transports/transport.h"

#include "stack/drive.h"
#include "stack/facts.h"
#include "stack/failure.h"
#include "stack/medium.h"
#include "stack/read_disc.h"
#include "stack/volume_size.h"

namespace kiln::stack {
namespace {

constexpr const char* kDoing = "finding out what is recorded";

std::int64_t number(mmc::Lba lba) {
    return static_cast<std::int64_t>(lba);
}

// By what the drive says of the track alone.
BlockExtent told_extent(const Track& track) {
    if (!track.holds_blocks()) {
        return {};
    }
    const auto start = number(track.start);
    std::int64_t end = start + static_cast<std::int64_t>(track.size);
    if (track.next_writable) {
        end = number(*track.next_writable);
    } else if (track.last_recorded && number(*track.last_recorded) >= start) {
        end = std::min(end, number(*track.last_recorded) + 1);
    }
    // Address 0 and on is what a READ of 2048 bytes reaches; some drives count the pregap to
    // track 1.
    const auto first = std::max<std::int64_t>(start, 0);
    const auto blocks = std::max<std::int64_t>(end - first, 0);
    return {static_cast<mmc::Lba>(first), static_cast<std::uint64_t>(blocks)};
}

Result<bool, Failure> is_readable(Drive& drive, mmc::Lba lba) {
    std::vector<std::uint8_t> block(kBlockSize);
    const auto read = drive.read_blocks(lba, block);
    if (!read && !read.error().sense) {
        return tl::make_unexpected(while_doing(kDoing, read.error()));
    }
    return read.has_value();
}

// Nothing that a drive tells says whether a closed track was written at once (two run-out blocks,
// counted and unreadable) or with its session (none): so its last two blocks are tried.
Result<BlockExtent, Failure> without_run_out(Drive& drive, const Medium& medium,
                                             const Track& track) {
    BlockExtent extent = told_extent(track);
    const bool cd = medium.facts().medium_class == MediumClass::Cd;
    if (!cd || track.packet || track.next_writable || extent.blocks <= kCdRunOut) {
        return extent;
    }
    const auto end = number(extent.first) + static_cast<std::int64_t>(extent.blocks);
    for (std::int64_t lba = end - kCdRunOut; lba < end; ++lba) {
        KILN_ASSIGN_OR_RETURN(const bool readable, is_readable(drive, static_cast<mmc::Lba>(lba)));
        if (readable) {
            return extent;
        }
    }
    extent.blocks -= kCdRunOut;
    return extent;
}

Failure nothing(const char* why) {
    return make_failure(FailureKind::Unsuitable, kDoing, why);
}

Result<RecordedExtents, Failure> of_tracks(Drive& drive, const Medium& medium) {
    RecordedExtents found;
    bool audio = false;
    for (const Track& track : medium.tracks) {
        audio = audio || (!track.is_data() && track.holds_blocks());
        if (!track.is_data()) {
            continue;
        }
        KILN_ASSIGN_OR_RETURN(const auto extent, without_run_out(drive, medium, track));
        if (extent.blocks == 0) {
            continue;
        }
        const bool joins = !found.extents.empty() &&
                           number(found.extents.back().first) +
                                   static_cast<std::int64_t>(found.extents.back().blocks) ==
                               number(extent.first);
        if (joins) {
            found.extents.back().blocks += extent.blocks;
        } else {
            found.extents.push_back(extent);
        }
    }
    if (found.extents.empty()) {
        return tl::make_unexpected(
            nothing(audio ? "there are only audio tracks on the disc" : "the disc is blank"));
    }
    return found;
}

Result<RecordedExtents, Failure> of_capacity(Drive& drive, const Medium& medium) {
    const auto capacity = static_cast<std::uint64_t>(medium.readable);
    if (capacity == 0) {
        return tl::make_unexpected(nothing("the disc is blank, or not formatted"));
    }
    std::optional<Failure> broken;
    const auto size = volume_blocks([&](mmc::Lba lba) -> std::optional<std::vector<std::uint8_t>> {
        if (broken || static_cast<std::uint64_t>(lba) >= capacity) {
            return std::nullopt;
        }
        std::vector<std::uint8_t> block(kBlockSize);
        if (const auto read = drive.read_blocks(lba, block); !read) {
            if (!read.error().sense) {
                broken = read.error();
            }
            return std::nullopt;
        }
        return block;
    });
    if (broken) {
        return tl::make_unexpected(while_doing(kDoing, *broken));
    }
    RecordedExtents found;
    found.source = size ? ExtentSource::FileSystem : ExtentSource::Capacity;
    found.extents.push_back({mmc::Lba{0}, std::min(size.value_or(capacity), capacity)});
    return found;
}

}  // namespace

std::uint64_t RecordedExtents::blocks() const {
    std::uint64_t all = 0;
    for (const auto& extent : extents) {
        all += extent.blocks;
    }
    return all;
}

Result<RecordedExtents, Failure> recorded_extents(Drive& drive, const Medium& medium) {
    if (medium.is_overwritable()) {
        return of_capacity(drive, medium);
    }
    // Pressed discs in drives that know no tracks of them: the capacity is what is recorded.
    if (medium.tracks.empty() && static_cast<std::uint32_t>(medium.readable) != 0) {
        RecordedExtents found;
        found.extents.push_back({mmc::Lba{0}, static_cast<std::uint64_t>(medium.readable)});
        return found;
    }
    return of_tracks(drive, medium);
}

Result<BlockExtent, Failure> track_extent(Drive& drive, const Medium& medium,
                                          std::uint16_t number) {
    const auto unsuitable = [number](const char* why) {
        return tl::make_unexpected(
            make_failure(FailureKind::Unsuitable, fmt::format("reading track {}", number), why));
    };
    const Track* track = medium.track(number);
    if (track == nullptr) {
        return unsuitable("the disc has no such track");
    }
    if (!track->is_data()) {
        return unsuitable("it is an audio track");
    }
    KILN_ASSIGN_OR_RETURN(const auto extent, without_run_out(drive, medium, *track));
    if (extent.blocks == 0) {
        return unsuitable("nothing is recorded in it");
    }
    return extent;
}

}  // namespace kiln::stack

// Detection: asks everything that tells of a medium, and believes drives only so far.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "mmc/commands/device.h"
#include "mmc/lba.h"
#include "mmc/responses/disc_information.h"
#include "mmc/responses/format_capacities.h"
#include "mmc/responses/track_information.h"

#include "stack/drive.h"
#include "stack/facts.h"
#include "stack/failure.h"
#include "stack/medium.h"
#include "stack/medium_parts.h"
#include "stack/outcome.h"

namespace kiln::stack {
namespace {

using namespace detection;

constexpr std::string_view kDoing = "reading the state of the medium";

DiscStatus status_of(mmc::DiscStatus status) {
    switch (status) {
        case mmc::DiscStatus::Empty:
            return DiscStatus::Blank;
        case mmc::DiscStatus::Incomplete:
            return DiscStatus::Appendable;
        case mmc::DiscStatus::Finalized:
            return DiscStatus::Complete;
        case mmc::DiscStatus::Other:
            break;
    }
    return DiscStatus::Other;
}

void take_disc(const mmc::DiscInformation& disc, Medium& medium) {
    medium.status = status_of(disc.disc_status);
    medium.last_session = disc.state_of_last_session;
    medium.background_format = disc.background_format;
    medium.erasable = disc.erasable;
    medium.sessions = disc.sessions;
    const bool last_is_complete = disc.state_of_last_session == SessionState::Complete ||
                                  medium.status == DiscStatus::Complete;
    medium.complete_sessions = static_cast<std::uint16_t>(
        last_is_complete || disc.sessions == 0 ? disc.sessions : disc.sessions - 1);
    medium.first_track_in_last_session = disc.first_track_in_last_session;
    medium.last_track = disc.last_track_in_last_session;
    constexpr std::size_t kWithoutTables = 34;
    constexpr std::size_t kTable = 8;
    const auto announced = disc.extent.announced;
    medium.opc_tables = static_cast<std::uint32_t>(
        announced > kWithoutTables ? (announced - kWithoutTables) / kTable : 0);
}

Track track_of(const mmc::TrackInformation& info) {
    Track track;
    track.number = info.track;
    track.session = info.session;
    track.start = info.start;
    track.size = info.track_size;
    track.free = info.free_blocks;
    track.packet_size = static_cast<std::uint32_t>(info.fixed_packet_size);
    track.track_mode = static_cast<std::uint8_t>(info.track_mode);
    track.data_mode = static_cast<std::uint8_t>(info.data_mode);
    track.blank = info.blank;
    track.reserved = info.reserved_track;
    track.packet = info.packet_incremental;
    track.fixed_packet = info.fixed_packet;
    track.damaged = info.damage;
    if (info.next_writable_address_valid) {
        track.next_writable = info.next_writable_address;
    }
    if (info.last_recorded_address_valid) {
        track.last_recorded = info.last_recorded_address;
    }
    return track;
}

void keep(const mmc::TrackInformation& info, Medium& medium) {
    const Track track = track_of(info);
    const auto place = std::find_if(medium.tracks.begin(), medium.tracks.end(),
                                    [&](const Track& t) { return t.number >= track.number; });
    if (place != medium.tracks.end() && place->number == track.number) {
        *place = track;
    } else {
        medium.tracks.insert(place, track);
    }
}

// Which of the two ways finds the track that a WRITE goes to: number FFh works on CD and DVD+R, the
// last track of the disc information on DVD-R and BD-R (libburn's cookbook).
bool has_invisible_number(MediumFamily family) {
    return family == MediumFamily::CdR || family == MediumFamily::CdRw ||
           family == MediumFamily::DvdPlusR || family == MediumFamily::DvdPlusRDl;
}

Result<void, Failure> read_tracks(Drive& drive, Medium& medium) {
    // A disc of more tracks than this is read from its end: that is where a burn goes on.
    constexpr std::uint16_t kMostTracks = 1000;
    const std::uint16_t last = medium.last_track;
    const std::uint16_t first =
        last > kMostTracks ? static_cast<std::uint16_t>(last - kMostTracks + 1) : std::uint16_t{1};
    for (unsigned track = first; track <= last; ++track) {
        // A track that the disc information counts is there.
        const auto ask = [&] { return drive.track_information(static_cast<std::uint16_t>(track)); };
        KILN_ASSIGN_OR_RETURN(const auto info, known_for_sure(ask));
        if (info) {
            keep(*info, medium);
        }
    }
    const bool may_go_on = medium.status != DiscStatus::Complete;
    if (may_go_on && has_invisible_number(medium.family) && medium.open_track() == nullptr) {
        KILN_ASSIGN_OR_RETURN(auto info, if_known(drive.invisible_track()));
        if (info) {
            // Some drives answer with the number that was asked for.
            info->track = info->track == 0xFF ? medium.last_track : info->track;
            keep(*info, medium);
        }
    }
    return {};
}

void take_formats(const mmc::FormatCapacities& capacities, Medium& medium) {
    switch (capacities.descriptor_type) {
        case mmc::CapacityType::Unformatted:
            medium.format_state = FormatState::Unformatted;
            break;
        case mmc::CapacityType::Formatted:
            medium.format_state = FormatState::Formatted;
            break;
        case mmc::CapacityType::NoMedium:
            medium.format_state = FormatState::Unknown;
            break;
    }
    for (const auto& row : capacities.formattable) {
        medium.formats.push_back({.type = static_cast<std::uint8_t>(row.format_type),
                                  .subtype = row.sub_type,
                                  .blocks = mmc::BlockCount{row.blocks},
                                  .parameter = row.parameter});
    }
    if (capacities.descriptor_type != mmc::CapacityType::NoMedium) {
        medium.capacity = mmc::BlockCount{capacities.blocks};
    }
}

Result<void, Failure> read_sizes(Drive& drive, Medium& medium) {
    KILN_ASSIGN_OR_RETURN(const auto readable, if_known(drive.read_capacity()));
    medium.readable = readable.value_or(mmc::BlockCount{0});
    const bool formattable = medium.facts().rewritable || medium.family == MediumFamily::BdR ||
                             medium.family == MediumFamily::BdRRandom;
    if (formattable) {
        KILN_ASSIGN_OR_RETURN(const auto capacities, if_known(drive.format_capacities()));
        if (capacities) {
            take_formats(*capacities, medium);
        }
    }
    return {};
}

// Overwritable media: everything from 0 on, once they are formatted; what READ CAPACITY says counts
// before a format list that a drive does not give.
void settle_overwritable(Medium& medium) {
    if (medium.format_state != FormatState::Formatted &&
        static_cast<std::uint32_t>(medium.readable) != 0) {
        medium.capacity = medium.readable;
    }
    if (static_cast<std::uint32_t>(medium.capacity) == 0) {
        // A DVD-RW between its quick format and its first close tells no capacity of its own: what
        // it could be formatted to is what it can take.
        for (const auto& format : medium.formats) {
            medium.capacity = std::max(medium.capacity, format.blocks);
        }
    }
    const bool unformatted = medium.format_state == FormatState::Unformatted;
    medium.next_writable = unformatted ? std::nullopt : std::optional(mmc::Lba{0});
    medium.free = unformatted ? mmc::BlockCount{0} : medium.capacity;
}

void settle_sequential(Medium& medium) {
    const Track* open = medium.open_track();
    Track guessed;
    if (open == nullptr && medium.status == DiscStatus::Blank && !medium.tracks.empty()) {
        // A blank disc can be written, whatever NWA_V says: it depends on page 05h on some drives.
        guessed = medium.tracks.back();
        guessed.next_writable = guessed.start;
        open = &guessed;
    }
    if (open == nullptr || medium.status == DiscStatus::Complete) {
        return;
    }
    // A blank CD starts at -150 in the view of some drives, in that of a data track at 0.
    medium.next_writable = std::max(*open->next_writable, mmc::Lba{0});
    medium.free = open->free;
    if (static_cast<std::uint32_t>(medium.capacity) == 0 ||
        medium.facts().medium_class != MediumClass::Bd) {
        medium.capacity = mmc::BlockCount{static_cast<std::uint32_t>(*medium.next_writable) +
                                          static_cast<std::uint32_t>(medium.free)};
    }
}

void settle(Medium& medium) {
    if (medium.is_overwritable()) {
        settle_overwritable(medium);
    } else if (medium.facts().writable) {
        settle_sequential(medium);
    }
    if (static_cast<std::uint32_t>(medium.capacity) == 0) {
        medium.capacity = medium.readable;
    }
}

Result<Medium, Failure> detect(Drive& drive) {
    KILN_RETURN_IF_ERROR(drive.wait_until_ready());
    Medium medium;
    // A drive without features is a CD writer from before 1999.
    KILN_ASSIGN_OR_RETURN(const auto configuration, known_for_sure([&] {
                              return drive.configuration(mmc::RequestedFeatures::Current);
                          }));
    KILN_ASSIGN_OR_RETURN(const auto disc,
                          known_for_sure([&] { return drive.disc_information(); }));
    if (configuration) {
        take_features(*configuration, medium);
    } else {
        KILN_RETURN_IF_ERROR(take_capabilities(drive, disc ? &*disc : nullptr, medium));
    }
    if (disc) {
        take_disc(*disc, medium);
    } else if (!medium.facts().writable) {
        medium.status = DiscStatus::Complete;
    }
    KILN_RETURN_IF_ERROR(read_structures(drive, medium));
    KILN_RETURN_IF_ERROR(read_tracks(drive, medium));
    KILN_RETURN_IF_ERROR(read_sizes(drive, medium));
    if (configuration) {
        KILN_RETURN_IF_ERROR(read_protection(drive, *configuration, medium));
    }
    settle(medium);
    drive.assume(medium.family, medium.capacity);
    return medium;
}

}  // namespace

Result<Medium, Failure> detect_medium(Drive& drive) {
    auto medium = detect(drive);
    if (!medium) {
        return tl::make_unexpected(while_doing(kDoing, std::move(medium).error()));
    }
    return medium;
}

}  // namespace kiln::stack

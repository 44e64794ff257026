#include "stack/verify.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <fmt/format.h>
// The header alone, nothing to link: Debian's libxxhash-dev.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "stack/facts.h"

namespace kiln::stack {
namespace {

std::uint64_t hash_of(mmc::ByteView bytes) {
    return XXH3_64bits(bytes.data(), bytes.size());
}

mmc::Lba at(mmc::Lba start, std::uint64_t blocks) {
    return mmc::Lba{static_cast<std::int32_t>(static_cast<std::int64_t>(start) +
                                              static_cast<std::int64_t>(blocks))};
}

Failure differs(mmc::Lba lba, std::uint64_t blocks) {
    Failure failure = make_failure(
        FailureKind::Failed, "verifying",
        fmt::format("the disc does not hold what was written, in {} blocks from lba={}", blocks,
                    static_cast<std::int32_t>(lba)));
    failure.lba = lba;
    return failure;
}

}  // namespace

struct RememberingSource::Hasher {
    XXH3_state_t state{};
    std::size_t in_region = 0;
};

RememberingSource::RememberingSource(transports::Source& inner, bool hashes) : inner_(inner) {
    first_.reserve(kBlockSize);
    last_.reserve(std::size_t{2} * kBlockSize);
    if (hashes) {
        hasher_ = std::make_unique<Hasher>();
        XXH3_64bits_reset(&hasher_->state);
    }
}

RememberingSource::~RememberingSource() = default;

transports::Result<std::size_t, transports::SourceError> RememberingSource::read(
    mmc::MutableByteView buffer) {
    auto got = inner_.read(buffer);
    if (got) {
        remember(buffer.first(*got));
    }
    return got;
}

void RememberingSource::remember(mmc::ByteView data) {
    remember_blocks(data);
    bytes_ += data.size();
    if (!hasher_) {
        return;
    }
    while (!data.empty()) {
        const std::size_t part = std::min(data.size(), kRegion - hasher_->in_region);
        XXH3_64bits_update(&hasher_->state, data.data(), part);
        hasher_->in_region += part;
        data = data.subspan(part);
        if (hasher_->in_region == kRegion) {
            regions_.push_back(XXH3_64bits_digest(&hasher_->state));
            XXH3_64bits_reset(&hasher_->state);
            hasher_->in_region = 0;
        }
    }
}

/// The last block is the part behind the last multiple of a block, or a whole one.
void RememberingSource::remember_blocks(mmc::ByteView data) {
    if (first_.size() < kBlockSize) {
        const auto part = data.first(std::min(data.size(), kBlockSize - first_.size()));
        first_.insert(first_.end(), part.begin(), part.end());
    }
    if (data.empty()) {
        return;
    }
    const std::uint64_t end = bytes_ + data.size();
    const std::uint64_t begin = (end - 1) / kBlockSize * kBlockSize;
    if (begin >= bytes_) {
        const auto tail = data.subspan(static_cast<std::size_t>(begin - bytes_));
        last_.assign(tail.begin(), tail.end());
    } else {
        last_.insert(last_.end(), data.begin(), data.end());
    }
}

const std::vector<std::uint64_t>& RememberingSource::regions() {
    if (hasher_ && hasher_->in_region > 0) {
        regions_.push_back(XXH3_64bits_digest(&hasher_->state));
        hasher_->in_region = 0;
    }
    return regions_;
}

Result<Verified, Failure> verify(Drive& drive, mmc::Lba start, RememberingSource& given,
                                 AtomicCancelWord& word, BurnObserver& observer) {
    const std::size_t most = std::min<std::size_t>(drive.transport().limits().max_transfer, 65536) /
                             kBlockSize * kBlockSize;
    std::vector<std::uint8_t> region(RememberingSource::kRegion);
    const std::uint64_t total = (given.bytes() + kBlockSize - 1) / kBlockSize;
    Progress progress{.phase = Phase::Verifying,
                      .start_lba = static_cast<std::int64_t>(start),
                      .sector_count = total};
    const auto began = drive.clock().now();
    auto told = began;
    std::uint64_t done_blocks = 0;
    std::uint64_t left = given.bytes();
    for (const std::uint64_t expected : given.regions()) {
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left, region.size()));
        const std::size_t whole = (size + kBlockSize - 1) / kBlockSize * kBlockSize;
        for (std::size_t offset = 0; offset < whole; offset += most) {
            if (word.requested()) {
                return Verified::Cancelled;
            }
            const auto part =
                mmc::MutableByteView(region).subspan(offset, std::min(most, whole - offset));
            if (auto read = drive.read_blocks(at(start, done_blocks + offset / kBlockSize), part);
                !read) {
                if (word.requested() && read.error().kind == FailureKind::Interrupted) {
                    return Verified::Cancelled;
                }
                return tl::make_unexpected(while_doing("verifying", std::move(read).error()));
            }
            const auto now = drive.clock().now();
            progress.elapsed = now - began;
            progress.last_written_lba = progress.start_lba - 1 + static_cast<std::int64_t>(total);
            progress.last_read_lba =
                progress.start_lba - 1 +
                static_cast<std::int64_t>(done_blocks + (offset + part.size()) / kBlockSize);
            if (now - told >= std::chrono::milliseconds(500)) {
                told = now;
                observer.on_update(progress);
            }
        }
        if (hash_of(mmc::ByteView(region).first(size)) != expected) {
            return tl::make_unexpected(differs(at(start, done_blocks), whole / kBlockSize));
        }
        done_blocks += whole / kBlockSize;
        left -= size;
    }
    observer.on_update(progress);
    return Verified::Yes;
}

Result<void, Failure> probe(Drive& drive, mmc::Lba start, const RememberingSource& given) {
    std::vector<std::uint8_t> block(kBlockSize);
    const std::uint64_t total = (given.bytes() + kBlockSize - 1) / kBlockSize;
    const std::pair<std::uint64_t, mmc::ByteView> wanted[] = {{0, given.first_block()},
                                                              {total - 1, given.last_block()}};
    for (const auto& [index, bytes] : wanted) {
        if (auto read = drive.read_blocks(at(start, index), block); !read) {
            return tl::make_unexpected(
                while_doing("reading back what was written", std::move(read).error()));
        }
        if (!std::equal(bytes.begin(), bytes.end(), block.begin())) {
            return tl::make_unexpected(differs(at(start, index), 1));
        }
    }
    return {};
}

}  // namespace kiln::stack

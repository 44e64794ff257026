#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "harness/sim/medium_store.h"
#include "harness/sim/medium_store_extents.h"

namespace kiln::harness {

Result<std::uint32_t, StoreError> checked_blocks(Lba first, std::size_t bytes,
                                                 std::uint32_t block_size) {
    const auto address = static_cast<std::int32_t>(first);
    const std::size_t blocks = bytes / block_size;
    if (address < 0 || bytes % block_size != 0 ||
        blocks > static_cast<std::size_t>(INT32_MAX) - static_cast<std::size_t>(address)) {
        return tl::make_unexpected(
            StoreError{.os_code = EINVAL,
                       .detail = fmt::format("{} bytes at block {} are not whole blocks of {}",
                                             bytes, address, block_size)});
    }
    return static_cast<std::uint32_t>(blocks);
}

namespace {

class MemoryStore final : public MediumStore {
public:
    using MediumStore::MediumStore;

    Result<void, StoreError> put(Lba first, ByteView bytes) override {
        KILN_ASSIGN_OR_RETURN(const std::uint32_t count,
                              checked_blocks(first, bytes.size(), block_size()));
        try {
            put_blocks(first, count, bytes);
        } catch (const std::bad_alloc&) {
            std::vector<char>().swap(reserve_);
            return tl::make_unexpected(
                StoreError{.os_code = ENOMEM, .detail = "there is no memory for the medium"});
        }
        return {};
    }

    [[nodiscard]] Result<StoredRun, StoreError> get(Lba first,
                                                    MutableByteView bytes) const override {
        KILN_ASSIGN_OR_RETURN(const std::uint32_t count,
                              checked_blocks(first, bytes.size(), block_size()));
        StoredRun run;
        for_each_part(first, count, [&](const ExtentPart& part) {
            const Extent* const extent = extents_.find(part.extent);
            for (std::uint32_t i = 0; i < part.count; ++i) {
                const bool there = extent != nullptr && extent->has(part.first + i);
                const Stored kind = there ? Stored::Data : Stored::NotWritten;
                if (run.blocks != 0 && kind != run.kind) {
                    return false;
                }
                run.kind = kind;
                if (there) {
                    std::memcpy(bytes.data() + size_of(run.blocks),
                                extent->bytes.data() + size_of(part.first + i), block_size());
                }
                ++run.blocks;
            }
            return true;
        });
        return run;
    }

    Result<void, StoreError> discard(Lba first, BlockCount count) override {
        KILN_ASSIGN_OR_RETURN(
            const std::uint32_t blocks,
            checked_blocks(first, std::size_t{static_cast<std::uint32_t>(count)} * block_size(),
                           block_size()));
        // A blank discards a whole disc, of which hardly anything is there.
        const auto from = static_cast<std::uint32_t>(first);
        const std::uint32_t end = from + blocks;
        for (std::size_t i = extents_.next(from / kExtentBlocks); i * kExtentBlocks < end;
             i = extents_.next(i + 1)) {
            const auto start = static_cast<std::uint32_t>(i) * kExtentBlocks;
            const std::uint32_t begin = std::max(from, start);
            const std::uint32_t stop = std::min(end, start + kExtentBlocks);
            discard_in(i, block_mask(begin - start, stop - begin));
        }
        return {};
    }

    [[nodiscard]] Result<Match, StoreError> matches(Lba first, ByteView bytes) const override {
        KILN_ASSIGN_OR_RETURN(const std::uint32_t count,
                              checked_blocks(first, bytes.size(), block_size()));
        Match match = Match::Equal;
        for_each_part(first, count, [&](const ExtentPart& part) {
            const Extent* const extent = extents_.find(part.extent);
            const std::uint32_t wanted = block_mask(part.first, part.count);
            if (extent == nullptr || (extent->written & wanted) != wanted) {
                match = Match::NotWritten;
            } else if (std::memcmp(extent->bytes.data() + size_of(part.first),
                                   bytes.data() + size_of(part.from_start),
                                   size_of(part.count)) != 0) {
                match = Match::Differs;
            }
            return match == Match::Equal;
        });
        return match;
    }

    [[nodiscard]] std::unique_ptr<MediumStore> clone() const override {
        return std::make_unique<MemoryStore>(*this);
    }

private:
    void put_blocks(Lba first, std::uint32_t count, ByteView bytes) {
        for_each_part(first, count, [&](const ExtentPart& part) {
            Extent& extent = extents_.at(part.extent);
            if (extent.bytes.empty()) {
                if (++extents_made_ == kManyExtents) {
                    reserve_.reserve(kReserve);
                }
                extent.bytes.resize(std::size_t{kExtentBlocks} * block_size());
            }
            const ByteView from = bytes.subspan(size_of(part.from_start), size_of(part.count));
            std::memcpy(extent.bytes.data() + size_of(part.first), from.data(), from.size());
            extent.written |= block_mask(part.first, part.count);
            return true;
        });
    }

    struct Extent {
        std::uint32_t written = 0;
        std::vector<std::uint8_t> bytes;
        [[nodiscard]] bool has(std::uint32_t block) const { return (written >> block & 1U) != 0; }
    };
    void discard_in(std::size_t index, std::uint32_t blocks) {
        const Extent* const there = extents_.find(index);
        if (there == nullptr || (there->written & blocks) == 0) {
            return;
        }
        if ((there->written & ~blocks) == 0) {
            extents_.erase(index);
        } else {
            extents_.at(index).written &= ~blocks;
        }
    }
    [[nodiscard]] std::size_t size_of(std::uint32_t blocks) const {
        return std::size_t{blocks} * block_size();
    }

    // A medium that takes all of the memory leaves some to whoever has to end in order: room that a
    // clone does not copy, for it holds nothing.
    static constexpr std::size_t kReserve = std::size_t{4} << 20U;
    static constexpr std::size_t kManyExtents = 1024;

    SharedTable<Extent> extents_;
    std::size_t extents_made_ = 0;
    std::vector<char> reserve_;
};

}  // namespace

std::unique_ptr<MediumStore> make_memory_store(std::uint32_t block_size) {
    return std::make_unique<MemoryStore>(block_size);
}

}  // namespace kiln::harness

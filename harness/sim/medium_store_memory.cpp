#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
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
                    extent->get(part.first + i, bytes.subspan(size_of(run.blocks), block_size()));
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
            }
            for (std::uint32_t i = 0; i < part.count && match == Match::Equal; ++i) {
                const ByteView block = block_of(bytes, part.from_start + i);
                match = extent->holds(part.first + i, block) ? match : Match::Differs;
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
            const bool kept_none = !extent.keeps_bytes();
            for (std::uint32_t i = 0; i < part.count; ++i) {
                extent.put(part.first + i, block_of(bytes, part.from_start + i));
            }
            if (kept_none && extent.keeps_bytes() && ++extents_made_ == kManyExtents) {
                reserve_.reserve(kReserve);
            }
            return true;
        });
    }

    /// Of a small burn hardly anything is not zeros, and most extents hold a block or two: zeros
    /// are a bit, and what was not written is whatever the memory was before. Nobody reads it.
    struct Extent {
        Extent() = default;
        Extent(const Extent& other) : written(other.written), zeros(other.zeros) {
            for (std::uint32_t i = 0; i < kExtentBlocks; ++i) {
                if (((written & ~zeros) >> i & 1U) != 0) {
                    keep(i, other.kept(i));
                }
            }
        }
        Extent(Extent&&) = delete;
        Extent& operator=(const Extent&) = delete;
        Extent& operator=(Extent&&) = delete;
        ~Extent() = default;

        [[nodiscard]] bool has(std::uint32_t block) const { return is_in(written, block); }
        void put(std::uint32_t block, ByteView from) {
            if (is_zeros(from)) {
                zeros |= block_mask(block, 1);
            } else {
                keep(block, from);  // or there is no memory, and all is as it was
                zeros &= ~block_mask(block, 1);
            }
            written |= block_mask(block, 1);
        }
        [[nodiscard]] bool keeps_bytes() const { return bytes != nullptr; }
        void get(std::uint32_t block, MutableByteView to) const {
            if (is_in(zeros, block)) {
                std::memset(to.data(), 0, to.size());
            } else {
                std::memcpy(to.data(), kept(block).data(), to.size());
            }
        }
        [[nodiscard]] bool holds(std::uint32_t block, ByteView what) const {
            return is_in(zeros, block)
                       ? is_zeros(what)
                       : std::memcmp(kept(block).data(), what.data(), what.size()) == 0;
        }

        std::uint32_t written = 0;

    private:
        static bool is_in(std::uint32_t mask, std::uint32_t block) {
            return (mask >> block & 1U) != 0;
        }
        /// The first byte is 0, and each one is the one before it.
        static bool is_zeros(ByteView bytes) {
            return bytes.front() == 0 &&
                   std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0;
        }
        [[nodiscard]] ByteView kept(std::uint32_t block) const {
            return ByteView(bytes.get(), kExtentBlocks * std::size_t{block_size})
                .subspan(block * std::size_t{block_size}, block_size);
        }
        void keep(std::uint32_t block, ByteView from) {
            if (bytes == nullptr) {
                block_size = static_cast<std::uint32_t>(from.size());
                bytes = std::make_unique_for_overwrite<std::uint8_t[]>(kExtentBlocks * from.size());
            }
            std::memcpy(bytes.get() + block * from.size(), from.data(), from.size());
        }

        std::uint32_t zeros = 0;  // of those written
        std::uint32_t block_size = 0;
        std::unique_ptr<std::uint8_t[]> bytes;
    };
    [[nodiscard]] ByteView block_of(ByteView bytes, std::uint32_t index) const {
        return bytes.subspan(size_of(index), block_size());
    }
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

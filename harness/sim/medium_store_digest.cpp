#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

// Of the two the first takes the widest vectors that the processor has, which halves what a burn
// costs beside its source.
#if __has_include(<xxh_x86dispatch.h>)
#include <xxh_x86dispatch.h>
#else
#define XXH_INLINE_ALL
#include <xxhash.h>
#endif

#include "harness/sim/medium_store.h"
#include "harness/sim/medium_store_extents.h"

namespace kiln::harness {

namespace {

using BlockHash = std::uint64_t;
using BlockHashes = std::array<BlockHash, kExtentBlocks>;

BlockHash hash_of(ByteView bytes) {
    return XXH3_64bits(bytes.data(), bytes.size());
}

/// The hash of an extent is the hash of its blocks' hashes, so that an extent can be put together
/// from pieces of any size.
BlockHash hash_of(const BlockHashes& blocks) {
    return XXH3_64bits(blocks.data(), sizeof(blocks));
}

/// An extent of which some blocks are not written, or were written again one by one.
struct OpenExtent {
    std::uint32_t written = 0;
    std::uint32_t known = 0;  // of the written ones: their hash is here
    BlockHashes hashes{};
};

/// The block that was written last and is not all zeros, as it is: where a host looks whether its
/// burn ended as it should. Zeros are known anyway, and padding does not push data out.
class LastWritten {
public:
    void put(std::uint32_t block, ByteView bytes) {
        block_ = block;
        bytes_.assign(bytes.begin(), bytes.end());
    }
    /// Nothing, if it is another block's.
    [[nodiscard]] std::optional<ByteView> find(std::uint32_t block) const {
        return block == block_ ? std::optional<ByteView>(bytes_) : std::nullopt;
    }
    void discard(std::uint32_t first, std::uint32_t count) {
        if (block_ >= first && block_ - first < count) {
            block_ = kNone;
        }
    }

private:
    static constexpr std::uint32_t kNone = UINT32_MAX;
    std::uint32_t block_ = kNone;
    std::vector<std::uint8_t> bytes_;
};

class DigestStore final : public MediumStore {
public:
    explicit DigestStore(std::uint32_t block_size)
        : MediumStore(block_size),
          kept_(make_memory_store(block_size)),
          zero_block_(hash_of(std::vector<std::uint8_t>(block_size))) {
        BlockHashes zeros;
        zeros.fill(zero_block_);
        zero_extent_ = hash_of(zeros);
    }
    DigestStore(const DigestStore& other)
        : MediumStore(other),
          kept_(other.kept_->clone()),
          starts_(other.starts_),
          last_(other.last_),
          next_(other.next_),
          whole_(other.whole_),
          open_(other.open_),
          zero_block_(other.zero_block_),
          zero_extent_(other.zero_extent_) {}
    DigestStore(DigestStore&&) = delete;
    DigestStore& operator=(const DigestStore&) = delete;
    DigestStore& operator=(DigestStore&&) = delete;
    ~DigestStore() override = default;

    Result<void, StoreError> put(Lba first, ByteView bytes) override {
        KILN_ASSIGN_OR_RETURN(const std::uint32_t count,
                              checked_blocks(first, bytes.size(), block_size()));
        const auto at = static_cast<std::uint32_t>(first);
        if (at != next_ && starts_.size() < kMostStarts) {
            starts_.insert(at / kExtentBlocks);
        }
        next_ = at + count;
        // What is written again is not the last any more, also where it is now zeros.
        last_.discard(at, count);
        std::optional<std::uint32_t> last;  // of `bytes`, that is not all zeros
        Result<void, StoreError> outcome;
        for_each_part(first, count, [&](const ExtentPart& part) {
            const ByteView piece = bytes.subspan(size_of(part.from_start), size_of(part.count));
            if (const auto block = put_part(part, piece)) {
                last = part.from_start + *block;
            }
            if (keeps(part.extent)) {
                outcome = kept_->put(lba_of(part), piece);
            }
            return outcome.has_value();
        });
        if (last) {
            last_.put(at + *last, bytes.subspan(size_of(*last), block_size()));
        }
        return outcome;
    }

    [[nodiscard]] Result<StoredRun, StoreError> get(Lba first,
                                                    MutableByteView bytes) const override {
        KILN_ASSIGN_OR_RETURN(const std::uint32_t count,
                              checked_blocks(first, bytes.size(), block_size()));
        StoredRun run;
        for_each_part(first, count, [&](const ExtentPart& part) {
            for (std::uint32_t i = 0; i < part.count; ++i) {
                const MutableByteView block =
                    bytes.subspan(size_of(part.from_start + i), block_size());
                const Stored kind = get_block(part.extent, part.first + i, block);
                if (run.blocks != 0 && kind != run.kind) {
                    return false;
                }
                run.kind = kind;
                ++run.blocks;
            }
            return true;
        });
        return run;
    }

    Result<void, StoreError> discard(Lba first, BlockCount count) override {
        const auto asked = static_cast<std::uint32_t>(count);
        KILN_ASSIGN_OR_RETURN(
            const std::uint32_t blocks,
            checked_blocks(first, std::size_t{asked} * block_size(), block_size()));
        for_each_part(first, blocks, [&](const ExtentPart& part) {
            const std::uint32_t mask = block_mask(part.first, part.count);
            if (mask == kWholeExtent) {
                whole_.erase(part.extent);
                open_.erase(part.extent);
            } else if (has_anything(part.extent)) {
                OpenExtent& extent = opened(part.extent);
                extent.written &= ~mask;
                extent.known &= ~mask;
                if (extent.written == 0) {
                    open_.erase(part.extent);
                }
            }
            return true;
        });
        last_.discard(static_cast<std::uint32_t>(first), blocks);
        next_ = kNowhere;
        return kept_->discard(first, count);
    }

    void mark_start() override { next_ = kNowhere; }

    [[nodiscard]] Result<Match, StoreError> matches(Lba first, ByteView bytes) const override {
        KILN_ASSIGN_OR_RETURN(const std::uint32_t count,
                              checked_blocks(first, bytes.size(), block_size()));
        Match match = Match::Equal;
        for_each_part(first, count, [&](const ExtentPart& part) {
            const Match here =
                match_part(part, bytes.subspan(size_of(part.from_start), size_of(part.count)));
            if (here != Match::Equal) {
                match = here;
            }
            return here == Match::Equal || here == Match::Unknown;
        });
        return match;
    }

    [[nodiscard]] std::unique_ptr<MediumStore> clone() const override {
        return std::make_unique<DigestStore>(*this);
    }

private:
    /// Whole extents lie 64 in an item of the table: 8 bytes each, and one allocation for 4 MB.
    struct WholeGroup {
        std::array<BlockHash, 64> hashes{};
        std::uint64_t there = 0;
    };
    class WholeExtents {
    public:
        [[nodiscard]] std::optional<BlockHash> find(std::size_t extent) const {
            const WholeGroup* const group = groups_.find(extent / 64);
            if (group == nullptr || (group->there >> (extent % 64) & 1U) == 0) {
                return std::nullopt;
            }
            return group->hashes[extent % 64];
        }
        void set(std::size_t extent, BlockHash hash) {
            WholeGroup& group = groups_.at(extent / 64);
            group.hashes[extent % 64] = hash;
            group.there |= std::uint64_t{1} << (extent % 64);
        }
        void erase(std::size_t extent) {
            if (find(extent)) {
                groups_.at(extent / 64).there &= ~(std::uint64_t{1} << (extent % 64));
            }
        }

    private:
        SharedTable<WholeGroup> groups_;
    };

    [[nodiscard]] std::size_t size_of(std::uint32_t blocks) const {
        return std::size_t{blocks} * block_size();
    }

    [[nodiscard]] bool keeps(std::size_t extent) const {
        return extent < kDigestKeepsBlocks / kExtentBlocks || starts_.contains(extent);
    }
    static Lba lba_of(const ExtentPart& part) {
        return Lba{static_cast<std::int32_t>(part.extent * kExtentBlocks + part.first)};
    }

    /// What is known of a block; the data into `bytes` where they are.
    [[nodiscard]] Stored get_block(std::size_t extent, std::uint32_t block,
                                   MutableByteView bytes) const {
        const Stored kind = kind_of(extent, block);
        if (kind == Stored::NotWritten) {
            return kind;
        }
        if (kind == Stored::Data) {
            std::ranges::fill(bytes, std::uint8_t{0});
            return kind;
        }
        const auto address = static_cast<std::uint32_t>(extent * kExtentBlocks + block);
        if (const auto last = last_.find(address)) {
            std::ranges::copy(*last, bytes.begin());
            return Stored::Data;
        }
        if (!keeps(extent)) {
            return kind;
        }
        const auto kept = kept_->get(lba_of({.extent = extent, .first = block}), bytes);
        return kept && kept->kind == Stored::Data ? Stored::Data : Stored::DigestOnly;
    }

    [[nodiscard]] BlockHashes hashes_of(std::uint32_t first, ByteView bytes) const {
        BlockHashes hashes{};
        for (std::size_t i = 0; i * block_size() < bytes.size(); ++i) {
            hashes[first + i] = hash_of(bytes.subspan(i * block_size(), block_size()));
        }
        return hashes;
    }

    /// The last block of `bytes` that is not all zeros, if there is one.
    std::optional<std::uint32_t> put_part(const ExtentPart& part, ByteView bytes) {
        const BlockHashes hashes = hashes_of(part.first, bytes);
        keep_hashes(part, hashes);
        for (std::uint32_t block = part.count; block > 0; --block) {
            if (hashes[part.first + block - 1] != zero_block_) {
                return block - 1;
            }
        }
        return std::nullopt;
    }

    void keep_hashes(const ExtentPart& part, const BlockHashes& hashes) {
        const std::uint32_t mask = block_mask(part.first, part.count);
        if (mask == kWholeExtent) {
            open_.erase(part.extent);
            whole_.set(part.extent, hash_of(hashes));
            return;
        }
        OpenExtent& extent = opened(part.extent);
        extent.written |= mask;
        extent.known |= mask;
        for (std::uint32_t i = part.first; i < part.first + part.count; ++i) {
            extent.hashes[i] = hashes[i];
        }
        if (extent.known == kWholeExtent) {
            whole_.set(part.extent, hash_of(extent.hashes));
            open_.erase(part.extent);
        }
    }

    /// The extent in its open form. Of a whole one the hashes of its blocks are not known any more,
    /// unless all are zero.
    OpenExtent& opened(std::size_t index) {
        OpenExtent& extent = open_[index];
        if (const auto whole = whole_.find(index)) {
            extent.written = kWholeExtent;
            if (*whole == zero_extent_) {
                extent.known = kWholeExtent;
                extent.hashes.fill(zero_block_);
            }
            whole_.erase(index);
        }
        return extent;
    }

    [[nodiscard]] bool has_anything(std::size_t index) const {
        return open_.contains(index) || whole_.find(index).has_value();
    }

    [[nodiscard]] Stored kind_of(std::size_t index, std::uint32_t block) const {
        if (const auto whole = whole_.find(index)) {
            return *whole == zero_extent_ ? Stored::Data : Stored::DigestOnly;
        }
        const auto found = open_.find(index);
        if (found == open_.end() || (found->second.written >> block & 1U) == 0) {
            return Stored::NotWritten;
        }
        const bool zero =
            (found->second.known >> block & 1U) != 0 && found->second.hashes[block] == zero_block_;
        return zero ? Stored::Data : Stored::DigestOnly;
    }

    [[nodiscard]] Match match_part(const ExtentPart& part, ByteView bytes) const {
        const std::uint32_t mask = block_mask(part.first, part.count);
        const BlockHashes hashes = hashes_of(part.first, bytes);
        OpenExtent stored;
        if (const auto whole = whole_.find(part.extent)) {
            if (mask == kWholeExtent) {
                return hash_of(hashes) == *whole ? Match::Equal : Match::Differs;
            }
            if (*whole != zero_extent_) {
                return Match::Unknown;
            }
            stored = {.written = kWholeExtent, .known = kWholeExtent};
            stored.hashes.fill(zero_block_);
        } else if (const auto found = open_.find(part.extent); found != open_.end()) {
            stored = found->second;
        }
        if ((stored.written & mask) != mask) {
            return Match::NotWritten;
        }
        for (std::uint32_t i = part.first; i < part.first + part.count; ++i) {
            if ((stored.known >> i & 1U) != 0 && stored.hashes[i] != hashes[i]) {
                return Match::Differs;
            }
        }
        return (stored.known & mask) == mask ? Match::Equal : Match::Unknown;
    }

    static constexpr std::uint32_t kNowhere = UINT32_MAX;
    static constexpr std::size_t kMostStarts = 256;

    std::unique_ptr<MediumStore> kept_;  // the data of the extents that keeps() names
    std::set<std::size_t> starts_;       // extents in which a run of writing began
    LastWritten last_;
    std::uint32_t next_ = kNowhere;  // where the last put ended
    WholeExtents whole_;
    std::map<std::size_t, OpenExtent> open_;
    BlockHash zero_block_;
    BlockHash zero_extent_ = 0;
};

}  // namespace

std::unique_ptr<MediumStore> make_digest_store(std::uint32_t block_size) {
    return std::make_unique<DigestStore>(block_size);
}

}  // namespace kiln::harness

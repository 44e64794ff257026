/// \file
/// Where the user data of a simulated medium are kept: memory, digests, or a folder.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mmc/bytes.h"
#include "mmc/lba.h"
#include "mmc/result.h"

namespace kiln::harness {

using mmc::BlockCount;
using mmc::ByteView;
using mmc::Lba;
using mmc::MutableByteView;
template <typename T, typename E>
using Result = mmc::Result<T, E>;

struct StoreError {
    int os_code = 0;
    std::string detail;  // for people: "write /x/disc/blocks: No space left on device"
};

enum class Stored : std::uint8_t {
    Data,        // the bytes are there
    NotWritten,  // nothing was put there since it was made or discarded
    DigestOnly,  // written, but only a digest of it was kept
};

/// `blocks` leading blocks of a range that are all `kind`.
struct StoredRun {
    Stored kind = Stored::NotWritten;
    std::uint32_t blocks = 0;
    friend bool operator==(const StoredRun&, const StoredRun&) = default;
};

enum class Match : std::uint8_t {
    Equal,
    Differs,
    NotWritten,
    Unknown,  // the digest there covers more than was asked about: ask for whole kExtentBlocks
};

/// Blocks that are kept together.
inline constexpr std::uint32_t kExtentBlocks = 32;

/// Blocks by address. What the drive thinks of them (tracks, defects) is not known here.
///
/// Units:   bytes.size() is a multiple of block_size(); addresses are not negative
/// Errors:  StoreError from a folder; memory and digest refuse only a bad address or size
/// Thread:  one at a time; a clone() may live on another thread if its original stays untouched
class MediumStore {
public:
    explicit MediumStore(std::uint32_t block_size) : block_size_(block_size) {}
    MediumStore& operator=(const MediumStore&) = delete;
    MediumStore& operator=(MediumStore&&) = delete;
    virtual ~MediumStore() = default;

    [[nodiscard]] std::uint32_t block_size() const { return block_size_; }

    virtual Result<void, StoreError> put(Lba first, ByteView bytes) = 0;

    /// Says what stands at `first` and for how many blocks of `bytes` that holds; fills those
    /// blocks in with Data, and leaves them alone otherwise.
    [[nodiscard]] virtual Result<StoredRun, StoreError> get(Lba first,
                                                            MutableByteView bytes) const = 0;

    /// The range is as if it had never been written.
    virtual Result<void, StoreError> discard(Lba first, BlockCount count) = 0;

    /// Whether `bytes` are what was put. Never Unknown where the data are kept.
    [[nodiscard]] virtual Result<Match, StoreError> matches(Lba first, ByteView bytes) const = 0;

    /// What is put next begins something, a session say: a store that cannot keep everything keeps
    /// that.
    virtual void mark_start() {}

    /// An independent store with the same content: cheap, copy on write. Of a folder: a copy in
    /// memory of what was written since, over the folder's files as they are.
    [[nodiscard]] virtual std::unique_ptr<MediumStore> clone() const = 0;

protected:
    MediumStore(const MediumStore&) = default;
    MediumStore(MediumStore&&) = default;

private:
    std::uint32_t block_size_;
};

[[nodiscard]] std::unique_ptr<MediumStore> make_memory_store(std::uint32_t block_size = 2048);
/// Keeps 8 bytes for each written extent, 3 MB for a BD-R of 25 GB, and knows where zeros are. The
/// data themselves are kept of the first kDigestKeepsBlocks, of where a run of writing began, and
/// of the block that was written last: what a host looks at to see whether there is a burn at all.
[[nodiscard]] std::unique_ptr<MediumStore> make_digest_store(std::uint32_t block_size = 2048);
inline constexpr std::uint32_t kDigestKeepsBlocks = 1024;

/// A pressed disc of `blocks` blocks: an ISO 9660 volume over all of it, with a text and a file of
/// numbers, made when it is read. put() and discard() are refused.
[[nodiscard]] std::unique_ptr<MediumStore> make_pressed_store(std::uint32_t blocks);

/// Compares data that come in order, in pieces of any size, with a store: gathers whole extents, so
/// that a digest can answer.
class StoreComparison {
public:
    explicit StoreComparison(const MediumStore& store) : store_(&store) {}

    /// `bytes` should stand behind the last ones, or at another address to begin anew there.
    Result<void, StoreError> feed(Lba first, ByteView bytes);
    /// Compares what is left over at the end.
    Result<void, StoreError> finish();

    /// First block of the first piece that differs, or was never written.
    [[nodiscard]] const std::optional<Lba>& mismatch() const { return mismatch_; }
    /// Blocks that the store could not speak about.
    [[nodiscard]] std::uint64_t unknown() const { return unknown_; }

private:
    const MediumStore* store_;
    std::vector<std::uint8_t> gathered_;
    std::uint32_t gathered_at_ = 0;
    std::optional<Lba> mismatch_;
    std::uint64_t unknown_ = 0;
};

}  // namespace kiln::harness

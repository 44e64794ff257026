/// \file
/// User data of a medium in two files: the blocks, sparse, and a bit for each that is written.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "transports/os/unique_fd.h"

#include "harness/sim/medium_store.h"
#include "harness/sim/medium_store_extents.h"

namespace kiln::harness {

/// The open files. Bits are written behind the data that they speak for, so that a process killed
/// in between leaves blocks that are not written, and never bits without data.
///
/// Thread:  one at a time
class FolderBlocks {
public:
    /// Opens what is there; `create` makes both files, empty.
    enum class Open : std::uint8_t { Existing, Create };
    [[nodiscard]] static Result<std::shared_ptr<FolderBlocks>, StoreError> open(
        const std::string& folder, std::uint32_t block_size, Open how);

    [[nodiscard]] std::uint32_t block_size() const { return block_size_; }
    /// Word n has the bits of extent n; what is missing at the end is not written.
    [[nodiscard]] const std::vector<std::uint32_t>& written() const { return written_; }

    Result<void, StoreError> put(Lba first, std::uint32_t count, ByteView bytes);
    [[nodiscard]] Result<void, StoreError> read(std::uint32_t first, MutableByteView bytes) const;
    Result<void, StoreError> discard(Lba first, std::uint32_t count);

    /// While a journal is replayed its data are there already: put() and discard() do nothing.
    void set_replaying(bool replaying) { replaying_ = replaying; }

private:
    FolderBlocks(std::string folder, std::uint32_t block_size)
        : folder_(std::move(folder)), block_size_(block_size) {}
    Result<void, StoreError> read_bits();
    Result<void, StoreError> write_bits(std::size_t first, std::size_t count);
    [[nodiscard]] StoreError error(const char* doing, const char* file) const;

    std::string folder_;
    std::uint32_t block_size_;
    transports::UniqueFd blocks_;
    transports::UniqueFd bits_;
    std::vector<std::uint32_t> written_;
    bool replaying_ = false;
};

/// A store over `blocks`. Its clone() keeps in memory what differs from now on.
[[nodiscard]] std::unique_ptr<MediumStore> make_folder_store(std::shared_ptr<FolderBlocks> blocks);

}  // namespace kiln::harness

#include "harness/sim/sim_folder_blocks.h"

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace kiln::harness {

namespace {

constexpr const char* kBlocks = "blocks";
constexpr const char* kWritten = "written";

/// All of `bytes` at `offset`, whatever pieces the system takes.
bool write_all(int fd, ByteView bytes, std::uint64_t offset) {
    while (!bytes.empty()) {
        const ssize_t done = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done <= 0) {
            errno = done == 0 ? ENOSPC : errno;
            return false;
        }
        bytes = bytes.subspan(static_cast<std::size_t>(done));
        offset += static_cast<std::uint64_t>(done);
    }
    return true;
}

/// Fills `bytes`; what lies behind the end of the file is zero, as in any hole.
bool read_all(int fd, MutableByteView bytes, std::uint64_t offset) {
    while (!bytes.empty()) {
        const ssize_t done = ::pread(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done < 0) {
            return false;
        }
        if (done == 0) {
            std::ranges::fill(bytes, std::uint8_t{0});
            return true;
        }
        bytes = bytes.subspan(static_cast<std::size_t>(done));
        offset += static_cast<std::uint64_t>(done);
    }
    return true;
}

}  // namespace

StoreError FolderBlocks::error(const char* doing, const char* file) const {
    return {.os_code = errno,
            .detail = fmt::format("{} {}/{}: {}", doing, folder_, file,
                                  std::generic_category().message(errno))};
}

Result<std::shared_ptr<FolderBlocks>, StoreError> FolderBlocks::open(const std::string& folder,
                                                                     std::uint32_t block_size,
                                                                     Open how) {
    const int flags = O_RDWR | O_CLOEXEC | (how == Open::Create ? O_CREAT | O_EXCL : 0);
    std::shared_ptr<FolderBlocks> files(new FolderBlocks(folder, block_size));
    files->blocks_ = transports::UniqueFd(::open((folder + "/" + kBlocks).c_str(), flags, 0666));
    if (!files->blocks_.open()) {
        return tl::make_unexpected(files->error("open", kBlocks));
    }
    files->bits_ = transports::UniqueFd(::open((folder + "/" + kWritten).c_str(), flags, 0666));
    if (!files->bits_.open()) {
        return tl::make_unexpected(files->error("open", kWritten));
    }
    KILN_RETURN_IF_ERROR(files->read_bits());
    return files;
}

Result<void, StoreError> FolderBlocks::read_bits() {
    struct stat status = {};
    if (::fstat(bits_.get(), &status) != 0) {
        return tl::make_unexpected(error("look at", kWritten));
    }
    // The last address there is needs 256 MiB of bits: more are no bits of ours.
    constexpr off_t kMost = off_t{1} << 28U;
    if (status.st_size % 4 != 0 || status.st_size > kMost) {
        errno = EBADMSG;
        return tl::make_unexpected(error("read", kWritten));
    }
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(status.st_size));
    if (!read_all(bits_.get(), bytes, 0)) {
        return tl::make_unexpected(error("read", kWritten));
    }
    written_.resize(bytes.size() / 4);
    for (std::size_t i = 0; i < written_.size(); ++i) {
        written_[i] = mmc::load_big_endian<std::uint32_t>(bytes, i * 4, 4);
    }
    return {};
}

Result<void, StoreError> FolderBlocks::write_bits(std::size_t first, std::size_t count) {
    std::vector<std::uint8_t> bytes(count * 4);
    for (std::size_t i = 0; i < count; ++i) {
        mmc::store_big_endian(MutableByteView(bytes), i * 4, 4, written_[first + i]);
    }
    if (!write_all(bits_.get(), bytes, first * 4)) {
        return tl::make_unexpected(error("write", kWritten));
    }
    return {};
}

Result<void, StoreError> FolderBlocks::put(Lba first, std::uint32_t count, ByteView bytes) {
    if (replaying_ || count == 0) {
        return {};
    }
    const auto at = static_cast<std::uint32_t>(first);
    if (!write_all(blocks_.get(), bytes, std::uint64_t{at} * block_size_)) {
        return tl::make_unexpected(error("write", kBlocks));
    }
    const std::size_t from = at / kExtentBlocks;
    const std::size_t to = (at + count - 1) / kExtentBlocks + 1;
    if (to > written_.size()) {
        written_.resize(to);
    }
    bool changed = false;
    for_each_part(first, count, [&](const ExtentPart& part) {
        const std::uint32_t before = written_[part.extent];
        written_[part.extent] |= block_mask(part.first, part.count);
        changed = changed || before != written_[part.extent];
        return true;
    });
    return changed ? write_bits(from, to - from) : Result<void, StoreError>{};
}

Result<void, StoreError> FolderBlocks::read(std::uint32_t first, MutableByteView bytes) const {
    if (!read_all(blocks_.get(), bytes, std::uint64_t{first} * block_size_)) {
        return tl::make_unexpected(error("read", kBlocks));
    }
    return {};
}

Result<void, StoreError> FolderBlocks::discard(Lba first, std::uint32_t count) {
    const auto at = static_cast<std::uint32_t>(first);
    const std::size_t from = at / kExtentBlocks;
    if (replaying_ || count == 0 || from >= written_.size()) {
        return {};
    }
    const auto last = static_cast<std::uint32_t>(written_.size() * kExtentBlocks);
    count = std::min(count, last - at);
    for_each_part(first, count, [&](const ExtentPart& part) {
        written_[part.extent] &= ~block_mask(part.first, part.count);
        return true;
    });
    const std::size_t to = (at + count - 1) / kExtentBlocks + 1;
    KILN_RETURN_IF_ERROR(write_bits(from, to - from));
    // Only to give the space back: a file system that cannot is as good.
    (void)::fallocate(blocks_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                      static_cast<off_t>(at) * block_size_,
                      static_cast<off_t>(count) * block_size_);
    return {};
}

namespace {

class FolderStore final : public MediumStore {
public:
    explicit FolderStore(std::shared_ptr<FolderBlocks> blocks)
        : MediumStore(blocks->block_size()), blocks_(std::move(blocks)) {}
    /// The clone: what is written in the files as of now, and an empty memory over it.
    FolderStore(const FolderStore& other)
        : MediumStore(other),
          blocks_(other.blocks_),
          overlay_(other.overlay_ ? other.overlay_->clone() : make_memory_store(block_size())),
          below_(other.overlay_ ? other.below_ : other.blocks_->written()) {}
    FolderStore(FolderStore&&) = delete;
    FolderStore& operator=(const FolderStore&) = delete;
    FolderStore& operator=(FolderStore&&) = delete;
    ~FolderStore() override = default;

    Result<void, StoreError> put(Lba first, ByteView bytes) override {
        KILN_ASSIGN_OR_RETURN(const std::uint32_t count,
                              checked_blocks(first, bytes.size(), block_size()));
        return overlay_ ? overlay_->put(first, bytes) : blocks_->put(first, count, bytes);
    }

    [[nodiscard]] Result<StoredRun, StoreError> get(Lba first,
                                                    MutableByteView bytes) const override {
        KILN_ASSIGN_OR_RETURN(const std::uint32_t count,
                              checked_blocks(first, bytes.size(), block_size()));
        if (count == 0) {
            return StoredRun{};
        }
        std::uint32_t most = count;
        if (overlay_) {
            KILN_ASSIGN_OR_RETURN(const StoredRun above, overlay_->get(first, bytes));
            if (above.kind == Stored::Data) {
                return above;
            }
            most = above.blocks;
        }
        const auto at = static_cast<std::uint32_t>(first);
        const bool there = is_below(at);
        std::uint32_t run = 1;
        while (run < most && is_below(at + run) == there) {
            ++run;
        }
        if (there) {
            KILN_RETURN_IF_ERROR(blocks_->read(at, bytes.first(std::size_t{run} * block_size())));
        }
        return StoredRun{.kind = there ? Stored::Data : Stored::NotWritten, .blocks = run};
    }

    Result<void, StoreError> discard(Lba first, BlockCount count) override {
        const auto asked = static_cast<std::uint32_t>(count);
        KILN_ASSIGN_OR_RETURN(
            const std::uint32_t blocks,
            checked_blocks(first, std::size_t{asked} * block_size(), block_size()));
        if (!overlay_) {
            return blocks_->discard(first, blocks);
        }
        for_each_part(first, blocks, [&](const ExtentPart& part) {
            if (part.extent < below_.size()) {
                below_[part.extent] &= ~block_mask(part.first, part.count);
            }
            return part.extent < below_.size();
        });
        return overlay_->discard(first, count);
    }

    [[nodiscard]] Result<Match, StoreError> matches(Lba first, ByteView bytes) const override {
        KILN_ASSIGN_OR_RETURN(const std::uint32_t count,
                              checked_blocks(first, bytes.size(), block_size()));
        std::vector<std::uint8_t> stored(bytes.size());
        for (std::uint32_t done = 0; done < count;) {
            const auto at = Lba{static_cast<std::int32_t>(first) + static_cast<std::int32_t>(done)};
            const std::size_t offset = std::size_t{done} * block_size();
            KILN_ASSIGN_OR_RETURN(const StoredRun run,
                                  get(at, MutableByteView(stored).subspan(offset)));
            const std::size_t size = std::size_t{run.blocks} * block_size();
            if (run.kind != Stored::Data) {
                return Match::NotWritten;
            }
            if (!std::ranges::equal(bytes.subspan(offset, size),
                                    ByteView(stored).subspan(offset, size))) {
                return Match::Differs;
            }
            done += run.blocks;
        }
        return Match::Equal;
    }

    [[nodiscard]] std::unique_ptr<MediumStore> clone() const override {
        return std::make_unique<FolderStore>(*this);
    }

private:
    [[nodiscard]] bool is_below(std::uint32_t block) const {
        const std::vector<std::uint32_t>& bits = overlay_ ? below_ : blocks_->written();
        const std::size_t extent = block / kExtentBlocks;
        return extent < bits.size() && (bits[extent] >> (block % kExtentBlocks) & 1U) != 0;
    }

    std::shared_ptr<FolderBlocks> blocks_;
    std::unique_ptr<MediumStore> overlay_;  // of a clone only
    std::vector<std::uint32_t> below_;      // of a clone: what still counts of the files
};

}  // namespace

std::unique_ptr<MediumStore> make_folder_store(std::shared_ptr<FolderBlocks> blocks) {
    return std::make_unique<FolderStore>(std::move(blocks));
}

}  // namespace kiln::harness

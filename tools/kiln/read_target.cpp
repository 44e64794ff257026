#include "tools/kiln/read_target.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stack/facts.h"

namespace kiln::tools {
namespace {

bool is_zero(mmc::ByteView bytes) {
    return bytes[0] == 0 && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0;
}

}  // namespace

Problem ReadTarget::failed() const {
    return host_problem("writing to " + name_, std::generic_category().message(errno));
}

Result<std::unique_ptr<ReadTarget>, Problem> ReadTarget::open(const std::string& path,
                                                              const transports::Stop& stop) {
    if (path == "-") {
        return std::unique_ptr<ReadTarget>(
            new ReadTarget("standard output", transports::UniqueFd(), STDOUT_FILENO, stop));
    }
    constexpr mode_t kMode = 0666;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): that is open's face
    transports::UniqueFd owned(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kMode));
    if (!owned.open() && (errno == ENXIO || errno == EACCES || errno == EINVAL)) {
        // What can only be written: a fifo, a printer.
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg)
        owned = transports::UniqueFd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    }
    if (!owned.open()) {
        return tl::make_unexpected(
            host_problem("opening " + path, std::generic_category().message(errno)));
    }
    const int fd = owned.get();
    std::unique_ptr<ReadTarget> target(new ReadTarget(path, std::move(owned), fd, stop));
    struct stat status{};
    if (fstat(fd, &status) != 0) {
        return tl::make_unexpected(target->failed());
    }
    target->is_file_ = S_ISREG(status.st_mode);
    if (target->is_file_) {
        target->held_blocks_ = static_cast<std::uint64_t>(status.st_size) / stack::kBlockSize;
    }
    return target;
}

Result<std::vector<std::uint8_t>, Problem> ReadTarget::held_block(std::uint64_t index) const {
    std::vector<std::uint8_t> block(stack::kBlockSize);
    const ssize_t got =
        pread(fd_, block.data(), block.size(), static_cast<off_t>(index * stack::kBlockSize));
    if (got != static_cast<ssize_t>(block.size())) {
        return tl::make_unexpected(
            host_problem("reading " + name_,
                         got < 0 ? std::generic_category().message(errno) : "it became shorter"));
    }
    return block;
}

Result<void, Problem> ReadTarget::go_on() {
    if (!is_file_) {
        return {};
    }
    const auto end = static_cast<off_t>(held_blocks_ * stack::kBlockSize);
    if (ftruncate(fd_, end) != 0 || lseek(fd_, end, SEEK_SET) != end) {
        return tl::make_unexpected(failed());
    }
    return {};
}

stack::Result<void, stack::Failure> ReadTarget::take(mmc::Lba /*first*/, mmc::ByteView bytes) {
    ends_in_hole_ = is_file_ && !bytes.empty() && is_zero(bytes) &&
                    lseek(fd_, static_cast<off_t>(bytes.size()), SEEK_CUR) >= 0;
    if (ends_in_hole_) {
        return {};
    }
    while (!bytes.empty()) {
        if (!is_file_ && stop_->requested()) {
            return tl::make_unexpected(
                stack::make_failure(stack::FailureKind::Interrupted, "writing to " + name_, ""));
        }
        const ssize_t written = io_.write(fd_, bytes);
        if (written < 0 && errno != EINTR) {
            const Problem problem = failed();
            return tl::make_unexpected(
                stack::make_failure(stack::FailureKind::Failed, problem.doing, problem.message));
        }
        bytes = bytes.subspan(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
    return {};
}

stack::Result<void, stack::Failure> ReadTarget::take_zeros(std::uint64_t blocks) {
    constexpr std::uint64_t kAtOnce = 32;
    const std::vector<std::uint8_t> zeros(kAtOnce * stack::kBlockSize);
    while (blocks > 0) {
        const std::uint64_t now = std::min(blocks, kAtOnce);
        KILN_RETURN_IF_ERROR(take(mmc::Lba{}, mmc::ByteView(zeros).first(now * stack::kBlockSize)));
        blocks -= now;
    }
    return {};
}

Result<void, Problem> ReadTarget::finish() {
    if (ends_in_hole_ && ftruncate(fd_, lseek(fd_, 0, SEEK_CUR)) != 0) {
        return tl::make_unexpected(failed());
    }
    while (is_file_ && fsync(fd_) != 0) {
        if (errno != EINTR) {
            return tl::make_unexpected(failed());
        }
    }
    return {};
}

}  // namespace kiln::tools

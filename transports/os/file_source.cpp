#include "transports/os/file_source.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <chrono>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace kiln::transports {
namespace {

/// Read-ahead beyond the kernel's own 128 KiB: a second of a BD at 1x, so that a disk that spins
/// up or seeks does not empty the ring.
constexpr std::uint64_t kAhead = std::uint64_t{8} << 20U;

std::string words(int os_code) {
    return std::generic_category().message(os_code);
}

}  // namespace

SourceError FileSource::failed(const char* doing, int os_code) const {
    return {.interrupted = false,
            .os_code = os_code,
            .detail = fmt::format("{} {}: {}", doing, name_, words(os_code))};
}

Result<std::unique_ptr<FileSource>, SourceError> FileSource::open(const std::string& path,
                                                                  Options options) {
    const bool standard_input = path == "-";
    UniqueFd event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    const int event_error = errno;
    UniqueFd owned;
    int fd = STDIN_FILENO;
    int open_error = 0;
    if (!standard_input) {
        // Without O_NONBLOCK the open of a fifo waits for its writer, and nothing ends that wait.
        owned = UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
        open_error = errno;
        fd = owned.get();
    }
    const bool have_event = event.open();
    std::unique_ptr<FileSource> source(new FileSource(standard_input ? "standard input" : path,
                                                      std::move(owned), fd, std::move(event)));
    source->patience_ = options.patience;
    if (fd < 0) {
        return tl::make_unexpected(source->failed("open", open_error));
    }
    if (!have_event) {
        return tl::make_unexpected(source->failed("open", event_error));
    }
    KILN_RETURN_IF_ERROR(source->examine(options));
    return source;
}

Result<std::unique_ptr<FileSource>, SourceError> FileSource::open(const std::string& path) {
    return open(path, Options{});
}

Result<void, SourceError> FileSource::examine(const Options& options) {
    struct stat status{};
    if (::fstat(fd_, &status) != 0) {
        return tl::make_unexpected(failed("open", errno));
    }
    if (S_ISDIR(status.st_mode)) {
        return tl::make_unexpected(failed("open", EISDIR));
    }
    if (S_ISREG(status.st_mode) || S_ISBLK(status.st_mode)) {
        kind_ = S_ISREG(status.st_mode) ? Kind::RegularFile : Kind::BlockDevice;
        return examine_extent(options);
    }
    endless_ = S_ISCHR(status.st_mode);
    size_ = options.size;
    return {};
}

Result<void, SourceError> FileSource::examine_extent(const Options& options) {
    // Standard input may stand anywhere: `(dd bs=2048 count=16; kiln burn -) < image`.
    const off_t start = ::lseek(fd_, 0, SEEK_CUR);
    const off_t end = start < 0 ? start : ::lseek(fd_, 0, SEEK_END);
    if (end < 0 || ::lseek(fd_, start, SEEK_SET) < 0) {
        return tl::make_unexpected(failed("find the size of", errno));
    }
    start_ = static_cast<std::uint64_t>(start);
    const auto there = static_cast<std::uint64_t>(std::max<off_t>(end - start, 0));
    if (options.size.value_or(0) > there) {
        return tl::make_unexpected(SourceError{
            .detail = fmt::format("open {}: it holds {} bytes, less than the {} asked for", name_,
                                  there, *options.size)});
    }
    size_ = options.size.value_or(there);
    left_out_ = kind_ == Kind::RegularFile ? there - *size_ : 0;
    ::posix_fadvise(fd_, start, 0, POSIX_FADV_SEQUENTIAL);
    return {};
}

void FileSource::advise() {
    // Hints: an error changes nothing.
    if (kind_ != Kind::Stream && given_ + kAhead / 2 >= advised_ && advised_ < *size_) {
        const std::uint64_t from = std::max(given_, advised_);
        ::posix_fadvise(fd_, static_cast<off_t>(start_ + from), static_cast<off_t>(kAhead),
                        POSIX_FADV_WILLNEED);
        advised_ = from + kAhead;
    }
}

Result<std::size_t, SourceError> FileSource::read(mmc::MutableByteView buffer) {
    assert(!buffer.empty());
    if (size_ && given_ == *size_) {
        return 0U;
    }
    if (size_) {
        buffer = buffer.first(
            static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), *size_ - given_)));
    }
    advise();
    KILN_ASSIGN_OR_RETURN(const std::size_t count, read_some(buffer));
    given_ += count;
    if (count == 0 && size_) {
        return tl::make_unexpected(ended_early());
    }
    // Now, and not when somebody asks for more: who knows the size does not.
    if (size_ && given_ == *size_ && kind_ == Kind::Stream && !endless_) {
        KILN_RETURN_IF_ERROR(expect_end());
    }
    return count;
}

/// All of the promised bytes are there. A pipe that has more was promised wrongly: burning the
/// first part of it would be a disc that looks whole.
Result<void, SourceError> FileSource::expect_end() {
    constexpr int kPatienceMs = 100;
    pollfd watched{.fd = fd_, .events = POLLIN, .revents = 0};
    if (::poll(&watched, 1, kPatienceMs) <= 0) {
        return {};
    }
    std::array<std::uint8_t, 1> more{};
    if (::read(fd_, more.data(), more.size()) <= 0) {
        return {};
    }
    return tl::make_unexpected(
        SourceError{.detail = fmt::format("read {}: more data than the {} bytes that were promised",
                                          name_, *size_)});
}

SourceError FileSource::ended_early() const {
    const char* why =
        kind_ == Kind::RegularFile ? "the file has become shorter: it ended" : "ended";
    return {.detail = fmt::format("read {}: {} after {} of {} bytes", name_, why, given_, *size_)};
}

/// Waits for data or interrupt(), not for the data alone.
Result<void, SourceError> FileSource::wait_until_readable() {
    std::array<pollfd, 2> watched{pollfd{.fd = fd_, .events = POLLIN, .revents = 0},
                                  pollfd{.fd = event_.get(), .events = POLLIN, .revents = 0}};
    const auto until = std::chrono::steady_clock::now() + patience_;
    while (true) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        const int ready = ::poll(watched.data(), watched.size(),
                                 static_cast<int>(std::max<std::int64_t>(
                                     0, std::min<std::int64_t>(left.count(), 3'600'000))));
        if (ready > 0) {
            return {};
        }
        if (ready < 0 && errno != EINTR) {
            return tl::make_unexpected(failed("read", errno));
        }
        if (ready == 0 && left.count() <= 0) {
            return tl::make_unexpected(
                SourceError{.detail = fmt::format("read {}: nothing came for {} s", name_,
                                                  patience_.count() / 1000)});
        }
    }
}

Result<std::size_t, SourceError> FileSource::read_some(mmc::MutableByteView buffer) {
    while (true) {
        if (kind_ == Kind::Stream) {
            // Polled even where O_NONBLOCK is set: a fifo that no writer has opened yet reads as
            // ended, but does not poll so.
            KILN_RETURN_IF_ERROR(wait_until_readable());
        }
        if (interrupted_) {
            return tl::make_unexpected(SourceError{
                .interrupted = true, .detail = fmt::format("read {}: interrupted", name_)});
        }
        const ssize_t count = io_.read(fd_, buffer);
        if (count >= 0) {
            return static_cast<std::size_t>(count);
        }
        if (errno != EINTR && errno != EAGAIN) {
            return tl::make_unexpected(failed("read", errno));
        }
    }
}

void FileSource::interrupt() noexcept {
    const int before = errno;  // of the code that a signal handler interrupted
    interrupted_ = true;
    const std::uint64_t one = 1;
    // Cannot fail but by EAGAIN, at 2^64 - 2 interrupts, when it is readable anyway.
    [[maybe_unused]] const ssize_t written = ::write(event_.get(), &one, sizeof one);
    errno = before;
}

}  // namespace kiln::transports

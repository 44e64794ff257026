/// \file
/// A file, block device, pipe or standard input as the source of a burn.

#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "mmc/bytes.h"

#include "transports/os/bounced_io.h"
#include "transports/os/unique_fd.h"
#include "transports/source.h"

namespace kiln::transports {

/// Reads forward from where the descriptor stands when it is opened.
///
/// A blocked read of a pipe, socket, terminal or character device ends with interrupt(). One of a
/// regular file or block device does not: the kernel offers no way, so a reader that must not hang
/// on a dead disk runs on a thread of its own.
class FileSource final : public Source {
public:
    enum class Kind : std::uint8_t { RegularFile, BlockDevice, Stream };

    struct Options {
        /// Bytes that the caller was promised, where a pipe cannot say so itself. Of a file or
        /// device, which may have no end, only so many are read.
        std::optional<std::uint64_t> size;
        /// How long a stream may give nothing before that is an error: no wait is without a bound.
        std::chrono::milliseconds patience = std::chrono::minutes(10);
    };

    /// `-` is standard input. A fifo without a writer is opened at once; the first read waits.
    ///
    /// Units:   options.size in bytes
    /// Errors:  "open PATH: No such file or directory"; a directory; a file or device with less
    ///          than options.size. An empty file is no error here: size() is 0
    static Result<std::unique_ptr<FileSource>, SourceError> open(const std::string& path,
                                                                 Options options);
    static Result<std::unique_ptr<FileSource>, SourceError> open(const std::string& path);

    /// Blocks:  also 0.1 s, once, for what a pipe gives beyond the promised size; a writer that
    ///          gives nothing and keeps it open is not waited for
    /// Errors:  as Source; also a file that has become shorter than size(), a stream that ends
    ///          before the promised size, a pipe that goes on after it: never a silent end
    Result<std::size_t, SourceError> read(mmc::MutableByteView buffer) override;
    /// Of a regular file or block device what was there when it was opened.
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return size_; }
    /// Every read() from now on ends with `interrupted`.
    void interrupt() noexcept override;

    /// Bytes that a regular file holds beyond size().
    [[nodiscard]] std::uint64_t left_out() const { return left_out_; }

    [[nodiscard]] Kind kind() const { return kind_; }
    /// The path, or "standard input": what messages call this source.
    [[nodiscard]] const std::string& name() const { return name_; }

private:
    FileSource(std::string name, UniqueFd owned, int fd, UniqueFd event)
        : name_(std::move(name)), owned_(std::move(owned)), fd_(fd), event_(std::move(event)) {}

    Result<void, SourceError> examine(const Options& options);
    Result<void, SourceError> examine_extent(const Options& options);
    Result<void, SourceError> wait_until_readable();
    Result<std::size_t, SourceError> read_some(mmc::MutableByteView buffer);
    Result<void, SourceError> expect_end();
    [[nodiscard]] SourceError ended_early() const;
    [[nodiscard]] SourceError failed(const char* doing, int os_code) const;
    void advise();

    std::string name_;
    UniqueFd owned_;  // not open for standard input, which is not ours to close
    int fd_ = -1;
    BouncedIo io_;    // buffer may be a device's memory
    UniqueFd event_;  // readable from the first interrupt() on
    std::atomic<bool> interrupted_{false};
    Kind kind_ = Kind::Stream;
    bool endless_ = false;  // a character device: what it gives is cut at size_
    std::optional<std::uint64_t> size_;
    std::uint64_t left_out_ = 0;
    std::chrono::milliseconds patience_{};
    std::uint64_t start_ = 0;    // offset in the file of our byte 0
    std::uint64_t given_ = 0;    // bytes handed out
    std::uint64_t advised_ = 0;  // bytes that the kernel was asked to read ahead
};

}  // namespace kiln::transports

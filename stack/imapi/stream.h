/// \file
/// IStream, as far as it is used for writing; and how it becomes a source of the ports.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "mmc/bytes.h"

#include "transports/error.h"
#include "transports/source.h"

#include "stack/hresult.h"

namespace kiln::stack::imapi {

/// What one Read gave.
struct StreamRead {
    HResult code = HResult::Ok;
    std::size_t bytes = 0;  // 0: the end. Of a read that failed they do not count
};

/// Thread:  read() from one at a time, which is not the caller's of the write; interrupt() from any
class Stream {
public:
    Stream() = default;
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    virtual ~Stream() = default;

    /// Reads forward from the current position; fewer bytes than asked for are not the end.
    ///
    /// Spec:    ISequentialStream::Read
    [[nodiscard]] virtual StreamRead read(mmc::MutableByteView buffer) = 0;

    /// Bytes from the current position to the end, where that is known: Stat and Seek.
    [[nodiscard]] virtual std::optional<std::uint64_t> size() const { return std::nullopt; }

    /// Ends a blocked read(); latches. Called for a read that nobody waits for any more. A stream
    /// that cannot do this holds the end of a write up for 5 s, and has to live until its read
    /// comes back: it is left behind.
    virtual void interrupt() noexcept = 0;
};

/// A Stream for the ports. Keeps the code of the first failure, to be passed through.
class StreamSource final : public transports::Source {
public:
    explicit StreamSource(Stream& stream) : stream_(stream) {}

    transports::Result<std::size_t, transports::SourceError> read(
        mmc::MutableByteView buffer) override;
    [[nodiscard]] std::optional<std::uint64_t> size() const override;
    void interrupt() noexcept override;

    /// Zeros behind the stream's end. Before the first read.
    ///
    /// Units:   bytes
    void append_zeros(std::uint64_t count) { zeros_ = count; }

    /// What the stream failed with; Ok where it did not. Once no read is out any more.
    [[nodiscard]] HResult failure() const { return failure_; }

private:
    Stream& stream_;
    HResult failure_ = HResult::Ok;
    std::uint64_t zeros_ = 0;  // still to be given
    bool ended_ = false;       // the stream has
    std::atomic<bool> interrupted_{false};
};

/// A Source for who has no IStream. Its failures are E_FAIL.
class SourceStream final : public Stream {
public:
    explicit SourceStream(transports::Source& source) : source_(source) {}

    [[nodiscard]] StreamRead read(mmc::MutableByteView buffer) override;
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return source_.size(); }
    void interrupt() noexcept override { source_.interrupt(); }

private:
    transports::Source& source_;
};

}  // namespace kiln::stack::imapi

/// \file
/// A decorator that says in one line what each command was and what came of it.

#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "transports/clock.h"
#include "transports/transport.h"

namespace kiln::transports {

/// One line, without its end:
///     12.345678  2a 00 00 01 00 00 00 00 20 00  WRITE (10) lba=65536 n=32  out 65536
///         CHECK CONDITION 03/0c/00 write error  moved 0  1.234 ms
/// (not broken in two). `at`: when the command started.
[[nodiscard]] std::string log_line(Instant at, Duration took, const Request& request,
                                   const Result<Completion, TransportError>& outcome);

/// "time-out: SG_IO ... (errno 110, host 0003h)".
[[nodiscard]] std::string describe(const TransportError& error);

/// "GOOD", "CHECK CONDITION", "status 3fh".
[[nodiscard]] std::string describe(Status status);

/// Writes one line for each command, after its end, to `sink`.
///
/// Thread:  as the transport below; `sink` is called on the thread that executes
class LogTransport final : public Transport {
public:
    using Sink = std::function<void(std::string_view line)>;

    LogTransport(Transport& below, const Clock& clock, Sink sink)
        : below_(&below), clock_(&clock), sink_(std::move(sink)) {}

    Result<Completion, TransportError> execute(const Request& request) override;
    [[nodiscard]] bool begin(const Request& request) override;
    [[nodiscard]] Advance advance(Instant until) override { return below_->advance(until); }
    [[nodiscard]] Result<Completion, TransportError> complete() override;
    [[nodiscard]] Waker* waker() noexcept override { return below_->waker(); }
    void interrupt() noexcept override { below_->interrupt(); }
    Result<void, TransportError> recover(Rung rung) override;
    [[nodiscard]] Limits limits() const override { return below_->limits(); }
    [[nodiscard]] Buffers make_buffers(std::size_t count, std::size_t each) override {
        return below_->make_buffers(count, each);
    }

private:
    void say(Instant start, const Request& request,
             const Result<Completion, TransportError>& outcome);

    Transport* below_;
    const Clock* clock_;
    Sink sink_;
    Request begun_;
    Instant begun_at_{};
};

}  // namespace kiln::transports

/// \file
/// A decorator under which commands fail, stall, come late or lie.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "transports/clock.h"
#include "transports/faults/fault.h"
#include "transports/transport.h"

namespace kiln::transports {

/// Thread:  as the transport below; set_pace() on the thread that executes
class FaultTransport final : public Transport {
public:
    /// Who lets the time of a stall or delay pass.
    enum class Pace : std::uint8_t {
        LeaveClock,  // the caller: a stall is TimedOut at once, a delay shows in Completion::end
        WaitForEnd,  // execute()
    };
    struct Parts {
        Transport* below = nullptr;
        Clock* clock = nullptr;
        Waker* waker = nullptr;  // ends a stall at interrupt(); nobody else may wait on it
        Pace pace = Pace::WaitForEnd;
    };
    FaultTransport(const Parts& parts, std::vector<Fault> faults);

    Result<Completion, TransportError> execute(const Request& request) override;
    void interrupt() noexcept override;
    Result<void, TransportError> recover(Rung rung) override;
    [[nodiscard]] Limits limits() const override;
    [[nodiscard]] Buffers make_buffers(std::size_t count, std::size_t each) override {
        return parts_.below->make_buffers(count, each);
    }

    void set_pace(Pace pace) { parts_.pace = pace; }
    /// Counts from the next command on.
    void add(const Fault& fault) { faults_.push_back({fault, 0}); }

private:
    struct Counted {
        Fault fault;
        std::uint64_t seen = 0;  // commands that matched so far
    };
    using Outcome = Result<Completion, TransportError>;

    const FaultKind* due(std::uint8_t operation_code);
    [[nodiscard]] Completion answered_now() const;
    Outcome apply(const FailWith& fault, const Request& request);
    Outcome apply(const AnswerBusy& fault, const Request& request);
    Outcome apply(const Stall& fault, const Request& request);
    Outcome apply(const LoseAnswer& fault, const Request& request);
    Outcome apply(const Delay& fault, const Request& request);
    Outcome apply(const Shorten& fault, const Request& request);
    Outcome apply(const Lie& fault, const Request& request);
    Outcome apply(const HostFails& fault, const Request& request);
    Outcome apply(const Vanish& fault, const Request& request);
    /// True if interrupt() ended the wait.
    bool wait_until(Instant deadline);
    Outcome never_answered(Instant start, const Request& request);

    Parts parts_;
    std::vector<Counted> faults_;
    bool gone_ = false;
    std::uint64_t commands_ = 0;
    /// Number of the command under way, 0 between commands; and of the last one interrupted. So
    /// an interrupt() that comes too late does not end the next command.
    std::atomic<std::uint64_t> under_way_{0};
    std::atomic<std::uint64_t> interrupted_{0};
};

}  // namespace kiln::transports

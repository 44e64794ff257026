/// \file
/// Clocks that are not the operating system's.

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

#include "transports/clock.h"

namespace kiln::harness {

using transports::Clock;
using transports::Duration;
using transports::Instant;
using transports::Waker;

/// Stands still but in wait_until() and the advances, which take no real time.
///
/// Thread:  any; but that a deterministic run has only one that waits, and alarms are for such runs
class VirtualClock final : public Clock {
public:
    explicit VirtualClock(Instant start = Instant{}) : now_(start.time_since_epoch().count()) {}

    [[nodiscard]] Instant now() const override {
        return Instant(Duration(now_.load(std::memory_order_acquire)));
    }
    /// A wake that is pending leaves the time as it is.
    bool wait_until(Instant deadline, Waker& waker) override;
    /// Never goes back. Alarms on the way ring, each at its time.
    void advance_to(Instant instant);
    void advance(Duration by) { advance_to(now() + by); }
    /// To `instant`: true. Or to the first alarm on the way, which has rung then: false.
    bool advance_toward(Instant instant);

    /// Calls `act` once, when the clock comes to `instant` or is moved at all after it: whoever
    /// moves the clock is stopped there on the way. Of alarms for one instant the first set rings
    /// first. `act` does not move the clock; it may set alarms.
    void at(Instant instant, std::function<void()> act);
    void forget_alarms() { alarms_.clear(); }

private:
    struct Alarm {
        Instant at;
        std::function<void()> act;
    };

    void move_to(Instant instant);

    std::atomic<Duration::rep> now_;
    std::vector<Alarm> alarms_;  // the next one last
};

/// `factor` seconds of its own pass in one of `base`: the drive in real time, or sped up.
class ScaledClock final : public Clock {
public:
    /// `factor` is positive; `start` is what now() says at construction.
    ScaledClock(Clock& base, double factor, Instant start = Instant{})
        : base_(&base), factor_(factor), base_start_(base.now()), start_(start) {}

    [[nodiscard]] Instant now() const override;
    bool wait_until(Instant deadline, Waker& waker) override;

private:
    Clock* base_;
    double factor_;
    Instant base_start_;
    Instant start_;
};

}  // namespace kiln::harness

/// \file
/// Clocks that are not the operating system's.

#pragma once

#include <atomic>
#include <cstdint>

#include "transports/clock.h"

namespace kiln::harness {

using transports::Clock;
using transports::Duration;
using transports::Instant;
using transports::Waker;

/// Stands still but in wait_until() and advance_to(), which take no real time.
///
/// Thread:  any; but that a deterministic run has only one that waits
class VirtualClock final : public Clock {
public:
    explicit VirtualClock(Instant start = Instant{}) : now_(start.time_since_epoch().count()) {}

    [[nodiscard]] Instant now() const override {
        return Instant(Duration(now_.load(std::memory_order_acquire)));
    }
    /// A wake that is pending leaves the time as it is.
    bool wait_until(Instant deadline, Waker& waker) override;
    /// Never goes back.
    void advance_to(Instant instant);
    void advance(Duration by) { advance_to(now() + by); }

private:
    std::atomic<Duration::rep> now_;
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

/// \file
/// Time, handed in to everything that waits. The OS clock appears in transports/os/ only.

#pragma once

#include <chrono>

namespace kiln::transports {

using Duration = std::chrono::nanoseconds;

/// The epoch of a Clock is its own: only differences mean anything across runs.
struct ClockEpoch {
    using duration = Duration;
    using rep = Duration::rep;
    using period = Duration::period;
    using time_point = std::chrono::time_point<ClockEpoch, Duration>;
    static constexpr bool is_steady = true;
};
using Instant = std::chrono::time_point<ClockEpoch, Duration>;

/// Ends somebody's wait early.
class Waker {
public:
    Waker() = default;
    Waker(const Waker&) = delete;
    Waker& operator=(const Waker&) = delete;
    virtual ~Waker() = default;

    /// Thread:  any, and signal handlers; latches until a wait takes it
    virtual void wake() noexcept = 0;

    /// Waits for `real` at most; true if woken, which takes the wake. Zero only looks.
    virtual bool wait_for(Duration real) = 0;

    /// Each wake() from now on wakes `other` too; null: no other any more. False: it cannot. The
    /// one before may be destroyed then.
    ///
    /// Blocks:  while another thread is waking it
    [[nodiscard]] virtual bool forward_to(Waker* /*other*/) noexcept { return false; }
};

class Clock {
public:
    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    virtual ~Clock() = default;

    [[nodiscard]] virtual Instant now() const = 0;

    /// Blocks:  until `deadline`, or until `waker` is woken
    /// Returns: true if woken early
    virtual bool wait_until(Instant deadline, Waker& waker) = 0;
};

}  // namespace kiln::transports

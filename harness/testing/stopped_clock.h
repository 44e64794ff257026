/// \file
/// A clock for tests with real threads: it moves when the test says so.

#pragma once

#include <atomic>
#include <chrono>

#include "transports/clock.h"

namespace kiln::harness {

/// A wait really waits: for its waker, or until another thread has moved the clock past the
/// deadline. (VirtualClock would jump to the deadline while the other thread is still at work.)
///
/// Thread:  any
class StoppedClock final : public transports::Clock {
public:
    [[nodiscard]] transports::Instant now() const override {
        return transports::Instant(transports::Duration(now_.load()));
    }
    bool wait_until(transports::Instant deadline, transports::Waker& waker) override {
        constexpr auto kLook = std::chrono::milliseconds(1);
        while (now() < deadline) {
            if (waker.wait_for(kLook)) {
                return true;
            }
        }
        return waker.wait_for(transports::Duration::zero());
    }
    void advance(transports::Duration by) { now_ += by.count(); }

private:
    std::atomic<transports::Duration::rep> now_{0};
};

}  // namespace kiln::harness

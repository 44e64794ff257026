/// \file
/// The time of the machine this runs on. Everything else is handed a Clock.

#pragma once

#include <atomic>
#include <cstdint>

#include "transports/clock.h"

namespace kiln::transports {

/// Wakes at most one waiting thread; costs no file descriptor and cannot fail to be made.
class OsWaker final : public Waker {
public:
    void wake() noexcept override;
    bool wait_for(Duration real) override;

private:
    /// 1 while a wake waits to be taken. The kernel waits on this very word.
    std::atomic<std::uint32_t> woken_{0};
};

/// Steady: never set back, stands still while the machine is suspended.
class OsClock final : public Clock {
public:
    [[nodiscard]] Instant now() const override;
    bool wait_until(Instant deadline, Waker& waker) override;
};

}  // namespace kiln::transports

/// \file
/// The time of the machine this runs on. Everything else is handed a Clock.

#pragma once

#include "transports/clock.h"
#include "transports/os/futex_waker.h"  // a wait needs both

namespace kiln::transports {

/// Steady: never set back, stands still while the machine is suspended.
class OsClock final : public Clock {
public:
    [[nodiscard]] Instant now() const override;
    bool wait_until(Instant deadline, Waker& waker) override;
};

}  // namespace kiln::transports

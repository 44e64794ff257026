#include "harness/sim/virtual_clock.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace kiln::harness {

bool VirtualClock::wait_until(Instant deadline, Waker& waker) {
    if (waker.wait_for(Duration::zero())) {
        return true;
    }
    while (!advance_toward(deadline)) {
        if (waker.wait_for(Duration::zero())) {
            return true;
        }
    }
    return false;
}

void VirtualClock::advance_to(Instant instant) {
    while (!advance_toward(instant)) {
    }
}

bool VirtualClock::advance_toward(Instant instant) {
    if (alarms_.empty() || alarms_.back().at > instant) {
        move_to(instant);
        return true;
    }
    const Alarm alarm = std::move(alarms_.back());
    alarms_.pop_back();
    move_to(alarm.at);
    alarm.act();
    return false;
}

void VirtualClock::at(Instant instant, std::function<void()> act) {
    const auto later = std::find_if(alarms_.begin(), alarms_.end(),
                                    [instant](const Alarm& it) { return it.at <= instant; });
    alarms_.insert(later, Alarm{.at = instant, .act = std::move(act)});
}

void VirtualClock::move_to(Instant instant) {
    const Duration::rep wanted = instant.time_since_epoch().count();
    Duration::rep seen = now_.load(std::memory_order_relaxed);
    while (seen < wanted && !now_.compare_exchange_weak(seen, wanted, std::memory_order_acq_rel)) {
    }
}

Instant ScaledClock::now() const {
    const auto passed = static_cast<double>((base_->now() - base_start_).count());
    return start_ + Duration(std::llround(passed * factor_));
}

bool ScaledClock::wait_until(Instant deadline, Waker& waker) {
    // A year of the base is for ever; beyond it a deadline would overflow.
    constexpr Duration kForever = std::chrono::hours(24 * 365);
    const double base_nanos =
        std::ceil(static_cast<double>((deadline - start_).count()) / factor_) + 1;
    const Duration wait = base_nanos < static_cast<double>(kForever.count())
                              ? Duration(std::llround(base_nanos))
                              : kForever;
    return base_->wait_until(base_start_ + wait, waker);
}

}  // namespace kiln::harness

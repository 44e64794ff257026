/// \file
/// Virtual time for a host and the USB device that it waits for.

#pragma once

#include <algorithm>

#include "harness/sim/virtual_clock.h"
#include "harness/usb/usbfs.h"

namespace kiln::harness {

/// Passes only in a wait, to where the device has something to say, or to the deadline; and where
/// somebody moves time().
///
/// Thread:  one
class UsbClock final : public Clock {
public:
    explicit UsbClock(Usbfs& usbfs) : usbfs_(&usbfs) {}

    [[nodiscard]] Instant now() const override {
        usbfs_->run_until(time_.now());
        return time_.now();
    }
    [[nodiscard]] VirtualClock& time() { return time_; }
    bool wait_until(Instant deadline, Waker& waker) override {
        while (!waker.wait_for(Duration::zero())) {
            const Instant next = usbfs_->next_change();
            if (time_.now() >= deadline) {
                return false;
            }
            time_.advance_to(std::min(next, deadline));
            usbfs_->run_until(time_.now());
        }
        return true;
    }

private:
    Usbfs* usbfs_;
    VirtualClock time_;
};

}  // namespace kiln::harness

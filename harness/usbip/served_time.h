/// \file
/// The drive's time as a server of real clients sees it.

#pragma once

#include <chrono>
#include <ctime>
#include <optional>

#include "transports/clock.h"
#include "transports/os/os_clock.h"

#include "harness/sim/fake_drive.h"
#include "harness/sim/sim_address.h"

namespace kiln::harness::usbip {

/// A clock that runs by itself is waited for. On a virtual one what passes in the real world passes
/// too, faster while the drive is busy, and what a client waits for comes at once.
class ServedTime {
public:
    /// `factor` as in the drive's address; 0: virtual.
    ServedTime(SimDrive& drive, double factor)
        : drive_(&drive), factor_(factor), last_(os_clock_.now()) {}

    [[nodiscard]] transports::Instant now() {
        if (factor_ <= 0) {
            constexpr int kHaste = 50;  // as under `kiln sim run`
            const transports::Instant real = os_clock_.now();
            const auto passed = (real - last_) * (drive_->drive().view().busy ? kHaste : 1);
            last_ = real;
            drive_->clock().wait_until(drive_->clock().now() + passed, waker_);
        }
        return drive_->clock().now();
    }
    /// True where it is that time now, and something may have changed.
    bool skip_to(transports::Instant until) {
        if (factor_ > 0 || until == transports::Instant::max()) {
            return false;
        }
        drive_->clock().wait_until(until, waker_);
        return true;
    }
    /// Nothing: for ever.
    [[nodiscard]] std::optional<timespec> real_time_until(transports::Instant until) {
        if (until == transports::Instant::max()) {
            return std::nullopt;
        }
        constexpr std::chrono::nanoseconds::rep kSecond = 1'000'000'000;
        const double left = static_cast<double>((until - now()).count()) / factor_;
        constexpr double kLongest = 60.0 * kSecond;
        const auto nanos = static_cast<std::chrono::nanoseconds::rep>(left < 0          ? 0
                                                                      : left > kLongest ? kLongest
                                                                                        : left + 1);
        return timespec{.tv_sec = nanos / kSecond, .tv_nsec = nanos % kSecond};
    }

private:
    SimDrive* drive_;
    double factor_;
    transports::OsClock os_clock_;
    transports::OsWaker waker_;
    transports::Instant last_;
};

}  // namespace kiln::harness::usbip

/// \file
/// A transport under which the real time between commands passes for the simulated drive too.

#pragma once

#include <cstddef>

#include "transports/clock.h"
#include "transports/os/os_clock.h"
#include "transports/transport.h"

#include "harness/umockdev/guest.h"

namespace kiln::harness {

class PassingTime final : public transports::Transport {
public:
    explicit PassingTime(const GuestDrive& drive) : drive_(drive), last_(os_clock_.now()) {}

    transports::Result<transports::Completion, transports::TransportError> execute(
        const transports::Request& request) override {
        if (!drive_.clock_runs_by_itself) {
            const auto passed = (os_clock_.now() - last_) * (busy_ ? drive_.haste : 1);
            drive_.clock->wait_until(drive_.clock->now() + passed, waker_);
        }
        auto outcome = drive_.transport->execute(request);
        last_ = os_clock_.now();
        // 02/04/xx says busy; what comes from no medium commands (INQUIRY, say) says nothing.
        if (outcome && outcome->status == transports::Status::CheckCondition) {
            busy_ = outcome->sense.key == mmc::SenseKey::NotReady &&
                    outcome->sense.additional_sense_code == 0x04;
        }
        return outcome;
    }
    void interrupt() noexcept override { drive_.transport->interrupt(); }
    transports::Result<void, transports::TransportError> recover(transports::Rung rung) override {
        return drive_.transport->recover(rung);
    }
    [[nodiscard]] transports::Limits limits() const override { return drive_.transport->limits(); }

private:
    GuestDrive drive_;
    transports::OsClock os_clock_;
    transports::OsWaker waker_;
    transports::Instant last_;
    bool busy_ = false;
};

}  // namespace kiln::harness

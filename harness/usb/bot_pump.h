/// \file
/// The host's Bulk-Only machine and the device's, one against the other, without a bus between.

#pragma once

#include <string>
#include <vector>

#include "transports/bot/host_machine.h"
#include "transports/transport.h"

#include "harness/sim/virtual_clock.h"
#include "harness/usb/bot_device.h"

namespace kiln::harness {

/// Runs commands; time is virtual and passes where the device is waited for.
class BotPump {
public:
    BotPump(BotDevice& device, VirtualClock& clock,
            const transports::bot::HostMachine::Settings& settings = {})
        : device_(&device), clock_(&clock), machine_(settings) {}

    transports::Result<transports::Completion, transports::TransportError> run(
        const transports::Request& request);
    /// From an action to its Finish.
    void run_from(transports::bot::Action action, const transports::Request& request);

    [[nodiscard]] transports::bot::HostMachine& machine() { return machine_; }
    /// What was done on the wire for the last command, a letter an action: C command, D data, S
    /// status, i and o halts cleared, R reset of the interface.
    [[nodiscard]] const std::string& trace() const { return trace_; }

private:
    using Event = transports::bot::Event;

    Event perform(const transports::bot::Action& action, const transports::Request& request,
                  transports::Instant deadline);
    Event receive(mmc::MutableByteView space, transports::Instant deadline);
    Event send(mmc::ByteView bytes, transports::Instant deadline);
    Event clear_halt(std::uint8_t endpoint);

    BotDevice* device_;
    VirtualClock* clock_;
    transports::bot::HostMachine machine_;
    transports::bot::StatusBytes status_{};
    std::string trace_;
};

}  // namespace kiln::harness

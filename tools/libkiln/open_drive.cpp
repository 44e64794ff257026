#include "tools/libkiln/open_drive.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "transports/faults/fault_transport.h"
#include "transports/os/os_clock.h"

#include "stack/threaded_ports.h"

#include "harness/sim/sim_transport.h"
#include "harness/sim/virtual_clock.h"
#include "harness/sim/virtual_ports.h"

#include "tools/libkiln/open_sg.h"
#include "tools/libkiln/open_usb.h"

namespace kiln::tools {
namespace {

constexpr std::size_t kSlotBytes = 65536;
/// On virtual time a read of the source takes none, so that a deep ring would gain nothing; what a
/// shallow one holds is still in the processor's cache when the medium takes it.
constexpr std::size_t kVirtualSlots = 4;
/// With the one of zeros that the ports add 4 MiB, the most that Linux hands out in one piece, so
/// that usbfs can lend it; other burners' FIFOs hold as much.
constexpr std::size_t kRealSlots = 63;

std::size_t slot_bytes_for(const transports::Limits& limits) {
    constexpr std::size_t kBlock = 2048;
    return std::min(kSlotBytes, std::max(limits.max_transfer / kBlock, std::size_t{1}) * kBlock);
}

}  // namespace

std::unique_ptr<stack::Ports> make_real_ports(transports::Transport& top, transports::Clock& clock,
                                              transports::Waker& waker) {
    return std::make_unique<stack::ThreadedPorts>(
        top, clock, waker,
        stack::ThreadedPorts::Setup{.slots = kRealSlots,
                                    .slot_bytes = slot_bytes_for(top.limits())});
}

namespace {

class OpenSimulated final : public OpenDrive {
public:
    static Result<std::unique_ptr<OpenDrive>, OpenError> open(const harness::SimAddress& address,
                                                              const Surroundings& surroundings) {
        std::vector<transports::Fault> faults;
        for (const std::string& text : address.faults) {
            auto fault = transports::parse_fault(text);
            if (!fault) {
                return tl::make_unexpected(OpenError{
                    OpenError::Kind::WrongUsage, fmt::format("fault={}: {}", text, fault.error())});
            }
            faults.push_back(*fault);
        }
        std::unique_ptr<OpenSimulated> opened(new OpenSimulated(address, surroundings));
        auto drive = harness::open_sim(
            address, {.os_clock = &surroundings.clock, .waker = &opened->sim_waker_});
        if (!drive) {
            return tl::make_unexpected(open_error_from(drive.error()));
        }
        opened->take(std::move(*drive), std::move(faults));
        return std::unique_ptr<OpenDrive>(std::move(opened));
    }

    transports::Transport& transport() override { return *top_; }
    transports::Clock& clock() override { return drive_->clock(); }
    [[nodiscard]] bool time_is_virtual() const override { return is_virtual_; }

    std::unique_ptr<stack::Ports> make_ports(transports::Transport& top) override {
        auto* clock = dynamic_cast<harness::VirtualClock*>(&drive_->clock());
        if (clock == nullptr) {
            return make_real_ports(top, drive_->clock(), waker_);
        }
        return std::make_unique<harness::VirtualPorts>(
            harness::VirtualPorts::Parts{.transport = &top,
                                         .clock = clock,
                                         .waker = &waker_,
                                         .set_pace = [this](harness::Pace pace) { set_pace(pace); },
                                         .slots = kVirtualSlots,
                                         .slot_bytes = slot_bytes_for(top.limits())});
    }

    Result<void, OpenError> close() override { return drive_->close().map_error(open_error_from); }

private:
    OpenSimulated(const harness::SimAddress& address, const Surroundings& surroundings)
        : waker_(surroundings.waker), is_virtual_(address.time_factor == 0) {}

    void take(std::unique_ptr<harness::SimDrive> drive, std::vector<transports::Fault> faults) {
        drive_ = std::move(drive);
        top_ = &drive_->transport();
        if (!faults.empty()) {
            faulty_ = std::make_unique<transports::FaultTransport>(
                transports::FaultTransport::Parts{
                    .below = top_, .clock = &drive_->clock(), .waker = &fault_waker_},
                std::move(faults));
            top_ = faulty_.get();
        }
    }

    void set_pace(harness::Pace pace) {
        drive_->set_pace(pace);
        if (faulty_) {
            faulty_->set_pace(pace == harness::Pace::LeaveClock
                                  ? transports::FaultTransport::Pace::LeaveClock
                                  : transports::FaultTransport::Pace::WaitForEnd);
        }
    }

    // A waker each: a cancel's wake must not end a command, nor a command's the wait for another.
    transports::Waker& waker_;
    transports::OsWaker sim_waker_;
    transports::OsWaker fault_waker_;
    bool is_virtual_;
    std::unique_ptr<harness::SimDrive> drive_;
    std::unique_ptr<transports::FaultTransport> faulty_;
    transports::Transport* top_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<OpenDrive>, OpenError> open_drive(std::string_view address,
                                                         const Surroundings& surroundings) {
    auto parsed = parse_address(address);
    if (!parsed) {
        return tl::make_unexpected(std::move(parsed).error());
    }
    if (const auto* sg = std::get_if<SgAddress>(&*parsed)) {
        return open_sg(*sg, surroundings);
    }
    if (const auto* usb = std::get_if<UsbAddress>(&*parsed)) {
        return open_usb(*usb, surroundings);
    }
    return OpenSimulated::open(std::get<harness::SimAddress>(*parsed), surroundings);
}

}  // namespace kiln::tools

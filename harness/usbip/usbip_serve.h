/// \file
/// What `kiln sim serve` does: sockets and time around usbip::Connection.

#pragma once

#include <cstdint>
#include <string>

#include "mmc/result.h"

#include "harness/sim/sim_address.h"
#include "harness/usb/usb_descriptors.h"

namespace kiln::harness::usbip {

struct ServeHow {
    std::string listen = "127.0.0.1";
    std::uint16_t port = 3240;  // 0: any that is free
    /// To this folder of vhci_hcd instead; empty: listen.
    std::string attach_to;
    UsbIdentityCard::Speed speed = UsbIdentityCard::Speed::High;
    double time_factor = 1;  // of the drive's clock; 0: virtual
    int stop = -1;           // a descriptor: readable when it is to end
    int orders = -1;         // a descriptor: lines, each a word of kOrders; -1: none
};

/// What may be read from ServeHow::orders.
inline constexpr const char* kOrders = "unplug, plug, silence, speak, eject, power-cut, quit";

class ServeObserver {
public:
    ServeObserver() = default;
    ServeObserver(const ServeObserver&) = delete;
    ServeObserver& operator=(const ServeObserver&) = delete;
    virtual ~ServeObserver() = default;

    /// Clients may come now. `where`: "127.0.0.1:3240", or vhci_hcd's folder.
    virtual void on_ready(const std::string& where, const std::string& bus_id) = 0;
    virtual void on_warning(const std::string& text) = 0;
};

/// Serves until told to stop; clients one after the other, and those who only ask at any time.
///
/// Blocks:  until `stop` is readable, the order to quit, or, where it was attached, until the
///          kernel lets go of the device
/// Errors:  what the address, the port, vhci_hcd or the drive's folder refused
[[nodiscard]] mmc::Result<void, SimError> serve(SimDrive& drive, const ServeHow& how,
                                                ServeObserver& observer);

}  // namespace kiln::harness::usbip

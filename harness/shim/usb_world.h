/// \file
/// For tests only: a simulated burner on a simulated USB port, for the real libusb.

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "transports/usb/usb_learnt.h"
#include "transports/usb/usb_transport.h"

#include "harness/shim/drive_shim.h"
#include "harness/shim/usb_shim.h"
#include "harness/sim/sim_address.h"
#include "harness/usb/bot_device.h"
#include "harness/usb/usb_clock.h"
#include "harness/usb/usbfs.h"

namespace kiln::harness {

struct UsbWorldSetup {
    std::string drive = "sim:bd-r";
    BotDevice::Setup device{};
    UsbIdentityCard card{};
    std::uint32_t capabilities = Usbfs::kScatterGather;
    std::string port = "1-2";
};

/// Thread:  one, but for Usbfs
class UsbWorld {
public:
    explicit UsbWorld(UsbWorldSetup setup = {})
        : sim(open_sim(parse_sim_address(setup.drive).value(), {}).value()),
          device(sim->drive(), sim->personality().link, std::move(setup.device)),
          usbfs(device, std::move(setup.card), setup.capabilities),
          clock(usbfs) {
        transports::UsbLearnt::forget_all();
        usb.plug(setup.port, 4, usbfs);
    }

    transports::Result<std::unique_ptr<transports::UsbTransport>, transports::TransportError> open(
        std::string_view address = "1-2") {
        return transports::UsbTransport::open(transports::parse_usb_selector(address).value(),
                                              clock);
    }

    std::unique_ptr<SimDrive> sim;
    BotDevice device;
    Usbfs usbfs;
    UsbClock clock;
    DriveShim shim;
    UsbShim usb{shim};
};

}  // namespace kiln::harness

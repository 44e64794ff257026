#include "tools/libkiln/open_usb.h"

#include <utility>

#include <fmt/format.h>

#include "transports/usb/usb_bus.h"
#include "transports/usb/usb_transport.h"

#include "tools/libkiln/real_drive.h"

namespace kiln::tools {

Result<std::unique_ptr<OpenDrive>, OpenError> open_usb(const UsbAddress& address,
                                                       const Surroundings& surroundings) {
    auto transport =
        transports::UsbTransport::open(address.selector, surroundings.clock, surroundings.stop);
    if (!transport) {
        return tl::make_unexpected(open_error_from(transport.error()));
    }
    return make_real_drive(std::move(*transport), surroundings);
}

std::vector<FoundDrive> find_usb_drives() {
    const auto context = transports::open_usb_context();
    if (!context) {
        return {};
    }
    const auto all = transports::find_usb_burners(**context);
    if (!all) {
        return {};
    }
    std::vector<FoundDrive> found;
    for (const transports::UsbFound& one : *all) {
        const auto obstacle = transports::obstacle_to(one);
        found.push_back(
            {.address = "usb:" + one.port,
             .vendor = one.manufacturer,
             .product = one.name,
             .revision = fmt::format("{:x}.{:02x}", one.revision >> 8U, one.revision & 0xFFU),
             .can_open = !obstacle,
             .why_not = obstacle ? obstacle->detail : std::string(),
             .is_free = one.block.empty()});
    }
    return found;
}

}  // namespace kiln::tools

/// \file
/// The simulated burner as a USB device of this machine's own kernel, through vhci_hcd.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mmc/result.h"

#include "transports/os/unique_fd.h"

#include "harness/sim/sim_address.h"
#include "harness/usbip/usbip_wire.h"

namespace kiln::harness::usbip {

inline constexpr std::string_view kVhci = "/sys/devices/platform/vhci_hcd.0";

/// The first port of vhci_hcd's `status` that is free and of this speed.
///
/// Spec:    Linux, drivers/usb/usbip/vhci_sysfs.c: `hub port sta spd dev sockfd local_busid`, 4 is
/// a
///          port with nothing on it
[[nodiscard]] std::optional<std::uint32_t> free_port(std::string_view status,
                                                     UsbIdentityCard::Speed speed);

/// Plugs `device` in. URBs then come from the descriptor that is returned; closing it is pulling
/// the cable.
///
/// Errors:  NoSuch where there is no vhci_hcd; NotPermitted; InUse where no port is free; Failed
[[nodiscard]] mmc::Result<transports::UniqueFd, SimError> attach(const std::string& vhci,
                                                                 const ExportedDevice& device);

}  // namespace kiln::harness::usbip

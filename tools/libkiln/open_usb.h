/// \file
/// Drives through libusb; without it in this build, words that say so.

#pragma once

#include <memory>
#include <vector>

#include "tools/libkiln/open_drive.h"

namespace kiln::tools {

[[nodiscard]] Result<std::unique_ptr<OpenDrive>, OpenError> open_usb(
    const UsbAddress& address, const Surroundings& surroundings);

/// What is plugged in and says that it is a burner. Opens none; those that the kernel's driver has
/// may only be opened on purpose, for that takes them away from it.
[[nodiscard]] std::vector<FoundDrive> find_usb_drives();

}  // namespace kiln::tools

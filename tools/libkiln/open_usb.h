/// \file
/// Drives through libusb; without it in this build, words that say so.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "tools/libkiln/open_drive.h"

namespace kiln::tools {

[[nodiscard]] Result<std::unique_ptr<OpenDrive>, OpenError> open_usb(
    const UsbAddress& address, const Surroundings& surroundings);

/// What is plugged in and says that it is a burner. Opens none; those that the kernel's driver has
/// may only be opened on purpose, for that takes them away from it.
[[nodiscard]] std::vector<FoundDrive> find_usb_drives();

struct DriveNews {
    enum class Kind : std::uint8_t { Arrived, Left };
    Kind kind = Kind::Arrived;
    FoundDrive drive;
};

/// USB burners that are there, then those that come and go. Opens none.
///
/// Thread:  one
class DriveWatch {
public:
    DriveWatch() = default;
    DriveWatch(const DriveWatch&) = delete;
    DriveWatch& operator=(const DriveWatch&) = delete;
    virtual ~DriveWatch() = default;

    /// Blocks:  until there is news, or waker() is woken: nothing then
    [[nodiscard]] virtual std::optional<DriveNews> next() = 0;
    [[nodiscard]] virtual transports::Waker& waker() = 0;
};

/// Errors:  Failed where this machine cannot be watched
[[nodiscard]] Result<std::unique_ptr<DriveWatch>, OpenError> watch_usb_drives(
    transports::Clock& clock);

}  // namespace kiln::tools

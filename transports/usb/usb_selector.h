/// \file
/// Which USB device is meant, as people write it.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "transports/error.h"
#include "transports/quirks.h"

namespace kiln::transports {

/// Where it is plugged in: "1-2.3" is bus 1, port 2, and port 3 of the hub there.
struct UsbPort {
    std::string name;
    friend bool operator==(const UsbPort&, const UsbPort&) = default;
};

/// What it says it is. Without a serial number any one fits, if it is the only one.
struct UsbIdentity {
    std::uint16_t vendor = 0;
    std::uint16_t product = 0;
    std::string serial;
    friend bool operator==(const UsbIdentity&, const UsbIdentity&) = default;
};

struct UsbSelector {
    std::variant<UsbPort, UsbIdentity> which;
    Quirks added;    // by hand, to those of the table
    Quirks removed;  // by hand
    friend bool operator==(const UsbSelector&, const UsbSelector&) = default;
};

/// "1-2.3", "0e8d:1956", "0e8d:1956:4B494C4E0001", each with ",quirk=NAME" or ",quirk=!NAME" behind
/// it as often as needed.
///
/// Errors:  what is wrong with it, in words
[[nodiscard]] Result<UsbSelector, std::string> parse_usb_selector(std::string_view text);

}  // namespace kiln::transports

/// \file
/// Drive addresses as people write them: which transport, and where.

#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "mmc/result.h"

#include "transports/usb/usb_selector.h"

#include "harness/sim/sim_address.h"

namespace kiln::tools {

template <typename T, typename E>
using Result = mmc::Result<T, E>;

/// Why an address leads to no drive.
struct OpenError {
    enum class Kind : std::uint8_t {
        WrongUsage,    // it is written wrongly
        NoSuch,        // there is no such transport, drive, medium, personality or folder
        NotPermitted,  // it is there, and we may not; detail says what to do
        InUse,         // another program has it
        Failed,        // the operating system refused
    };
    Kind kind = Kind::Failed;
    std::string detail;  // one line, no full stop
};

/// `sg:/dev/sr0`
struct SgAddress {
    std::string path;
    friend bool operator==(const SgAddress&, const SgAddress&) = default;
};

/// `usb:1-2.3`, `usb:0e8d:1956:SERIAL`
struct UsbAddress {
    std::string text;  // without `usb:`
    transports::UsbSelector selector;
    friend bool operator==(const UsbAddress&, const UsbAddress&) = default;
};

using Address = std::variant<harness::SimAddress, SgAddress, UsbAddress>;

/// Errors:  WrongUsage for a known form that is written wrongly, NoSuch for a form, medium or
///          transport that there is not
[[nodiscard]] Result<Address, OpenError> parse_address(std::string_view text);

/// The border between the simulated drives' errors and ours.
[[nodiscard]] OpenError open_error_from(const harness::SimError& error);

}  // namespace kiln::tools

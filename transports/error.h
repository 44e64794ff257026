/// \file
/// Why a command did not complete at all. CHECK CONDITION is a completion, not one of these.

#pragma once

#include <cstdint>
#include <string>

#include "mmc/result.h"

namespace kiln::transports {

template <typename T, typename E>
using Result = mmc::Result<T, E>;

struct TransportError {
    enum class Kind : std::uint8_t {
        NoSuchDevice,  // nothing there under this name
        NotPermitted,  // there, but we may not open or command it; detail says what to do
        InUse,         // another program or the kernel holds it; detail says which, where known
        NotADrive,     // there, but not an optical drive
        Gone,          // was there; unplugged, or given up by the host
        TimedOut,      // the command's deadline passed; what the drive did of it is unknown
        Interrupted,   // interrupt() ended the wait; what the drive did of it is unknown
        TooLarge,      // more bytes than Limits allow; nothing was sent
        HostFailure,   // the host adapter, bridge or bus failed; what the drive did is unknown
        Protocol,      // the device broke the transport's protocol
        Unsupported,   // this transport cannot do that
    };
    Kind kind = Kind::HostFailure;
    int os_code = 0;                  // errno, libusb or Windows error; 0 where none
    std::uint32_t host_status = 0;    // SG_IO: host_status
    std::uint32_t driver_status = 0;  // SG_IO: driver_status
    std::string detail;               // for people: one line, no full stop
};

}  // namespace kiln::transports

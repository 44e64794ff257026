/// \file
/// How much devices were found to take at once, for the life of the process.

#pragma once

#include <cstddef>
#include <string>

#include "transports/usb/usb_bus.h"

namespace kiln::transports {

/// A device that is opened again need not fail again at what it cannot do. It is known by its
/// vendor, product and serial number, one without a serial number by its port as well.
///
/// Thread:  any
class UsbLearnt {
public:
    /// Bytes in one command; max: nothing is known.
    [[nodiscard]] static std::size_t most_bytes(const UsbFound& device);
    static void set_most_bytes(const UsbFound& device, std::size_t bytes);
    /// For who has other devices by the same names: tests.
    static void forget_all();
};

}  // namespace kiln::transports

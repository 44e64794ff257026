/// \file
/// The USB devices of this machine that may be burners, and libusb's objects with an owner each.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <libusb.h>

#include "transports/error.h"
#include "transports/quirks.h"
#include "transports/usb/usb_selector.h"

namespace kiln::transports {

struct UsbContextEnd {
    void operator()(libusb_context* context) const { libusb_exit(context); }
};
using UsbContext = std::unique_ptr<libusb_context, UsbContextEnd>;

struct UsbDeviceEnd {
    void operator()(libusb_device* device) const { libusb_unref_device(device); }
};
using UsbDevicePtr = std::unique_ptr<libusb_device, UsbDeviceEnd>;

/// The interface of a device that speaks Bulk-Only Transport.
struct UsbInterface {
    std::uint8_t number = 0;
    std::uint8_t alternate = 0;
    std::uint8_t subclass = 0;  // 02h ATAPI, 05h SFF-8070i, 06h SCSI
    std::uint8_t in = 0;        // endpoint addresses
    std::uint8_t out = 0;
    int choices = 1;  // alternate settings of the interface
};

/// What can be known of a device without opening it.
struct UsbFound {
    UsbDevicePtr device;
    UsbInterface interface;
    std::string port;  // "1-2.3"
    std::string node;  // "/dev/bus/usb/001/004"
    std::uint16_t vendor = 0;
    std::uint16_t product = 0;
    std::uint16_t revision = 0;  // bcdDevice
    std::string serial;          // the strings are empty where the device has none
    std::string manufacturer;
    std::string name;
    Quirks quirks;
    int speed = LIBUSB_SPEED_UNKNOWN;
    /// Where the kernel's own driver has it: the block device ("sr0"), and the SCSI peripheral
    /// type.
    std::string block;
    std::optional<unsigned> type;
};

/// Errors:  HostFailure where libusb cannot be had
[[nodiscard]] Result<UsbContext, TransportError> open_usb_context();

/// What can be known of it without opening it; nothing where it does not speak Bulk-Only Transport.
[[nodiscard]] std::optional<UsbFound> look_at_usb_device(libusb_device* device);

/// By what the kernel knows or, where it has not looked, by what the device says. Sticks and disks
/// say 06h, as bridges with a drive behind them do.
enum class UsbGuess : std::uint8_t { Burner, SomethingElse, NotYetKnown };
[[nodiscard]] UsbGuess guess_of(const UsbFound& found);

/// Mass storage devices that speak Bulk-Only Transport, and are optical drives by what the kernel
/// knows of them or, where it has not looked, by what they say.
[[nodiscard]] Result<std::vector<UsbFound>, TransportError> find_usb_burners(
    libusb_context& context);

/// The one that is meant.
///
/// Errors:  NoSuchDevice, also where more than one fits; NotADrive
[[nodiscard]] Result<UsbFound, TransportError> find_usb_device(libusb_context& context,
                                                               const UsbSelector& selector);

/// Why it could not be opened, as far as its node says.
[[nodiscard]] std::optional<TransportError> obstacle_to(const UsbFound& found);
/// What to do about a node that may not be opened.
[[nodiscard]] std::string_view permission_advice_for_usb();

/// libusb's error in our words; `doing` begins the detail.
[[nodiscard]] TransportError usb_error(int code, const std::string& doing);

}  // namespace kiln::transports

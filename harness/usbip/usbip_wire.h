/// \file
/// The packets of USB/IP 1.1.1 as values. Integers are big-endian; setup packets are as on the bus.
///
/// Spec:    Linux, Documentation/usb/usbip_protocol.rst

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mmc/bytes.h"
#include "mmc/result.h"

#include "harness/usb/usb_descriptors.h"
#include "harness/usb/usb_function.h"

namespace kiln::harness::usbip {

inline constexpr std::uint16_t kVersion = 0x0111;
inline constexpr std::size_t kOperationSize = 8;       // version, code, status
inline constexpr std::size_t kImportRequestSize = 40;  // and the bus id
inline constexpr std::size_t kHeaderSize = 48;         // of what concerns an URB

/// `status` of an URB: Linux's error numbers, whatever system we are on.
enum class UrbStatus : std::int32_t {
    Good = 0,
    NoEndpoint = -2,    // ENOENT
    NoHandshake = -71,  // EPROTO
    TooMuch = -75,      // EOVERFLOW
    Unlinked = -104,    // ECONNRESET
    Gone = -108,        // ESHUTDOWN
    Short = -121,       // EREMOTEIO: less came than asked for, and URB_SHORT_NOT_OK
    Stalled = -32,      // EPIPE
};

// --- Before a device is imported.

enum class Operation : std::uint16_t { ListDevices = 0x8005, Import = 0x8003 };

/// The document has 1 for every error; the numbers are those of the kernel's own tools, which have
/// words for them.
enum class OperationStatus : std::uint32_t { Good = 0, Failed = 1, Busy = 2, NoSuchDevice = 4 };

struct OperationHeader {
    std::uint16_t version = kVersion;
    Operation code = Operation::ListDevices;
};
/// Nothing where it is no operation of this version: the rest cannot be understood.
[[nodiscard]] std::optional<OperationHeader> decode_operation(mmc::ByteView header);

/// Of kImportRequestSize bytes; nothing where it is not closed with a zero.
[[nodiscard]] std::optional<std::string> decode_import(mmc::ByteView request);

struct ExportedDevice {
    std::string path = "/sys/devices/platform/kiln/usb1/1-1";
    std::string bus_id = "1-1";
    std::uint32_t bus = 1;
    std::uint32_t device = 2;
    UsbIdentityCard card;

    /// How URBs name it.
    [[nodiscard]] std::uint32_t id() const { return bus << 16U | device; }
};

/// enum usb_device_speed of <linux/usb/ch9.h>; what vhci_hcd's attach wants, too.
[[nodiscard]] std::uint32_t speed_number(UsbIdentityCard::Speed speed);

[[nodiscard]] std::vector<std::uint8_t> encode_device_list(
    const std::vector<ExportedDevice>& devices);
[[nodiscard]] std::vector<std::uint8_t> encode_import(const ExportedDevice& device);
[[nodiscard]] std::vector<std::uint8_t> encode_import_refused(OperationStatus status);

// --- URBs.

/// USBIP_CMD_SUBMIT
struct Submit {
    std::uint32_t sequence = 0;  // seqnum
    std::uint32_t device = 0;    // devid
    bool in = false;             // direction
    std::uint32_t endpoint = 0;  // ep, a number without the direction
    std::uint32_t flags = 0;     // transfer_flags
    std::uint32_t length = 0;    // transfer_buffer_length
    std::uint32_t packets = 0;   // number_of_packets: 0 or FFFFFFFFh where it is not isochronous
    std::array<std::uint8_t, kSetupSize> setup{};
};
inline constexpr std::uint32_t kShortIsError = 0x0001;  // URB_SHORT_NOT_OK
inline constexpr std::uint32_t kNoPackets = 0xFFFFFFFF;

/// USBIP_CMD_UNLINK
struct Unlink {
    std::uint32_t sequence = 0;
    std::uint32_t device = 0;
    std::uint32_t unlinked = 0;  // unlink_seqnum
};

/// USBIP_RET_SUBMIT
struct SubmitResult {
    std::uint32_t sequence = 0;
    UrbStatus status = UrbStatus::Good;
    std::uint32_t length = 0;   // actual_length
    std::uint32_t packets = 0;  // as it was asked
};

enum class Command : std::uint32_t { Submit = 1, Unlink = 2 };

/// Which one a header of kHeaderSize bytes is; nothing for neither.
[[nodiscard]] std::optional<Command> command_of(mmc::ByteView header);
[[nodiscard]] Submit decode_submit(mmc::ByteView header);
[[nodiscard]] Unlink decode_unlink(mmc::ByteView header);

using Header = std::array<std::uint8_t, kHeaderSize>;
[[nodiscard]] Header encode(const SubmitResult& result);
/// USBIP_RET_UNLINK
[[nodiscard]] Header encode_unlinked(std::uint32_t sequence, UrbStatus status);

}  // namespace kiln::harness::usbip

/// \file
/// Answers of INQUIRY: standard data, and the vital product data pages 00h, 80h and 83h.

#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mmc/bytes.h"
#include "mmc/layout.h"
#include "mmc/responses/answer.h"
#include "mmc/result.h"

namespace kiln::mmc {

inline constexpr std::uint8_t kMultimediaDevice = 0x05;  // peripheral device type

/// Texts have their trailing blanks taken off; they are the drive's bytes, not always ASCII.
struct InquiryData {
    Extent extent{};
    std::uint8_t peripheral_qualifier = 0;
    std::uint8_t device_type = kMultimediaDevice;
    bool removable = false;               // RMB
    std::uint8_t version = 0;             // 0 on many drives
    bool normal_aca = false;              // NORMACA
    bool hierarchical = false;            // HISUP
    std::uint8_t response_format = 2;     // 1 or 2; byte 3 of some drives is 32h
    std::array<std::uint8_t, 3> flags{};  // bytes 5 to 7
    std::string vendor;                   // 8 characters
    std::string product;                  // 16
    std::string revision;                 // 4
    std::vector<std::uint8_t> rest;       // from byte 36

    /// Bytes 58 to 73, as far as they came.
    [[nodiscard]] std::vector<std::uint16_t> version_descriptors() const;

    friend bool operator==(const InquiryData&, const InquiryData&) = default;
};

/// VPD page 00h.
struct SupportedVpdPages {
    Extent extent{};
    std::uint8_t peripheral = kMultimediaDevice;  // byte 0: qualifier and device type
    std::vector<std::uint8_t> pages;

    friend bool operator==(const SupportedVpdPages&, const SupportedVpdPages&) = default;
};

/// VPD page 80h.
struct UnitSerialNumber {
    Extent extent{};
    std::uint8_t peripheral = kMultimediaDevice;
    std::string serial_number;  // all of its bytes

    friend bool operator==(const UnitSerialNumber&, const UnitSerialNumber&) = default;
};

enum class DesignatorType : std::uint8_t {
    Vendor = 0,
    T10VendorId = 1,
    Eui64 = 2,
    Naa = 3,
    Name = 8,
};

struct Designator {
    std::uint8_t protocol = 0;
    std::uint8_t code_set = 2;    // 1 binary, 2 ASCII, 3 UTF-8
    bool protocol_valid = false;  // PIV
    std::uint8_t association = 0;
    DesignatorType type = DesignatorType::Vendor;
    std::vector<std::uint8_t> identifier;

    friend bool operator==(const Designator&, const Designator&) = default;
};

/// VPD page 83h.
struct DeviceIdentification {
    Extent extent{};
    std::uint8_t peripheral = kMultimediaDevice;
    std::vector<Designator> designators;

    friend bool operator==(const DeviceIdentification&, const DeviceIdentification&) = default;
};

/// Errors:  TooShort below 36 bytes
[[nodiscard]] Result<InquiryData, DecodeError> decode_inquiry(ByteView bytes);
/// The pages: TooShort below 4 bytes; WrongType if it is another page (old drives answer EVPD with
/// standard data).
[[nodiscard]] Result<SupportedVpdPages, DecodeError> decode_supported_vpd_pages(ByteView bytes);
[[nodiscard]] Result<UnitSerialNumber, DecodeError> decode_unit_serial_number(ByteView bytes);
[[nodiscard]] Result<DeviceIdentification, DecodeError> decode_device_identification(
    ByteView bytes);

[[nodiscard]] Encoded encode(const InquiryData& value);
[[nodiscard]] Encoded encode(const SupportedVpdPages& value);
[[nodiscard]] Encoded encode(const UnitSerialNumber& value);
[[nodiscard]] Encoded encode(const DeviceIdentification& value);

}  // namespace kiln::mmc

// Windows' descriptors of a drive, put together from what the transport and the drive say.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "mmc/bytes.h"
#include "mmc/commands/device.h"
#include "mmc/feature_codes.h"
#include "mmc/features.h"
#include "mmc/responses/configuration.h"
#include "mmc/result.h"

#include "transports/transport.h"

#include "stack/failure_codes.h"
#include "stack/hresult.h"
#include "stack/imapi/recorder.h"

namespace kiln::stack::imapi {
namespace {

/// STORAGE_BUS_TYPE of a core feature's physical interface.
std::uint8_t bus_type(mmc::PhysicalInterface interface) {
    switch (interface) {
        case mmc::PhysicalInterface::Scsi:
            return 0x01;
        case mmc::PhysicalInterface::Atapi:
            return 0x02;
        case mmc::PhysicalInterface::Ieee1394:
        case mmc::PhysicalInterface::Ieee1394a:
        case mmc::PhysicalInterface::Ieee1394b:
            return 0x04;
        case mmc::PhysicalInterface::FibreChannel:
            return 0x06;
        case mmc::PhysicalInterface::Usb:
            return 0x07;
        case mmc::PhysicalInterface::SerialAtapi:
            return 0x0B;
        case mmc::PhysicalInterface::Vendor:
            break;
    }
    return 0x00;
}

/// Windows' structures are little-endian.
void put(std::vector<std::uint8_t>& bytes, std::size_t offset, std::uint32_t value) {
    for (std::size_t i = 0; i < 4; ++i) {
        bytes.at(offset + i) = static_cast<std::uint8_t>(value >> (8U * i));
    }
}

/// Puts `text` behind the bytes, with a NUL, and its place at `offset`.
void put_text(std::vector<std::uint8_t>& bytes, std::size_t offset, mmc::ByteView text) {
    put(bytes, offset, static_cast<std::uint32_t>(bytes.size()));
    bytes.insert(bytes.end(), text.begin(), text.end());
    bytes.push_back(0);
}

constexpr std::size_t kAdapterSize = 32;  // sizeof(STORAGE_ADAPTER_DESCRIPTOR)
constexpr std::size_t kDeviceSize = 40;   // sizeof(STORAGE_DEVICE_DESCRIPTOR)
constexpr std::size_t kRawDeviceProperties = 36;
constexpr std::size_t kInquirySize = 36;
constexpr std::uint32_t kPage = 4096;

}  // namespace

std::uint8_t Recorder::bus() {
    const auto value = configuration(mmc::RequestedFeatures::One, mmc::FeatureCode::Core, 268);
    const auto core = value ? value->get<mmc::CoreFeature>() : std::nullopt;
    return core ? bus_type(core->physical_interface) : std::uint8_t{0};
}

Recorder::Bytes Recorder::adapter_descriptor() {
    const transports::Limits limits = device_.transport.limits();
    const auto transfer = static_cast<std::uint32_t>(limits.max_transfer);
    std::vector<std::uint8_t> bytes(kAdapterSize);
    put(bytes, 0, kAdapterSize);  // Version
    put(bytes, 4, kAdapterSize);  // Size
    put(bytes, 8, transfer);      // MaximumTransferLength
    // MaximumPhysicalPages: a buffer that begins inside a page touches one more.
    put(bytes, 12, (transfer + kPage - 1) / kPage + 1);
    put(bytes, 16, static_cast<std::uint32_t>(limits.alignment - 1));  // AlignmentMask
    bytes[24] = bus();                                                 // BusType
    return bytes;
}

Recorder::Bytes Recorder::device_descriptor() {
    KILN_ASSIGN_OR_RETURN(const auto raw, fetch_inquiry());
    if (raw.size() < kInquirySize) {
        return tl::make_unexpected(HResult::InvalidResponse);
    }
    std::vector<std::uint8_t> bytes(kDeviceSize);
    bytes[8] = raw[0] & 0x1FU;                               // DeviceType
    bytes[10] = raw[1] >> 7U;                                // RemovableMedia
    bytes[28] = bus();                                       // BusType
    put(bytes, 32, static_cast<std::uint32_t>(raw.size()));  // RawPropertiesLength
    // RawDeviceProperties: the answer of INQUIRY, from byte 36 on.
    bytes.resize(std::max(kDeviceSize, kRawDeviceProperties + raw.size()));
    std::copy(raw.begin(), raw.end(), bytes.begin() + kRawDeviceProperties);
    // As the drive pads them, with blanks.
    put_text(bytes, 12, mmc::ByteView(raw).subspan(8, 8));    // VendorIdOffset
    put_text(bytes, 16, mmc::ByteView(raw).subspan(16, 16));  // ProductIdOffset
    put_text(bytes, 20, mmc::ByteView(raw).subspan(32, 4));   // ProductRevisionOffset
    put(bytes, 0, kDeviceSize);                               // Version
    put(bytes, 4, static_cast<std::uint32_t>(bytes.size()));  // Size
    return bytes;                                             // SerialNumberOffset 0: none
}

}  // namespace kiln::stack::imapi

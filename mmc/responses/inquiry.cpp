#include "mmc/responses/inquiry.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "mmc/bytes.h"
#include "mmc/layout.h"
#include "mmc/responses/answer.h"
#include "mmc/responses/codec.h"
#include "mmc/responses/tables.h"
#include "mmc/result.h"

namespace kiln::mmc {
namespace {

constexpr std::size_t kStandardSize = 36;
constexpr std::size_t kPageHeader = 4;
constexpr std::size_t kDesignatorHeader = 4;
// The additional length of standard data stands in byte 4, one byte, and counts from byte 5.
constexpr detail::LengthField kStandardLength{.offset = 4, .width = 1, .before = 5};
constexpr detail::LengthField kPageLength{.offset = 2, .width = 2, .before = 4};
constexpr std::uint8_t kSupportedPages = 0x00;
constexpr std::uint8_t kSerialNumber = 0x80;
constexpr std::uint8_t kIdentification = 0x83;

constexpr std::array kDeviceTypeWords{
    Word{0x00, "disk"},
    Word{0x05, "CD, DVD or BD drive"},
    Word{0x07, "optical memory"},
    Word{0x1F, "unknown or no device"},
};
constexpr std::array kInquiryRows{
    bits<&InquiryData::peripheral_qualifier>("qualifier", 0, 7, 5),
    bits<&InquiryData::device_type>("device_type", 0, 4, 0, kDeviceTypeWords),
    bits<&InquiryData::removable>("rmb", 1, 7, 7),
    number<&InquiryData::version>("version", 2, 2),
    bits<&InquiryData::normal_aca>("norm_aca", 3, 5, 5),
    bits<&InquiryData::hierarchical>("hi_sup", 3, 4, 4),
    bits<&InquiryData::response_format>("response_format", 3, 3, 0),
};
constexpr std::array kDesignatorWords{
    Word{0, "vendor specific"},
    Word{1, "T10 vendor identification"},
    Word{2, "EUI-64"},
    Word{3, "NAA"},
    Word{8, "name"},
};
constexpr std::array kDesignatorRows{
    bits<&Designator::protocol>("protocol", 0, 7, 4),
    bits<&Designator::code_set>("code_set", 0, 3, 0),
    bits<&Designator::protocol_valid>("piv", 1, 7, 7),
    bits<&Designator::association>("association", 1, 5, 4),
    bits<&Designator::type>("type", 1, 3, 0, kDesignatorWords),
};

Result<detail::Honoured, DecodeError> honour_page(ByteView bytes, std::uint8_t page) {
    auto honoured = detail::honour(bytes, kPageLength, kPageHeader);
    if (honoured && honoured->bytes[1] != page) {
        return tl::make_unexpected(DecodeError::WrongType);
    }
    return honoured;
}

detail::Writer page_writer(std::uint8_t peripheral, std::uint8_t page) {
    detail::Writer writer(kPageHeader);
    writer.number(0, 1, peripheral);
    writer.number(1, 1, page);
    return writer;
}

ByteView bytes_of(const std::string& text, std::vector<std::uint8_t>& storage) {
    storage.assign(text.begin(), text.end());
    return storage;
}

}  // namespace

std::span<const Row> tables::inquiry() {
    return kInquiryRows;
}
std::span<const Row> tables::designator() {
    return kDesignatorRows;
}

std::vector<std::uint16_t> InquiryData::version_descriptors() const {
    constexpr std::size_t kFirst = 58 - kStandardSize;
    constexpr std::size_t kCount = 8;
    std::vector<std::uint16_t> versions;
    for (ByteView from = detail::from(rest, kFirst); from.size() >= 2 && versions.size() < kCount;
         from = from.subspan(2)) {
        versions.push_back(load_big_endian<std::uint16_t>(from, 0, 2));
    }
    return versions;
}

Result<InquiryData, DecodeError> decode_inquiry(ByteView bytes) {
    auto honoured = detail::honour(bytes, kStandardLength, kStandardSize);
    auto inquiry = detail::decode_rows<InquiryData>(kInquiryRows, honoured);
    if (inquiry) {
        std::ranges::copy(honoured->bytes.subspan(5, 3), inquiry->flags.begin());
        inquiry->vendor = detail::text_at(honoured->bytes, 8, 8);
        inquiry->product = detail::text_at(honoured->bytes, 16, 16);
        inquiry->revision = detail::text_at(honoured->bytes, 32, 4);
        const ByteView rest = honoured->bytes.subspan(kStandardSize);
        inquiry->rest.assign(rest.begin(), rest.end());
    }
    return inquiry;
}

Result<SupportedVpdPages, DecodeError> decode_supported_vpd_pages(ByteView bytes) {
    const auto honoured = honour_page(bytes, kSupportedPages);
    auto value = detail::decode_rows<SupportedVpdPages>({}, honoured);
    if (value) {
        value->peripheral = honoured->bytes[0];
        const ByteView pages = honoured->bytes.subspan(kPageHeader);
        value->pages.assign(pages.begin(), pages.end());
    }
    return value;
}

Result<UnitSerialNumber, DecodeError> decode_unit_serial_number(ByteView bytes) {
    const auto honoured = honour_page(bytes, kSerialNumber);
    auto value = detail::decode_rows<UnitSerialNumber>({}, honoured);
    if (value) {
        value->peripheral = honoured->bytes[0];
        const ByteView text = honoured->bytes.subspan(kPageHeader);
        value->serial_number.assign(text.begin(), text.end());
    }
    return value;
}

Result<DeviceIdentification, DecodeError> decode_device_identification(ByteView bytes) {
    const auto honoured = honour_page(bytes, kIdentification);
    auto value = detail::decode_rows<DeviceIdentification>({}, honoured);
    if (!value) {
        return value;
    }
    value->peripheral = honoured->bytes[0];
    ByteView rest = honoured->bytes.subspan(kPageHeader);
    while (rest.size() >= kDesignatorHeader && rest.size() - kDesignatorHeader >= rest[3]) {
        Designator& designator = value->designators.emplace_back();
        decode_present(kDesignatorRows, rest, &designator);
        const ByteView identifier = rest.subspan(kDesignatorHeader, rest[3]);
        designator.identifier.assign(identifier.begin(), identifier.end());
        rest = rest.subspan(kDesignatorHeader + identifier.size());
    }
    return value;
}

Encoded encode(const InquiryData& value) {
    detail::Writer writer(kStandardSize);
    writer.rows(kInquiryRows, &value);
    writer.copy(5, value.flags);
    writer.text(8, 8, value.vendor, ' ');
    writer.text(16, 16, value.product, ' ');
    writer.text(32, 4, value.revision, ' ');
    writer.append(value.rest);
    return writer.finish(kStandardLength);
}

Encoded encode(const SupportedVpdPages& value) {
    auto writer = page_writer(value.peripheral, kSupportedPages);
    writer.append(value.pages);
    return writer.finish(kPageLength);
}

Encoded encode(const UnitSerialNumber& value) {
    auto writer = page_writer(value.peripheral, kSerialNumber);
    std::vector<std::uint8_t> storage;
    writer.append(bytes_of(value.serial_number, storage));
    return writer.finish(kPageLength);
}

Encoded encode(const DeviceIdentification& value) {
    auto writer = page_writer(value.peripheral, kIdentification);
    for (const Designator& designator : value.designators) {
        writer.append_rows(kDesignatorRows, &designator, kDesignatorHeader);
        writer.number(writer.size() - 1, 1, designator.identifier.size());
        writer.append(designator.identifier);
    }
    return writer.finish(kPageLength);
}

}  // namespace kiln::mmc

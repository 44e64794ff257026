#include "mmc/mode_pages.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "mmc/bytes.h"
#include "mmc/layout.h"
#include "mmc/mode_page_tables.h"
#include "mmc/responses/answer.h"
#include "mmc/responses/codec.h"
#include "mmc/responses/tables.h"
#include "mmc/result.h"

namespace kiln::mmc {
namespace {

constexpr std::size_t kHeaderSize = 8;
constexpr std::size_t kPageHeader = ModePage::kHeaderSize;
constexpr std::size_t kBlockDescriptorLength = 6;
constexpr std::size_t kCatalogueNumber = 17;
constexpr std::size_t kCatalogueNumberSize = 13;
constexpr std::size_t kIsrc = 33;
constexpr std::size_t kIsrcSize = 12;
constexpr std::size_t kWriteSpeeds = 32;

constexpr std::array kHeaderRows{
    number<&ModeParameters::mode_data_length>("mode_data_length", 0, 1),
    number<&ModeParameters::medium_type>("medium_type", 2, 2),
    number<&ModeParameters::device_specific>("device_specific", 3, 3),
    bits<&ModeParameters::long_lba>("long_lba", 4, 0, 0),
};
constexpr std::array kPageHeaderRows{
    bits<&ModePage::savable>("ps", 0, 7, 7),
    bits<&ModePage::sub_page>("spf", 0, 6, 6),
    bits<&ModePage::code>("code", 0, 5, 0),
};
constexpr std::array kWriteSpeedRows{
    bits<&WriteSpeed::rotation_control>("rotation_control", 1, 1, 0),
    number<&WriteSpeed::speed_kb_s>("write_speed", 2, 3),
};

/// The page from its byte 0 on, as far as it came; offsets are the standard's then.
std::vector<std::uint8_t> whole(const ModePage& page) {
    std::vector<std::uint8_t> bytes(kPageHeader);
    bytes.insert(bytes.end(), page.body.begin(), page.body.end());
    return bytes;
}

// What rows cannot say: texts and lists. The general case has none.
template <typename T>
void read_list(ByteView, T&) {}
template <typename T>
void write_list(const T&, detail::Writer&) {}

/// A text of this size, or "" where it is zeros.
std::string digits_at(ByteView bytes, std::size_t offset, std::size_t size) {
    const std::string text = detail::text_at(bytes, offset, size);
    return text.find_first_not_of('\0') == std::string::npos ? std::string() : text;
}

void read_list(ByteView bytes, WriteParametersPage& value) {
    value.catalogue_number = digits_at(bytes, kCatalogueNumber, kCatalogueNumberSize);
    value.isrc = digits_at(bytes, kIsrc, kIsrcSize);
}
void write_list(const WriteParametersPage& value, detail::Writer& writer) {
    writer.text(kCatalogueNumber, kCatalogueNumberSize, value.catalogue_number, '\0');
    writer.text(kIsrc, kIsrcSize, value.isrc, '\0');
}

void read_list(ByteView bytes, CapabilitiesPage& value) {
    std::size_t left = value.write_speed_count;
    for (ByteView rest = detail::from(bytes, kWriteSpeeds); left > 0 && rest.size() >= 4;
         rest = rest.subspan(4), --left) {
        decode_present(kWriteSpeedRows, rest, &value.write_speeds.emplace_back());
    }
}
void write_list(const CapabilitiesPage& value, detail::Writer& writer) {
    writer.number(30, 2, value.write_speeds.size());
    for (const WriteSpeed& speed : value.write_speeds) {
        writer.append_rows(kWriteSpeedRows, &speed, 4);
    }
}

Encoded encode_list(const ModeParameters& value, bool select) {
    detail::Writer writer(kHeaderSize);
    writer.rows(kHeaderRows, &value);
    writer.number(kBlockDescriptorLength, 2, value.block_descriptors.size());
    writer.append(value.block_descriptors);
    for (ModePage page : value.pages) {
        page.savable = page.savable && !select;
        const auto bytes = encode(page);
        if (!bytes) {
            return bytes;
        }
        writer.append(*bytes);
    }
    if (select) {
        writer.number(0, 2, 0);
        return writer.finish();
    }
    return writer.finish({});
}

}  // namespace

const ModePage* ModeParameters::find(PageCode code) const {
    const auto found = std::ranges::find(pages, code, &ModePage::code);
    return found == pages.end() ? nullptr : &*found;
}

std::span<const Row> rows_of(PageCode code) {
    return tables::page(code).rows;
}

std::span<const Row> tables::mode_parameters() {
    return kHeaderRows;
}

Result<ModePage, DecodeError> decode_mode_page(ByteView bytes) {
    if (bytes.size() < kPageHeader) {
        return tl::make_unexpected(DecodeError::TooShort);
    }
    ModePage page;
    decode_present(kPageHeaderRows, bytes, &page);
    page.page_length = bytes[1];
    if (page.sub_page) {
        // Byte 1 is the sub-page code and the length stands in 2 and 3: both go into the body.
        if (bytes.size() < 4) {
            return tl::make_unexpected(DecodeError::TooShort);
        }
        const auto length = load_big_endian<std::uint16_t>(bytes, 2, 2);
        page.page_length = static_cast<std::uint16_t>(std::min(0xFFFFU, length + 3U));
    }
    const std::size_t begin = page.sub_page ? 1 : kPageHeader;
    const ByteView rest = bytes.subspan(begin);
    const ByteView body = rest.first(std::min<std::size_t>(rest.size(), page.page_length));
    page.body.assign(body.begin(), body.end());
    return page;
}

Result<ModeParameters, DecodeError> decode_mode_parameters(ByteView bytes) {
    auto honoured = detail::honour(bytes, {}, 2);
    // The mode data length is reserved, zero, in what MODE SELECT sends.
    if (bytes.size() >= kHeaderSize && bytes[0] == 0 && bytes[1] == 0) {
        honoured = detail::honour_fixed(bytes, 0, kHeaderSize);
    }
    if (honoured && honoured->bytes.size() < kHeaderSize) {
        honoured = tl::make_unexpected(DecodeError::TooShort);
    }
    auto parameters = detail::decode_rows<ModeParameters>(kHeaderRows, honoured);
    if (!parameters) {
        return parameters;
    }
    const ByteView rest = honoured->bytes.subspan(kHeaderSize);
    const std::size_t descriptors = std::min<std::size_t>(
        rest.size(), load_big_endian<std::uint16_t>(honoured->bytes, kBlockDescriptorLength, 2));
    parameters->block_descriptors.assign(rest.begin(),
                                         rest.begin() + static_cast<std::ptrdiff_t>(descriptors));
    ByteView pages = rest.subspan(descriptors);
    while (auto page = decode_mode_page(pages)) {
        const std::size_t header = page->sub_page ? 1 : kPageHeader;
        pages = detail::from(pages, header + page->page_length);
        parameters->pages.push_back(*std::move(page));
    }
    return parameters;
}

Encoded encode(const ModePage& page) {
    detail::Writer writer(page.sub_page ? 1 : kPageHeader);
    writer.rows(kPageHeaderRows, &page);
    if (!page.sub_page) {
        writer.number(1, 1, page.body.size());
    }
    writer.append(page.body);
    return writer.finish();
}

Encoded encode(const ModeParameters& value) {
    return encode_list(value, false);
}

Encoded encode_mode_select(const ModeParameters& value) {
    return encode_list(value, true);
}

template <typename T>
std::optional<T> page_as(const ModePage& page) {
    if (page.code != T::kCode || page.sub_page) {
        return std::nullopt;
    }
    T value;
    const auto bytes = whole(page);
    decode_present(rows_of(T::kCode), bytes, &value);
    read_list(ByteView(bytes), value);
    return value;
}

template <typename T>
Result<ModePage, EncodeError> make_page(const T& value) {
    const tables::PageTable& table = tables::page(T::kCode);
    detail::Writer writer(table.size);
    writer.rows(table.rows, &value);
    write_list(value, writer);
    if (writer.size() > kPageHeader + 0xFFU) {
        return tl::make_unexpected(EncodeError::FieldOverflow);
    }
    return writer.finish().map([&](const std::vector<std::uint8_t>& bytes) {
        return ModePage{.code = T::kCode,
                        .page_length = static_cast<std::uint16_t>(bytes.size() - kPageHeader),
                        .body = {bytes.begin() + kPageHeader, bytes.end()}};
    });
}

// NOLINTBEGIN(bugprone-macro-parentheses): a type
#define KILN_PAGE(T)                                            \
    template std::optional<T> page_as<T>(const ModePage& page); \
    template Result<ModePage, EncodeError> make_page<T>(const T& value)
// NOLINTEND(bugprone-macro-parentheses)

KILN_PAGE(ErrorRecoveryPage);
KILN_PAGE(MrwPage);
KILN_PAGE(WriteParametersPage);
KILN_PAGE(CachingPage);
KILN_PAGE(CdDeviceParametersPage);
KILN_PAGE(AudioControlPage);
KILN_PAGE(FeatureSetPage);
KILN_PAGE(PowerConditionPage);
KILN_PAGE(FaultFailureReportingPage);
KILN_PAGE(TimeoutProtectPage);
KILN_PAGE(CapabilitiesPage);

#undef KILN_PAGE

}  // namespace kiln::mmc

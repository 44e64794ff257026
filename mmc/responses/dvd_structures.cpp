#include "mmc/responses/dvd_structures.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "mmc/bytes.h"
#include "mmc/layout.h"
#include "mmc/responses/answer.h"
#include "mmc/responses/codec.h"
#include "mmc/responses/tables.h"
#include "mmc/result.h"

namespace kiln::mmc {
namespace {

// Offsets in the tables count from byte 0 of the answer, so they are the structure's plus 4.
constexpr std::size_t kHeader = 4;
constexpr std::size_t kMediaSpecific = kHeader + 17;
constexpr std::size_t kPhysicalFormatSize = kHeader + 2048;
constexpr std::size_t kPreRecordedMinimum = kHeader + 40;
constexpr std::size_t kPreRecordedSize = kHeader + 64;

constexpr std::array kBookWords{
    Word{0x0, "DVD-ROM"},  Word{0x1, "DVD-RAM"},           Word{0x2, "DVD-R"},
    Word{0x3, "DVD-RW"},   Word{0x4, "HD DVD-ROM"},        Word{0x5, "HD DVD-RAM"},
    Word{0x6, "HD DVD-R"}, Word{0x7, "HD DVD-RW"},         Word{0x9, "DVD+RW"},
    Word{0xA, "DVD+R"},    Word{0xD, "DVD+RW dual layer"}, Word{0xE, "DVD+R dual layer"},
};
constexpr std::array kDiscSizeWords{Word{0, "120 mm"}, Word{1, "80 mm"}};
constexpr std::array kRateWords{
    Word{0x0, "2.52 Mbit/s"},  Word{0x1, "5.04 Mbit/s"},  Word{0x2, "10.08 Mbit/s"},
    Word{0x3, "20.16 Mbit/s"}, Word{0x4, "30.24 Mbit/s"}, Word{0xF, "not given"},
};
constexpr std::array kTrackPathWords{Word{0, "parallel"}, Word{1, "opposite"}};
constexpr std::array kProtectionWords{
    Word{0x00, "none"},
    Word{0x01, "CSS or CPPM"},
    Word{0x02, "CPRM"},
    Word{0x10, "AACS"},
};

constexpr std::array kPhysicalRows{
    bits<&PhysicalFormat::book_type>("book_type", 4, 7, 4, kBookWords),
    bits<&PhysicalFormat::part_version>("part_version", 4, 3, 0),
    bits<&PhysicalFormat::disc_size>("disc_size", 5, 7, 4, kDiscSizeWords),
    bits<&PhysicalFormat::maximum_rate>("max_rate", 5, 3, 0, kRateWords),
    bits<&PhysicalFormat::layers_minus1>("layers_minus1", 6, 6, 5),
    bits<&PhysicalFormat::opposite_track_path>("track_path", 6, 4, 4, kTrackPathWords),
    bits<&PhysicalFormat::layer_type>("layer_type", 6, 3, 0),
    bits<&PhysicalFormat::linear_density>("linear_density", 7, 7, 4),
    bits<&PhysicalFormat::track_density>("track_density", 7, 3, 0),
    number<&PhysicalFormat::data_start>("data_start", 9, 11),
    number<&PhysicalFormat::data_end>("data_end", 13, 15),
    number<&PhysicalFormat::layer0_end>("layer0_end", 17, 19),
    bits<&PhysicalFormat::burst_cutting_area>("bca", 20, 7, 7),
};
// Only on DVD-R and DVD-RW; elsewhere these bytes mean something else.
constexpr std::array kBorderRows{
    number<&PhysicalFormat::border_out_start>("border_out", 36, 39),
    number<&PhysicalFormat::next_border_in_start>("next_border_in", 40, 43),
};
constexpr std::array kCopyrightRows{
    number<&DvdCopyright::protection_system>("cpst", 4, 4, kProtectionWords),
    number<&DvdCopyright::region_mask>("region", 5, 5),
};
constexpr std::array kRamDefinitionRows{
    number<&DvdRamDefinition::identifier>("identifier", 4, 5),
    bits<&DvdRamDefinition::in_process>("in_process", 7, 7, 7),
    bits<&DvdRamDefinition::user_certified>("user_certified", 7, 1, 1),
    bits<&DvdRamDefinition::manufacturer_certified>("manufacturer_certified", 7, 0, 0),
    number<&DvdRamDefinition::update_count>("update_count", 8, 11),
    number<&DvdRamDefinition::groups>("groups", 12, 13),
};
constexpr std::array kRamStatusRows{
    bits<&DvdRamMediumStatus::cartridge>("cartridge", 4, 7, 7),
    bits<&DvdRamMediumStatus::taken_out>("out", 4, 6, 6),
    bits<&DvdRamMediumStatus::media_software_inhibit>("mswi", 4, 3, 3),
    bits<&DvdRamMediumStatus::cartridge_write_protect>("cwp", 4, 2, 2),
    bits<&DvdRamMediumStatus::persistent_write_protect>("pwp", 4, 1, 1),
    number<&DvdRamMediumStatus::disc_type>("disc_type", 5, 5),
    number<&DvdRamMediumStatus::software_inhibit_reason>("ramswi", 7, 7),
};
constexpr std::array kRamSpareRows{
    number<&DvdRamSpareArea::unused_primary>("unused_primary", 4, 7),
    number<&DvdRamSpareArea::unused_supplementary>("unused_supplementary", 8, 11),
    number<&DvdRamSpareArea::allocated_supplementary>("allocated_supplementary", 12, 15),
};
// Fields of eight bytes, each with its number first: field 1 holds the codes, 3 and 4 the maker.
constexpr std::array kPreRecordedRows{
    number<&PreRecordedInformation::application_code>("application_code", 5, 5),
    number<&PreRecordedInformation::physical_code>("physical_code", 6, 6),
    number<&PreRecordedInformation::last_address>("last_address", 7, 9),
};
constexpr std::array kUniqueRows{
    number<&UniqueDiscIdentifier::random_number>("random_number", 6, 7),
};
constexpr std::array kBoundaryRows{
    bits<&LayerCapacity::immutable>("init", 4, 7, 7),
    number<&LayerCapacity::l0_capacity>("l0_capacity", 8, 11),
};
constexpr std::array kShiftedRows{
    bits<&ShiftedMiddleArea::immutable>("init", 4, 7, 7),
    number<&ShiftedMiddleArea::start_lba>("start_lba", 8, 11),
};
constexpr std::array kIntervalRows{number<&JumpInterval::interval>("interval", 8, 11)};
constexpr std::array kManualRows{number<&ManualLayerJump::jump_lba>("jump_lba", 8, 11)};
constexpr std::array kRemappingRows{number<&RemappingAddress::anchor_lba>("anchor_lba", 8, 11)};

template <typename T>
Result<T, DecodeError> decode_whole(ByteView bytes, std::span<const Row> rows, std::size_t size) {
    return detail::decode_rows<T>(rows, detail::honour(bytes, {}, size));
}

Encoded encode_whole(std::span<const Row> rows, const void* value, std::size_t size) {
    detail::Writer writer(size);
    writer.rows(rows, value);
    return writer.finish({});
}

bool has_borders(BookType type) {
    return type == BookType::DvdR || type == BookType::DvdRw;
}

/// A text out of the media specific bytes; `offset` as the standard counts it.
std::string specific_text(const PhysicalFormat& format, std::size_t offset, std::size_t size) {
    std::string text = detail::text_at(format.media_specific, offset - 17, size);
    text.resize(std::min(text.size(), text.find('\0')));
    return text;
}

}  // namespace

std::span<const Row> tables::physical_format() {
    return kPhysicalRows;
}
std::span<const Row> tables::physical_format_borders() {
    return kBorderRows;
}
std::span<const Row> tables::dvd_copyright() {
    return kCopyrightRows;
}
std::span<const Row> tables::dvd_ram_definition() {
    return kRamDefinitionRows;
}
std::span<const Row> tables::dvd_ram_medium_status() {
    return kRamStatusRows;
}
std::span<const Row> tables::dvd_ram_spare_area() {
    return kRamSpareRows;
}
std::span<const Row> tables::pre_recorded_information() {
    return kPreRecordedRows;
}
std::span<const Row> tables::unique_disc_identifier() {
    return kUniqueRows;
}
std::span<const Row> tables::layer_capacity() {
    return kBoundaryRows;
}
std::span<const Row> tables::shifted_middle_area() {
    return kShiftedRows;
}
std::span<const Row> tables::jump_interval() {
    return kIntervalRows;
}
std::span<const Row> tables::manual_layer_jump() {
    return kManualRows;
}
std::span<const Row> tables::remapping_address() {
    return kRemappingRows;
}

std::string PhysicalFormat::manufacturer() const {
    return specific_text(*this, 19, 8);
}

std::string PhysicalFormat::media_type() const {
    return specific_text(*this, 27, 3);
}

Result<PhysicalFormat, DecodeError> decode_physical_format(ByteView bytes) {
    const auto honoured = detail::honour(bytes, {}, kMediaSpecific);
    auto value = detail::decode_rows<PhysicalFormat>(kPhysicalRows, honoured);
    if (value) {
        if (has_borders(value->book_type)) {
            decode_present(kBorderRows, honoured->bytes, &*value);
        }
        const ByteView rest = honoured->bytes.subspan(kMediaSpecific);
        value->media_specific.assign(rest.begin(), rest.end());
    }
    return value;
}

Result<DvdCopyright, DecodeError> decode_dvd_copyright(ByteView bytes) {
    return decode_whole<DvdCopyright>(bytes, kCopyrightRows, kHeader + 4);
}
Result<DvdRamDefinition, DecodeError> decode_dvd_ram_definition(ByteView bytes) {
    return decode_whole<DvdRamDefinition>(bytes, kRamDefinitionRows, kHeader + 10);
}
Result<DvdRamMediumStatus, DecodeError> decode_dvd_ram_medium_status(ByteView bytes) {
    return decode_whole<DvdRamMediumStatus>(bytes, kRamStatusRows, kHeader + 4);
}
Result<DvdRamSpareArea, DecodeError> decode_dvd_ram_spare_area(ByteView bytes) {
    return decode_whole<DvdRamSpareArea>(bytes, kRamSpareRows, kHeader + 12);
}

Result<PreRecordedInformation, DecodeError> decode_pre_recorded_information(ByteView bytes) {
    const auto honoured = detail::honour(bytes, {}, kPreRecordedMinimum);
    auto value = detail::decode_rows<PreRecordedInformation>(kPreRecordedRows, honoured);
    if (value) {
        const ByteView raw = honoured->bytes.subspan(kHeader);
        value->raw.assign(raw.begin(), raw.end());
        value->manufacturer = detail::text_at(raw, 17, 6) + detail::text_at(raw, 25, 6);
    }
    return value;
}

Result<UniqueDiscIdentifier, DecodeError> decode_unique_disc_identifier(ByteView bytes) {
    const auto honoured = detail::honour(bytes, {}, kHeader + 18);
    auto value = detail::decode_rows<UniqueDiscIdentifier>(kUniqueRows, honoured);
    if (value) {
        value->recorded_at = detail::text_at(honoured->bytes, kHeader + 4, 14);
    }
    return value;
}

Result<LayerCapacity, DecodeError> decode_layer_capacity(ByteView bytes) {
    return decode_whole<LayerCapacity>(bytes, kBoundaryRows, kHeader + 8);
}
Result<ShiftedMiddleArea, DecodeError> decode_shifted_middle_area(ByteView bytes) {
    return decode_whole<ShiftedMiddleArea>(bytes, kShiftedRows, kHeader + 8);
}
Result<JumpInterval, DecodeError> decode_jump_interval(ByteView bytes) {
    return decode_whole<JumpInterval>(bytes, kIntervalRows, kHeader + 8);
}
Result<ManualLayerJump, DecodeError> decode_manual_layer_jump(ByteView bytes) {
    return decode_whole<ManualLayerJump>(bytes, kManualRows, kHeader + 8);
}
Result<RemappingAddress, DecodeError> decode_remapping_address(ByteView bytes) {
    return decode_whole<RemappingAddress>(bytes, kRemappingRows, kHeader + 8);
}

Encoded encode(const PhysicalFormat& value) {
    detail::Writer writer(kPhysicalFormatSize);
    writer.copy(kMediaSpecific, value.media_specific);
    writer.rows(kPhysicalRows, &value);
    if (has_borders(value.book_type)) {
        writer.rows(kBorderRows, &value);
    }
    return writer.finish({});
}

Encoded encode(const DvdCopyright& value) {
    return encode_whole(kCopyrightRows, &value, kHeader + 4);
}
Encoded encode(const DvdRamDefinition& value) {
    return encode_whole(kRamDefinitionRows, &value, kHeader + 2048);
}
Encoded encode(const DvdRamMediumStatus& value) {
    return encode_whole(kRamStatusRows, &value, kHeader + 4);
}
Encoded encode(const DvdRamSpareArea& value) {
    return encode_whole(kRamSpareRows, &value, kHeader + 12);
}

Encoded encode(const PreRecordedInformation& value) {
    detail::Writer writer(std::max(kPreRecordedSize, kHeader + value.raw.size()));
    for (std::uint8_t field = 1; field <= 5; ++field) {
        writer.number(kHeader + std::size_t{8} * (field - 1U), 1, field);
    }
    writer.text(kHeader + 17, 6, std::string_view(value.manufacturer).substr(0, 6), ' ');
    writer.text(kHeader + 25, 6,
                std::string_view(value.manufacturer)
                    .substr(std::min<std::size_t>(6, value.manufacturer.size())),
                ' ');
    if (!value.raw.empty()) {
        writer.copy(kHeader, value.raw);
        writer.resize(kHeader + value.raw.size());
    }
    writer.rows(kPreRecordedRows, &value);
    return writer.finish({});
}

Encoded encode(const UniqueDiscIdentifier& value) {
    detail::Writer writer(kHeader + 18);
    writer.rows(kUniqueRows, &value);
    writer.text(kHeader + 4, 14, value.recorded_at, ' ');
    return writer.finish({});
}

Encoded encode(const LayerCapacity& value) {
    return encode_whole(kBoundaryRows, &value, kHeader + 8);
}
Encoded encode(const ShiftedMiddleArea& value) {
    return encode_whole(kShiftedRows, &value, kHeader + 8);
}
Encoded encode(const JumpInterval& value) {
    return encode_whole(kIntervalRows, &value, kHeader + 8);
}
Encoded encode(const ManualLayerJump& value) {
    return encode_whole(kManualRows, &value, kHeader + 8);
}
Encoded encode(const RemappingAddress& value) {
    return encode_whole(kRemappingRows, &value, kHeader + 8);
}

std::string_view words(BookType type) {
    return detail::word_in(kBookWords, static_cast<std::int64_t>(type));
}

}  // namespace kiln::mmc

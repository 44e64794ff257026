#include "mmc/responses/bd_structures.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <tl/expected.hpp>

#include "mmc/bytes.h"
#include "mmc/layout.h"
#include "mmc/responses/answer.h"
#include "mmc/responses/codec.h"
#include "mmc/responses/tables.h"
#include "mmc/result.h"

namespace kiln::mmc {
namespace {

constexpr std::size_t kHeader = 4;
constexpr std::size_t kDataSize = 4096;
constexpr std::size_t kUnitMinimum = 32;
constexpr std::size_t kDefinitionMinimum = 56;
constexpr std::size_t kAccessHeader = 16;
constexpr std::size_t kSegmentSize = 8;
constexpr std::string_view kReadOnly = "BDO";

using Unit = BdDiscInformationUnit;
// From byte 0 of the unit, after "DI".
constexpr std::array kUnitRows{
    number<&Unit::format>("format", 2, 2),
    bits<&Unit::units_per_block>("units_per_block", 3, 7, 3),
    bits<&Unit::layer>("layer", 3, 2, 0),
    number<&Unit::legacy>("legacy", 4, 4),
    number<&Unit::sequence>("sequence", 5, 5),
    bits<&Unit::continuation>("continuation", 6, 7, 7),
    bits<&Unit::bytes_in_use>("bytes_in_use", 6, 6, 0),
    number<&Unit::size_class_version>("size_class_version", 11, 11),
    bits<&Unit::layers>("layers", 12, 7, 4),
    number<&Unit::layer_types>("byte13", 13, 13),
    number<&Unit::polarity>("polarity", 14, 14),
    bits<&Unit::bca_code>("bca_code", 16, 3, 0),
    number<&Unit::max_rate_mbps>("max_rate_mbps", 17, 17),
    number<&Unit::last_sector>("last_psn", 20, 23),
    number<&Unit::first_address>("first_aun", 24, 27),
    number<&Unit::last_address>("last_aun", 28, 31),
    number<&Unit::date>("date", 109, 110),
    number<&Unit::revision>("revision", 111, 111),
};

// From byte 0 of the answer.
constexpr std::array kDefinitionRows{
    number<&BdDefinition::format>("format", 6, 6),
    number<&BdDefinition::update_count>("update_count", 8, 11),
    number<&BdDefinition::drive_area_sector>("drive_area_psn", 20, 23),
    number<&BdDefinition::defect_list_sector>("defect_list_psn", 28, 31),
    number<&BdDefinition::first_user_sector>("first_user_psn", 36, 39),
    number<&BdDefinition::last_user_block>("last_user_lsn", 40, 43),
    number<&BdDefinition::inner_spare_size>("isa0_size", 44, 47),
    number<&BdDefinition::outer_spare_size>("osa_size", 48, 51),
    number<&BdDefinition::inner_spare1_size>("isa1_size", 52, 55),
    number<&BdDefinition::spare_full_flags>("spare_full_flags", 56, 56),
};
constexpr std::array kCartridgeRows{
    bits<&BdCartridgeStatus::cartridge>("cartridge", 4, 7, 7),
    bits<&BdCartridgeStatus::taken_out>("out", 4, 6, 6),
    bits<&BdCartridgeStatus::cartridge_write_protect>("cwp", 4, 2, 2),
};
constexpr std::array kSpareRows{
    number<&BdSpareArea::free_blocks>("free_blocks", 8, 11),
    number<&BdSpareArea::allocated_blocks>("allocated_blocks", 12, 15),
};
constexpr std::array kAccessRows{
    number<&BdAccessControl::format>("format", 3, 3),
    number<&BdAccessControl::update_count>("update_count", 4, 7),
    number<&BdAccessControl::segment_count>("segment_count", 15, 15),
};
constexpr std::array kSegmentRows{
    number<&BdSegment::start>("start", 0, 3),
    number<&BdSegment::length>("length", 4, 7),
};

bool begins_with(ByteView bytes, std::string_view text) {
    return bytes.size() >= text.size() && std::ranges::equal(bytes.first(text.size()), text);
}

Unit decode_unit(ByteView bytes) {
    Unit unit;
    decode_present(kUnitRows, bytes, &unit);
    unit.disc_type = detail::text_at(bytes, 8, 3);
    unit.manufacturer = detail::text_at(bytes, 100, 6);
    unit.media_type = detail::text_at(bytes, 106, 3);
    return unit;
}

std::size_t size_of(const Unit& unit) {
    return unit.disc_type == kReadOnly ? BdDiscInformation::kReadOnlyUnitSize
                                       : BdDiscInformation::kUnitSize;
}

BdAccessControl decode_access_control(ByteView bytes) {
    BdAccessControl entry;
    decode_present(kAccessRows, bytes, &entry);
    entry.identifier = detail::text_at(bytes, 0, 3);
    std::size_t left = entry.segment_count;
    for (ByteView rest = detail::from(bytes, kAccessHeader);
         left > 0 && rest.size() >= kSegmentSize; rest = rest.subspan(kSegmentSize), --left) {
        decode_present(kSegmentRows, rest, &entry.segments.emplace_back());
    }
    return entry;
}

}  // namespace

std::span<const Row> tables::bd_disc_information_unit() {
    return kUnitRows;
}
std::span<const Row> tables::bd_definition() {
    return kDefinitionRows;
}
std::span<const Row> tables::bd_cartridge_status() {
    return kCartridgeRows;
}
std::span<const Row> tables::bd_spare_area() {
    return kSpareRows;
}

Result<BdDiscInformation, DecodeError> decode_bd_disc_information(ByteView bytes) {
    const auto honoured = detail::honour(bytes, {}, kHeader);
    auto value = detail::decode_rows<BdDiscInformation>({}, honoured);
    if (!value) {
        return value;
    }
    ByteView rest = honoured->bytes.subspan(kHeader);
    while (rest.size() >= kUnitMinimum && begins_with(rest, "DI")) {
        const bool read_only = begins_with(rest.subspan(8), kReadOnly);
        const std::size_t size =
            read_only ? BdDiscInformation::kReadOnlyUnitSize : BdDiscInformation::kUnitSize;
        value->units.push_back(decode_unit(rest.first(std::min(rest.size(), size))));
        rest = detail::from(rest, size);
    }
    return value;
}

Result<BdDefinition, DecodeError> decode_bd_definition(ByteView bytes) {
    const auto honoured = detail::honour(bytes, {}, kHeader + kDefinitionMinimum);
    if (honoured && !begins_with(honoured->bytes.subspan(kHeader), "DS")) {
        return tl::make_unexpected(DecodeError::WrongType);
    }
    return detail::decode_rows<BdDefinition>(kDefinitionRows, honoured);
}

Result<BdCartridgeStatus, DecodeError> decode_bd_cartridge_status(ByteView bytes) {
    return detail::decode_rows<BdCartridgeStatus>(kCartridgeRows,
                                                  detail::honour(bytes, {}, kHeader + 4));
}

Result<BdSpareArea, DecodeError> decode_bd_spare_area(ByteView bytes) {
    return detail::decode_rows<BdSpareArea>(kSpareRows, detail::honour(bytes, {}, kHeader + 12));
}

Result<BdAccessControls, DecodeError> decode_bd_access_controls(ByteView bytes) {
    const auto honoured = detail::honour(bytes, {}, kHeader);
    auto value = detail::decode_rows<BdAccessControls>({}, honoured);
    if (value) {
        for (ByteView rest = honoured->bytes.subspan(kHeader);
             rest.size() >= BdAccessControls::kEntrySize;
             rest = rest.subspan(BdAccessControls::kEntrySize)) {
            value->entries.push_back(
                decode_access_control(rest.first(BdAccessControls::kEntrySize)));
        }
    }
    return value;
}

Encoded encode(const BdDiscInformation& value) {
    detail::Writer writer(kHeader);
    for (const Unit& unit : value.units) {
        const std::size_t base = writer.size();
        writer.resize(base + BdDiscInformation::kUnitSize);
        writer.text(base, 2, "DI", '\0');
        writer.text(base + 8, 3, unit.disc_type, ' ');
        writer.rows(kUnitRows, &unit, base);
        if (!unit.manufacturer.empty()) {
            writer.text(base + 100, 6, unit.manufacturer, '\0');
        }
        if (!unit.media_type.empty()) {
            writer.text(base + 106, 3, unit.media_type, '\0');
        }
        writer.resize(base + size_of(unit));
    }
    if (writer.size() > kHeader + kDataSize) {
        return tl::make_unexpected(EncodeError::FieldOverflow);
    }
    writer.resize(kHeader + kDataSize);
    return writer.finish({});
}

Encoded encode(const BdDefinition& value) {
    detail::Writer writer(kHeader + kDataSize);
    writer.text(kHeader, 2, "DS", '\0');
    writer.rows(kDefinitionRows, &value);
    return writer.finish({});
}

Encoded encode(const BdCartridgeStatus& value) {
    detail::Writer writer(kHeader + 4);
    writer.rows(kCartridgeRows, &value);
    return writer.finish({});
}

Encoded encode(const BdSpareArea& value) {
    detail::Writer writer(kHeader + 12);
    writer.rows(kSpareRows, &value);
    return writer.finish({});
}

Encoded encode(const BdAccessControls& value) {
    detail::Writer writer(kHeader);
    for (const BdAccessControl& entry : value.entries) {
        const std::size_t base = writer.size();
        if (entry.segments.size() > (BdAccessControls::kEntrySize - kAccessHeader) / kSegmentSize) {
            return tl::make_unexpected(EncodeError::FieldOverflow);
        }
        writer.append_rows(kAccessRows, &entry, BdAccessControls::kEntrySize);
        writer.text(base, 3, entry.identifier, ' ');
        writer.number(base + 15, 1, entry.segments.size());
        for (std::size_t i = 0; i < entry.segments.size(); ++i) {
            writer.rows(kSegmentRows, &entry.segments[i], base + kAccessHeader + i * kSegmentSize);
        }
    }
    return writer.finish({});
}

}  // namespace kiln::mmc

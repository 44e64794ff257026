// Answers about the medium: structures, capacities, performance, and lists that go out.

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "mmc/bytes.h"
#include "mmc/commands/media.h"
#include "mmc/commands/performance.h"
#include "mmc/layout.h"
#include "mmc/responses/bd_structures.h"
#include "mmc/responses/catalog.h"
#include "mmc/responses/disc_structure.h"
#include "mmc/responses/dvd_structures.h"
#include "mmc/responses/explain.h"
#include "mmc/responses/format_capacities.h"
#include "mmc/responses/performance.h"
#include "mmc/responses/report_key.h"
#include "mmc/responses/tables.h"

namespace kiln::mmc::explain {
namespace {

constexpr std::size_t kHeader = DiscStructure::kHeaderSize;

std::string joined(std::string_view separator, std::initializer_list<std::uint64_t> numbers) {
    std::string text;
    for (const std::uint64_t number : numbers) {
        text += text.empty() ? "" : separator;
        text += std::to_string(number);
    }
    return text;
}

void fill_capacities(const FormatCapacities& capacities, Fields& fields) {
    fields.add("list_length", static_cast<std::int64_t>(capacities.extent.announced) - 4);
    fields.rows(tables::format_capacities(), &capacities, capacities.extent.received);
    std::vector<std::string> formattable;
    for (const FormattableCapacity& capacity : capacities.formattable) {
        formattable.push_back(hex_number(static_cast<unsigned>(capacity.format_type), 2) + '.' +
                              std::to_string(capacity.sub_type) + ':' +
                              std::to_string(capacity.blocks) + '/' +
                              hex_number(capacity.parameter, 1));
    }
    fields.add_list("formattable(type.sub:blocks/param)", std::move(formattable));
}

void fill_nominal(const Performance& performance, Fields& fields) {
    fields.add("write", performance.write ? 1 : 0);
    fields.add("except", performance.except ? 1 : 0);
    std::vector<std::string> texts;
    if (performance.except) {
        for (const PerformanceException& entry : performance.exceptions) {
            texts.push_back(joined("/", {entry.lba, entry.time_ms}));
        }
        fields.add_list("descriptors(lba/time)", std::move(texts));
        return;
    }
    for (const NominalPerformance& entry : performance.nominal) {
        texts.push_back(joined("/", {entry.start_lba, entry.start_kb_s}) + '-' +
                        joined("/", {entry.end_lba, entry.end_kb_s}));
    }
    fields.add_list("descriptors(start/perf-end/perf)", std::move(texts));
}

void fill_performance(const Performance& performance, Fields& fields) {
    std::vector<std::string> texts;
    switch (performance.type) {
        case PerformanceType::Performance:
            fill_nominal(performance, fields);
            break;
        case PerformanceType::UnusableArea:
            for (const UnusableArea& area : performance.unusable_areas) {
                texts.push_back(joined("/", {area.lba, area.blocks}));
            }
            fields.add_list("descriptors(lba/blocks)", std::move(texts));
            break;
        case PerformanceType::DefectStatus:
            for (const DefectStatus& defect : performance.defects) {
                texts.push_back(joined("/", {defect.start_lba, defect.end_lba,
                                             defect.blocking_factor, defect.first_bit_offset}) +
                                '/' + hex_of(defect.bits));
            }
            fields.add_list("descriptors(start/end/blocking/offset/bits)", std::move(texts));
            break;
        case PerformanceType::WriteSpeed:
            for (const WriteSpeedPerformance& speed : performance.write_speeds) {
                texts.push_back(
                    joined(".", {speed.write_rotation_control, speed.restore_default ? 1U : 0U,
                                 speed.exact ? 1U : 0U, speed.mixed_read_write ? 1U : 0U}) +
                    '/' + joined("/", {speed.end_lba, speed.read_kb_s, speed.write_kb_s}));
            }
            fields.add_list("descriptors(wrc.rdd.exact.mrw/end/read/write)", std::move(texts));
            break;
        case PerformanceType::DefectiveBlockInformation:
        case PerformanceType::DefectiveBlockCacheZone:
        default:
            fields.add_text("data", hex_of(performance.other));
            break;
    }
}

void fill_structure_list(const DiscStructureList& list, Fields& fields) {
    fields.add("entries", static_cast<std::int64_t>(list.entries.size()));
    std::vector<std::string> texts;
    for (const DiscStructureListEntry& entry : list.entries) {
        texts.push_back(
            hex_number(entry.format, 2) + '.' +
            joined(".", {entry.sendable ? 1U : 0U, entry.readable ? 1U : 0U, entry.length}));
    }
    fields.add_list("code.sds.rds.len", std::move(texts));
}

void fill_physical_format(const PhysicalFormat& format, Fields& fields) {
    fields.rows(tables::physical_format(), &format, format.extent.received);
    const bool borders = format.book_type == BookType::DvdR || format.book_type == BookType::DvdRw;
    if (borders) {
        fields.rows(tables::physical_format_borders(), &format, format.extent.received);
    }
    const bool plus = format.book_type >= BookType::DvdPlusRw;
    if (plus && !format.manufacturer().empty()) {
        fields.add_text("manufacturer", format.manufacturer());
        fields.add_text("media_type", format.media_type());
    }
}

void add_unit(const BdDiscInformationUnit& unit, std::size_t received, Fields& fields) {
    fields.add_text("id", "DI");
    fields.rows(tables::bd_disc_information_unit(), &unit, received);
    fields.add_text("disc_type", unit.disc_type);
    if (!unit.manufacturer.empty()) {
        fields.add_text("manufacturer", unit.manufacturer);
        fields.add_text("media_type", unit.media_type);
    }
}

void fill_bd_information(const BdDiscInformation& information, Fields& fields) {
    fields.add("units", static_cast<std::int64_t>(information.units.size()));
    std::size_t begin = kHeader;
    for (std::size_t i = 0; i < information.units.size(); ++i) {
        Fields one(i == 0 ? "" : "unit" + std::to_string(i) + '_');
        add_unit(information.units[i], information.extent.received - begin, one);
        fields.add_all(one.take());
        begin += information.units[i].disc_type == "BDO" ? BdDiscInformation::kReadOnlyUnitSize
                                                         : BdDiscInformation::kUnitSize;
    }
}

void fill_access_controls(const BdAccessControls& controls, Fields& fields) {
    std::vector<std::string> texts;
    for (const BdAccessControl& entry : controls.entries) {
        std::string text = entry.identifier + '/' +
                           joined("/", {entry.format, entry.update_count, entry.segment_count});
        for (const BdSegment& segment : entry.segments) {
            text += '/' + std::to_string(segment.start) + '+' + std::to_string(segment.length);
        }
        texts.push_back(std::move(text));
    }
    fields.add_list("id/format/updates/segments", std::move(texts));
}

Explained raw_structure(std::string_view name, ByteView bytes) {
    return answer(name, decode_disc_structure(bytes), 2,
                  [](const DiscStructure& structure, Fields& fields) {
                      fields.add_text("data", hex_of(structure.data));
                  });
}

Explained bd_structure(std::string_view name, unsigned format, ByteView bytes) {
    switch (format) {
        case 0x00:
            return answer(name, decode_bd_disc_information(bytes), 2, fill_bd_information);
        case 0x08:
            return answer_of_rows(name, decode_bd_definition(bytes), 2, tables::bd_definition());
        case 0x09:
            return answer_of_rows(name, decode_bd_cartridge_status(bytes), 2,
                                  tables::bd_cartridge_status());
        case 0x0A:
            return answer_of_rows(name, decode_bd_spare_area(bytes), 2, tables::bd_spare_area());
        case 0x30:
            return answer(name, decode_bd_access_controls(bytes), 2, fill_access_controls);
        default:
            return raw_structure(name, bytes);
    }
}

Explained dvd_layer_structure(std::string_view name, unsigned format, ByteView bytes) {
    switch (format) {
        case 0x20:
            return answer_of_rows(name, decode_layer_capacity(bytes), 2, tables::layer_capacity());
        case 0x21:
            return answer_of_rows(name, decode_shifted_middle_area(bytes), 2,
                                  tables::shifted_middle_area());
        case 0x22:
            return answer_of_rows(name, decode_jump_interval(bytes), 2, tables::jump_interval());
        case 0x23:
            return answer_of_rows(name, decode_manual_layer_jump(bytes), 2,
                                  tables::manual_layer_jump());
        case 0x24:
            return answer_of_rows(name, decode_remapping_address(bytes), 2,
                                  tables::remapping_address());
        default:
            return raw_structure(name, bytes);
    }
}

Explained dvd_structure(std::string_view name, unsigned format, ByteView bytes) {
    switch (format) {
        case 0x00:
        case 0x10:
        case 0x11:
            return answer(name, decode_physical_format(bytes), 2, fill_physical_format);
        case 0x01:
            return answer_of_rows(name, decode_dvd_copyright(bytes), 2, tables::dvd_copyright());
        case 0x08:
            return answer_of_rows(name, decode_dvd_ram_definition(bytes), 2,
                                  tables::dvd_ram_definition());
        case 0x09:
            return answer_of_rows(name, decode_dvd_ram_medium_status(bytes), 2,
                                  tables::dvd_ram_medium_status());
        case 0x0A:
            return answer_of_rows(name, decode_dvd_ram_spare_area(bytes), 2,
                                  tables::dvd_ram_spare_area());
        case 0x0E:
            return answer(name, decode_pre_recorded_information(bytes), 2,
                          [](const PreRecordedInformation& value, Fields& fields) {
                              fields.rows(tables::pre_recorded_information(), &value,
                                          value.extent.received);
                              fields.add_text("manufacturer", value.manufacturer);
                          });
        case 0x0F:
            return answer(name, decode_unique_disc_identifier(bytes), 2,
                          [](const UniqueDiscIdentifier& value, Fields& fields) {
                              fields.rows(tables::unique_disc_identifier(), &value,
                                          value.extent.received);
                              fields.add_text("recorded_at", value.recorded_at);
                          });
        default:
            return dvd_layer_structure(name, format, bytes);
    }
}

}  // namespace

Explained format_capacities(const Format&, ByteView bytes) {
    return answer("READ FORMAT CAPACITIES", decode_format_capacities(bytes), 0, fill_capacities);
}

Explained performance(const Format& format, ByteView bytes) {
    // Write speeds are what nearly everybody asks for.
    const auto type =
        format.number ? static_cast<PerformanceType>(*format.number) : PerformanceType::WriteSpeed;
    return answer("GET PERFORMANCE", decode_performance(bytes, type), 4, fill_performance);
}

Explained disc_structure(const Format& format, ByteView bytes) {
    if (!format.number) {
        return tl::make_unexpected(ExplainError::UnknownFormat);
    }
    constexpr unsigned kWriteProtection = 0xC0;
    constexpr unsigned kList = 0xFF;
    const auto media = format.bd ? StructureMedia::Bd : StructureMedia::Dvd;
    const auto name = disc_structure_name(media, static_cast<std::uint8_t>(*format.number));
    if (*format.number == kWriteProtection) {
        return answer_of_rows(name, decode_write_protection_status(bytes), 2,
                              tables::write_protection_status());
    }
    if (*format.number == kList) {
        return answer(name, decode_disc_structure_list(bytes), 2, fill_structure_list);
    }
    return format.bd ? bd_structure(name, *format.number, bytes)
                     : dvd_structure(name, *format.number, bytes);
}

Explained report_key(const Format& format, ByteView bytes) {
    switch (format.number.value_or(0x08)) {
        case 0x00:
            return answer_of_rows("REPORT KEY, AGID", decode_authentication_grant(bytes), 2,
                                  tables::authentication_grant());
        case 0x05:
            return answer_of_rows("REPORT KEY, ASF", decode_authentication_success(bytes), 2,
                                  tables::authentication_success());
        case 0x08:
            return answer_of_rows("REPORT KEY, RPC state", decode_rpc_state(bytes), 2,
                                  tables::rpc_state());
        default:
            return tl::make_unexpected(ExplainError::UnknownFormat);
    }
}

}  // namespace kiln::mmc::explain

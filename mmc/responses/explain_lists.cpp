// Parameter lists that go out with a command.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "mmc/bytes.h"
#include "mmc/commands/parameters.h"
#include "mmc/lba.h"
#include "mmc/responses/catalog.h"
#include "mmc/responses/disc_information.h"
#include "mmc/responses/explain.h"
#include "mmc/responses/format_capacities.h"
#include "mmc/responses/toc.h"

namespace kiln::mmc::explain {
namespace {

std::string padded(Msf msf) {
    const std::string text = msf_text(msf);
    return msf.minute < 10 ? "0" + text : text;
}

std::string text_of(const CueSheetEntry& entry) {
    const Msf start{.minute = entry.minute, .second = entry.second, .frame = entry.frame};
    return hex_number(static_cast<unsigned>(entry.control << 4U | entry.address_mode), 2) + '/' +
           hex_number(entry.track_number, 2) + '/' + hex_number(entry.index, 2) + '/' +
           hex_number(entry.data_form, 2) + '/' + hex_number(entry.scms, 2) + '/' + padded(start);
}

}  // namespace

Explained opc_entry(const Format&, ByteView bytes) {
    const auto entry = decode_opc_entry(bytes);
    if (!entry) {
        return tl::make_unexpected(error_of(entry.error()));
    }
    Fields fields;
    fields.add("speed_kb_s", entry->speed_kb_s);
    fields.add_text("values", hex_of(entry->values));
    return Answer{.name = "SEND OPC INFORMATION", .fields = fields.take(), .complete = true};
}

Explained cue_sheet(const Format&, ByteView bytes) {
    if (bytes.empty()) {
        return tl::make_unexpected(ExplainError::TooShort);
    }
    const auto sheet = decode_cue_sheet(bytes);
    if (!sheet) {
        return tl::make_unexpected(error_of(sheet.error()));
    }
    Fields fields;
    fields.add("entries", static_cast<std::int64_t>(sheet->size()));
    std::vector<std::string> texts;
    for (const CueSheetEntry& entry : *sheet) {
        texts.push_back(text_of(entry));
    }
    fields.add_list("ctladr/tno/idx/form/scms/msf", std::move(texts));
    return Answer{.name = "SEND CUE SHEET", .fields = fields.take(), .complete = true};
}

Explained streaming(const Format&, ByteView bytes) {
    const auto descriptor = decode_streaming_descriptor(bytes);
    if (!descriptor) {
        return tl::make_unexpected(error_of(descriptor.error()));
    }
    Fields fields;
    fields.add("wrc", descriptor->write_rotation_control);
    fields.add("rdd", descriptor->restore_drive_defaults ? 1 : 0);
    fields.add("exact", descriptor->exact ? 1 : 0);
    fields.add("ra", descriptor->random_access ? 1 : 0);
    fields.add("start", static_cast<std::int64_t>(descriptor->start_lba));
    fields.add("end", static_cast<std::int64_t>(descriptor->end_lba));
    fields.add("read_size", descriptor->read_size);
    fields.add("read_time", descriptor->read_time);
    fields.add("write_size", descriptor->write_size);
    fields.add("write_time", descriptor->write_time);
    return Answer{.name = "SET STREAMING", .fields = fields.take(), .complete = true};
}

Explained format_list(const Format&, ByteView bytes) {
    const auto list = decode_format_list(bytes);
    if (!list) {
        return tl::make_unexpected(error_of(list.error()));
    }
    Fields fields;
    fields.add("fov", list->header.format_options_valid ? 1 : 0);
    fields.add("dpry", list->header.disable_primary ? 1 : 0);
    fields.add("dcrt", list->header.disable_certification ? 1 : 0);
    fields.add("stpf", list->header.stop_format ? 1 : 0);
    fields.add("ip", list->header.initialization_pattern ? 1 : 0);
    fields.add("try_out", list->header.try_out ? 1 : 0);
    fields.add("immed", list->header.immediate ? 1 : 0);
    fields.add("vs", list->header.vendor_specific ? 1 : 0);
    fields.add("format_descriptor_length", list->header.format_descriptor_length);
    fields.add("number_of_blocks", static_cast<std::int64_t>(list->descriptor.number_of_blocks));
    fields.add("format_type", static_cast<std::int64_t>(list->descriptor.format_type),
               words(list->descriptor.format_type));
    fields.add("sub_type", list->descriptor.sub_type);
    fields.add("type_dependent_parameter", list->descriptor.type_dependent_parameter);
    return Answer{.name = "FORMAT UNIT", .fields = fields.take(), .complete = true};
}

}  // namespace kiln::mmc::explain

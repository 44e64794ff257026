// Answers about the drive: what it is, what it can do, what it is doing.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "mmc/bytes.h"
#include "mmc/feature_codes.h"
#include "mmc/feature_tables.h"
#include "mmc/features.h"
#include "mmc/layout.h"
#include "mmc/profiles.h"
#include "mmc/responses/capacity.h"
#include "mmc/responses/catalog.h"
#include "mmc/responses/configuration.h"
#include "mmc/responses/events.h"
#include "mmc/responses/explain.h"
#include "mmc/responses/inquiry.h"
#include "mmc/responses/lists.h"
#include "mmc/responses/mechanism.h"
#include "mmc/responses/tables.h"
#include "mmc/sense.h"
#include "mmc/sense_codes.h"

namespace kiln::mmc::explain {
namespace {

/// "0001.v2PC.8": code, version, persistent and current, additional length.
std::string summary_of(const Feature& feature) {
    return hex_number(static_cast<unsigned>(feature.code), 4) + ".v" +
           std::to_string(feature.version) + (feature.persistent ? "P" : "") +
           (feature.current ? "C" : "") + '.' + std::to_string(feature.additional_length);
}

std::vector<std::string> texts_of(const std::vector<std::uint8_t>& numbers) {
    std::vector<std::string> texts;
    for (const std::uint8_t number : numbers) {
        texts.push_back(std::to_string(number));
    }
    return texts;
}

std::vector<std::string> texts_of(const BdClasses& classes) {
    std::vector<std::string> texts;
    for (const std::uint16_t versions : classes) {
        texts.push_back(hex_number(versions, 4));
    }
    return texts;
}

void add_lists(const ProfileListFeature& value, Fields& fields) {
    std::vector<std::string> texts;
    for (const ProfileEntry& entry : value.profiles) {
        texts.push_back(hex_number(static_cast<unsigned>(entry.profile), 4) +
                        (entry.current ? "*" : ""));
    }
    fields.add_list("profiles", std::move(texts));
}
void add_lists(const IncrementalStreamingWritableFeature& value, Fields& fields) {
    fields.add_list("link_sizes", texts_of(value.link_sizes));
}
void add_lists(const LayerJumpRecordingFeature& value, Fields& fields) {
    fields.add_list("link_sizes", texts_of(value.link_sizes));
}
void add_lists(const BdReadFeature& value, Fields& fields) {
    fields.add_list("re", texts_of(value.rewritable));
    fields.add_list("r", texts_of(value.recordable));
    fields.add_list("rom", texts_of(value.read_only));
}
void add_lists(const BdWriteFeature& value, Fields& fields) {
    fields.add_list("re", texts_of(value.rewritable));
    fields.add_list("r", texts_of(value.recordable));
}
void add_lists(const DriveSerialNumberFeature& value, Fields& fields) {
    fields.add_text("serial", value.serial_number);
}
void add_lists(const DiscControlBlocksFeature& value, Fields& fields) {
    std::vector<std::string> texts;
    for (const std::uint32_t tag : value.tags) {
        std::string text = hex_number(tag, 8);
        std::ranges::transform(text, text.begin(), [](char digit) {
            return digit >= 'A' ? static_cast<char>(digit - 'A' + 'a') : digit;
        });
        texts.push_back(std::move(text));
    }
    fields.add_list("dcbs", std::move(texts));
}
void add_lists(const FirmwareInformationFeature& value, Fields& fields) {
    fields.add_text("date", value.date);
    fields.add_text("time", value.time);
}
void add_lists(const OsscFeature& value, Fields& fields) {
    std::vector<std::string> texts;
    for (const Profile profile : value.profiles) {
        texts.push_back(hex_number(static_cast<unsigned>(profile), 4));
    }
    fields.add_list("profiles", std::move(texts));
}

template <typename T>
bool try_lists(const Feature& feature, Fields& fields) {
    const auto value = feature_as<T>(feature);
    if (value) {
        add_lists(*value, fields);
    }
    return value.has_value();
}

/// The numbers of the fixed part, read straight from the bytes by the feature's table.
void add_numbers(const Feature& feature, Fields& fields) {
    std::vector<std::uint8_t> bytes(Feature::kHeaderSize);
    bytes.insert(bytes.end(), feature.body.begin(), feature.body.end());
    for (const Row& row : rows_of(feature.code)) {
        if (row.end() <= bytes.size() && row.name.find("_class") == std::string_view::npos) {
            const std::int64_t number = value_in(row, bytes);
            fields.add(row.name, number, word_for(row, number));
        }
    }
}

void add_feature(const Feature& feature, Fields& fields) {
    add_numbers(feature, fields);
    // The first that it is; a code has at most one.
    try_lists<ProfileListFeature>(feature, fields) ||
        try_lists<IncrementalStreamingWritableFeature>(feature, fields) ||
        try_lists<LayerJumpRecordingFeature>(feature, fields) ||
        try_lists<BdReadFeature>(feature, fields) || try_lists<BdWriteFeature>(feature, fields) ||
        try_lists<DriveSerialNumberFeature>(feature, fields) ||
        try_lists<DiscControlBlocksFeature>(feature, fields) ||
        try_lists<FirmwareInformationFeature>(feature, fields) ||
        try_lists<OsscFeature>(feature, fields);
}

void fill_configuration(const Configuration& configuration, Fields& fields) {
    fields.add_text("current_profile",
                    hex_number(static_cast<unsigned>(configuration.current_profile), 4),
                    words(configuration.current_profile));
    std::vector<std::string> features;
    for (const Feature& feature : configuration.features) {
        features.push_back(summary_of(feature));
    }
    fields.add("count", static_cast<std::int64_t>(features.size()));
    fields.add_list("features", std::move(features));
    for (const Feature& feature : configuration.features) {
        Fields of_feature("feature_" + hex_number(static_cast<unsigned>(feature.code), 4) + '_');
        add_feature(feature, of_feature);
        fields.add_all(of_feature.take());
    }
}

void fill_inquiry(const InquiryData& inquiry, Fields& fields) {
    fields.rows(tables::inquiry(), &inquiry, inquiry.extent.received);
    fields.add("byte3", (inquiry.normal_aca ? 0x20 : 0) | (inquiry.hierarchical ? 0x10 : 0) |
                            inquiry.response_format);
    fields.add("additional", static_cast<std::int64_t>(inquiry.extent.announced) - 5);
    fields.add_text("vendor", inquiry.vendor);
    fields.add_text("product", inquiry.product);
    fields.add_text("revision", inquiry.revision);
    std::vector<std::string> versions;
    for (const std::uint16_t version : inquiry.version_descriptors()) {
        versions.push_back(hex_number(version, 4));
    }
    if (!versions.empty()) {
        fields.add_list("version_descriptors", std::move(versions));
    }
}

void fill_identification(const DeviceIdentification& page, Fields& fields) {
    fields.add("page", 0x83);
    for (std::size_t i = 0; i < page.designators.size(); ++i) {
        const Designator& designator = page.designators[i];
        Fields one(i == 0 ? "" : "designator" + std::to_string(i) + '_');
        one.rows(tables::designator(), &designator, 4);
        one.add("id_length", static_cast<std::int64_t>(designator.identifier.size()));
        const bool text = designator.code_set == 2 || designator.code_set == 3;
        one.add_text("id",
                     text ? std::string(designator.identifier.begin(), designator.identifier.end())
                          : hex_of(designator.identifier));
        fields.add_all(one.take());
    }
}

Explained supported_pages(ByteView bytes) {
    return answer("INQUIRY, supported VPD pages", decode_supported_vpd_pages(bytes), 4,
                  [](const SupportedVpdPages& page, Fields& fields) {
                      fields.add("page", 0x00);
                      std::vector<std::string> pages;
                      for (const std::uint8_t number : page.pages) {
                          pages.push_back(hex_number(number, 2));
                      }
                      fields.add_list("pages", std::move(pages));
                  });
}

Explained serial_number(ByteView bytes) {
    return answer("INQUIRY, unit serial number", decode_unit_serial_number(bytes), 4,
                  [](const UnitSerialNumber& page, Fields& fields) {
                      fields.add("page", 0x80);
                      fields.add_text("serial", page.serial_number);
                  });
}

/// The four bytes behind the header, in the words of their class.
void fill_event(const EventStatus& status, Fields& fields) {
    const auto low = static_cast<std::int64_t>(status.status & 0x0FU);
    const auto prevented = static_cast<std::int64_t>(status.status >> 7U);
    const std::int64_t parameter = status.parameter;
    switch (status.event_class) {
        case EventClass::OperationalChange:
            fields.add("operational_event", status.event);
            fields.add("prevented", prevented);
            fields.add("operational_status", low);
            fields.add("operational_change", parameter);
            break;
        case EventClass::PowerManagement:
            fields.add("power_event", status.event);
            fields.add("power_status", status.status);
            break;
        case EventClass::ExternalRequest:
            fields.add("external_event", status.event);
            fields.add("prevented", prevented);
            fields.add("external_status", low);
            fields.add("request", parameter);
            break;
        case EventClass::Media:
            fields.add("media_event", status.event, words(status.media_event()));
            fields.add("media_present", status.media_present() ? 1 : 0);
            fields.add("door_open", status.door_open() ? 1 : 0);
            fields.add("start_slot", parameter >> 8U);
            fields.add("end_slot", parameter & 0xFF);
            break;
        case EventClass::MultiHost:
            fields.add("multi_host_event", status.event);
            fields.add("prevented", prevented);
            fields.add("multi_host_status", low);
            fields.add("priority", parameter);
            break;
        case EventClass::DeviceBusy:
            fields.add("busy_event", status.event);
            fields.add("busy_status", status.status);
            fields.add("time_100ms", parameter);
            break;
        case EventClass::None:
        default:
            fields.add("event", status.event);
            fields.add("status", status.status);
            fields.add("parameter", parameter);
            break;
    }
}

void fill_mechanism(const MechanismStatusData& status, Fields& fields) {
    fields.rows(tables::mechanism_status(), &status, status.extent.received);
    fields.add("table_length", static_cast<std::int64_t>(status.extent.announced) - 8);
    for (std::size_t i = 0; i < status.slot_table.size(); ++i) {
        const std::string name = "slot" + std::to_string(i);
        fields.add(name + "_present", status.slot_table[i].present ? 1 : 0);
        fields.add(name + "_change", status.slot_table[i].change ? 1 : 0);
    }
}

}  // namespace

Explained configuration(const Format&, ByteView bytes) {
    return answer("GET CONFIGURATION", decode_configuration(bytes), 4, fill_configuration);
}

Explained inquiry(const Format& format, ByteView bytes) {
    if (!format.number) {
        return answer("INQUIRY", decode_inquiry(bytes), 0, fill_inquiry);
    }
    switch (*format.number) {
        case 0x00:
            return supported_pages(bytes);
        case 0x80:
            return serial_number(bytes);
        case 0x83:
            return answer("INQUIRY, device identification", decode_device_identification(bytes), 4,
                          fill_identification);
        default:
            return tl::make_unexpected(ExplainError::UnknownFormat);
    }
}

Explained event_status(const Format&, ByteView bytes) {
    return answer("GET EVENT STATUS NOTIFICATION", decode_event_status(bytes), 2,
                  [](const EventStatus& status, Fields& fields) {
                      fields.rows(tables::event_status(), &status, 4);
                      if (status.has_event) {
                          fill_event(status, fields);
                      }
                  });
}

Explained mechanism_status(const Format&, ByteView bytes) {
    return answer("MECHANISM STATUS", decode_mechanism_status(bytes), 0, fill_mechanism);
}

Explained capacity(const Format&, ByteView bytes) {
    return answer_of_rows("READ CAPACITY (10)", decode_capacity(bytes), 0, tables::capacity());
}

Explained buffer_capacity(const Format&, ByteView bytes) {
    return answer_of_rows("READ BUFFER CAPACITY", decode_buffer_capacity(bytes), 2,
                          tables::buffer_capacity());
}

Explained buffer(const Format& format, ByteView bytes) {
    constexpr unsigned kDescriptorMode = 3;
    if (format.number.value_or(kDescriptorMode) != kDescriptorMode) {
        return tl::make_unexpected(ExplainError::UnknownFormat);
    }
    return answer_of_rows("READ BUFFER, descriptor", decode_buffer_descriptor(bytes), 0,
                          tables::buffer_descriptor());
}

Explained logical_units(const Format&, ByteView bytes) {
    return answer("REPORT LUNS", decode_logical_units(bytes), 8,
                  [](const LogicalUnits& value, Fields& fields) {
                      std::vector<std::string> units;
                      for (const std::uint64_t unit : value.units) {
                          units.push_back(hex_number(unit, 16));
                      }
                      fields.add_list("luns", std::move(units));
                  });
}

Explained media_serial_number(const Format&, ByteView bytes) {
    return answer("READ MEDIA SERIAL NUMBER", decode_media_serial_number(bytes), 4,
                  [](const MediaSerialNumber& value, Fields& fields) {
                      fields.add_text("serial", value.serial_number);
                  });
}

Explained request_sense(const Format&, ByteView bytes) {
    if (bytes.empty()) {
        return tl::make_unexpected(ExplainError::TooShort);
    }
    const Sense sense = decode_sense(bytes);
    Fields fields;
    fields.add("response_code", bytes[0] & 0x7F);
    fields.add("deferred", sense.deferred ? 1 : 0);
    fields.add("sense_key", static_cast<std::int64_t>(sense.key), words(sense.key));
    fields.add("asc", sense.additional_sense_code);
    fields.add("ascq", sense.additional_sense_code_qualifier);
    fields.add_text("meaning", additional_sense_in_words(sense.additional()));
    fields.add("ili", sense.incorrect_length ? 1 : 0);
    if (sense.information) {
        fields.add("information", static_cast<std::int64_t>(*sense.information));
    }
    if (sense.progress) {
        fields.add("progress", *sense.progress);
    }
    add_sense_details(bytes, fields);
    return Answer{.name = "REQUEST SENSE", .fields = fields.take(), .complete = true};
}

}  // namespace kiln::mmc::explain

namespace kiln::mmc {

Result<Answer, ExplainError> explain_feature(ByteView bytes) {
    const auto feature = decode_feature(bytes);
    if (!feature) {
        return tl::make_unexpected(explain::error_of(feature.error()));
    }
    explain::Fields fields;
    fields.add_text("code", explain::hex_number(static_cast<unsigned>(feature->code), 4));
    fields.rows(tables::feature_header().subspan(1), &*feature, Feature::kHeaderSize);
    explain::add_feature(*feature, fields);
    return Answer{
        .name = words(feature->code), .fields = fields.take(), .complete = feature->complete()};
}

}  // namespace kiln::mmc

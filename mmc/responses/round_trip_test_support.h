/// \file
/// For tests only: reads an answer, writes it again and compares.

#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "mmc/bytes.h"
#include "mmc/features.h"
#include "mmc/hex.h"
#include "mmc/layout.h"
#include "mmc/mode_pages.h"
#include "mmc/responses/answer.h"
#include "mmc/responses/atip.h"
#include "mmc/responses/bd_structures.h"
#include "mmc/responses/capacity.h"
#include "mmc/responses/catalog.h"
#include "mmc/responses/cd_text.h"
#include "mmc/responses/configuration.h"
#include "mmc/responses/disc_information.h"
#include "mmc/responses/disc_structure.h"
#include "mmc/responses/dvd_structures.h"
#include "mmc/responses/events.h"
#include "mmc/responses/format_capacities.h"
#include "mmc/responses/inquiry.h"
#include "mmc/responses/lists.h"
#include "mmc/responses/mechanism.h"
#include "mmc/responses/performance.h"
#include "mmc/responses/report_key.h"
#include "mmc/responses/sub_channel.h"
#include "mmc/responses/toc.h"
#include "mmc/responses/track_information.h"
#include "mmc/result.h"

namespace kiln::mmc {

using Bytes = std::vector<std::uint8_t>;

template <typename T>
Bytes again(const Result<T, DecodeError>& value) {
    if (!value) {
        return {};
    }
    const Encoded bytes = encode(*value);
    return bytes ? *bytes : Bytes{};
}

inline Bytes performance_again(ByteView bytes, PerformanceType type) {
    return again(decode_performance(bytes, type));
}

/// By the name that the catalog gives an answer.
inline const std::map<std::string_view, std::function<Bytes(ByteView)>>& writers() {
    static const std::map<std::string_view, std::function<Bytes(ByteView)>> all{
        {"READ DISC INFORMATION, standard",
         [](ByteView b) { return again(decode_disc_information(b)); }},
        {"READ DISC INFORMATION, track resources",
         [](ByteView b) { return again(decode_track_resources(b)); }},
        {"READ DISC INFORMATION, POW resources",
         [](ByteView b) { return again(decode_pow_resources(b)); }},
        {"READ TRACK INFORMATION", [](ByteView b) { return again(decode_track_information(b)); }},
        {"READ TOC/PMA/ATIP, TOC", [](ByteView b) { return again(decode_toc(b)); }},
        {"READ TOC/PMA/ATIP, session information",
         [](ByteView b) { return again(decode_session_information(b)); }},
        {"READ TOC/PMA/ATIP, full TOC", [](ByteView b) { return again(decode_full_toc(b)); }},
        {"READ TOC/PMA/ATIP, PMA", [](ByteView b) { return again(decode_full_toc(b)); }},
        {"READ TOC/PMA/ATIP, ATIP", [](ByteView b) { return again(decode_atip(b)); }},
        {"READ TOC/PMA/ATIP, CD-Text", [](ByteView b) { return again(decode_cd_text(b)); }},
        {"READ SUB-CHANNEL", [](ByteView b) { return again(decode_sub_channel(b)); }},
        {"GET CONFIGURATION", [](ByteView b) { return again(decode_configuration(b)); }},
        {"MODE SENSE (10)", [](ByteView b) { return again(decode_mode_parameters(b)); }},
        {"INQUIRY", [](ByteView b) { return again(decode_inquiry(b)); }},
        {"INQUIRY, supported VPD pages",
         [](ByteView b) { return again(decode_supported_vpd_pages(b)); }},
        {"INQUIRY, unit serial number",
         [](ByteView b) { return again(decode_unit_serial_number(b)); }},
        {"INQUIRY, device identification",
         [](ByteView b) { return again(decode_device_identification(b)); }},
        {"READ CAPACITY (10)", [](ByteView b) { return again(decode_capacity(b)); }},
        {"READ BUFFER CAPACITY", [](ByteView b) { return again(decode_buffer_capacity(b)); }},
        {"GET EVENT STATUS NOTIFICATION", [](ByteView b) { return again(decode_event_status(b)); }},
        {"MECHANISM STATUS", [](ByteView b) { return again(decode_mechanism_status(b)); }},
        {"READ FORMAT CAPACITIES", [](ByteView b) { return again(decode_format_capacities(b)); }},
        {"REPORT KEY, AGID", [](ByteView b) { return again(decode_authentication_grant(b)); }},
        {"REPORT KEY, ASF", [](ByteView b) { return again(decode_authentication_success(b)); }},
        {"REPORT KEY, RPC state", [](ByteView b) { return again(decode_rpc_state(b)); }},
        {"list of formats", [](ByteView b) { return again(decode_disc_structure_list(b)); }},
        {"write protection status",
         [](ByteView b) { return again(decode_write_protection_status(b)); }},
        {"physical format information",
         [](ByteView b) { return again(decode_physical_format(b)); }},
        {"copyright information", [](ByteView b) { return again(decode_dvd_copyright(b)); }},
        {"DVD-RAM medium status",
         [](ByteView b) { return again(decode_dvd_ram_medium_status(b)); }},
        {"DVD-RAM spare area", [](ByteView b) { return again(decode_dvd_ram_spare_area(b)); }},
        {"layer boundary", [](ByteView b) { return again(decode_layer_capacity(b)); }},
        {"shifted middle area", [](ByteView b) { return again(decode_shifted_middle_area(b)); }},
        {"jump interval", [](ByteView b) { return again(decode_jump_interval(b)); }},
        {"disc information", [](ByteView b) { return again(decode_bd_disc_information(b)); }},
        {"cartridge status", [](ByteView b) { return again(decode_bd_cartridge_status(b)); }},
        {"spare area", [](ByteView b) { return again(decode_bd_spare_area(b)); }},
    };
    return all;
}

/// What differs in the bytes that both have: drives' bodies are shorter or longer than MMC-6's.
/// Empty if nothing does.
inline std::string difference(ByteView written, ByteView read) {
    const std::size_t common = std::min(written.size(), read.size());
    if (std::ranges::equal(written.first(common), read.first(common))) {
        return {};
    }
    return to_hex(written.first(common)) + " was " + to_hex(read.first(common));
}

template <typename T>
std::string feature_difference(const Feature& feature) {
    const auto value = feature_as<T>(feature);
    if (!value) {
        return {};
    }
    const auto made = make_feature(*value);
    return made ? difference(made->body, feature.body) : "cannot be written";
}

template <typename... T>
std::string differences(const Feature& feature) {
    return (feature_difference<T>(feature) + ...);
}

/// A feature read as its struct and made again; empty if it is the same.
inline std::string typed_feature_difference(const Feature& feature) {
    return differences<ProfileListFeature, CoreFeature, MorphingFeature, RemovableMediumFeature,
                       WriteProtectFeature, RandomReadableFeature, CdReadFeature, DvdReadFeature,
                       RandomWritableFeature, IncrementalStreamingWritableFeature,
                       FormattableFeature, HardwareDefectManagementFeature, WriteOnceFeature,
                       MrwFeature, EnhancedDefectReportingFeature, DvdPlusRwFeature,
                       DvdPlusRFeature, RigidRestrictedOverwriteFeature, CdTrackAtOnceFeature,
                       CdMasteringFeature, DvdMinusWriteFeature, DdcdRWriteFeature,
                       DdcdRwWriteFeature>(feature) +
           differences<LayerJumpRecordingFeature, LayerJumpRigidRestrictedOverwriteFeature,
                       CdRwMediaWriteSupportFeature, DvdPlusRwDualLayerFeature,
                       DvdPlusRDualLayerFeature, BdReadFeature, BdWriteFeature, HdDvdReadFeature,
                       HdDvdWriteFeature, HdDvdRwFragmentRecordingFeature, HybridDiscFeature,
                       SmartFeature, EmbeddedChangerFeature, CdAudioExternalPlayFeature,
                       FirmwareUpgradeFeature, TimeOutFeature, DvdCssFeature,
                       RealTimeStreamingFeature, DriveSerialNumberFeature, DiscControlBlocksFeature,
                       DvdCprmFeature, FirmwareInformationFeature, AacsFeature,
                       DvdCssManagedRecordingFeature, BdCpsFeature, OsscFeature>(feature);
}

template <typename T>
std::string page_difference(const ModePage& page) {
    const auto value = page_as<T>(page);
    if (!value) {
        return {};
    }
    const auto made = make_page(*value);
    return made ? difference(made->body, page.body) : "cannot be written";
}

/// A page read as its struct and made again; empty if it is the same.
inline std::string typed_page_difference(const ModePage& page) {
    return page_difference<ErrorRecoveryPage>(page) + page_difference<MrwPage>(page) +
           page_difference<WriteParametersPage>(page) + page_difference<CachingPage>(page) +
           page_difference<CdDeviceParametersPage>(page) + page_difference<AudioControlPage>(page) +
           page_difference<FeatureSetPage>(page) + page_difference<PowerConditionPage>(page) +
           page_difference<FaultFailureReportingPage>(page) +
           page_difference<TimeoutProtectPage>(page) + page_difference<CapabilitiesPage>(page);
}

/// The features or pages inside an answer.
inline std::string inner_difference(std::string_view name, ByteView bytes) {
    std::string text;
    if (const auto configuration = decode_configuration(bytes);
        configuration && name == "GET CONFIGURATION") {
        for (const Feature& feature : configuration->features) {
            text += typed_feature_difference(feature);
        }
    }
    if (const auto parameters = decode_mode_parameters(bytes);
        parameters && name.starts_with("MODE SE")) {
        for (const ModePage& page : parameters->pages) {
            text += typed_page_difference(page);
        }
    }
    return text;
}

/// A whole answer read and written again; empty if it is the same, or has no writer by that name.
inline std::string answer_difference(std::string_view name, ByteView bytes) {
    if (const auto writer = writers().find(name); writer != writers().end()) {
        const Bytes written = writer->second(bytes);
        if (!std::ranges::equal(written, bytes)) {
            return to_hex(written) + " was " + to_hex(bytes);
        }
    }
    if (name == "GET PERFORMANCE") {
        const bool same = std::ranges::any_of(std::array{0, 1, 2, 3}, [&](int type) {
            return std::ranges::equal(performance_again(bytes, static_cast<PerformanceType>(type)),
                                      bytes);
        });
        if (!same) {
            return "no type writes the same";
        }
    }
    return inner_difference(name, bytes);
}

}  // namespace kiln::mmc

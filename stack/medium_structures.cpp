// What the disc's own structures say: layers, maker, kind, write protection.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "mmc/bytes.h"
#include "mmc/commands/media.h"
#include "mmc/feature_codes.h"
#include "mmc/lba.h"
#include "mmc/responses/atip.h"
#include "mmc/responses/bd_structures.h"
#include "mmc/responses/configuration.h"
#include "mmc/responses/disc_structure.h"
#include "mmc/responses/dvd_structures.h"

#include "stack/drive.h"
#include "stack/facts.h"
#include "stack/failure.h"
#include "stack/medium.h"
#include "stack/medium_parts.h"

namespace kiln::stack::detection {
namespace {

template <typename Decode>
auto structure(Drive& drive, mmc::StructureMedia media, mmc::StructureFormat format, Decode decode)
    -> Result<std::optional<typename decltype(decode(mmc::ByteView{}))::value_type>, Failure> {
    using Value = typename decltype(decode(mmc::ByteView{}))::value_type;
    KILN_ASSIGN_OR_RETURN(const auto bytes, if_known(drive.disc_structure(media, format)));
    if (!bytes) {
        return std::optional<Value>{};
    }
    auto value = decode(mmc::ByteView(*bytes));
    return value ? std::optional<Value>(*std::move(value)) : std::optional<Value>{};
}

std::string join(std::string_view maker, std::string_view type) {
    return type.empty() ? std::string(maker) : fmt::format("{}/{}", maker, type);
}

Result<void, Failure> read_dvd_structures(Drive& drive, Medium& medium) {
    using enum mmc::StructureFormat;
    constexpr auto kDvd = mmc::StructureMedia::Dvd;
    KILN_ASSIGN_OR_RETURN(const auto physical,
                          structure(drive, kDvd, DvdPhysical, mmc::decode_physical_format));
    const bool plus = medium.family == MediumFamily::DvdPlusR ||
                      medium.family == MediumFamily::DvdPlusRDl ||
                      medium.family == MediumFamily::DvdPlusRw;
    if (physical) {
        medium.layers = static_cast<std::uint8_t>(physical->layers_minus1 + 1U);
        if (medium.layers == 2 && physical->layer0_end > physical->data_start) {
            medium.first_layer = mmc::BlockCount{physical->layer0_end - physical->data_start + 1};
        }
        if (plus) {
            medium.media_id = join(physical->manufacturer(), physical->media_type());
        }
    }
    const bool dual_layer =
        medium.family == MediumFamily::DvdPlusRDl || medium.family == MediumFamily::DvdRDl;
    if (dual_layer) {
        medium.layers = 2;
        KILN_ASSIGN_OR_RETURN(const auto boundary,
                              structure(drive, kDvd, DvdLayerCapacity, mmc::decode_layer_capacity));
        if (boundary && boundary->l0_capacity != 0) {
            medium.first_layer = mmc::BlockCount{boundary->l0_capacity};
        }
    }
    if (!plus && medium.facts().writable && medium.family != MediumFamily::DvdRam) {
        KILN_ASSIGN_OR_RETURN(
            const auto pre_recorded,
            structure(drive, kDvd, DvdPreRecordedLeadIn, mmc::decode_pre_recorded_information));
        if (pre_recorded) {
            medium.media_id = pre_recorded->manufacturer;
        }
    }
    return {};
}

Result<void, Failure> read_bd_structures(Drive& drive, Medium& medium) {
    KILN_ASSIGN_OR_RETURN(const auto disc, structure(drive, mmc::StructureMedia::Bd,
                                                     mmc::StructureFormat::BdDiscInformation,
                                                     mmc::decode_bd_disc_information));
    if (!disc || disc->units.empty()) {
        return {};
    }
    const auto& unit = disc->units.front();
    medium.layers = std::max<std::uint8_t>(unit.layers, 1);
    medium.media_id = join(unit.manufacturer, unit.media_type);
    // A closed BD-R is shown as BD-ROM by some drives; the disc itself knows better.
    if (medium.family == MediumFamily::BdRom && unit.disc_type == "BDR") {
        medium.family = MediumFamily::BdR;
    } else if (medium.family == MediumFamily::BdRom && unit.disc_type == "BDW") {
        medium.family = MediumFamily::BdRe;
    }
    return {};
}

Result<void, Failure> read_cd_identity(Drive& drive, Medium& medium) {
    KILN_ASSIGN_OR_RETURN(const auto atip, if_known(drive.atip()));
    if (atip && atip->plausible()) {
        const auto& start = atip->lead_in_start;
        medium.media_id =
            fmt::format("{:02}m{:02}s{:02}f", start.minute, start.second, start.frame);
    }
    return {};
}

void protect(bool condition, std::string_view what, Medium& medium) {
    if (condition) {
        medium.write_protected = true;
        medium.write_protection.append(medium.write_protection.empty() ? "" : ", ").append(what);
    }
}

}  // namespace

Result<void, Failure> read_structures(Drive& drive, Medium& medium) {
    switch (medium.facts().medium_class) {
        case MediumClass::Cd:
            return read_cd_identity(drive, medium);
        case MediumClass::Dvd:
            return read_dvd_structures(drive, medium);
        case MediumClass::Bd:
            return read_bd_structures(drive, medium);
        case MediumClass::None:
            break;
    }
    return {};
}

Result<void, Failure> read_protection(Drive& drive, const mmc::Configuration& configuration,
                                      Medium& medium) {
    if (!is_current(configuration, mmc::FeatureCode::WriteProtect)) {
        return {};
    }
    const auto media = medium.facts().medium_class == MediumClass::Bd ? mmc::StructureMedia::Bd
                                                                      : mmc::StructureMedia::Dvd;
    KILN_ASSIGN_OR_RETURN(const auto status,
                          structure(drive, media, mmc::StructureFormat::WriteProtection,
                                    mmc::decode_write_protection_status));
    if (status) {
        protect(status->cartridge, "the cartridge's write protect tab", medium);
        protect(status->persistent, "persistent write protection on the disc", medium);
        protect(status->software, "software write protection in the drive", medium);
        protect(status->media_software_inhibit, "the medium inhibits writing", medium);
    }
    if (medium.family == MediumFamily::DvdRam) {
        KILN_ASSIGN_OR_RETURN(const auto ram, structure(drive, mmc::StructureMedia::Dvd,
                                                        mmc::StructureFormat::DvdRamMediumStatus,
                                                        mmc::decode_dvd_ram_medium_status));
        protect(ram && ram->cartridge_write_protect && !medium.write_protected,
                "the cartridge's write protect tab", medium);
    }
    return {};
}

}  // namespace kiln::stack::detection

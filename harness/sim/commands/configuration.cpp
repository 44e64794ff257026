// GET CONFIGURATION: features computed from the personality and what is in the drive.

#include "mmc/responses/configuration.h"

#include <array>
#include <utility>

#include "mmc/bytes.h"
#include "mmc/commands/device.h"

#include "harness/sim/commands/masked.h"
#include "harness/sim/commands/table.h"

namespace kiln::harness {

namespace {

/// All that decides whether a feature is current.
struct Now {
    MediumKind kind = MediumKind::None;  // None: not ready
    MediumFamily family = MediumFamily::None;
    bool writable = false;  // the drive writes it, and something can be added or replaced
    const Medium* medium = nullptr;
};

Now now_of(const DriveState& drive, Instant now) {
    if (!is_ready(drive, now)) {
        return {};
    }
    const Medium& medium = *drive.medium;
    const bool writes = support_in(drive)->writes && family_in(drive).writable();
    const bool open = family_in(drive).sequential()
                          ? medium.status != DiscStatus::Complete || family_in(drive).erasable()
                          : true;
    return {.kind = medium.kind,
            .family = facts_of(medium.kind).family,
            .writable = writes && open,
            .medium = &medium};
}

bool is_bd_r(MediumKind kind) {
    return kind == MediumKind::BdR || kind == MediumKind::BdRDl || kind == MediumKind::BdRXl;
}

bool is_bd_re(MediumKind kind) {
    return kind == MediumKind::BdRe || kind == MediumKind::BdReDl || kind == MediumKind::BdReXl;
}

bool is_dvd_minus(MediumKind kind) {
    return kind == MediumKind::DvdR || kind == MediumKind::DvdRw || kind == MediumKind::DvdRDl;
}

bool incremental_is_current(const DriveState& drive, const Now& now) {
    if (!now.writable || !(is_dvd_minus(now.kind) || now.kind == MediumKind::DvdPlusR ||
                           now.kind == MediumKind::DvdPlusRDl || is_bd_r(now.kind))) {
        return false;
    }
    return !now.medium->minimally_blanked || drive.personality->behaviour.feature_21_lies;
}

bool is_current(const DriveState& drive, std::uint16_t code, const Now& now) {
    const bool ready = now.kind != MediumKind::None;
    switch (code) {
        case 0x0010:  // random readable
            return ready && now.medium->status != DiscStatus::Empty;
        case 0x001D:
        case 0x001E:
            return now.family == MediumFamily::Cd;
        case 0x001F:
            return now.family == MediumFamily::Dvd;
        case 0x0020:  // random writable
            return now.writable && (now.kind == MediumKind::DvdRam ||
                                    now.kind == MediumKind::DvdPlusRw || is_bd_re(now.kind));
        case 0x0021:
            return incremental_is_current(drive, now);
        case 0x0023:  // formattable
            return now.writable &&
                   (now.kind == MediumKind::DvdRam || now.kind == MediumKind::DvdPlusRw ||
                    now.kind == MediumKind::DvdRw ||
                    now.kind == MediumKind::DvdRwRestrictedOverwrite || is_bd_re(now.kind) ||
                    (is_bd_r(now.kind) && now.medium->status == DiscStatus::Empty));
        case 0x0024:  // hardware defect management
            return now.kind == MediumKind::DvdRam || is_bd_re(now.kind) ||
                   (is_bd_r(now.kind) && now.medium->spares > 0);
        case 0x0025:
            return is_bd_r(now.kind) && now.writable;
        case 0x002A:
            return now.kind == MediumKind::DvdPlusRw;
        case 0x002B:
            return now.kind == MediumKind::DvdPlusR || now.kind == MediumKind::DvdPlusRDl;
        case 0x003B:
            return now.kind == MediumKind::DvdPlusRDl;
        case 0x0026:
        case 0x002C:
            return now.kind == MediumKind::DvdRwRestrictedOverwrite;
        case 0x002D:
        case 0x0037:
            return now.writable && now.family == MediumFamily::Cd &&
                   (code == 0x002D || now.kind == MediumKind::CdRw);
        case 0x002F:
            return now.writable && is_dvd_minus(now.kind);
        case 0x0035:
            return now.kind == MediumKind::DvdPlusRw;
        case 0x0038:  // libburn takes a blank disc that shows it for formatted, and refuses it
            return is_bd_r(now.kind) && now.medium->bd_r_mode == BdRMode::PseudoOverwrite;
        case 0x0040:
            return now.family == MediumFamily::Bd;
        case 0x0041:
            return now.writable && now.family == MediumFamily::Bd;
        case 0x0004:
            return now.writable && (now.kind == MediumKind::DvdRam || is_bd_re(now.kind));
        case 0x0107:  // real time streaming
        case 0x0109:  // media serial number
            return ready;
        default:
            return false;
    }
}

std::uint16_t blocking(MediumFamily family) {
    return family == MediumFamily::Bd ? 32 : (family == MediumFamily::Dvd ? 16 : 1);
}

/// What depends on the medium goes over what the personality says.
void refresh(std::uint16_t code, std::vector<std::uint8_t>& body, const DriveState& drive,
             const Now& now) {
    if (now.medium == nullptr) {
        return;
    }
    if ((code == 0x0010 || code == 0x0025) && body.size() >= 8) {
        mmc::store_big_endian<std::uint32_t>(body, 0, 4, 2048);
        mmc::store_big_endian<std::uint16_t>(body, 4, 2, blocking(now.family));
    }
    if (code == 0x0020 && body.size() >= 12) {
        const std::uint32_t blocks = family_in(drive).capacity(*now.medium);
        mmc::store_big_endian<std::uint32_t>(body, 0, 4, blocks == 0 ? 0 : blocks - 1);
        mmc::store_big_endian<std::uint32_t>(body, 4, 4, 2048);
        mmc::store_big_endian<std::uint16_t>(body, 8, 2, blocking(now.family));
    }
    constexpr std::uint8_t kTestWrite = 0x04;
    if ((code == 0x002D || code == 0x002F) && !body.empty() &&
        (!drive.personality->behaviour.test_write || !support_in(drive)->simulates)) {
        body[0] = static_cast<std::uint8_t>(body[0] & ~unsigned{kTestWrite});
    }
}

mmc::Feature profile_list(const DriveState& drive, Instant now) {
    const std::uint16_t current = current_profile(drive, now);
    mmc::Feature feature{
        .code = mmc::FeatureCode::ProfileList, .persistent = true, .current = true, .body = {}};
    for (const std::uint16_t profile : drive.personality->profiles) {
        if (is_masked_profile(profile)) {
            continue;
        }
        // A DVD-RAM is a removable disk as well.
        const bool also = profile == 0x0002 && current == 0x0012;
        feature.body.push_back(static_cast<std::uint8_t>(profile >> 8U));
        feature.body.push_back(static_cast<std::uint8_t>(profile & 0xFFU));
        feature.body.push_back(profile == current || also ? 1 : 0);
        feature.body.push_back(0);
    }
    return feature;
}

void begin_get_configuration(DriveState& drive, mmc::ByteView cdb, Instant now) {
    const auto command = decode_or_fail<mmc::GetConfiguration>(drive, cdb);
    if (!command) {
        return;
    }
    const auto requested = static_cast<unsigned>(command->requested);
    if (requested > 2) {
        fail(drive, verdicts::kInvalidField);
        return;
    }
    const std::uint16_t first = command->starting_feature_number;
    const Now state = now_of(drive, now);
    mmc::Configuration configuration;
    configuration.current_profile = static_cast<mmc::Profile>(current_profile(drive, now));
    const auto wanted = [&](std::uint16_t code, bool current) {
        return requested == 2 ? code == first : code >= first && (current || requested == 0);
    };
    if (wanted(0, true)) {
        configuration.features.push_back(profile_list(drive, now));
    }
    for (const FeatureEntry& entry : drive.personality->features) {
        const bool current = entry.persistent || is_current(drive, entry.code, state);
        if (!wanted(entry.code, current) || is_masked_feature(entry.code)) {
            continue;
        }
        mmc::Feature feature{.code = static_cast<mmc::FeatureCode>(entry.code),
                             .version = entry.version,
                             .persistent = entry.persistent,
                             .current = current,
                             .body = entry.data};
        refresh(entry.code, feature.body, drive, state);
        mask_feature(entry.code, feature.body);
        configuration.features.push_back(std::move(feature));
    }
    const auto bytes = mmc::encode(configuration);
    if (!bytes) {
        fail(drive, {mmc::SenseKey::HardwareError, 0x4400});  // a personality that cannot be said
        return;
    }
    answer(drive, *bytes, command->allocation_length);
}

constexpr std::array kCommands{
    CommandEntry{
        0x46, 10, {.no_attention = false, .no_operation = false}, begin_get_configuration, nullptr},
};

}  // namespace

std::span<const CommandEntry> configuration_commands() {
    return kCommands;
}

}  // namespace kiln::harness

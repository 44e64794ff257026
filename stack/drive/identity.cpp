#include "stack/drive/identity.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mmc/commands/primary.h"
#include "mmc/feature_codes.h"
#include "mmc/features.h"
#include "mmc/mode_pages.h"
#include "mmc/responses/configuration.h"
#include "mmc/responses/inquiry.h"

#include "transports/transport.h"

#include "stack/drive.h"
#include "stack/facts.h"
#include "stack/failure.h"

namespace kiln::stack {
namespace {

std::string trimmed(std::string_view text) {
    const auto is_space = [](char c) { return c == ' ' || c == '\0'; };
    while (!text.empty() && is_space(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_space(text.back())) {
        text.remove_suffix(1);
    }
    // Bytes a terminal would act on: some drives have them in byte 36 and on, a few before.
    std::string clean(text);
    std::replace_if(clean.begin(), clean.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return clean;
}

// What page 2Ah of a drive before MMC-2 says in place of profiles.
std::vector<std::uint16_t> profiles_of(const mmc::CapabilitiesPage& page) {
    std::vector<std::uint16_t> profiles;
    const auto add = [&profiles](bool has, std::uint16_t profile) {
        if (has) {
            profiles.push_back(profile);
        }
    };
    add(page.dvd_ram_write, 0x0012);
    add(page.dvd_r_write, 0x0011);
    add(page.dvd_rom_read, 0x0010);
    add(page.cd_rw_write, 0x000A);
    add(page.cd_r_write, 0x0009);
    add(true, 0x0008);
    return profiles;
}

void take_features(const mmc::Configuration& configuration, DriveIdentity& identity) {
    identity.has_features = true;
    if (const auto list = configuration.get<mmc::ProfileListFeature>()) {
        for (const auto& entry : list->profiles) {
            identity.profiles.push_back(static_cast<std::uint16_t>(entry.profile));
        }
    }
    if (const auto removable = configuration.get<mmc::RemovableMediumFeature>()) {
        identity.locks = removable->lock;
        identity.ejects = removable->eject;
        identity.has_tray = removable->mechanism == mmc::LoadingMechanism::Tray;
    }
    if (const auto serial = configuration.get<mmc::DriveSerialNumberFeature>()) {
        identity.serial = trimmed(serial->serial_number);
    }
}

void take_capabilities(const mmc::CapabilitiesPage& page, DriveIdentity& identity) {
    identity.buffer_bytes = page.buffer_kib * 1024U;
    identity.max_write_kilobytes = page.max_write_speed;
    if (!identity.has_features) {
        identity.profiles = profiles_of(page);
        identity.locks = page.lock;
        identity.ejects = page.eject;
        identity.has_tray = page.mechanism == mmc::LoadingMechanism::Tray;
    }
}

}  // namespace

bool DriveIdentity::has_profile(std::uint16_t profile) const {
    return std::find(profiles.begin(), profiles.end(), profile) != profiles.end();
}

bool DriveIdentity::is_writer() const {
    return std::any_of(profiles.begin(), profiles.end(), [](std::uint16_t profile) {
        return facts_of(family_of_profile(profile)).writable;
    });
}

Result<DriveIdentity, Failure> Drive::identify() {
    constexpr std::string_view kDoing = "identifying the drive";
    DriveIdentity identity;
    auto inquired = inquiry();
    if (!inquired) {
        return tl::make_unexpected(while_doing(kDoing, std::move(inquired).error()));
    }
    identity.vendor = trimmed(inquired->vendor);
    identity.product = trimmed(inquired->product);
    identity.revision = trimmed(inquired->revision);
    identity.is_optical = inquired->device_type == mmc::kMultimediaDevice;
    if (!identity.is_optical) {
        return identity;
    }
    // From here on what a drive does not know is left out; a drive that is gone is not.
    if (auto known = configuration()) {
        take_features(*known, identity);
    } else if (!known.error().sense) {
        return tl::make_unexpected(while_doing(kDoing, std::move(known).error()));
    }
    if (auto page = mode_page(mmc::PageCode::Capabilities)) {
        if (const auto capabilities = mmc::page_as<mmc::CapabilitiesPage>(*page)) {
            take_capabilities(*capabilities, identity);
        }
    } else if (page.error().transport) {
        return tl::make_unexpected(while_doing(kDoing, std::move(page).error()));
    }
    if (auto page = mode_page(mmc::PageCode::WriteParameters)) {
        identity.has_write_parameters = true;
    } else if (page.error().transport) {
        return tl::make_unexpected(while_doing(kDoing, std::move(page).error()));
    }
    if (identity.serial.empty()) {
        identity.serial = serial_of_page();
    }
    return identity;
}

std::string Drive::serial_of_page() {
    mmc::Inquiry command;
    command.enable_vital_product_data = true;
    command.page_code = 0x80;
    command.allocation_length = 252;
    std::vector<std::uint8_t> bytes(command.allocation_length);
    const auto done = run(command, transports::DataIn{bytes});
    if (!done) {
        return {};
    }
    bytes.resize(std::min<std::size_t>(done->moved, bytes.size()));
    const auto page = mmc::decode_unit_serial_number(bytes);
    return page ? trimmed(page->serial_number) : std::string();
}

}  // namespace kiln::stack

#include "stack/speeds.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "mmc/commands/parameters.h"
#include "mmc/commands/performance.h"
#include "mmc/lba.h"
#include "mmc/mode_pages.h"
#include "mmc/responses/atip.h"
#include "mmc/responses/performance.h"

#include "stack/drive.h"
#include "stack/facts.h"
#include "stack/failure.h"
#include "stack/medium.h"

namespace kiln::stack {
namespace {

Rotation rotation_of(std::uint8_t code) {
    return code == 1 ? Rotation::ConstantAngular : Rotation::ConstantLinear;
}

std::vector<Speed> speeds_of(const mmc::Performance& performance) {
    std::vector<Speed> list;
    for (const auto& row : performance.write_speeds) {
        list.push_back({.write_kilobytes = row.write_kb_s,
                        .read_kilobytes = row.read_kb_s,
                        .rotation = rotation_of(row.write_rotation_control)});
    }
    return list;
}

std::vector<Speed> speeds_of(const mmc::CapabilitiesPage& page) {
    std::vector<Speed> list;
    for (const auto& row : page.write_speeds) {
        list.push_back({.write_kilobytes = row.speed_kb_s,
                        .read_kilobytes = 0,
                        .rotation = rotation_of(row.rotation_control)});
    }
    return list;
}

// The fastest that a CD-RW of standard speed says it may be written at. Other kinds use other codes
// (MMC-1 has these four), so for them the answer is none.
std::optional<std::uint32_t> limit_of(const mmc::Atip& atip) {
    const bool standard = atip.rewritable && atip.sub_type == 0 && atip.a1_valid;
    const unsigned code = atip.a1[0] & 0x0FU;
    if (!standard || !atip.plausible() || code < 1 || code > 4) {
        return std::nullopt;
    }
    return to_kilobytes(MediumClass::Cd, 2.0 * code);
}

// All that a drive older than GET PERFORMANCE and than lists in page 2Ah tells: its fastest, and
// what it uses now. CD writers had the speeds in between; a wish for one of those is rounded by the
// drive.
std::vector<Speed> maximum_of(Drive& drive, const mmc::CapabilitiesPage& page,
                              MediumFamily family) {
    std::uint32_t fastest = page.max_write_speed;
    if (family == MediumFamily::CdRw) {
        if (const auto atip = drive.atip()) {
            fastest = std::min(fastest, limit_of(*atip).value_or(fastest));
        }
    }
    std::vector<Speed> list;
    list.push_back({.write_kilobytes = fastest});
    for (const double x : {1.0, 2.0, 4.0, 8.0, 16.0}) {
        const auto slower = to_kilobytes(MediumClass::Cd, x);
        if (slower < fastest) {
            list.push_back({.write_kilobytes = slower});
        }
    }
    return list;
}

mmc::StreamingDescriptor streaming_for(const Medium& medium, const Speed& speed) {
    constexpr std::uint32_t kSecond = 1000;
    mmc::StreamingDescriptor descriptor;
    descriptor.write_rotation_control = speed.rotation == Rotation::ConstantAngular ? 1 : 0;
    const auto blocks = std::max(static_cast<std::uint32_t>(medium.capacity), 1U);
    descriptor.end_lba = static_cast<mmc::Lba>(blocks - 1);
    descriptor.read_size = speed.read_kilobytes != 0 ? speed.read_kilobytes : speed.write_kilobytes;
    descriptor.read_time = kSecond;
    descriptor.write_size = speed.write_kilobytes;
    descriptor.write_time = kSecond;
    return descriptor;
}

mmc::SetCdSpeed cd_speed_for(const Speed& speed) {
    mmc::SetCdSpeed command;
    command.logical_unit_write_speed =
        static_cast<std::uint16_t>(std::min<std::uint32_t>(speed.write_kilobytes, 0xFFFF));
    return command;
}

std::optional<Speed> speed_in_force(Drive& drive, const Speeds& speeds) {
    const auto page = drive.mode_page(mmc::PageCode::Capabilities);
    const auto capabilities = page ? mmc::page_as<mmc::CapabilitiesPage>(*page) : std::nullopt;
    if (!capabilities) {
        return std::nullopt;
    }
    const auto found =
        std::find_if(speeds.list.begin(), speeds.list.end(), [&](const Speed& speed) {
            return speed.write_kilobytes == capabilities->current_write_speed;
        });
    return found == speeds.list.end() ? std::nullopt : std::optional(*found);
}

double distance(MediumClass medium_class, const Speed& speed, double wish) {
    return std::abs(to_x(medium_class, speed.write_kilobytes) - wish);
}

}  // namespace

double to_x(MediumClass medium_class, std::uint32_t kilobytes) {
    return kilobytes / one_x_kilobytes(medium_class);
}

std::uint32_t to_kilobytes(MediumClass medium_class, double x) {
    const double kilobytes = std::round(x * one_x_kilobytes(medium_class));
    constexpr double kMost = 1'000'000;  // 200 times what any drive has, and far from overflow
    return static_cast<std::uint32_t>(std::clamp(kilobytes, 1.0, kMost));
}

void tidy(std::vector<Speed>& list) {
    std::erase_if(list, [](const Speed& speed) { return speed.write_kilobytes == 0; });
    // Stable: of two with one write speed the drive's first is its favourite.
    std::stable_sort(list.begin(), list.end(), [](const Speed& a, const Speed& b) {
        return a.write_kilobytes > b.write_kilobytes;
    });
    const auto same = [](const Speed& a, const Speed& b) {
        return a.write_kilobytes == b.write_kilobytes;
    };
    list.erase(std::unique(list.begin(), list.end(), same), list.end());
}

std::optional<Speed> nearest_speed(const Speeds& speeds, std::optional<double> wish) {
    if (speeds.list.empty()) {
        return std::nullopt;
    }
    if (!wish || !(*wish < std::numeric_limits<double>::max())) {
        return speeds.list.front();
    }
    // <=: on a tie the later one, which is the slower one.
    const Speed* nearest = &speeds.list.front();
    for (const Speed& speed : speeds.list) {
        if (distance(speeds.medium_class, speed, *wish) <=
            distance(speeds.medium_class, *nearest, *wish)) {
            nearest = &speed;
        }
    }
    return *nearest;
}

Result<Speeds, Failure> read_speeds(Drive& drive, const Medium& medium) {
    Speeds speeds;
    speeds.medium_class = medium.facts().medium_class;
    // Asked even where feature 0107h does not promise it: some drives have it without the bit, and
    // a refusal costs nothing.
    const auto performance = drive.write_speeds();
    if (performance) {
        speeds.list = speeds_of(*performance);
        speeds.source = SpeedSource::Performance;
        tidy(speeds.list);
    } else if (performance.error().transport) {
        return tl::make_unexpected(while_doing("reading the write speeds", performance.error()));
    }
    if (!speeds.list.empty()) {
        return speeds;
    }
    const auto page = drive.mode_page(mmc::PageCode::Capabilities);
    if (!page && page.error().transport) {
        return tl::make_unexpected(while_doing("reading the write speeds", page.error()));
    }
    const auto capabilities = page ? mmc::page_as<mmc::CapabilitiesPage>(*page) : std::nullopt;
    if (capabilities) {
        speeds.list = speeds_of(*capabilities);
        speeds.source = SpeedSource::CapabilitiesPage;
        tidy(speeds.list);
    }
    // The old fields are of CDs; with another medium in they say nothing about it.
    if (speeds.list.empty() && capabilities && speeds.medium_class == MediumClass::Cd) {
        speeds.list = maximum_of(drive, *capabilities, medium.family);
        speeds.source = SpeedSource::CapabilitiesMaximum;
        tidy(speeds.list);
    }
    if (speeds.list.empty()) {
        speeds.source = SpeedSource::None;
    }
    return speeds;
}

Result<std::optional<Speed>, Failure> set_write_speed(Drive& drive, const Medium& medium,
                                                      const Speeds& speeds,
                                                      std::optional<double> wish) {
    const auto wanted = nearest_speed(speeds, wish);
    if (!wanted) {
        return std::optional<Speed>{};
    }
    const bool streams =
        medium.facts().medium_class != MediumClass::Cd && medium.abilities.set_streaming;
    auto set = streams ? drive.set_streaming(streaming_for(medium, *wanted))
                       : drive.set_cd_speed(cd_speed_for(*wanted));
    if (!set && streams && set.error().sense) {
        set = drive.set_cd_speed(cd_speed_for(*wanted));
    }
    if (!set && !set.error().sense) {
        return tl::make_unexpected(while_doing("setting the write speed", std::move(set).error()));
    }
    // What it will really do: only a number that is in the list is believed, since page 2Ah keeps
    // numbers of another medium on some drives.
    const auto told = speed_in_force(drive, speeds);
    if (told || set) {
        return told ? told : wanted;
    }
    return std::optional<Speed>{};
}

}  // namespace kiln::stack

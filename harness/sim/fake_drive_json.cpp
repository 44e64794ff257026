// The drive's state as JSON text, and back. What is in its buffer is not in it: the drive goes on
// writing while nobody looks, so by the time anybody looks again it is on the disc.

#include <algorithm>
#include <exception>
#include <utility>

#include <nlohmann/json.hpp>

#include "harness/sim/fake_drive.h"
#include "harness/sim/fake_drive_state.h"

namespace kiln::harness {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Track, number, session, kind, start, size, recorded, reserved,
                                   closed, damaged, control)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Defect, first, count, on_write)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Medium, kind, unformatted, capacity, tracks, sessions,
                                   last_session, status, format, formatted, spares, spares_left,
                                   background, written_end, bd_r_mode, certification,
                                   minimally_blanked, layer_break, layer_break_set, serial, defects)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Operation, kind, track, type, sub_type, blocks, padding,
                                   first_session)

namespace {

using nlohmann::json;

constexpr int kVersion = 1;

std::int64_t nanoseconds(Instant instant) {
    return instant.time_since_epoch().count();
}

Instant instant_of(const json& value) {
    return Instant(Duration(value.get<std::int64_t>()));
}

json to_value(const Verdict& verdict) {
    return json::array({static_cast<unsigned>(verdict.key), verdict.additional});
}

Verdict verdict_of(const json& value) {
    return {static_cast<mmc::SenseKey>(value.at(0).get<std::uint8_t>()),
            value.at(1).get<std::uint16_t>()};
}

json medium_value(const std::optional<Medium>& medium) {
    return medium ? json(*medium) : json();
}

/// Numbers that no drive can have got into.
std::string wrong_with(const Medium& medium) {
    const auto kind = static_cast<std::size_t>(medium.kind);
    if (kind == 0 || kind >= kMediumKinds) {
        return "no such kind of medium";
    }
    if (medium.unformatted == 0 || medium.unformatted > 0x7FFFFFFFU ||
        medium.capacity > medium.unformatted || medium.formatted > 0x7FFFFFFFU) {
        return "sizes of the medium";
    }
    constexpr std::size_t kMostTracks = 10000;
    if (medium.tracks.size() > kMostTracks ||
        (medium.tracks.empty() && family_of(medium.kind).sequential())) {
        return "number of tracks";
    }
    if (medium.format != FormatState::Unformatted && medium.tracks.empty()) {
        return "formatted without a track";
    }
    for (const Track& track : medium.tracks) {
        if (track.start < 0 || track.size > 0x7FFFFFFFU || track.recorded > track.size ||
            std::int64_t{track.start} + track.size > std::int64_t{medium.unformatted} + 2) {
            return "track " + std::to_string(track.number);
        }
    }
    return {};
}

std::optional<Medium> medium_of(const json& value, std::string& wrong) {
    if (value.is_null()) {
        return std::nullopt;
    }
    Medium medium = value.get<Medium>();
    if (std::string what = wrong_with(medium); !what.empty()) {
        wrong = std::move(what);
    }
    return medium;
}

json faults_value(const std::vector<DriveFault>& faults) {
    json list = json::array();
    for (const DriveFault& fault : faults) {
        list.push_back({{"kind", fault.kind}, {"lba", fault.lba}, {"delay", fault.delay.count()}});
    }
    return list;
}

std::vector<DriveFault> faults_of(const json& list) {
    std::vector<DriveFault> faults;
    for (const json& each : list) {
        faults.push_back({.kind = each.at("kind").get<DriveFault::Kind>(),
                          .lba = each.at("lba").get<std::int32_t>(),
                          .delay = Duration(each.at("delay").get<std::int64_t>())});
    }
    return faults;
}

json running_value(const RunningOperation& running) {
    return {{"operation", running.operation},  {"active", running.active},
            {"immediate", running.immediate},  {"start", nanoseconds(running.start)},
            {"end", nanoseconds(running.end)}, {"result", to_value(running.result)}};
}

RunningOperation running_of(const json& value) {
    return {.operation = value.at("operation").get<Operation>(),
            .active = value.at("active").get<bool>(),
            .immediate = value.at("immediate").get<bool>(),
            .start = instant_of(value.at("start")),
            .end = instant_of(value.at("end")),
            .result = verdict_of(value.at("result"))};
}

void read_host_side(DriveState& drive, const json& value) {
    drive.attention_count = 0;
    for (const json& attention : value.at("attentions")) {
        raise_attention(drive, verdict_of(attention));
    }
    if (const json& deferred = value.at("deferred"); !deferred.is_null()) {
        const auto bytes = deferred.get<std::vector<std::uint8_t>>();
        drive.deferred = mmc::decode_sense(bytes);
    }
    const auto pages = value.at("pages").get<std::vector<std::vector<std::uint8_t>>>();
    for (std::size_t i = 0; i < std::min(pages.size(), drive.pages.size()); ++i) {
        if (pages[i].size() == drive.pages[i].size()) {  // else the personality has changed
            drive.pages[i] = pages[i];
        }
    }
    constexpr std::uint8_t kWriteParameters = 0x05;
    constexpr std::size_t kLeastSize = 14;
    for (const auto& page : drive.pages) {
        if (page.size() >= kLeastSize && (page[0] & 0x3FU) == kWriteParameters) {
            drive.mode = read_write_mode(page);
        }
    }
    drive.write_limit = value.at("write_limit").get<std::uint32_t>();
    drive.read_limit = value.at("read_limit").get<std::uint32_t>();
}

/// What is wrong; empty if nothing.
std::string read_state(DriveState& drive, const json& value) {
    if (value.at("version").get<int>() != kVersion) {
        return "version " + value.at("version").dump();
    }
    std::string wrong;
    drive.tray = value.at("tray_open").get<bool>() ? TrayState::Open : TrayState::Closed;
    drive.medium = medium_of(value.at("medium"), wrong);
    drive.before_simulation = medium_of(value.at("before_simulation"), wrong);
    drive.before_silence = medium_of(value.at("before_silence"), wrong);
    drive.spinning = value.at("spinning").get<bool>();
    drive.recognised = value.at("recognised").get<bool>();
    drive.ready_at = instant_of(value.at("ready_at"));
    drive.locked = value.at("locked").get<bool>();
    drive.media_event = value.at("media_event").get<std::uint8_t>();
    drive.calibrated = value.at("calibrated").get<bool>();
    drive.write_failed = value.at("write_failed").get<bool>();
    drive.underruns_before = value.at("underruns").get<std::uint64_t>();
    drive.running = running_of(value.at("running"));
    drive.background_since = instant_of(value.at("background_since"));
    drive.background_from = value.at("background_from").get<std::uint32_t>();
    drive.faults = faults_of(value.at("faults"));
    drive.commands = value.at("commands").get<std::uint64_t>();
    drive.writes = value.at("writes").get<std::uint64_t>();
    drive.blocks_accepted = value.at("blocks_accepted").get<std::uint64_t>();
    if (static_cast<unsigned>(drive.running.operation.kind) >
        static_cast<unsigned>(Operation::Kind::Repair)) {
        wrong = "operation";
    }
    read_host_side(drive, value);
    return wrong;
}

}  // namespace

std::string FakeDrive::to_json() const {
    const DriveState& drive = *state_;
    json attentions = json::array();
    for (std::size_t i = 0; i < drive.attention_count; ++i) {
        attentions.push_back(to_value(drive.attentions[i]));
    }
    json deferred;
    if (drive.deferred) {
        const mmc::ByteView bytes = drive.deferred->bytes();
        deferred = std::vector<std::uint8_t>(bytes.begin(), bytes.end());
    }
    const json value{{"version", kVersion},
                     {"tray_open", drive.tray == TrayState::Open},
                     {"medium", medium_value(drive.medium)},
                     {"before_simulation", medium_value(drive.before_simulation)},
                     {"before_silence", medium_value(drive.before_silence)},
                     {"spinning", drive.spinning},
                     {"recognised", drive.recognised},
                     {"ready_at", nanoseconds(drive.ready_at)},
                     {"locked", drive.locked},
                     {"media_event", drive.media_event},
                     {"attentions", attentions},
                     {"deferred", deferred},
                     {"pages", drive.pages},
                     {"write_limit", drive.write_limit},
                     {"read_limit", drive.read_limit},
                     {"calibrated", drive.calibrated},
                     {"write_failed", drive.write_failed},
                     {"underruns", view().underruns},
                     {"running", running_value(drive.running)},
                     {"background_since", nanoseconds(drive.background_since)},
                     {"background_from", drive.background_from},
                     {"faults", faults_value(drive.faults)},
                     {"commands", drive.commands},
                     {"writes", drive.writes},
                     {"blocks_accepted", drive.blocks_accepted}};
    return value.dump();
}

mmc::Result<FakeDrive, std::string> FakeDrive::from_json(
    std::string_view text, std::shared_ptr<const Personality> personality,
    std::unique_ptr<MediumStore> store) {
    const auto failed = [](const std::string& what) {
        return tl::make_unexpected("the simulated drive's state is damaged: " + what);
    };
    FakeDrive drive(std::move(personality));
    // The library tells of what is missing or of another type by exceptions; they end here.
    try {
        const json value = json::parse(text);
        if (const std::string wrong = read_state(*drive.state_, value); !wrong.empty()) {
            return failed(wrong);
        }
    } catch (const std::exception& error) {
        return failed(error.what());
    }
    drive.state_->store = StoreHolder(std::move(store));
    return drive;
}

}  // namespace kiln::harness

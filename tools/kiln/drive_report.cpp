#include "tools/kiln/drive_report.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "mmc/profiles.h"
#include "mmc/responses/configuration.h"

#include "stack/burn.h"

#include "tools/kiln/json_events.h"
#include "tools/kiln/units.h"

namespace kiln::tools {
namespace {

std::string_view profile_name(std::uint16_t profile) {
    return mmc::words(static_cast<mmc::Profile>(profile));
}

std::string_view name_of(stack::SessionState state) {
    switch (state) {
        case stack::SessionState::Empty:
            return "empty";
        case stack::SessionState::Incomplete:
            return "incomplete";
        case stack::SessionState::Damaged:
            return "damaged";
        case stack::SessionState::Complete:
            break;
    }
    return "complete";
}

std::string_view name_of(stack::BackgroundFormat state) {
    switch (state) {
        case stack::BackgroundFormat::None:
            return "none";
        case stack::BackgroundFormat::Stopped:
            return "stopped";
        case stack::BackgroundFormat::Running:
            return "running";
        case stack::BackgroundFormat::Complete:
            break;
    }
    return "complete";
}

std::uint32_t count(mmc::BlockCount blocks) {
    return static_cast<std::uint32_t>(blocks);
}
std::int32_t number(mmc::Lba lba) {
    return static_cast<std::int32_t>(lba);
}

std::string blocks_and_bytes(mmc::BlockCount blocks) {
    return fmt::format("{} blocks ({})", count(blocks),
                       words_for_bytes(std::uint64_t{count(blocks)} * stack::kBlockSize));
}

JsonObject json_of_track(const stack::Track& track) {
    JsonObject json;
    json.set("number", track.number)
        .set("session", track.session)
        .set("start_lba", number(track.start))
        .set("blocks", count(track.size))
        .set("free_blocks", count(track.free))
        .set("data", track.is_data())
        .set("blank", track.blank)
        .set("reserved", track.reserved)
        .set("damaged", track.damaged);
    if (track.next_writable) {
        json.set("next_writable_lba", number(*track.next_writable));
    }
    if (track.last_recorded) {
        json.set("last_recorded_lba", number(*track.last_recorded));
    }
    return json;
}

JsonObject json_of_medium(const stack::Medium& medium) {
    std::vector<JsonObject> tracks;
    tracks.reserve(medium.tracks.size());
    std::transform(medium.tracks.begin(), medium.tracks.end(), std::back_inserter(tracks),
                   json_of_track);
    JsonObject json;
    json.set("kind", medium.facts().slug)
        .set("name", medium.facts().name)
        .set("profile", medium.profile)
        .set("profile_name", profile_name(medium.profile))
        .set("media_id", medium.media_id)
        .set("status", stack::name_of(medium.status))
        .set("last_session", name_of(medium.last_session))
        .set("background_format", name_of(medium.background_format))
        .set("erasable", medium.erasable)
        .set("rewritable", medium.facts().rewritable)
        .set("appendable", medium.is_appendable())
        .set("write_protected", medium.write_protected)
        .set("layers", medium.layers)
        .set("sessions", medium.complete_sessions)
        .set("tracks", tracks)
        .set("capacity_blocks", count(medium.capacity))
        .set("readable_blocks", count(medium.readable))
        .set("free_blocks", count(medium.free));
    if (medium.next_writable) {
        json.set("next_writable_lba", number(*medium.next_writable));
    } else {
        json.set_null("next_writable_lba");
    }
    return json;
}

std::string text_of_track(const stack::Track& track) {
    std::string text =
        fmt::format("  track {:<3} session {:<3} at {:<9} {}", track.number, track.session,
                    number(track.start), blocks_and_bytes(track.size));
    text += track.is_data() ? "" : ", audio";
    text += track.blank ? ", blank" : "";
    text += track.reserved ? ", reserved" : "";
    text += track.damaged ? ", damaged" : "";
    if (track.next_writable && !track.blank) {
        text += fmt::format(", next writable {}", number(*track.next_writable));
    }
    return text + "\n";
}

std::string text_of_medium(const stack::Medium& medium) {
    std::string text =
        fmt::format("medium     {}, {}", medium.facts().name, stack::name_of(medium.status));
    if (medium.background_format != stack::BackgroundFormat::None) {
        text += fmt::format(", background format {}", name_of(medium.background_format));
    }
    text += medium.layers > 1 ? fmt::format(", {} layers", medium.layers) : "";
    text += medium.pseudo_overwrite ? ", pseudo-overwrite" : "";
    text += medium.write_protected ? ", write protected: " + medium.write_protection : "";
    text += fmt::format("\nprofile    {:04x} {}\n", medium.profile, profile_name(medium.profile));
    text += medium.media_id.empty() ? "" : fmt::format("made by    {}\n", medium.media_id);
    text += fmt::format("capacity   {}\n", blocks_and_bytes(medium.capacity));
    text += fmt::format("free       {}", blocks_and_bytes(medium.free));
    if (medium.next_writable) {
        text += fmt::format(", from {}", number(*medium.next_writable));
    }
    text += fmt::format("\nsessions   {} complete, the last one {}\n", medium.complete_sessions,
                        name_of(medium.last_session));
    for (const stack::Track& track : medium.tracks) {
        text += text_of_track(track);
    }
    return text;
}

std::string text_of(const Possibility& possibility) {
    if (!possibility.plan) {
        return fmt::format("  {:<10} no: {}\n", possibility.name, possibility.why_not);
    }
    const stack::PlanSummary& plan = *possibility.plan;
    std::string text = fmt::format("  {:<10} {}, {} blocks fit from {}", possibility.name,
                                   plan.recipe, plan.capacity_blocks, number(plan.start));
    text += plan.blanks ? ", blanks first" : "";
    text += plan.formats ? ", formats first" : "";
    return text + "\n";
}

std::string text_of_cancels(const stack::PlanSummary& plan) {
    std::string text = "a cancel would leave\n";
    for (std::size_t i = 0; i < plan.when_cancelled.size(); ++i) {
        const stack::Prediction& prediction = plan.when_cancelled[i];
        const auto seconds =
            std::chrono::duration_cast<std::chrono::seconds>(prediction.worst_case).count();
        text += fmt::format("  {:<16} {} (at most {} s)\n",
                            stack::name_of(static_cast<stack::CancelPolicy>(i)), prediction.words,
                            seconds);
    }
    return text;
}

struct Way {
    std::string_view name;
    bool append = false;
    bool overwrite = false;
    bool close = false;
};
constexpr std::array kWays{
    Way{"burn"},
    Way{"append", true},
    Way{"overwrite", false, true},
    Way{"close", false, false, true},
};

Possibility try_way(stack::Drive& drive, const Way& way) {
    stack::BurnOptions options;
    options.append = way.append;
    options.overwrite = way.overwrite;
    options.close = way.close;
    auto plan = stack::plan_only(drive, options);
    Possibility possibility{.name = std::string(way.name), .plan = std::nullopt, .why_not = {}};
    if (plan) {
        possibility.plan = std::move(*plan);
    } else {
        possibility.why_not = plan.error().message();
    }
    return possibility;
}

}  // namespace

stack::Result<DriveReport, stack::Failure> DriveReport::of(const std::string& address,
                                                           stack::Drive& drive) {
    DriveReport report;
    report.address_ = address;
    KILN_ASSIGN_OR_RETURN(report.identity_, drive.identify());
    if (auto medium = stack::detect_medium(drive); medium) {
        report.medium_ = std::move(*medium);
    } else if (medium.error().kind == stack::FailureKind::NoMedium) {
        report.no_medium_ = medium.error().message();
    } else {
        return tl::make_unexpected(std::move(medium).error());
    }
    if (report.identity_.has_features) {
        KILN_ASSIGN_OR_RETURN(mmc::Configuration configuration, drive.configuration());
        report.features_ = std::move(configuration.features);
    }
    if (report.medium_ && report.medium_->facts().writable) {
        KILN_ASSIGN_OR_RETURN(report.speeds_, stack::read_speeds(drive, *report.medium_));
        for (const Way& way : kWays) {
            report.possibilities_.push_back(try_way(drive, way));
        }
    }
    return report;
}

JsonObject DriveReport::json() const {
    std::vector<JsonObject> profiles;
    for (const std::uint16_t profile : identity_.profiles) {
        JsonObject one;
        one.set("profile", profile).set("name", profile_name(profile));
        profiles.push_back(std::move(one));
    }
    std::vector<JsonObject> features;
    for (const mmc::Feature& feature : features_) {
        JsonObject one;
        one.set("code", static_cast<std::uint16_t>(feature.code))
            .set("name", mmc::words(feature.code))
            .set("version", feature.version)
            .set("current", feature.current)
            .set("persistent", feature.persistent);
        features.push_back(std::move(one));
    }
    std::vector<JsonObject> speeds;
    for (const stack::Speed& speed : speeds_.list) {
        JsonObject one;
        one.set("x", stack::to_x(speeds_.medium_class, speed.write_kilobytes))
            .set("kb_s", speed.write_kilobytes)
            .set("cav", speed.rotation == stack::Rotation::ConstantAngular);
        speeds.push_back(std::move(one));
    }
    JsonObject possible;
    for (const Possibility& possibility : possibilities_) {
        JsonObject one;
        one.set("possible", possibility.plan.has_value());
        if (possibility.plan) {
            one.set("plan", json_of(*possibility.plan));
        } else {
            one.set("why_not", possibility.why_not);
        }
        possible.set(possibility.name, one);
    }
    JsonObject json;
    json.set("address", address_)
        .set("vendor", identity_.vendor)
        .set("product", identity_.product)
        .set("revision", identity_.revision)
        .set("serial", identity_.serial)
        .set("buffer_bytes", identity_.buffer_bytes)
        .set("writer", identity_.is_writer())
        .set("profiles", profiles)
        .set("features", features);
    if (medium_) {
        json.set("medium", json_of_medium(*medium_));
    } else {
        json.set_null("medium");
    }
    json.set("write_speeds", speeds).set("possible", possible);
    return json;
}

std::string DriveReport::text() const {
    std::string text = fmt::format("drive      {} {} {}  ({})\n", identity_.vendor,
                                   identity_.product, identity_.revision, address_);
    text += identity_.serial.empty() ? "" : fmt::format("serial     {}\n", identity_.serial);
    if (identity_.buffer_bytes > 0) {
        text += fmt::format("buffer     {}\n", words_for_bytes(identity_.buffer_bytes));
    }
    text += "profiles\n";
    for (const std::uint16_t profile : identity_.profiles) {
        const bool current = medium_ && medium_->profile == profile;
        text += fmt::format("  {:04x} {}{}\n", profile, profile_name(profile),
                            current ? " (current)" : "");
    }
    text += features_.empty() ? "" : "features (* current)\n";
    for (const mmc::Feature& feature : features_) {
        text += fmt::format("  {:04x}{} {}\n", static_cast<std::uint16_t>(feature.code),
                            feature.current ? '*' : ' ', mmc::words(feature.code));
    }
    if (!medium_) {
        return text + fmt::format("medium     none ({})\n", no_medium_);
    }
    text += text_of_medium(*medium_);
    if (!speeds_.empty()) {
        text += "write speeds\n ";
        for (const stack::Speed& speed : speeds_.list) {
            text += fmt::format(" {:.1f}x ({} kB/s)",
                                stack::to_x(speeds_.medium_class, speed.write_kilobytes),
                                speed.write_kilobytes);
        }
        text += "\n";
    }
    text += possibilities_.empty() ? "" : "what could be done now\n";
    for (const Possibility& possibility : possibilities_) {
        text += text_of(possibility);
    }
    const auto feasible =
        std::find_if(possibilities_.begin(), possibilities_.end(),
                     [](const Possibility& possibility) { return possibility.plan.has_value(); });
    return feasible == possibilities_.end() ? text : text + text_of_cancels(*feasible->plan);
}

}  // namespace kiln::tools

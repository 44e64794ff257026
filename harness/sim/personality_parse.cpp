#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <utility>

#include "harness/sim/personality.h"
#include "harness/sim/personality_reader.h"

namespace kiln::harness {

namespace {

template <typename Value>
using Word = std::pair<std::string_view, Value>;

constexpr std::array<Word<CurveKind>, 4> kCurves = {{{"clv", CurveKind::Clv},
                                                     {"zclv", CurveKind::Zclv},
                                                     {"cav", CurveKind::Cav},
                                                     {"pcav", CurveKind::Pcav}}};
// Feature 0001h, Physical Interface Standard.
constexpr std::array<Word<std::uint32_t>, 5> kInterfaces = {
    {{"scsi", 1U}, {"atapi", 2U}, {"ieee1394", 3U}, {"sata", 7U}, {"usb", 8U}}};
constexpr std::array<Word<BufferFull>, 2> kBufferFull = {
    {{"02/04/08", BufferFull::Answers020408}, {"holds", BufferFull::Holds}}};
constexpr std::array<Word<ReadyWhileClosing>, 2> kReady = {
    {{"good", ReadyWhileClosing::Good}, {"02/04/07", ReadyWhileClosing::NotReady020407}}};

void read_identity(TableReader& in, Identity& identity) {
    in.require("vendor");
    in.require("product");
    in.read("vendor", identity.vendor, 8);
    in.read("product", identity.product, 16);
    in.read("revision", identity.revision, 4);
    in.read("serial", identity.serial, 20);
    in.read("version", identity.version);
    in.read("response_data_format", identity.response_data_format, 0x0F);
    in.read("additional_length", identity.additional_length);
    in.read("byte3_upper", identity.byte3_upper, 0xF0);
    in.read_bytes("vendor_specific", identity.vendor_specific, 20);
    if ((identity.byte3_upper & 0x0FU) != 0) {
        in.fail("byte3_upper", "has bits in its lower half");
    }
}

void read_link(TableReader& in, Link& link) {
    in.require("interface");
    in.require("bytes_per_second");
    in.require("max_transfer");
    in.read_word<std::uint32_t>("interface", link.physical_interface, kInterfaces);
    in.read("bytes_per_second", link.bytes_per_second, 100'000'000'000U);
    in.read_milliseconds("command_overhead_ms", link.command_overhead);
    in.read("max_transfer", link.max_transfer, 1U << 24U);
    in.read("swallows_sense", link.swallows_sense);
    in.read("answers_mode_sense_6", link.answers_mode_sense_6);
    if (link.bytes_per_second < 100'000) {
        in.fail("bytes_per_second", "below 100000");
    }
    if (link.max_transfer < 2048) {
        in.fail("max_transfer", "less than one block");
    }
}

std::optional<std::uint16_t> number_of(std::string_view text) {
    std::uint16_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
    if (text.size() != 4 || error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return number;
}

/// One descriptor as GET CONFIGURATION gives it, its current bit as without a disc, which is not
/// kept.
std::optional<FeatureEntry> feature_of(std::string_view text) {
    const auto bytes = bytes_of_text(text);
    if (!bytes || bytes->size() < 4 || bytes->size() != 4U + (*bytes)[3] ||
        ((*bytes)[2] & 0xC0U) != 0) {
        return std::nullopt;
    }
    return FeatureEntry{
        .code = static_cast<std::uint16_t>((*bytes)[0] << 8U | (*bytes)[1]),
        .version = static_cast<std::uint8_t>((*bytes)[2] >> 2U & 0x0FU),
        .persistent = ((*bytes)[2] & 0x02U) != 0,
        .data = std::vector<std::uint8_t>(bytes->begin() + 4, bytes->end()),
    };
}

void read_configuration(TableReader& in, Personality& drive, ReadFailure& failure) {
    in.strings("profiles", [&](std::string_view text, const std::string& where) {
        if (const auto number = number_of(text)) {
            drive.profiles.push_back(*number);
        } else {
            failure.set(where, fmt::format("'{}' is not a profile like \"0041\"", text));
        }
    });
    in.strings("features", [&](std::string_view text, const std::string& where) {
        auto feature = feature_of(text);
        if (!feature) {
            failure.set(where, fmt::format("'{}' is not a feature descriptor", text));
        } else if (drive.feature(feature->code) != nullptr || feature->code == 0) {
            failure.set(where, fmt::format("feature {:04x}h does not belong here", feature->code));
        } else {
            drive.features.push_back(*std::move(feature));
        }
    });
}

void read_mode_pages(TableReader& in, Personality& drive) {
    in.each_table([&](TableReader& page_in, std::string_view name) {
        ModePage page;
        page_in.require("defaults");
        page_in.read_bytes("defaults", page.defaults, 256);
        page_in.read_bytes("changeable", page.changeable, 256);
        const auto code = bytes_of_text(name);
        if (!code || code->size() != 1 || page.defaults.size() < 2 ||
            (page.defaults[0] & 0x3FU) != (*code)[0] ||
            page.defaults.size() != 2U + page.defaults[1]) {
            page_in.fail("defaults", fmt::format("not the whole of mode page {}h", name));
            return;
        }
        page.code = (*code)[0];
        if (page.changeable.empty()) {
            page.changeable.assign(page.defaults.size(), 0);
            page.changeable[0] = page.defaults[0];
            page.changeable[1] = page.defaults[1];
        }
        if (page.changeable.size() != page.defaults.size()) {
            page_in.fail("changeable", "not as long as defaults");
        }
        drive.mode_pages.push_back(std::move(page));
    });
    std::ranges::sort(drive.mode_pages, {}, &ModePage::code);
}

void read_timings(TableReader& in, MediumTimings& timings) {
    const std::array<Word<Duration MediumTimings::*>, 16> rows = {{
        {"spin_up_s", &MediumTimings::spin_up},
        {"opc_s", &MediumTimings::opc},
        {"lead_in_s", &MediumTimings::lead_in},
        {"cue_sheet_s", &MediumTimings::cue_sheet},
        {"flush_s", &MediumTimings::flush},
        {"close_track_s", &MediumTimings::close_track},
        {"close_session_s", &MediumTimings::close_session},
        {"finalize_s", &MediumTimings::finalize},
        {"reserve_s", &MediumTimings::reserve},
        {"blank_fast_s", &MediumTimings::blank_fast},
        {"blank_full_s", &MediumTimings::blank_full},
        {"format_quick_s", &MediumTimings::format_quick},
        {"format_full_s", &MediumTimings::format_full},
        {"relink_s", &MediumTimings::relink},
        {"seek_s", &MediumTimings::seek},
        {"media_error_s", &MediumTimings::media_error},
    }};
    for (const auto& [key, member] : rows) {
        in.read_seconds(key, timings.*member);
    }
}

void read_speed(TableReader& in, std::vector<SpeedEntry>& out) {
    SpeedEntry speed;
    in.require("kbps");
    in.read("kbps", speed.kilobytes_per_second, 1'000'000);
    in.read_word<CurveKind>("curve", speed.kind, kCurves);
    in.read("start_kbps", speed.start_kilobytes_per_second, speed.kilobytes_per_second);
    in.read("knee_percent", speed.knee_percent, 100);
    in.read("listed", speed.listed);
    in.tables("zones", [&](TableReader& zone_in) {
        SpeedEntry::Zone zone;
        zone_in.require("kbps");
        zone_in.read("first_block", zone.first_block);
        zone_in.read("kbps", zone.kilobytes_per_second, speed.kilobytes_per_second);
        const bool in_order = speed.zones.empty()
                                  ? zone.first_block == 0
                                  : zone.first_block > speed.zones.back().first_block;
        if (!in_order || zone.kilobytes_per_second == 0) {
            zone_in.fail("first_block", "zones begin at 0, rise, and have a speed");
        }
        speed.zones.push_back(zone);
    });
    const bool rises = speed.kind == CurveKind::Cav || speed.kind == CurveKind::Pcav;
    if (speed.kilobytes_per_second == 0) {
        in.fail("kbps", "0 is no speed");
    } else if (rises != (speed.start_kilobytes_per_second != 0)) {
        in.fail("start_kbps", "belongs to cav and pcav, and only there");
    } else if ((speed.kind == CurveKind::Zclv) == speed.zones.empty()) {
        in.fail("zones", "belong to zclv, and only there");
    }
    out.push_back(std::move(speed));
}

using FamilyTimings = std::array<MediumTimings, 4>;  // by MediumFamily

void read_media(TableReader& in, const FamilyTimings& families, Personality& drive) {
    in.each_table([&](TableReader& medium_in, std::string_view name) {
        const auto kind = medium_named(name);
        if (!kind || kind == MediumKind::None) {
            in.fail(name, "no such medium");
            return;
        }
        MediumSupport support;
        support.kind = *kind;
        support.timings = families.at(static_cast<std::size_t>(facts_of(*kind).family));
        medium_in.read("writes", support.writes);
        medium_in.read("simulates", support.simulates);
        medium_in.read("buffer_bytes", support.buffer_bytes, 1U << 30U);
        medium_in.read("blocks", support.blocks);
        medium_in.tables("write",
                         [&](TableReader& speed) { read_speed(speed, support.write_speeds); });
        medium_in.tables("read",
                         [&](TableReader& speed) { read_speed(speed, support.read_speeds); });
        medium_in.table("timings",
                        [&](TableReader& times) { read_timings(times, support.timings); });
        if (support.writes && !facts_of(*kind).writable) {
            medium_in.fail("writes", "not on a pressed disc");
        } else if (support.writes == support.write_speeds.empty()) {
            medium_in.fail("write", "belongs to media that the drive writes, and only there");
        } else if (support.read_speeds.empty()) {
            medium_in.fail("read", "missing");
        }
        drive.media.push_back(std::move(support));
    });
    std::ranges::sort(drive.media, {}, &MediumSupport::kind);
}

void read_behaviour(TableReader& in, Behaviour& behaviour) {
    in.read_word<BufferFull>("buffer_full", behaviour.buffer_full, kBufferFull);
    in.read_word<ReadyWhileClosing>("test_unit_ready_while_closing",
                                    behaviour.test_unit_ready_while_closing, kReady);
    in.read("immed", behaviour.immed);
    in.read("progress_in_sense", behaviour.progress_in_sense);
    in.read("feature_21_lies", behaviour.feature_21_lies);
    in.read("lists_write_speeds", behaviour.lists_write_speeds);
    in.read("performance_end_lba_is_garbage", behaviour.performance_end_lba_is_garbage);
    in.read("set_streaming", behaviour.set_streaming);
    in.read("test_write", behaviour.test_write);
    in.read("fine_not_ready_codes", behaviour.fine_not_ready_codes);
    in.read("sense_length", behaviour.sense_length, 64);
    std::vector<std::uint8_t> refusal;
    in.read_bytes("opc_refused", refusal, 3);
    if (refusal.size() == 3) {
        behaviour.opc_refused = Behaviour::Refusal{
            .key = static_cast<mmc::SenseKey>(refusal[0] & 0x0FU),
            .additional = static_cast<mmc::AdditionalSense>(refusal[1] << 8U | refusal[2])};
    } else if (!refusal.empty()) {
        in.fail("opc_refused", "not key, ASC and ASCQ");
    }
    if (behaviour.sense_length < 18) {
        in.fail("sense_length", "less than 18");
    }
}

void read_all(TableReader& in, Personality& drive, ReadFailure& failure) {
    for (const char* const key :
         {"summary", "identity", "link", "configuration", "mode_pages", "buffer_bytes", "media"}) {
        in.require(key);
    }
    in.read("summary", drive.summary, 100);
    in.read("buffer_bytes", drive.buffer_bytes, 1U << 30U);
    in.table("identity", [&](TableReader& part) { read_identity(part, drive.identity); });
    in.table("link", [&](TableReader& part) { read_link(part, drive.link); });
    in.table("configuration", [&](TableReader& part) { read_configuration(part, drive, failure); });
    in.table("mode_pages", [&](TableReader& part) { read_mode_pages(part, drive); });
    in.table("tray", [&](TableReader& part) {
        part.read_seconds("load_s", drive.load);
        part.read_seconds("eject_s", drive.eject);
    });
    FamilyTimings families;
    in.table("timings", [&](TableReader& part) {
        for (const auto& [name, family] :
             std::array<Word<MediumFamily>, 3>{{{"cd", MediumFamily::Cd},
                                                {"dvd", MediumFamily::Dvd},
                                                {"bd", MediumFamily::Bd}}}) {
            part.table(name, [&, at = static_cast<std::size_t>(family)](TableReader& times) {
                read_timings(times, families.at(at));
            });
        }
    });
    in.table("media", [&](TableReader& part) { read_media(part, families, drive); });
    in.table("behaviour", [&](TableReader& part) { read_behaviour(part, drive.behaviour); });
    in.strings("default_for", [&](std::string_view text, const std::string& where) {
        const auto kind = medium_named(text);
        const bool used = kind && (kind == MediumKind::None || drive.support_for(*kind) != nullptr);
        if (!used) {
            failure.set(where, fmt::format("'{}' is no medium of this drive", text));
        } else {
            drive.default_for.push_back(*kind);
        }
    });
    in.finish();
}

}  // namespace

mmc::Result<Personality, PersonalityError> parse_personality(std::string_view name,
                                                             std::string_view toml) {
    const toml::parse_result parsed = toml::parse(toml);
    if (!parsed) {
        const toml::parse_error& error = parsed.error();
        return tl::make_unexpected(PersonalityError{fmt::format(
            "{}.toml: line {}: {}", name, error.source().begin.line, error.description())});
    }
    Personality drive;
    drive.name = name;
    ReadFailure failure;
    TableReader reader(parsed.table(), "", failure);
    read_all(reader, drive, failure);
    if (!failure.text.empty()) {
        return tl::make_unexpected(
            PersonalityError{fmt::format("{}.toml: {}", name, failure.text)});
    }
    return drive;
}

}  // namespace kiln::harness

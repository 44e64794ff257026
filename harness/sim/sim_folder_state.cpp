#include "harness/sim/sim_folder_state.h"

#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace kiln::harness {

namespace {

using Json = nlohmann::json;

constexpr const char* kFormat = "kiln simulated drive";
constexpr std::uint64_t kVersion = 1;

std::optional<std::uint64_t> number(const Json& json, const char* key) {
    const auto found = json.find(key);
    if (found == json.end() || !found->is_number_unsigned()) {
        return std::nullopt;
    }
    return found->get<std::uint64_t>();
}

std::optional<std::string> text(const Json& json, const char* key) {
    const auto found = json.find(key);
    if (found == json.end() || !found->is_string()) {
        return std::nullopt;
    }
    return found->get<std::string>();
}

}  // namespace

mmc::Result<std::string, std::string> state_to_json(const NumberedState& numbered) {
    const FolderState& state = numbered.state;
    Json drive_state;
    if (!state.drive_state.empty()) {
        drive_state = Json::parse(state.drive_state, nullptr, false);
        if (drive_state.is_discarded()) {
            return tl::make_unexpected(std::string("the drive's state is not JSON"));
        }
    }
    const Json json = {
        {"format", kFormat},
        {"version", kVersion},
        {"generation", numbered.generation},
        {"medium", facts_of(state.medium).name},
        {"drive", state.drive},
        {"block_size", state.block_size},
        {"time_ns", static_cast<std::uint64_t>(state.time.time_since_epoch().count())},
        {"drive_state", std::move(drive_state)},
    };
    return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

mmc::Result<NumberedState, std::string> state_from_json(std::string_view from) {
    const auto wrong = [](std::string what) { return tl::make_unexpected(std::move(what)); };
    const Json json = Json::parse(from, nullptr, false);
    if (!json.is_object() || text(json, "format") != kFormat) {
        return wrong("not the state of a simulated drive");
    }
    const auto version = number(json, "version");
    if (version != kVersion) {
        return wrong(fmt::format("version {}, and this program knows {} only",
                                 version ? fmt::to_string(*version) : "unknown", kVersion));
    }
    const auto generation = number(json, "generation");
    const auto medium_name = text(json, "medium");
    const auto medium = medium_name ? medium_named(*medium_name) : std::nullopt;
    const auto drive = text(json, "drive");
    const auto block_size = number(json, "block_size");
    const auto time = number(json, "time_ns");
    const auto drive_state = json.find("drive_state");
    constexpr std::uint64_t kEndOfTime = std::uint64_t{1} << 62U;  // 146 years
    if (!generation || !medium || !drive || drive_state == json.end()) {
        return wrong("generation, medium, drive or drive_state is missing or is not one");
    }
    if (!block_size || *block_size < 512 || *block_size > 65536 || !time || *time > kEndOfTime) {
        return wrong("block_size or time_ns is missing or out of range");
    }
    return NumberedState{
        .state = {.medium = *medium,
                  .drive = *drive,
                  .block_size = static_cast<std::uint32_t>(*block_size),
                  .time = Instant(Duration(static_cast<Duration::rep>(*time))),
                  .drive_state = drive_state->is_null() ? std::string() : drive_state->dump()},
        .generation = *generation,
    };
}

}  // namespace kiln::harness

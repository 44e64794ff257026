/// \file
/// kiln sim new, list and show: simulated drives that are kept.

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "harness/sim/medium_kind.h"
#include "harness/sim/personality.h"
#include "harness/sim/sim_folder.h"

#include "tools/kiln/drive_session.h"
#include "tools/kiln/units.h"
#include "tools/kiln/verbs.h"

namespace kiln::tools {
namespace {

constexpr std::uint64_t kBlockSize = 2048;

class MediaAndDrives final : public Answer {
public:
    struct Drive {
        harness::Personality personality;
        std::vector<std::string> media;  // that it writes
    };

    explicit MediaAndDrives(std::vector<Drive> drives) : drives_(std::move(drives)) {}

    [[nodiscard]] std::string event() const override { return "sim-list"; }
    [[nodiscard]] JsonObject json() const override {
        std::vector<JsonObject> drives;
        for (const Drive& drive : drives_) {
            JsonObject one;
            one.set("name", drive.personality.name)
                .set("summary", drive.personality.summary)
                .set("vendor", drive.personality.identity.vendor)
                .set("product", drive.personality.identity.product)
                .set("revision", drive.personality.identity.revision)
                .set("writes", drive.media);
            drives.push_back(std::move(one));
        }
        std::vector<JsonObject> media;
        for (const harness::MediumFacts& facts : harness::all_media()) {
            JsonObject one;
            one.set("name", facts.name)
                .set("caption", facts.caption)
                .set("profile", facts.profile)
                .set("blocks", facts.blocks)
                .set("writable", facts.writable)
                .set("rewritable", facts.rewritable);
            media.push_back(std::move(one));
        }
        JsonObject json;
        json.set("drives", drives).set("media", media);
        return json;
    }
    [[nodiscard]] std::string text() const override {
        std::string text = "personalities (drive=NAME):\n";
        for (const Drive& drive : drives_) {
            text += fmt::format("  {:<28} {}\n", drive.personality.name, drive.personality.summary);
        }
        text += "media (sim:MEDIUM):\n";
        for (const harness::MediumFacts& facts : harness::all_media()) {
            text +=
                fmt::format("  {:<28} {}{}\n", facts.name, facts.caption,
                            facts.blocks == 0 ? std::string()
                                              : ", " + words_for_bytes(facts.blocks * kBlockSize));
        }
        return text;
    }

private:
    std::vector<Drive> drives_;
};

class FolderAnswer final : public Answer {
public:
    FolderAnswer(std::string path, harness::FolderState state)
        : path_(std::move(path)), state_(std::move(state)) {}

    [[nodiscard]] std::string event() const override { return "sim-show"; }
    [[nodiscard]] JsonObject json() const override {
        JsonObject json;
        json.set("path", path_)
            .set("address", address())
            .set("medium", harness::facts_of(state_.medium).name)
            .set("drive", state_.drive)
            .set("block_size", state_.block_size)
            .set("drive_seconds",
                 std::chrono::duration<double>(state_.time.time_since_epoch()).count())
            .set("used", !state_.drive_state.empty());
        return json;
    }
    [[nodiscard]] std::string text() const override {
        return fmt::format(
            "{}\n  medium   {}\n  drive    {}\n  clock    {}\n  state    {}\n", address(),
            harness::facts_of(state_.medium).caption, state_.drive,
            words_for_time(state_.time.time_since_epoch()),
            state_.drive_state.empty() ? "as new" : "used; kiln info tells what is on the disc");
    }

private:
    /// A comma would begin the options of an address.
    [[nodiscard]] std::string address() const {
        std::string escaped;
        for (const char letter : path_) {
            escaped += letter == ',' ? std::string("%2c") : std::string(1, letter);
        }
        return fmt::format("sim:{}/", escaped);
    }

    std::string path_;
    harness::FolderState state_;
};

Problem problem_of(const std::string& doing, const harness::SimError& error) {
    if (error.kind == harness::SimError::Kind::Exists) {
        return unsuitable(doing, error.detail, stack::HResult::Fail);
    }
    return problem_from(doing, open_error_from(error));
}

std::string without_slash(std::string path) {
    while (path.size() > 1 && path.back() == '/') {
        path.pop_back();
    }
    return path;
}

}  // namespace

ExitStatus run(const Context& context, const SimNewArguments& arguments) {
    const std::string doing = "making " + arguments.path;
    const auto medium = harness::medium_named(arguments.medium);
    if (!medium) {
        return context.reporter.failed(unsuitable(
            doing, fmt::format("there is no medium '{}' (kiln sim list)", arguments.medium)));
    }
    const std::string path = without_slash(arguments.path);
    const auto made = harness::new_sim_folder(path, *medium, arguments.drive);
    if (!made) {
        return context.reporter.failed(problem_of(doing, made.error()));
    }
    const auto state = harness::SimFolder::peek(path);
    if (!state) {
        return context.reporter.failed(problem_of(doing, state.error()));
    }
    JsonObject details;
    details.set("path", path)
        .set("medium", harness::facts_of(state->medium).name)
        .set("drive", state->drive);
    return context.reporter.ended(
        {.words = fmt::format("made {}: {} in a {}", path, harness::facts_of(state->medium).caption,
                              state->drive),
         .details = details});
}

ExitStatus run(const Context& context, const SimListArguments& /*arguments*/) {
    std::vector<MediaAndDrives::Drive> drives;
    for (const std::string& name : harness::personality_names()) {
        auto personality = harness::find_personality(name);
        if (!personality) {
            context.reporter.on_warning(personality.error().detail);
            continue;
        }
        std::vector<std::string> writes;
        for (const harness::MediumSupport& support : personality->media) {
            if (support.writes) {
                writes.emplace_back(harness::facts_of(support.kind).name);
            }
        }
        drives.push_back({.personality = std::move(*personality), .media = std::move(writes)});
    }
    return context.reporter.answer(MediaAndDrives(std::move(drives)));
}

ExitStatus run(const Context& context, const SimShowArguments& arguments) {
    const std::string path = without_slash(arguments.path);
    auto state = harness::SimFolder::peek(path);
    if (!state) {
        return context.reporter.failed(problem_of("looking at " + path, state.error()));
    }
    return context.reporter.answer(FolderAnswer(path, std::move(*state)));
}

}  // namespace kiln::tools

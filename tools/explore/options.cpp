#include "tools/explore/options.h"

#include <charconv>
#include <iostream>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "stack/policy.h"

#include "harness/sim/medium_kind.h"
#include "harness/sim/personality.h"

namespace kiln::tools::explore {
namespace {

constexpr int kWrongUsage = 2;
constexpr int kNoSuchDrive = 4;
constexpr unsigned kMostJobs = 256;

/// Texts of options that become something else.
struct Texts {
    std::vector<std::string> media;
    std::vector<std::string> policies;
    std::vector<std::string> faces;
    std::string shard;
    std::string sample;
    std::string pairs = "1/16";
    std::string seconds = "1/512";
};

/// "I/N".
bool parse_part(std::string_view text, std::uint32_t& index, std::uint32_t& count) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) {
        return false;
    }
    const auto number = [](std::string_view digits, std::uint32_t& out) {
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), out);
        return error == std::errc{} && end == digits.data() + digits.size();
    };
    return number(text.substr(0, slash), index) && number(text.substr(slash + 1), count) &&
           count > 0;
}

std::string parse_one_of(std::string_view text, std::uint32_t& one_of) {
    std::uint32_t one = 1;
    if (text == "0" || text == "none") {
        one_of = 0;
        return {};
    }
    return parse_part(text, one, one_of) && one == 1
               ? std::string()
               : "a sample is \"1/N\" or \"none\", not \"" + std::string(text) + "\"";
}

/// What is wrong with names of media; empty: nothing.
std::string understand_media(const Texts& texts, harness::Selection& selection) {
    for (const std::string& name : texts.media) {
        const auto medium = harness::medium_named(name);
        if (!medium) {
            return "there is no medium \"" + name + "\"";
        }
        selection.media.push_back(*medium);
    }
    const std::string& drive = selection.personality;
    return drive.empty() || harness::find_personality(drive)
               ? std::string()
               : "there is no personality \"" + drive + "\"";
}

/// What is wrong with the rest; empty: nothing.
std::string understand(const Texts& texts, harness::Selection& selection) {
    for (const std::string& name : texts.policies) {
        const auto policy = stack::cancel_policy_named(name);
        if (!policy) {
            return "there is no policy \"" + name + "\"";
        }
        selection.policies.push_back(*policy);
    }
    for (const std::string& name : texts.faces) {
        if (name != "kiln" && name != "imapi") {
            return "there is no face \"" + name + "\"";
        }
        selection.faces.push_back(name == "kiln" ? harness::Face::Kiln : harness::Face::Imapi);
    }
    auto& shard = selection.shard;
    if (!texts.shard.empty() &&
        (!parse_part(texts.shard, shard.index, shard.count) || shard.index > shard.count)) {
        return "a shard is \"I/N\" with I from 1 to N, not \"" + texts.shard + "\"";
    }
    shard.index %= shard.count;  // who counts from 0 means the same parts
    auto& effort = selection.effort;
    for (const auto& [text, one_of] :
         {std::pair(&texts.pairs, &effort.pairs), std::pair(&texts.seconds, &effort.seconds)}) {
        if (auto error = parse_one_of(*text, *one_of); !error.empty()) {
            return error;
        }
    }
    if (!texts.sample.empty()) {
        std::uint32_t thinner = 1;
        if (auto error = parse_one_of(texts.sample, thinner); !error.empty() || thinner == 0) {
            return error.empty() ? "a sample of nothing" : error;
        }
        effort.singles *= thinner;
        effort.pairs *= thinner;
        effort.seconds *= thinner;
    }
    return {};
}

/// What is wrong with it; empty: nothing. A sign would be taken for a very large number.
std::string is_number(const std::string& text) {
    const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
    return digits ? std::string() : "a number from 0 on, not \"" + text + "\"";
}

std::string is_number_from_1(const std::string& text) {
    const bool any = text.find_first_not_of('0') != std::string::npos;
    return any && is_number(text).empty() ? std::string()
                                          : "a number from 1 on, not \"" + text + "\"";
}

Parsed wrong(const std::string& words, int status) {
    std::cerr << "kiln-explore: " << words << '\n';
    return {.options = {}, .exit_status = status};
}

bool is_anything_selected(const harness::Selection& selection) {
    for (const harness::Scenario& scenario : harness::selected_scenarios(selection)) {
        for (const auto policy : harness::policies_of(scenario)) {
            if (harness::selects(selection, policy)) {
                return true;
            }
        }
    }
    return false;
}

}  // namespace

Parsed parse_options(int argc, char** argv) {
    Parsed parsed;
    Options& options = parsed.options;
    Texts texts;
    CLI::App app("Cancels burns at every point, on simulated drives, and judges each run.",
                 "kiln-explore");
    app.add_option("--filter", options.selection.filter, "scenarios, MEDIUM/MODE, * is anything");
    app.add_option("--medium", texts.media, "only this medium; may be repeated");
    app.add_option("--policy", texts.policies, "only this cancel policy; may be repeated");
    app.add_option("--face", texts.faces, "only this face: kiln, imapi");
    app.add_option("--drive", options.selection.personality, "every scenario on this personality");
    app.add_option("--seed", options.selection.seed, "which ones a sample takes")->check(is_number);
    app.add_option("--shard", texts.shard, "I/N: part I of N");
    app.add_option("--limit", options.selection.limit, "runs at most, spread over all cases")
        ->check(is_number_from_1);
    app.add_option("--sample", texts.sample, "1/N of everything");
    app.add_option("--pairs", texts.pairs, "1/N of cancels with trouble beside them [1/16]");
    app.add_option("--seconds", texts.seconds, "1/N of second requests [1/512]");
    app.add_flag_callback(
        "--every-poll", [&] { options.selection.polls = harness::Polls::Every; },
        "cuts at polls that are like others too");
    app.add_option("--jobs", options.jobs, "processes; as many as cores")
        ->check(CLI::Range(1U, kMostJobs));
    app.add_option("--case", options.case_file, "one run, from a file");
    app.add_flag("--log", options.log, "of the case: every command, and what became of it");
    app.add_option("--svg", options.svg_file, "draw the cut points of the first scenario");
    app.add_option("--told", options.told, "kinds of findings that are printed [20]");
    app.add_option("--shrink", options.shrunk, "of those, how many are made small [3]");
    app.add_flag("--json", options.json, "JSON Lines");
    app.add_flag("--table", options.table, "times to release as a table in Markdown");
    app.add_flag("--list", options.list, "scenarios, and no run");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) {
            parsed.exit_status = app.exit(error);  // --help
            return parsed;
        }
        return wrong(error.what(), kWrongUsage);
    }
    if (const std::string error = understand_media(texts, options.selection); !error.empty()) {
        return wrong(error, kNoSuchDrive);
    }
    if (const std::string error = understand(texts, options.selection); !error.empty()) {
        return wrong(error, kWrongUsage);
    }
    if (options.case_file.empty() && !is_anything_selected(options.selection)) {
        return wrong("no scenario fits what is asked for", kWrongUsage);
    }
    return parsed;
}

}  // namespace kiln::tools::explore

#include "tools/explore/result.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "stack/policy.h"

#include "harness/sim/medium_kind.h"

namespace kiln::tools::explore {
namespace {

using harness::Cell;
using harness::Tally;
using nlohmann::json;

/// The members of a Tally that are sums.
constexpr std::pair<const char*, std::uint64_t Tally::*> kSums[] = {
    {"runs", &Tally::runs},
    {"distinct", &Tally::distinct},
    {"violations", &Tally::violations},
    {"completed", &Tally::completed},
    {"cancelled", &Tally::cancelled},
    {"failed", &Tally::failed},
    {"singles", &Tally::singles},
    {"pairs", &Tally::pairs},
    {"seconds", &Tally::seconds},
};

double median(std::vector<double> values) {
    if (values.empty()) {
        return 0;
    }
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

double worst(const std::vector<double>& values) {
    return values.empty() ? 0 : *std::max_element(values.begin(), values.end());
}

std::string_view medium_of(const Cell& cell) {
    return harness::facts_of(cell.medium).name;
}

json sums_of(const Tally& tally) {
    json it;
    for (const auto& [name, member] : kSums) {
        it[name] = tally.*member;
    }
    return it;
}

Tally total_of(const Result& result) {
    Tally total;
    for (const auto& [cell, tally] : result.tallies) {
        for (const auto& [name, member] : kSums) {
            total.*member += tally.*member;
        }
    }
    return total;
}

double fraction_of(const Result& result, const Tally& total) {
    const auto known = static_cast<double>(total.singles + total.pairs);
    return result.trials_in_full == 0 ? 0 : known / static_cast<double>(result.trials_in_full);
}

json summary_of(const Result& result) {
    const Tally total = total_of(result);
    std::set<std::string_view> media;
    std::set<std::string_view> policies;
    std::set<std::string_view> faces;
    for (const auto& [cell, tally] : result.tallies) {
        media.insert(medium_of(cell));
        policies.insert(stack::name_of(cell.policy));
        faces.insert(harness::name_of(cell.face));
    }
    json it = sums_of(total);
    it["event"] = "summary";
    it["cut_points"] = result.cut_points;
    it["media"] = media;
    it["policies"] = policies;
    it["faces"] = faces;
    it["fraction"] = fraction_of(result, total);
    it["seconds_taken"] = result.seconds;
    it["runs_per_second"] =
        result.seconds > 0 ? static_cast<double>(total.runs) / result.seconds : 0.0;
    return it;
}

}  // namespace

std::string to_json(const Result& result) {
    json all;
    all["cut_points"] = result.cut_points;
    all["trials_in_full"] = result.trials_in_full;
    all["violations"] = result.violations;
    for (const auto& [cell, tally] : result.tallies) {
        json it = sums_of(tally);
        it["medium"] = static_cast<int>(cell.medium);
        it["face"] = static_cast<int>(cell.face);
        it["policy"] = static_cast<int>(cell.policy);
        it["release_s"] = tally.release_s;
        it["bound_s"] = tally.bound_s;
        all["cells"].push_back(std::move(it));
    }
    for (const Found& found : result.found) {
        all["found"].push_back(
            {found.checker, found.words, found.scenario, found.trial, found.toml});
    }
    return all.dump();
}

Result from_json(const std::string& text) {
    Result result;
    const json all = json::parse(text, nullptr, false);
    if (all.is_discarded()) {
        result.violations["process"] = 1;
        result.found.push_back({.checker = "process",
                                .words = "a process ended without a result",
                                .scenario = {},
                                .trial = {},
                                .toml = {}});
        return result;
    }
    result.cut_points = all["cut_points"];
    result.trials_in_full = all["trials_in_full"];
    result.violations = all["violations"];
    for (const json& it : all.value("cells", json::array())) {
        Tally& tally =
            result.tallies[{.medium = static_cast<harness::MediumKind>(it["medium"].get<int>()),
                            .face = static_cast<harness::Face>(it["face"].get<int>()),
                            .policy = static_cast<stack::CancelPolicy>(it["policy"].get<int>())}];
        for (const auto& [name, member] : kSums) {
            tally.*member = it[name];
        }
        tally.release_s = it["release_s"].get<std::vector<double>>();
        tally.bound_s = it["bound_s"];
    }
    for (const json& it : all.value("found", json::array())) {
        result.found.push_back(
            {.checker = it[0], .words = it[1], .scenario = it[2], .trial = it[3], .toml = it[4]});
    }
    return result;
}

void add(Result& all, Result part) {
    all.cut_points = std::max(all.cut_points, part.cut_points);
    all.trials_in_full = std::max(all.trials_in_full, part.trials_in_full);
    for (const auto& [checker, count] : part.violations) {
        all.violations[checker] += count;
    }
    for (auto& [cell, tally] : part.tallies) {
        Tally& into = all.tallies[cell];
        for (const auto& [name, member] : kSums) {
            into.*member += tally.*member;
        }
        into.release_s.insert(into.release_s.end(), tally.release_s.begin(), tally.release_s.end());
        into.bound_s = std::max(into.bound_s, tally.bound_s);
    }
    for (Found& found : part.found) {
        const auto same = std::find_if(all.found.begin(), all.found.end(), [&](const Found& it) {
            return it.checker == found.checker;
        });
        if (same == all.found.end()) {
            all.found.push_back(std::move(found));
        }
    }
}

std::uint64_t violated_runs(const Result& result) {
    std::uint64_t sum = 0;
    for (const auto& [checker, count] : result.violations) {
        sum += count;
    }
    return sum;
}

std::string json_lines(const Result& result) {
    std::string lines;
    bool first = true;
    for (const auto& [cell, tally] : result.tallies) {
        json it = sums_of(tally);
        it["event"] = "cell";
        if (std::exchange(first, false)) {
            it["schema"] = 1;
        }
        it["medium"] = medium_of(cell);
        it["face"] = harness::name_of(cell.face);
        it["policy"] = stack::name_of(cell.policy);
        it["release_median_s"] = median(tally.release_s);
        it["release_worst_s"] = worst(tally.release_s);
        it["release_bound_s"] = tally.bound_s;
        lines += it.dump() + '\n';
    }
    for (const auto& [checker, count] : result.violations) {
        const auto found = std::find_if(result.found.begin(), result.found.end(),
                                        [&](const Found& it) { return it.checker == checker; });
        json it = {{"event", "violation"}, {"checker", checker}, {"runs", count}};
        if (found != result.found.end()) {
            it["words"] = found->words;
            it["scenario"] = found->scenario;
            it["trial"] = found->trial;
            it["case"] = found->toml;
        }
        lines += it.dump() + '\n';
    }
    return lines + summary_of(result).dump() + '\n';
}

std::string text(const Result& result) {
    std::string out = fmt::format("{:<11} {:<5} {:<16} {:>9} {:>9} {:>9} {:>7} {:>9} {:>9} {:>9}\n",
                                  "medium", "face", "policy", "runs", "distinct", "cancelled",
                                  "wrong", "median s", "worst s", "bound s");
    for (const auto& [cell, tally] : result.tallies) {
        out +=
            fmt::format("{:<11} {:<5} {:<16} {:>9} {:>9} {:>9} {:>7} {:>9.3f} {:>9.3f} {:>9.0f}\n",
                        medium_of(cell), harness::name_of(cell.face), stack::name_of(cell.policy),
                        tally.runs, tally.distinct, tally.cancelled, tally.violations,
                        median(tally.release_s), worst(tally.release_s), tally.bound_s);
    }
    for (const Found& found : result.found) {
        out += fmt::format("\n{}: {}\n# {}, {}\n{}\n", found.checker, found.words, found.scenario,
                           found.trial, found.toml);
    }
    const Tally total = total_of(result);
    out += fmt::format(
        "{} runs, {} distinct ({} cancels, {} with trouble, {} with a second request) at {} cut "
        "points; {:.4f} of all cancels and troubles; {} violations; {:.0f} s, {:.0f} runs a "
        "second\n",
        total.runs, total.distinct, total.singles, total.pairs, total.seconds, result.cut_points,
        fraction_of(result, total), violated_runs(result), result.seconds,
        result.seconds > 0 ? static_cast<double>(total.runs) / result.seconds : 0.0);
    return out;
}

}  // namespace kiln::tools::explore

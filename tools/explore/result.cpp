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

}  // namespace

std::string to_json(const Result& result) {
    json all;
    all["cut_points"] = result.cut_points;
    all["alike"] = result.alike;
    all["trials_in_full"] = result.trials_in_full;
    all["problems"] = result.problems;
    for (const auto& [cell, tally] : result.tallies) {
        json it = sums_of(tally);
        it["medium"] = static_cast<int>(cell.medium);
        it["face"] = static_cast<int>(cell.face);
        it["policy"] = static_cast<int>(cell.policy);
        it["release_s"] = tally.release_s;
        it["bound_s"] = tally.bound_s;
        it["points"] = tally.points;
        it["alike"] = tally.alike;
        all["cells"].push_back(std::move(it));
    }
    for (const auto& [key, found] : result.found) {
        all["found"].push_back({key.checker, key.scenario, key.beside, found.runs, found.words,
                                found.trial, found.toml});
    }
    return all.dump();
}

Result from_json(const std::string& text) {
    Result result;
    const json all = json::parse(text, nullptr, false);
    if (all.is_discarded()) {
        result.problems.emplace_back("a process ended without a result");
        return result;
    }
    result.cut_points = all["cut_points"];
    result.alike = all["alike"];
    result.trials_in_full = all["trials_in_full"];
    result.problems = all["problems"];
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
        tally.points = it["points"];
        tally.alike = it["alike"];
    }
    for (const json& it : all.value("found", json::array())) {
        result.found[{.checker = it[0], .scenario = it[1], .beside = it[2]}] = {
            .runs = it[3], .words = it[4], .trial = it[5], .toml = it[6]};
    }
    return result;
}

void add(Result& all, Result part) {
    all.cut_points = std::max(all.cut_points, part.cut_points);
    all.alike = std::max(all.alike, part.alike);
    all.trials_in_full = std::max(all.trials_in_full, part.trials_in_full);
    all.problems.insert(all.problems.end(), part.problems.begin(), part.problems.end());
    for (auto& [cell, tally] : part.tallies) {
        Tally& into = all.tallies[cell];
        for (const auto& [name, member] : kSums) {
            into.*member += tally.*member;
        }
        into.release_s.insert(into.release_s.end(), tally.release_s.begin(), tally.release_s.end());
        into.bound_s = std::max(into.bound_s, tally.bound_s);
        into.points = std::max(into.points, tally.points);
        into.alike = std::max(into.alike, tally.alike);
    }
    for (auto& [key, found] : part.found) {
        const auto [at, is_new] = all.found.emplace(key, found);
        at->second.runs += is_new ? 0 : found.runs;
    }
}

std::uint64_t violations(const Result& result) {
    return total_of(result).violations + result.problems.size();
}

std::string json_lines(const Result& result, std::size_t told) {
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
        it["cut_points"] = tally.points;
        it["alike_polls"] = tally.alike;
        it["release_median_s"] = median(tally.release_s);
        it["release_worst_s"] = worst(tally.release_s);
        it["release_bound_s"] = tally.bound_s;
        lines += it.dump() + '\n';
    }
    for (const auto& [key, found] : result.found) {
        if (told-- == 0) {
            break;
        }
        lines += json{{"event", "violation"}, {"checker", key.checker}, {"scenario", key.scenario},
                      {"beside", key.beside}, {"runs", found.runs},     {"words", found.words},
                      {"trial", found.trial}, {"case", found.toml}}
                     .dump() +
                 '\n';
    }
    for (const std::string& problem : result.problems) {
        lines += json{{"event", "problem"}, {"words", problem}}.dump() + '\n';
    }
    return lines;
}

namespace {

constexpr auto kTextRow = "{:<11} {:<5} {:<16} {:>9} {:>9} {:>9} {:>9} {:>7} {:>10} {:>10} {:>9}\n";

std::string found_text(const Result& result, std::size_t told) {
    std::string out;
    for (const auto& [key, found] : result.found) {
        if (told-- == 0) {
            return out + fmt::format("\n... of {} kinds of findings\n", result.found.size());
        }
        out += fmt::format("\n{}: {}, {}: {} runs: {}\n# {}\n{}", key.checker, key.scenario,
                           key.beside, found.runs, found.words, found.trial, found.toml);
    }
    return out;
}

}  // namespace

std::string text(const Result& result, std::size_t told) {
    std::string out =
        fmt::format(kTextRow, "medium", "face", "policy", "cancels", "troubles", "seconds",
                    "cancelled", "wrong", "median s", "worst s", "bound s");
    for (const auto& [cell, tally] : result.tallies) {
        out += fmt::format(
            kTextRow, medium_of(cell), harness::name_of(cell.face), stack::name_of(cell.policy),
            tally.singles, tally.pairs, tally.seconds, tally.cancelled, tally.violations,
            fmt::format("{:.3f}", median(tally.release_s)),
            fmt::format("{:.3f}", worst(tally.release_s)), fmt::format("{:.1f}", tally.bound_s));
    }
    out += found_text(result, told);
    for (const std::string& problem : result.problems) {
        out += "\n" + problem + '\n';
    }
    const Tally total = total_of(result);
    return out + fmt::format(
                     "{} runs, {} distinct ({} cancels, {} with trouble, {} with a second "
                     "request) at {} cut points, {} more at polls like others; {:.4f} of all "
                     "cancels and troubles; {} violations; {:.0f} s\n",
                     total.runs, total.distinct, total.singles, total.pairs, total.seconds,
                     result.cut_points, result.alike, fraction_of(result, total),
                     violations(result), result.seconds);
}

namespace {

std::string release_cell(const Result& result, const Cell& cell) {
    const auto found = result.tallies.find(cell);
    if (found == result.tallies.end()) {
        return " |";
    }
    const Tally& tally = found->second;
    return fmt::format(" {:.3g} / {:.3g} / {:.0f} |", median(tally.release_s),
                       worst(tally.release_s), tally.bound_s);
}

std::string points_of(const Result& result, const Cell& cell) {
    const auto found = result.tallies.find(cell);
    return found == result.tallies.end() ? "" : fmt::format("{}", found->second.points);
}

}  // namespace

std::string markdown(const Result& result) {
    using stack::CancelPolicy;
    std::string out = "| medium | cut points | WriteSection |";
    for (std::size_t i = 0; i < stack::kCancelPolicies; ++i) {
        out += fmt::format(" {} |", stack::name_of(static_cast<CancelPolicy>(i)));
    }
    out += " CancelWrite |\n|---|---|---|---|---|---|---|---|\n";
    std::set<harness::MediumKind> media;
    for (const auto& [cell, tally] : result.tallies) {
        media.insert(cell.medium);
    }
    for (const harness::MediumKind medium : media) {
        const Cell section{
            .medium = medium, .face = harness::Face::Imapi, .policy = CancelPolicy::FastestRelease};
        const Cell burns{.medium = medium, .face = harness::Face::Kiln, .policy = {}};
        out += fmt::format("| {} | {} | {} |", medium_of(burns), points_of(result, burns),
                           points_of(result, section));
        for (std::size_t i = 0; i < stack::kCancelPolicies; ++i) {
            out += release_cell(result, {.medium = medium,
                                         .face = harness::Face::Kiln,
                                         .policy = static_cast<CancelPolicy>(i)});
        }
        out += release_cell(result, section) + '\n';
    }
    return out;
}

std::string summary_line(const Result& result) {
    const Tally total = total_of(result);
    std::set<std::string_view> media;
    std::set<std::string_view> policies;
    std::set<std::string_view> faces;
    for (const auto& [cell, tally] : result.tallies) {
        media.insert(medium_of(cell));
        policies.insert(stack::name_of(cell.policy));
        faces.insert(harness::name_of(cell.face));
    }
    const double speed =
        result.seconds > 0 ? static_cast<double>(total.runs) / result.seconds : 0.0;
    return nlohmann::ordered_json{{"event", "summary"},
                                  {"runs", total.runs},
                                  {"distinct", total.distinct},
                                  {"cut_points", result.cut_points},
                                  {"media", media},
                                  {"policies", policies},
                                  {"faces", faces},
                                  {"fraction", fraction_of(result, total)},
                                  {"violations", violations(result)},
                                  {"runs_per_second", speed}}
               .dump() +
           '\n';
}

}  // namespace kiln::tools::explore

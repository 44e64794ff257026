#include "harness/testing/explore/explorer.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "stack/burn_machine.h"

#include "harness/sim/personality.h"
#include "harness/testing/checkers/checkers.h"

namespace kiln::harness {
namespace {

constexpr std::array kTroublesTaken = {
    Trouble::MediumError,   Trouble::NotReady, Trouble::Deferred,
    Trouble::UnitAttention, Trouble::TimeOut,  Trouble::LostAnswer,
    Trouble::LostDrive,     Trouble::PowerCut, Trouble::StreamError,
};
/// To CancelWrite it makes no difference whose thread it is.
constexpr std::array kWaysOfKiln = {Way::InPlace, Way::OtherThread, Way::Twice};
constexpr std::array kWaysOfImapi = {Way::InPlace, Way::Twice};

std::span<const Way> ways_of(Face face) {
    return face == Face::Kiln ? std::span<const Way>(kWaysOfKiln) : kWaysOfImapi;
}
/// Seconds are thinned twice, for what comes behind a cut costs a run to know: of so many at one
/// cut one is taken, and the cuts are thinned for the rest.
constexpr std::uint32_t kSecondsThere = 16;

/// FNV-1a: the same on every machine.
std::uint64_t hash_of(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char letter : text) {
        hash = (hash ^ static_cast<std::uint8_t>(letter)) * 0x100000001b3U;
    }
    return hash;
}

template <typename Value>
bool contains(const std::vector<Value>& values, Value value) {
    return values.empty() || std::find(values.begin(), values.end(), value) != values.end();
}

/// What was stated of kiln's face; of CancelWrite, a WRITE's deadline and an Update.
transports::Duration bound_of(const Evidence& evidence) {
    if (evidence.report) {
        return evidence.report->predicted.worst_case;
    }
    transports::Duration bound{};
    for (const SentCommand& sent : evidence.commands) {
        bound = std::max(bound, sent.timeout);
    }
    return bound + stack::kUpdateInterval;
}

double seconds_of(transports::Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

}  // namespace

bool selects(const Selection& selection, const Scenario& scenario) {
    return fits_glob(selection.filter, scenario.name) &&
           contains(selection.media, scenario.medium) && contains(selection.faces, scenario.face);
}

std::vector<Scenario> selected_scenarios(const Selection& selection) {
    std::vector<Scenario> selected;
    const auto personality = find_personality(selection.personality);
    for (const Scenario& scenario : all_scenarios()) {
        if (!selects(selection, scenario)) {
            continue;
        }
        if (selection.personality.empty()) {
            selected.push_back(scenario);
            continue;
        }
        const MediumSupport* const support =
            personality ? personality->support_for(scenario.medium) : nullptr;
        if (support != nullptr && support->writes && scenario.personality.empty()) {
            selected.push_back(scenario);
            selected.back().personality = selection.personality;
        }
    }
    return selected;
}

bool selects(const Selection& selection, stack::CancelPolicy policy) {
    return contains(selection.policies, policy);
}

struct Explorer::Case {
    const Scenario& scenario;
    const Prepared& prepared;
    stack::CancelPolicy policy;
    std::uint64_t hash;
    Tally& tally;
    std::unordered_set<std::uint64_t> seen;
    std::uint32_t commands = 0;  // of the run without a cancel
    Effort effort;
};

Explorer::Explorer(Selection selection, OnFinding on_finding, OnRun on_run, OnCase on_case)
    : selection_(std::move(selection)),
      on_finding_(std::move(on_finding)),
      on_run_(std::move(on_run)),
      on_case_(std::move(on_case)) {}

bool Explorer::is_over() const {
    return selection_.limit != 0 && runs_ >= over_at_;
}

bool Explorer::is_sampled(std::uint64_t hash, std::uint32_t one_of) const {
    return one_of != 0 && (hash ^ selection_.seed * 0x9e3779b97f4a7c15U) % one_of == 0;
}

void Explorer::explore() {
    std::vector<std::pair<Scenario, stack::CancelPolicy>> cases;
    for (const Scenario& scenario : selected_scenarios(selection_)) {
        for (const auto policy : policies_of(scenario)) {
            if (selects(selection_, policy)) {
                cases.emplace_back(scenario, policy);
            }
        }
    }
    std::string counted;  // the scenario whose points are
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const auto& [scenario, policy] = cases[i];
        if (on_case_) {
            on_case_(i, cases.size());
        }
        share_limit(i + 1, cases.size());
        if (is_over()) {
            continue;
        }
        const bool is_counted = std::exchange(counted, scenario.name) == scenario.name;
        const auto before = std::pair(points_, alike_);
        explore(scenario, policy);
        if (is_counted) {
            std::tie(points_, alike_) = before;
        }
    }
}

void Explorer::share_limit(std::size_t done, std::size_t cases) {
    // Where there are fewer runs than cases, it is every so many's turn.
    over_at_ = selection_.limit / cases * done + selection_.limit % cases * done / cases;
}

/// With a limit, what is taken of a case is spread over all of it.
void Explorer::thin_out(Case& it, std::size_t points) const {
    if (selection_.limit == 0) {
        return;
    }
    const auto part = [](std::size_t all, std::uint32_t one_of) {
        return one_of == 0 ? 0 : all / one_of;
    };
    const std::size_t expected =
        (part(points * ways_of(it.scenario.face).size(), it.effort.singles) +
         part(points * kTroublesTaken.size() * 2, it.effort.pairs) +
         part(points * points / 2, it.effort.seconds)) /
        selection_.shard.count;
    const auto thinner =
        static_cast<std::uint32_t>(expected / std::max<std::uint64_t>(1, over_at_ - runs_) + 1);
    it.effort.singles *= thinner;
    it.effort.pairs *= thinner;
    it.effort.seconds *= thinner;
}

void Explorer::explore(const Scenario& scenario, stack::CancelPolicy policy) {
    const auto prepared = prepare(scenario);
    if (!prepared) {
        on_finding_({.scenario = scenario,
                     .trial = {},
                     .violations = {{.checker = "scenario", .words = prepared.error()}}});
        return;
    }
    Tally& tally = tallies_[{.medium = scenario.medium, .face = scenario.face, .policy = policy}];
    Case it{.scenario = scenario,
            .prepared = *prepared,
            .policy = policy,
            .hash = hash_of(scenario.name + '@' + scenario.personality) ^
                    static_cast<std::uint64_t>(policy),
            .tally = tally,
            .seen = {},
            .commands = 0,
            .effort = selection_.effort};
    CutWorld whole(*prepared, {.policy = policy});
    (void)whole.run(CutWorld::Next::Skip);
    it.commands = whole.counts().commands;
    const auto [points, alike] = cut_points(whole, Since::Start, selection_.polls);
    points_ += points.size();
    alike_ += alike;
    tally.points += points.size();
    tally.alike += alike;
    trials_in_full_ += 1 + points.size() * ways_of(scenario.face).size() + pairs_at(it, points);
    if (it.hash % selection_.shard.count == selection_.shard.index) {
        take(it, {.policy = policy}, &Tally::singles);
    }
    thin_out(it, points.size());
    for (const CutPoint& point : points) {
        if (!is_over()) {
            at_point(it, point);
        }
    }
    tally.distinct += it.seen.size();
}

bool Explorer::is_there(const Case& it, std::uint32_t command) {
    return command > 0 && command <= it.commands;
}

std::uint64_t Explorer::pairs_at(const Case& it, const std::vector<CutPoint>& points) {
    std::uint64_t pairs = 0;
    for (const CutPoint& point : points) {
        for (const std::uint32_t at : {point.command, point.command + 1}) {
            pairs += is_there(it, at) ? kTroublesTaken.size() : 0;
        }
    }
    return pairs;
}

void Explorer::at_point(Case& it, const CutPoint& point) {
    const std::uint64_t hash = hash_of(Trial{.cut = point.cut, .policy = it.policy}, it.hash);
    if (hash % selection_.shard.count != selection_.shard.index) {
        return;
    }
    singles(it, point);
    if (it.effort.pairs != 0) {
        pairs(it, point);
    }
    const std::uint32_t one_of = it.effort.seconds;
    if (is_sampled(hash / selection_.shard.count, (one_of + kSecondsThere - 1) / kSecondsThere)) {
        seconds(it, point);
    }
}

void Explorer::singles(Case& it, const CutPoint& point) {
    for (const Way way : ways_of(it.scenario.face)) {
        const Trial trial{.cut = point.cut, .way = way, .policy = it.policy};
        if (is_sampled(hash_of(trial, it.hash), it.effort.singles)) {
            take(it, trial, &Tally::singles);
        }
    }
}

void Explorer::pairs(Case& it, const CutPoint& point) {
    for (const Trouble trouble : kTroublesTaken) {
        for (const std::uint32_t at : {point.command, point.command + 1}) {
            const Trial trial{
                .cut = point.cut, .policy = it.policy, .trouble = trouble, .trouble_at = at};
            if (is_there(it, at) && is_sampled(hash_of(trial, it.hash), it.effort.pairs)) {
                take(it, trial, &Tally::pairs);
            }
        }
    }
}

/// What comes behind the first cut is only known from a run with it.
void Explorer::seconds(Case& it, const CutPoint& point) {
    const Trial first{.cut = point.cut, .policy = it.policy};
    CutWorld world(it.prepared, first);
    if (world.run(CutWorld::Next::Skip).cancels.empty()) {
        return;
    }
    for (const CutPoint& again : cut_points(world, Since::FirstCancel, selection_.polls).points) {
        Trial trial = first;
        trial.again = again.cut;
        if (is_sampled(hash_of(trial, it.hash), std::min(it.effort.seconds, kSecondsThere))) {
            take(it, trial, &Tally::seconds);
        }
    }
}

void Explorer::take(Case& it, const Trial& trial, std::uint64_t Tally::* kind) {
    if (is_over()) {
        return;
    }
    CutWorld world(it.prepared, trial);
    const Evidence& evidence = world.run();
    auto violations = judge(evidence);
    ++runs_;
    ++it.tally.runs;
    ++(it.tally.*kind);
    it.seen.insert(hash_of(trial, it.hash));
    count(it, trial, world, !violations.empty());
    if (on_run_) {
        on_run_(it.scenario, trial, world);
    }
    if (!violations.empty()) {
        on_finding_({.scenario = it.scenario, .trial = trial, .violations = std::move(violations)});
    }
}

void Explorer::count(Case& it, const Trial& trial, const CutWorld& world, bool violated) {
    const Evidence& evidence = world.evidence();
    Tally& tally = it.tally;
    tally.violations += violated ? 1U : 0U;
    if (evidence.returned == stack::HResult::Ok) {
        ++tally.completed;
    } else if (evidence.returned != stack::HResult::RequestCancelled) {
        ++tally.failed;
    } else if (!evidence.cancels.empty()) {
        ++tally.cancelled;
        if (trial.trouble != Trouble::None || trial.again) {
            return;
        }
        tally.release_s.push_back(seconds_of(evidence.ended - evidence.cancels.front().at));
        tally.bound_s = std::max(tally.bound_s, seconds_of(bound_of(evidence)));
    }
}

}  // namespace kiln::harness

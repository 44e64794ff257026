#include "harness/testing/explore/shrink.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "harness/testing/explore/cut_points.h"
#include "harness/testing/explore/cut_world.h"

namespace kiln::harness {
namespace {

/// Cut points that are tried for one smaller scenario.
constexpr std::size_t kTried = 1500;

bool violates(const std::vector<Violation>& violations, const std::string& checker) {
    return std::any_of(violations.begin(), violations.end(),
                       [&](const Violation& it) { return it.checker == checker; });
}

/// The earliest cut with which the trial still violates: a smaller scenario has other numbers.
std::optional<Trial> earliest(const Scenario& scenario, const Trial& trial,
                              const std::string& checker, const Judge& judge) {
    const auto prepared = prepare(scenario);
    if (!prepared) {
        return std::nullopt;
    }
    const auto still = [&](const Trial& candidate) {
        CutWorld world(*prepared, candidate);
        return violates(judge(world.run()), checker);
    };
    if (!trial.cut) {
        return still(trial) ? std::optional(trial) : std::nullopt;
    }
    CutWorld whole(*prepared, Trial{.cut = {}, .policy = trial.policy, .again = {}});
    (void)whole.run(CutWorld::Next::Skip);
    const auto points = cut_points(whole, Since::Start, Polls::Every).points;
    const auto mine = std::find_if(points.begin(), points.end(), [&](const CutPoint& it) {
        return it.cut.where == trial.cut->where && it.cut.n == trial.cut->n;
    });
    const std::uint32_t command = mine == points.end() ? trial.trouble_at : mine->command;
    std::size_t tried = 0;
    for (const CutPoint& point : points) {
        Trial candidate = trial;
        candidate.cut = point.cut;
        if (trial.trouble != Trouble::None) {
            candidate.trouble_at = point.command + (trial.trouble_at > command ? 1U : 0U);
        }
        if (tried++ < kTried && still(candidate)) {
            return candidate;
        }
    }
    return std::nullopt;
}

using Change = void (*)(CaseFile&);

/// Each makes a case plainer, or leaves it as it is.
constexpr std::array<Change, 16> kChanges = {
    [](CaseFile& it) { it.trial.again.reset(); },
    [](CaseFile& it) { it.trial.trouble = Trouble::None, it.trial.trouble_at = 0; },
    [](CaseFile& it) { it.trial.way = Way::InPlace; },
    [](CaseFile& it) { it.scenario.personality.clear(); },
    [](CaseFile& it) { it.scenario.options.verify = false; },
    [](CaseFile& it) { it.scenario.options.eject = false; },
    [](CaseFile& it) { it.scenario.options.close = false; },
    [](CaseFile& it) { it.scenario.options.simulate = false; },
    [](CaseFile& it) { it.scenario.holds_data = it.scenario.options.append = false; },
    [](CaseFile& it) { it.scenario.size_known = true; },
    [](CaseFile& it) { it.scenario.read_time = {}; },
    [](CaseFile& it) { it.scenario.buffer_bytes = 0; },
    [](CaseFile& it) { it.scenario.slots = 2; },
    [](CaseFile& it) { it.scenario.bytes = std::min<std::uint64_t>(it.scenario.bytes, 2048); },
    [](CaseFile& it) {
        it.scenario.bytes = std::min<std::uint64_t>(it.scenario.bytes,
                                                    std::uint64_t{it.scenario.chunk_blocks} * 2048);
    },
    [](CaseFile& it) { it.scenario.bytes = (it.scenario.bytes / 2 + 2047) / 2048 * 2048; },
};

}  // namespace

std::vector<Violation> run_case(const CaseFile& it, const Judge& judge) {
    const auto prepared = prepare(it.scenario);
    if (!prepared) {
        return {{.checker = "scenario", .words = prepared.error()}};
    }
    CutWorld world(*prepared, it.trial);
    return judge(world.run());
}

CaseFile shrink(CaseFile it, const std::string& checker, const Judge& judge) {
    for (const Change change : kChanges) {
        CaseFile plainer = it;
        change(plainer);
        if (to_toml(plainer) == to_toml(it)) {
            continue;
        }
        if (violates(run_case(plainer, judge), checker)) {
            it = std::move(plainer);
        } else if (auto trial = earliest(plainer.scenario, plainer.trial, checker, judge)) {
            it = {.scenario = std::move(plainer.scenario), .trial = *std::move(trial)};
        }
    }
    if (!it.trial.again) {
        if (auto trial = earliest(it.scenario, it.trial, checker, judge)) {
            it.trial = *std::move(trial);
        }
    }
    return it;
}

}  // namespace kiln::harness

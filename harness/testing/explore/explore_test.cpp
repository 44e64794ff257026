// The exhaustive suites: a case for each medium, mode and policy, which takes every cut of it. In
// every run a sample; with KILN_TEST_LONG much more. All of it is kiln-explore's.

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <gtest/gtest.h>

#include "stack/policy.h"

#include "harness/testing/explore/explorer.h"
#include "harness/testing/explore/scenario.h"

namespace kiln::harness {
namespace {

using stack::CancelPolicy;

struct SuiteCase {
    const Scenario* scenario = nullptr;
    CancelPolicy policy{};
};

std::vector<SuiteCase> all_cases() {
    std::vector<SuiteCase> cases;
    for (const Scenario& scenario : all_scenarios()) {
        for (const CancelPolicy policy : policies_of(scenario)) {
            cases.push_back({.scenario = &scenario, .policy = policy});
        }
    }
    return cases;
}

std::string name_of_case(const testing::TestParamInfo<SuiteCase>& info) {
    std::string name = fmt::format("{}_{}_{}", name_of(info.param.scenario->face),
                                   info.param.scenario->name, stack::name_of(info.param.policy));
    for (char& letter : name) {
        letter = letter == '+' ? 'p' : std::isalnum(letter) != 0 ? letter : '_';
    }
    return name;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint32_t kThinner = 10;
#else
constexpr std::uint32_t kThinner = 1;
#endif

/// Cancels alone, with trouble beside them, and second requests: of each one of so many.
Effort effort_here() {
    if (std::getenv("KILN_TEST_LONG") != nullptr) {
        return {.singles = 8 * kThinner, .pairs = 150 * kThinner, .seconds = 4'000 * kThinner};
    }
    return {.singles = 60 * kThinner, .pairs = 1'000 * kThinner, .seconds = 60'000 * kThinner};
}

/// What all cases did together, told at the end.
class Explored : public testing::Environment {
public:
    void TearDown() override {
        if (trials > 0) {
            std::cout << fmt::format(
                "explored {} runs; {} cut points, {} cancels and pairs in full: 1 of {:.0f}\n",
                runs, points, trials, static_cast<double>(trials) / static_cast<double>(runs));
        }
    }
    std::uint64_t runs = 0;
    std::uint64_t points = 0;
    std::uint64_t trials = 0;
};

Explored& explored() {
    static auto* const kExplored =
        static_cast<Explored*>(testing::AddGlobalTestEnvironment(new Explored));
    return *kExplored;
}

class Explore : public testing::TestWithParam<SuiteCase> {};

INSTANTIATE_TEST_SUITE_P(Every, Explore, testing::ValuesIn(all_cases()), name_of_case);

TEST_P(Explore, CutIsAsItShouldBe) {
    constexpr std::size_t kTold = 3;
    std::size_t found = 0;
    Explorer explorer({.effort = effort_here()}, [&](const Finding& finding) {
        for (const Violation& violation : finding.violations) {
            if (found++ < kTold) {
                ADD_FAILURE() << finding.scenario.name << ", " << words_of(finding.trial) << ": "
                              << violation.checker << ": " << violation.words;
            }
        }
    });
    explorer.explore(*GetParam().scenario, GetParam().policy);
    EXPECT_EQ(found, 0U) << "violations, of which the first are above";
    EXPECT_GT(explorer.points(), 10U);
    explored().runs += explorer.runs();
    explored().points += explorer.points();
    explored().trials += explorer.trials_in_full();
}

}  // namespace
}  // namespace kiln::harness

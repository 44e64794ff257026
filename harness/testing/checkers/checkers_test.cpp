// Each checker accepts good runs, and refuses spoiled ones.

#include "harness/testing/checkers/checkers.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "harness/testing/checkers/seen.h"
#include "harness/testing/checkers/spoiled.h"

namespace kiln::harness {
namespace {

std::string told(const std::vector<Violation>& violations) {
    std::string text;
    for (const Violation& it : violations) {
        text += "\n  " + it.checker + ": " + it.words;
    }
    return text;
}

bool refuses(const std::vector<Violation>& violations, std::string_view checker) {
    return std::any_of(violations.begin(), violations.end(),
                       [checker](const Violation& it) { return it.checker == checker; });
}

std::vector<Spoiled> all_spoiled() {
    std::vector<Spoiled> all;
    for (const auto part :
         {spoiled_results(), spoiled_answers(), spoiled_cancels(), spoiled_ends(), spoiled_media(),
          spoiled_updates(), spoiled_orders(), spoiled_retries()}) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

TEST(Checkers, AcceptGoodRuns) {
    for (std::size_t i = 0; i < kGoodRuns; ++i) {
        EXPECT_EQ(told(judge(good_run(static_cast<Good>(i)))), "") << "good run " << i;
    }
}

TEST(Checkers, RefuseSpoiledRuns) {
    for (const Spoiled& it : all_spoiled()) {
        Evidence evidence = good_run(it.run);
        it.spoil(evidence);
        const auto violations = judge(evidence);
        EXPECT_TRUE(refuses(violations, it.checker))
            << it.checker << ": " << it.how << told(violations);
        for (const Violation& violation : violations) {
            EXPECT_FALSE(violation.words.empty()) << violation.checker;
        }
    }
}

TEST(Checkers, EachRefusesSomethingSpoiled) {
    std::set<std::string_view> refused;
    for (const Spoiled& it : all_spoiled()) {
        refused.insert(it.checker);
    }
    for (const Checker& it : checkers()) {
        EXPECT_EQ(refused.count(it.name), 1U) << it.name << " has nothing that it refuses";
        refused.erase(it.name);
    }
    EXPECT_TRUE(refused.empty()) << *refused.begin() << " is no checker";
}

TEST(Checkers, HaveNamesAndDemandsOfTheirOwn) {
    std::set<std::string_view> names;
    std::set<std::string_view> demands;
    for (const Checker& it : checkers()) {
        EXPECT_TRUE(names.insert(it.name).second) << it.name;
        EXPECT_TRUE(demands.insert(it.demands).second) << it.demands;
        EXPECT_NE(it.look, nullptr) << it.name;
    }
}

TEST(Checkers, StandInTheReadmeAsTheyAreInTheTable) {
    const char* const fixtures = std::getenv("KILN_FIXTURES");
    if (fixtures == nullptr) {
        GTEST_SKIP() << "KILN_FIXTURES is not set";
    }
    const std::ifstream file(std::string(fixtures) + "/../harness/README.md");
    std::stringstream readme;
    readme << file.rdbuf();
    for (const Checker& it : checkers()) {
        const std::string row = "| `" + std::string(it.name) + "` | " + std::string(it.demands) +
                                " | " + words_of(it.where) + " |\n";
        EXPECT_NE(readme.str().find(row), std::string::npos) << row;
    }
}

/// Faces, policies, ends and troubles without a demand would be places where anything goes.
TEST(Checkers, DemandSomethingWhereverARunEnds) {
    using namespace checks;
    for (const unsigned asked :
         {kNoCancel, kMakeReadable, kLeaveResumable, kFastestRelease, kEmergency, kCancelWrite}) {
        for (const unsigned end : {kCompleted, kCancelled, kFailed}) {
            for (const unsigned trouble : {kClean, kFault, kLost}) {
                const auto where = static_cast<Where>((asked == kCancelWrite ? kImapi : kKiln) |
                                                      asked | end | trouble | kBurns);
                const auto demands = std::count_if(
                    checkers().begin(), checkers().end(),
                    [where](const Checker& it) { return (it.where & where) == where; });
                EXPECT_GE(demands, 10) << std::hex << where;
            }
        }
    }
}

}  // namespace
}  // namespace kiln::harness

// Cancels that meet trouble, on two media: a quick sample, in which seeded faults show themselves.

#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "stack/policy.h"

#include "harness/sim/medium_kind.h"
#include "harness/testing/checkers/checkers.h"
#include "harness/testing/explore/cut_points.h"
#include "harness/testing/explore/cut_world.h"
#include "harness/testing/explore/scenario.h"

namespace kiln::harness {
namespace {

using stack::CancelPolicy;

constexpr std::size_t kTold = 3;

Scenario scenario_of(MediumKind medium) {
    // A CD's track is filled up to 300 blocks: in larger pieces.
    const bool cd = facts_of(medium).family == MediumFamily::Cd;
    return {.name = std::string(facts_of(medium).name),
            .medium = medium,
            .bytes = std::uint64_t{cd ? 64U : 5U} * 2048,
            .chunk_blocks = cd ? 16U : 2U};
}

std::string name_for(const testing::TestParamInfo<std::tuple<MediumKind, CancelPolicy>>& it) {
    const bool cd = std::get<0>(it.param) == MediumKind::CdR;
    std::string name(cd ? "cd_r_" : "bd_r_");
    for (const char letter : name_of(std::get<1>(it.param))) {
        name += letter == '-' ? '_' : letter;
    }
    return name;
}

class Troubled : public testing::TestWithParam<std::tuple<MediumKind, CancelPolicy>> {
protected:
    Troubled() {
        CutWorld whole(prepared_, {.policy = policy()});
        (void)whole.run(CutWorld::Next::Skip);
        points_ = cut_points(whole, Since::Start).points;
        commands_ = whole.counts().commands;
    }

    [[nodiscard]] MediumKind medium() const { return std::get<0>(GetParam()); }
    [[nodiscard]] CancelPolicy policy() const { return std::get<1>(GetParam()); }

    void expect_good(const Trial& trial) {
        CutWorld world(prepared_, trial);
        for (const Violation& violation : judge(world.run())) {
            if (found_++ < kTold) {
                ADD_FAILURE() << words_of(trial) << ": " << violation.checker << ": "
                              << violation.words;
            }
        }
    }

    Prepared prepared_ = prepare(scenario_of(medium())).value();
    std::vector<CutPoint> points_;
    std::uint32_t commands_ = 0;
    std::size_t found_ = 0;
};

/// Every WRITE and what comes behind it meets each trouble, with the cancel at or before it.
TEST_P(Troubled, CancelsAreAsTheyShouldBe) {
    std::size_t turn = 0;
    for (const Trouble trouble : {Trouble::MediumError, Trouble::NotReady, Trouble::UnitAttention,
                                  Trouble::TimeOut, Trouble::LostAnswer, Trouble::LostDrive}) {
        for (std::size_t i = turn++; i < points_.size(); i += 17) {
            const std::uint32_t at = points_[i].command + static_cast<std::uint32_t>(i % 2);
            if (at > 0 && at <= commands_) {
                expect_good({.cut = points_[i].cut,
                             .policy = policy(),
                             .trouble = trouble,
                             .trouble_at = at});
            }
        }
    }
    EXPECT_EQ(found_, 0U);
}

INSTANTIATE_TEST_SUITE_P(
    Seeded, Troubled,
    testing::Combine(testing::Values(MediumKind::CdR, MediumKind::BdR),
                     testing::Values(CancelPolicy::MakeReadable, CancelPolicy::LeaveResumable,
                                     CancelPolicy::FastestRelease, CancelPolicy::Emergency)),
    name_for);

}  // namespace
}  // namespace kiln::harness

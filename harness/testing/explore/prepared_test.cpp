// What was done to a medium on another day, and what it makes of the job that is looked at.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "harness/testing/checkers/checkers.h"
#include "harness/testing/explore/cut_world.h"
#include "harness/testing/explore/scenario.h"

namespace kiln::harness {
namespace {

Evidence run_of(const Scenario& scenario) {
    const Prepared prepared = prepare(scenario).value();
    CutWorld world(prepared);
    return world.run();
}

const Medium& medium_before(const Evidence& evidence) {
    return *evidence.before->view().medium;
}

bool violates(const Evidence& evidence, std::string_view checker) {
    const auto violations = judge(evidence);
    return std::any_of(violations.begin(), violations.end(),
                       [&](const Violation& it) { return it.checker == checker; });
}

TEST(Prepared, ABurnThatWasLeftOpenIsContinued) {
    Scenario scenario{.name = "bd-r/left-open", .left_open = true};
    scenario.options.append = true;
    const Evidence evidence = run_of(scenario);
    EXPECT_EQ(medium_before(evidence).last_session, SessionState::Incomplete);
    EXPECT_GT(medium_before(evidence).tracks.front().recorded, 0U);
    EXPECT_EQ(evidence.report->outcome, stack::Outcome::Completed);
    EXPECT_TRUE(judge(evidence).empty());
}

/// Cancelled in the phase that is told just before.
TEST(Prepared, WhatWasLeftOpenIsNotClosedBehindACancel) {
    Scenario scenario{.name = "dvd-r/left-open", .medium = MediumKind::DvdR, .left_open = true};
    scenario.options.append = true;
    const Prepared prepared = prepare(scenario).value();
    CutWorld world(prepared, {.cut = Cut{.where = Where::InPhase, .n = 2},
                              .policy = stack::CancelPolicy::LeaveResumable});
    Evidence evidence = world.run();
    EXPECT_EQ(evidence.report->outcome, stack::Outcome::Cancelled);
    EXPECT_TRUE(judge(evidence).empty());
    const std::size_t behind = evidence.cancels.front().commands_before;
    SentCommand close = evidence.commands.at(behind);
    const std::uint8_t cdb[] = {0x5B, 1, 1, 0, 0, 1, 0, 0, 0, 0};
    close.cdb = cdb;
    close.never_reset = true;
    evidence.commands.insert(evidence.commands.begin() + static_cast<std::ptrdiff_t>(behind),
                             close);
    EXPECT_TRUE(violates(evidence, "cancel/left-open"));
    EXPECT_TRUE(violates(evidence, "cancel/unprepared"));
}

TEST(Prepared, WhatWasLeftOpenIsClosedForAJobThatComes) {
    Scenario scenario{.name = "dvd-r/left-open", .medium = MediumKind::DvdR, .left_open = true};
    scenario.options.append = true;
    const Prepared prepared = prepare(scenario).value();
    const auto is_close = [](const SentCommand& it) { return it.cdb[0] == 0x5B; };
    const Evidence plain = run_of(scenario);
    const auto close = std::find_if(plain.commands.begin(), plain.commands.end(), is_close);
    const auto number = static_cast<std::uint32_t>(close - plain.commands.begin()) + 1;
    const Trial busy{.trouble = Trouble::NotReady, .trouble_at = number};

    Trial cancelled = busy;
    cancelled.cut = Cut{.where = Where::AtCompletion, .n = number};
    CutWorld given_up(prepared, cancelled);
    EXPECT_EQ(given_up.run().report->outcome, stack::Outcome::Cancelled);
    EXPECT_TRUE(judge(given_up.evidence()).empty());

    CutWorld world(prepared, busy);
    Evidence evidence = world.run();
    EXPECT_EQ(evidence.report->outcome, stack::Outcome::Completed);
    EXPECT_TRUE(judge(evidence).empty());
    const auto asks = [&](const SentCommand& it) {
        return is_close(it) || it.cdb[0] == 0x00 || it.cdb[0] == 0x51 || it.cdb[0] == 0x52;
    };
    const auto behind = evidence.commands.begin() + static_cast<std::ptrdiff_t>(number);
    evidence.commands.erase(std::remove_if(behind, evidence.commands.end(), asks),
                            evidence.commands.end());
    EXPECT_TRUE(violates(evidence, "retry/busy"));
}

TEST(Prepared, ABackgroundFormatOfAnotherDayIsStoppedToo) {
    Evidence evidence = run_of({.name = "dvd+rw/formatted",
                                .medium = MediumKind::DvdPlusRw,
                                .formatted = true,
                                .bytes = 32 * 2048,
                                .chunk_blocks = 16});
    EXPECT_EQ(medium_before(evidence).background, BackgroundFormat::Running);
    EXPECT_TRUE(judge(evidence).empty());
    std::erase_if(evidence.commands, [](const SentCommand& it) { return it.cdb[0] == 0x5B; });
    EXPECT_TRUE(violates(evidence, "result/complete")) << "the format was not stopped";
}

TEST(Prepared, ATestWriteOfAWholeDiscReservesNothing) {
    Scenario scenario{.name = "dvd-r/simulate-close", .medium = MediumKind::DvdR};
    scenario.options.simulate = true;
    scenario.options.close = true;
    const Evidence evidence = run_of(scenario);
    EXPECT_EQ(evidence.report->outcome, stack::Outcome::Completed);
    EXPECT_EQ(*evidence.after->view().medium, medium_before(evidence)) << "nothing was written";
    EXPECT_TRUE(judge(evidence).empty());
}

TEST(Prepared, WhatCannotBePreparedIsSaid) {
    const auto prepared =
        prepare({.name = "cd-r/formatted", .medium = MediumKind::CdR, .formatted = true});
    ASSERT_FALSE(prepared);
    EXPECT_NE(prepared.error().find("the earlier format"), std::string::npos) << prepared.error();
}

/// Blocks of the first of two layers.
std::int32_t first_layer(const Medium& medium) {
    return static_cast<std::int32_t>(medium.layer_break_set ? medium.layer_break
                                                            : medium.unformatted / 2);
}

TEST(Prepared, WhatIsForTheSecondLayerIsWrittenOnBoth) {
    std::set<MediumKind> met;
    for (const Scenario& scenario : all_scenarios()) {
        if (!fits_glob("*layer*", scenario.name)) {
            continue;
        }
        const Evidence evidence = run_of(scenario);
        const Medium& after = *evidence.after->view().medium;
        const Track& track = after.tracks.at(evidence.report->disc.tracks - 1);
        EXPECT_EQ(evidence.report->outcome, stack::Outcome::Completed) << scenario.name;
        EXPECT_LT(track.start, first_layer(after)) << scenario.name;
        EXPECT_GT(track.start + static_cast<std::int32_t>(track.recorded), first_layer(after))
            << scenario.name;
        EXPECT_EQ(after.layer_break_set, scenario.options.close) << scenario.name;
        met.insert(scenario.medium);
    }
    EXPECT_EQ(met, (std::set{MediumKind::DvdRDl, MediumKind::DvdPlusRDl, MediumKind::BdRDl}));
}

}  // namespace
}  // namespace kiln::harness

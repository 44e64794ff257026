// Real burns under the checkers: every medium and policy, with the cancel at every command.

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "transports/faults/fault.h"

#include "stack/hresult.h"
#include "stack/outcome.h"
#include "stack/policy.h"

#include "harness/sim/medium_kind.h"
#include "harness/testing/checkers/checkers.h"
#include "harness/testing/checkers/recorded_burn.h"
#include "harness/testing/checkers/recorded_section.h"
#include "harness/testing/checkers/seen.h"
#include "harness/testing/checkers/spoiled.h"
#include "harness/testing/effort.h"

namespace kiln::harness {
namespace {

std::string told(const std::vector<Violation>& violations) {
    std::string text;
    for (const Violation& it : violations) {
        text += "\n  " + it.checker + ": " + it.words;
    }
    return text;
}

std::string name_for(const ::testing::TestParamInfo<MediumKind>& info) {
    std::string name;
    for (const char letter : facts_of(info.param).name) {
        name += letter == '+' ? 'p' : letter == '-' ? '_' : letter;
    }
    return name;
}

std::vector<MediumKind> writable_media() {
    std::vector<MediumKind> kinds;
    for (const MediumFacts& facts : all_media()) {
        if (facts.writable) {
            kinds.push_back(facts.kind);
        }
    }
    return kinds;
}

class RealRuns : public ::testing::TestWithParam<MediumKind> {};
INSTANTIATE_TEST_SUITE_P(Checkers, RealRuns, ::testing::ValuesIn(writable_media()), name_for);

TEST_P(RealRuns, WithoutACancelAreAsTheyShouldBe) {
    for (const bool close : {false, true}) {
        const RecordedBurn job{.medium = GetParam(), .options = {.close = close}};
        RecordedWorld world(job.medium);
        Evidence evidence = world.run(job);
        evidence.next_outcome = world.run_next(job);
        EXPECT_EQ(told(judge(evidence)), "") << "close " << close;
    }
}

TEST_P(RealRuns, CancelledAtAnyCommandAreAsTheyShouldBe) {
    const std::size_t commands = recorded(RecordedBurn{.medium = GetParam()}).commands.size();
    const std::size_t stride = ::kiln::harness::testing::effort(1) > 1 ? 1 : 29;
    for (std::size_t policy = 0; policy < stack::kCancelPolicies; ++policy) {
        for (std::size_t at = policy % stride; at < commands; at += stride) {
            const auto wanted = static_cast<stack::CancelPolicy>(policy);
            const Evidence evidence =
                recorded({.medium = GetParam(), .cancels = {{.policy = wanted, .command = at}}});
            EXPECT_EQ(told(judge(evidence)), "")
                << name_of(wanted) << " at command " << at << " of " << commands;
        }
    }
}

/// Make-readable in the second WRITE, and a graver request at any command behind it.
TEST_P(RealRuns, EscalatedAtAnyCommandAreAsTheyShouldBe) {
    RecordedBurn job{.medium = GetParam()};
    const std::size_t second = nth(recorded(job), checks::Act::Write, 1);
    job.cancels = {{.policy = stack::CancelPolicy::MakeReadable, .command = second}};
    const std::size_t commands = recorded(job).commands.size();
    const std::size_t stride = ::kiln::harness::testing::effort(1) > 1 ? 1 : 17;
    for (const auto policy :
         {stack::CancelPolicy::FastestRelease, stack::CancelPolicy::Emergency}) {
        const std::size_t first = second + 1 + static_cast<std::size_t>(policy);
        for (std::size_t at = first; at < commands; at += stride) {
            RecordedBurn graver = job;
            graver.cancels.push_back({.policy = policy, .command = at});
            EXPECT_EQ(told(judge(recorded(graver))), "")
                << name_of(policy) << " at command " << at << " of " << commands;
        }
    }
}

/// Media that a section can be written on without any preparation.
TEST(RealSection, CancelledAtAnyCommandIsAsItShouldBe) {
    for (const MediumKind kind : {MediumKind::BdR, MediumKind::DvdPlusR, MediumKind::DvdRam}) {
        const std::size_t commands = recorded_section({.medium = kind}).commands.size();
        EXPECT_EQ(commands, 4U) << "100 blocks are four WRITEs, and nothing else is sent";
        for (std::size_t at = 0; at < commands; ++at) {
            for (const std::size_t again : {at, at + 1}) {
                const Evidence evidence =
                    recorded_section({.medium = kind, .cancel_commands = {at, again}});
                EXPECT_EQ(told(judge(evidence)), "") << facts_of(kind).name << " command " << at;
                EXPECT_EQ(evidence.returned == stack::HResult::RequestCancelled, at + 1 < commands);
            }
        }
    }
}

TEST(RealSection, CancelledInAnyUpdateIsAsItShouldBe) {
    const SectionJob job{.medium = MediumKind::DvdPlusR, .blocks = 6000};
    const std::size_t updates = recorded_section(job).updates.size();
    ASSERT_GT(updates, 2U) << "some come while it is written";
    for (std::size_t at = 0; at < updates; ++at) {
        SectionJob cancelled = job;
        cancelled.cancel_updates = {at};
        const Evidence evidence = recorded_section(cancelled);
        EXPECT_EQ(told(judge(evidence)), "") << "Update " << at << " of " << updates;
    }
}

/// Index of the last WRITE of a burn that nobody cancels.
std::size_t last_write_on(MediumKind kind) {
    const Evidence plain = recorded(RecordedBurn{.medium = kind});
    return checks::Run(plain).last_write;
}

TEST(RealRun, WithACancelTooLateToLeaveAnythingOutIsCompleted) {
    struct Late {
        MediumKind medium;
        stack::CancelPolicy policy;
    };
    for (const Late& late : {Late{MediumKind::CdR, stack::CancelPolicy::MakeReadable},
                             Late{MediumKind::BdRe, stack::CancelPolicy::LeaveResumable},
                             Late{MediumKind::DvdRam, stack::CancelPolicy::FastestRelease}}) {
        const Evidence evidence =
            recorded({.medium = late.medium,
                      .cancels = {{.policy = late.policy, .command = last_write_on(late.medium)}}});
        EXPECT_EQ(evidence.report->outcome, stack::Outcome::Completed)
            << facts_of(late.medium).name << ' ' << name_of(late.policy);
        EXPECT_EQ(told(judge(evidence)), "");
    }
}

/// The stop of a format that is over meanwhile is not asked of what comes next.
TEST(RealRun, CancelledInTheLastPollOfAFormatFlushesInPeace) {
    const Evidence plain = recorded(RecordedBurn{.medium = MediumKind::DvdPlusRw});
    const checks::Run run(plain);
    std::size_t poll = run.first_write;
    while (run.commands[poll].act != checks::Act::Poll) {
        --poll;
    }
    const Evidence evidence =
        recorded({.medium = MediumKind::DvdPlusRw,
                  .cancels = {{.policy = stack::CancelPolicy::LeaveResumable, .command = poll}},
                  .fault = transports::Fault{.first = poll + 1,
                                             .last = poll + 1,
                                             .kind = transports::Delay{std::chrono::seconds(20)}}});
    EXPECT_EQ(evidence.report->outcome, stack::Outcome::Cancelled);
    EXPECT_EQ(told(judge(evidence)), "");
}

}  // namespace
}  // namespace kiln::harness

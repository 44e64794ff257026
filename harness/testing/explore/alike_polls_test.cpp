// Which polls are looked at, and that those which are not are like those which are.

#include "harness/testing/explore/alike_polls.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "stack/policy.h"

#include "harness/testing/checkers/checkers.h"
#include "harness/testing/explore/cut_points.h"
#include "harness/testing/explore/cut_world.h"
#include "harness/testing/explore/scenario.h"

namespace kiln::harness {
namespace {

using std::chrono::milliseconds;
using transports::Instant;

constexpr std::uint32_t kBusy = 0x020407;

/// A log in which every command takes 1 ms and is followed by a pause.
class Log {
public:
    void command(const CdbBytes& cdb, std::uint32_t sense = 0, milliseconds pause = {}) {
        SentCommand& sent = commands.emplace_back();
        sent.cdb = cdb;
        sent.start = now;
        sent.end = now + milliseconds(1);
        sent.status = sense != 0 ? std::uint8_t{2} : std::uint8_t{0};
        sent.sense = sense;
        now = sent.end + pause;
    }
    void round(milliseconds pause) {
        command({0x00, 0, 0, 0, 0, 0}, kBusy);
        command({0x03, 0, 0, 0, 18, 0}, 0, pause);
    }
    /// Numbers, from 0, of the commands that are not looked at.
    [[nodiscard]] std::vector<std::size_t> passed_over() const {
        const auto looked = looked_at(commands, now);
        std::vector<std::size_t> numbers;
        for (std::size_t i = 0; i < looked.size(); ++i) {
            if (!looked[i]) {
                numbers.push_back(i);
            }
        }
        return numbers;
    }

    std::vector<SentCommand> commands;
    Instant now{};
};

TEST(AlikePolls, TheFirstTheLastAndTheMiddleOnesAreLookedAt) {
    Log log;
    for (int i = 0; i < 9; ++i) {
        log.round(milliseconds(500));
    }
    const std::vector<std::size_t> passed = {4, 5, 6, 7, 10, 11, 12, 13};
    EXPECT_EQ(log.passed_over(), passed) << "of rounds 0 to 8 all but 0, 1, 4, 7 and 8";
}

TEST(AlikePolls, AnotherAnswerOrPauseBeginsAnotherStretch) {
    Log log;
    for (int i = 0; i < 5; ++i) {
        log.round(milliseconds(500));
    }
    log.round(milliseconds(20));
    log.command({0x00, 0, 0, 0, 0, 0}, 0x020404, milliseconds(500));
    for (int i = 0; i < 5; ++i) {
        log.round(milliseconds(500));
    }
    EXPECT_TRUE(log.passed_over().empty());
}

TEST(AlikePolls, OnlyPollsAreLikeEachOther) {
    Log log;
    for (int i = 0; i < 20; ++i) {
        log.command({0x2A, 0, 0, 0, 0, 16, 0, 0, 16, 0}, 0x020408, milliseconds(50));
    }
    EXPECT_TRUE(log.passed_over().empty()) << "a WRITE that is sent again is not asked for";
}

/// What a cancel came to.
using End = std::tuple<stack::HResult, std::size_t, bool>;

End end_of_cancel(const Prepared& prepared, const Cut& cut) {
    CutWorld world(prepared, {.cut = cut, .policy = stack::CancelPolicy::LeaveResumable});
    const Evidence& evidence = world.run();
    EXPECT_TRUE(judge(evidence).empty()) << words_of(cut);
    return {evidence.returned, evidence.phases.size(), evidence.report->as_predicted};
}

/// The claim itself, on a blank that is asked for some eighty times.
TEST(AlikePolls, ACancelAtEveryPollEndsAsAtTheOnesLookedAt) {
    const auto& all = all_scenarios();
    const auto blank = std::find_if(
        all.begin(), all.end(), [](const Scenario& it) { return it.name == "cd-rw/blank-fast"; });
    ASSERT_NE(blank, all.end());
    const Prepared prepared = prepare(*blank).value();
    CutWorld whole(prepared, {.policy = stack::CancelPolicy::LeaveResumable});
    (void)whole.run(CutWorld::Next::Skip);
    const auto every = cut_points(whole, Since::Start, Polls::Every);
    const auto unlike = cut_points(whole, Since::Start, Polls::Unlike);
    ASSERT_EQ(every.points.size(), unlike.points.size() + unlike.alike);
    ASSERT_GT(unlike.alike, 50U);
    const auto looked = looked_at(whole.evidence().commands, whole.evidence().ended);
    const auto passed = std::find(looked.begin(), looked.end(), false);
    const auto last_before = static_cast<std::uint32_t>(passed - looked.begin());  // from 1
    for (const CutPoint& point : every.points) {
        const bool inside = point.command > 0 && !looked[point.command - 1];
        if (inside && point.cut.where == Where::InPause) {
            const Cut last_looked{
                .where = Where::InPause, .n = last_before, .delay = point.cut.delay};
            EXPECT_EQ(end_of_cancel(prepared, point.cut), end_of_cancel(prepared, last_looked))
                << words_of(point.cut);
        }
    }
}

}  // namespace
}  // namespace kiln::harness

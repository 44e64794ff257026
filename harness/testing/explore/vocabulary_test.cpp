// Each word of the vocabulary puts the cancel where it says.

#include "harness/testing/explore/vocabulary.h"

#include <algorithm>
#include <chrono>
#include <cstddef>

#include <gtest/gtest.h>

#include "harness/testing/explore/cut_world.h"

namespace kiln::harness {
namespace {

using namespace literals;
using stack::CancelPolicy;
using stack::Outcome;

constexpr Trial kFastest{.policy = CancelPolicy::FastestRelease};

class Vocabulary : public testing::Test {
protected:
    static Prepared bd_r() { return prepare({.name = "bd-r"}).value(); }

    static std::size_t writes(const Evidence& evidence) {
        return static_cast<std::size_t>(
            std::count_if(evidence.commands.begin(), evidence.commands.end(),
                          [](const SentCommand& sent) { return sent.cdb[0] == 0x2A; }));
    }
    /// The n-th WRITE, from 1.
    static std::size_t index_of_write(const Evidence& evidence, std::size_t nth) {
        std::size_t i = 0;
        while (i < evidence.commands.size() && (evidence.commands[i].cdb[0] != 0x2A || --nth > 0)) {
            ++i;
        }
        return i;
    }

    Prepared prepared_ = bd_r();
};

TEST_F(Vocabulary, WithoutACancelTheJobIsCompleted) {
    CutWorld engine(prepared_);
    const Evidence& evidence = engine.run();
    EXPECT_EQ(evidence.report->outcome, Outcome::Completed);
    EXPECT_EQ(writes(evidence), 3U + 13U) << "5 blocks in chunks of 2, and zeros up to a cluster";
    EXPECT_EQ(evidence.next_outcome, Outcome::Completed) << evidence.next_words;
    EXPECT_TRUE(evidence.cancels.empty());
}

TEST_F(Vocabulary, CancelDuringComesInTheMiddleOfTheDataPhase) {
    CutWorld engine(prepared_, kFastest);
    ON_CALL(engine.device(), execute(IsWrite(3))).WillByDefault(CancelDuring(engine, 40_percent));
    const Evidence& evidence = engine.run();
    EXPECT_EQ(evidence.report->outcome, Outcome::Cancelled);
    EXPECT_EQ(writes(evidence), 3U);
    const std::size_t i = index_of_write(evidence, 3);
    const DataTimes& data = engine.command_times()[i].data;
    ASSERT_EQ(evidence.cancels.size(), 1U);
    const auto& call = evidence.cancels.front();
    EXPECT_NEAR(static_cast<double>((call.at - data.begin).count()),
                0.4 * static_cast<double>((data.end - data.begin).count()), 100);
    EXPECT_EQ(call.commands_before, i + 1);
    EXPECT_TRUE(call.inside);
}

TEST_F(Vocabulary, TheInstantsOfACommandAreInOrder) {
    const auto at = [&](const auto& word) {
        CutWorld engine(prepared_, kFastest);
        ON_CALL(engine.device(), execute(IsWrite(2))).WillByDefault(word(engine));
        return engine.run(CutWorld::Next::Skip).cancels.front().at;
    };
    const std::vector<transports::Instant> instants = {
        at([](CutWorld& engine) { return CancelBefore(engine); }),
        at([](CutWorld& engine) { return CancelAtEntry(engine); }),
        at([](CutWorld& engine) { return CancelDuring(engine, 0_percent); }),
        at([](CutWorld& engine) { return CancelDuring(engine, 90_percent); }),
        at([](CutWorld& engine) { return CancelDuring(engine, 100_percent); }),
        at([](CutWorld& engine) { return CancelBetweenDataAndStatus(engine); }),
        at([](CutWorld& engine) { return CancelAtCompletion(engine); }),
    };
    EXPECT_TRUE(std::is_sorted(instants.begin(), instants.end()));
    EXPECT_LT(instants.front(), instants.back());
    EXPECT_LT(instants[2], instants[3]);
}

TEST_F(Vocabulary, CancelAfterComesInThePauseBehindACommand) {
    CutWorld engine(prepared_, kFastest);
    // The flush has IMMED: after it the engine waits and asks.
    ON_CALL(engine.device(), execute(IsFlush()))
        .WillByDefault(CancelAfter(engine, std::chrono::milliseconds(1)));
    const Evidence& evidence = engine.run();
    const auto& call = evidence.cancels.front();
    EXPECT_FALSE(call.inside);
    EXPECT_EQ(call.at - evidence.commands[call.commands_before - 1].end,
              std::chrono::milliseconds(1));
}

TEST_F(Vocabulary, FailWithIsTheAnswerInPlaceOfTheDrives) {
    CutWorld engine(prepared_);
    ON_CALL(engine.device(), execute(IsWrite(2))).WillByDefault(FailWith(0x3, 0x0C00));
    const Evidence& evidence = engine.run();
    EXPECT_EQ(evidence.report->outcome, Outcome::Failed);
    const SentCommand& failed = evidence.commands[index_of_write(evidence, 2)];
    EXPECT_EQ(failed.sense, 0x030C00U);
    EXPECT_TRUE(failed.injected);
}

TEST_F(Vocabulary, LostAnswersReachTheDriveAndTimeOutsDoNot) {
    for (const bool reaches : {true, false}) {
        CutWorld engine(prepared_);
        const auto before = engine.drive().view().writes;
        ON_CALL(engine.device(), execute(IsWrite(1)))
            .WillByDefault(reaches ? LoseAnswer() : TimeOut());
        const Evidence& evidence = engine.run(CutWorld::Next::Skip);
        const SentCommand& sent = evidence.commands[index_of_write(evidence, 1)];
        EXPECT_EQ(sent.broken, transports::TransportError::Kind::TimedOut);
        EXPECT_EQ(sent.end - sent.start, sent.timeout);
        EXPECT_EQ(engine.drive().view().writes - before, reaches ? 1U : 0U);
        EXPECT_EQ(evidence.report->outcome, Outcome::Failed);
    }
}

TEST_F(Vocabulary, ADriveThatIsLostIsThereAgainForTheNextJob) {
    CutWorld engine(prepared_);
    ON_CALL(engine.device(), execute(IsWrite(2))).WillByDefault(LoseDrive());
    const Evidence& evidence = engine.run();
    EXPECT_EQ(evidence.report->outcome, Outcome::Failed);
    EXPECT_EQ(evidence.commands.back().broken, transports::TransportError::Kind::Gone);
    EXPECT_EQ(evidence.next_outcome, Outcome::Completed) << evidence.next_words;
}

TEST_F(Vocabulary, AnEmergencyInAWriteInterruptsIt) {
    CutWorld engine(prepared_, {.policy = CancelPolicy::Emergency});
    ON_CALL(engine.device(), execute(IsWrite(2))).WillByDefault(CancelDuring(engine, 10_percent));
    const Evidence& evidence = engine.run();
    const SentCommand& sent = evidence.commands[index_of_write(evidence, 2)];
    EXPECT_EQ(sent.broken, transports::TransportError::Kind::Interrupted);
    EXPECT_EQ(sent.end, evidence.cancels.front().at);
    EXPECT_EQ(evidence.resets.size(), 1U);
}

TEST_F(Vocabulary, AnotherThreadsRequestIsAWordFirst) {
    CutWorld engine(prepared_, {.cut = Cut{.where = Where::AfterCommand, .n = 1},
                                .way = Way::OtherThread,
                                .policy = CancelPolicy::FastestRelease});
    // No command of the look at the medium is the ports': the cut is not met.
    EXPECT_EQ(engine.run().report->outcome, Outcome::Completed);
}

TEST_F(Vocabulary, ASlowSourceCanBeCancelledWhileItReads) {
    Scenario slow;
    slow.read_time = std::chrono::seconds(100);
    const Prepared prepared = prepare(slow).value();
    CutWorld engine(
        prepared,
        {.cut = Cut{.where = Where::DuringRead, .n = 2, .delay = std::chrono::seconds(50)},
         .policy = CancelPolicy::FastestRelease});
    const Evidence& evidence = engine.run();
    EXPECT_EQ(evidence.report->outcome, Outcome::Cancelled);
    EXPECT_LT(evidence.ended - evidence.cancels.front().at, std::chrono::seconds(40))
        << "the read is not waited for";
}

}  // namespace
}  // namespace kiln::harness

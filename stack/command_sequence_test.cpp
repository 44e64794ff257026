// A step and a drive that answers all of it alike: every wait has an end, whatever the answer is.

#include "stack/command_sequence.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>

#include <gtest/gtest.h>

#include "mmc/lba.h"
#include "mmc/sense.h"

#include "transports/clock.h"
#include "transports/transport.h"

#include "stack/facts.h"
#include "stack/failure.h"
#include "stack/plan.h"
#include "stack/ports.h"
#include "stack/recipe.h"
#include "stack/step_commands.h"
#include "stack/wait.h"

namespace kiln::stack {
namespace {

using mmc::SenseKey;
using transports::Duration;
using Status = CommandSequence::Status;
using Answer = Completed (*)(std::uint8_t operation_code);

constexpr std::uint8_t kTestUnitReady = 0x00;
constexpr std::uint8_t kRequestSense = 0x03;
constexpr std::uint8_t kFlush = 0x35;
constexpr std::uint8_t kClose = 0x5B;

/// A BD-RE, as far as a flush depends on it.
Plan plan() {
    Plan it;
    it.recipe = &recipe(RecipeId::BdRe);
    it.family = MediumFamily::BdRe;
    it.capacity_blocks = 1000;
    it.medium_capacity = mmc::BlockCount{1000};
    it.write_kilobytes = 8991;
    return it;
}

Duration flush_deadline() {
    return poll_for(LongOperation::Flush, MediumFamily::BdRe, mmc::BlockCount{1000}).deadline;
}

Completed good() {
    return {.completion = transports::Completion{}, .error = {}, .answer = {}};
}

Completed check(SenseKey key, mmc::AdditionalSense additional) {
    transports::Completion completion;
    completion.status = transports::Status::CheckCondition;
    completion.sense = mmc::make_sense(key, additional);
    return {.completion = completion, .error = {}, .answer = {}};
}

struct Taken {
    Status status = Status::Running;
    Duration took{};
    std::size_t sent = 0;  // the step's command and the questions behind it
    std::optional<Failure> failure;
};

std::optional<std::uint8_t> sent_in(const ActionList& actions) {
    for (const Action& action : actions) {
        if (const auto* command = std::get_if<Execute>(&action)) {
            return command->cdb.bytes()[0];
        }
    }
    return std::nullopt;
}

/// Takes the step; time passes in its pauses alone.
Taken take(const Step& step, Answer answer) {
    constexpr std::size_t kMost = 100'000;  // without an end
    const Plan what = plan();
    Learned learned;
    CommandSequence sequence;
    transports::Instant now;
    ActionList out;
    Taken it;
    it.status = sequence.start({&step, 1}, what, learned, now, out);
    for (std::size_t i = 0; i < kMost && it.status == Status::Running; ++i) {
        const auto sent = sent_in(out);
        out.clear();
        if (sent) {
            ++it.sent;
            it.status = sequence.completed(answer(*sent), what, learned, now, out);
        } else {
            now = sequence.wake_at().value_or(now);
            it.status = sequence.tick(what, learned, now, out);
        }
    }
    it.took = now.time_since_epoch();
    it.failure = sequence.failure();
    return it;
}

constexpr Step kFlushing{Op::Synchronize, When::Always, Tolerance::None};
constexpr Step kSettingSpeed{Op::SetSpeed, When::Always, Tolerance::None};

void expect_given_up_at_the_deadline(const Taken& taken) {
    EXPECT_EQ(taken.status, Status::Failed);
    ASSERT_TRUE(taken.failure);
    EXPECT_EQ(taken.failure->kind, FailureKind::TimedOut);
    EXPECT_GE(taken.took, flush_deadline()) << "given up too early";
    EXPECT_LE(taken.took, flush_deadline() + std::chrono::seconds(10)) << "a poll too many";
}

TEST(CommandSequence, AnOperationThatNeverEndsIsGivenUpAtItsDeadline) {
    expect_given_up_at_the_deadline(take(kFlushing, [](std::uint8_t operation_code) {
        const bool accepted = operation_code == kFlush || operation_code == kRequestSense;
        return accepted ? good() : check(SenseKey::NotReady, 0x0408);
    }));
}

/// The drive is ready, and READ DISC INFORMATION says that it is not.
TEST(CommandSequence, AHalfReadyDriveIsGivenUpAtTheDeadlineToo) {
    expect_given_up_at_the_deadline(take(kFlushing, [](std::uint8_t operation_code) {
        const bool accepted = operation_code == kFlush || operation_code == kTestUnitReady;
        return accepted ? good() : check(SenseKey::NotReady, 0x0407);
    }));
}

/// The deadline is the step's, and not each attempt's.
TEST(CommandSequence, ABusyDriveIsGivenUpAtTheDeadline) {
    expect_given_up_at_the_deadline(take(kFlushing, [](std::uint8_t /*operation_code*/) {
        return check(SenseKey::NotReady, 0x0408);
    }));
}

TEST(CommandSequence, AnAttentionIsAnsweredByTheSameCommandTenTimes) {
    const Taken taken = take(kSettingSpeed, [](std::uint8_t /*operation_code*/) {
        return check(SenseKey::UnitAttention, 0x2900);
    });
    EXPECT_EQ(taken.status, Status::Failed);
    EXPECT_EQ(taken.sent, std::size_t{1} + kMaxRetries);
    EXPECT_EQ(taken.took, Duration::zero());
}

TEST(CommandSequence, AnAttentionIsAnsweredByTheSameQuestionTenTimes) {
    const Taken taken = take(kFlushing, [](std::uint8_t operation_code) {
        return operation_code == kFlush ? good() : check(SenseKey::UnitAttention, 0x2900);
    });
    EXPECT_EQ(taken.status, Status::Failed);
    EXPECT_EQ(taken.sent, std::size_t{2} + kMaxRetries) << "the flush, a question, ten again";
}

/// Whoever is told of something in the same list may ask for a cancel there.
TEST(CommandSequence, ACommandThatIsHeldBackComesWithTheNextTickOrNever) {
    for (const bool wanted : {true, false}) {
        const Plan what = plan();
        Learned learned;
        CommandSequence sequence;
        const transports::Instant now;
        ActionList out{NotifyUpdate{}};
        ASSERT_EQ(sequence.start({&kFlushing, 1}, what, learned, now, out), Status::Running);
        EXPECT_FALSE(sent_in(out));
        EXPECT_EQ(sequence.wake_at(), now);
        EXPECT_FALSE(sequence.under_way()) << "nobody would say that it will be done";
        if (!wanted) {
            sequence.abandon_unsent();
            EXPECT_TRUE(sequence.cut_short());
        }
        out.clear();
        ASSERT_EQ(sequence.tick(what, learned, now, out), Status::Running);
        EXPECT_EQ(sent_in(out), wanted ? std::optional(kFlush) : std::nullopt);
        EXPECT_EQ(sequence.idle(), !wanted);
    }
}

/// An attention means that the drive did not begin it.
TEST(CommandSequence, WhatIsNotWantedAnyMoreIsNotSentAgain) {
    const Plan what = plan();
    Learned learned;
    CommandSequence sequence;
    const transports::Instant now;
    ActionList out;
    ASSERT_EQ(sequence.start({&kSettingSpeed, 1}, what, learned, now, out), Status::Running);
    sequence.stop_after_step(what);
    out.clear();
    EXPECT_EQ(sequence.completed(check(SenseKey::UnitAttention, 0x2900), what, learned, now, out),
              Status::Finished);
    EXPECT_FALSE(sent_in(out));
    EXPECT_TRUE(sequence.cut_short());
}

/// What was told to stop has stopped when the drive says so, and not before.
TEST(CommandSequence, AFormatThatWasToldToStopIsAwaited) {
    Plan what = plan();
    what.formats = true;
    what.stops_long_operations = true;
    const Step formatting{Op::FormatMedium, When::Always, Tolerance::None};
    Learned learned;
    CommandSequence sequence;
    const transports::Instant now;
    ActionList out;
    ASSERT_EQ(sequence.start({&formatting, 1}, what, learned, now, out), Status::Running);
    out.clear();
    ASSERT_EQ(sequence.completed(good(), what, learned, now, out), Status::Running);
    sequence.stop_operation(what, now);
    out.clear();
    ASSERT_EQ(sequence.tick(what, learned, now, out), Status::Running);
    EXPECT_EQ(sent_in(out), kClose);
    out.clear();
    EXPECT_EQ(sequence.completed(good(), what, learned, now, out), Status::Running);
    EXPECT_EQ(sent_in(out), kTestUnitReady);
}

}  // namespace
}  // namespace kiln::stack

// The machine without a world: every stage meets every event, and is then answered GOOD to its end.

#include "stack/burn_machine.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "mmc/sense.h"

#include "transports/error.h"
#include "transports/transport.h"

#include "stack/facts.h"
#include "stack/plan.h"
#include "stack/ports.h"
#include "stack/recipe.h"

namespace kiln::stack {
namespace {

using mmc::SenseKey;
using transports::TransportError;
using Stage = BurnMachine::Stage;

constexpr std::uint8_t kWrite = 0x2A;
constexpr std::uint8_t kFlush = 0x35;
constexpr std::uint8_t kClose = 0x5B;
constexpr std::uint8_t kTray = 0x1E;
constexpr std::uint8_t kNone = 0xFF;

/// A BD-RE of which 64 blocks are written in two WRITEs.
Plan two_writes() {
    Plan plan;
    plan.recipe = &recipe(RecipeId::BdRe);
    plan.family = MediumFamily::BdRe;
    plan.capacity_blocks = 1000;
    plan.medium_capacity = mmc::BlockCount{1000};
    plan.payload_bytes = std::uint64_t{64} * kBlockSize;
    plan.write_kilobytes = 8991;
    return plan;
}

/// The same on a BD-R, with no drive to ask for the address.
Plan two_sequential_writes() {
    static const Recipe sequential = [] {
        Recipe it = recipe(RecipeId::BdR);
        it.size = {};
        return it;
    }();
    Plan plan = two_writes();
    plan.recipe = &sequential;
    return plan;
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

Completed broken(TransportError::Kind kind) {
    return {.completion = {}, .error = TransportError{.kind = kind}, .answer = {}};
}

/// Feeds a machine and keeps what it asks for.
class Feeder {
public:
    explicit Feeder(const Plan& plan) : machine(plan, 4, CancelPolicy::MakeReadable) {
        feed(Begin{});
    }

    void feed(const Event& event) {
        actions.clear();
        machine.step(event, now, actions);
        told = false;
        for (const Action& action : actions) {
            told = told || std::holds_alternative<NotifyUpdate>(action) ||
                   std::holds_alternative<NotifyPhase>(action) ||
                   std::holds_alternative<NotifyWarning>(action);
            if (const auto* command = std::get_if<Execute>(&action)) {
                EXPECT_FALSE(told) << "who is told may ask for a cancel, and asks before this";
                pending = *command;
                sent.push_back(command->cdb.bytes()[0]);
                milestones.push_back(command->milestone);
            } else if (std::holds_alternative<ReadBlocks>(action)) {
                read = std::get<ReadBlocks>(action);
            } else if (std::holds_alternative<Recover>(action)) {
                recover = true;
            } else if (std::holds_alternative<Interrupt>(action)) {
                interrupted = true;
            }
        }
    }

    /// One thing that a world without trouble would do next.
    void go_on() {
        if (read) {
            const ReadBlocks wanted = *read;
            read.reset();
            feed(BlocksRead{.slot = wanted.slot, .bytes = wanted.bytes, .ended = false});
        } else if (recover) {
            recover = false;
            feed(Recovered{});
        } else if (pending) {
            pending.reset();
            feed(good());
        } else {
            now = std::max(now, machine.wake_at());
            feed(Tick{});
        }
    }

    void finish() {
        for (int i = 0; i < 300 && !machine.ended(); ++i) {
            go_on();
        }
    }

    /// Goes on until a command with this operation code is out, for the `nth` time.
    void until(std::uint8_t operation_code, std::size_t nth = 1) {
        for (int i = 0; i < 100 && !machine.ended(); ++i) {
            if (pending && pending->cdb.bytes()[0] == operation_code &&
                count(operation_code) == nth) {
                return;
            }
            go_on();
        }
        FAIL() << "never sent";
    }

    [[nodiscard]] std::size_t count(std::uint8_t operation_code) const {
        return static_cast<std::size_t>(std::count(sent.begin(), sent.end(), operation_code));
    }

    BurnMachine machine;
    transports::Instant now;
    ActionList actions;
    std::optional<Execute> pending;
    std::optional<ReadBlocks> read;
    bool recover = false;
    bool interrupted = false;
    bool told = false;  // somebody, of something in the last list
    std::vector<std::uint8_t> sent;
    std::vector<Milestone> milestones;
};

TEST(BurnMachine, LocksNothingBeforeTheSourceHasGivenSomething) {
    Feeder feeder(two_writes());
    EXPECT_EQ(feeder.machine.stage(), Stage::Waiting);
    EXPECT_TRUE(feeder.sent.empty());
    feeder.feed(BlocksRead{.slot = 0, .bytes = 0, .ended = true});
    EXPECT_TRUE(feeder.machine.ended());
    EXPECT_EQ(feeder.machine.end().outcome, Outcome::Failed);
    EXPECT_TRUE(feeder.sent.empty());
}

TEST(BurnMachine, SendsTheStagesInTheirOrder) {
    Feeder feeder(two_writes());
    feeder.finish();
    ASSERT_TRUE(feeder.machine.ended());
    EXPECT_EQ(feeder.machine.end().outcome, Outcome::Completed);
    EXPECT_EQ(feeder.machine.end().accepted_payload, 64U);
    const std::vector<std::uint8_t> expected = {
        0x1E,        // PREVENT
        0xBB,        // SET CD SPEED
        0x2A, 0x2A,  // WRITE
        0x35,        // SYNCHRONIZE CACHE, IMMED
        0x00, 0x51,  // is it done? both have to say so
        0x1E,        // ALLOW
    };
    EXPECT_EQ(feeder.sent, expected);
    EXPECT_EQ(feeder.milestones.at(2), Milestone::FirstWrite);
    EXPECT_EQ(feeder.milestones.at(3), Milestone::LastWrite);
}

TEST(BurnMachine, ACopyGoesOnWhereTheOriginalStood) {
    Feeder original(two_writes());
    original.until(kWrite);
    Feeder copy = original;
    original.feed(broken(TransportError::Kind::Gone));
    EXPECT_TRUE(original.machine.ended());
    copy.finish();
    EXPECT_EQ(copy.machine.end().outcome, Outcome::Completed);
}

// Where a burn can be met, and how it ends when it is met there by each event and goes well
// otherwise. C completed, X cancelled, F failed. (From the speed on the whole source is read.)
//
//                                  cancel:                        the command in flight ends with
//                    readable resumable fastest emergency | source 3/0c/00 2/04/08 6/29/00 5/24/00
//                    lost gone
struct Row {
    std::string_view place;
    std::uint8_t operation_code;  // in flight; kNone: none yet
    std::size_t nth;
    std::string_view outcomes;
};
constexpr std::array kTable = {
    Row{"waiting for the source", kNone, 0, "XXXX FCCCCCC"},
    Row{"locking the tray", kTray, 1, "XXXX FCCCCFF"},
    Row{"setting the speed", 0xBB, 1, "XXXX CCCCCFF"},
    Row{"the first WRITE", kWrite, 1, "XXXX CFCFFFF"},
    Row{"the last WRITE", kWrite, 2, "CCCX CFCFFFF"},
    Row{"flushing", kFlush, 1, "CCCC CFCFCFF"},
    Row{"asking whether it is flushed", 0x00, 1, "CCCC CFCFFCF"},
    Row{"asking the disc", 0x51, 1, "CCCC CFCFFCF"},
    Row{"unlocking the tray", kTray, 2, "CCCC CCCCCCF"},
};

Event event_of(std::size_t column) {
    switch (column) {
        case 0:
        case 1:
        case 2:
        case 3:
            return CancelSeen{.policy = static_cast<CancelPolicy>(column), .withdrawn = false};
        case 4:
            return SourceFailed{{.detail = "read image: Input/output error"}};
        case 5:
            return check(SenseKey::MediumError, 0x0C00);
        case 6:
            return check(SenseKey::NotReady, 0x0408);
        case 7:
            return check(SenseKey::UnitAttention, 0x2900);
        case 8:
            return check(SenseKey::IllegalRequest, 0x2400);
        case 9:
            return broken(TransportError::Kind::TimedOut);
        default:
            return broken(TransportError::Kind::Gone);
    }
}

char letter_of(const BurnMachine& machine) {
    if (!machine.ended()) {
        return '?';
    }
    constexpr std::string_view kLetters = "CXF";
    return kLetters.at(static_cast<std::size_t>(machine.end().outcome));
}

TEST(BurnMachine, EveryStageMeetsEveryEvent) {
    for (const Row& row : kTable) {
        std::string expected(row.outcomes);
        std::erase(expected, ' ');
        std::string outcomes;
        for (std::size_t column = 0; column < expected.size(); ++column) {
            Feeder feeder(two_writes());
            if (row.operation_code != kNone) {
                feeder.until(row.operation_code, row.nth);
            }
            const Event event = event_of(column);
            const bool ends_command = std::holds_alternative<Completed>(event);
            if (ends_command && !feeder.pending) {
                outcomes += expected.at(column);  // no command is out: cannot happen here
                continue;
            }
            if (ends_command) {
                feeder.pending.reset();
            }
            if (std::holds_alternative<SourceFailed>(event)) {
                feeder.read.reset();
            }
            const std::size_t writes = feeder.count(kWrite);
            feeder.feed(event);
            feeder.finish();
            outcomes += letter_of(feeder.machine);
            const bool gone = column == 10;
            if (row.operation_code != kNone && !gone) {
                EXPECT_GE(feeder.count(kTray), 2U) << row.place << ", event " << column;
            }
            if (column < 4) {
                EXPECT_EQ(feeder.count(kWrite), writes) << row.place << ": a WRITE after a cancel";
            }
            if (gone) {
                EXPECT_FALSE(feeder.pending) << row.place << ": a command to a drive that is gone";
            }
        }
        EXPECT_EQ(outcomes, expected) << row.place;
    }
}

TEST(BurnMachine, ACancelInThePhaseThatIsToldKeepsItsCommandFromBeingSent) {
    Feeder feeder(two_writes());
    feeder.until(kTray);
    feeder.go_on();  // GOOD, and the ring's first slot meanwhile
    while (!feeder.told) {
        feeder.go_on();
    }
    ASSERT_EQ(feeder.count(kTray), feeder.sent.size()) << "nothing but the lock is sent yet";
    feeder.feed(CancelSeen{.policy = CancelPolicy::MakeReadable, .withdrawn = false});
    feeder.finish();
    EXPECT_EQ(feeder.machine.end().outcome, Outcome::Cancelled);
    EXPECT_EQ(feeder.sent, (std::vector<std::uint8_t>{kTray, kTray}));
}

/// What comes before the next update is what the last one held back.
TEST(BurnMachine, WhoTakesLongOverEveryUpdateDoesNotHoldItUpForEver) {
    Feeder feeder(two_writes());
    for (int i = 0; i < 300 && !feeder.machine.ended(); ++i) {
        feeder.go_on();
        feeder.now += feeder.told ? kUpdateInterval * 2 : transports::Duration::zero();
    }
    ASSERT_TRUE(feeder.machine.ended());
    EXPECT_EQ(feeder.machine.end().outcome, Outcome::Completed);
    EXPECT_EQ(feeder.count(kWrite), 2U);
}

TEST(BurnMachine, EmergencyInterruptsAWriteAndResetsOnlyWhatItInterrupted) {
    Feeder feeder(two_writes());
    feeder.until(kWrite);
    feeder.feed(CancelSeen{.policy = CancelPolicy::Emergency, .withdrawn = false});
    EXPECT_TRUE(feeder.interrupted);
    feeder.pending.reset();
    feeder.feed(broken(TransportError::Kind::Interrupted));
    EXPECT_TRUE(feeder.recover);
    feeder.finish();
    EXPECT_EQ(feeder.machine.end().outcome, Outcome::Cancelled);
    EXPECT_EQ(feeder.count(kFlush), 0U);
}

TEST(BurnMachine, EmergencyNeverInterruptsAFlush) {
    Feeder feeder(two_writes());
    feeder.until(kFlush);
    feeder.feed(CancelSeen{.policy = CancelPolicy::Emergency, .withdrawn = false});
    EXPECT_FALSE(feeder.interrupted);
    feeder.finish();
    EXPECT_FALSE(feeder.recover);
}

TEST(BurnMachine, AFullBufferIsAnsweredByTheSameWriteAfterAPause) {
    Feeder feeder(two_writes());
    feeder.until(kWrite);
    const mmc::Cdb first = feeder.pending->cdb;
    feeder.pending.reset();
    feeder.feed(check(SenseKey::NotReady, 0x0408));
    EXPECT_FALSE(feeder.pending) << "not at once";
    EXPECT_GT(feeder.machine.wake_at(), feeder.now);
    feeder.go_on();
    while (!feeder.pending) {
        feeder.go_on();
    }
    EXPECT_EQ(feeder.pending->cdb, first);
}

TEST(BurnMachine, ABufferThatStaysFullEndsAtTheDeadline) {
    Feeder feeder(two_writes());
    feeder.until(kWrite);
    for (int i = 0; i < 2'000'000 && !feeder.machine.ended(); ++i) {
        if (feeder.pending && feeder.pending->cdb.bytes()[0] == kWrite) {
            feeder.pending.reset();
            feeder.feed(check(SenseKey::NotReady, 0x0408));
        } else {
            feeder.go_on();
        }
    }
    ASSERT_TRUE(feeder.machine.ended());
    EXPECT_EQ(feeder.machine.end().failure->kind, FailureKind::TimedOut);
}

TEST(BurnMachine, AUnitAttentionIsNeverAnsweredByTheSameSequentialWrite) {
    Feeder feeder(two_sequential_writes());
    feeder.until(kWrite);
    feeder.pending.reset();
    feeder.feed(check(SenseKey::UnitAttention, 0x2900));
    feeder.finish();
    EXPECT_EQ(feeder.count(kWrite), 1U);
    EXPECT_EQ(feeder.machine.end().outcome, Outcome::Failed);
}

/// The second of two WRITEs fails; what comes behind it is the test's.
Feeder behind_a_write_error(const Plan& plan = two_writes()) {
    Feeder feeder(plan);
    feeder.until(kWrite, 2);
    feeder.pending.reset();
    feeder.feed(check(SenseKey::MediumError, 0x0C00));
    return feeder;
}

TEST(BurnMachine, WhatTheDriveStillHoldsIsFlushedBehindAWriteError) {
    Feeder feeder = behind_a_write_error();
    feeder.finish();
    EXPECT_EQ(feeder.count(kFlush), 1U);
    EXPECT_EQ(feeder.machine.end().outcome, Outcome::Failed);
}

TEST(BurnMachine, NothingIsFilledUpOrClosedBehindAWriteError) {
    Feeder feeder = behind_a_write_error(two_sequential_writes());
    feeder.finish();
    EXPECT_TRUE(feeder.machine.ended());
    EXPECT_EQ(feeder.count(kWrite), 2U);
    EXPECT_EQ(feeder.count(kClose), 0U);
}

TEST(BurnMachine, TheFirstFailureIsTheOneThatIsTold) {
    Feeder feeder = behind_a_write_error();
    for (int i = 0; i < 100 && !feeder.machine.ended(); ++i) {
        if (feeder.pending) {
            feeder.pending.reset();
            feeder.feed(broken(TransportError::Kind::TimedOut));
        } else {
            feeder.go_on();
        }
    }
    ASSERT_TRUE(feeder.machine.ended());
    const auto failure = feeder.machine.end().failure;
    ASSERT_TRUE(failure && failure->sense);
    EXPECT_EQ(failure->sense->additional(), 0x0C00);
}

}  // namespace
}  // namespace kiln::stack

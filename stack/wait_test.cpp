#include "stack/wait.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "mmc/lba.h"
#include "mmc/sense.h"

#include "transports/error.h"
#include "transports/transport.h"

#include "stack/facts.h"

namespace kiln::stack {
namespace {

using enum Role;
using enum Verdict;
using mmc::SenseKey;
using std::chrono::minutes;
using std::chrono::seconds;
using Kind = transports::TransportError::Kind;

using Codes = std::initializer_list<mmc::AdditionalSense>;
constexpr Role kAllRoles[] = {Query, SequentialWrite, RandomWrite, Operation, Role::Readiness};

transports::Completion check(SenseKey key, mmc::AdditionalSense additional, bool deferred = false) {
    transports::Completion completion;
    completion.status = transports::Status::CheckCondition;
    completion.sense = mmc::make_sense(key, additional, std::nullopt, std::nullopt, deferred);
    return completion;
}

Verdict verdict(Role role, SenseKey key, mmc::AdditionalSense additional) {
    return classify(role, check(key, additional));
}

Verdict verdict(Role role, Kind kind) {
    transports::TransportError error;
    error.kind = kind;
    return classify(role, error);
}

TEST(Classify, GoodIsDoneForEveryCommand) {
    for (const Role role : kAllRoles) {
        EXPECT_EQ(classify(role, transports::Completion{}), Done);
    }
}

TEST(Classify, ABusyDriveIsWaitedForByEveryCommand) {
    for (const Role role : kAllRoles) {
        for (const mmc::AdditionalSense busy : Codes{0x0401, 0x0404, 0x0407, 0x0408}) {
            EXPECT_EQ(verdict(role, SenseKey::NotReady, busy), KeepWaiting) << busy;
        }
    }
}

// libburn took 2/04/00 for done after 6.5 s, whatever the unit was doing.
TEST(Classify, NotReadyWithoutACauseIsNeverDone) {
    for (const Role role : kAllRoles) {
        EXPECT_EQ(verdict(role, SenseKey::NotReady, 0x0400), KeepWaiting);
    }
}

TEST(Classify, WhatNeedsAPersonIsNotWaitedFor) {
    for (const Role role : kAllRoles) {
        EXPECT_EQ(verdict(role, SenseKey::NotReady, 0x0402), Fail);
        EXPECT_EQ(verdict(role, SenseKey::NotReady, 0x0403), Fail);
        EXPECT_EQ(verdict(role, SenseKey::NotReady, 0x3A00), Fail);
    }
}

// libburn repeated a WRITE at the same address after a power-on attention.
TEST(Classify, AUnitAttentionNeverRepeatsASequentialWrite) {
    for (const mmc::AdditionalSense code :
         Codes{0x2800, 0x2900, 0x2901, 0x2A01, 0x3F01, 0x5A01, 0x2E00}) {
        const auto what = verdict(SequentialWrite, SenseKey::UnitAttention, code);
        EXPECT_TRUE(what == Resync || what == Fail) << code;
    }
}

TEST(Classify, AUnitAttentionRepeatsAQuery) {
    for (const mmc::AdditionalSense code : Codes{0x2800, 0x2900, 0x2A01, 0x3F01, 0x5A01, 0x2E00}) {
        EXPECT_EQ(verdict(Query, SenseKey::UnitAttention, code), Retry) << code;
    }
}

TEST(Classify, AResetDuringAnOperationIsItsFailure) {
    EXPECT_EQ(verdict(Operation, SenseKey::UnitAttention, 0x2900), Fail);
    EXPECT_EQ(verdict(Role::Readiness, SenseKey::UnitAttention, 0x2900), Fail);
}

TEST(Classify, AnotherMediumIsNotWrittenTo) {
    EXPECT_EQ(verdict(SequentialWrite, SenseKey::UnitAttention, 0x2800), Fail);
    EXPECT_EQ(verdict(RandomWrite, SenseKey::UnitAttention, 0x2800), Fail);
    EXPECT_EQ(verdict(Operation, SenseKey::UnitAttention, 0x2800), Fail);
}

TEST(Classify, ARecoveredErrorIsDone) {
    EXPECT_EQ(verdict(SequentialWrite, SenseKey::RecoveredError, 0x7301), Done);
    EXPECT_EQ(verdict(Operation, SenseKey::RecoveredError, 0x7301), Done);
}

TEST(Classify, ADeferredRecoveredErrorDidNotRunThisCommand) {
    const auto completion = check(SenseKey::RecoveredError, 0x0C01, true);
    EXPECT_EQ(classify(Query, completion), Retry);
    EXPECT_EQ(classify(SequentialWrite, completion), Resync);
}

TEST(Classify, ADeferredWriteErrorFailsWhateverCarriesIt) {
    for (const Role role : kAllRoles) {
        EXPECT_EQ(classify(role, check(SenseKey::MediumError, 0x0C00, true)), Fail);
    }
}

TEST(Classify, CheckConditionWithoutSenseIsNeverASuccess) {
    for (const Role role : kAllRoles) {
        EXPECT_NE(verdict(role, SenseKey::NoSense, 0x0000), Done);
    }
}

TEST(Classify, BackgroundFormatInProgressIsNoError) {
    EXPECT_EQ(verdict(RandomWrite, SenseKey::NoSense, 0x0404), Done);
}

TEST(Classify, HardErrorsFail) {
    for (const Role role : kAllRoles) {
        for (const mmc::AdditionalSense code : Codes{0x0C00, 0x7303, 0x7200}) {
            EXPECT_EQ(verdict(role, SenseKey::MediumError, code), Fail);
        }
        EXPECT_EQ(verdict(role, SenseKey::HardwareError, 0x0900), Fail);
        for (const mmc::AdditionalSense code :
             Codes{0x2000, 0x2102, 0x2C00, 0x3005, 0x6400, 0x7203}) {
            EXPECT_EQ(verdict(role, SenseKey::IllegalRequest, code), Fail);
        }
    }
}

// libburn took a WRITE that timed out for written, and a drive that was unplugged for ready.
TEST(Classify, NothingThatDidNotCompleteIsDone) {
    for (const Role role : kAllRoles) {
        for (unsigned kind = 0; kind <= static_cast<unsigned>(Kind::Unsupported); ++kind) {
            EXPECT_NE(verdict(role, static_cast<Kind>(kind)), Done) << kind;
        }
    }
}

TEST(Classify, ALostDriveIsNeverReady) {
    EXPECT_EQ(verdict(Role::Readiness, Kind::Gone), Fail);
    transports::TransportError gone;
    gone.kind = Kind::Gone;
    EXPECT_EQ(judge(Probe::TestUnitReady, gone), stack::Readiness::Failed);
}

TEST(Classify, ATimeOutIsOnlyWaitedOutWhileAsking) {
    EXPECT_EQ(verdict(Role::Readiness, Kind::TimedOut), KeepWaiting);
    EXPECT_EQ(verdict(SequentialWrite, Kind::TimedOut), Fail);
    EXPECT_EQ(verdict(Operation, Kind::TimedOut), Fail);
}

TEST(Classify, BusyStatusWaits) {
    transports::Completion busy;
    busy.status = transports::Status::Busy;
    for (const Role role : kAllRoles) {
        EXPECT_EQ(classify(role, busy), KeepWaiting);
    }
}

TEST(SenseRules, EveryRowHasASource) {
    for (const auto& rule : sense_rules()) {
        EXPECT_FALSE(rule.source.empty());
    }
}

TEST(SenseRules, NoRowIsHiddenByAnEarlierOne) {
    const auto rules = sense_rules();
    const auto covers = [](const SenseRule& wide, const SenseRule& narrow) {
        return (!wide.key || wide.key == narrow.key) && (!wide.asc || wide.asc == narrow.asc) &&
               (!wide.ascq || wide.ascq == narrow.ascq);
    };
    for (std::size_t later = 0; later < rules.size(); ++later) {
        for (std::size_t earlier = 0; earlier < later; ++earlier) {
            EXPECT_FALSE(covers(rules[earlier], rules[later])) << earlier << " hides " << later;
        }
    }
}

TEST(Judge, AsksForDiscInformationOnceTheUnitIsReady) {
    EXPECT_EQ(judge(Probe::TestUnitReady, transports::Completion{}),
              stack::Readiness::AskDiscInformation);
    EXPECT_EQ(judge(Probe::DiscInformation, transports::Completion{}), stack::Readiness::Ended);
}

// Pioneer: GOOD to TEST UNIT READY while READ DISC INFORMATION says 2/04/07.
TEST(Judge, IsNotFooledByAReadyUnitThatStillCloses) {
    EXPECT_EQ(judge(Probe::DiscInformation, check(SenseKey::NotReady, 0x0407)),
              stack::Readiness::NotYet);
}

TEST(Judge, AcceptsADriveWithoutDiscInformation) {
    EXPECT_EQ(judge(Probe::DiscInformation, check(SenseKey::IllegalRequest, 0x2000)),
              stack::Readiness::Ended);
    EXPECT_EQ(judge(Probe::TestUnitReady, check(SenseKey::IllegalRequest, 0x2000)),
              stack::Readiness::Failed);
}

TEST(Judge, TakesADeferredErrorForTheOperations) {
    EXPECT_EQ(judge(Probe::DiscInformation, check(SenseKey::MediumError, 0x0C00, true)),
              stack::Readiness::Failed);
}

constexpr LongOperation kAllOperations[] = {
    LongOperation::BecomeReady,  LongOperation::Write,
    LongOperation::Flush,        LongOperation::CloseTrack,
    LongOperation::CloseSession, LongOperation::Finalize,
    LongOperation::ReserveTrack, LongOperation::PowerCalibration,
    LongOperation::BlankFast,    LongOperation::BlankFull,
    LongOperation::FormatFast,   LongOperation::FormatFull,
    LongOperation::StopFormat,   LongOperation::Load,
    LongOperation::Eject,
};

TEST(PollFor, KnowsEveryOperationOnEveryMedium) {
    for (const auto operation : kAllOperations) {
        for (std::size_t family = 0; family < kMediumFamilies; ++family) {
            const auto poll = poll_for(operation, static_cast<MediumFamily>(family));
            EXPECT_GE(poll.deadline, seconds(120));
            EXPECT_LE(poll.deadline, std::chrono::hours(48));
        }
    }
}

// The longest in public logs: data/timings and the burn logs.
TEST(PollFor, OutlivesTheLongestThatWasSeen) {
    const auto deadline = [](LongOperation operation, MediumFamily family) {
        return poll_for(operation, family).deadline;
    };
    EXPECT_GE(deadline(LongOperation::Write, MediumFamily::DvdR), seconds(75));
    EXPECT_GE(deadline(LongOperation::Flush, MediumFamily::CdR), seconds(80));
    EXPECT_GE(deadline(LongOperation::CloseSession, MediumFamily::CdR), seconds(168));
    EXPECT_GE(deadline(LongOperation::BlankFast, MediumFamily::CdRw), seconds(1106));
    EXPECT_GE(deadline(LongOperation::BlankFull, MediumFamily::CdRw), minutes(80));
    EXPECT_GE(deadline(LongOperation::FormatFull, MediumFamily::DvdRw), minutes(120));
}

TEST(PollFor, GivesLargerMediaLonger) {
    const auto single =
        poll_for(LongOperation::FormatFull, MediumFamily::BdRe, mmc::BlockCount{12'219'392});
    const auto triple =
        poll_for(LongOperation::FormatFull, MediumFamily::BdRe, mmc::BlockCount{48'878'592});
    EXPECT_GT(triple.deadline, single.deadline);
}

TEST(PollPause, DoublesUpToTheLongest) {
    const Poll poll{std::chrono::milliseconds(20), std::chrono::milliseconds(500), seconds(30)};
    EXPECT_EQ(poll.pause(0), std::chrono::milliseconds(20));
    EXPECT_EQ(poll.pause(1), std::chrono::milliseconds(40));
    EXPECT_EQ(poll.pause(4), std::chrono::milliseconds(320));
    EXPECT_EQ(poll.pause(5), std::chrono::milliseconds(500));
    EXPECT_EQ(poll.pause(4'000'000'000U), std::chrono::milliseconds(500));
}

// Pioneer R11: DVD 16x 6 ms, 4x 25 ms, CD 32x 27 ms, 4x 220 ms.
TEST(BufferFullPause, IsWhatTheDrivesManualAdvises) {
    const auto ms = [](std::uint32_t kilobytes) {
        return std::chrono::duration<double, std::milli>(buffer_full_pause(kilobytes)).count();
    };
    EXPECT_NEAR(ms(22160), 6, 0.5);
    EXPECT_NEAR(ms(5540), 24, 1.5);
    EXPECT_NEAR(ms(5645), 24, 4);
    EXPECT_NEAR(ms(706), 186, 35);
    EXPECT_EQ(buffer_full_pause(0), std::chrono::milliseconds(220));
    EXPECT_EQ(buffer_full_pause(4'000'000), std::chrono::milliseconds(4));
}

}  // namespace
}  // namespace kiln::stack

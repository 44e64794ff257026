#include "stack/failure.h"

#include <string>

#include <gtest/gtest.h>

#include "mmc/sense.h"

#include "transports/error.h"
#include "transports/transport.h"

namespace kiln::stack {
namespace {

using Kind = transports::TransportError::Kind;

transports::Completion check(mmc::SenseKey key, mmc::AdditionalSense additional) {
    transports::Completion completion;
    completion.status = transports::Status::CheckCondition;
    completion.sense = mmc::make_sense(key, additional);
    return completion;
}

FailureKind kind_after(mmc::SenseKey key, mmc::AdditionalSense additional) {
    return failure_from_completion("READ (10)", check(key, additional)).kind;
}

FailureKind kind_after(Kind kind) {
    transports::TransportError error;
    error.kind = kind;
    return failure_from_transport("READ (10)", error).kind;
}

TEST(Failure, SaysCommandStatusAndSenseInOneLine) {
    const auto failure = failure_from_completion("WRITE (10) lba=65536 n=32",
                                                 check(mmc::SenseKey::MediumError, 0x0C00));
    EXPECT_EQ(failure.message(), "WRITE (10) lba=65536 n=32: CHECK CONDITION 03/0c/00 write error");
}

TEST(Failure, SaysWhatWasBeingDoneFirst) {
    auto failure =
        failure_from_completion("TEST UNIT READY", check(mmc::SenseKey::NotReady, 0x3A00));
    failure = while_doing("loading the tray", std::move(failure));
    EXPECT_EQ(failure.message(),
              "loading the tray: TEST UNIT READY: CHECK CONDITION 02/3a/00 medium not present");
}

TEST(Failure, KeepsTheFirstWordOnWhatWasBeingDone) {
    const auto first = make_failure(FailureKind::Unsuitable, "checking the size", "too large");
    EXPECT_EQ(while_doing("burning", first).message(), "checking the size: too large");
}

TEST(Failure, SaysThatADeferredErrorBelongsToAnEarlierCommandAndWhere) {
    auto completion = check(mmc::SenseKey::MediumError, 0x0C00);
    completion.sense =
        mmc::make_sense(mmc::SenseKey::MediumError, 0x0C00, 0x026137U, std::nullopt, true);
    const auto message = failure_from_completion("WRITE (10) lba=156581", completion).message();
    EXPECT_NE(message.find("CHECK CONDITION deferred 03/0c/00 write error"), std::string::npos)
        << message;
    EXPECT_NE(message.find("155959"), std::string::npos) << message;
}

TEST(Failure, SaysWhatTheTransportSays) {
    transports::TransportError error;
    error.kind = Kind::InUse;
    error.detail = "k3b (pid 4711) has it open; end it and try again";
    const auto failure = failure_from_transport("INQUIRY", error);
    EXPECT_EQ(failure.message(),
              "INQUIRY: in use (k3b (pid 4711) has it open; end it and try again)");
    EXPECT_EQ(failure.kind, FailureKind::InUse);
}

TEST(Failure, NamesAStatusThatIsNotCheckCondition) {
    transports::Completion completion;
    completion.status = transports::Status::ReservationConflict;
    const auto failure = failure_from_completion("BLANK", completion);
    EXPECT_EQ(failure.message(), "BLANK: RESERVATION CONFLICT");
    EXPECT_EQ(failure.kind, FailureKind::InUse);
    completion.status = static_cast<transports::Status>(0x22);
    EXPECT_EQ(failure_from_completion("BLANK", completion).message(), "BLANK: status 22h");
}

TEST(Failure, TellsNoMediumAndUnsuitableMediaFromBrokenOnes) {
    using mmc::SenseKey;
    EXPECT_EQ(kind_after(SenseKey::NotReady, 0x3A00), FailureKind::NoMedium);
    EXPECT_EQ(kind_after(SenseKey::NotReady, 0x3A02), FailureKind::NoMedium);
    EXPECT_EQ(kind_after(SenseKey::IllegalRequest, 0x3005), FailureKind::Unsuitable);
    EXPECT_EQ(kind_after(SenseKey::DataProtect, 0x2700), FailureKind::Unsuitable);
    EXPECT_EQ(kind_after(SenseKey::IllegalRequest, 0x6300), FailureKind::Unsuitable);
    EXPECT_EQ(kind_after(SenseKey::NotReady, 0x3002), FailureKind::Unsuitable);
    EXPECT_EQ(kind_after(SenseKey::MediumError, 0x3000), FailureKind::Failed);
    EXPECT_EQ(kind_after(SenseKey::MediumError, 0x0C00), FailureKind::Failed);
    EXPECT_EQ(kind_after(SenseKey::IllegalRequest, 0x2400), FailureKind::Failed);
}

TEST(Failure, TellsTheTransportsErrorsApart) {
    EXPECT_EQ(kind_after(Kind::NoSuchDevice), FailureKind::NoSuchDevice);
    EXPECT_EQ(kind_after(Kind::NotADrive), FailureKind::NoSuchDevice);
    EXPECT_EQ(kind_after(Kind::NotPermitted), FailureKind::NotPermitted);
    EXPECT_EQ(kind_after(Kind::Gone), FailureKind::Gone);
    EXPECT_EQ(kind_after(Kind::TimedOut), FailureKind::TimedOut);
    EXPECT_EQ(kind_after(Kind::Interrupted), FailureKind::Interrupted);
    EXPECT_EQ(kind_after(Kind::HostFailure), FailureKind::Failed);
}

TEST(Failure, HasTheCommandLinesExitStatus) {
    EXPECT_EQ(exit_status(FailureKind::Failed), 1);
    EXPECT_EQ(exit_status(FailureKind::TimedOut), 1);
    EXPECT_EQ(exit_status(FailureKind::Gone), 1);
    EXPECT_EQ(exit_status(FailureKind::Interrupted), 3);
    EXPECT_EQ(exit_status(FailureKind::NoSuchDevice), 4);
    EXPECT_EQ(exit_status(FailureKind::NoMedium), 4);
    EXPECT_EQ(exit_status(FailureKind::Unsuitable), 4);
    EXPECT_EQ(exit_status(FailureKind::NotPermitted), 5);
    EXPECT_EQ(exit_status(FailureKind::InUse), 5);
}

}  // namespace
}  // namespace kiln::stack

#include "stack/drive.h"

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mmc/commands/parameters.h"
#include "mmc/hex.h"
#include "mmc/lba.h"
#include "mmc/sense.h"

#include "transports/transport.h"

#include "stack/facts.h"
#include "stack/failure.h"
#include "stack/medium.h"
#include "stack/speeds.h"
#include "stack/wait.h"

#include "harness/sim/virtual_clock.h"
#include "harness/testing/scripted_device.h"

namespace kiln::stack {
namespace {

using harness::HandWaker;
using harness::ScriptedDevice;
using harness::VirtualClock;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::SizeIs;

constexpr std::uint8_t kTestUnitReady = 0x00;
constexpr std::uint8_t kRequestSense = 0x03;
constexpr std::uint8_t kStartStopUnit = 0x1B;
constexpr std::uint8_t kPreventAllow = 0x1E;
constexpr std::uint8_t kSynchronizeCache = 0x35;
constexpr std::uint8_t kReadDiscInformation = 0x51;
constexpr std::uint8_t kCloseTrackSession = 0x5B;
constexpr std::uint8_t kBlank = 0xA1;
constexpr std::uint8_t kRead10 = 0x28;
constexpr std::uint8_t kFormatUnit = 0x04;
constexpr std::uint8_t kModeSense10 = 0x5A;
constexpr std::uint8_t kSetStreaming = 0xB6;
constexpr std::uint8_t kSetCdSpeed = 0xBB;

class DriveTest : public ::testing::Test {
protected:
    // A ready unit with nothing special about it.
    DriveTest() {
        device.on(kTestUnitReady).good();
        device.on(kReadDiscInformation).good();
    }

    double elapsed() const {
        return std::chrono::duration<double>(clock.now() - transports::Instant{}).count();
    }

    VirtualClock clock;
    HandWaker waker;
    ScriptedDevice device{clock};
    Drive drive{device, clock, waker};
};

TEST_F(DriveTest, RepeatsAQueryAfterUnitAttentions) {
    device.on(kTestUnitReady).check(0x6, 0x2900).check(0x6, 0x2800).good();
    EXPECT_EQ(drive.test_unit_ready().value(), std::nullopt);
    EXPECT_THAT(device.sent(kTestUnitReady), SizeIs(3));
}

TEST_F(DriveTest, GivesUpOnAnEndlessUnitAttention) {
    device.on(kPreventAllow).check(0x6, 0x2900);
    const auto prevented = drive.prevent_removal();
    ASSERT_FALSE(prevented);
    EXPECT_TRUE(prevented.error().sense->is(mmc::SenseKey::UnitAttention, 0x2900));
    EXPECT_THAT(device.sent(kPreventAllow), SizeIs(kMaxRetries + 1));
}

TEST_F(DriveTest, WaitsForABusyDriveAndSendsTheSameCommandAgain) {
    device.on(kPreventAllow).check(0x2, 0x0401).check(0x2, 0x0401).good();
    EXPECT_TRUE(drive.prevent_removal());
    EXPECT_THAT(device.sent(kPreventAllow),
                ElementsAre("1e 00 00 00 01 00", "1e 00 00 00 01 00", "1e 00 00 00 01 00"));
    EXPECT_GT(elapsed(), 0.05);
}

TEST_F(DriveTest, FailsWhenADriveStaysBusyPastTheDeadline) {
    device.on(kPreventAllow).check(0x2, 0x0400);
    const auto prevented = drive.prevent_removal();
    ASSERT_FALSE(prevented);
    EXPECT_EQ(prevented.error().kind, FailureKind::TimedOut);
    EXPECT_NEAR(elapsed(), 30, 1);
    EXPECT_NE(prevented.error().message().find("02/04/00"), std::string::npos);
    EXPECT_NE(prevented.error().message().find("still so after 30 s"), std::string::npos);
}

TEST_F(DriveTest, AWakeEndsAWait) {
    device.on(kPreventAllow).check(0x2, 0x0401);
    waker.wake();
    const auto prevented = drive.prevent_removal();
    ASSERT_FALSE(prevented);
    EXPECT_EQ(prevented.error().kind, FailureKind::Interrupted);
    EXPECT_LT(elapsed(), 1);
}

TEST_F(DriveTest, AWakeIsIgnoredWhereTheCallerSaysSo) {
    device.on(kPreventAllow).check(0x2, 0x0401).good();
    drive.on_wake(OnWake::Ignored);
    waker.wake();
    EXPECT_TRUE(drive.prevent_removal());
}

TEST_F(DriveTest, ATimedOutCommandFails) {
    device.on(kPreventAllow).broken(ScriptedDevice::Kind::TimedOut);
    const auto prevented = drive.prevent_removal();
    ASSERT_FALSE(prevented);
    EXPECT_EQ(prevented.error().kind, FailureKind::TimedOut);
    EXPECT_THAT(device.sent(kPreventAllow), SizeIs(1));
}

TEST_F(DriveTest, ALostDriveIsNotReady) {
    device.on(kTestUnitReady).broken(ScriptedDevice::Kind::Gone);
    EXPECT_EQ(drive.test_unit_ready().error().kind, FailureKind::Gone);
    EXPECT_EQ(drive.wait_until_ready().error().kind, FailureKind::Gone);
    EXPECT_EQ(drive.synchronize_cache().error().sense->additional(), 0x2000);
}

TEST_F(DriveTest, WaitsForTheMediumToBeRecognised) {
    device.on(kTestUnitReady).check(0x6, 0x2800).check(0x2, 0x0401).check(0x2, 0x0401).good();
    EXPECT_TRUE(drive.wait_until_ready());
}

TEST_F(DriveTest, BelievesThatThereIsNoMediumWhenToldTwice) {
    device.on(kTestUnitReady).check(0x2, 0x3A00);
    EXPECT_EQ(drive.wait_until_ready().error().kind, FailureKind::NoMedium);
    EXPECT_THAT(device.sent(kTestUnitReady), SizeIs(2));
}

TEST_F(DriveTest, DoesNotBelieveTheFirstNoMediumOfAChangedDrive) {
    device.on(kTestUnitReady).check(0x2, 0x3A00).check(0x6, 0x2800).good();
    EXPECT_TRUE(drive.wait_until_ready());
}

TEST_F(DriveTest, StartsAStoppedDriveOnce) {
    device.on(kStartStopUnit).good();
    device.on(kTestUnitReady).check(0x2, 0x0402).check(0x2, 0x0401).good();
    EXPECT_TRUE(drive.wait_until_ready());
    EXPECT_THAT(device.sent(kStartStopUnit), ElementsAre("1b 00 00 00 01 00"));
    device.on(kTestUnitReady).check(0x2, 0x0402);
    EXPECT_FALSE(drive.wait_until_ready());
    EXPECT_THAT(device.sent(kStartStopUnit), SizeIs(2));
}

// GSA-4082B after a load: 2/3A/00, then 2/04/00, then ready.
TEST_F(DriveTest, ALoadedTrayMaySayNoMediumForAWhile) {
    device.on(kStartStopUnit).good();
    auto& answers = device.on(kTestUnitReady);
    for (int i = 0; i < 6; ++i) {
        answers.check(0x2, 0x3A00);
    }
    answers.check(0x2, 0x0400).check(0x2, 0x0400).good();
    EXPECT_TRUE(drive.load());
    EXPECT_EQ(drive.test_unit_ready().value(), std::nullopt);
}

TEST_F(DriveTest, LoadsAnEmptyTrayWithoutAnError) {
    device.on(kStartStopUnit).good();
    device.on(kTestUnitReady).check(0x2, 0x3A01);
    EXPECT_TRUE(drive.load());
    EXPECT_NEAR(elapsed(), 15, 2);
}

TEST_F(DriveTest, EjectsAfterTheDriveHasFinishedItsWork) {
    device.on(kPreventAllow).good();
    device.on(kStartStopUnit).check(0x2, 0x0407).check(0x2, 0x0407).good();
    EXPECT_TRUE(drive.eject());
    EXPECT_THAT(device.sent(), ElementsAre("1e 00 00 00 00 00", "1b 00 00 00 02 00",
                                           "1b 00 00 00 02 00", "1b 00 00 00 02 00"));
}

TEST_F(DriveTest, SaysThatSomebodyElseLockedTheTray) {
    device.on(kPreventAllow).good();
    device.on(kStartStopUnit).check(0x5, 0x5302);
    const auto ejected = drive.eject();
    ASSERT_FALSE(ejected);
    EXPECT_EQ(ejected.error().kind, FailureKind::InUse);
}

TEST_F(DriveTest, FlushesWithImmedAndAsksBothProbes) {
    device.on(kSynchronizeCache).good();
    EXPECT_TRUE(drive.synchronize_cache());
    ASSERT_THAT(device.sent(), SizeIs(3));
    EXPECT_EQ(device.sent()[0], "35 02 00 00 00 00 00 00 00 00");
    EXPECT_EQ(device.sent()[1], "00 00 00 00 00 00");
    EXPECT_EQ(device.sent()[2].substr(0, 2), "51");
}

TEST_F(DriveTest, NeverLetsAFlushBeReset) {
    device.on(kSynchronizeCache).good();
    EXPECT_TRUE(drive.synchronize_cache());
    for (const auto& request : device.requests()) {
        EXPECT_EQ(request.guard, transports::Guard::NeverReset);
    }
}

// libburn, cancelled, took the first 2/04/08 for a finished flush.
TEST_F(DriveTest, RepeatsAFlushThatTheDriveRefusesForNow) {
    device.on(kSynchronizeCache).check(0x2, 0x0408).check(0x2, 0x0408).good();
    EXPECT_TRUE(drive.synchronize_cache());
    EXPECT_THAT(device.sent(kSynchronizeCache), SizeIs(3));
}

TEST_F(DriveTest, WaitsWhileTheUnitIsReadyButDiscInformationIsNot) {
    device.on(kCloseTrackSession).good();
    device.on(kReadDiscInformation).check(0x2, 0x0407).check(0x2, 0x0407).good();
    EXPECT_TRUE(drive.close(mmc::CloseFunction::Session));
    EXPECT_THAT(device.sent(kReadDiscInformation), SizeIs(3));
    EXPECT_EQ(device.sent(kCloseTrackSession)[0], "5b 01 02 00 00 00 00 00 00 00");
}

TEST_F(DriveTest, FallsBackToALongCommandWhereImmedIsRefused) {
    drive.assume(MediumFamily::CdRw, mmc::BlockCount{359'849});
    device.on(kBlank).check(0x5, 0x2400).good().taking(seconds(1200));
    EXPECT_TRUE(drive.blank(mmc::BlankingType::Disc));
    EXPECT_THAT(device.sent(kBlank), ElementsAre("a1 10 00 00 00 00 00 00 00 00 00 00",
                                                 "a1 00 00 00 00 00 00 00 00 00 00 00"));
    const auto& last = device.requests()[1];
    EXPECT_EQ(last.guard, transports::Guard::NeverReset);
    EXPECT_GE(last.timeout, seconds(4800));
}

TEST_F(DriveTest, KeepsTheFirstRefusalWhereImmedWasNotTheReason) {
    device.on(kBlank).check(0x5, 0x2400).check(0x5, 0x2600);
    const auto blanked = drive.blank(mmc::BlankingType::Minimal);
    ASSERT_FALSE(blanked);
    EXPECT_TRUE(blanked.error().sense->is(mmc::SenseKey::IllegalRequest, 0x2400));
}

TEST_F(DriveTest, ReportsProgressOfALongOperation) {
    device.on(kBlank).good();
    auto& answers = device.on(kTestUnitReady);
    for (const std::uint16_t progress : std::initializer_list<std::uint16_t>{0x4000, 0x8000}) {
        answers.sense(mmc::make_sense(mmc::SenseKey::NotReady, 0x0407, std::nullopt, progress));
    }
    answers.good();
    std::vector<double> seen;
    EXPECT_TRUE(drive.blank(mmc::BlankingType::Minimal, [&](std::optional<double> part) {
        seen.push_back(part.value_or(-1));
    }));
    EXPECT_THAT(seen, ElementsAre(0.25, 0.5));
}

// hp dvd100i: only REQUEST SENSE tells the progress.
TEST_F(DriveTest, AsksForProgressThatTestUnitReadyDoesNotTell) {
    device.on(kBlank).good();
    device.on(kTestUnitReady).check(0x2, 0x0407).good();
    device.on(kRequestSense).data("f0 00 00 00 24 1c 10 0c 00 00 00 00 04 04 00 80 20 00");
    std::vector<double> seen;
    EXPECT_TRUE(drive.blank(mmc::BlankingType::Minimal, [&](std::optional<double> part) {
        seen.push_back(part.value_or(-1));
    }));
    EXPECT_THAT(seen, ElementsAre(0.125));
}

TEST_F(DriveTest, FormatsWithImmedInTheParameterList) {
    device.on(kFormatUnit).check(0x5, 0x2600).good();
    mmc::FormatList list;
    list.header.format_options_valid = true;
    list.descriptor.number_of_blocks = mmc::BlockCount{0xFFFF'FFFF};
    list.descriptor.format_type = mmc::FormatType::DvdPlusRwBasic;
    EXPECT_TRUE(drive.format(list, LongOperation::FormatFast));
    ASSERT_THAT(device.sent(kFormatUnit), SizeIs(2));
    EXPECT_EQ(device.sent(kFormatUnit)[0], "04 11 00 00 00 00");
    EXPECT_EQ(mmc::to_hex(device.data_sent()[0]), "00 82 00 08 ff ff ff ff 98 00 00 00");
    EXPECT_EQ(mmc::to_hex(device.data_sent()[1]), "00 80 00 08 ff ff ff ff 98 00 00 00");
}

TEST_F(DriveTest, SetsTheSpeedOfADvdByStreaming) {
    device.on(kSetStreaming).good();
    Medium medium;
    medium.family = MediumFamily::DvdPlusRw;
    medium.capacity = mmc::BlockCount{2'295'104};
    medium.abilities.set_streaming = true;
    Speeds speeds;
    speeds.medium_class = MediumClass::Dvd;
    speeds.list = {{.write_kilobytes = 5540}, {.write_kilobytes = 3324}};
    EXPECT_EQ(set_write_speed(drive, medium, speeds, 3.5).value(), speeds.list[0]);
    EXPECT_THAT(device.sent(kSetStreaming), ElementsAre("b6 00 00 00 00 00 00 00 00 00 1c 00"));
    EXPECT_EQ(
        mmc::to_hex(device.data_sent()[0]),
        "00 00 00 00 00 00 00 00 00 23 05 3f 00 00 15 a4 00 00 03 e8 00 00 15 a4 00 00 03 e8");
}

TEST_F(DriveTest, FallsBackToSetCdSpeedWhereStreamingIsRefused) {
    device.on(kSetStreaming).check(0x5, 0x2000);
    device.on(kSetCdSpeed).good();
    Medium medium;
    medium.family = MediumFamily::DvdPlusRw;
    medium.abilities.set_streaming = true;
    Speeds speeds;
    speeds.medium_class = MediumClass::Dvd;
    speeds.list = {{.write_kilobytes = 5540}};
    EXPECT_EQ(set_write_speed(drive, medium, speeds, std::nullopt).value(), speeds.list[0]);
    EXPECT_THAT(device.sent(kSetCdSpeed), ElementsAre("bb 00 ff ff 15 a4 00 00 00 00 00 00"));
}

TEST_F(DriveTest, ReportsTheSpeedThatTheDriveChoseInstead) {
    device.on(kSetCdSpeed).good();
    // Page 2Ah: current write speed selected 1411 kB/s.
    device.on(kModeSense10)
        .data(
            "00 26 00 00 00 00 00 00 2a 1e 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
            "00 00 00 00 00 00 00 00 05 83 00 00");
    Medium medium;
    medium.family = MediumFamily::CdR;
    Speeds speeds;
    speeds.medium_class = MediumClass::Cd;
    speeds.list = {{.write_kilobytes = 2822}, {.write_kilobytes = 1411}};
    EXPECT_EQ(set_write_speed(drive, medium, speeds, 16).value(), speeds.list[1]);
}

TEST_F(DriveTest, EndsTheWaitForABlankThatNeverEnds) {
    drive.assume(MediumFamily::CdRw, mmc::BlockCount{359'849});
    device.on(kBlank).good();
    device.on(kTestUnitReady).check(0x2, 0x0407).taking(seconds(1));
    const auto blanked = drive.blank(mmc::BlankingType::Disc);
    ASSERT_FALSE(blanked);
    EXPECT_EQ(blanked.error().kind, FailureKind::TimedOut);
    EXPECT_NEAR(elapsed(), 3 * 3600, 5);
}

TEST_F(DriveTest, ReportsABlankThatEndsBadly) {
    device.on(kBlank).good();
    device.on(kTestUnitReady).check(0x2, 0x0407).check(0x3, 0x7303);
    const auto blanked = drive.blank(mmc::BlankingType::Minimal);
    ASSERT_FALSE(blanked);
    EXPECT_TRUE(blanked.error().sense->is(mmc::SenseKey::MediumError, 0x7303));
}

TEST_F(DriveTest, TellsTheAddressThatCouldNotBeRead) {
    device.on(kRead10).sense(mmc::make_sense(mmc::SenseKey::MediumError, 0x1100, 1003U));
    std::vector<std::uint8_t> buffer(32 * 2048);
    const auto read = drive.read_blocks(mmc::Lba{1000}, buffer);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().lba, mmc::Lba{1003});
}

TEST_F(DriveTest, DoesNotBelieveAnAddressThatWasNotAskedFor) {
    device.on(kRead10).sense(mmc::make_sense(mmc::SenseKey::MediumError, 0x1100, 77U));
    std::vector<std::uint8_t> buffer(2048);
    EXPECT_EQ(drive.read_blocks(mmc::Lba{1000}, buffer).error().lba, mmc::Lba{1000});
}

TEST_F(DriveTest, AShortReadIsNotASuccess) {
    device.on(kRead10).bytes(std::vector<std::uint8_t>(2048));
    std::vector<std::uint8_t> buffer(2 * 2048);
    EXPECT_FALSE(drive.read_blocks(mmc::Lba{0}, buffer));
}

}  // namespace
}  // namespace kiln::stack

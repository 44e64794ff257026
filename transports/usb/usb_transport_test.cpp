// The USB transport with the real libusb, over a simulated burner on a simulated port.

#include "transports/usb/usb_transport.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "mmc/hex.h"

#include "harness/shim/usb_world.h"
#include "harness/testing/generated_source.h"

namespace kiln::transports {
namespace {

using harness::BotDevice;
using harness::BotFault;
using harness::UrbFault;
using harness::Usbfs;
using harness::UsbWorld;
using harness::UsbWorldSetup;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Kind = TransportError::Kind;

constexpr std::size_t kChunk = std::size_t{32} * 2048;
constexpr std::string_view kReady = "00 00 00 00 00 00";
constexpr std::string_view kWrite = "2a 00 00000000 00 0020 00";
constexpr std::string_view kRead = "28 00 00000000 00 0020 00";
constexpr std::string_view kFlush = "35 00 00000000 00 0000 00";

class UsbTransportTest : public ::testing::Test {
protected:
    void connect(UsbWorldSetup setup = {}, std::string_view address = "1-2") {
        transport_.reset();
        world_.reset();
        world_ = std::make_unique<UsbWorld>(std::move(setup));
        auto opened = world_->open(address);
        ASSERT_TRUE(opened) << opened.error().detail;
        transport_ = *std::move(opened);
        buffers_ = transport_->make_buffers(2, kChunk);
        harness::fill_pattern(1, 0, buffers_[0]);
    }
    Result<Completion, TransportError> run(std::string_view cdb, DataPhase data = NoData{},
                                           Guard guard = Guard::MayReset) {
        return transport_->execute({.cdb = mmc::Cdb::copy_of(mmc::from_hex(cdb)),
                                    .data = data,
                                    .timeout = seconds(30),
                                    .guard = guard});
    }
    static std::string said(const Result<Completion, TransportError>& outcome) {
        return !outcome                          ? outcome.error().detail
               : outcome->status == Status::Good ? "moved " + std::to_string(outcome->moved)
                                                 : mmc::describe(outcome->sense).substr(0, 8);
    }

    std::unique_ptr<UsbWorld> world_;
    std::unique_ptr<UsbTransport> transport_;
    Buffers buffers_;
};

TEST_F(UsbTransportTest, WhatIsWrittenIsRead) {
    for (const auto capabilities : {Usbfs::kScatterGather, Usbfs::kPieces}) {
        connect({.capabilities = capabilities});
        EXPECT_EQ(said(run(kWrite, DataOut{buffers_[0]})), "moved 65536");
        EXPECT_EQ(said(run(kFlush)), "moved 0");
        const auto read = run(kRead, DataIn{buffers_[1]});
        EXPECT_EQ(said(read), "moved 65536");
        EXPECT_GT(read->end, read->start);
        EXPECT_TRUE(std::ranges::equal(buffers_[0], buffers_[1]));
        EXPECT_EQ(world_->usbfs.changed_buffers(), 0U);
        EXPECT_EQ(world_->usbfs.waiting(), 0U);
    }
}

TEST_F(UsbTransportTest, TheTransfersOfACommandAreBegunTogether) {
    connect();
    const auto before = world_->usbfs.urbs();
    EXPECT_EQ(said(run(kWrite, DataOut{buffers_[0]})), "moved 65536");
    EXPECT_EQ(world_->usbfs.urbs() - before, 3U);
}

TEST_F(UsbTransportTest, WhatTheDriveRefusesArrivesAsItsSense) {
    connect();
    EXPECT_EQ(said(run("2a 00 00100000 00 0020 00", DataOut{buffers_[0]})), "05/21/02");
    EXPECT_EQ(said(run("d8 00 00000000 00 0000 00")), "05/20/00");
    EXPECT_EQ(world_->device.resets(), 0U);
    EXPECT_EQ(said(run(kReady)), "moved 0");
}

/// Commands that are begun, and the time that passes meanwhile.
class UsbBegun : public UsbTransportTest {
protected:
    [[nodiscard]] bool begin(std::string_view cdb, DataPhase data = NoData{},
                             Duration timeout = seconds(30)) {
        return transport_->begin({.cdb = mmc::Cdb::copy_of(mmc::from_hex(cdb)),
                                  .data = data,
                                  .timeout = timeout,
                                  .guard = Guard::MayReset});
    }
    /// The last answer of advance(), in steps until it is another than UnderWay.
    Advance advance_to_end() {
        for (int step = 0; step < 1000; ++step) {
            const auto how = transport_->advance(world_->clock.now() + milliseconds(100));
            if (how != Advance::UnderWay) {
                return how;
            }
        }
        return Advance::UnderWay;
    }
    /// The fault meets the first command after the INQUIRY of open().
    void connect_with(BotFault fault) {
        fault.command = 2;
        connect({.device = {.faults = {fault}}});
    }
};

TEST_F(UsbBegun, ItIsUnderWayUntilItsEndAndThenItIsTheSame) {
    connect();
    const auto before = world_->usbfs.urbs();
    ASSERT_TRUE(begin(kWrite, DataOut{buffers_[0]}));
    EXPECT_EQ(world_->usbfs.urbs() - before, 3U) << "all of it is sent";
    EXPECT_EQ(transport_->advance(world_->clock.now()), Advance::UnderWay);
    EXPECT_EQ(advance_to_end(), Advance::Ended);
    const Instant end = world_->clock.now();
    const auto outcome = transport_->complete();
    EXPECT_EQ(said(outcome), "moved 65536");
    EXPECT_GT(outcome->end, outcome->start);
    EXPECT_EQ(world_->clock.now(), end) << "complete() waited";
    ASSERT_TRUE(begin(kRead, DataIn{buffers_[1]}));
    EXPECT_EQ(advance_to_end(), Advance::Ended);
    EXPECT_EQ(said(transport_->complete()), "moved 65536");
    EXPECT_TRUE(std::ranges::equal(buffers_[0], buffers_[1]));
    EXPECT_EQ(said(run(kFlush)), "moved 0") << "and the usual way again";
}

TEST_F(UsbBegun, AWakeEndsTheWaitAndNotTheCommand) {
    connect_with({.kind = BotFault::Kind::LateStatus, .delay = milliseconds(500)});
    ASSERT_TRUE(begin(kReady));
    transport_->waker()->wake();
    const Instant before = world_->clock.now();
    EXPECT_EQ(transport_->advance(before + seconds(20)), Advance::UnderWay);
    EXPECT_EQ(world_->clock.now(), before) << "latched: there was nothing to wait for";
    EXPECT_EQ(transport_->advance(before + seconds(20)), Advance::Ended);
    EXPECT_EQ(said(transport_->complete()), "moved 0");
}

TEST_F(UsbBegun, AnInterruptEndsTheCommand) {
    connect_with({.kind = BotFault::Kind::LateStatus, .delay = seconds(5)});
    ASSERT_TRUE(begin(kReady));
    EXPECT_EQ(transport_->advance(world_->clock.now() + milliseconds(10)), Advance::UnderWay);
    transport_->interrupt();
    EXPECT_EQ(advance_to_end(), Advance::Ended);
    const auto outcome = transport_->complete();
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, Kind::Interrupted);
    EXPECT_FALSE(begin(kReady)) << "what was left behind has the drive, and execute() says so";
    EXPECT_EQ(run(kReady).error().kind, Kind::InUse);
}

/// Linux takes a minute and a half for it where nothing answers, and has no device any more then.
TEST_F(UsbBegun, TheEndOfATransportOutOfStepResetsNoPort) {
    for (const bool answers : {true, false}) {
        connect_with({.kind = BotFault::Kind::NoStatus});
        ASSERT_TRUE(begin(kReady));
        EXPECT_EQ(transport_->advance(world_->clock.now() + milliseconds(10)), Advance::UnderWay);
        transport_->interrupt();
        EXPECT_EQ(advance_to_end(), Advance::Ended);
        const auto outcome = transport_->complete();
        ASSERT_FALSE(outcome);
        EXPECT_EQ(outcome.error().kind, Kind::Interrupted);
        if (!answers) {
            world_->usbfs.fail(
                {.urb = world_->usbfs.urbs() + 1, .kind = UrbFault::Kind::NoHandshake});
        }
        buffers_ = {};
        transport_.reset();
        EXPECT_EQ(world_->device.resets(), answers ? 1U : 0U) << "Reset Recovery";
        EXPECT_EQ(world_->usbfs.port_resets(), 0U);
        EXPECT_EQ(world_->usbfs.driver(), "usb-storage") << "given back";
    }
}

TEST_F(UsbBegun, WhatTakesLongerIsWaitedForByComplete) {
    connect_with({.kind = BotFault::Kind::LateStatus, .delay = seconds(8)});
    const Instant before = world_->clock.now();
    ASSERT_TRUE(begin(kReady));
    EXPECT_EQ(advance_to_end(), Advance::Blocks);
    EXPECT_LT(world_->clock.now() - before, seconds(2));
    EXPECT_EQ(said(transport_->complete()), "moved 0");
    EXPECT_GE(world_->clock.now() - before, seconds(8));
}

TEST_F(UsbBegun, SenseIsAskedForByComplete) {
    connect();
    ASSERT_TRUE(begin("d8 00 00000000 00 0000 00"));
    EXPECT_EQ(advance_to_end(), Advance::Blocks);
    EXPECT_EQ(said(transport_->complete()), "05/20/00");
    EXPECT_EQ(said(run(kReady)), "moved 0");
}

TEST_F(UsbBegun, ATimeOutIsThatOfTheCommandWhateverTheSteps) {
    connect_with({.kind = BotFault::Kind::NoStatus});
    const Instant before = world_->clock.now();
    ASSERT_TRUE(begin(kReady, NoData{}, milliseconds(700)));
    EXPECT_NE(advance_to_end(), Advance::UnderWay);
    const auto outcome = transport_->complete();
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, Kind::TimedOut);
    EXPECT_GE(world_->clock.now() - before, milliseconds(700));
    EXPECT_LT(world_->clock.now() - before, seconds(2));
    EXPECT_EQ(world_->device.resets(), 1U) << "Reset Recovery";
    EXPECT_TRUE(run(kReady));
}

TEST_F(UsbBegun, NothingIsBegunThatWouldHaveToWait) {
    connect({}, "1-2,quirk=one-at-a-time");
    const auto before = world_->usbfs.urbs();
    EXPECT_FALSE(begin(kReady)) << "its transfers wait for each other";
    EXPECT_FALSE(begin(kRead, DataIn{buffers_[1]}));
    EXPECT_EQ(world_->usbfs.urbs(), before);
    EXPECT_EQ(said(run(kReady)), "moved 0");
    transport_.reset();
    connect();
    std::vector<std::uint8_t> large(std::size_t{4} << 20U);
    EXPECT_FALSE(begin(kRead, DataIn{large}));
    EXPECT_EQ(run(kRead, DataIn{large}).error().kind, Kind::TooLarge);
}

TEST_F(UsbTransportTest, TheInterfaceIsTheKernelsAgainAfterwards) {
    connect();
    EXPECT_EQ(world_->usbfs.driver(), "usbfs");
    transport_.reset();
    EXPECT_EQ(world_->usbfs.driver(), "usb-storage");
    world_->usbfs.bind("");  // as a kill -9 leaves it
    transport_ = world_->open().value();
    transport_.reset();
    EXPECT_EQ(world_->usbfs.driver(), "usb-storage");
}

}  // namespace
}  // namespace kiln::transports

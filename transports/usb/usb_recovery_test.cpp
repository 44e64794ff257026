// How the USB transport gets a device back in step, and when it must not.

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "mmc/hex.h"

#include "transports/os/os_clock.h"
#include "transports/usb/usb_transport.h"

#include "harness/shim/usb_world.h"

namespace kiln::transports {
namespace {

using harness::BotDevice;
using harness::BotFault;
using harness::UrbFault;
using harness::Usbfs;
using harness::UsbWorld;
using harness::UsbWorldSetup;
using std::chrono::seconds;
using Fault = BotFault::Kind;
using Kind = TransportError::Kind;

constexpr std::string_view kReady = "00 00 00 00 00 00";
constexpr std::string_view kFlush = "35 00 00000000 00 0000 00";
constexpr std::string_view kRead = "28 00 00000000 00 0020 00";
constexpr std::string_view kWrite = "2a 00 00000000 00 0020 00";

class UsbRecovery : public ::testing::Test {
protected:
    /// The fault meets the first command after the INQUIRY of open().
    void connect(BotFault fault, UsbWorldSetup setup = {}) {
        transport_.reset();
        world_.reset();
        fault.command = 2;
        setup.device.faults = {fault};
        connect(std::move(setup));
    }
    void connect(UsbWorldSetup setup) {
        world_ = std::make_unique<UsbWorld>(std::move(setup));
        auto opened = world_->open();
        ASSERT_TRUE(opened) << opened.error().detail;
        transport_ = *std::move(opened);
    }
    Result<Completion, TransportError> run(std::string_view cdb, Guard guard = Guard::MayReset,
                                           DataPhase data = NoData{}) {
        return transport_->execute({.cdb = mmc::Cdb::copy_of(mmc::from_hex(cdb)),
                                    .data = data,
                                    .timeout = seconds(30),
                                    .guard = guard});
    }
    void let_pass(Duration time) {
        OsWaker nobody;
        (void)world_->clock.wait_until(world_->clock.now() + time, nobody);
    }

    std::unique_ptr<UsbWorld> world_;
    std::unique_ptr<UsbTransport> transport_;
};

TEST_F(UsbRecovery, ATimeOutIsAnsweredByResetRecovery) {
    connect(BotFault{.kind = Fault::NoStatus});
    const auto outcome = run(kReady);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, Kind::TimedOut);
    EXPECT_EQ(world_->device.resets(), 1U);
    EXPECT_EQ(world_->usbfs.port_resets(), 0U);
    EXPECT_LE(world_->clock.now().time_since_epoch(), seconds(31));
    EXPECT_TRUE(run(kReady));
}

TEST_F(UsbRecovery, ATimeOutOfAFlushIsAnsweredByNothing) {
    connect(BotFault{.kind = Fault::LateStatus, .delay = seconds(100)});
    const auto outcome = run(kFlush, Guard::NeverReset);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, Kind::TimedOut);
    const auto refused = run(kReady);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Kind::InUse);
    EXPECT_NE(refused.error().detail.find("SYNCHRONIZE CACHE"), std::string::npos);
    let_pass(seconds(100));
    EXPECT_TRUE(run(kReady)) << "its status has come";
    EXPECT_EQ(world_->device.resets(), 0U);
}

TEST_F(UsbRecovery, WhileADriveMayBeClosingNothingIsReset) {
    connect(UsbWorldSetup{.device = {.faults = {{.kind = Fault::NoStatus, .command = 3},
                                                {.kind = Fault::NoStatus, .command = 7}}}});
    EXPECT_TRUE(run(kFlush, Guard::NeverReset));
    EXPECT_FALSE(run(kReady)) << "the drive is at it, and does not answer";
    EXPECT_EQ(world_->device.resets(), 0U);
    ASSERT_TRUE(transport_->recover(Rung::ResetTransport)) << "who asks for it gets it";
    EXPECT_EQ(world_->device.resets(), 1U);
    EXPECT_EQ(run(kReady)->sense.additional(), 0x2900) << "the reset";
    EXPECT_EQ(run(kReady)->status, Status::Good);
    EXPECT_FALSE(run(kReady));
    EXPECT_EQ(world_->device.resets(), 2U) << "it was ready: nothing is at risk any more";
}

TEST_F(UsbRecovery, ABrokenStatusOfAFlushLeavesHaltsToBeClearedAndNoMore) {
    connect(BotFault{.kind = Fault::WrongTag});
    EXPECT_FALSE(run(kFlush, Guard::NeverReset));
    EXPECT_TRUE(run(kReady));
    EXPECT_EQ(world_->device.resets(), 0U);
    EXPECT_GE(world_->usbfs.halts_cleared(), 2U);
}

TEST_F(UsbRecovery, WhereResetRecoveryFailsThePortIsReset) {
    connect(BotFault{.kind = Fault::WrongTag});
    const auto next = world_->usbfs.urbs() + 1;
    world_->usbfs.fail({.urb = next + 2, .kind = UrbFault::Kind::NoHandshake});  // the request
    EXPECT_FALSE(run(kReady));
    EXPECT_EQ(world_->usbfs.port_resets(), 1U);
    EXPECT_TRUE(run(kReady)) << "in step again";
}

TEST_F(UsbRecovery, EveryRungCanBeAskedFor) {
    connect(UsbWorldSetup{});
    EXPECT_TRUE(transport_->recover(Rung::ClearHalt));
    EXPECT_EQ(world_->device.resets(), 0U);
    EXPECT_EQ(world_->usbfs.halts_cleared(), 2U);
    EXPECT_TRUE(transport_->recover(Rung::ResetTransport));
    EXPECT_EQ(world_->device.resets(), 1U);
    EXPECT_TRUE(transport_->recover(Rung::ResetDevice));
    EXPECT_EQ(world_->usbfs.port_resets(), 1U);
    (void)run(kReady);
    EXPECT_TRUE(run(kReady));
}

TEST_F(UsbRecovery, AnInvalidWrapperIsRecoveredFrom) {
    connect(BotFault{.kind = Fault::StallCommand});
    EXPECT_FALSE(run(kReady));
    EXPECT_EQ(world_->device.resets(), 1U);
    EXPECT_TRUE(run(kReady));
}

// Without scatter-gather libusb cuts transfers into pieces, and says COMPLETED, with less moved, of
// one whose later pieces were refused because the pipe had halted.
TEST_F(UsbRecovery, AStallThatLibusbLosesIsFound) {
    connect(BotFault{.kind = Fault::StallData, .value = 16384}, {.capabilities = Usbfs::kPieces});
    const std::vector<std::uint8_t> data(std::size_t{32} * 2048);
    const auto outcome = run(kWrite, Guard::MayReset, DataOut{data});
    EXPECT_EQ(world_->usbfs.halts_cleared(), 1U);
    ASSERT_FALSE(outcome) << "never all of it";
    EXPECT_EQ(outcome.error().detail,
              "the device took 16384 of 65536 bytes and says that it is done");
    EXPECT_TRUE(run(kReady));
    EXPECT_EQ(world_->device.resets(), 0U);
}

TEST_F(UsbRecovery, ADriveThatIsPulledOutIsGone) {
    connect(BotFault{.kind = Fault::Vanish});
    const auto outcome = run(kReady);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, Kind::Gone);
    EXPECT_EQ(run(kReady).error().kind, Kind::Gone);
    EXPECT_EQ(transport_->recover(Rung::ResetDevice).error().kind, Kind::Gone);
}

TEST_F(UsbRecovery, AnUnplugBetweenCommandsIsSeenByTheNext) {
    connect(UsbWorldSetup{});
    world_->usb.unplug("1-2");
    EXPECT_EQ(run(kReady).error().kind, Kind::Gone);
    EXPECT_EQ(run(kReady).error().kind, Kind::Gone);
}

TEST_F(UsbRecovery, ASlowDeviceGetsItsDataLater) {
    transport_.reset();
    world_ = std::make_unique<UsbWorld>();
    transport_ = world_->open("1-2,quirk=go-slow").value();
    std::vector<std::uint8_t> answer(36);
    const auto outcome = run("12 00 00 00 24 00", Guard::MayReset, DataIn{answer});
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->moved, 36U);
    EXPECT_GE(outcome->end - outcome->start, std::chrono::microseconds(125));
}

TEST_F(UsbRecovery, TooMuchForTheDeviceIsNotSent) {
    connect(UsbWorldSetup{});
    const auto before = world_->usbfs.urbs();
    const std::vector<std::uint8_t> data(std::size_t{121} * 1024);
    EXPECT_EQ(run(kWrite, Guard::MayReset, DataOut{data}).error().kind, Kind::TooLarge);
    EXPECT_EQ(world_->usbfs.urbs(), before);
}

/// While it is held, time stands still and a wait really waits.
class HeldClock final : public Clock {
public:
    explicit HeldClock(Clock& time) : time_(&time) {}
    [[nodiscard]] Instant now() const override { return time_->now(); }
    bool wait_until(Instant deadline, Waker& waker) override {
        constexpr auto kLook = std::chrono::milliseconds(1);
        while (held) {
            waits = true;
            if (waker.wait_for(kLook)) {
                return true;
            }
        }
        return time_->wait_until(deadline, waker);
    }
    std::atomic<bool> held{false};
    std::atomic<bool> waits{false};

private:
    Clock* time_;
};

class UsbInterrupt : public ::testing::Test {
protected:
    void connect(BotFault fault) {
        fault.command = 2;
        world_ = std::make_unique<UsbWorld>(UsbWorldSetup{.device = {.faults = {fault}}});
        clock_ = std::make_unique<HeldClock>(world_->clock);
        transport_ = UsbTransport::open(parse_usb_selector("1-2").value(), *clock_, &stop_).value();
    }
    Result<Completion, TransportError> run(std::string_view cdb, DataPhase data = NoData{}) {
        return transport_->execute({.cdb = mmc::Cdb::copy_of(mmc::from_hex(cdb)), .data = data});
    }
    /// Another thread interrupts it when nothing moves any more.
    Result<Completion, TransportError> interrupted(std::string_view cdb, DataPhase data) {
        return interrupted(cdb, data, [this] { transport_->interrupt(); });
    }
    template <typename Interrupt>
    Result<Completion, TransportError> interrupted(std::string_view cdb, DataPhase data,
                                                   Interrupt interrupt) {
        clock_->held = true;
        std::thread other([&] {
            while (!clock_->waits) {
                std::this_thread::yield();
            }
            interrupt();
        });
        auto outcome = run(cdb, data);
        other.join();
        clock_->held = false;
        return outcome;
    }
    OsWaker waker_;
    Stop stop_{waker_};
    std::unique_ptr<UsbWorld> world_;
    std::unique_ptr<HeldClock> clock_;
    std::unique_ptr<UsbTransport> transport_;
};

TEST_F(UsbInterrupt, OfACommandThatWaitsForItsStatusLeavesItBehind) {
    connect({.kind = Fault::NoStatus});
    const auto outcome = interrupted(kFlush, NoData{});
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, Kind::Interrupted);
    EXPECT_EQ(world_->device.resets(), 0U) << "the drive goes on";
    EXPECT_EQ(run(kReady).error().kind, Kind::InUse);
    ASSERT_TRUE(transport_->recover(Rung::ResetTransport));
    EXPECT_TRUE(run(kReady));
}

TEST_F(UsbInterrupt, OfACommandInItsDataCutsThemOff) {
    connect({.kind = Fault::Silence, .value = 0, .stage = BotFault::Stage::Data});
    const std::vector<std::uint8_t> data(std::size_t{32} * 2048);
    const auto outcome = interrupted(kWrite, DataOut{data});
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, Kind::Interrupted);
    EXPECT_EQ(world_->usbfs.waiting(), 0U) << "the data are the caller's again";
    EXPECT_TRUE(run(kReady)) << "after Reset Recovery";
    EXPECT_EQ(world_->device.resets(), 1U);
}

TEST_F(UsbInterrupt, AStopIsRememberedAndTheDriveGivenBackInStep) {
    connect({.kind = Fault::Silence, .value = 0, .stage = BotFault::Stage::Data});
    std::vector<std::uint8_t> data(std::size_t{32} * 2048);
    const auto outcome = interrupted(kRead, DataIn{data}, [this] { stop_.request(); });
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, Kind::Interrupted);
    const auto urbs = world_->usbfs.urbs();
    EXPECT_EQ(run(kReady).error().kind, Kind::Interrupted);
    EXPECT_EQ(world_->usbfs.urbs(), urbs) << "it was not sent";
    transport_.reset();
    EXPECT_EQ(world_->device.resets(), 1U);
    EXPECT_EQ(world_->device.state(), BotDevice::State::Command);
    EXPECT_EQ(world_->usbfs.driver(), "usb-storage");
}

TEST_F(UsbInterrupt, AStopResetsNoFlush) {
    connect({.kind = Fault::NoStatus});
    clock_->held = true;
    std::thread other([this] {
        while (!clock_->waits) {
            std::this_thread::yield();
        }
        stop_.request();
    });
    const auto outcome = transport_->execute({.cdb = mmc::Cdb::copy_of(mmc::from_hex(kFlush)),
                                              .data = NoData{},
                                              .guard = Guard::NeverReset});
    other.join();
    clock_->held = false;
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, Kind::Interrupted);
    transport_.reset();
    EXPECT_EQ(world_->device.resets(), 0U);
    EXPECT_EQ(world_->usbfs.driver(), "usb-storage");
}

TEST_F(UsbInterrupt, AStopEndsTheOpeningToo) {
    UsbWorld world({.device = {.faults = {{.kind = Fault::NoStatus}}}});
    HeldClock clock(world.clock);
    clock.held = true;
    std::thread other([&] {
        while (!clock.waits) {
            std::this_thread::yield();
        }
        stop_.request();
    });
    const auto opened = UsbTransport::open(parse_usb_selector("1-2").value(), clock, &stop_);
    other.join();
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, Kind::Interrupted);
    EXPECT_EQ(world.usbfs.driver(), "usb-storage");
}

// After the questions with which a medium is waited for, which say NeverReset themselves.
TEST_F(UsbRecovery, AQuestionSetsNothingGoing) {
    connect(UsbWorldSetup{.device = {.faults = {{.kind = Fault::NoStatus, .command = 3}}}});
    std::vector<std::uint8_t> answer(36);
    EXPECT_TRUE(run("51 00 00 00 00 00 00 00 24 00", Guard::NeverReset, DataIn{answer}));
    EXPECT_FALSE(run(kReady));
    EXPECT_EQ(world_->device.resets(), 1U) << "there is nothing that a reset could cut off";
}

TEST_F(UsbInterrupt, WithoutACommandNothingHappens) {
    connect({.kind = Fault::Vanish, .stage = BotFault::Stage::Data});
    transport_->interrupt();
    EXPECT_TRUE(run(kReady));
}

}  // namespace
}  // namespace kiln::transports

// Devices that lose or garble a status which is asked for before the data are through, as QEMU's
// usb-bot does, and those that are merely slow.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "mmc/hex.h"

#include "transports/usb/usb_transport.h"

#include "harness/shim/usb_world.h"

namespace kiln::transports {
namespace {

using harness::BotDevice;
using harness::BotFault;
using harness::UsbIdentityCard;
using harness::UsbWorld;
using harness::UsbWorldSetup;
using std::chrono::milliseconds;
using std::chrono::seconds;
using EarlyStatus = BotDevice::EarlyStatus;

constexpr std::string_view kInquiry = "12 00 00 00 24 00";
constexpr std::string_view kFlush = "35 00 00000000 00 0000 00";

class UsbEarlyStatus : public ::testing::Test {
protected:
    void connect(UsbWorldSetup setup, std::string_view address = "1-2") {
        transport_.reset();
        world_.reset();
        world_ = std::make_unique<UsbWorld>(std::move(setup));
        auto opened = world_->open(address);
        ASSERT_TRUE(opened) << opened.error().detail;
        transport_ = *std::move(opened);
    }
    Result<Completion, TransportError> run(std::string_view cdb, DataPhase data,
                                           Guard guard = Guard::MayReset) {
        return transport_->execute({.cdb = mmc::Cdb::copy_of(mmc::from_hex(cdb)),
                                    .data = data,
                                    .timeout = seconds(30),
                                    .guard = guard});
    }
    /// How long an INQUIRY takes; it must be right.
    Duration inquire(Guard guard = Guard::MayReset) {
        std::vector<std::uint8_t> answer(36);
        const auto outcome = run(kInquiry, DataIn{answer}, guard);
        EXPECT_TRUE(outcome) << outcome.error().detail;
        EXPECT_EQ(outcome->moved, 36U);
        EXPECT_EQ(answer[0], 0x05);
        return outcome->end - outcome->start;
    }
    [[nodiscard]] bool one_at_a_time() const { return transport_->quirks().has(Quirk::OneAtATime); }

    std::unique_ptr<UsbWorld> world_;
    std::unique_ptr<UsbTransport> transport_;
};

TEST_F(UsbEarlyStatus, OneThatIsForgottenIsAskedForAgain) {
    connect({.device = {.early_status = EarlyStatus::Forgotten}});
    EXPECT_FALSE(one_at_a_time()) << "the INQUIRY of open() may have been an accident";
    EXPECT_LE(inquire(), milliseconds(1100));
    EXPECT_EQ(world_->device.resets(), 0U);
    EXPECT_TRUE(one_at_a_time()) << "two are none";
    EXPECT_LE(inquire(), milliseconds(100));
}

TEST_F(UsbEarlyStatus, NothingIsResetForIt) {
    connect({.device = {.early_status = EarlyStatus::Forgotten}});
    EXPECT_LE(inquire(Guard::NeverReset), milliseconds(1100));
    EXPECT_EQ(world_->device.resets(), 0U);
}

TEST_F(UsbEarlyStatus, OneThatIsGarbledIsSeenWhenTheDriveIsOpened) {
    connect({.device = {.early_status = EarlyStatus::Zeros}});
    EXPECT_TRUE(one_at_a_time());
    EXPECT_LE(inquire(), milliseconds(100));
}

TEST_F(UsbEarlyStatus, QemusDriveIsKnown) {
    for (const auto early : {EarlyStatus::Forgotten, EarlyStatus::Zeros}) {
        connect({.device = {.early_status = early},
                 .card = {.vendor = 0x46F4, .product = 0x0001, .revision = 0}});
        EXPECT_TRUE(one_at_a_time());
        EXPECT_LE(world_->clock.now().time_since_epoch(), milliseconds(100));
        EXPECT_EQ(world_->device.resets(), 0U);
    }
}

TEST_F(UsbEarlyStatus, ADriveThatIsOnlySlowIsNotTakenForOne) {
    UsbWorldSetup setup;
    for (std::uint64_t command = 2; command < 5; ++command) {
        setup.device.faults.push_back(
            {.kind = BotFault::Kind::LateStatus, .command = command, .delay = seconds(command)});
    }
    connect(std::move(setup));
    EXPECT_GE(inquire(), seconds(2));
    EXPECT_GE(inquire(), seconds(3));
    const auto outcome = run(kFlush, NoData{}, Guard::NeverReset);
    ASSERT_TRUE(outcome) << outcome.error().detail;
    EXPECT_FALSE(one_at_a_time());
    EXPECT_EQ(world_->device.resets(), 0U);
    EXPECT_EQ(world_->usbfs.waiting(), 0U);
}

TEST_F(UsbEarlyStatus, AWriteThatTakesLongIsNotDoneTwice) {
    connect(
        {.device = {
             .faults = {{.kind = BotFault::Kind::LateStatus, .command = 2, .delay = seconds(5)}}}});
    const std::vector<std::uint8_t> data(std::size_t{32} * 2048);
    const auto outcome = run("2a 00 00000000 00 0020 00", DataOut{data});
    ASSERT_TRUE(outcome) << outcome.error().detail;
    EXPECT_EQ(outcome->moved, data.size());
    EXPECT_EQ(world_->device.commands(), 2U);
}

}  // namespace
}  // namespace kiln::transports

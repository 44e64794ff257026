// Burners that come and go: libusb's own hot-plug, with news of udev that never was. The news come
// through a thread of libusb's, so that time is real here; every wait ends with its news.

#include "transports/usb/usb_watch.h"

#include <cerrno>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "transports/os/os_clock.h"

#include "harness/shim/usb_world.h"

namespace kiln::transports {
namespace {

using harness::UsbWorld;
using harness::UsbWorldSetup;
using std::chrono::milliseconds;
using std::chrono::seconds;

class UsbWatchTest : public ::testing::Test {
protected:
    void begin(UsbWorldSetup setup = {}) {
        world_ = std::make_unique<UsbWorld>(std::move(setup));
        auto watch = UsbWatch::start(clock_);
        ASSERT_TRUE(watch) << watch.error().detail;
        watch_ = *std::move(watch);
    }
    /// "+1-2", "-1-2", "" for none.
    std::string next(Duration patience = seconds(20)) {
        const auto news = watch_->next(clock_.now() + patience);
        return !news ? std::string()
                     : (news->kind == UsbNews::Kind::Arrived ? "+" : "-") + news->found.port;
    }
    std::string nothing() { return next(Duration::zero()); }

    OsClock clock_;
    std::unique_ptr<UsbWorld> world_;
    std::unique_ptr<UsbWatch> watch_;
};

TEST_F(UsbWatchTest, WhatIsThereArrivesFirst) {
    begin();
    EXPECT_EQ(next(), "+1-2");
    EXPECT_EQ(nothing(), "");
}

TEST_F(UsbWatchTest, ABurnerUnpluggedAndPluggedAgainIsSeen) {
    begin();
    EXPECT_EQ(next(), "+1-2");
    world_->usb.unplug("1-2");
    const auto left = watch_->next(clock_.now() + seconds(20));
    ASSERT_TRUE(left);
    EXPECT_EQ(left->kind, UsbNews::Kind::Left);
    EXPECT_EQ(left->found.port, "1-2");
    EXPECT_EQ(left->found.name, "Simulated burner") << "as it was";
    harness::BotDevice again(world_->sim->drive(), world_->sim->personality().link, {});
    harness::Usbfs node(again, {});
    world_->usb.plug("1-2", 5, node);
    EXPECT_EQ(next(), "+1-2");
    harness::UsbClock time(node);
    EXPECT_TRUE(UsbTransport::open(parse_usb_selector("1-2").value(), time));
}

TEST_F(UsbWatchTest, OnlyBurnersAreToldOf) {
    begin({.card = {.interface_class = 0x03}});
    EXPECT_EQ(nothing(), "");
    harness::Usbfs stick(world_->device, {.name = "Stick", .subclass = 0x06});
    world_->usb.describe_unit("1-5", "0", "sda");
    world_->usb.plug("1-5", 7, stick);
    harness::Usbfs burner(world_->device, {});
    world_->usb.plug("1-6", 8, burner);
    EXPECT_EQ(next(), "+1-6");
    world_->usb.unplug("1-5");
    world_->usb.unplug("1-6");
    EXPECT_EQ(next(), "-1-6");
}

TEST_F(UsbWatchTest, ABridgeArrivesWhenTheKernelHasLookedBehindIt) {
    begin({.card = {.subclass = 0x06}});
    EXPECT_EQ(nothing(), "");
    world_->usb.describe_unit("1-2", "5", "sr0");
    EXPECT_EQ(next(), "+1-2");
    EXPECT_EQ(nothing(), "");
}

TEST_F(UsbWatchTest, NothingIsOpenedNorTakenFromTheKernel) {
    begin();
    world_->usbfs.fail_open(EACCES);
    EXPECT_EQ(next(), "+1-2");
    EXPECT_EQ(world_->usbfs.urbs(), 0U);
    EXPECT_EQ(world_->usbfs.driver(), "usb-storage");
}

TEST_F(UsbWatchTest, AWakeEndsTheWaitAndIsRemembered) {
    begin();
    EXPECT_EQ(next(), "+1-2");
    watch_->wake();
    EXPECT_EQ(next(), "");
    std::thread other([this] { watch_->wake(); });
    EXPECT_EQ(next(), "");
    other.join();
}

}  // namespace
}  // namespace kiln::transports

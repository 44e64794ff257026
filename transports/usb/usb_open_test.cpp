// What UsbTransport::open makes of what is plugged in, and of what stands in its way.

#include <cerrno>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <sys/stat.h>

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
using Fault = BotFault::Kind;
using Kind = TransportError::Kind;

TransportError error_of(UsbWorld& world, std::string_view address = "1-2") {
    const auto opened = world.open(address);
    return opened ? TransportError{.detail = "it opened"} : opened.error();
}

TEST(UsbOpen, FindsADriveByPortAndByIdentity) {
    UsbWorld world({.port = "1-2.3"});
    for (const char* address : {"1-2.3", "0e8d:1956", "0e8d:1956:4B494C4E0001"}) {
        const auto opened = world.open(address);
        ASSERT_TRUE(opened) << address << ": " << opened.error().detail;
        EXPECT_EQ((*opened)->found().serial, "4B494C4E0001");
        EXPECT_EQ((*opened)->found().vendor, 0x0E8D);
    }
}

TEST(UsbOpen, WhatIsNotPluggedInIsNoSuchDevice) {
    UsbWorld world;
    for (const char* address : {"1-3", "2-2", "0e8d:1957", "0e8d:1956:KILN0002"}) {
        EXPECT_EQ(error_of(world, address).kind, Kind::NoSuchDevice) << address;
    }
}

TEST(UsbOpen, TwoOfAKindAreToldApartByTheirPorts) {
    UsbWorld world;
    harness::Usbfs other(world.device, {});
    world.usb.plug("1-5", 7, other);
    const auto error = error_of(world, "0e8d:1956");
    EXPECT_EQ(error.kind, Kind::NoSuchDevice);
    EXPECT_NE(error.detail.find("1-2 and 1-5"), std::string::npos) << error.detail;
    EXPECT_TRUE(world.open("1-2"));
}

TEST(UsbOpen, AnythingButBulkOnlyMassStorageIsNotLookedAt) {
    for (const UsbIdentityCard& card :
         {UsbIdentityCard{.interface_class = 0x03}, UsbIdentityCard{.protocol = 0x62},
          UsbIdentityCard{.protocol = 0x00}, UsbIdentityCard{.subclass = 0x04}}) {
        UsbWorld world({.card = card});
        EXPECT_EQ(error_of(world).kind, Kind::NoSuchDevice);
    }
}

TEST(UsbOpen, AQuirkForcesTheProtocolOnWhatDeniesIt) {
    UsbWorld world(
        {.card = {.vendor = 0x05AB, .product = 0x0060, .revision = 0x1105, .protocol = 0x00}});
    EXPECT_TRUE(world.open()) << "from the table";
}

TEST(UsbOpen, WithoutPermissionItSaysWhatToDo) {
    UsbWorld world;
    world.usbfs.fail_open(EACCES);
    const auto error = error_of(world);
    EXPECT_EQ(error.kind, Kind::NotPermitted);
    EXPECT_NE(error.detail.find("/dev/bus/usb/001/004"), std::string::npos) << error.detail;
    EXPECT_NE(error.detail.find("udev rule"), std::string::npos) << error.detail;
    EXPECT_EQ(world.usbfs.driver(), "usb-storage");
}

TEST(UsbOpen, ADriveOfAnotherProgramIsInUse) {
    UsbWorld world;
    world.usbfs.bind("usbfs");
    const auto error = error_of(world);
    EXPECT_EQ(error.kind, Kind::InUse);
    EXPECT_NE(error.detail.find("another program"), std::string::npos) << error.detail;
    EXPECT_EQ(world.usbfs.driver(), "usbfs");
}

TEST(UsbOpen, AMountedDiscIsNotTakenFromTheKernel) {
    UsbWorld world;
    world.usb.describe_unit("1-2", "5", "sr0");
    world.shim.add_node("/dev/sr0", S_IFBLK, {});
    EXPECT_TRUE(world.open()) << "nobody holds it";
    world.shim.fail_open("/dev/sr0", EBUSY);
    const auto error = error_of(world);
    EXPECT_EQ(error.kind, Kind::InUse);
    EXPECT_NE(error.detail.find("/dev/sr0"), std::string::npos) << error.detail;
    EXPECT_EQ(world.usbfs.driver(), "usb-storage");
}

TEST(UsbOpen, WhatTheKernelKnowsToBeADiskIsNotTouched) {
    UsbWorld world;
    world.usb.describe_unit("1-2", "0", "sda");
    EXPECT_EQ(error_of(world).kind, Kind::NotADrive);
    EXPECT_EQ(world.usbfs.urbs(), 0U);
}

TEST(UsbOpen, ADeviceThatAnswersNonsenseIsGivenBack) {
    for (const BotFault& fault :
         {BotFault{.kind = Fault::NoStatus}, BotFault{.kind = Fault::StallCommand},
          BotFault{.kind = Fault::CutData, .value = 4}, BotFault{.kind = Fault::ShortStatus}}) {
        BotFault second = fault;
        second.command = 2;
        BotFault third = fault;
        third.command = 3;
        UsbWorld world({.device = {.faults = {fault, second, third}}});
        EXPECT_FALSE(world.open());
        EXPECT_EQ(world.usbfs.driver(), "usb-storage");
        EXPECT_LT(world.clock.now().time_since_epoch(), std::chrono::seconds(60));
    }
}

TEST(UsbOpen, WhatAPredecessorLeftUndoneIsCleanedUp) {
    UsbWorld world;
    world.usbfs.bind("");
    constexpr std::string_view kInquiry =
        "55534243 01000000 24000000 80 00 06 120000002400 00000000000000000000";
    ASSERT_EQ(world.device.out(mmc::from_hex(kInquiry), {}).bytes, 31U);
    const auto opened = world.open();
    EXPECT_TRUE(opened) << opened.error().detail;
}

TEST(UsbOpen, GetMaxLunMayLie) {
    for (const auto answer : {BotDevice::MaxLun::Answered, BotDevice::MaxLun::Stalled,
                              BotDevice::MaxLun::Nonsense, BotDevice::MaxLun::Silent}) {
        UsbWorld world({.device = {.max_lun = answer}});
        EXPECT_TRUE(world.open());
        EXPECT_LE(world.clock.now().time_since_epoch(), std::chrono::seconds(6));
    }
    UsbWorld world({.device = {.max_lun = BotDevice::MaxLun::Silent}});
    EXPECT_TRUE(world.open("1-2,quirk=single-lun"));
    EXPECT_LT(world.clock.now().time_since_epoch(), std::chrono::seconds(1)) << "not asked";
}

TEST(UsbOpen, ANonsensicalResidueIsLearnt) {
    for (const std::uint32_t residue : {36U, 0xFFFFFFFFU}) {
        UsbWorld world(
            {.device = {
                 .faults = {{.kind = Fault::WrongResidue, .value = residue},
                            {.kind = Fault::WrongResidue, .command = 2, .value = residue}}}});
        const auto opened = world.open();
        ASSERT_TRUE(opened) << opened.error().detail;
        EXPECT_TRUE((*opened)->quirks().has(Quirk::IgnoreResidue));
    }
    UsbWorld world;
    EXPECT_FALSE((*world.open())->quirks().has(Quirk::IgnoreResidue));
}

TEST(UsbOpen, TheLimitIsThatOfSpeedAndQuirks) {
    const auto limit = [](UsbIdentityCard::Speed speed, std::string_view address) {
        UsbWorld world({.card = {.speed = speed}});
        return (*world.open(address))->limits().max_transfer;
    };
    using enum UsbIdentityCard::Speed;
    EXPECT_EQ(limit(High, "1-2"), 120U * 1024);
    EXPECT_EQ(limit(Full, "1-2"), 120U * 1024);
    EXPECT_EQ(limit(Super, "1-2"), 1024U * 1024);
    EXPECT_EQ(limit(Super, "1-2,quirk=max-120-kib"), 120U * 1024);
    EXPECT_EQ(limit(Super, "1-2,quirk=max-32-kib"), 32U * 1024);
}

TEST(UsbOpen, BurnersAreListedAndOthersAreNot) {
    UsbWorld world;
    harness::Usbfs stick(world.device, {.name = "Stick", .subclass = 0x06});
    world.usb.plug("1-5", 7, stick);
    world.usb.describe_unit("1-5", "0", "sda");
    auto context = open_usb_context().value();
    const auto found = find_usb_burners(*context).value();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].port, "1-2");
    EXPECT_EQ(found[0].name, "Simulated burner");
    EXPECT_FALSE(obstacle_to(found[0]));
    world.shim.fail_open(found[0].node, EACCES);
    EXPECT_EQ(obstacle_to(found[0])->kind, Kind::NotPermitted);
    EXPECT_EQ(world.usbfs.urbs(), 0U);
}

TEST(UsbOpen, ABridgeIsListedWhereTheKernelKnowsWhatIsBehindIt) {
    UsbWorld world({.card = {.subclass = 0x06}});
    auto context = open_usb_context().value();
    EXPECT_TRUE(find_usb_burners(*context)->empty()) << "it may be a stick";
    EXPECT_TRUE(world.open()) << "whoever names it means it";
    world.usb.describe_unit("1-2", "5", "sr0");
    EXPECT_EQ(find_usb_burners(*context)->at(0).block, "sr0");
}

}  // namespace
}  // namespace kiln::transports

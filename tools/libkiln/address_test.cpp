#include "tools/libkiln/address.h"

#include <string>

#include <gtest/gtest.h>

namespace kiln::tools {
namespace {

TEST(Address, DeviceFilesAreNamedInFull) {
    const auto address = parse_address("sg:/dev/sr0");
    ASSERT_TRUE(address);
    EXPECT_EQ(std::get<SgAddress>(*address), SgAddress{"/dev/sr0"});
    EXPECT_EQ(parse_address("sg:sr0").error().kind, OpenError::Kind::WrongUsage);
    EXPECT_EQ(parse_address("sg:").error().kind, OpenError::Kind::WrongUsage);
}

TEST(Address, SimulatedDrivesAreAMediumOrAFolder) {
    const auto fresh = parse_address("sim:bd-r,time=real");
    ASSERT_TRUE(fresh);
    EXPECT_EQ(std::get<harness::SimAddress>(*fresh).medium, harness::MediumKind::BdR);
    const auto kept = parse_address("sim:discs/one/");
    ASSERT_TRUE(kept);
    EXPECT_EQ(std::get<harness::SimAddress>(*kept).folder, "discs/one");
}

TEST(Address, AnUnknownMediumIsNoSuchThingAndABadKeyWrongUsage) {
    EXPECT_EQ(parse_address("sim:bd-q").error().kind, OpenError::Kind::NoSuch);
    EXPECT_EQ(parse_address("sim:bd-r,tide=high").error().kind, OpenError::Kind::WrongUsage);
}

TEST(Address, TransportsThatAreNotBuiltInSaySo) {
    for (const char* text : {"spti:D", "replay:trace.ktr"}) {
        const auto address = parse_address(text);
        ASSERT_FALSE(address) << text;
        EXPECT_EQ(address.error().kind, OpenError::Kind::NoSuch);
        EXPECT_NE(address.error().detail.find("this build has no"), std::string::npos);
    }
}

TEST(Address, OfAUsbDriveIsAPortOrAnIdentity) {
    for (const std::string text :
         {"usb:1-2.3", "usb:0e8d:1887", "usb:0e8d:1887:KILN0001,quirk=go-slow"}) {
        const auto address = parse_address(text);
        ASSERT_TRUE(address) << text;
        EXPECT_EQ("usb:" + std::get<UsbAddress>(*address).text, text);
    }
    for (const char* text : {"usb:", "usb:burner", "usb:1-2,quirk=go-fast"}) {
        EXPECT_EQ(parse_address(text).error().kind, OpenError::Kind::WrongUsage) << text;
    }
}

TEST(Address, WhatIsNoAddressIsNoDrive) {
    for (const char* text : {"", "sr0", "/dev/sr0", "floppy:0", ":"}) {
        const auto address = parse_address(text);
        ASSERT_FALSE(address) << text;
        EXPECT_EQ(address.error().kind, OpenError::Kind::NoSuch) << text;
    }
}

}  // namespace
}  // namespace kiln::tools

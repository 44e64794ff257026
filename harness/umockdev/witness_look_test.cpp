// Programs by other people look at a simulated drive, and agree with what it is.

#include <string>

#include <fmt/format.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/testing/witness.h"

namespace kiln::harness::testing {
namespace {

using ::testing::HasSubstr;

TEST(WitnessLook, SgInqSeesTheIdentity) {
    KILN_NEEDS("sg_inq");
    WitnessDrive drive(MediumKind::BdR);
    for (const char* node : {"/dev/sg0", "/dev/sr0"}) {
        const auto said = drive.run(std::string("sg_inq ") + node);
        EXPECT_EQ(said.status, 0) << said.words << drive.log();
        const Identity& identity = drive.personality().identity;
        EXPECT_THAT(said.words, HasSubstr("Peripheral device type: cd/dvd"));
        EXPECT_THAT(said.words, HasSubstr("Vendor identification: " + identity.vendor));
        EXPECT_THAT(said.words, HasSubstr("Product identification: " + identity.product));
        EXPECT_THAT(said.words, HasSubstr("Product revision level: " + identity.revision));
    }
}

TEST(WitnessLook, SgGetConfigSeesTheProfile) {
    KILN_NEEDS("sg_get_config");
    for (const auto& [kind, words] :
         {std::pair(MediumKind::CdR, "CD-R"), std::pair(MediumKind::DvdPlusR, "DVD+R"),
          std::pair(MediumKind::BdR, "BD-R SRM")}) {
        WitnessDrive drive(kind);
        const auto said = drive.run("sg_get_config /dev/sg0");
        EXPECT_EQ(said.status, 0) << said.words << drive.log();
        EXPECT_THAT(said.words, HasSubstr(std::string("Current profile: ") + words));
        EXPECT_THAT(said.words, HasSubstr(std::string("profile: ") + words + " , currentP=1"));
    }
}

TEST(WitnessLook, MediainfoSeesABlankDisc) {
    KILN_NEEDS("dvd+rw-mediainfo");
    for (const auto& [kind, profile] : {std::pair(MediumKind::DvdPlusR, "1Bh, DVD+R"),
                                        std::pair(MediumKind::BdR, "41h, BD-R SRM"),
                                        std::pair(MediumKind::DvdR, "11h, DVD-R Sequential")}) {
        WitnessDrive drive(kind);
        const auto said = drive.run("dvd+rw-mediainfo /dev/sr0");
        EXPECT_EQ(said.status, 0) << said.words << drive.log();
        const Identity& identity = drive.personality().identity;
        EXPECT_THAT(said.words, HasSubstr(fmt::format("[{:<8}][{:<16}][{:<4}]", identity.vendor,
                                                      identity.product, identity.revision)));
        EXPECT_THAT(said.words, HasSubstr(std::string("Mounted Media:         ") + profile));
        EXPECT_THAT(said.words, HasSubstr("Disc status:           blank"));
        EXPECT_THAT(said.words, HasSubstr("Number of Sessions:    1"));
    }
}

TEST(WitnessLook, MediainfoSeesABurntDisc) {
    KILN_NEEDS("dvd+rw-mediainfo");
    KILN_NEEDS("cdrskin");
    WitnessDrive drive(MediumKind::DvdPlusR);
    const std::string image = drive.make_image(1203);
    EXPECT_EQ(drive.run("cdrskin dev=/dev/sr0 -data " + image).status, 0) << drive.log();
    const auto said = drive.run("dvd+rw-mediainfo /dev/sr0");
    EXPECT_EQ(said.status, 0) << said.words << drive.log();
    EXPECT_THAT(said.words, HasSubstr("Disc status:           complete"));
    EXPECT_THAT(said.words, HasSubstr("READ CAPACITY:          1216*2048=2490368")) << "76 x 16";
}

TEST(WitnessLook, CdInfoSeesTheDriveAndABurntDisc) {
    KILN_NEEDS("cd-info");
    KILN_NEEDS("wodim");
    WitnessDrive drive(MediumKind::CdR);
    const std::string image = drive.make_image(1203);
    EXPECT_EQ(drive.run("wodim dev=/dev/sr0 gracetime=0 -tao -data " + image).status, 0)
        << drive.log();
    const auto said = drive.run("cd-info --no-header -C /dev/sr0");
    const Identity& identity = drive.personality().identity;
    EXPECT_THAT(said.words, HasSubstr("Vendor                      : " + identity.vendor));
    EXPECT_THAT(said.words, HasSubstr("Model                       : " + identity.product));
    EXPECT_THAT(said.words, HasSubstr("CD-ROM Track List (1 - 1)"));
    EXPECT_THAT(said.words, HasSubstr("  1: 00:02:00  000000 data"));
    EXPECT_THAT(said.words, HasSubstr("170: 00:18:05  001205 leadout")) << "with 2 run-out blocks";
}

}  // namespace
}  // namespace kiln::harness::testing

// Programs by other people burn onto a simulated drive; what they burnt is read back.

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/testing/witness.h"

namespace kiln::harness::testing {
namespace {

using ::testing::HasSubstr;

constexpr std::uint32_t kBlocks = 1203;  // no multiple of 16, 31 or 32

/// Burns with `command`, in which IMAGE stands for the file, and reads back.
void expect_burnt(MediumKind kind, std::string command, WitnessDrive& drive) {
    const std::string image = drive.make_image(kBlocks);
    command.replace(command.find("IMAGE"), 5, image);
    const auto said = drive.run(command);
    EXPECT_EQ(said.status, 0) << said.words << drive.log();
    EXPECT_EQ(drive.blocks_as_burnt(kBlocks), kBlocks) << facts_of(kind).name << "\n"
                                                       << said.words << drive.log();
}

TEST(WitnessBurn, WodimCdRTrackAtOnce) {
    KILN_NEEDS("wodim");
    WitnessDrive drive(MediumKind::CdR);
    expect_burnt(MediumKind::CdR, "wodim -v dev=/dev/sr0 gracetime=0 -tao -data IMAGE", drive);
}

TEST(WitnessBurn, CdrskinCdRTrackAtOnce) {
    KILN_NEEDS("cdrskin");
    WitnessDrive drive(MediumKind::CdR);
    expect_burnt(MediumKind::CdR, "cdrskin -v dev=/dev/sr0 -tao -data IMAGE", drive);
}

TEST(WitnessBurn, WodimDvdPlusR) {
    KILN_NEEDS("wodim");
    WitnessDrive drive(MediumKind::DvdPlusR);
    expect_burnt(MediumKind::DvdPlusR, "wodim -v dev=/dev/sr0 gracetime=0 -data IMAGE", drive);
}

TEST(WitnessBurn, CdrskinDvdPlusR) {
    KILN_NEEDS("cdrskin");
    WitnessDrive drive(MediumKind::DvdPlusR);
    expect_burnt(MediumKind::DvdPlusR, "cdrskin -v dev=/dev/sr0 -data IMAGE", drive);
}

TEST(WitnessBurn, GrowisofsDvdPlusR) {
    KILN_NEEDS("growisofs");
    WitnessDrive drive(MediumKind::DvdPlusR);
    expect_burnt(MediumKind::DvdPlusR, "growisofs -use-the-force-luke=notray -Z /dev/sr0=IMAGE",
                 drive);
}

TEST(WitnessBurn, CdrskinBdR) {
    KILN_NEEDS("cdrskin");
    WitnessDrive drive(MediumKind::BdR);
    expect_burnt(MediumKind::BdR, "cdrskin -v dev=/dev/sr0 -data IMAGE", drive);
}

TEST(WitnessBurn, CdrskinDvdR) {
    KILN_NEEDS("cdrskin");
    WitnessDrive drive(MediumKind::DvdR);
    expect_burnt(MediumKind::DvdR, "cdrskin -v dev=/dev/sr0 -data IMAGE", drive);
}

}  // namespace
}  // namespace kiln::harness::testing

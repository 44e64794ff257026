// Answers of real drives, as public sources have them. A few bytes stand here with their origin;
// whole files are read from $KILN_REAL_DATA.

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mmc/hex.h"

#include "stack/drive.h"
#include "stack/facts.h"
#include "stack/medium.h"
#include "stack/speeds.h"

#include "harness/sim/virtual_clock.h"
#include "harness/testing/scripted_device.h"
#include "harness/testing/test_data.h"

namespace kiln::stack {
namespace {

using harness::ScriptedDevice;
using ::testing::ElementsAre;

constexpr std::uint8_t kInquiry = 0x12;
constexpr std::uint8_t kGetConfiguration = 0x46;
constexpr std::uint8_t kModeSense10 = 0x5A;
constexpr std::uint8_t kReadToc = 0x43;

class RealDriveTest : public ::testing::Test {
protected:
    // A page with a mode parameter header of 8 bytes before it.
    void capabilities(const std::string& page) {
        auto bytes = mmc::from_hex(page);
        const auto length = static_cast<std::uint8_t>(bytes.size() + 6);
        std::vector<std::uint8_t> answer{0, length, 0, 0, 0, 0, 0, 0};
        answer.insert(answer.end(), bytes.begin(), bytes.end());
        device.on(kModeSense10).bytes(answer);
    }
    std::vector<double> speeds_in(MediumFamily family) {
        Medium medium;
        medium.family = family;
        const auto speeds = read_speeds(drive, medium);
        std::vector<double> x;
        for (const auto& speed : speeds.value().list) {
            x.push_back(std::round(to_x(speeds->medium_class, speed.write_kilobytes) * 10) / 10);
        }
        return x;
    }

    harness::VirtualClock clock;
    harness::HandWaker waker;
    ScriptedDevice device{clock};
    Drive drive{device, clock, waker};
};

// hp DVD-RAM GH80N RF03 with a DVD+R in: page 2Ah, rebuilt from the printout in a public how-to.
TEST_F(RealDriveTest, ADvdWriterListsItsSpeedsInPage2A) {
    capabilities(
        "2a 2e 3f 37 f1 73 2b 23 40 ec 01 00 08 00 40 ec 00 00 2b 48 2b 48 00 01 00 00 00 00 2b 48 "
        "00 04 00 00 2b 48 00 00 20 76 00 00 15 a4 00 00 0c fc");
    EXPECT_THAT(speeds_in(MediumFamily::DvdPlusR), ElementsAre(8.0, 6.0, 4.0, 2.4));
}

// LG CED-8083B 1.09, a CD writer of 2000: 22 bytes of page 2Ah, no GET CONFIGURATION, 4x at most.
TEST_F(RealDriveTest, ACdWriterOfTheNinetiesTellsItsMaximum) {
    capabilities("2a 14 07 07 71 67 29 03 16 0d 00 ff 08 00 02 c2 00 00 02 c2 02 c2");
    EXPECT_THAT(speeds_in(MediumFamily::CdR), ElementsAre(4.0, 2.0, 1.0));
    EXPECT_THAT(speeds_in(MediumFamily::DvdPlusR), ElementsAre());
}

TEST_F(RealDriveTest, ACdWriterOfTheNinetiesIsIdentifiedByItsCapabilities) {
    capabilities("2a 14 07 07 71 67 29 03 16 0d 00 ff 08 00 02 c2 00 00 02 c2 02 c2");
    device.on(kInquiry).data(
        "05 80 00 01 1f 00 00 00 4c 47 20 20 20 20 20 20"
        "43 44 2d 52 57 20 43 45 44 2d 38 30 38 33 42 20 31 2e 30 39");
    const auto identity = drive.identify().value();
    EXPECT_EQ(identity.vendor, "LG");
    EXPECT_EQ(identity.product, "CD-RW CED-8083B");
    EXPECT_EQ(identity.revision, "1.09");
    EXPECT_FALSE(identity.has_features);
    EXPECT_TRUE(identity.is_writer());
    EXPECT_THAT(identity.profiles, ElementsAre(0x000A, 0x0009, 0x0008));
    EXPECT_EQ(identity.buffer_bytes, 2048U * 1024);
    EXPECT_EQ(identity.max_write_kilobytes, 706U);
}

// A CMC CD-RW, "1-4x", 75 min: its ATIP as read by a CED-8083B, rebuilt from a printout in the
// Ubuntu Forums archive; here in a drive that could do 8x.
TEST_F(RealDriveTest, AStandardCdRwBoundsTheMaximumOfAnOldDrive) {
    capabilities("2a 14 07 07 71 67 29 03 16 0d 00 ff 08 00 05 83 00 00 05 83 05 83");
    device.on(kReadToc).data(
        "00 1a 00 00 d2 00 c6 00 61 1a 41 00 4b 00 00 00 02 4c b0 00 00 00 00 00 00 00 00 00");
    EXPECT_THAT(speeds_in(MediumFamily::CdR), ElementsAre(8.0, 4.0, 2.0, 1.0));
    EXPECT_THAT(speeds_in(MediumFamily::CdRw), ElementsAre(4.0, 2.0, 1.0));
}

// ASUS DRW-24F1ST with a DVD-RAM in: zero write speeds.
TEST_F(RealDriveTest, ADriveMayListNoSpeedAtAll) {
    capabilities(
        "2a 1e 3f 37 f1 77 29 23 00 00 01 00 03 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
        "00 00");
    EXPECT_THAT(speeds_in(MediumFamily::DvdRam), ElementsAre());
    Medium medium;
    medium.family = MediumFamily::DvdRam;
    EXPECT_EQ(set_write_speed(drive, medium, Speeds{}, 4.0).value(), std::nullopt);
}

TEST_F(RealDriveTest, AUsbBdWriterWithoutADiscIsIdentified) {
    const auto folder = harness::real_data();
    if (!folder) {
        GTEST_SKIP() << harness::kNoRealData;
    }
    const auto file = [&](const char* name) {
        return harness::read_bytes(*folder / "coastermelt-se506cb" / name);
    };
    device.on(kInquiry).bytes(file("inquiry96.bin"));
    device.on(kGetConfiguration).bytes(file("get_configuration_rt0_nodisc_reconstructed.bin"));
    device.on(kModeSense10).bytes(file("mode_pages_current.bin"));
    const auto identity = drive.identify().value();
    EXPECT_EQ(identity.vendor, "TSSTcorp");
    EXPECT_EQ(identity.product, "BDDVDW SE-506CB");
    EXPECT_EQ(identity.revision, "TS01");
    EXPECT_TRUE(identity.is_optical);
    EXPECT_TRUE(identity.has_features);
    EXPECT_TRUE(identity.has_write_parameters);
    EXPECT_EQ(identity.profiles.front(), 0x0043);
    EXPECT_TRUE(identity.has_profile(0x0041));
    EXPECT_EQ(identity.buffer_bytes, 4096U * 1024);
}

}  // namespace
}  // namespace kiln::stack

#include "harness/sim/speed_curve.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

namespace kiln::harness {
namespace {

using std::chrono::seconds;

// 1x of a CD in user data: 75 blocks of 2048 bytes a second.
constexpr std::uint64_t kCd1x = 75 * 2048;
constexpr std::uint64_t kCd80 = std::uint64_t{359849} * 2048;

double seconds_of(Duration time) {
    return std::chrono::duration<double>(time).count();
}

std::vector<SpeedCurve> one_of_each() {
    return {SpeedCurve::clv(4 * kCd1x),
            SpeedCurve::zclv(std::array<SpeedZone, 3>{{{0, 3324000},
                                                       {std::uint64_t{219904} * 2048, 5540000},
                                                       {std::uint64_t{3953920} * 2048, 3324000}}}),
            SpeedCurve::cav(21 * kCd1x, 51 * kCd1x, kCd80),
            SpeedCurve::pcav(20 * kCd1x, 40 * kCd1x, kCd80 / 2)};
}

TEST(SpeedCurve, ClvTakesTheSameTimeEverywhere) {
    const SpeedCurve curve = SpeedCurve::clv(4 * kCd1x);
    EXPECT_EQ(curve.time_between(0, 4 * kCd1x), seconds(1));
    EXPECT_EQ(curve.time_between(kCd80, kCd80 + 40 * kCd1x), seconds(10));
    EXPECT_EQ(curve.bytes_per_second_at(kCd80), 4 * kCd1x);
}

// A CD-R of 691 MB at 52x: the log (cdrecord, Ubuntu Forums) says 157 s in all, a peak of 51.3x and
// 32.4x on average, which counts the lead-in before the first block. The curve alone makes
// (21 + 51) / 2 = 36x; with the 14 s to which lead-ins at that speed are short it makes 32x.
TEST(SpeedCurve, CavOf52xCdRisesFrom21To51) {
    const SpeedCurve curve = SpeedCurve::cav(21 * kCd1x, 51 * kCd1x, kCd80);
    EXPECT_NEAR(static_cast<double>(curve.bytes_per_second_at(0)), 21.0 * kCd1x, 0.15 * kCd1x);
    EXPECT_NEAR(static_cast<double>(curve.bytes_per_second_at(kCd80 - 1)), 51.0 * kCd1x,
                0.15 * kCd1x);
    const double whole = seconds_of(curve.time_to(kCd80));
    EXPECT_NEAR(static_cast<double>(kCd80) / whole / kCd1x, 36.0, 0.05);
    const std::uint64_t burnt = std::uint64_t{691} << 20U;
    const double with_lead_in = seconds_of(curve.time_to(burnt)) + 14;
    EXPECT_NEAR(static_cast<double>(burnt) / with_lead_in / kCd1x, 32.0, 0.6);
}

TEST(SpeedCurve, CavIsHalfWayUpInSquaresInTheMiddle) {
    const SpeedCurve curve = SpeedCurve::cav(3'000'000, 6'000'000, kCd80);
    // sqrt((9 + 36) / 2)
    EXPECT_NEAR(static_cast<double>(curve.bytes_per_second_at(kCd80 / 2)), 4'743'416.0, 10'000.0);
}

TEST(SpeedCurve, PcavIsFlatBehindTheKnee) {
    const SpeedCurve curve = SpeedCurve::pcav(20 * kCd1x, 40 * kCd1x, kCd80 / 2);
    EXPECT_LT(curve.bytes_per_second_at(kCd80 / 4), 40 * kCd1x);
    EXPECT_EQ(curve.bytes_per_second_at(kCd80 / 2), 40 * kCd1x);
    EXPECT_EQ(curve.bytes_per_second_at(kCd80), 40 * kCd1x);
}

// HL-DT-ST BD-RE BT20N with an MKM/001 DVD+R DL in: 2.4x, 4x, 2.4x (dvd+rw-mediainfo, Ubuntu
// Forums).
TEST(SpeedCurve, ZclvAddsUpItsZones) {
    const SpeedCurve curve = one_of_each()[1];
    const std::uint64_t first = std::uint64_t{219904} * 2048;
    const std::uint64_t second = std::uint64_t{3953920 - 219904} * 2048;
    const std::uint64_t third = std::uint64_t{4173824 - 3953920} * 2048;
    EXPECT_NEAR(
        seconds_of(curve.time_to(first + second + third)),
        static_cast<double>(first + third) / 3324000.0 + static_cast<double>(second) / 5540000.0,
        1e-6);
}

TEST(SpeedCurve, TimesAddUpHoweverARangeIsDivided) {
    for (const SpeedCurve& curve : one_of_each()) {
        for (const std::uint64_t step : {2048ULL, 65536ULL, 12345677ULL}) {
            Duration sum{};
            std::uint64_t at = 0;
            for (int i = 0; i < 500; ++i, at += step) {
                sum += curve.time_between(at, at + step);
            }
            EXPECT_EQ(sum, curve.time_between(0, at));
        }
    }
}

TEST(SpeedCurve, TimeNeverFallsAsTheAddressRises) {
    for (const SpeedCurve& curve : one_of_each()) {
        Duration last{};
        for (std::uint64_t byte = 0; byte < kCd80; byte += 99'991) {
            const Duration time = curve.time_to(byte);
            ASSERT_GE(time, last);
            last = time;
        }
    }
}

TEST(SpeedCurve, AddressAfterIsTheLargestThatFits) {
    for (const SpeedCurve& curve : one_of_each()) {
        for (std::uint64_t from = 0; from < kCd80; from += kCd80 / 37) {
            for (const std::int64_t nanos : {0LL, 1LL, 999LL, 1'000'000LL, 90'000'000'000LL}) {
                const std::uint64_t to = curve.address_after(from, Duration(nanos));
                ASSERT_LE(curve.time_between(from, to), Duration(nanos));
                ASSERT_GT(curve.time_between(from, to + 1), Duration(nanos));
            }
        }
    }
}

TEST(SpeedCurve, GoesNowhereInNegativeTime) {
    EXPECT_EQ(SpeedCurve::clv(1000).address_after(77, Duration(-1)), 77U);
}

TEST(SpeedCurve, IsCutOffAtALowerSpeed) {
    const SpeedCurve curve = SpeedCurve::cav(21 * kCd1x, 51 * kCd1x, kCd80).limited_to(30 * kCd1x);
    EXPECT_EQ(curve.fastest(), 30 * kCd1x);
    EXPECT_EQ(curve.bytes_per_second_at(kCd80), 30 * kCd1x);
    EXPECT_LT(curve.bytes_per_second_at(0), 22 * kCd1x);
    EXPECT_LT(curve.zones().size(), 257U);
}

TEST(SpeedCurve, DropsZonesThatMakeNoSense) {
    const std::array<SpeedZone, 4> zones = {{{0, 100}, {50, 0}, {40, 200}, {30, 300}}};
    const SpeedCurve curve = SpeedCurve::zclv(zones);
    ASSERT_EQ(curve.zones().size(), 2U);
    EXPECT_EQ(curve.zones()[1], (SpeedZone{.first_byte = 40, .bytes_per_second = 200}));
    EXPECT_EQ(SpeedCurve::zclv({}).fastest(), 1U);
    EXPECT_EQ(SpeedCurve::clv(0).fastest(), 1U);
}

// 100 GB at 2x BD: 64 bit integers are enough for the largest medium and the slowest drive.
TEST(SpeedCurve, DoesNotOverflowOnTheLargestMedium) {
    const std::uint64_t bdxl = std::uint64_t{62'500'864} * 2048;
    EXPECT_NEAR(seconds_of(SpeedCurve::clv(153'600).time_to(bdxl)), 833'344.9, 0.1);
    EXPECT_EQ(SpeedCurve::clv(153'600).address_after(0, SpeedCurve::clv(153'600).time_to(bdxl)),
              bdxl);
}

TEST(SpeedCurve, ManyCurvesInTurnAreEachTheirOwn) {
    const auto zones = [](std::uint64_t top) {
        const auto limited = SpeedCurve::cav(1'000'000, top, 4'000'000'000).limited_to(2'500'000);
        return std::vector<SpeedZone>(limited.zones().begin(), limited.zones().end());
    };
    const auto first = zones(2'000'000);
    for (std::uint64_t top = 2'000'000; top < 4'000'000; top += 100'000) {
        EXPECT_EQ(zones(top).back().bytes_per_second, std::min<std::uint64_t>(top, 2'500'000));
    }
    EXPECT_EQ(zones(2'000'000), first);
}

}  // namespace
}  // namespace kiln::harness

#include "stack/speeds.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stack/facts.h"

namespace kiln::stack {
namespace {

using ::testing::ElementsAre;

Speeds cd(std::initializer_list<std::uint32_t> kilobytes) {
    Speeds speeds;
    speeds.medium_class = MediumClass::Cd;
    for (const auto value : kilobytes) {
        speeds.list.push_back({.write_kilobytes = value});
    }
    tidy(speeds.list);
    return speeds;
}

std::vector<std::uint32_t> values(const Speeds& speeds) {
    std::vector<std::uint32_t> all;
    for (const auto& speed : speeds.list) {
        all.push_back(speed.write_kilobytes);
    }
    return all;
}

TEST(ToX, CountsInWhatDrivesCountIn) {
    EXPECT_NEAR(to_x(MediumClass::Cd, 8467), 48.0, 0.01);
    EXPECT_NEAR(to_x(MediumClass::Dvd, 22160), 16.0, 0.01);
    EXPECT_NEAR(to_x(MediumClass::Bd, 26973), 6.0, 0.01);
}

TEST(ToKilobytes, IsTheInverse) {
    EXPECT_EQ(to_kilobytes(MediumClass::Cd, 4), 706U);
    EXPECT_EQ(to_kilobytes(MediumClass::Dvd, 2.4), 3324U);
    EXPECT_EQ(to_kilobytes(MediumClass::Bd, 2), 8991U);
}

TEST(ToKilobytes, StaysInBoundsForAnyWish) {
    EXPECT_EQ(to_kilobytes(MediumClass::Cd, 0), 1U);
    EXPECT_EQ(to_kilobytes(MediumClass::Cd, -3), 1U);
    EXPECT_EQ(to_kilobytes(MediumClass::Bd, 1e300), 1'000'000U);
}

TEST(PayloadRate, IsUserDataOnly) {
    EXPECT_NEAR(payload_bytes_per_second(MediumClass::Cd, 8467), 48 * 153'600.0, 3000);
    EXPECT_NEAR(payload_bytes_per_second(MediumClass::Dvd, 22160), 22'160'000, 1);
}

TEST(TidySpeeds, DropsZerosAndRepetitionsFastestFirst) {
    EXPECT_THAT(values(cd({706, 0, 4234, 706, 8467, 0})), ElementsAre(8467, 4234, 706));
}

TEST(NearestSpeed, IsTheFastestWithoutAWish) {
    EXPECT_EQ(nearest_speed(cd({706, 4234, 2822}), std::nullopt)->write_kilobytes, 4234U);
}

TEST(NearestSpeed, IsTheNearestRealOne) {
    const auto speeds = cd({706, 1411, 2822, 4234});
    EXPECT_EQ(nearest_speed(speeds, 4)->write_kilobytes, 706U);
    EXPECT_EQ(nearest_speed(speeds, 9)->write_kilobytes, 1411U);
    EXPECT_EQ(nearest_speed(speeds, 23)->write_kilobytes, 4234U);
    EXPECT_EQ(nearest_speed(speeds, 1000)->write_kilobytes, 4234U);
    EXPECT_EQ(nearest_speed(speeds, 0.1)->write_kilobytes, 706U);
    EXPECT_EQ(nearest_speed(speeds, std::numeric_limits<double>::infinity())->write_kilobytes,
              4234U);
}

TEST(NearestSpeed, IsTheSlowerOfTwoEquallyNear) {
    Speeds speeds;
    speeds.medium_class = MediumClass::Dvd;
    speeds.list = {{.write_kilobytes = 8310}, {.write_kilobytes = 5540}};
    EXPECT_EQ(nearest_speed(speeds, 5)->write_kilobytes, 5540U);
}

TEST(NearestSpeed, IsNothingInAnEmptyList) {
    EXPECT_EQ(nearest_speed(cd({}), 4), std::nullopt);
    EXPECT_EQ(nearest_speed(cd({0, 0}), std::nullopt), std::nullopt);
}

}  // namespace
}  // namespace kiln::stack

#include "harness/sim/drive_buffer.h"

#include <chrono>
#include <cstdint>

#include <gtest/gtest.h>

namespace kiln::harness {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Instant kStart = Instant(seconds(1000));
constexpr std::uint64_t kSpeed = 1'000'000;

DriveBuffer at_speed(DriveBuffer::Settings settings = {.capacity = 2'000'000}) {
    DriveBuffer buffer(settings);
    buffer.begin(0, SpeedCurve::clv(kSpeed), kStart, kStart);
    return buffer;
}

TEST(DriveBuffer, DrainsAtTheSpeedOfTheMedium) {
    DriveBuffer buffer = at_speed();
    buffer.put(1'500'000, kStart);
    EXPECT_EQ(buffer.fill(kStart), 1'500'000U);
    EXPECT_EQ(buffer.fill(kStart + seconds(1)), 500'000U);
    EXPECT_EQ(buffer.drained_to(kStart + seconds(1)), 1'000'000U);
    EXPECT_EQ(buffer.room(kStart + seconds(1)), 1'500'000U);
    EXPECT_EQ(buffer.fill(kStart + seconds(9)), 0U);
    EXPECT_EQ(buffer.drained_to(kStart + seconds(9)), 1'500'000U);
}

TEST(DriveBuffer, KnowsWhenThereIsRoom) {
    DriveBuffer buffer = at_speed();
    buffer.put(2'000'000, kStart);
    EXPECT_EQ(buffer.when_room(500'000, kStart), kStart + milliseconds(500));
    EXPECT_EQ(buffer.when_room(500'000, kStart + seconds(1)), kStart + seconds(1));
    EXPECT_GE(buffer.room(buffer.when_room(500'000, kStart)), 500'000U);
}

TEST(DriveBuffer, TakesMoreThanItHoldsWhenEmpty) {
    DriveBuffer buffer = at_speed();
    buffer.put(1'000'000, kStart);
    EXPECT_EQ(buffer.when_room(5'000'000, kStart), kStart + seconds(1));
}

TEST(DriveBuffer, KnowsWhenItWillBeEmpty) {
    DriveBuffer buffer = at_speed();
    EXPECT_EQ(buffer.when_empty(kStart + seconds(3)), kStart + seconds(3));
    buffer.put(1'000'000, kStart);
    EXPECT_EQ(buffer.when_empty(kStart), kStart + seconds(1));
}

TEST(DriveBuffer, WritesNothingBeforeTheLeadInIsThere) {
    DriveBuffer buffer({.capacity = 2'000'000});
    buffer.begin(0, SpeedCurve::clv(kSpeed), kStart, kStart + seconds(20));
    buffer.put(2'000'000, kStart);
    EXPECT_EQ(buffer.fill(kStart + seconds(20)), 2'000'000U);
    EXPECT_EQ(buffer.fill(kStart + seconds(21)), 1'000'000U);
    EXPECT_EQ(buffer.when_room(1, kStart), kStart + seconds(20) + std::chrono::microseconds(1));
}

TEST(DriveBuffer, CountsAStopAndLinksBeforeItGoesOn) {
    DriveBuffer buffer = at_speed({.capacity = 2'000'000, .relink = milliseconds(300)});
    buffer.put(1'000'000, kStart);
    buffer.put(1'000'000, kStart + seconds(5));
    EXPECT_EQ(buffer.stops(), 1U);
    // Dry at 1 s, so linked long before 5 s.
    EXPECT_EQ(buffer.when_empty(kStart + seconds(5)), kStart + seconds(6));
    buffer.put(1'000'000, kStart + milliseconds(6100));
    EXPECT_EQ(buffer.stops(), 2U);
    EXPECT_EQ(buffer.when_empty(kStart + seconds(6)), kStart + milliseconds(7300));
}

TEST(DriveBuffer, DoesNotCountTheEndAsAStop) {
    DriveBuffer buffer = at_speed();
    buffer.put(1'000'000, kStart);
    EXPECT_EQ(buffer.fill(kStart + seconds(60)), 0U);
    EXPECT_EQ(buffer.stops(), 0U);
}

TEST(DriveBuffer, WaitsForItsStartLevel) {
    DriveBuffer buffer =
        at_speed({.capacity = 2'000'000, .start_level = 1'000'000, .patience = seconds(3)});
    buffer.put(500'000, kStart);
    EXPECT_EQ(buffer.fill(kStart + seconds(2)), 500'000U);
    buffer.put(500'000, kStart + seconds(2));
    EXPECT_EQ(buffer.fill(kStart + milliseconds(2500)), 500'000U);
}

TEST(DriveBuffer, StartsBelowItsLevelWhenPatienceEndsOrOnFlush) {
    DriveBuffer buffer =
        at_speed({.capacity = 2'000'000, .start_level = 1'000'000, .patience = seconds(3)});
    buffer.put(500'000, kStart);
    EXPECT_EQ(buffer.fill(kStart + milliseconds(3500)), 0U);
    EXPECT_EQ(buffer.when_empty(kStart + seconds(1)), kStart + milliseconds(1500));
    buffer.flush(kStart + seconds(1));
    EXPECT_EQ(buffer.fill(kStart + milliseconds(1500)), 0U);
}

TEST(DriveBuffer, ForgetsInAPowerCutWhatIsNotOnTheMedium) {
    DriveBuffer buffer = at_speed();
    buffer.put(1'500'000, kStart);
    EXPECT_EQ(buffer.drop(kStart + seconds(1)), 500'000U);
    EXPECT_EQ(buffer.tail(), 1'000'000U);
    EXPECT_EQ(buffer.fill(kStart + seconds(1)), 0U);
    EXPECT_EQ(buffer.total_put(), 1'000'000U);
}

TEST(DriveBuffer, ChangesSpeedFromWhereItIs) {
    DriveBuffer buffer = at_speed();
    buffer.put(2'000'000, kStart);
    buffer.set_curve(SpeedCurve::clv(kSpeed / 2), kStart + seconds(1));
    EXPECT_EQ(buffer.when_empty(kStart + seconds(1)), kStart + seconds(3));
}

TEST(DriveBuffer, TakesItsContentAlongInASeek) {
    DriveBuffer buffer = at_speed();
    buffer.put(1'000'000, kStart);
    buffer.seek(9'000'000, kStart + milliseconds(500), milliseconds(100));
    buffer.put(100'000, kStart + milliseconds(500));
    EXPECT_EQ(buffer.fill(kStart + milliseconds(600)), 600'000U);
    EXPECT_EQ(buffer.when_empty(kStart + milliseconds(500)), kStart + milliseconds(1200));
    EXPECT_EQ(buffer.total_drained(kStart + milliseconds(1100)), 1'000'000U);
    EXPECT_EQ(buffer.stops(), 0U);
}

TEST(DriveBuffer, IsTheSameHoweverOftenItIsAsked) {
    const std::uint64_t size = std::uint64_t{12'219'392} * 2048;
    DriveBuffer asked({.capacity = 4'000'000});
    asked.begin(0, SpeedCurve::cav(9'000'001, 21'000'007, size), kStart, kStart);
    DriveBuffer left_alone = asked;
    Instant now = kStart;
    for (int i = 0; i < 1000; ++i) {
        const Instant at = left_alone.when_room(65536, now);
        while (now < at) {
            (void)asked.fill(now);
            now += std::chrono::microseconds(317);
        }
        now = at;
        ASSERT_EQ(asked.when_room(65536, now), now);
        asked.put(65536, now);
        left_alone.put(65536, now);
    }
    EXPECT_EQ(asked.when_empty(now), left_alone.when_empty(now));
    EXPECT_EQ(asked.stops(), 0U);
}

// 25 GB is 380,000 WRITEs of 64 KiB: what a burn takes is what the curve says, to the microsecond.
TEST(DriveBuffer, BurnsAWholeDiscInTheTimeOfTheCurve) {
    const std::uint64_t size = std::uint64_t{12'219'392} * 2048;
    const SpeedCurve curve = SpeedCurve::cav(26'000'000, 54'000'000, size);
    DriveBuffer buffer({.capacity = 4'000'000});
    buffer.begin(0, curve, kStart, kStart);
    Instant now = kStart;
    for (std::uint64_t put = 0; put < size; put += 65536) {
        now = buffer.when_room(65536, now);
        buffer.put(65536, now);
    }
    EXPECT_EQ(buffer.when_empty(now), kStart + curve.time_to(size));
    EXPECT_EQ(buffer.stops(), 0U);
}

}  // namespace
}  // namespace kiln::harness

#include "harness/sim/virtual_clock.h"

#include <chrono>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace kiln::harness {
namespace {

using std::chrono::seconds;

class LatchedWaker final : public Waker {
public:
    void wake() noexcept override { woken_ = true; }
    bool wait_for(Duration /*real*/) override { return std::exchange(woken_, false); }

private:
    bool woken_ = false;
};

TEST(VirtualClock, WaitsWithoutTakingTime) {
    VirtualClock clock(Instant(seconds(5)));
    LatchedWaker waker;
    EXPECT_FALSE(clock.wait_until(Instant(seconds(7205)), waker));
    EXPECT_EQ(clock.now(), Instant(seconds(7205)));
}

TEST(VirtualClock, StandsStillWhenWoken) {
    VirtualClock clock;
    LatchedWaker waker;
    waker.wake();
    EXPECT_TRUE(clock.wait_until(Instant(seconds(10)), waker));
    EXPECT_EQ(clock.now(), Instant{});
    EXPECT_FALSE(clock.wait_until(Instant(seconds(10)), waker));
}

TEST(VirtualClock, AlarmsRingOnTheWayEachAtItsTime) {
    VirtualClock clock;
    std::vector<std::pair<int, Instant>> rung;
    clock.at(Instant(seconds(3)), [&] { rung.emplace_back(2, clock.now()); });
    clock.at(Instant(seconds(2)), [&] { rung.emplace_back(1, clock.now()); });
    clock.at(Instant(seconds(3)), [&] { rung.emplace_back(3, clock.now()); });
    clock.at(Instant(seconds(9)), [&] { rung.emplace_back(4, clock.now()); });
    clock.advance_to(Instant(seconds(5)));
    const std::vector<std::pair<int, Instant>> expected = {
        {1, Instant(seconds(2))}, {2, Instant(seconds(3))}, {3, Instant(seconds(3))}};
    EXPECT_EQ(rung, expected);
    EXPECT_EQ(clock.now(), Instant(seconds(5)));
}

TEST(VirtualClock, AdvancingTowardStopsAtTheFirstAlarm) {
    VirtualClock clock;
    clock.at(Instant(seconds(2)), [] {});
    EXPECT_FALSE(clock.advance_toward(Instant(seconds(5))));
    EXPECT_EQ(clock.now(), Instant(seconds(2)));
    EXPECT_TRUE(clock.advance_toward(Instant(seconds(5))));
    EXPECT_EQ(clock.now(), Instant(seconds(5)));
}

TEST(VirtualClock, AlarmThatWakesEndsAWaitAtItsTime) {
    VirtualClock clock;
    LatchedWaker waker;
    clock.at(Instant(seconds(4)), [&] { waker.wake(); });
    EXPECT_TRUE(clock.wait_until(Instant(seconds(10)), waker));
    EXPECT_EQ(clock.now(), Instant(seconds(4)));
    clock.at(Instant(seconds(10)), [&] { waker.wake(); });
    EXPECT_TRUE(clock.wait_until(Instant(seconds(10)), waker)) << "at the deadline counts too";
}

TEST(VirtualClock, ForgottenAlarmsDoNotRing) {
    VirtualClock clock;
    bool rung = false;
    clock.at(Instant(seconds(1)), [&] { rung = true; });
    clock.forget_alarms();
    clock.advance_to(Instant(seconds(5)));
    EXPECT_FALSE(rung);
}

TEST(VirtualClock, NeverGoesBack) {
    VirtualClock clock(Instant(seconds(10)));
    LatchedWaker waker;
    clock.advance_to(Instant(seconds(3)));
    EXPECT_FALSE(clock.wait_until(Instant(seconds(2)), waker));
    EXPECT_EQ(clock.now(), Instant(seconds(10)));
    clock.advance(seconds(1));
    EXPECT_EQ(clock.now(), Instant(seconds(11)));
}

TEST(ScaledClock, RunsFasterThanItsBase) {
    VirtualClock base(Instant(seconds(100)));
    const ScaledClock fast(base, 60.0, Instant(seconds(7)));
    EXPECT_EQ(fast.now(), Instant(seconds(7)));
    base.advance(seconds(2));
    EXPECT_EQ(fast.now(), Instant(seconds(127)));
}

TEST(ScaledClock, WaitsAFractionOfItsTimeOnTheBase) {
    VirtualClock base(Instant(seconds(100)));
    ScaledClock fast(base, 3.0);
    LatchedWaker waker;
    EXPECT_FALSE(fast.wait_until(Instant(seconds(10)), waker));
    EXPECT_GE(fast.now(), Instant(seconds(10)));
    EXPECT_LT(base.now(), Instant(std::chrono::milliseconds(103334)));
    waker.wake();
    EXPECT_TRUE(fast.wait_until(Instant(seconds(20)), waker));
    EXPECT_LT(fast.now(), Instant(seconds(11)));
}

TEST(ScaledClock, SurvivesADeadlineThatNeverComes) {
    VirtualClock base;
    ScaledClock slow(base, 0.001);
    LatchedWaker waker;
    EXPECT_FALSE(slow.wait_until(Instant::max(), waker));
    EXPECT_GT(base.now(), Instant(std::chrono::hours(24 * 364)));
}

}  // namespace
}  // namespace kiln::harness

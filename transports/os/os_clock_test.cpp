#include "transports/os/os_clock.h"

#include <chrono>
#include <csignal>
#include <thread>

#include <gtest/gtest.h>

namespace kiln::transports {
namespace {

using std::chrono::milliseconds;

/// Far longer than any wait here lasts; a test that runs into it fails.
constexpr Duration kLong = std::chrono::minutes(2);

TEST(OsWaker, WaitOfZeroOnlyLooks) {
    OsWaker waker;
    EXPECT_FALSE(waker.wait_for(Duration::zero()));
    waker.wake();
    EXPECT_TRUE(waker.wait_for(Duration::zero()));
}

TEST(OsWaker, AWakeIsTakenOnce) {
    OsWaker waker;
    waker.wake();
    waker.wake();
    EXPECT_TRUE(waker.wait_for(kLong));
    EXPECT_FALSE(waker.wait_for(Duration::zero()));
}

TEST(OsWaker, WaitEndsByItselfAndNotEarly) {
    const OsClock clock;
    OsWaker waker;
    const Instant start = clock.now();
    EXPECT_FALSE(waker.wait_for(milliseconds(20)));
    EXPECT_GE(clock.now() - start, milliseconds(20));
}

TEST(OsWaker, ANegativeWaitIsOver) {
    OsWaker waker;
    EXPECT_FALSE(waker.wait_for(Duration::min()));
}

TEST(OsWaker, WakesAnotherTooWhileItIsToldTo) {
    OsWaker waker;
    OsWaker other;
    ASSERT_TRUE(waker.forward_to(&other));
    waker.wake();
    EXPECT_TRUE(other.wait_for(Duration::zero()));
    waker.wake();
    EXPECT_TRUE(other.wait_for(Duration::zero())) << "also where its own was not taken yet";
    EXPECT_TRUE(waker.wait_for(Duration::zero()));
    ASSERT_TRUE(waker.forward_to(nullptr));
    waker.wake();
    EXPECT_FALSE(other.wait_for(Duration::zero()));
    EXPECT_TRUE(waker.wait_for(Duration::zero()));
}

TEST(OsWaker, AnotherThreadEndsTheWait) {
    OsWaker waker;
    std::thread other([&waker] { waker.wake(); });
    EXPECT_TRUE(waker.wait_for(kLong));
    other.join();
}

TEST(OsWaker, ManyWakesFromAnotherThreadLoseNone) {
    OsWaker there;
    OsWaker back;
    std::thread other([&there, &back] {
        for (int i = 0; i < 2000; ++i) {
            if (!there.wait_for(kLong)) {
                return;
            }
            back.wake();
        }
    });
    for (int i = 0; i < 2000; ++i) {
        there.wake();
        ASSERT_TRUE(back.wait_for(kLong)) << i;
    }
    other.join();
}

OsWaker* signalled = nullptr;

TEST(OsWaker, ASignalHandlerEndsTheWait) {
    OsWaker waker;
    signalled = &waker;
    const auto before = std::signal(SIGUSR1, [](int) { signalled->wake(); });
    const auto waiting = ::pthread_self();
    std::thread other([waiting] { ::pthread_kill(waiting, SIGUSR1); });
    EXPECT_TRUE(waker.wait_for(kLong));
    other.join();
    std::signal(SIGUSR1, before);
}

TEST(OsClock, NeverGoesBack) {
    const OsClock clock;
    Instant last = clock.now();
    for (int i = 0; i < 1000; ++i) {
        const Instant next = clock.now();
        ASSERT_GE(next, last);
        last = next;
    }
}

TEST(OsClock, WaitsUntilTheDeadline) {
    OsClock clock;
    OsWaker waker;
    const Instant deadline = clock.now() + milliseconds(20);
    EXPECT_FALSE(clock.wait_until(deadline, waker));
    EXPECT_GE(clock.now(), deadline);
}

TEST(OsClock, ADeadlineInThePastOnlyLooks) {
    OsClock clock;
    OsWaker waker;
    EXPECT_FALSE(clock.wait_until(Instant{}, waker));
    EXPECT_FALSE(clock.wait_until(Instant::min(), waker));
    waker.wake();
    EXPECT_TRUE(clock.wait_until(Instant{}, waker));
}

TEST(OsClock, AWakeEndsAWaitWithoutDeadline) {
    OsClock clock;
    OsWaker waker;
    std::thread other([&waker] { waker.wake(); });
    EXPECT_TRUE(clock.wait_until(Instant::max(), waker));
    other.join();
}

}  // namespace
}  // namespace kiln::transports

#include "transports/sg_io/helper_thread.h"

#include <atomic>
#include <chrono>
#include <csignal>
#include <memory>

#include <pthread.h>

#include <gtest/gtest.h>

#include "transports/os/os_clock.h"

#include "harness/shim/shim_test_drive.h"

namespace kiln::transports {
namespace {

constexpr Duration kLong = std::chrono::minutes(2);

TEST(HelperThread, RunsOneTaskAfterAnother) {
    const auto waker = std::make_shared<OsWaker>();
    HelperThread thread(waker);
    int sum = 0;
    for (int i = 1; i <= 100; ++i) {
        thread.start([&sum, i] { sum += i; });
        while (!thread.idle()) {
            waker->wait_for(kLong);
        }
    }
    EXPECT_EQ(sum, 5050);
}

TEST(HelperThread, EndsWithoutATask) {
    const HelperThread thread(std::make_shared<OsWaker>());
}

TEST(HelperThread, ATaskThatDoesNotReturnIsLeftBehindAndKeepsItsMemory) {
    const auto waker = std::make_shared<OsWaker>();
    const auto gate = std::make_shared<harness::Gate>();
    const auto memory = std::make_shared<std::atomic<int>>(0);
    {
        HelperThread thread(waker);
        thread.start([gate, memory] {
            gate->pass();
            *memory = 42;
        });
        gate->wait_for_arrivals(1);
    }
    gate->open();
    while (*memory != 42) {
        waker->wait_for(std::chrono::milliseconds(1));
    }
}

TEST(HelperThread, TakesNoSignals) {
    const auto waker = std::make_shared<OsWaker>();
    HelperThread thread(waker);
    sigset_t mask{};
    thread.start([&mask] { ::pthread_sigmask(SIG_SETMASK, nullptr, &mask); });
    while (!thread.idle()) {
        waker->wait_for(kLong);
    }
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGALRM, SIGUSR1}) {
        EXPECT_EQ(::sigismember(&mask, signal), 1) << signal;
    }
    sigset_t ours{};
    ::pthread_sigmask(SIG_SETMASK, nullptr, &ours);
    EXPECT_EQ(::sigismember(&ours, SIGINT), 0);
}

}  // namespace
}  // namespace kiln::transports

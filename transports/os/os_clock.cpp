#include "transports/os/os_clock.h"

#include <algorithm>
#include <chrono>
#include <ctime>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace kiln::transports {
namespace {

/// One sleep in the kernel; longer waits are made of these, so that no deadline overflows.
constexpr Duration kLongestSleep = std::chrono::hours(1);

/// std::atomic has no wait with a deadline, and a condition variable cannot be notified from a
/// signal handler: the futex can, it is one system call.
void sleep_while_zero(std::atomic<std::uint32_t>& word, Duration longest) {
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(longest);
    timespec relative{};
    relative.tv_sec = static_cast<time_t>(whole.count());
    relative.tv_nsec = static_cast<long>((longest - whole).count());
    ::syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &relative, nullptr, 0);
}

}  // namespace

static_assert(std::atomic<std::uint32_t>::is_always_lock_free);
static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t));

void OsWaker::wake() noexcept {
    if (woken_.exchange(1) == 0) {
        ::syscall(SYS_futex, &woken_, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
    }
}

bool OsWaker::wait_for(Duration real) {
    const OsClock clock;
    const Instant start = clock.now();
    while (woken_.exchange(0) == 0) {
        const Duration elapsed = clock.now() - start;
        if (elapsed >= real) {
            return false;
        }
        sleep_while_zero(woken_, std::min(real - elapsed, kLongestSleep));
    }
    return true;
}

Instant OsClock::now() const {
    return Instant(std::chrono::steady_clock::now().time_since_epoch());
}

bool OsClock::wait_until(Instant deadline, Waker& waker) {
    const Instant start = now();
    return waker.wait_for(deadline <= start ? Duration::zero() : deadline - start);
}

}  // namespace kiln::transports

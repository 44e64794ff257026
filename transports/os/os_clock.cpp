#include "transports/os/os_clock.h"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <ctime>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace kiln::transports {

static_assert(std::atomic<std::uint32_t>::is_always_lock_free);
static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t));

// std::atomic has no wait with a deadline, and a condition variable cannot be notified from a
// signal handler: the futex can, it is one system call.
void FutexSync::sleep_while_zero(std::atomic<std::uint32_t>& word, Duration longest) {
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(longest);
    timespec relative{};
    relative.tv_sec = static_cast<time_t>(whole.count());
    relative.tv_nsec = static_cast<long>((longest - whole).count());
    ::syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &relative, nullptr, 0);
}

void FutexSync::wake_one(std::atomic<std::uint32_t>& word) noexcept {
    const int before = errno;  // of the code that a signal handler interrupted
    ::syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
    errno = before;
}

Instant FutexSync::now() {
    return OsClock().now();
}

Instant OsClock::now() const {
    return Instant(std::chrono::steady_clock::now().time_since_epoch());
}

bool OsClock::wait_until(Instant deadline, Waker& waker) {
    const Instant start = now();
    return waker.wait_for(deadline <= start ? Duration::zero() : deadline - start);
}

}  // namespace kiln::transports

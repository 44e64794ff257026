/// \file
/// The waker of real threads: one word that the kernel can wait on.
///
///     wake():      woken = 1; if it was 0: wake one sleeper
///     wait_for():  woken -> 0; if it was 0: sleep while it is 0, and look again
///
/// Nothing is lost between looking and sleeping, for the kernel compares the word once more, in one
/// step with going to sleep.

#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

#include "transports/clock.h"

namespace kiln::transports {

/// Linux's futex. Another Sync lets a controlled scheduler step through the protocol.
struct FutexSync {
    template <typename T>
    using Atomic = std::atomic<T>;

    /// Returns when woken, when `longest` is over, at once if `word` is not 0, or for no reason.
    static void sleep_while_zero(std::atomic<std::uint32_t>& word, Duration longest);
    /// Leaves errno as it is: signal handlers use it.
    static void wake_one(std::atomic<std::uint32_t>& word) noexcept;
    [[nodiscard]] static Instant now();
};

/// Wakes at most one waiting thread; costs no file descriptor and cannot fail to be made.
template <typename Sync>
class FutexWaker final : public Waker {
public:
    void wake() noexcept override {
        if (woken_.exchange(1) == 0) {
            Sync::wake_one(woken_);
        }
        ++inside_;
        if (Waker* const other = other_.load(); other != nullptr) {
            other->wake();
        }
        --inside_;
    }

    bool forward_to(Waker* other) noexcept override {
        other_ = other;
        while (inside_ != 0) {
            std::this_thread::yield();
        }
        return true;
    }

    bool wait_for(Duration real) override {
        const Instant start = Sync::now();
        while (woken_.exchange(0) == 0) {
            const Duration elapsed = Sync::now() - start;
            if (elapsed >= real) {
                return false;
            }
            Sync::sleep_while_zero(woken_, std::min(real - elapsed, kLongestSleep));
        }
        return true;
    }

private:
    /// One sleep in the kernel; longer waits are made of these, so that no deadline overflows.
    static constexpr Duration kLongestSleep = std::chrono::hours(1);

    /// 1 while a wake waits to be taken. The kernel waits on this very word.
    typename Sync::template Atomic<std::uint32_t> woken_{0};
    std::atomic<Waker*> other_{nullptr};
    std::atomic<int> inside_{0};
};

using OsWaker = FutexWaker<FutexSync>;

}  // namespace kiln::transports

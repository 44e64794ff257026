/// \file
/// A request to stop, for everything that a program waits for on one drive.

#pragma once

#include <atomic>
#include <thread>

#include "transports/clock.h"
#include "transports/transport.h"

namespace kiln::transports {

/// Remembered, unlike Transport::interrupt(): what is begun after it ends at once where the
/// transport looks at it, and one interrupted wait does not lead to the next.
///
/// Thread:  request() and requested() from any thread and from signal handlers
class Stop {
public:
    /// `waker` ends the pauses between commands.
    explicit Stop(Waker& waker) : waker_(&waker) {}
    Stop(const Stop&) = delete;
    Stop& operator=(const Stop&) = delete;
    ~Stop() = default;

    void request() noexcept {
        requested_ = true;
        waker_->wake();
        ++inside_;
        if (Transport* const transport = transport_.load(); transport != nullptr) {
            transport->interrupt();
        }
        --inside_;
    }
    [[nodiscard]] bool requested() const noexcept { return requested_; }

    /// The transport whose command a request ends; null: none. The one before may be destroyed
    /// then: no request uses it any more.
    ///
    /// Blocks:  while a request of another thread is interrupting
    void watch(Transport* transport) noexcept {
        transport_ = transport;
        while (inside_ != 0) {
            std::this_thread::yield();
        }
    }

private:
    Waker* waker_;
    std::atomic<bool> requested_{false};
    std::atomic<Transport*> transport_{nullptr};
    std::atomic<int> inside_{0};
};

}  // namespace kiln::transports

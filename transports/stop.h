/// \file
/// A request to stop, for everything that a program waits for on one drive.

#pragma once

#include <atomic>

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
        if (Transport* const transport = transport_.load(); transport != nullptr) {
            transport->interrupt();
        }
    }
    [[nodiscard]] bool requested() const noexcept { return requested_; }

    /// The transport whose command a request ends; null: none. It is gone only after that.
    void watch(Transport* transport) noexcept { transport_ = transport; }

private:
    Waker* waker_;
    std::atomic<bool> requested_{false};
    std::atomic<Transport*> transport_{nullptr};
};

}  // namespace kiln::transports

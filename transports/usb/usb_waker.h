/// \file
/// Waits for libusb and for interrupt() in one place.

#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include <poll.h>

#include <libusb.h>

#include "transports/clock.h"
#include "transports/error.h"
#include "transports/os/unique_fd.h"

namespace kiln::transports {

/// A wait ends when libusb has something to handle, which stays so until it is handled, or by
/// wake(), which latches as with every Waker. libusb's own way of ending a wait takes a lock, and
/// signal handlers may not.
///
/// Thread:  one waits
class UsbWaker final : public Waker {
public:
    static Result<std::unique_ptr<UsbWaker>, TransportError> make();

    /// After each device that was opened or closed.
    void watch(libusb_context& context);

    void wake() noexcept override;
    bool wait_for(Duration real) override;
    /// Whether a wait was ended by wake(), until that is forgotten.
    [[nodiscard]] bool was_woken() const { return woken_; }
    void forget_woken() { woken_ = false; }

private:
    explicit UsbWaker(UniqueFd event) : event_(std::move(event)) {}

    UniqueFd event_;
    std::vector<pollfd> files_;  // the first is event_
    bool woken_ = false;
};

}  // namespace kiln::transports

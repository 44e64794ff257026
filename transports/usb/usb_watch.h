/// \file
/// Burners that are plugged in and pulled out while somebody watches.

#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <libusb.h>

#include "transports/clock.h"
#include "transports/error.h"
#include "transports/usb/usb_bus.h"
#include "transports/usb/usb_waker.h"

namespace kiln::transports {

struct UsbNews {
    enum class Kind : std::uint8_t { Arrived, Left };
    Kind kind = Kind::Arrived;
    /// Of one that left: as it was when it arrived; it cannot be opened any more.
    UsbFound found;
};

/// Tells of burners only, each arrival once, and of what left only where its arrival was told. What
/// is there at the beginning arrives first. A bridge is a burner when the kernel has found one
/// behind it, which takes it a while: it is looked at again until then, for ten seconds.
///
/// Nothing is opened, sent or taken from anybody. libusb hears of changes from udevd: where that
/// does not run, only what is there at the beginning is told.
///
/// Thread:  one; wake() from any thread and from signal handlers
class UsbWatch {
public:
    /// Errors:  Unsupported where libusb cannot watch; HostFailure
    static Result<std::unique_ptr<UsbWatch>, TransportError> start(Clock& clock);
    UsbWatch(const UsbWatch&) = delete;
    UsbWatch& operator=(const UsbWatch&) = delete;
    ~UsbWatch();

    /// The oldest that was not told yet.
    ///
    /// Blocks:  until there is one, the deadline, or wake(): nothing then
    std::optional<UsbNews> next(Instant deadline);
    /// Ends a next() that waits; latches until one takes it.
    void wake() noexcept {
        woken_ = true;
        waker_->wake();
    }

private:
    /// What libusb said, in its order.
    struct Change {
        bool arrived = false;
        UsbDevicePtr device;
    };
    /// It may become a burner yet.
    struct Doubtful {
        UsbDevicePtr device;
        Instant until;
    };

    UsbWatch(UsbContext context, std::unique_ptr<UsbWaker> waker, Clock& clock)
        : context_(std::move(context)), waker_(std::move(waker)), clock_(&clock) {}

    static int LIBUSB_CALL on_change(libusb_context* context, libusb_device* device,
                                     libusb_hotplug_event event, void* self);
    void handle_events();
    void sort_out(Change change);
    void look_again();
    bool tell_if_burner(libusb_device* device);
    std::optional<UsbNews> take();

    UsbContext context_;
    std::unique_ptr<UsbWaker> waker_;
    Clock* clock_;
    std::atomic<bool> woken_{false};
    libusb_hotplug_callback_handle callback_ = 0;
    std::deque<Change> changes_;
    std::vector<Doubtful> doubtful_;
    std::map<libusb_device*, UsbFound> burners_;  // whose arrival was told, or will be
    std::deque<UsbNews> news_;
};

}  // namespace kiln::transports

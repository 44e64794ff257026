#include "transports/usb/usb_watch.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <sys/time.h>

namespace kiln::transports {
namespace {

/// usb-storage waits a second before it looks at a device, and a drive may spin up first.
constexpr auto kDoubt = std::chrono::seconds(10);
constexpr auto kLookAgain = std::chrono::milliseconds(500);

}  // namespace

Result<std::unique_ptr<UsbWatch>, TransportError> UsbWatch::start(Clock& clock) {
    KILN_ASSIGN_OR_RETURN(auto context, open_usb_context());
    if (libusb_has_capability(LIBUSB_CAP_HAS_HOTPLUG) == 0) {
        return tl::make_unexpected(
            TransportError{.kind = TransportError::Kind::Unsupported,
                           .detail = "this libusb cannot tell what is plugged in"});
    }
    KILN_ASSIGN_OR_RETURN(auto waker, UsbWaker::make());
    waker->watch(*context);
    std::unique_ptr<UsbWatch> watch(new UsbWatch(std::move(context), std::move(waker), clock));
    const int code = libusb_hotplug_register_callback(
        watch->context_.get(),
        LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED | LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT,
        LIBUSB_HOTPLUG_ENUMERATE, LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY,
        LIBUSB_HOTPLUG_MATCH_ANY, on_change, watch.get(), &watch->callback_);
    if (code != 0) {
        return tl::make_unexpected(usb_error(code, "watch the USB devices"));
    }
    return watch;
}

UsbWatch::~UsbWatch() {
    if (callback_ != 0) {
        libusb_hotplug_deregister_callback(context_.get(), callback_);
    }
}

/// Inside of libusb: only remembers.
int LIBUSB_CALL UsbWatch::on_change(libusb_context* /*context*/, libusb_device* device,
                                    libusb_hotplug_event event, void* self) {
    static_cast<UsbWatch*>(self)->changes_.push_back(
        {.arrived = event == LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED,
         .device = UsbDevicePtr(libusb_ref_device(device))});
    return 0;  // go on
}

void UsbWatch::handle_events() {
    timeval none{};
    (void)libusb_handle_events_timeout_completed(context_.get(), &none, nullptr);
    while (!changes_.empty()) {
        Change change = std::move(changes_.front());
        changes_.pop_front();
        sort_out(std::move(change));
    }
    look_again();
}

void UsbWatch::sort_out(Change change) {
    libusb_device* const device = change.device.get();
    std::erase_if(doubtful_, [&](const Doubtful& one) { return one.device.get() == device; });
    const auto known = burners_.find(device);
    if (!change.arrived) {
        if (known != burners_.end()) {
            news_.push_back({.kind = UsbNews::Kind::Left, .found = std::move(known->second)});
            burners_.erase(known);
        }
        return;
    }
    if (known == burners_.end() && !tell_if_burner(device)) {
        doubtful_.push_back({.device = std::move(change.device), .until = clock_->now() + kDoubt});
    }
}

/// True as well where it will never be one.
bool UsbWatch::tell_if_burner(libusb_device* device) {
    auto found = look_at_usb_device(device);
    if (!found) {
        return true;
    }
    const UsbGuess guess = guess_of(*found);
    if (guess == UsbGuess::Burner) {
        auto same = look_at_usb_device(device);
        if (same) {
            burners_.insert_or_assign(device, *std::move(same));
        }
        news_.push_back({.kind = UsbNews::Kind::Arrived, .found = *std::move(found)});
    }
    return guess != UsbGuess::NotYetKnown;
}

void UsbWatch::look_again() {
    const Instant now = clock_->now();
    std::erase_if(doubtful_, [&](const Doubtful& one) {
        return tell_if_burner(one.device.get()) || now >= one.until;
    });
}

std::optional<UsbNews> UsbWatch::take() {
    if (news_.empty()) {
        return std::nullopt;
    }
    UsbNews oldest = std::move(news_.front());
    news_.pop_front();
    return oldest;
}

std::optional<UsbNews> UsbWatch::next(Instant deadline) {
    bool late = false;
    for (;;) {
        handle_events();
        if (auto news = take()) {
            return news;
        }
        if (late || woken_.exchange(false)) {
            return std::nullopt;
        }
        const Instant look = doubtful_.empty() ? deadline : clock_->now() + kLookAgain;
        (void)clock_->wait_until(std::min(look, deadline), *waker_);
        late = clock_->now() >= deadline;
    }
}

}  // namespace kiln::transports

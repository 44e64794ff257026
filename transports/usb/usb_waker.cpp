#include "transports/usb/usb_waker.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace kiln::transports {

Result<std::unique_ptr<UsbWaker>, TransportError> UsbWaker::make() {
    UniqueFd event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!event.open()) {
        const int os_code = errno;
        return tl::make_unexpected(TransportError{
            .kind = TransportError::Kind::HostFailure,
            .os_code = os_code,
            .detail = fmt::format("make an event: {}", std::generic_category().message(os_code))});
    }
    return std::unique_ptr<UsbWaker>(new UsbWaker(std::move(event)));
}

void UsbWaker::watch(libusb_context& context) {
    files_.assign(1, pollfd{.fd = event_.get(), .events = POLLIN, .revents = 0});
    const libusb_pollfd** const list = libusb_get_pollfds(&context);
    for (std::size_t i = 0; list != nullptr && list[i] != nullptr; ++i) {
        files_.push_back({.fd = list[i]->fd, .events = list[i]->events, .revents = 0});
    }
    libusb_free_pollfds(list);
}

void UsbWaker::wake() noexcept {
    const std::uint64_t one = 1;
    // It can only fail where it is latched already.
    [[maybe_unused]] const ssize_t ignored = ::write(event_.get(), &one, sizeof one);
}

bool UsbWaker::wait_for(Duration real) {
    // A day is for ever; whoever waits longer asks again.
    constexpr Duration kLongest = std::chrono::hours(24);
    const Duration wait = std::clamp(real, Duration::zero(), kLongest);
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(wait);
    timespec limit{};
    limit.tv_sec = static_cast<time_t>(whole.count());
    limit.tv_nsec = static_cast<long>((wait - whole).count());
    const int ready = ::ppoll(files_.data(), files_.size(), &limit, nullptr);
    if (ready < 0) {
        return true;  // a signal: whoever waits looks at its deadline again
    }
    if (ready > 0 && files_.front().revents != 0) {
        std::uint64_t taken = 0;
        [[maybe_unused]] const ssize_t ignored = ::read(event_.get(), &taken, sizeof taken);
        woken_ = true;
    }
    return ready > 0;
}

}  // namespace kiln::transports

#include "transports/usb/usb_pipes.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <sys/time.h>

namespace kiln::transports {
namespace {

using EventKind = bot::Event::Kind;

EventKind kind_of(libusb_transfer_status status) {
    switch (status) {
        case LIBUSB_TRANSFER_COMPLETED:
            return EventKind::Done;
        case LIBUSB_TRANSFER_STALL:
            return EventKind::Stalled;
        case LIBUSB_TRANSFER_OVERFLOW:
            return EventKind::TooMuch;
        case LIBUSB_TRANSFER_NO_DEVICE:
            return EventKind::Gone;
        case LIBUSB_TRANSFER_CANCELLED:
        case LIBUSB_TRANSFER_TIMED_OUT:
        case LIBUSB_TRANSFER_ERROR:
            break;
    }
    return EventKind::BusFailed;
}

EventKind kind_of_code(int code) {
    switch (code) {
        case LIBUSB_SUCCESS:
            return EventKind::Done;
        case LIBUSB_ERROR_NO_DEVICE:
            return EventKind::Gone;
        case LIBUSB_ERROR_PIPE:
            return EventKind::Stalled;
        case LIBUSB_ERROR_TIMEOUT:
            return EventKind::TimedOut;
        default:
            return EventKind::BusFailed;
    }
}

/// Of a transfer that could not be begun.
EventKind kind_of_submit(int code) {
    return code == LIBUSB_ERROR_NO_DEVICE ? EventKind::Gone : EventKind::BusFailed;
}

TransportError open_error(int code, const UsbFound& found) {
    TransportError error = usb_error(code, fmt::format("open {}", found.node));
    if (error.kind == TransportError::Kind::NotPermitted) {
        error.detail += fmt::format("; {}", permission_advice_for_usb());
    }
    return error;
}

}  // namespace

Result<std::shared_ptr<UsbHandle>, TransportError> UsbHandle::open(UsbContext context,
                                                                   UsbFound& found) {
    const UsbDevicePtr device = std::move(found.device);
    libusb_device_handle* raw = nullptr;
    if (const int code = libusb_open(device.get(), &raw); code != 0) {
        return tl::make_unexpected(open_error(code, found));
    }
    std::shared_ptr<UsbHandle> handle(new UsbHandle(std::move(context), raw, found.interface));
    const auto failed = [&](int code, const char* doing) {
        return tl::make_unexpected(usb_error(code, fmt::format("{} {}", doing, found.port)));
    };
    // Takes it from the kernel's driver with the claim, in one step, and gives it back with the
    // release. Where there is no such thing as a kernel's driver, that is as well.
    (void)libusb_set_auto_detach_kernel_driver(raw, 1);
    if (const int code = libusb_claim_interface(raw, found.interface.number); code != 0) {
        auto error = usb_error(code, fmt::format("claim {}", found.port));
        if (error.kind == TransportError::Kind::InUse) {
            error.detail += "; another program has it";
        }
        return tl::make_unexpected(std::move(error));
    }
    handle->claimed_ = true;
    if (found.interface.choices > 1) {
        const int code = libusb_set_interface_alt_setting(raw, found.interface.number,
                                                          found.interface.alternate);
        if (code != 0) {
            return failed(code, "choose Bulk-Only Transport at");
        }
    }
    return handle;
}

UsbHandle::~UsbHandle() {
    if (claimed_) {
        (void)libusb_release_interface(handle_, interface_.number);
    }
    libusb_close(handle_);
}

UsbPipes::UsbPipes(std::shared_ptr<UsbHandle> handle, Clock& clock, UsbWaker& waker)
    : handle_(std::move(handle)), clock_(&clock), waker_(&waker) {}

UsbPipes::~UsbPipes() {
    const bool all_back = cancel(Keep::Nothing);
    for (const Slot& one : slots_) {
        // What the kernel still has stays: libusb would write into it.
        if (all_back && one.transfer != nullptr) {
            libusb_free_transfer(one.transfer);
        }
    }
}

Result<void, TransportError> UsbPipes::prepare() {
    for (Slot& one : slots_) {
        one.transfer = libusb_alloc_transfer(0);
        if (one.transfer == nullptr) {
            return tl::make_unexpected(usb_error(LIBUSB_ERROR_NO_MEM, "prepare transfers"));
        }
    }
    return {};
}

void LIBUSB_CALL UsbPipes::on_end(libusb_transfer* transfer) {
    Slot& slot = *static_cast<Slot*>(transfer->user_data);
    const std::span buffer(transfer->buffer, static_cast<std::size_t>(transfer->length));
    const auto moved = static_cast<std::uint32_t>(transfer->actual_length);
    slot.under_way = false;
    slot.ended = true;
    slot.result = {.kind = kind_of(transfer->status), .bytes = moved};
    if (transfer->type == LIBUSB_TRANSFER_TYPE_CONTROL) {
        slot.result.received = buffer.subspan(LIBUSB_CONTROL_SETUP_SIZE).first(moved);
    } else if ((transfer->endpoint & LIBUSB_ENDPOINT_DIR_MASK) != 0) {
        slot.result.received = buffer.first(moved);
    }
}

void LIBUSB_CALL UsbPipes::on_data_end(libusb_transfer* transfer) {
    UsbPipes& pipes = *static_cast<UsbPipes*>(transfer->user_data);
    Slot& slot = pipes.slot(Pipe::Data);
    const auto moved = static_cast<std::size_t>(transfer->actual_length);
    const std::size_t before = pipes.data_begun_ - static_cast<std::size_t>(transfer->length);
    EventKind kind = kind_of(transfer->status);
    const bool whole = kind == EventKind::Done && transfer->actual_length == transfer->length;
    if (whole && pipes.data_begun_ < pipes.data_.size()) {
        const int code = pipes.submit_piece();
        if (code == 0) {
            return;
        }
        kind = kind_of_submit(code);
    }
    slot.under_way = false;
    slot.ended = true;
    slot.result = {.kind = kind, .bytes = static_cast<std::uint32_t>(before + moved)};
    if ((transfer->endpoint & LIBUSB_ENDPOINT_DIR_MASK) != 0) {
        slot.result.received = pipes.data_.first(before + moved);
    }
}

void UsbPipes::begin_data(std::uint8_t endpoint, mmc::MutableByteView bytes) {
    Slot& one = slot(Pipe::Data);
    if (one.under_way || one.ended) {
        return;
    }
    data_ = bytes;
    data_begun_ = 0;
    data_endpoint_ = endpoint;
    const int code = submit_piece();
    one.under_way = code == 0;
    one.ended = code != 0;
    one.result = {.kind = kind_of_submit(code)};
}

int UsbPipes::submit_piece() {
    // What every controller takes, and a multiple of every packet size.
    constexpr std::size_t kLeast = 4096;
    libusb_transfer* const transfer = slot(Pipe::Data).transfer;
    for (;;) {
        const auto bytes = data_.subspan(data_begun_);
        const std::size_t size = std::min(piece_, bytes.size());
        libusb_fill_bulk_transfer(transfer, handle_->get(), data_endpoint_, bytes.data(),
                                  static_cast<int>(size), on_data_end, this, 0);
        const int code = libusb_submit_transfer(transfer);
        if (code == LIBUSB_ERROR_NO_MEM && size > kLeast) {
            piece_ = std::max(kLeast, std::bit_floor(size - 1));
            continue;
        }
        last_code_ = code == 0 ? last_code_ : code;
        data_begun_ += size;
        return code;
    }
}

void UsbPipes::begin(Pipe pipe, std::uint8_t endpoint, mmc::MutableByteView bytes) {
    Slot& one = slot(pipe);
    if (one.under_way || one.ended) {
        return;
    }
    libusb_fill_bulk_transfer(one.transfer, handle_->get(), endpoint, bytes.data(),
                              static_cast<int>(bytes.size()), on_end, &one, 0);
    submit(one);
}

void UsbPipes::submit(Slot& slot) {
    const int code = libusb_submit_transfer(slot.transfer);
    if (code == 0) {
        slot.under_way = true;
        return;
    }
    last_code_ = code;
    slot.ended = true;
    slot.result = {.kind = kind_of_submit(code)};
}

void UsbPipes::send_command(const bot::CommandBytes& wrapper) {
    if (slot(Pipe::Command).under_way || slot(Pipe::Command).ended) {
        return;
    }
    last_code_ = 0;
    command_ = wrapper;
    begin(Pipe::Command, handle_->interface().out, command_);
}

void UsbPipes::send_data(mmc::ByteView bytes) {
    // libusb has one type of buffer for both directions; data-out it only reads.
    auto* const data = const_cast<std::uint8_t*>(bytes.data());
    begin_data(handle_->interface().out, {data, bytes.size()});
}

void UsbPipes::receive_data(mmc::MutableByteView space) {
    begin_data(handle_->interface().in, space);
}

void UsbPipes::receive_status() {
    const bool data_in = (data_endpoint_ & LIBUSB_ENDPOINT_DIR_MASK) != 0;
    if (slot(Pipe::Data).under_way && data_in && data_begun_ < data_.size()) {
        return;
    }
    begin(Pipe::Status, handle_->interface().in, status_);
}

void UsbPipes::request(const std::array<std::uint8_t, 8>& setup) {
    Slot& one = slot(Pipe::Control);
    one.ended = false;
    std::ranges::copy(setup, control_.begin());
    libusb_fill_control_transfer(one.transfer, handle_->get(), control_.data(), on_end, &one, 0);
    submit(one);
}

void UsbPipes::handle_events() {
    timeval none{};
    (void)libusb_handle_events_timeout_completed(&handle_->context(), &none, nullptr);
}

UsbPipes::Event UsbPipes::wait(Pipe pipe, Instant deadline,
                               const std::function<bool()>& interrupted) {
    Slot& one = slot(pipe);
    bool late = false;
    while (!one.ended) {
        if (interrupted && interrupted()) {
            return {.kind = EventKind::Interrupted};
        }
        if (late) {
            return {.kind = EventKind::TimedOut};
        }
        // What libusb has to handle ends the wait at once: it need not be asked before.
        late = !clock_->wait_until(deadline, *waker_) || clock_->now() >= deadline;
        handle_events();
    }
    one.ended = false;
    return one.result;
}

bool UsbPipes::ask_for_status_again() {
    Slot& status = slot(Pipe::Status);
    if (!take_back([&](const Slot& one) { return &one == &status; })) {
        return false;
    }
    if (status.ended && status.transfer->status == LIBUSB_TRANSFER_CANCELLED) {
        if (status.result.bytes > 0) {
            status.result.kind = EventKind::Done;  // it came just then
        } else {
            status.ended = false;
            receive_status();
        }
    }
    return true;
}

bool UsbPipes::cancel(Keep keep) {
    const auto is_kept = [&](const Slot& one) {
        return keep == Keep::Status && &one == &slot(Pipe::Status);
    };
    const bool all_back = take_back([&](const Slot& one) { return !is_kept(one); });
    for (Slot& one : slots_) {
        one.ended = one.ended && is_kept(one);
    }
    return all_back;
}

bool UsbPipes::take_back(const std::function<bool(const Slot&)>& is_meant) {
    const auto is_open = [&](const Slot& one) { return one.under_way && is_meant(one); };
    for (const Slot& one : slots_) {
        if (is_open(one)) {
            (void)libusb_cancel_transfer(one.transfer);
        }
    }
    constexpr auto kPatience = std::chrono::seconds(5);
    const Instant deadline = clock_->now() + kPatience;
    while (std::ranges::any_of(slots_, is_open)) {
        handle_events();
        if (std::ranges::any_of(slots_, is_open) && !clock_->wait_until(deadline, *waker_) &&
            clock_->now() >= deadline) {
            return false;
        }
    }
    return true;
}

void UsbPipes::pause_until(Instant deadline) {
    while (clock_->now() < deadline) {
        handle_events();
        (void)clock_->wait_until(deadline, *waker_);
    }
}

UsbPipes::Event UsbPipes::clear_halt(std::uint8_t endpoint) {
    const int code = libusb_clear_halt(handle_->get(), endpoint);
    return {.kind = kind_of_code(code)};
}

UsbPipes::Event UsbPipes::clear_halt_in() {
    return clear_halt(handle_->interface().in);
}

UsbPipes::Event UsbPipes::clear_halt_out() {
    return clear_halt(handle_->interface().out);
}

}  // namespace kiln::transports

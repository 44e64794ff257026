/// \file
/// The transfers of one Bulk-Only interface: begun together, awaited one by one.

#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>

#include <libusb.h>

#include "mmc/bytes.h"

#include "transports/bot/host_machine.h"
#include "transports/clock.h"
#include "transports/error.h"
#include "transports/usb/usb_bus.h"
#include "transports/usb/usb_waker.h"

namespace kiln::transports {

/// An open device, its interface claimed. The end of it gives the interface back to the kernel's
/// driver, whether the kernel's driver or nobody had it before: after a kill -9 of a predecessor
/// nobody has. While the device node is open the kernel does not suspend the device.
class UsbHandle {
public:
    /// Takes `found.device`, which must not outlive the context.
    ///
    /// Errors:  NotPermitted, InUse, Gone, HostFailure
    static Result<std::shared_ptr<UsbHandle>, TransportError> open(UsbContext context,
                                                                   UsbFound& found);
    UsbHandle(const UsbHandle&) = delete;
    UsbHandle& operator=(const UsbHandle&) = delete;
    ~UsbHandle();

    [[nodiscard]] libusb_context& context() { return *context_; }
    [[nodiscard]] libusb_device_handle* get() { return handle_; }
    [[nodiscard]] const UsbInterface& interface() const { return interface_; }

private:
    UsbHandle(UsbContext context, libusb_device_handle* handle, const UsbInterface& interface)
        : context_(std::move(context)), handle_(handle), interface_(interface) {}

    UsbContext context_;
    libusb_device_handle* handle_;
    UsbInterface interface_;
    bool claimed_ = false;
};

/// Thread:  one; interruptions come in through `interrupted`
class UsbPipes {
public:
    enum class Pipe : std::uint8_t { Command, Data, Status, Control };
    using Event = bot::Event;

    /// All of these outlive it.
    UsbPipes(std::shared_ptr<UsbHandle> handle, Clock& clock, UsbWaker& waker);
    UsbPipes(const UsbPipes&) = delete;
    UsbPipes& operator=(const UsbPipes&) = delete;
    ~UsbPipes();

    /// Errors:  HostFailure: no memory
    Result<void, TransportError> prepare();

    // Begin a transfer; nothing, where one is under way or its result has not been taken.

    void send_command(const bot::CommandBytes& wrapper);
    /// In pieces, one after the other, where usbfs has no room for all of it (all programs together
    /// have 16 MiB); it is remembered how large they may be.
    void send_data(mmc::ByteView bytes);
    void receive_data(mmc::MutableByteView space);
    /// Nothing also where data-in are still to be begun, for they use the same pipe.
    void receive_status();
    void request(const std::array<std::uint8_t, 8>& setup);

    /// The end of a transfer that was begun: takes its result. After TimedOut and Interrupted it
    /// is still under way.
    ///
    /// Blocks:  until its end, the deadline, or a wake with `interrupted()`
    Event wait(Pipe pipe, Instant deadline, const std::function<bool()>& interrupted);

    /// Takes back the transfer that waits for the status, and begins another; nothing, where the
    /// status came in that instant. A host may stop asking at any time: no byte is lost by it.
    ///
    /// Blocks:  5 s at most; false if the kernel did not give it back
    bool ask_for_status_again();

    enum class Keep : std::uint8_t { Nothing, Status };
    /// Cancels what is under way, and waits until the kernel has given it back. Results that were
    /// not taken are dropped.
    ///
    /// Blocks:  5 s at most; false if the kernel did not give everything back
    bool cancel(Keep keep);
    /// Waits for events until `deadline`, with nothing in particular to come.
    void pause_until(Instant deadline);

    /// Blocks:  in the kernel, which gives it 5 s
    Event clear_halt_in();
    Event clear_halt_out();

    /// libusb's code for the last transfer that could not be begun, or 0.
    [[nodiscard]] int last_code() const { return last_code_; }
    /// Most bytes of data that are given to usbfs at once.
    [[nodiscard]] std::size_t piece() const { return piece_; }

private:
    struct Slot {
        libusb_transfer* transfer = nullptr;
        bool under_way = false;
        bool ended = false;  // and its result not taken
        Event result;
    };

    static void LIBUSB_CALL on_end(libusb_transfer* transfer);
    static void LIBUSB_CALL on_data_end(libusb_transfer* transfer);
    void begin_data(std::uint8_t endpoint, mmc::MutableByteView bytes);
    /// From data_begun_ on. libusb's code.
    int submit_piece();
    Slot& slot(Pipe pipe) { return slots_.at(static_cast<std::size_t>(pipe)); }
    void begin(Pipe pipe, std::uint8_t endpoint, mmc::MutableByteView bytes);
    bool take_back(const std::function<bool(const Slot&)>& is_meant);
    void submit(Slot& slot);
    void handle_events();
    Event clear_halt(std::uint8_t endpoint);

    std::shared_ptr<UsbHandle> handle_;
    Clock* clock_;
    UsbWaker* waker_;
    std::array<Slot, 4> slots_;
    mmc::MutableByteView data_;  // all of it
    std::size_t data_begun_ = 0;
    std::uint8_t data_endpoint_ = 0;
    std::size_t piece_ = std::numeric_limits<std::size_t>::max();
    bot::CommandBytes command_{};
    bot::StatusBytes status_{};
    std::array<std::uint8_t, LIBUSB_CONTROL_SETUP_SIZE + 8> control_{};
    int last_code_ = 0;
};

}  // namespace kiln::transports

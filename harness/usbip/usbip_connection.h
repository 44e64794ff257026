/// \file
/// One client of a USB/IP server, as bytes: what it sends goes in, what it is to get comes out.
///
///     Operations -- OP_REQ_DEVLIST, a refused OP_REQ_IMPORT ------------> Over
///         |                                                                ^
///         +-- OP_REQ_IMPORT --> Urbs: SUBMIT, UNLINK -- what is no URB, ---+
///                                                       unplugged
///
/// Pure: no socket, no clock, no thread. An IN transfer stays with us until the device has
/// something to say; UNLINK takes it back. Nothing that a client sends makes it hold more than
/// kMostHeld bytes and kMostUrbs transfers: who sends more is no client of ours.
///
/// Spec:    Linux, Documentation/usb/usbip_protocol.rst

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "mmc/bytes.h"

#include "transports/clock.h"

#include "harness/usb/usb_function.h"
#include "harness/usbip/usbip_wire.h"

namespace kiln::harness::usbip {

class Connection;

/// Where the one device is plugged in, for one client at a time.
class Port {
public:
    /// `function` outlives it; `device` says what it is called.
    Port(UsbFunction& function, ExportedDevice device);

    [[nodiscard]] const ExportedDevice& device() const { return device_; }
    [[nodiscard]] bool in_use() const { return user_ != nullptr; }
    [[nodiscard]] bool plugged() const { return plugged_; }
    /// The cable. Who has the device loses it.
    void unplug();
    void plug() { plugged_ = true; }

private:
    friend class Connection;

    UsbFunction* function_;
    ExportedDevice device_;
    Connection* user_ = nullptr;
    bool plugged_ = true;
};

class Connection {
public:
    /// As a transfer of usbfs may have: nobody asks for more.
    static constexpr std::size_t kMostTransfer = std::size_t{16} << 20U;
    static constexpr std::size_t kMostHeld = std::size_t{32} << 20U;
    static constexpr std::size_t kMostUrbs = 256;

    explicit Connection(Port& port) : port_(&port) {}
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    /// Gives the device back.
    ~Connection();

    /// Goes on as if the client had imported the device: somebody has told vhci_hcd of it. False
    /// where it is in use or unplugged.
    [[nodiscard]] bool import_now(transports::Instant now);

    /// The next bytes from the client, in pieces of any size.
    void receive(mmc::ByteView bytes, transports::Instant now);
    /// Lets the device answer what it can as of `now`.
    void run_until(transports::Instant now);
    /// When something may change by itself; max: never.
    [[nodiscard]] transports::Instant next_change() const { return next_change_; }

    /// What the client is to get next.
    [[nodiscard]] mmc::ByteView output() const;
    /// So many bytes of it are on their way. run_until() may then have more.
    void sent(std::size_t bytes);

    /// The client is to be read no more, and let go when output() is empty.
    [[nodiscard]] bool is_over() const { return state_ == State::Over; }
    /// Why, where the client was not what it should be: one line; else empty.
    [[nodiscard]] const std::string& complaint() const { return complaint_; }
    /// No: it is to take what it was sent first.
    [[nodiscard]] bool takes_more() const { return !is_over() && output().size() < kMostHeld; }
    [[nodiscard]] bool has_device() const { return port_->user_ == this; }
    [[nodiscard]] std::size_t waiting() const;

private:
    friend class Port;
    enum class State : std::uint8_t { Operations, Urbs, Over };
    enum Pipe : std::uint8_t { Control, In, Out };
    static constexpr std::size_t kPipes = 3;
    struct Urb {
        Submit submit;
        std::vector<std::uint8_t> bytes;  // data-out
    };

    /// How many bytes were understood; 0: more are needed.
    std::size_t take(mmc::ByteView bytes, transports::Instant now);
    std::size_t take_operation(mmc::ByteView bytes, transports::Instant now);
    std::size_t take_urb(mmc::ByteView bytes);
    std::size_t take_submit(mmc::ByteView bytes);
    void import_device(const std::string& bus_id, transports::Instant now);
    void unlink(const Unlink& unlink);
    void serve(transports::Instant now);
    bool serve_one(std::deque<Urb>& queue, transports::Instant now);
    PipeReply ask(const Urb& urb, mmc::MutableByteView space, transports::Instant now);
    void answer(const Urb& urb, UrbStatus status, std::size_t moved, std::size_t at);
    void say(mmc::ByteView bytes);
    void end(std::string complaint);
    void let_go();

    Port* port_;
    State state_ = State::Operations;
    std::vector<std::uint8_t> input_;  // not understood yet
    std::vector<std::uint8_t> output_;
    std::size_t sent_ = 0;  // of output_
    std::array<std::deque<Urb>, kPipes> queues_;
    std::size_t held_ = 0;  // bytes in queues_
    transports::Instant next_change_ = transports::Instant::max();
    std::string complaint_;
};

}  // namespace kiln::harness::usbip

/// \file
/// Ports on virtual time: one thread, an event queue, every run the same.
///
///     start():  the fake drive does the command at once; its Completed waits in the queue for the
///               instant at which the drive gives status
///     read():   the source is read there and then, however long that takes: the virtual clock
///               stands still for anything real. A source that is slow in virtual time says so
///     next():   the earliest event, or a Tick at the deadline; the clock moves to it. An alarm of
///               the clock on the way that wakes the waker ends it with a Tick

#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <optional>

#include "transports/clock.h"
#include "transports/source.h"
#include "transports/transport.h"

#include "stack/port_buffers.h"
#include "stack/ports.h"

#include "harness/sim/sim_transport.h"
#include "harness/sim/virtual_clock.h"

namespace kiln::harness {

class VirtualPorts final : public stack::Ports {
public:
    struct Parts {
        transports::Transport* transport = nullptr;  // the simulated drive, decorated or not
        VirtualClock* clock = nullptr;
        transports::Waker* waker = nullptr;  // a cancel's: ends next() without moving the clock
        /// Sets who moves the clock while a command runs, on the simulated drive below.
        std::function<void(Pace)> set_pace;
        std::size_t slots = 16;
        std::size_t slot_bytes = 65536;
        /// Virtual time that a read takes; none: no time.
        std::function<transports::Duration()> read_time{};
        /// Sees an event that next() is about to return; the machine has not seen it yet.
        std::function<void(const stack::Event&)> on_event{};
        /// Called by next() before it does anything; it may move the clock.
        std::function<void()> on_next{};
    };
    explicit VirtualPorts(Parts parts);

    [[nodiscard]] transports::Instant now() const override { return parts_.clock->now(); }
    [[nodiscard]] std::size_t slots() const override { return buffers_.slots(); }
    [[nodiscard]] std::size_t slot_bytes() const override { return buffers_.slot_bytes(); }
    void set_source(transports::Source* source) override { source_ = source; }
    void start(const stack::Execute& command) override;
    void read(const stack::ReadBlocks& read) override;
    void interrupt() override;
    void recover(transports::Rung rung) override;
    [[nodiscard]] stack::Event next(transports::Instant deadline) override;
    [[nodiscard]] bool settle(transports::Duration patience) override;

    /// A slow read that is out ends now: its source was interrupted.
    void interrupt_read();

private:
    struct Pending {
        transports::Instant at;
        stack::Event event;
        bool reaches_drive = true;  // the drive is busy with it until then
    };

    void let_drive_finish();
    /// What comes first of both.
    [[nodiscard]] std::optional<Pending>& earliest();

    Parts parts_;
    stack::PortBuffers buffers_;
    transports::Source* source_ = nullptr;
    std::optional<Pending> device_;
    std::optional<Pending> reader_;
    /// When a command that was interrupted ends in the drive.
    transports::Instant drive_busy_until_;
    /// The reset that is made when its Recovered is due: the drive's time does not run backwards.
    std::optional<transports::Rung> rung_;
};

}  // namespace kiln::harness

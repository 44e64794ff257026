/// \file
/// Ports on real time: a thread for the device, a thread for the source, a mailbox between.
///
///     runner --start()--> [device thread] --cell--> mailbox --next()--> runner
///     runner --read()---> [reader thread] --cell-->    ^
///                                          waker ------+ (also a cancel's)
///
/// Where the transport can begin a command (Transport::begin()) the runner waits for it by itself,
/// and the waker wakes the transport's too: no thread is woken for a WRITE. The device thread then
/// has what can only be waited for.

#pragma once

#include <cstddef>
#include <memory>

#include "transports/clock.h"
#include "transports/source.h"
#include "transports/transport.h"

#include "stack/ports.h"

namespace kiln::stack {

class ThreadedPorts : public Ports {
public:
    struct Setup {
        std::size_t slots = 16;
        std::size_t slot_bytes = 65536;
    };

    /// `waker` is the one that a CancelSwitch wakes. The threads end with the ports; a transport
    /// that never returns is waited for until its command's time-out.
    ThreadedPorts(transports::Transport& transport, transports::Clock& clock,
                  transports::Waker& waker, const Setup& setup);
    ~ThreadedPorts() override;
    ThreadedPorts(const ThreadedPorts&) = delete;
    ThreadedPorts& operator=(const ThreadedPorts&) = delete;

    [[nodiscard]] transports::Instant now() const override;
    [[nodiscard]] std::size_t slots() const override;
    [[nodiscard]] std::size_t slot_bytes() const override;
    void set_source(transports::Source* source) override;
    void start(const Execute& command) override;
    void read(const ReadBlocks& read) override;
    void interrupt() override;
    void recover(transports::Rung rung) override;
    [[nodiscard]] Event next(transports::Instant deadline) override;
    [[nodiscard]] bool settle(transports::Duration patience) override;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace kiln::stack

/// \file
/// A whole burn of a few WRITEs as a scenario: the real runner, machine, cancel word, mailbox and
/// waker; a device thread, a reader thread, and others that cancel.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "transports/clock.h"
#include "transports/source.h"
#include "transports/transport.h"

#include "stack/burn_machine.h"
#include "stack/cancel_word.h"
#include "stack/mailbox.h"
#include "stack/ports.h"

#include "harness/testing/interleave/explored_sync.h"
#include "harness/testing/interleave/explorer.h"

namespace kiln::harness::interleave {

/// Who cancels, what the device does, and which fault is seeded.
struct Handshake {
    enum class Fault : std::uint8_t {
        None,
        LastWriteNotAnnounced,  // the runner does not swap for it
        SleepsWithoutLooking,   // the waker: a wake between look and sleep is lost
        WakesBeforeItAsks,      // the cancel
        NeverWakes,             // the cancel
        CompletionTwice,        // the device
    };
    /// One thread each. None: cancel_write(); else request(policy).
    std::vector<std::optional<stack::CancelPolicy>> cancels;
    unsigned writes = 2;
    std::size_t slots = 1;       // more: the reader reads ahead
    bool busy_once = false;      // a WRITE may be answered 02/04/08, once
    bool write_fails = false;    // a WRITE may fail for good
    bool write_hangs = false;    // a WRITE may hang until it is interrupted
    bool source_blocks = false;  // from the second read on, until it is interrupted
    Fault fault = Fault::None;
};

/// Goes through it; a violation is one of what must hold for every cancel.
[[nodiscard]] Exploration explore_handshake(const Handshake& setup, const Limits& limits);

}  // namespace kiln::harness::interleave

/// \file
/// What both kinds of ports do alike: the ring, the zeros, the answer, and filling a slot.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "mmc/bytes.h"

#include "transports/source.h"
#include "transports/transport.h"

#include "stack/ports.h"

namespace kiln::stack {

class PortBuffers {
public:
    PortBuffers(transports::Transport& transport, std::size_t slots, std::size_t slot_bytes);

    [[nodiscard]] std::size_t slots() const { return slots_; }
    [[nodiscard]] std::size_t slot_bytes() const { return slot_bytes_; }

    /// The request for `command`; its data point into these buffers or into `command`.
    [[nodiscard]] transports::Request request_for(const Execute& command);
    /// The Completed for `outcome` of `command`.
    [[nodiscard]] Completed completed(
        const Execute& command,
        transports::Result<transports::Completion, transports::TransportError> outcome) const;
    /// Reads until all of it is there, the source ends, or gives less than it was asked for and
    /// whole slots are full; zeros behind what came, to the end of its last slot.
    [[nodiscard]] Event fill(const ReadBlocks& read, transports::Source& source);

private:
    [[nodiscard]] std::size_t each_of(const ReadBlocks& read) const;
    [[nodiscard]] mmc::MutableByteView space_for(const ReadBlocks& read, std::size_t got) const;

    std::size_t slots_;
    std::size_t slot_bytes_;
    transports::Buffers ring_;  // slots_ and one more, of zeros
    std::array<std::uint8_t, 512> answer_{};
};

}  // namespace kiln::stack

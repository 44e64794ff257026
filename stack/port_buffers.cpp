#include "stack/port_buffers.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include <fmt/format.h>

namespace kiln::stack {
namespace {

/// GOOD for a WRITE of which a part was left: nobody knows what is on the disc.
bool is_short_write(const Execute& command, const transports::Completion& completion) {
    const bool writes = command.payload == Payload::Ring || command.payload == Payload::Zeros;
    return writes && completion.status == transports::Status::Good &&
           completion.moved < command.bytes;
}

}  // namespace

PortBuffers::PortBuffers(transports::Transport& transport, std::size_t slots,
                         std::size_t slot_bytes)
    : slots_(slots),
      slot_bytes_(slot_bytes),
      ring_(transport.make_buffers(slots + 1, slot_bytes)) {}

transports::Request PortBuffers::request_for(const Execute& command) {
    transports::Request request;
    request.cdb = command.cdb;
    request.timeout = command.timeout;
    request.guard = command.guard;
    switch (command.payload) {
        case Payload::None:
            request.data = transports::NoData{};
            break;
        case Payload::Parameters:
            request.data =
                transports::DataOut{mmc::ByteView(command.parameters).first(command.bytes)};
            break;
        case Payload::Ring:
            request.data = transports::DataOut{ring_[command.slot].first(command.bytes)};
            break;
        case Payload::Zeros:
            request.data = transports::DataOut{ring_[slots_].first(command.bytes)};
            break;
        case Payload::Answer:
            request.data = transports::DataIn{mmc::MutableByteView(answer_).first(
                std::min<std::size_t>(command.bytes, answer_.size()))};
            break;
    }
    return request;
}

Completed PortBuffers::completed(
    const Execute& command,
    transports::Result<transports::Completion, transports::TransportError> outcome) const {
    Completed event;
    if (outcome && is_short_write(command, *outcome)) {
        transports::TransportError error;
        error.kind = transports::TransportError::Kind::Protocol;
        error.detail = fmt::format("the drive took {} of {} bytes, and calls it good",
                                   outcome->moved, command.bytes);
        event.error = std::move(error);
    } else if (outcome) {
        event.completion = *std::move(outcome);
        if (command.payload == Payload::Answer) {
            event.answer = mmc::ByteView(answer_).first(
                std::min<std::size_t>(event.completion->moved, answer_.size()));
        }
    } else {
        event.error = std::move(outcome).error();
    }
    return event;
}

Event PortBuffers::fill(const ReadBlocks& read, transports::Source& source) {
    const std::size_t each = each_of(read);
    std::size_t got = 0;
    bool ended = false;
    bool at_hand = true;
    std::optional<transports::SourceError> failed;
    while (got < read.bytes && !ended && (at_hand || got % each != 0)) {
        const auto space = space_for(read, got);
        auto part = source.read(space);
        if (!part && got == 0) {
            return SourceFailed{std::move(part).error()};
        }
        if (!part) {
            failed = std::move(part).error();
            break;
        }
        got += *part;
        ended = *part == 0;
        at_hand = *part == space.size();
    }
    const auto last_slot = ring_[read.slot + (got > 0 ? (got - 1) / each : 0)];
    std::ranges::fill(last_slot.subspan(got > 0 ? (got - 1) % each + 1 : 0), std::uint8_t{0});
    return BlocksRead{.slot = read.slot, .bytes = got, .ended = ended, .failed = std::move(failed)};
}

std::size_t PortBuffers::each_of(const ReadBlocks& read) const {
    return read.each == 0 ? slot_bytes_ : std::min(read.each, slot_bytes_);
}

/// Where what comes next belongs: to the end of its slot, or over it, where slots are filled whole.
mmc::MutableByteView PortBuffers::space_for(const ReadBlocks& read, std::size_t got) const {
    const std::size_t each = each_of(read);
    const std::size_t left = read.bytes - got;
    const std::size_t at = (read.slot + got / each) * slot_bytes_ + got % each;
    return ring_.all().subspan(at, each == slot_bytes_ ? left : std::min(left, each - got % each));
}

}  // namespace kiln::stack

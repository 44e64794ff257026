#include "transports/faults/fault_transport.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace kiln::transports {
namespace {

using Kind = TransportError::Kind;

std::uint32_t bytes_of(const DataPhase& data) {
    if (const auto* in = std::get_if<DataIn>(&data)) {
        return static_cast<std::uint32_t>(in->buffer.size());
    }
    if (const auto* out = std::get_if<DataOut>(&data)) {
        return static_cast<std::uint32_t>(out->buffer.size());
    }
    return 0;
}

void blank_from(const DataPhase& data, std::size_t offset) {
    if (const auto* in = std::get_if<DataIn>(&data)) {
        const auto kept = std::min(offset, in->buffer.size());
        std::ranges::fill(in->buffer.subspan(kept), std::uint8_t{0});
    }
}

}  // namespace

FaultTransport::FaultTransport(const Parts& parts, std::vector<Fault> faults) : parts_(parts) {
    for (const Fault& fault : faults) {
        add(fault);
    }
}

const FaultKind* FaultTransport::due(std::uint8_t operation_code) {
    const FaultKind* found = nullptr;
    for (Counted& counted : faults_) {
        const auto& wanted = counted.fault.operation_code;
        if (wanted && *wanted != operation_code) {
            continue;
        }
        ++counted.seen;
        if (found == nullptr && counted.seen >= counted.fault.first &&
            counted.seen <= counted.fault.last) {
            found = &counted.fault.kind;
        }
    }
    return found;
}

Completion FaultTransport::answered_now() const {
    Completion completion;
    completion.start = parts_.clock->now();
    completion.end = completion.start;
    return completion;
}

FaultTransport::Outcome FaultTransport::execute(const Request& request) {
    under_way_ = ++commands_;
    const auto cdb = request.cdb.bytes();
    const FaultKind* kind = due(cdb.empty() ? std::uint8_t{0} : cdb[0]);
    Outcome outcome =
        gone_ ? apply(Vanish{}, request)
        : kind == nullptr
            ? parts_.below->execute(request)
            : std::visit([&](const auto& fault) { return apply(fault, request); }, *kind);
    under_way_ = 0;
    return outcome;
}

FaultTransport::Outcome FaultTransport::apply(const FailWith& fault, const Request& /*request*/) {
    Completion completion = answered_now();
    completion.status = Status::CheckCondition;
    completion.sense = fault.sense;
    return completion;
}

FaultTransport::Outcome FaultTransport::apply(const AnswerBusy& /*fault*/,
                                              const Request& /*request*/) {
    Completion completion = answered_now();
    completion.status = Status::Busy;
    return completion;
}

FaultTransport::Outcome FaultTransport::apply(const Stall& /*fault*/, const Request& request) {
    return never_answered(parts_.clock->now(), request);
}

FaultTransport::Outcome FaultTransport::apply(const LoseAnswer& /*fault*/, const Request& request) {
    const Instant start = parts_.clock->now();
    Outcome outcome = parts_.below->execute(request);
    return outcome ? never_answered(start, request) : outcome;
}

FaultTransport::Outcome FaultTransport::apply(const Delay& fault, const Request& request) {
    Outcome outcome = parts_.below->execute(request);
    if (!outcome) {
        return outcome;
    }
    const Instant start = outcome->start;
    if (outcome->end - start + fault.by > request.timeout) {
        return never_answered(start, request);
    }
    outcome->end += fault.by;
    if (parts_.pace == Pace::WaitForEnd && wait_until(outcome->end)) {
        return tl::make_unexpected(
            TransportError{.kind = Kind::Interrupted, .detail = "the command was interrupted"});
    }
    return outcome;
}

FaultTransport::Outcome FaultTransport::apply(const Shorten& fault, const Request& request) {
    Outcome outcome = parts_.below->execute(request);
    if (outcome && outcome->moved > fault.bytes) {
        outcome->moved = fault.bytes;
        blank_from(request.data, fault.bytes);
    }
    return outcome;
}

FaultTransport::Outcome FaultTransport::apply(const Lie& /*fault*/, const Request& request) {
    blank_from(request.data, 0);
    Completion completion = answered_now();
    completion.moved = bytes_of(request.data);
    return completion;
}

FaultTransport::Outcome FaultTransport::apply(const HostFails& /*fault*/, const Request& request) {
    Outcome outcome = parts_.below->execute(request);
    if (!outcome) {
        return outcome;
    }
    return tl::make_unexpected(
        TransportError{.kind = Kind::HostFailure, .detail = "an injected failure of the host"});
}

FaultTransport::Outcome FaultTransport::apply(const Vanish& /*fault*/, const Request& /*request*/) {
    gone_ = true;
    return tl::make_unexpected(
        TransportError{.kind = Kind::Gone, .detail = "the drive has vanished (injected)"});
}

bool FaultTransport::wait_until(Instant deadline) {
    const std::uint64_t command = under_way_;
    while (interrupted_ != command) {
        if (!parts_.clock->wait_until(deadline, *parts_.waker)) {
            return false;
        }
        // Woken: by an interrupt of this command, or of one before it that came too late.
    }
    return true;
}

FaultTransport::Outcome FaultTransport::never_answered(Instant start, const Request& request) {
    const bool interrupted = parts_.pace == Pace::WaitForEnd && wait_until(start + request.timeout);
    return tl::make_unexpected(
        interrupted
            ? TransportError{.kind = Kind::Interrupted, .detail = "the command was interrupted"}
            : TransportError{.kind = Kind::TimedOut, .detail = "no answer (injected)"});
}

void FaultTransport::interrupt() noexcept {
    const std::uint64_t command = under_way_;
    if (command != 0) {
        interrupted_ = command;
        parts_.waker->wake();
        parts_.below->interrupt();
    }
}

Result<void, TransportError> FaultTransport::recover(Rung rung) {
    if (gone_) {
        return tl::make_unexpected(
            TransportError{.kind = Kind::Gone, .detail = "the drive has vanished (injected)"});
    }
    return parts_.below->recover(rung);
}

Limits FaultTransport::limits() const {
    Limits limits = parts_.below->limits();
    // Only what is stalled here can be ended here.
    return limits;
}

}  // namespace kiln::transports

#include "harness/sim/virtual_ports.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

namespace kiln::harness {

VirtualPorts::VirtualPorts(Parts parts)
    : parts_(std::move(parts)), buffers_(*parts_.transport, parts_.slots, parts_.slot_bytes) {}

/// A drive that was given up on is still at it: nothing else starts before.
void VirtualPorts::let_drive_finish() {
    parts_.clock->advance_to(drive_busy_until_);
}

void VirtualPorts::start(const stack::Execute& command) {
    let_drive_finish();
    const transports::Instant started = now();
    const auto request = buffers_.request_for(command);
    parts_.set_pace(Pace::LeaveClock);
    auto outcome = parts_.transport->execute(request);
    parts_.set_pace(Pace::WaitForEnd);
    transports::Instant at = now();
    if (outcome) {
        at = std::max(at, outcome->end);
    } else if (outcome.error().kind == transports::TransportError::Kind::TimedOut) {
        at = std::max(at, started + request.timeout);
    }
    const bool timed_out = !outcome;
    device_ = Pending{.at = at,
                      .event = buffers_.completed(command, std::move(outcome)),
                      .reaches_drive = !timed_out};
}

void VirtualPorts::read(const stack::ReadBlocks& read) {
    const auto takes = parts_.read_time ? parts_.read_time() : transports::Duration::zero();
    reader_ = Pending{.at = now() + takes, .event = buffers_.fill(read, *source_)};
}

void VirtualPorts::interrupt_read() {
    if (!reader_ || reader_->at <= now()) {
        return;  // what it read is here already
    }
    reader_ = Pending{.at = now(),
                      .event = stack::SourceFailed{
                          .error = {.interrupted = true, .detail = "read: interrupted"}}};
}

void VirtualPorts::interrupt() {
    if (!device_ || device_->at <= now()) {
        return;  // its end is here already
    }
    if (device_->reaches_drive) {
        drive_busy_until_ = device_->at;  // else the transport knows how long it is
    }
    device_ = Pending{
        .at = now(),
        .event = stack::Completed{
            .completion = {},
            .error =
                transports::TransportError{.kind = transports::TransportError::Kind::Interrupted,
                                           .detail = "interrupted"},
            .answer = {}}};
}

void VirtualPorts::recover(transports::Rung rung) {
    rung_ = rung;
    device_ = Pending{.at = std::max(now(), drive_busy_until_), .event = stack::Recovered{}};
}

stack::Event VirtualPorts::next(transports::Instant deadline) {
    if (parts_.on_next) {
        parts_.on_next();
    }
    do {
        if (parts_.waker->wait_for(transports::Duration::zero())) {
            return stack::Tick{};
        }
    } while (
        !parts_.clock->advance_toward(earliest() ? std::min(earliest()->at, deadline) : deadline));
    auto& due = earliest();
    if (!due || due->at > now()) {
        return stack::Tick{};
    }
    stack::Event event = std::move(due->event);
    due.reset();
    if (rung_ && std::holds_alternative<stack::Recovered>(event)) {
        // Whether it worked is seen by the next command.
        (void)parts_.transport->recover(*rung_);
        rung_.reset();
    }
    if (parts_.on_event) {
        parts_.on_event(event);
    }
    return event;
}

std::optional<VirtualPorts::Pending>& VirtualPorts::earliest() {
    // What is real comes first: it took no virtual time.
    return reader_ && (!device_ || reader_->at <= device_->at) ? reader_ : device_;
}

bool VirtualPorts::settle(transports::Duration /*patience*/) {
    if (device_) {
        drive_busy_until_ = std::max(drive_busy_until_, device_->at);
    }
    let_drive_finish();
    device_.reset();
    reader_.reset();
    return true;
}

}  // namespace kiln::harness

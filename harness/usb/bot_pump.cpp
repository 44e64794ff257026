#include "harness/usb/bot_pump.h"

#include <algorithm>
#include <array>
#include <variant>

namespace kiln::harness {
namespace {

namespace bot = transports::bot;
using transports::DataIn;
using transports::DataOut;
using transports::Instant;
using ActionKind = bot::Action::Kind;
using EventKind = bot::Event::Kind;

bot::HostMachine::Exchange exchange_of(const transports::Request& request) {
    bot::HostMachine::Exchange exchange{.cdb = request.cdb, .guard = request.guard};
    if (const auto* const in = std::get_if<DataIn>(&request.data)) {
        exchange.flow = bot::Flow::In;
        exchange.bytes = static_cast<std::uint32_t>(in->buffer.size());
    } else if (const auto* const out = std::get_if<DataOut>(&request.data)) {
        exchange.flow = bot::Flow::Out;
        exchange.bytes = static_cast<std::uint32_t>(out->buffer.size());
    }
    return exchange;
}

EventKind kind_of(PipeReply::Kind kind) {
    switch (kind) {
        case PipeReply::Kind::Done:
            return EventKind::Done;
        case PipeReply::Kind::Stalled:
            return EventKind::Stalled;
        case PipeReply::Kind::Waits:
            return EventKind::TimedOut;
        case PipeReply::Kind::TooMuch:
            return EventKind::TooMuch;
        case PipeReply::Kind::BusError:
            return EventKind::BusFailed;
        case PipeReply::Kind::Gone:
            return EventKind::Gone;
    }
    return EventKind::BusFailed;
}

char letter_of(ActionKind kind) {
    switch (kind) {
        case ActionKind::SendCommand:
            return 'C';
        case ActionKind::SendData:
        case ActionKind::ReceiveData:
            return 'D';
        case ActionKind::ReceiveStatus:
            return 'S';
        case ActionKind::ClearHaltIn:
            return 'i';
        case ActionKind::ClearHaltOut:
            return 'o';
        case ActionKind::ResetInterface:
            return 'R';
        case ActionKind::Finish:
            break;
    }
    return '.';
}

/// Asks until the device has an answer or the time is up.
template <typename Ask>
PipeReply ask_until(VirtualClock& clock, Instant deadline, Ask ask) {
    while (true) {
        const PipeReply reply = ask(clock.now());
        if (reply.kind != PipeReply::Kind::Waits) {
            return reply;
        }
        if (reply.until > deadline) {
            clock.advance_to(deadline);
            return reply;
        }
        clock.advance_to(reply.until);
    }
}

}  // namespace

transports::Result<transports::Completion, transports::TransportError> BotPump::run(
    const transports::Request& request) {
    trace_.clear();
    run_from(machine_.start(exchange_of(request)), request);
    return machine_.outcome();
}

void BotPump::run_from(bot::Action action, const transports::Request& request) {
    const Instant deadline = clock_->now() + request.timeout;
    constexpr auto kSensePatience = std::chrono::seconds(10);
    while (action.kind != ActionKind::Finish) {
        trace_ += letter_of(action.kind);
        const Instant until = action.of_sense ? clock_->now() + kSensePatience : deadline;
        action = machine_.handle(perform(action, request, until));
    }
}

bot::Event BotPump::perform(const bot::Action& action, const transports::Request& request,
                            Instant deadline) {
    switch (action.kind) {
        case ActionKind::SendCommand:
            return send(bot::encode(machine_.wrapper()), deadline);
        case ActionKind::SendData:
            return send(std::get<DataOut>(request.data).buffer, deadline);
        case ActionKind::ReceiveData:
            return receive(
                action.of_sense ? machine_.sense_buffer() : std::get<DataIn>(request.data).buffer,
                deadline);
        case ActionKind::ReceiveStatus:
            return receive(status_, deadline);
        case ActionKind::ClearHaltIn:
            return clear_halt(0x81);
        case ActionKind::ClearHaltOut:
            return clear_halt(0x02);
        case ActionKind::ResetInterface: {
            constexpr std::array<std::uint8_t, 8> kReset{0x21, 0xFF, 0, 0, 0, 0, 0, 0};
            return {.kind = kind_of(device_->control(kReset, {}, clock_->now()).kind)};
        }
        case ActionKind::Finish:
            break;
    }
    return {};
}

bot::Event BotPump::clear_halt(std::uint8_t endpoint) {
    const std::array<std::uint8_t, 8> request{0x02, 0x01, 0, 0, endpoint, 0, 0, 0};
    return {.kind = kind_of(device_->control(request, {}, clock_->now()).kind)};
}

bot::Event BotPump::send(mmc::ByteView bytes, Instant deadline) {
    const PipeReply reply =
        ask_until(*clock_, deadline, [&](Instant now) { return device_->out(bytes, now); });
    return {.kind = kind_of(reply.kind), .bytes = static_cast<std::uint32_t>(reply.bytes)};
}

bot::Event BotPump::receive(mmc::MutableByteView space, Instant deadline) {
    const PipeReply reply =
        ask_until(*clock_, deadline, [&](Instant now) { return device_->in(space, now); });
    return {.kind = kind_of(reply.kind),
            .bytes = static_cast<std::uint32_t>(reply.bytes),
            .received = space.first(std::min(reply.bytes, space.size()))};
}

}  // namespace kiln::harness

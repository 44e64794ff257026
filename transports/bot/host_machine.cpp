#include "transports/bot/host_machine.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include <fmt/format.h>

#include "mmc/sense.h"

namespace kiln::transports::bot {
namespace {

using EventKind = Event::Kind;

constexpr std::uint8_t kRequestSense = 0x03;
constexpr std::size_t kUsualSense = 18;
constexpr std::size_t kPaddedCommand = 12;

const char* words_for(EventKind kind) {
    switch (kind) {
        case EventKind::Done:
            return "ended early";
        case EventKind::Stalled:
            return "refused (stall)";
        case EventKind::TooMuch:
            return "more bytes than asked for";
        case EventKind::BusFailed:
            return "failed on the bus";
        case EventKind::TimedOut:
            return "no answer in time";
        case EventKind::Interrupted:
            return "interrupted";
        case EventKind::Gone:
            return "the device is gone";
    }
    return "failed";
}

TransportError::Kind kind_for(EventKind kind) {
    using Kind = TransportError::Kind;
    switch (kind) {
        case EventKind::TimedOut:
            return Kind::TimedOut;
        case EventKind::Interrupted:
            return Kind::Interrupted;
        case EventKind::Gone:
            return Kind::Gone;
        case EventKind::BusFailed:
            return Kind::HostFailure;
        case EventKind::Done:
        case EventKind::Stalled:
        case EventKind::TooMuch:
            break;
    }
    return Kind::Protocol;
}

mmc::Cdb padded(const mmc::Cdb& cdb) {
    if (cdb.bytes().size() >= kPaddedCommand) {
        return cdb;
    }
    mmc::Cdb longer(kPaddedCommand);
    std::ranges::copy(cdb.bytes(), longer.mutable_bytes().begin());
    return longer;
}

}  // namespace

Action HostMachine::start(const Exchange& exchange) {
    assert(state_ == State::Ready);
    exchange_ = exchange;
    asking_sense_ = false;
    late_ = false;
    recovery_failed_ = false;
    moved_ = 0;
    return send(exchange.cdb, exchange.flow, exchange.bytes);
}

Action HostMachine::send(const mmc::Cdb& cdb, Flow flow, std::uint32_t bytes) {
    wrapper_ = {.tag = tag_++,
                .data_transfer_length = bytes,
                .flow = bytes == 0 ? Flow::None : flow,
                .logical_unit = settings_.logical_unit,
                .command = settings_.quirks.has(Quirk::PadCommandTo12) ? padded(cdb) : cdb};
    seen_ = 0;
    residue_ = 0;
    too_much_ = false;
    return do_in(State::Command, Action::Kind::SendCommand);
}

Action HostMachine::do_in(State state, Action::Kind kind) {
    state_ = state;
    return {.kind = kind, .of_sense = asking_sense_};
}

Action HostMachine::handle(const Event& event) {
    switch (state_) {
        case State::Command:
            return after_command(event);
        case State::Data:
            return after_data(event);
        case State::ClearData:
            return after_clear(event, State::Status, Action::Kind::ReceiveStatus);
        case State::Status:
        case State::StatusAgain:
            return after_status(event);
        case State::ClearStatus:
            return after_clear(event, State::StatusAgain, Action::Kind::ReceiveStatus);
        case State::ResetInterface:
        case State::ClearIn:
        case State::ClearOut:
            return after_recovery_step(event);
        case State::Ready:
        case State::Behind:
        case State::OutOfStep:
            break;
    }
    // Nothing is under way: an event that comes too late changes nothing.
    return {};
}

Action HostMachine::after_command(const Event& event) {
    if (event.kind != EventKind::Done || event.bytes != kCommandWrapperSize) {
        return broken_by(event, "sending the command");
    }
    switch (wrapper_.flow) {
        case Flow::In:
            return do_in(State::Data, Action::Kind::ReceiveData);
        case Flow::Out:
            return do_in(State::Data, Action::Kind::SendData);
        case Flow::None:
            break;
    }
    return do_in(State::Status, Action::Kind::ReceiveStatus);
}

Action HostMachine::after_data(const Event& event) {
    const bool out = wrapper_.flow == Flow::Out;
    seen_ = std::min(event.bytes, wrapper_.data_transfer_length);
    const auto clear = out ? Action::Kind::ClearHaltOut : Action::Kind::ClearHaltIn;
    if (event.kind == EventKind::Stalled) {
        return do_in(State::ClearData, clear);
    }
    if (event.kind == EventKind::TooMuch && !out) {
        too_much_ = true;
        return do_in(State::Status, Action::Kind::ReceiveStatus);
    }
    if (event.kind != EventKind::Done) {
        return broken_by(event, out ? "sending data" : "receiving data");
    }
    if (!out && is_status(event)) {
        // The device went straight to its status; there are no data.
        seen_ = 0;
        return judge(event.received.first(kStatusWrapperSize));
    }
    if (out && seen_ < wrapper_.data_transfer_length) {
        // Bulk-out has no short end of its own: libusb says "complete" of a transfer whose later
        // pieces were refused because the endpoint had stalled, and loses the stall.
        return do_in(State::ClearData, clear);
    }
    return do_in(State::Status, Action::Kind::ReceiveStatus);
}

/// Thirteen bytes of data could be anything, but not with the tag of this very command in them.
bool HostMachine::is_status(const Event& event) const {
    if (event.bytes != kStatusWrapperSize || event.received.size() < kStatusWrapperSize) {
        return false;
    }
    return decode_status(event.received.first(kStatusWrapperSize), wrapper_).has_value();
}

Action HostMachine::after_clear(const Event& event, State next, Action::Kind then) {
    if (event.kind != EventKind::Done) {
        return broken_by(event, "clearing a halt");
    }
    return do_in(next, then);
}

Action HostMachine::after_status(const Event& event) {
    const bool first = state_ == State::Status;
    switch (event.kind) {
        case EventKind::Done:
            if (event.bytes == 0 && first) {
                // An empty packet that belonged to the data, from devices that end every data
                // phase with one.
                return do_in(State::StatusAgain, Action::Kind::ReceiveStatus);
            }
            return judge(
                event.received.first(std::min<std::size_t>(event.bytes, event.received.size())));
        case EventKind::Stalled:
            if (first) {
                return do_in(State::ClearStatus, Action::Kind::ClearHaltIn);
            }
            break;
        case EventKind::TimedOut:
            if (late_ || exchange_.guard == Guard::NeverReset) {
                return leave_behind(event);
            }
            break;
        case EventKind::Interrupted:
            return leave_behind(event);
        case EventKind::TooMuch:
        case EventKind::BusFailed:
        case EventKind::Gone:
            break;
    }
    return broken_by(event, "receiving the status");
}

StatusTolerance HostMachine::tolerance() const {
    return {.any_signature = settings_.quirks.has(Quirk::AnyStatusSignature),
            .any_tag = settings_.quirks.has(Quirk::IgnoreTag),
            .any_residue = settings_.quirks.has(Quirk::IgnoreResidue)};
}

Action HostMachine::judge(mmc::ByteView bytes) {
    const auto status = decode_status(bytes, wrapper_, tolerance());
    residue_ = residue_in(bytes);
    if (!status) {
        return broken(
            {.kind = Kind::Protocol,
             .detail = fmt::format("the status wrapper {}", bot::words_for(status.error()))});
    }
    if (late_) {
        // Whoever sent that command was told long ago that its end is not known.
        late_ = false;
        return complete(Status::Good);
    }
    switch (status->status) {
        case kPassed:
            return passed(*status);
        case kFailed:
            if (!asking_sense_) {
                moved_ = moved_by(*status);
            }
            return failed();
        default:
            return broken({.kind = Kind::Protocol, .detail = "the device reports a phase error"});
    }
}

std::uint32_t HostMachine::moved_by(const StatusWrapper& status) const {
    if (settings_.quirks.has(Quirk::IgnoreResidue)) {
        return seen_;
    }
    // A device that pads its data says in the residue how much of it is none.
    return std::min(seen_, wrapper_.data_transfer_length - status.data_residue);
}

Action HostMachine::passed(const StatusWrapper& status) {
    if (asking_sense_) {
        const std::uint32_t size = moved_by(status);
        outcome_->sense = mmc::decode_sense(mmc::ByteView(sense_).first(size));
        return complete(Status::CheckCondition);
    }
    if (too_much_) {
        outcome_ = tl::make_unexpected(
            TransportError{.kind = Kind::Protocol,
                           .detail = fmt::format("the device sent more than the {} bytes asked for",
                                                 wrapper_.data_transfer_length)});
        return do_in(State::Ready, Action::Kind::Finish);
    }
    moved_ = moved_by(status);
    if (wrapper_.flow == Flow::Out && moved_ < wrapper_.data_transfer_length) {
        // Data that nobody has must not pass for written.
        outcome_ = tl::make_unexpected(TransportError{
            .kind = Kind::Protocol,
            .detail = fmt::format("the device took {} of {} bytes and says that it is done", moved_,
                                  wrapper_.data_transfer_length)});
        return do_in(State::Ready, Action::Kind::Finish);
    }
    outcome_ = Completion{};
    return complete(Status::Good);
}

Action HostMachine::failed() {
    const bool asked_for_sense = asking_sense_ || exchange_.cdb.bytes().front() == kRequestSense;
    outcome_ = Completion{};
    if (asked_for_sense) {
        // A device that fails REQUEST SENSE says nothing more; asking again would not end.
        return complete(Status::CheckCondition);
    }
    asking_sense_ = true;
    mmc::Cdb cdb(6);
    cdb.mutable_bytes()[0] = kRequestSense;
    cdb.mutable_bytes()[4] = static_cast<std::uint8_t>(sense_size());
    return send(cdb, Flow::In, static_cast<std::uint32_t>(sense_size()));
}

std::size_t HostMachine::sense_size() const {
    return settings_.quirks.has(Quirk::LongSense) ? sense_.size() : kUsualSense;
}

Action HostMachine::complete(Status status) {
    if (!outcome_) {
        outcome_ = Completion{};
    }
    outcome_->status = status;
    outcome_->moved = moved_;
    asking_sense_ = false;
    return do_in(State::Ready, Action::Kind::Finish);
}

Action HostMachine::leave_behind(const Event& event) {
    outcome_ = tl::make_unexpected(
        TransportError{.kind = kind_for(event.kind),
                       .detail = fmt::format("{}; the drive may go on", words_for(event.kind))});
    return do_in(State::Behind, Action::Kind::Finish);
}

Action HostMachine::resume() {
    assert(state_ == State::Behind);
    late_ = true;
    return do_in(State::Status, Action::Kind::ReceiveStatus);
}

Action HostMachine::gone(const char* doing) {
    outcome_ = tl::make_unexpected(
        TransportError{.kind = Kind::Gone, .detail = fmt::format("{}: the device is gone", doing)});
    return do_in(State::OutOfStep, Action::Kind::Finish);
}

Action HostMachine::broken_by(const Event& event, const char* doing) {
    if (event.kind == EventKind::Gone) {
        return gone(doing);
    }
    const char* what = asking_sense_ ? "REQUEST SENSE after a failed command: " : "";
    TransportError error{.kind = kind_for(event.kind),
                         .detail = fmt::format("{}{}: {}", what, doing, words_for(event.kind))};
    if (event.kind == EventKind::Interrupted) {
        // Who interrupts says by recover() what is to be done about it.
        outcome_ = tl::make_unexpected(std::move(error));
        return do_in(State::OutOfStep, Action::Kind::Finish);
    }
    return broken(std::move(error));
}

Action HostMachine::broken(TransportError error) {
    late_ = false;
    outcome_ = tl::make_unexpected(std::move(error));
    if (exchange_.guard == Guard::NeverReset) {
        return do_in(State::OutOfStep, Action::Kind::Finish);
    }
    return do_in(State::ResetInterface, Action::Kind::ResetInterface);
}

Action HostMachine::resynchronise(Reset reset) {
    asking_sense_ = false;
    late_ = false;
    recovery_failed_ = false;
    outcome_ = Completion{};
    return reset == Reset::Allowed ? do_in(State::ResetInterface, Action::Kind::ResetInterface)
                                   : do_in(State::ClearIn, Action::Kind::ClearHaltIn);
}

Action HostMachine::after_recovery_step(const Event& event) {
    if (event.kind == EventKind::Gone) {
        return gone("recovering");
    }
    if (event.kind != EventKind::Done) {
        recovery_failed_ = true;
        if (outcome_) {
            outcome_ = tl::make_unexpected(
                TransportError{.kind = kind_for(event.kind), .detail = "Reset Recovery failed"});
        }
        return do_in(State::OutOfStep, Action::Kind::Finish);
    }
    if (state_ == State::ResetInterface) {
        return do_in(State::ClearIn, Action::Kind::ClearHaltIn);
    }
    if (state_ == State::ClearIn) {
        return do_in(State::ClearOut, Action::Kind::ClearHaltOut);
    }
    asking_sense_ = false;
    return do_in(State::Ready, Action::Kind::Finish);
}

std::uint8_t highest_logical_unit(const Event& answer) {
    constexpr std::uint8_t kHighest = 15;
    if (answer.kind != EventKind::Done || answer.bytes != 1 || answer.received.empty()) {
        return 0;
    }
    return answer.received.front() > kHighest ? std::uint8_t{0} : answer.received.front();
}

}  // namespace kiln::transports::bot

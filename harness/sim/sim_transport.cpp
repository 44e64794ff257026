#include "harness/sim/sim_transport.h"

#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "mmc/hex.h"

#include "harness/sim/fake_drive.h"

namespace kiln::harness {

namespace {

using transports::Completion;
using transports::DataIn;
using transports::DataOut;
using transports::DataPhase;
using transports::Request;
using transports::TransportError;
template <typename T>
using TransportResult = transports::Result<T, TransportError>;

std::size_t size_of(const DataPhase& data) {
    if (const auto* const in = std::get_if<DataIn>(&data)) {
        return in->buffer.size();
    }
    const auto* const out = std::get_if<DataOut>(&data);
    return out == nullptr ? 0 : out->buffer.size();
}

Direction direction_of(const DataPhase& data) {
    return std::holds_alternative<DataIn>(data)    ? Direction::In
           : std::holds_alternative<DataOut>(data) ? Direction::Out
                                                   : Direction::None;
}

std::size_t move_data(FakeDrive& drive, const Intent& intent, const DataPhase& data) {
    if (const auto* const out = std::get_if<DataOut>(&data)) {
        const mmc::ByteView bytes =
            out->buffer.first(std::min<std::size_t>(out->buffer.size(), intent.bytes));
        drive.take(bytes);
        return bytes.size();
    }
    const auto* const in = std::get_if<DataIn>(&data);
    std::size_t moved = 0;
    while (in != nullptr && moved < in->buffer.size()) {
        const std::size_t more = drive.give(in->buffer.subspan(moved));
        if (more == 0) {
            break;
        }
        moved += more;
    }
    return moved;
}

/// A time-out may mean "for ever", and must not run over.
Instant later_by(Instant from, Duration time) {
    return time > Instant::max() - from ? Instant::max() : from + time;
}

Duration time_on(const Link& link, std::size_t bytes) {
    constexpr std::uint64_t kNanos = 1'000'000'000;
    return Duration(bytes * kNanos / std::max<std::uint64_t>(1, link.bytes_per_second));
}

}  // namespace

DriveRun run_on_drive(FakeDrive& drive, const Link& link, mmc::ByteView cdb, const DataPhase& data,
                      Instant start) {
    DriveRun run;
    const Intent intent = drive.begin(cdb, start);
    const bool fits = intent.direction == direction_of(data);
    run.directions_differ = intent.bytes != 0 && size_of(data) != 0 && !fits;
    const std::size_t moved = fits ? move_data(drive, intent, data) : 0;
    run.data.begin = std::max(intent.ready, start + link.command_overhead);
    run.data.end = run.data.begin + time_on(link, moved);
    const Instant through = run.data.end;
    const Ending ending = drive.end(through);
    run.completion = {.status = ending.status,
                      .sense = link.swallows_sense ? mmc::Sense{} : ending.sense,
                      .moved = static_cast<std::uint32_t>(moved),
                      .start = start,
                      .end = std::max(ending.at, through)};
    return run;
}

SimTransport::SimTransport(const Parts& parts, const Link& link) : parts_(parts), link_(link) {
    if (parts_.waker == nullptr) {
        parts_.waker = &own_waker_;
    }
}

TransportResult<Completion> SimTransport::execute(const Request& request) {
    if (gone_) {
        return tl::make_unexpected(TransportError{.kind = TransportError::Kind::Gone,
                                                  .detail = "the simulated drive is unplugged"});
    }
    if (size_of(request.data) > link_.max_transfer) {
        return tl::make_unexpected(
            TransportError{.kind = TransportError::Kind::TooLarge,
                           .detail = fmt::format("{} bytes in one command, where {} are the limit",
                                                 size_of(request.data), link_.max_transfer)});
    }
    set_waiting(true);
    const Instant asked = parts_.clock->now();
    const Instant deadline = later_by(asked, request.timeout);
    if (busy_until_ > deadline) {
        // The drive does not even listen yet.
        Completion never;
        never.end = busy_until_;
        (void)wait_for(never, deadline);
        set_waiting(false);
        return tl::make_unexpected(give_up(
            interrupted_ ? TransportError::Kind::Interrupted : TransportError::Kind::TimedOut,
            busy_until_, request));
    }
    const Instant start = std::max(asked, busy_until_);
    const DriveRun run =
        run_on_drive(*parts_.drive, link_, request.cdb.bytes(), request.data, start);
    data_times_ = run.data;
    if (parts_.journal != nullptr) {
        const auto* const out = std::get_if<DataOut>(&request.data);
        auto kept = parts_.journal->record(
            request.cdb.bytes(),
            out == nullptr ? mmc::ByteView{} : out->buffer.first(run.completion.moved),
            out == nullptr ? run.completion.moved : 0, start, run.completion.end);
        if (!kept) {
            set_waiting(false);
            return tl::make_unexpected(std::move(kept).error());
        }
    }
    auto outcome = wait_for(run.completion, deadline);
    set_waiting(false);
    if (!outcome) {
        return tl::make_unexpected(give_up(outcome.error().kind, run.completion.end, request));
    }
    if (run.directions_differ) {
        return tl::make_unexpected(
            TransportError{.kind = TransportError::Kind::Protocol,
                           .detail = fmt::format("host and drive disagree who sends data: {}",
                                                 mmc::to_hex(request.cdb.bytes()))});
    }
    return outcome;
}

/// The end of a command that the drive has done in its own time: `completion`, or why the host does
/// not see it.
TransportResult<Completion> SimTransport::wait_for(const Completion& completion, Instant deadline) {
    const auto failed = [](TransportError::Kind kind) {
        return tl::make_unexpected(TransportError{.kind = kind, .detail = {}});
    };
    const Instant until = std::min(completion.end, deadline);
    if (parts_.pace == Pace::WaitForEnd) {
        while (parts_.clock->wait_until(until, *parts_.waker)) {
            // A wake that nobody meant for this command is taken, and does no more.
            if (interrupted_) {
                return failed(TransportError::Kind::Interrupted);
            }
        }
    }
    if (completion.end > deadline) {
        return failed(TransportError::Kind::TimedOut);
    }
    return completion;
}

TransportError SimTransport::give_up(TransportError::Kind kind, Instant drive_end,
                                     const Request& request) {
    busy_until_ = std::max(busy_until_, drive_end);
    const auto waited = std::chrono::duration<double>(request.timeout);
    return {.kind = kind,
            .detail = kind == TransportError::Kind::TimedOut
                          ? fmt::format("no answer within {:.3f} s: {}", waited.count(),
                                        mmc::to_hex(request.cdb.bytes()))
                          : fmt::format("interrupted: {}", mmc::to_hex(request.cdb.bytes()))};
}

/// Whoever leaves the clock does not wait: there is nothing to interrupt.
void SimTransport::set_waiting(bool waiting) {
    if (parts_.pace == Pace::WaitForEnd) {
        interrupted_ = interrupted_ && !waiting;
        waiting_ = waiting;
    }
}

void SimTransport::interrupt() noexcept {
    if (waiting_) {
        interrupted_ = true;
        parts_.waker->wake();
    }
}

TransportResult<void> SimTransport::recover(transports::Rung rung) {
    if (gone_) {
        return tl::make_unexpected(TransportError{.kind = TransportError::Kind::Gone,
                                                  .detail = "the simulated drive is unplugged"});
    }
    const Instant now = parts_.clock->now();
    switch (rung) {
        case transports::Rung::ClearHalt:
            return {};
        case transports::Rung::ResetTransport:
            parts_.drive->reset(Reset::Bus, now);
            break;
        case transports::Rung::ResetDevice:
            parts_.drive->reset(Reset::Device, now);
            break;
    }
    busy_until_ = now;
    return {};
}

transports::Limits SimTransport::limits() const {
    return {.max_transfer = link_.max_transfer,
            .alignment = 1,
            .can_interrupt = parts_.pace == Pace::WaitForEnd};
}

}  // namespace kiln::harness

#include "transports/usb/usb_transport.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "mmc/commands/catalog.h"

#include "transports/usb/usb_learnt.h"

namespace kiln::transports {
namespace {

using Kind = TransportError::Kind;
using ActionKind = bot::Action::Kind;
using Machine = bot::HostMachine;
using Pipe = UsbPipes::Pipe;

constexpr auto kSensePatience = std::chrono::seconds(10);
constexpr auto kControlPatience = std::chrono::seconds(5);
/// US_FL_GO_SLOW in Linux: the device is not ready for data at once.
constexpr auto kPauseAfterCommand = std::chrono::microseconds(125);
/// How long a status may take before it is asked for again; and within which time it then comes
/// from a device that had it all along.
constexpr auto kAskAgain = std::chrono::seconds(1);
constexpr auto kHadItAlready = std::chrono::milliseconds(50);
constexpr unsigned kNoAccident = 2;
/// No bridge is known that takes less (US_FL_MAX_SECTORS_64 in Linux).
constexpr std::size_t kLeastLimit = std::size_t{32} * 1024;
constexpr std::uint8_t kTestUnitReady = 0x00;

Machine::Exchange exchange_of(const Request& request, Guard guard) {
    Machine::Exchange exchange{.cdb = request.cdb, .guard = guard};
    if (const auto* const in = std::get_if<DataIn>(&request.data)) {
        exchange.flow = bot::Flow::In;
        exchange.bytes = static_cast<std::uint32_t>(in->buffer.size());
    } else if (const auto* const out = std::get_if<DataOut>(&request.data)) {
        exchange.flow = bot::Flow::Out;
        exchange.bytes = static_cast<std::uint32_t>(out->buffer.size());
    }
    return exchange;
}

/// Who asks how far the drive is says NeverReset too, and sets nothing going.
bool may_begin_work(mmc::ByteView cdb) {
    constexpr std::array<std::uint8_t, 5> kQuestions{
        kTestUnitReady,
        0x03,  // REQUEST SENSE
        0x12,  // INQUIRY
        0x4A,  // GET EVENT STATUS NOTIFICATION
        0x51,  // READ DISC INFORMATION
    };
    return std::ranges::find(kQuestions, cdb.front()) == kQuestions.end();
}

Instant later_by(Instant from, Duration time) {
    return time > Instant::max() - from ? Instant::max() : from + time;
}

}  // namespace

Result<Completion, TransportError> UsbTransport::execute(const Request& request) {
    under_way_ = ++commands_;
    auto outcome = get_ready(request).and_then([&] {
        start(request);
        return finish();
    });
    under_way_ = 0;
    return outcome;
}

Result<void, TransportError> UsbTransport::get_ready(const Request& request) {
    KILN_RETURN_IF_ERROR(check_ready(request));
    return get_in_step();
}

void UsbTransport::start(const Request& request) {
    begun_ = {.request = request, .guard = guard_for(request), .start = clock_->now()};
    begun_.deadline = later_by(begun_.start, request.timeout);
    may_be_at_work_ = may_be_at_work_ ||
                      (request.guard == Guard::NeverReset && may_begin_work(request.cdb.bytes()));
    begun_.action = machine_.start(exchange_of(request, begun_.guard));
}

Result<Completion, TransportError> UsbTransport::finish() {
    run(begun_.action, begun_.request, begun_.deadline);
    auto outcome = machine_.outcome();
    note(begun_.request, outcome);
    if (!outcome) {
        if (machine_.recovery_failed() && begun_.guard == Guard::MayReset) {
            (void)port_reset();
        }
        return outcome;
    }
    outcome->start = begun_.start;
    outcome->end = clock_->now();
    return outcome;
}

bool UsbTransport::begin(const Request& request) {
    if (one_at_a_time() || machine_.state() != Machine::State::Ready || !check_ready(request)) {
        return false;
    }
    under_way_ = ++commands_;
    start(request);
    send(begun_.action, request);
    return true;
}

Result<Completion, TransportError> UsbTransport::complete() {
    auto outcome = finish();
    under_way_ = 0;
    return outcome;
}

Advance UsbTransport::advance(Instant until) {
    while (begun_.action.kind != ActionKind::Finish) {
        const auto pipe = pipe_of(begun_.action);
        if (!pipe) {
            return Advance::Blocks;
        }
        if (begun_.action.kind == ActionKind::ReceiveStatus && !begun_.status_since) {
            pipes_.receive_status();
            begun_.status_since = clock_->now();
        }
        const auto event = wait_for_begun(*pipe, until);
        if (!event) {
            const bool asks_again =
                begun_.status_since && clock_->now() >= *begun_.status_since + kAskAgain;
            return asks_again ? Advance::Blocks : Advance::UnderWay;
        }
        begun_.action = machine_.handle(*event);
    }
    return Advance::Ended;
}

/// Of the transfers that begin() has begun; the rest is for who may block.
std::optional<Pipe> UsbTransport::pipe_of(const bot::Action& action) {
    if (action.of_sense) {
        return std::nullopt;
    }
    switch (action.kind) {
        case ActionKind::SendCommand:
            return Pipe::Command;
        case ActionKind::SendData:
        case ActionKind::ReceiveData:
            return Pipe::Data;
        case ActionKind::ReceiveStatus:
            return Pipe::Status;
        default:
            return std::nullopt;
    }
}

/// Nothing: it has not ended, and neither is its time over nor was it interrupted.
std::optional<bot::Event> UsbTransport::wait_for_begun(Pipe pipe, Instant until) {
    const Instant patience =
        begun_.status_since ? std::min(until, *begun_.status_since + kAskAgain) : until;
    const auto event = pipes_.wait(pipe, std::min(patience, begun_.deadline),
                                   [this] { return was_interrupted() || waker_->was_woken(); });
    const bool woken = event.kind == bot::Event::Kind::Interrupted && !was_interrupted();
    if (woken) {
        // Told. Where the transfer ended as well it is not, and the next wait is cut short.
        waker_->forget_woken();
    }
    const bool early =
        woken || (event.kind == bot::Event::Kind::TimedOut && clock_->now() < begun_.deadline);
    return early ? std::nullopt : std::optional(event);
}

Guard UsbTransport::guard_for(const Request& request) const {
    return may_be_at_work_ ? Guard::NeverReset : request.guard;
}

/// Only of data-in: what came of a WRITE that failed nobody knows, so it is not tried again.
void UsbTransport::learn_size(const Request& request,
                              const Result<Completion, TransportError>& outcome) {
    const auto* const in = std::get_if<DataIn>(&request.data);
    if (in == nullptr || in->buffer.size() < kLeastLimit) {
        return;
    }
    const std::size_t size = in->buffer.size();
    if (!outcome) {
        const bool on_the_way = outcome.error().kind == Kind::Protocol ||
                                outcome.error().kind == Kind::HostFailure ||
                                outcome.error().kind == Kind::TimedOut;
        failed_at_ = on_the_way ? size : 0;
    } else if (outcome->status == Status::Good) {
        if (size < failed_at_) {
            limits_.max_transfer = std::min(limits_.max_transfer, size);
            UsbLearnt::set_most_bytes(found_, limits_.max_transfer);
        }
        failed_at_ = 0;
    }
}

void UsbTransport::note(const Request& request, const Result<Completion, TransportError>& outcome) {
    learn_size(request, outcome);
    if (!outcome) {
        given_up_ = given_up_ || outcome.error().kind == Kind::Gone;
        if (machine_.state() == Machine::State::Behind) {
            behind_ = mmc::line_of(request.cdb.bytes());
        }
        return;
    }
    const bool ready =
        request.cdb.bytes().front() == kTestUnitReady && outcome->status == Status::Good;
    may_be_at_work_ = may_be_at_work_ && !ready;
}

Result<void, TransportError> UsbTransport::check_ready(const Request& request) {
    if (must_stop()) {
        return tl::make_unexpected(TransportError{.kind = Kind::Interrupted});
    }
    if (given_up_) {
        return tl::make_unexpected(TransportError{
            .kind = Kind::Gone, .detail = fmt::format("the drive at {} is gone", found_.port)});
    }
    const std::size_t size = exchange_of(request, request.guard).bytes;
    if (size > most_bytes_) {
        return tl::make_unexpected(TransportError{
            .kind = Kind::TooLarge,
            .detail = fmt::format("{} bytes in one command; the drive at {} takes {}", size,
                                  found_.port, most_bytes_)});
    }
    if (request.cdb.bytes().empty()) {
        return tl::make_unexpected(
            TransportError{.kind = Kind::Unsupported, .detail = "a command without a byte"});
    }
    return {};
}

/// Ready for a command: the status of one left behind has come, and nothing is out of step.
Result<void, TransportError> UsbTransport::get_in_step() {
    if (machine_.state() == Machine::State::Behind) {
        run(machine_.resume(), {}, clock_->now());
        if (machine_.state() == Machine::State::Behind) {
            return tl::make_unexpected(TransportError{
                .kind = Kind::InUse,
                .detail = fmt::format("the drive still has {} that was left behind", behind_)});
        }
    }
    if (machine_.state() != Machine::State::OutOfStep) {
        return {};
    }
    const bool may_reset = machine_.guard() == Guard::MayReset && !may_be_at_work_;
    return resynchronise(may_reset ? Machine::Reset::Allowed : Machine::Reset::Forbidden);
}

Result<void, TransportError> UsbTransport::resynchronise(Machine::Reset reset) {
    if (!pipes_.cancel(UsbPipes::Keep::Nothing)) {
        return tl::make_unexpected(
            give_up({.kind = Kind::HostFailure, .detail = "the kernel keeps a transfer"}));
    }
    run(machine_.resynchronise(reset), {}, clock_->now());
    if (machine_.state() == Machine::State::Ready) {
        return {};
    }
    if (reset == Machine::Reset::Allowed) {
        return port_reset();
    }
    return tl::make_unexpected(machine_.outcome().error());
}

TransportError UsbTransport::give_up(TransportError error) {
    given_up_ = true;
    return error;
}

Result<void, TransportError> UsbTransport::port_reset() {
    if (!pipes_.cancel(UsbPipes::Keep::Nothing)) {
        return tl::make_unexpected(
            give_up({.kind = Kind::HostFailure, .detail = "the kernel keeps a transfer"}));
    }
    const int code = libusb_reset_device(handle_->get());
    if (code != 0) {
        auto error = usb_error(code, fmt::format("reset of the port {}", found_.port));
        // NOT_FOUND: it came back as something else.
        error.kind = code == LIBUSB_ERROR_NOT_FOUND ? Kind::Gone : error.kind;
        return tl::make_unexpected(give_up(std::move(error)));
    }
    machine_.was_reset();
    may_be_at_work_ = false;
    return {};
}

Result<void, TransportError> UsbTransport::recover(Rung rung) {
    if (given_up_) {
        return tl::make_unexpected(TransportError{
            .kind = Kind::Gone, .detail = fmt::format("the drive at {} is gone", found_.port)});
    }
    switch (rung) {
        case Rung::ClearHalt:
            return resynchronise(Machine::Reset::Forbidden);
        case Rung::ResetTransport:
            may_be_at_work_ = false;
            return resynchronise(Machine::Reset::Allowed);
        case Rung::ResetDevice:
            break;
    }
    return port_reset();
}

void UsbTransport::run(bot::Action action, const Request& request, Instant deadline) {
    while (action.kind != ActionKind::Finish) {
        action = machine_.handle(perform(action, request, deadline));
    }
    const bool behind = machine_.state() == Machine::State::Behind;
    if (!pipes_.cancel(behind ? UsbPipes::Keep::Status : UsbPipes::Keep::Nothing)) {
        // The caller's buffer may be in the kernel's hands for ever.
        given_up_ = true;
    }
}

bot::Event UsbTransport::perform(const bot::Action& action, const Request& request,
                                 Instant deadline) {
    const auto interrupted = [this] { return was_interrupted(); };
    const Instant until = action.of_sense ? sense_deadline_ : deadline;
    switch (action.kind) {
        case ActionKind::SendCommand:
            return send_command(action, request, deadline);
        case ActionKind::SendData:
        case ActionKind::ReceiveData:
            begin_data(action, request);
            return pipes_.wait(Pipe::Data, until, interrupted);
        case ActionKind::ReceiveStatus:
            return receive_status(until);
        case ActionKind::ClearHaltIn:
            // Whatever was begun on a halted pipe has met the same halt, or will.
            (void)pipes_.cancel(UsbPipes::Keep::Nothing);
            return pipes_.clear_halt_in();
        case ActionKind::ClearHaltOut:
            (void)pipes_.cancel(UsbPipes::Keep::Status);
            return pipes_.clear_halt_out();
        case ActionKind::ResetInterface: {
            (void)pipes_.cancel(UsbPipes::Keep::Nothing);
            return control({0x21, 0xFF, 0, 0, handle_->interface().number, 0, 0, 0});
        }
        case ActionKind::Finish:
            break;
    }
    return {};
}

bot::Event UsbTransport::send_command(const bot::Action& action, const Request& request,
                                      Instant deadline) {
    if (action.of_sense) {
        sense_deadline_ = clock_->now() + kSensePatience;
    }
    const Instant until = action.of_sense ? sense_deadline_ : deadline;
    const auto interrupted = [this] { return was_interrupted(); };
    send(action, request);
    const auto event = pipes_.wait(Pipe::Command, until, interrupted);
    if (machine_.settings().quirks.has(Quirk::GoSlow) && event.kind == bot::Event::Kind::Done) {
        pipes_.pause_until(clock_->now() + kPauseAfterCommand);
    }
    return event;
}

/// The three transfers together, where the device can take that.
void UsbTransport::send(const bot::Action& action, const Request& request) {
    const bool together = !one_at_a_time();
    pipes_.send_command(bot::encode(machine_.wrapper()));
    if (together) {
        begin_data(action, request);
        pipes_.receive_status();
    }
    status_asked_early_ = together && machine_.wrapper().flow != bot::Flow::None;
}

bool UsbTransport::one_at_a_time() const {
    const Quirks& quirks = machine_.settings().quirks;
    return quirks.has(Quirk::GoSlow) || quirks.has(Quirk::OneAtATime);
}

/// Twice in a row the device had the status all along: that is no accident any more.
bot::Event UsbTransport::receive_status(Instant deadline) {
    const auto interrupted = [this] { return was_interrupted(); };
    pipes_.receive_status();
    const Instant first = later_by(clock_->now(), kAskAgain);
    if (!status_asked_early_ || first >= deadline) {
        return pipes_.wait(Pipe::Status, deadline, interrupted);
    }
    const auto event = pipes_.wait(Pipe::Status, first, interrupted);
    if (event.kind != bot::Event::Kind::TimedOut) {
        found_again_ = 0;
        return event;
    }
    status_asked_early_ = false;
    if (!pipes_.ask_for_status_again()) {
        given_up_ = true;  // the kernel keeps the transfer
        return {.kind = bot::Event::Kind::BusFailed};
    }
    const Instant asked = clock_->now();
    const auto again = pipes_.wait(Pipe::Status, deadline, interrupted);
    const bool had_it =
        again.kind == bot::Event::Kind::Done && clock_->now() - asked <= kHadItAlready;
    found_again_ = had_it ? found_again_ + 1 : 0;
    if (found_again_ >= kNoAccident) {
        machine_.learn(Quirk::OneAtATime);
    }
    return again;
}

void UsbTransport::begin_data(const bot::Action& action, const Request& request) {
    if (machine_.wrapper().flow == bot::Flow::None) {
        return;
    }
    if (action.of_sense) {
        pipes_.receive_data(machine_.sense_buffer());
    } else if (const auto* const in = std::get_if<DataIn>(&request.data)) {
        pipes_.receive_data(in->buffer);
    } else if (const auto* const out = std::get_if<DataOut>(&request.data)) {
        pipes_.send_data(out->buffer);
    }
}

bot::Event UsbTransport::control(const std::array<std::uint8_t, 8>& setup) {
    pipes_.request(setup);
    return pipes_.wait(Pipe::Control, clock_->now() + kControlPatience, {});
}

bool UsbTransport::was_interrupted() const {
    return under_way_ != 0 && (interrupted_ == under_way_ || must_stop());
}

void UsbTransport::interrupt() noexcept {
    const std::uint64_t command = under_way_;
    if (command != 0) {
        interrupted_ = command;
        waker_->wake();
    }
}

Buffers UsbTransport::make_buffers(std::size_t count, std::size_t each) {
    // All of usbfs may hold 16 MiB (usbfs_memory_mb), for every program together.
    constexpr std::size_t kMost = std::size_t{8} << 20U;
    const std::size_t size = count * each;
    std::uint8_t* const memory =
        size == 0 || size > kMost ? nullptr : libusb_dev_mem_alloc(handle_->get(), size);
    if (memory == nullptr) {
        return Transport::make_buffers(count, each);
    }
    std::shared_ptr<void> keep(memory, [handle = handle_, size](void* block) {
        (void)libusb_dev_mem_free(handle->get(), static_cast<unsigned char*>(block), size);
    });
    std::fill_n(memory, size, std::uint8_t{0});
    return {std::move(keep), mmc::MutableByteView(memory, size), each};
}

UsbTransport::UsbTransport(UsbFound found, std::shared_ptr<UsbHandle> handle,
                           std::unique_ptr<UsbWaker> waker, Clock& clock, Stop* stop)
    : found_(std::move(found)),
      handle_(std::move(handle)),
      waker_(std::move(waker)),
      clock_(&clock),
      stop_(stop),
      pipes_(handle_, clock, *waker_) {}

UsbTransport::~UsbTransport() {
    if (stop_ != nullptr) {
        stop_->watch(nullptr);
    }
    const bool in_step = machine_.state() == Machine::State::Ready;
    if (!in_step && !given_up_ && !may_be_at_work_ && machine_.guard() == Guard::MayReset) {
        // Whoever has the drive next would find it in the middle of a command. Not by a reset of
        // the port, for which a kernel waits a minute and a half where nothing answers, and then
        // has no device any more.
        if (pipes_.cancel(UsbPipes::Keep::Nothing)) {
            run(machine_.resynchronise(Machine::Reset::Allowed), {}, clock_->now());
        }
    }
}

}  // namespace kiln::transports

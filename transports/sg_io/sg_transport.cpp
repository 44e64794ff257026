#include "transports/sg_io/sg_transport.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>
#include <variant>

#include <fmt/format.h>
#include <sys/ioctl.h>

#include "mmc/commands/catalog.h"
#include "mmc/commands/primary.h"

namespace kiln::transports {
namespace {

using Kind = TransportError::Kind;

double seconds(Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

/// The data phase without its direction.
std::pair<std::uint8_t*, std::size_t> bytes_of(const DataPhase& data) {
    if (const auto* in = std::get_if<DataIn>(&data)) {
        return {in->buffer.data(), in->buffer.size()};
    }
    if (const auto* out = std::get_if<DataOut>(&data)) {
        // SG_IO has one pointer for both directions; data-out it only reads.
        return {const_cast<std::uint8_t*>(out->buffer.data()), out->buffer.size()};
    }
    return {nullptr, 0};
}

TransportError reset_error(const std::string& node, int os_code) {
    TransportError error{
        .kind = Kind::HostFailure,
        .os_code = os_code,
        .detail = fmt::format("reset of {}: {}", node, std::generic_category().message(os_code))};
    switch (os_code) {
        case EACCES:
        case EPERM:
            error.kind = Kind::NotPermitted;
            error.detail += "; a reset needs root";
            break;
        case ENODEV:
            error.kind = Kind::Gone;
            break;
        case ENOTTY:
        case EINVAL:
            error.kind = Kind::Unsupported;
            break;
        case EBUSY:
            error.kind = Kind::InUse;
            break;
        default:
            break;
    }
    return error;
}

}  // namespace

Result<Completion, TransportError> SgTransport::execute(const Request& request) {
    KILN_RETURN_IF_ERROR(check_ready(request));
    const auto exchange = make_exchange(request);
    const Instant start = clock_->now();
    const Duration patience = request.guard == Guard::NeverReset
                                  ? request.timeout
                                  : request.timeout + options_.recovery_patience;
    const auto task = [exchange, descriptors = descriptors_] {
        const int result = ::ioctl(descriptors->command.get(), SG_IO, &exchange->header);
        exchange->os_code = result < 0 ? errno : 0;
    };
    const Ending ending = run(*thread_, task, start + patience);
    if (ending != Ending::Done) {
        return tl::make_unexpected(leave_behind(request, ending, start));
    }
    return finish(*exchange, request, start);
}

/// Lets `thread` do `task`, and waits for the first of its end, interrupt() and `deadline`.
SgTransport::Ending SgTransport::run(HelperThread& thread, std::function<void()> task,
                                     Instant deadline) {
    const std::uint64_t command = ++commands_;
    under_way_ = command;
    thread.start(std::move(task));
    auto ending = Ending::Done;
    bool late = false;
    while (!thread.idle()) {
        if (interrupted_ == command || late) {
            ending = late ? Ending::TimedOut : Ending::Interrupted;
            break;
        }
        late = !clock_->wait_until(deadline, *waker_);
    }
    under_way_ = 0;
    return ending;
}

void SgTransport::interrupt() noexcept {
    const std::uint64_t command = under_way_;
    if (command != 0) {
        interrupted_ = command;
        waker_->wake();
    }
}

Result<void, TransportError> SgTransport::check_ready(const Request& request) {
    const std::size_t size = bytes_of(request.data).second;
    if (size > limits_.max_transfer) {
        return tl::make_unexpected(
            TransportError{.kind = Kind::TooLarge,
                           .detail = fmt::format("{} bytes in one command; {} takes {}", size,
                                                 command_node_, limits_.max_transfer)});
    }
    if (!behind_.empty()) {
        if (!thread_->idle()) {
            return tl::make_unexpected(
                TransportError{.kind = Kind::InUse,
                               .detail = fmt::format("{} still holds {}", command_node_, behind_)});
        }
        behind_.clear();
    }
    return {};
}

std::shared_ptr<SgExchange> SgTransport::make_exchange(const Request& request) {
    auto exchange = std::make_shared<SgExchange>();
    const auto [data, size] = bytes_of(request.data);
    const auto is_within = [data = data, size = size](const Block& block) {
        return data >= block.bytes.data() && data + size <= block.bytes.data() + block.bytes.size();
    };
    const auto block = std::ranges::find_if(blocks_, is_within);
    if (block != blocks_.end() && size != 0) {
        exchange->keep = block->keep.lock();
    }
    void* where = data;
    if (exchange->keep == nullptr && size != 0) {
        if (std::holds_alternative<DataOut>(request.data)) {
            exchange->bounce.assign(data, data + size);
        } else {
            exchange->bounce.resize(size);
        }
        where = exchange->bounce.data();
    }
    prepare(*exchange, request, where, static_cast<std::uint32_t>(size));
    return exchange;
}

Result<Completion, TransportError> SgTransport::finish(const SgExchange& exchange,
                                                       const Request& request, Instant start) {
    KILN_ASSIGN_OR_RETURN(Completion completion, outcome_of(exchange, command_node_));
    completion.start = start;
    completion.end = clock_->now();
    const auto* in = std::get_if<DataIn>(&request.data);
    if (in != nullptr && !exchange.bounce.empty()) {
        std::copy_n(exchange.bounce.begin(), completion.moved, in->buffer.begin());
    }
    return completion;
}

TransportError SgTransport::leave_behind(const Request& request, Ending ending, Instant start) {
    behind_ = fmt::format("{} that was left behind", mmc::line_of(request.cdb.bytes()));
    const double waited = seconds(clock_->now() - start);
    if (ending == Ending::Interrupted) {
        return {.kind = Kind::Interrupted,
                .detail = fmt::format("interrupted after {:.1f} s; the drive goes on", waited)};
    }
    return {.kind = Kind::TimedOut,
            .detail = fmt::format("no answer from {} for {:.1f} s; the drive may go on",
                                  command_node_, waited)};
}

Result<void, TransportError> SgTransport::recover(Rung rung) {
    if (rung == Rung::ClearHalt) {
        return tl::make_unexpected(
            TransportError{.kind = Kind::Unsupported, .detail = "SG_IO has no halt to clear"});
    }
    // Without escalation: which rung comes next is for the caller to say.
    const int how = (rung == Rung::ResetTransport ? SG_SCSI_RESET_DEVICE : SG_SCSI_RESET_BUS) |
                    kResetWithoutEscalation;
    struct Reset {
        int how;
        int os_code = 0;
    };
    const auto reset = std::make_shared<Reset>(Reset{.how = how});
    // A thread of its own: the usual one may hang in the command that this is to end.
    HelperThread thread(waker_);
    const auto task = [reset, descriptors = descriptors_] {
        const int result = ::ioctl(descriptors->command.get(), SG_SCSI_RESET, &reset->how);
        reset->os_code = result < 0 ? errno : 0;
    };
    const Ending ending = run(thread, task, clock_->now() + options_.recovery_patience);
    if (ending != Ending::Done) {
        return tl::make_unexpected(
            TransportError{.kind = ending == Ending::TimedOut ? Kind::TimedOut : Kind::Interrupted,
                           .detail = fmt::format("reset of {}: no end", command_node_)});
    }
    if (reset->os_code != 0) {
        return tl::make_unexpected(reset_error(command_node_, reset->os_code));
    }
    return {};
}

Buffers SgTransport::make_buffers(std::size_t count, std::size_t each) {
    std::erase_if(blocks_, [](const Block& block) { return block.keep.expired(); });
    const auto made = std::make_shared<Buffers>(Transport::make_buffers(count, each));
    if (made->count() == 0) {
        return *made;
    }
    const mmc::MutableByteView all((*made)[0].data(), made->count() * each);
    blocks_.push_back({.keep = made, .bytes = all});
    return {made, all, each};
}

SgTransport::SgTransport(std::string path, Clock& clock, const Options& options)
    : path_(std::move(path)), clock_(&clock), options_(options) {
    limits_.can_interrupt = true;
}

SgTransport::~SgTransport() = default;

}  // namespace kiln::transports

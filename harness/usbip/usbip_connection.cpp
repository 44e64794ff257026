#include "harness/usbip/usbip_connection.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

namespace kiln::harness::usbip {
namespace {

using transports::Instant;
using Kind = PipeReply::Kind;

UrbStatus status_of(Kind kind) {
    switch (kind) {
        case Kind::Done:
            return UrbStatus::Good;
        case Kind::Stalled:
            return UrbStatus::Stalled;
        case Kind::TooMuch:
            return UrbStatus::TooMuch;
        case Kind::BusError:
            return UrbStatus::NoHandshake;
        case Kind::Gone:
        case Kind::Waits:
            break;
    }
    return UrbStatus::Gone;
}

bool is_isochronous(const Submit& submit) {
    return submit.packets != 0 && submit.packets != kNoPackets;
}

}  // namespace

Port::Port(UsbFunction& function, ExportedDevice device)
    : function_(&function), device_(std::move(device)) {
    device_.card = function.card();
}

void Port::unplug() {
    plugged_ = false;
    if (user_ != nullptr) {
        user_->end({});
    }
}

Connection::~Connection() {
    let_go();
}

void Connection::let_go() {
    if (has_device()) {
        port_->user_ = nullptr;
    }
}

void Connection::end(std::string complaint) {
    complaint_ = std::move(complaint);
    state_ = State::Over;
    next_change_ = Instant::max();
    input_.clear();
    for (auto& queue : queues_) {
        queue.clear();
    }
    held_ = 0;
    let_go();
}

bool Connection::import_now(Instant now) {
    if (!port_->plugged() || port_->in_use()) {
        return false;
    }
    port_->user_ = this;
    port_->function_->bus_reset(now);
    state_ = State::Urbs;
    return true;
}

std::size_t Connection::waiting() const {
    return std::accumulate(
        queues_.begin(), queues_.end(), std::size_t{0},
        [](std::size_t all, const std::deque<Urb>& queue) { return all + queue.size(); });
}

mmc::ByteView Connection::output() const {
    return mmc::ByteView(output_).subspan(sent_);
}

void Connection::sent(std::size_t bytes) {
    sent_ += std::min(bytes, output_.size() - sent_);
    if (sent_ == output_.size()) {
        output_.clear();
        sent_ = 0;
    }
}

void Connection::say(mmc::ByteView bytes) {
    output_.insert(output_.end(), bytes.begin(), bytes.end());
}

void Connection::receive(mmc::ByteView bytes, Instant now) {
    if (is_over()) {
        return;
    }
    input_.insert(input_.end(), bytes.begin(), bytes.end());
    std::size_t understood = 0;
    while (!is_over()) {
        const std::size_t more = take(mmc::ByteView(input_).subspan(understood), now);
        if (more == 0) {
            break;
        }
        understood += more;
    }
    if (!is_over()) {
        input_.erase(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(understood));
        serve(now);
    }
}

void Connection::run_until(Instant now) {
    if (!is_over()) {
        serve(now);
    }
}

std::size_t Connection::take(mmc::ByteView bytes, Instant now) {
    return state_ == State::Operations ? take_operation(bytes, now) : take_urb(bytes);
}

std::size_t Connection::take_operation(mmc::ByteView bytes, Instant now) {
    if (bytes.size() < kOperationSize) {
        return 0;
    }
    const auto header = decode_operation(bytes);
    if (!header) {
        end("not an operation of USB/IP 1.1.1");
        return 0;
    }
    if (header->code == Operation::ListDevices) {
        const bool free = port_->plugged() && !port_->in_use();
        say(encode_device_list(free ? std::vector{port_->device()}
                                    : std::vector<ExportedDevice>()));
        end({});
        return kOperationSize;
    }
    if (bytes.size() < kImportRequestSize) {
        return 0;
    }
    import_device(decode_import(bytes).value_or(""), now);
    return kImportRequestSize;
}

void Connection::import_device(const std::string& bus_id, Instant now) {
    const bool is_there = port_->plugged() && bus_id == port_->device().bus_id;
    if (is_there && import_now(now)) {
        say(encode_import(port_->device()));
        return;
    }
    say(encode_import_refused(is_there ? OperationStatus::Busy : OperationStatus::NoSuchDevice));
    end({});
}

std::size_t Connection::take_urb(mmc::ByteView bytes) {
    if (bytes.size() < kHeaderSize) {
        return 0;
    }
    const auto command = command_of(bytes);
    if (!command) {
        end("neither SUBMIT nor UNLINK");
        return 0;
    }
    if (*command == Command::Submit) {
        return take_submit(bytes);
    }
    unlink(decode_unlink(bytes));
    return kHeaderSize;
}

std::size_t Connection::take_submit(mmc::ByteView bytes) {
    const Submit submit = decode_submit(bytes);
    if (submit.device != port_->device().id()) {
        end(fmt::format("SUBMIT to device {:08x}, which it was not given", submit.device));
        return 0;
    }
    if (is_isochronous(submit)) {
        end("SUBMIT of an isochronous transfer, which a burner has none of");
        return 0;
    }
    if (submit.length > kMostTransfer) {
        end(fmt::format("SUBMIT of {} bytes, where {} are the limit", submit.length,
                        kMostTransfer));
        return 0;
    }
    const std::size_t size = kHeaderSize + (submit.in ? 0 : submit.length);
    if (bytes.size() < size) {
        return 0;
    }
    if (waiting() >= kMostUrbs || held_ + submit.length > kMostHeld) {
        end(fmt::format("more than {} transfers or {} bytes at once", kMostUrbs, kMostHeld));
        return 0;
    }
    Urb urb{.submit = submit, .bytes = {}};
    const mmc::ByteView data = bytes.first(size).subspan(kHeaderSize);
    urb.bytes.assign(data.begin(), data.end());
    held_ += submit.length;
    queues_[submit.endpoint == 0 ? Control : submit.in ? In : Out].push_back(std::move(urb));
    return size;
}

/// What has been answered already is not there any more, and its UNLINK says so with 0.
void Connection::unlink(const Unlink& unlink) {
    UrbStatus status = UrbStatus::Good;
    for (auto& queue : queues_) {
        const auto found = std::ranges::find_if(
            queue, [&](const Urb& urb) { return urb.submit.sequence == unlink.unlinked; });
        if (found != queue.end()) {
            held_ -= found->submit.length;
            queue.erase(found);
            status = UrbStatus::Unlinked;
            break;
        }
    }
    say(encode_unlinked(unlink.sequence, status));
}

/// Until nothing moves any more: an answer on one pipe may be what another waits for.
void Connection::serve(Instant now) {
    bool moved = state_ == State::Urbs;
    while (moved) {
        moved = false;
        next_change_ = Instant::max();
        for (auto& queue : queues_) {
            const bool has_room = output().size() < kMostHeld;
            moved = (!queue.empty() && has_room && serve_one(queue, now)) || moved;
        }
    }
}

/// True if the first of `queue` is answered. An OUT URB's header and an IN URB's data are put where
/// they are sent from.
bool Connection::serve_one(std::deque<Urb>& queue, Instant now) {
    const Urb& urb = queue.front();
    const std::size_t at = output_.size();
    output_.resize(at + kHeaderSize + (urb.submit.in ? urb.submit.length : 0));
    const PipeReply reply = ask(urb, mmc::MutableByteView(output_).subspan(at + kHeaderSize), now);
    if (reply.kind == Kind::Waits) {
        output_.resize(at);
        next_change_ = std::min(next_change_, reply.until);
        return false;
    }
    answer(urb, status_of(reply.kind), reply.bytes, at);
    held_ -= urb.submit.length;
    queue.pop_front();
    return true;
}

PipeReply Connection::ask(const Urb& urb, mmc::MutableByteView space, Instant now) {
    UsbFunction& function = *port_->function_;
    const auto endpoint = static_cast<std::uint8_t>(urb.submit.endpoint & 0x0FU);
    if (endpoint == 0) {
        return function.control(urb.submit.setup, space, now);
    }
    return urb.submit.in ? function.in(endpoint, space, now)
                         : function.out(endpoint, urb.bytes, now);
}

void Connection::answer(const Urb& urb, UrbStatus status, std::size_t moved, std::size_t at) {
    const Submit& submit = urb.submit;
    // A control transfer to the device says nothing of what the device did with the data: all of it
    // was taken.
    const bool control_out = submit.endpoint == 0 && !submit.in && status == UrbStatus::Good;
    const std::size_t length = control_out ? submit.length : moved;
    const bool is_short = submit.in && length < submit.length;
    if (status == UrbStatus::Good && is_short && (submit.flags & kShortIsError) != 0) {
        status = UrbStatus::Short;
    }
    const Header header = encode(SubmitResult{.sequence = submit.sequence,
                                              .status = status,
                                              .length = static_cast<std::uint32_t>(length),
                                              .packets = submit.packets});
    std::ranges::copy(header, output_.begin() + static_cast<std::ptrdiff_t>(at));
    output_.resize(at + kHeaderSize + (submit.in ? length : 0));
}

}  // namespace kiln::harness::usbip

#include "harness/usb/usbfs.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace kiln::harness {
namespace {

using transports::Instant;
using Kind = PipeReply::Kind;

constexpr std::uint8_t kIn = 0x80;
constexpr std::size_t kSetup = 8;

int status_of(Kind kind) {
    switch (kind) {
        case Kind::Done:
            return 0;
        case Kind::Stalled:
            return -EPIPE;
        case Kind::TooMuch:
            return -EOVERFLOW;
        case Kind::BusError:
            return -EPROTO;
        case Kind::Gone:
        case Kind::Waits:
            break;
    }
    return -ESHUTDOWN;
}

thread_local int depth = 0;

struct Inside {
    Inside() { ++depth; }
    ~Inside() { --depth; }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;
};

std::span<std::uint8_t> buffer_of(const usbdevfs_urb& urb) {
    return {static_cast<std::uint8_t*>(urb.buffer), static_cast<std::size_t>(urb.buffer_length)};
}

}  // namespace

Usbfs::Usbfs(BotDevice& device, UsbIdentityCard card, std::uint32_t capabilities)
    : device_(&device), card_(std::move(card)), capabilities_(capabilities) {}

Usbfs::~Usbfs() {
    for (const int fd : {level_in_, level_out_}) {
        if (fd >= 0) {
            ::close(fd);
        }
    }
}

/// A pipe's writing end: it can be written to (POLLOUT) while the pipe is empty, which is when
/// there is something to reap; and it is in error (POLLERR) when nobody can read any more.
int Usbfs::open() {
    const std::scoped_lock lock(mutex_);
    if (open_error_ != 0) {
        return -open_error_;
    }
    if (gone_) {
        return -ENODEV;
    }
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC) != 0) {
        return -errno;
    }
    constexpr int kOnePage = 4096;
    (void)::fcntl(ends[1], F_SETPIPE_SZ, kOnePage);
    for (const int fd : {level_in_, level_out_}) {
        if (fd >= 0) {
            ::close(fd);
        }
    }
    level_in_ = ends[0];
    level_out_ = ::fcntl(ends[1], F_DUPFD_CLOEXEC, 0);
    level_full_ = false;
    queue_.clear();
    ended_.clear();
    refused_endpoints_.clear();
    show_level();
    return ends[1];
}

void Usbfs::show_level() {
    if (gone_ || level_out_ < 0) {
        return;
    }
    std::array<char, 1> byte{};
    if (ended_.empty() && !level_full_) {
        level_full_ = ::write(level_out_, byte.data(), 1) == 1;
    } else if (!ended_.empty() && level_full_) {
        level_full_ = ::read(level_in_, byte.data(), 1) != 1;
    }
}

bool Usbfs::is_inside() {
    return depth > 0;
}

int Usbfs::ioctl(unsigned long request, void* argument) {
    const Inside inside;
    const std::scoped_lock lock(mutex_);
    if (request == USBDEVFS_REAPURBNDELAY) {
        return reap(static_cast<void**>(argument));
    }
    if (gone_) {
        return -ENODEV;
    }
    switch (request) {
        case USBDEVFS_GET_CAPABILITIES:
            *static_cast<std::uint32_t*>(argument) = capabilities_;
            return 0;
        case USBDEVFS_SUBMITURB:
            return submit(static_cast<usbdevfs_urb*>(argument));
        case USBDEVFS_DISCARDURB:
            return discard(static_cast<usbdevfs_urb*>(argument));
        case USBDEVFS_CLAIMINTERFACE:
            return claim(*static_cast<unsigned*>(argument));
        case USBDEVFS_RELEASEINTERFACE:
            driver_ = driver_ == "usbfs" ? "" : driver_;
            return 0;
        case USBDEVFS_DISCONNECT_CLAIM:
            return disconnect_claim(*static_cast<usbdevfs_disconnect_claim*>(argument));
        case USBDEVFS_IOCTL:
            return driver_ioctl(*static_cast<usbdevfs_ioctl*>(argument));
        case USBDEVFS_CLEAR_HALT:
            return clear_halt(*static_cast<unsigned*>(argument));
        case USBDEVFS_RESET:
            return reset();
        case USBDEVFS_SETINTERFACE:
            return 0;
        default:
            return -ENOTTY;
    }
}

int Usbfs::claim(unsigned interface) {
    if (interface != 0) {
        return -ENOENT;
    }
    if (!driver_.empty()) {
        return -EBUSY;
    }
    driver_ = "usbfs";
    return 0;
}

int Usbfs::disconnect_claim(const usbdevfs_disconnect_claim& what) {
    const bool except = (what.flags & USBDEVFS_DISCONNECT_CLAIM_EXCEPT_DRIVER) != 0;
    if (!driver_.empty() && except && driver_ == std::string_view(what.driver)) {
        return -EBUSY;
    }
    driver_.clear();
    return claim(what.interface);
}

int Usbfs::driver_ioctl(const usbdevfs_ioctl& what) {
    const auto code = static_cast<unsigned long>(static_cast<unsigned>(what.ioctl_code));
    if (code == USBDEVFS_DISCONNECT) {
        if (driver_.empty()) {
            return -ENODATA;
        }
        driver_.clear();
        return 0;
    }
    if (code == USBDEVFS_CONNECT) {
        if (!driver_.empty()) {
            return -EBUSY;
        }
        driver_ = "usb-storage";
        return 1;
    }
    return -ENOTTY;
}

int Usbfs::clear_halt(unsigned endpoint) {
    ++halts_cleared_;
    const std::array<std::uint8_t, kSetup> request{
        0x02, 0x01, 0, 0, static_cast<std::uint8_t>(endpoint), 0, 0, 0};
    const PipeReply reply = device_->control(request, {}, now_);
    process();
    return reply.kind == Kind::Done ? 0 : status_of(reply.kind);
}

int Usbfs::reset() {
    ++port_resets_;
    end_everything(-ENOENT);
    device_->bus_reset(now_);
    return 0;
}

int Usbfs::submit(usbdevfs_urb* user) {
    Urb urb{.user = user,
            .number = urbs_ + 1,
            .endpoint = user->endpoint,
            .type = user->type,
            .continuation = (user->flags & USBDEVFS_URB_BULK_CONTINUATION) != 0,
            .short_is_error = (user->flags & USBDEVFS_URB_SHORT_NOT_OK) != 0};
    ++urbs_;
    const auto fault = fault_of(urb);
    std::size_t under_way = static_cast<std::size_t>(user->buffer_length);
    for (const Urb& other : queue_) {
        under_way += static_cast<std::size_t>(other.user->buffer_length);
    }
    if (fault == UrbFault::Kind::Refused || under_way > memory_) {
        return -ENOMEM;
    }
    if (urb.type != USBDEVFS_URB_TYPE_CONTROL && driver_ != "usbfs") {
        return -ENOENT;  // the interface is not claimed
    }
    if (urb.continuation &&
        std::ranges::find(refused_endpoints_, urb.endpoint) != refused_endpoints_.end()) {
        return -EREMOTEIO;
    }
    std::erase(refused_endpoints_, urb.endpoint);
    const auto buffer = buffer_of(*user);
    if (urb.type == USBDEVFS_URB_TYPE_CONTROL) {
        urb.setup.assign(buffer.begin(), buffer.begin() + kSetup);
        urb.bytes.assign(buffer.begin() + kSetup, buffer.end());
    } else if ((urb.endpoint & kIn) != 0) {
        urb.bytes.resize(buffer.size());
    } else {
        urb.bytes.assign(buffer.begin(), buffer.end());
    }
    const auto same_pipe = [&](const Urb& other) { return other.endpoint == urb.endpoint; };
    // Of one that ended and was not reaped the host does not know yet.
    const bool behind =
        std::ranges::any_of(queue_, same_pipe) || std::ranges::any_of(ended_, same_pipe);
    urb.queued = behind ? BotDevice::Queued::Behind : BotDevice::Queued::Alone;
    queue_.push_back(std::move(urb));
    process();
    return 0;
}

std::optional<UrbFault::Kind> Usbfs::fault_of(const Urb& urb) const {
    for (const UrbFault& fault : faults_) {
        if (fault.urb == urb.number) {
            return fault.kind;
        }
    }
    return std::nullopt;
}

/// Lets the device see what it can see, until nothing moves any more: an answer on one pipe may be
/// what the other waits for.
void Usbfs::process() {
    bool moved = true;
    while (moved) {
        moved = false;
        next_change_ = Instant::max();
        for (std::size_t i = 0; i < queue_.size() && !moved; ++i) {
            const auto is_before = [&](const Urb& other) {
                return other.endpoint == queue_[i].endpoint && other.type == queue_[i].type;
            };
            const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(i);
            if (std::find_if(queue_.begin(), end, is_before) == end) {
                moved = process_one(i);
            }
        }
    }
    show_level();
}

/// True if something ended.
bool Usbfs::process_one(std::size_t index) {
    const auto fault = fault_of(queue_[index]);
    if (fault == UrbFault::Kind::Never) {
        return false;
    }
    if (fault == UrbFault::Kind::Vanish) {
        device_->unplug();
    }
    PipeReply reply;
    if (fault == UrbFault::Kind::Stall) {
        device_->halt(queue_[index].endpoint);
        reply.kind = Kind::Stalled;
    } else if (fault == UrbFault::Kind::NoHandshake) {
        reply.kind = Kind::BusError;
    } else {
        reply = ask_device(queue_[index]);
    }
    if (reply.kind == Kind::Waits) {
        next_change_ = std::min(next_change_, reply.until);
        return false;
    }
    if (reply.kind == Kind::Gone) {
        vanish();
        return true;
    }
    int status = status_of(reply.kind);
    status = fault == UrbFault::Kind::LostAnswer ? -EPROTO : status;
    status = fault == UrbFault::Kind::TooMuch ? -EOVERFLOW : status;
    const std::size_t moved = fault == UrbFault::Kind::Half ? reply.bytes / 2 : reply.bytes;
    Urb urb = std::move(queue_[index]);
    queue_.erase(queue_.begin() + static_cast<std::ptrdiff_t>(index));
    if (status == 0 && urb.short_is_error && moved < urb.bytes.size()) {
        status = -EREMOTEIO;
    }
    const std::uint8_t endpoint = urb.endpoint;
    complete(std::move(urb), status, moved);
    if (status != 0) {
        cancel_continuations(endpoint);
    }
    return true;
}

PipeReply Usbfs::ask_device(Urb& urb) {
    if (urb.type == USBDEVFS_URB_TYPE_CONTROL) {
        return control(urb);
    }
    return (urb.endpoint & kIn) != 0 ? device_->in(urb.bytes, now_, urb.queued)
                                     : device_->out(urb.bytes, now_);
}

PipeReply Usbfs::control(Urb& urb) {
    constexpr std::uint8_t kGetDescriptor = 0x06;
    if (urb.setup[0] == kIn && urb.setup[1] == kGetDescriptor) {
        const auto bytes = urb.setup[3] == 1   ? device_descriptor(card_)
                           : urb.setup[3] == 2 ? configuration_descriptor(card_)
                                               : std::vector<std::uint8_t>();
        const std::size_t count = std::min(bytes.size(), urb.bytes.size());
        std::copy_n(bytes.begin(), count, urb.bytes.begin());
        return {.kind = bytes.empty() ? Kind::Stalled : Kind::Done, .bytes = count};
    }
    return device_->control(urb.setup, urb.bytes, now_);
}

void Usbfs::complete(Urb urb, int status, std::size_t moved) {
    urb.status = status;
    urb.moved = static_cast<int>(moved);
    ended_.push_back(std::move(urb));
}

/// What was split off the same transfer and comes behind one that failed.
void Usbfs::cancel_continuations(std::uint8_t endpoint) {
    refused_endpoints_.push_back(endpoint);
    for (std::size_t i = 0; i < queue_.size();) {
        if (queue_[i].endpoint == endpoint && queue_[i].continuation) {
            Urb urb = std::move(queue_[i]);
            queue_.erase(queue_.begin() + static_cast<std::ptrdiff_t>(i));
            complete(std::move(urb), -ECONNRESET, 0);
        } else {
            ++i;
        }
    }
}

void Usbfs::end_everything(int status) {
    while (!queue_.empty()) {
        Urb urb = std::move(queue_.front());
        queue_.pop_front();
        complete(std::move(urb), status, 0);
    }
    show_level();
}

void Usbfs::vanish() {
    end_everything(-ESHUTDOWN);
    gone_ = true;
    if (level_in_ >= 0) {
        ::close(level_in_);
        level_in_ = -1;
    }
}

int Usbfs::reap(void** user) {
    if (ended_.empty()) {
        return gone_ ? -ENODEV : -EAGAIN;
    }
    Urb urb = std::move(ended_.front());
    ended_.pop_front();
    const auto moved = static_cast<std::size_t>(urb.moved);
    const auto buffer = buffer_of(*urb.user);
    if (urb.type == USBDEVFS_URB_TYPE_CONTROL) {
        if ((urb.setup[0] & kIn) != 0) {
            std::copy_n(urb.bytes.begin(), moved, buffer.begin() + kSetup);
        }
    } else if ((urb.endpoint & kIn) != 0) {
        std::copy_n(urb.bytes.begin(), moved, buffer.begin());
    } else {
        changed_buffers_ += std::ranges::equal(urb.bytes, buffer) ? 0U : 1U;
    }
    urb.user->status = urb.status;
    urb.user->actual_length = urb.moved;
    *user = urb.user;
    show_level();
    return 0;
}

int Usbfs::discard(usbdevfs_urb* user) {
    const auto found =
        std::ranges::find_if(queue_, [&](const Urb& one) { return one.user == user; });
    if (found == queue_.end()) {
        return -EINVAL;
    }
    Urb urb = std::move(*found);
    queue_.erase(found);
    complete(std::move(urb), -ENOENT, 0);
    process();
    return 0;
}

void Usbfs::run_until(Instant now) {
    const Inside inside;
    const std::scoped_lock lock(mutex_);
    now_ = std::max(now_, now);
    process();
}

Instant Usbfs::next_change() {
    const std::scoped_lock lock(mutex_);
    return next_change_;
}

void Usbfs::fail(const UrbFault& fault) {
    const std::scoped_lock lock(mutex_);
    faults_.push_back(fault);
}

void Usbfs::limit_memory(std::size_t bytes) {
    const std::scoped_lock lock(mutex_);
    memory_ = bytes;
}

void Usbfs::fail_open(int os_code) {
    const std::scoped_lock lock(mutex_);
    open_error_ = os_code;
}

void Usbfs::unplug() {
    const std::scoped_lock lock(mutex_);
    device_->unplug();
    vanish();
}

void Usbfs::bind(const std::string& driver) {
    const std::scoped_lock lock(mutex_);
    driver_ = driver;
}

std::string Usbfs::driver() {
    const std::scoped_lock lock(mutex_);
    return driver_;
}

std::uint64_t Usbfs::urbs() {
    const std::scoped_lock lock(mutex_);
    return urbs_;
}

std::size_t Usbfs::waiting() {
    const std::scoped_lock lock(mutex_);
    return queue_.size();
}

std::uint64_t Usbfs::port_resets() {
    const std::scoped_lock lock(mutex_);
    return port_resets_;
}

std::uint64_t Usbfs::halts_cleared() {
    const std::scoped_lock lock(mutex_);
    return halts_cleared_;
}

std::uint64_t Usbfs::changed_buffers() {
    const std::scoped_lock lock(mutex_);
    return changed_buffers_;
}

}  // namespace kiln::harness

// How UsbTransport finds and takes its drive.

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "mmc/commands/primary.h"

#include "transports/os/unique_fd.h"
#include "transports/usb/usb_learnt.h"
#include "transports/usb/usb_transport.h"

namespace kiln::transports {
namespace {

using Kind = TransportError::Kind;

constexpr std::uint8_t kOpticalType = 0x05;
constexpr std::size_t kInquirySize = 36;

/// What one command may hold. Linux's usb-storage sends 120 KiB at USB 2's speeds and 1 MiB at USB
/// 3's, so that is what devices are used to.
std::size_t most_bytes(const UsbFound& found) {
    constexpr std::size_t kKiB = 1024;
    if (found.quirks.has(Quirk::Max32KiB)) {
        return 32 * kKiB;
    }
    const bool fast = found.speed >= LIBUSB_SPEED_SUPER;
    return fast && !found.quirks.has(Quirk::Max120KiB) ? 1024 * kKiB : 120 * kKiB;
}

/// Taking the device from the kernel's driver takes a mounted disc from whoever reads it, and a
/// burn from another program. Both hold the block device for themselves.
Result<void, TransportError> check_not_held(const UsbFound& found) {
    if (found.block.empty()) {
        return {};
    }
    const std::string node = "/dev/" + found.block;
    const UniqueFd fd(::open(node.c_str(), O_RDONLY | O_EXCL | O_NONBLOCK | O_CLOEXEC));
    if (fd.open() || errno != EBUSY) {
        return {};
    }
    return tl::make_unexpected(TransportError{
        .kind = Kind::InUse,
        .os_code = EBUSY,
        .detail = fmt::format("{} is mounted, or another program burns on it", node)});
}

}  // namespace

Result<std::unique_ptr<UsbTransport>, TransportError> UsbTransport::open(
    const UsbSelector& selector, Clock& clock, Stop* stop) {
    KILN_ASSIGN_OR_RETURN(auto context, open_usb_context());
    KILN_ASSIGN_OR_RETURN(auto found, find_usb_device(*context, selector));
    if (found.type.value_or(kOpticalType) != kOpticalType) {
        return tl::make_unexpected(
            TransportError{.kind = Kind::NotADrive,
                           .detail = fmt::format("peripheral device type {:02x}h, not an optical "
                                                 "drive",
                                                 *found.type)});
    }
    KILN_RETURN_IF_ERROR(check_not_held(found));
    KILN_ASSIGN_OR_RETURN(auto waker, UsbWaker::make());
    KILN_ASSIGN_OR_RETURN(auto handle, UsbHandle::open(std::move(context), found));
    waker->watch(handle->context());
    std::unique_ptr<UsbTransport> transport(
        new UsbTransport(std::move(found), std::move(handle), std::move(waker), clock, stop));
    if (stop != nullptr) {
        stop->watch(transport.get());
    }
    KILN_RETURN_IF_ERROR(transport->prepare());
    KILN_RETURN_IF_ERROR(transport->find_unit());
    return transport;
}

Result<void, TransportError> UsbTransport::prepare() {
    most_bytes_ = most_bytes(found_);
    limits_ = {.max_transfer = std::min(most_bytes_, UsbLearnt::most_bytes(found_)),
               .alignment = 1,
               .can_interrupt = true};
    // Not one that the last program that was here may have used.
    const auto tag = static_cast<std::uint32_t>(::getpid()) << 16U;
    machine_ = bot::HostMachine({.quirks = found_.quirks, .first_tag = tag});
    return pipes_.prepare();
}

Result<void, TransportError> UsbTransport::find_unit() {
    const std::uint8_t highest =
        found_.quirks.has(Quirk::SingleLun) ? std::uint8_t{0} : ask_max_lun();
    return check_type(highest);
}

std::uint8_t UsbTransport::ask_max_lun() {
    const auto answer = control({0xA1, 0xFE, 0, 0, handle_->interface().number, 0, 1, 0});
    const std::uint8_t highest = bot::highest_logical_unit(answer);
    (void)pipes_.cancel(UsbPipes::Keep::Nothing);
    return highest;
}

/// The first unit that is an optical drive.
Result<void, TransportError> UsbTransport::check_type(std::uint8_t highest_unit) {
    unsigned type = 0;
    for (std::uint8_t unit = 0; unit <= highest_unit; ++unit) {
        machine_.set_logical_unit(unit);
        std::array<std::uint8_t, kInquirySize> answer{};
        KILN_ASSIGN_OR_RETURN(const Completion completion, inquire(answer));
        if (completion.status != Status::Good || completion.moved < 8) {
            return tl::make_unexpected(TransportError{
                .kind = Kind::Protocol,
                .detail = fmt::format("the device at {} does not answer INQUIRY: status {:02x}h, "
                                      "{} bytes",
                                      found_.port, static_cast<unsigned>(completion.status),
                                      completion.moved)});
        }
        type = answer[0] & 0x1FU;
        if (type == kOpticalType) {
            return {};
        }
    }
    return tl::make_unexpected(TransportError{
        .kind = Kind::NotADrive,
        .detail = fmt::format("the device at {} has peripheral device type {:02x}h: it is not an "
                              "optical drive",
                              found_.port, type)});
}

/// Whoever was here last may have been killed in the middle of a command: the first try resets
/// nothing, in case the drive is still closing a disc, the second one does. A device that has sent
/// data and still fails both may be one that wants its transfers one at a time: if the third try
/// shows that, it gets them so. A residue that is nonsense for an INQUIRY is nonsense for every
/// command.
Result<Completion, TransportError> UsbTransport::inquire(mmc::MutableByteView answer) {
    mmc::Inquiry inquiry;
    inquiry.allocation_length = static_cast<std::uint16_t>(answer.size());
    Request request{.cdb = mmc::encode(inquiry).value(),
                    .data = DataIn{answer},
                    .timeout = std::chrono::seconds(10),
                    .guard = Guard::NeverReset};
    auto outcome = execute(request);
    const bool odd_residue = machine_.last_residue() != 0 && machine_.seen() == answer.size();
    if (odd_residue) {
        machine_.learn(Quirk::IgnoreResidue);
    }
    const auto ended = outcome ? Kind::Protocol : outcome.error().kind;
    if (ended == Kind::Gone || ended == Kind::Interrupted) {
        return outcome;
    }
    if (!outcome) {
        KILN_RETURN_IF_ERROR(resynchronise(bot::HostMachine::Reset::Allowed));
    } else if (!odd_residue) {
        return outcome;
    }
    request.guard = Guard::MayReset;
    outcome = execute(request);
    const bool ready = machine_.state() == bot::HostMachine::State::Ready && !given_up_;
    if (outcome || !ready || machine_.seen() == 0 || one_at_a_time()) {
        return outcome;
    }
    machine_.learn(Quirk::OneAtATime);
    outcome = execute(request);
    if (!outcome) {
        machine_.forget(Quirk::OneAtATime);
    }
    return outcome;
}

}  // namespace kiln::transports

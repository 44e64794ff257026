#include "harness/usb/usb_function.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace kiln::harness {
namespace {

using transports::Instant;
using Kind = PipeReply::Kind;

// bmRequestType
constexpr std::uint8_t kToHost = 0x80;
constexpr std::uint8_t kTypeMask = 0x60;
constexpr std::uint8_t kStandard = 0x00;
constexpr std::uint8_t kRecipientMask = 0x1F;
constexpr std::uint8_t kDevice = 0;
constexpr std::uint8_t kInterface = 1;
constexpr std::uint8_t kEndpoint = 2;

// bRequest
constexpr std::uint8_t kGetStatus = 0x00;
constexpr std::uint8_t kClearFeature = 0x01;
constexpr std::uint8_t kSetFeature = 0x03;
constexpr std::uint8_t kSetAddress = 0x05;
constexpr std::uint8_t kGetDescriptor = 0x06;
constexpr std::uint8_t kGetConfiguration = 0x08;
constexpr std::uint8_t kSetConfiguration = 0x09;
constexpr std::uint8_t kGetInterface = 0x0A;
constexpr std::uint8_t kSetInterface = 0x0B;
constexpr std::uint8_t kSetSel = 0x30;
constexpr std::uint8_t kSetIsochDelay = 0x31;

// Features of a device
constexpr std::uint16_t kU1Enable = 48;
constexpr std::uint16_t kU2Enable = 49;

PipeReply stalled() {
    return {.kind = Kind::Stalled};
}

PipeReply unanswered() {
    return {.kind = Kind::Waits, .until = Instant::max()};
}

PipeReply answered(mmc::MutableByteView answer, const std::vector<std::uint8_t>& bytes) {
    const std::size_t count = std::min(bytes.size(), answer.size());
    std::copy_n(bytes.begin(), count, answer.begin());
    return {.bytes = count};
}

}  // namespace

struct UsbFunction::Setup {
    explicit Setup(mmc::ByteView bytes)
        : type(bytes[0]),
          request(bytes[1]),
          value(mmc::load_little_endian<std::uint16_t>(bytes, 2, 2)),
          index(mmc::load_little_endian<std::uint16_t>(bytes, 4, 2)),
          length(mmc::load_little_endian<std::uint16_t>(bytes, 6, 2)) {}

    [[nodiscard]] bool is_standard() const { return (type & kTypeMask) == kStandard; }
    [[nodiscard]] bool is_to_host() const { return (type & kToHost) != 0; }
    [[nodiscard]] std::uint8_t recipient() const { return type & kRecipientMask; }

    std::uint8_t type;
    std::uint8_t request;
    std::uint16_t value;
    std::uint16_t index;
    std::uint16_t length;
};

UsbFunction::UsbFunction(BotDevice& device, UsbIdentityCard card)
    : device_(&device), card_(std::move(card)) {}

bool UsbFunction::has_bulk(std::uint8_t endpoint_address) const {
    return endpoint_address == card_.in || endpoint_address == card_.out;
}

PipeReply UsbFunction::out(std::uint8_t endpoint, mmc::ByteView bytes, Instant now) {
    if (silent_) {
        return unanswered();
    }
    const bool listens = configuration_ != 0 && endpoint == card_.out;
    return listens ? device_->out(bytes, now) : PipeReply{.kind = Kind::BusError};
}

PipeReply UsbFunction::in(std::uint8_t endpoint, mmc::MutableByteView space, Instant now) {
    if (silent_) {
        return unanswered();
    }
    const bool listens = configuration_ != 0 && (endpoint | kToHost) == card_.in;
    return listens ? device_->in(space, now) : PipeReply{.kind = Kind::BusError};
}

void UsbFunction::bus_reset(Instant now) {
    configuration_ = 0;
    device_->bus_reset(now);
}

PipeReply UsbFunction::control(mmc::ByteView bytes, mmc::MutableByteView answer, Instant now) {
    if (device_->gone()) {
        return {.kind = Kind::Gone};
    }
    if (silent_) {
        return unanswered();
    }
    const Setup setup(bytes.first(kSetupSize));
    const mmc::MutableByteView room =
        answer.first(std::min<std::size_t>(answer.size(), setup.length));
    if (!setup.is_standard()) {
        return device_->control(bytes, room, now);
    }
    if (setup.is_to_host()) {
        switch (setup.request) {
            case kGetStatus:
                return get_status(setup, room);
            case kGetDescriptor:
                return get_descriptor(setup, room);
            case kGetConfiguration:
                return answered(room, {configuration_});
            case kGetInterface:
                return configuration_ != 0 && setup.index == 0 ? answered(room, {0}) : stalled();
            default:
                return stalled();
        }
    }
    return setup.recipient() == kEndpoint ? to_endpoint(setup, bytes, room, now)
                                          : to_device(setup, now);
}

/// Device and interface.
PipeReply UsbFunction::to_device(const Setup& setup, Instant now) {
    switch (setup.request) {
        case kSetAddress:  // the host's controller keeps it to itself
        case kSetIsochDelay:
        case kSetSel:
            return {};
        case kSetConfiguration:
            if (setup.value > 1) {
                return stalled();
            }
            bus_reset(now);
            configuration_ = static_cast<std::uint8_t>(setup.value);
            return {};
        case kSetInterface:
            return configuration_ != 0 && setup.value == 0 && setup.index == 0 ? PipeReply{}
                                                                               : stalled();
        case kSetFeature:
        case kClearFeature: {
            const bool sleeps = setup.value == kU1Enable || setup.value == kU2Enable;
            const bool is_super = card_.speed == UsbIdentityCard::Speed::Super;
            const bool ours = setup.recipient() == kDevice || setup.recipient() == kInterface;
            return sleeps && is_super && ours ? PipeReply{} : stalled();
        }
        default:
            return stalled();
    }
}

PipeReply UsbFunction::to_endpoint(const Setup& setup, mmc::ByteView bytes,
                                   mmc::MutableByteView answer, Instant now) {
    const auto endpoint = static_cast<std::uint8_t>(setup.index & 0xFFU);
    if (setup.value != 0 || (setup.request != kClearFeature && setup.request != kSetFeature)) {
        return stalled();
    }
    if ((endpoint & ~kToHost) == 0) {
        return {};  // the default pipe is never halted
    }
    if (!has_bulk(endpoint) || configuration_ == 0) {
        return stalled();
    }
    if (setup.request == kSetFeature) {
        device_->halt(endpoint);
        return {};
    }
    return device_->control(bytes, answer, now);
}

PipeReply UsbFunction::get_descriptor(const Setup& setup, mmc::MutableByteView answer) const {
    const auto number = static_cast<std::uint8_t>(setup.value & 0xFFU);
    std::vector<std::uint8_t> bytes;
    switch (setup.value >> 8U) {
        case 0x01:
            bytes = device_descriptor(card_);
            break;
        case 0x02:
            bytes = number == 0 ? configuration_descriptor(card_) : bytes;
            break;
        case 0x03:
            bytes = string_descriptor(card_, number);
            break;
        case 0x06:
            bytes = device_qualifier(card_);
            break;
        case 0x07:
            bytes = number == 0 ? other_speed_descriptor(card_) : bytes;
            break;
        case 0x0F:
            bytes = bos_descriptor(card_);
            break;
        default:
            break;
    }
    return bytes.empty() ? stalled() : answered(answer, bytes);
}

/// Powered by the bus, never wakes anybody.
PipeReply UsbFunction::get_status(const Setup& setup, mmc::MutableByteView answer) const {
    const auto endpoint = static_cast<std::uint8_t>(setup.index & 0xFFU);
    const bool is_bulk = setup.recipient() == kEndpoint && (endpoint & ~kToHost) != 0;
    if (is_bulk && (!has_bulk(endpoint) || configuration_ == 0)) {
        return stalled();
    }
    const bool halted =
        is_bulk && (endpoint == card_.in ? device_->in_halted() : device_->out_halted());
    return answered(answer, {static_cast<std::uint8_t>(halted ? 1 : 0), 0});
}

}  // namespace kiln::harness

#include "harness/usbip/usbip_wire.h"

#include <algorithm>
#include <string_view>

namespace kiln::harness::usbip {
namespace {

constexpr std::size_t kPathSize = 256;
constexpr std::size_t kBusIdSize = 32;
constexpr std::uint16_t kReplyDeviceList = 0x0005;
constexpr std::uint16_t kReplyImport = 0x0003;
constexpr std::uint32_t kReplySubmit = 3;
constexpr std::uint32_t kReplyUnlink = 4;

using Bytes = std::vector<std::uint8_t>;

template <typename T>
void add(Bytes& all, T value) {
    const std::size_t at = all.size();
    all.resize(at + sizeof(T));
    mmc::store_big_endian(all, at, sizeof(T), value);
}

/// Closed with a zero byte, which is always there.
void add_text(Bytes& all, std::string_view text, std::size_t size) {
    const std::size_t at = all.size();
    all.resize(at + size, 0);
    std::copy_n(text.begin(), std::min(text.size(), size - 1),
                all.begin() + static_cast<std::ptrdiff_t>(at));
}

Bytes reply(std::uint16_t code, OperationStatus status) {
    Bytes all;
    add(all, kVersion);
    add(all, code);
    add(all, static_cast<std::uint32_t>(status));
    return all;
}

/// From `path` to `bNumInterfaces`.
void add_device(Bytes& all, const ExportedDevice& device) {
    const UsbIdentityCard& card = device.card;
    add_text(all, device.path, kPathSize);
    add_text(all, device.bus_id, kBusIdSize);
    add(all, device.bus);
    add(all, device.device);
    add(all, speed_number(card.speed));
    add(all, card.vendor);
    add(all, card.product);
    add(all, card.revision);
    add(all, card.device_class);
    add(all, std::uint8_t{0});  // bDeviceSubClass
    add(all, std::uint8_t{0});  // bDeviceProtocol
    add(all, std::uint8_t{1});  // bConfigurationValue
    add(all, std::uint8_t{1});  // bNumConfigurations
    add(all, std::uint8_t{1});  // bNumInterfaces
}

std::uint32_t word(mmc::ByteView header, std::size_t offset) {
    return mmc::load_big_endian<std::uint32_t>(header, offset, 4);
}

}  // namespace

std::optional<OperationHeader> decode_operation(mmc::ByteView header) {
    const auto version = mmc::load_big_endian<std::uint16_t>(header, 0, 2);
    const auto code = static_cast<Operation>(mmc::load_big_endian<std::uint16_t>(header, 2, 2));
    if (version != kVersion || (code != Operation::ListDevices && code != Operation::Import)) {
        return std::nullopt;
    }
    return OperationHeader{.version = version, .code = code};
}

std::optional<std::string> decode_import(mmc::ByteView request) {
    const auto field = request.subspan(kOperationSize, kBusIdSize);
    const auto end = std::ranges::find(field, std::uint8_t{0});
    if (end == field.end()) {
        return std::nullopt;
    }
    return std::string(field.begin(), end);
}

std::uint32_t speed_number(UsbIdentityCard::Speed speed) {
    switch (speed) {
        case UsbIdentityCard::Speed::Full:
            return 2;
        case UsbIdentityCard::Speed::High:
            return 3;
        case UsbIdentityCard::Speed::Super:
            break;
    }
    return 5;
}

std::vector<std::uint8_t> encode_device_list(const std::vector<ExportedDevice>& devices) {
    Bytes all = reply(kReplyDeviceList, OperationStatus::Good);
    add(all, static_cast<std::uint32_t>(devices.size()));
    for (const ExportedDevice& device : devices) {
        add_device(all, device);
        add(all, device.card.interface_class);
        add(all, device.card.subclass);
        add(all, device.card.protocol);
        add(all, std::uint8_t{0});
    }
    return all;
}

std::vector<std::uint8_t> encode_import(const ExportedDevice& device) {
    Bytes all = reply(kReplyImport, OperationStatus::Good);
    add_device(all, device);
    return all;
}

std::vector<std::uint8_t> encode_import_refused(OperationStatus status) {
    return reply(kReplyImport, status);
}

std::optional<Command> command_of(mmc::ByteView header) {
    const auto command = static_cast<Command>(word(header, 0));
    const bool known = command == Command::Submit || command == Command::Unlink;
    return known ? std::optional(command) : std::nullopt;
}

Submit decode_submit(mmc::ByteView header) {
    Submit submit{.sequence = word(header, 0x04),
                  .device = word(header, 0x08),
                  .in = word(header, 0x0C) != 0,
                  .endpoint = word(header, 0x10),
                  .flags = word(header, 0x14),
                  .length = word(header, 0x18),
                  .packets = word(header, 0x20)};
    std::ranges::copy(header.subspan(0x28, kSetupSize), submit.setup.begin());
    return submit;
}

Unlink decode_unlink(mmc::ByteView header) {
    return {.sequence = word(header, 0x04),
            .device = word(header, 0x08),
            .unlinked = word(header, 0x14)};
}

Header encode(const SubmitResult& result) {
    Header header{};
    mmc::store_big_endian(header, 0x00, 4, kReplySubmit);
    mmc::store_big_endian(header, 0x04, 4, result.sequence);
    mmc::store_big_endian(header, 0x14, 4, static_cast<std::uint32_t>(result.status));
    mmc::store_big_endian(header, 0x18, 4, result.length);
    mmc::store_big_endian(header, 0x20, 4, result.packets);
    return header;
}

Header encode_unlinked(std::uint32_t sequence, UrbStatus status) {
    Header header{};
    mmc::store_big_endian(header, 0x00, 4, kReplyUnlink);
    mmc::store_big_endian(header, 0x04, 4, sequence);
    mmc::store_big_endian(header, 0x14, 4, static_cast<std::uint32_t>(status));
    return header;
}

}  // namespace kiln::harness::usbip

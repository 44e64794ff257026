#include "harness/usb/usb_descriptors.h"

#include <iterator>

namespace kiln::harness {
namespace {

std::uint8_t low(unsigned value) {
    return static_cast<std::uint8_t>(value & 0xFFU);
}
std::uint8_t high(unsigned value) {
    return static_cast<std::uint8_t>(value >> 8U & 0xFFU);
}

void add(std::vector<std::uint8_t>& all, const std::vector<std::uint8_t>& more) {
    all.insert(all.end(), more.begin(), more.end());
}

void add_endpoint(std::vector<std::uint8_t>& all, std::uint8_t address,
                  UsbIdentityCard::Speed speed) {
    const std::uint16_t packet = packet_size(speed);
    add(all, {7, 0x05, address, 0x02, low(packet), high(packet), 0});
    if (speed == UsbIdentityCard::Speed::Super) {
        add(all, {6, 0x30, 15, 0, 0, 0});  // companion: bursts of 16
    }
}

}  // namespace

std::uint16_t packet_size(UsbIdentityCard::Speed speed) {
    switch (speed) {
        case UsbIdentityCard::Speed::Full:
            return 64;
        case UsbIdentityCard::Speed::High:
            return 512;
        case UsbIdentityCard::Speed::Super:
            break;
    }
    return 1024;
}

std::vector<std::uint8_t> device_descriptor(const UsbIdentityCard& card) {
    const bool super = card.speed == UsbIdentityCard::Speed::Super;
    const std::uint8_t major = super ? 0x03 : 0x02;
    const std::uint8_t packet0 = super ? 9 : 64;
    return {18,
            0x01,
            0x00,
            major,
            card.device_class,
            0,
            0,
            packet0,
            low(card.vendor),
            high(card.vendor),
            low(card.product),
            high(card.product),
            low(card.revision),
            high(card.revision),
            1,  // string numbers: manufacturer, product, serial
            2,
            3,
            1};
}

std::vector<std::uint8_t> configuration_descriptor(const UsbIdentityCard& card) {
    std::vector<std::uint8_t> all{9, 0x02, 0, 0, 1, 1, 0, 0x80, 250};
    add(all, {9, 0x04, 0, 0, 2, card.interface_class, card.subclass, card.protocol, 0});
    add_endpoint(all, card.in, card.speed);
    add_endpoint(all, card.out, card.speed);
    all[2] = low(static_cast<unsigned>(all.size()));
    all[3] = high(static_cast<unsigned>(all.size()));
    return all;
}

}  // namespace kiln::harness

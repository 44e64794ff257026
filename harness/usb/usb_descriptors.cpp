#include "harness/usb/usb_descriptors.h"

#include <array>
#include <cstddef>

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
    // 500 mA in units of 2 mA; SuperSpeed counts in 8 mA, and a port has 900 mA.
    const std::uint8_t power = card.speed == UsbIdentityCard::Speed::Super ? 112 : 250;
    std::vector<std::uint8_t> all{9, 0x02, 0, 0, 1, 1, 0, 0x80, power};
    add(all, {9, 0x04, 0, 0, 2, card.interface_class, card.subclass, card.protocol, 0});
    add_endpoint(all, card.in, card.speed);
    add_endpoint(all, card.out, card.speed);
    all[2] = low(static_cast<unsigned>(all.size()));
    all[3] = high(static_cast<unsigned>(all.size()));
    return all;
}

std::vector<std::uint8_t> string_descriptor(const UsbIdentityCard& card, std::uint8_t number) {
    if (number == 0) {
        return {4, 0x03, 0x09, 0x04};  // English (United States)
    }
    const std::array<const std::string*, 3> texts{&card.manufacturer, &card.name, &card.serial};
    if (number > texts.size()) {
        return {};
    }
    constexpr std::size_t kMostLetters = 126;
    const std::string text = texts[number - 1]->substr(0, kMostLetters);
    std::vector<std::uint8_t> all{static_cast<std::uint8_t>(2 + 2 * text.size()), 0x03};
    for (const char letter : text) {
        add(all, {static_cast<std::uint8_t>(letter), 0});
    }
    return all;
}

std::vector<std::uint8_t> device_qualifier(const UsbIdentityCard& card) {
    if (card.speed != UsbIdentityCard::Speed::High) {
        return {};
    }
    return {10, 0x06, 0x00, 0x02, card.device_class, 0, 0, 64, 1, 0};
}

std::vector<std::uint8_t> other_speed_descriptor(const UsbIdentityCard& card) {
    if (card.speed != UsbIdentityCard::Speed::High) {
        return {};
    }
    UsbIdentityCard slower = card;
    slower.speed = UsbIdentityCard::Speed::Full;
    std::vector<std::uint8_t> all = configuration_descriptor(slower);
    all[1] = 0x07;
    return all;
}

std::vector<std::uint8_t> bos_descriptor(const UsbIdentityCard& card) {
    if (card.speed != UsbIdentityCard::Speed::Super) {
        return {};
    }
    std::vector<std::uint8_t> all{5, 0x0F, 22, 0, 2};
    add(all, {7, 0x10, 0x02, 0, 0, 0, 0});  // USB 2.0 extension: no link power management
    // SuperSpeed: full, high and super speed, all of it works from full speed on; exit latencies
    // of U1 10 us and U2 2047 us.
    add(all, {10, 0x10, 0x03, 0, 0x0E, 0, 1, 10, 0xFF, 0x07});
    return all;
}

}  // namespace kiln::harness

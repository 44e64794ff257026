/// \file
/// What a simulated USB burner says it is.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kiln::harness {

struct UsbIdentityCard {
    enum class Speed : std::uint8_t { Full, High, Super };
    std::uint16_t vendor = 0x0E8D;  // as the TSSTcorp SE-506CB: MediaTek
    std::uint16_t product = 0x1956;
    std::uint16_t revision = 0x0001;  // bcdDevice
    std::string manufacturer = "KILN";
    std::string name = "Simulated burner";
    std::string serial = "4B494C4E0001";  // twelve hex digits, as the standard asks: "KILN", 1
    Speed speed = Speed::High;
    std::uint8_t device_class = 0;  // 0: the interface says
    std::uint8_t interface_class = 0x08;
    std::uint8_t subclass = 0x02;  // ATAPI, what real drives say; SATA bridges say 06h
    std::uint8_t protocol = 0x50;
    std::uint8_t in = 0x81;
    std::uint8_t out = 0x02;
};

/// Device descriptor, then the one configuration with all in it, as sysfs and GET DESCRIPTOR have
/// them.
[[nodiscard]] std::vector<std::uint8_t> device_descriptor(const UsbIdentityCard& card);
[[nodiscard]] std::vector<std::uint8_t> configuration_descriptor(const UsbIdentityCard& card);

/// String `number`, 0 for the languages; empty where there is none.
[[nodiscard]] std::vector<std::uint8_t> string_descriptor(const UsbIdentityCard& card,
                                                          std::uint8_t number);

/// What the device would be at full speed; empty where it is not a high-speed one.
[[nodiscard]] std::vector<std::uint8_t> device_qualifier(const UsbIdentityCard& card);
[[nodiscard]] std::vector<std::uint8_t> other_speed_descriptor(const UsbIdentityCard& card);

/// Binary device object store, with what it needs for SuperSpeed; empty at other speeds.
///
/// Spec:    USB 3.2, 9.6.2 Binary Device Object Store
[[nodiscard]] std::vector<std::uint8_t> bos_descriptor(const UsbIdentityCard& card);

/// Of a bulk pipe.
[[nodiscard]] std::uint16_t packet_size(UsbIdentityCard::Speed speed);

}  // namespace kiln::harness

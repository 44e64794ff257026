/// \file
/// Commands about the drive and its mechanism: features, events, changer.
///
/// Spec:    MMC-6 r02g, the command of the struct's name; rows in device.cpp

#pragma once

#include <cstdint>

#include "mmc/layout.h"

namespace kiln::mmc {

/// Which features GET CONFIGURATION reports, from starting_feature_number on.
enum class RequestedFeatures : std::uint8_t { All = 0, Current = 1, One = 2 };  // RT

/// GET CONFIGURATION, 46h. Data in; the header alone is 8 bytes.
struct GetConfiguration {
    RequestedFeatures requested = RequestedFeatures::All;  // RT
    std::uint16_t starting_feature_number = 0;
    std::uint32_t allocation_length = 8;
    std::uint8_t control = 0;
    bool operator==(const GetConfiguration&) const = default;
};
template <>
const Layout LayoutOf<GetConfiguration>::kLayout;

/// Bits of the notification class request.
enum class NotificationClass : std::uint8_t {
    None = 0x00,
    OperationalChange = 0x02,
    PowerManagement = 0x04,
    ExternalRequest = 0x08,
    Media = 0x10,
    MultiHost = 0x20,
    DeviceBusy = 0x40,
};
[[nodiscard]] constexpr NotificationClass operator|(NotificationClass a, NotificationClass b) {
    return static_cast<NotificationClass>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
[[nodiscard]] constexpr NotificationClass operator&(NotificationClass a, NotificationClass b) {
    return static_cast<NotificationClass>(static_cast<unsigned>(a) & static_cast<unsigned>(b));
}

/// GET EVENT STATUS NOTIFICATION, 4Ah. Data in.
struct GetEventStatusNotification {
    bool polled = true;  // most drives refuse the asynchronous form
    NotificationClass notification_class_request = NotificationClass::None;
    std::uint32_t allocation_length = 8;
    std::uint8_t control = 0;
    bool operator==(const GetEventStatusNotification&) const = default;
};
template <>
const Layout LayoutOf<GetEventStatusNotification>::kLayout;

/// MECHANISM STATUS, BDh. Data in.
struct MechanismStatus {
    std::uint32_t allocation_length = 8;
    std::uint8_t control = 0;
    bool operator==(const MechanismStatus&) const = default;
};
template <>
const Layout LayoutOf<MechanismStatus>::kLayout;

/// LOAD/UNLOAD MEDIUM, A6h, for changers. No data.
struct LoadUnloadMedium {
    bool immediate = false;    // IMMED
    bool load_unload = false;  // LoUnlo: unload without start, load with it
    bool start = false;
    std::uint8_t slot = 0;
    std::uint8_t control = 0;
    bool operator==(const LoadUnloadMedium&) const = default;
};
template <>
const Layout LayoutOf<LoadUnloadMedium>::kLayout;

}  // namespace kiln::mmc

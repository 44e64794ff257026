/// \file
/// The answer of GET EVENT STATUS NOTIFICATION.

#pragma once

#include <cstdint>
#include <string_view>

#include "mmc/bytes.h"
#include "mmc/layout.h"
#include "mmc/responses/answer.h"
#include "mmc/result.h"

namespace kiln::mmc {

enum class EventClass : std::uint8_t {
    None = 0,
    OperationalChange = 1,
    PowerManagement = 2,
    ExternalRequest = 3,
    Media = 4,
    MultiHost = 5,
    DeviceBusy = 6,
};
[[nodiscard]] std::string_view words(EventClass event_class);

enum class MediaEvent : std::uint8_t {
    NoChange = 0,
    EjectRequest = 1,
    NewMedia = 2,
    MediaRemoval = 3,
    MediaChanged = 4,
    BackgroundFormatCompleted = 5,
    BackgroundFormatRestarted = 6,
};
[[nodiscard]] std::string_view words(MediaEvent event);

/// One class of events; what its four bytes mean depends on the class, so the members are the
/// standard's positions and the functions its meanings.
///
/// Spec:    MMC-6, GET EVENT STATUS NOTIFICATION
struct EventStatus {
    Extent extent{};
    bool no_event_available = false;  // NEA
    EventClass event_class = EventClass::None;
    std::uint8_t supported_classes = 0;  // bit n: class n
    bool has_event = false;              // the four bytes below came
    std::uint8_t event = 0;              // event code, bits 3..0
    std::uint8_t status = 0;             // the whole byte 5
    std::uint16_t parameter = 0;         // bytes 6 and 7

    /// Only with event_class Media.
    [[nodiscard]] constexpr MediaEvent media_event() const {
        return static_cast<MediaEvent>(event);
    }
    [[nodiscard]] constexpr bool media_present() const { return (status & 0x02U) != 0; }
    [[nodiscard]] constexpr bool door_open() const { return (status & 0x01U) != 0; }

    friend constexpr bool operator==(const EventStatus&, const EventStatus&) = default;
};

/// Errors:  TooShort below 4 bytes
[[nodiscard]] Result<EventStatus, DecodeError> decode_event_status(ByteView bytes);

[[nodiscard]] Encoded encode(const EventStatus& value);

}  // namespace kiln::mmc

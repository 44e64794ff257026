/// \file
/// Answers of READ TOC/PMA/ATIP, formats 0 to 3. ATIP and CD-Text have files of their own.

#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "mmc/bytes.h"
#include "mmc/layout.h"
#include "mmc/lba.h"
#include "mmc/responses/answer.h"
#include "mmc/result.h"

namespace kiln::mmc {

/// A CD's minute, second, frame; binary, 75 frames a second.
struct Msf {
    std::uint8_t minute = 0;
    std::uint8_t second = 0;
    std::uint8_t frame = 0;

    friend constexpr bool operator==(const Msf&, const Msf&) = default;
};

/// 00:02:00 is address 0; from 90 minutes up the addresses are those before it (lead-in).
[[nodiscard]] constexpr Lba to_lba(Msf msf) {
    const int frames = (msf.minute * 60 + msf.second) * 75 + msf.frame;
    return Lba{msf.minute < 90 ? frames - 150 : frames - 450150};
}

/// The inverse of to_lba() for -45150 <= `lba` < 404850; other addresses wrap in the minute.
[[nodiscard]] constexpr Msf to_msf(Lba lba) {
    const auto address = static_cast<std::int64_t>(lba);
    const auto frames = static_cast<std::uint64_t>(address + (address < -150 ? 450150 : 150));
    return {.minute = static_cast<std::uint8_t>(frames / 4500U & 0xFFU),
            .second = static_cast<std::uint8_t>(frames / 75U % 60U),
            .frame = static_cast<std::uint8_t>(frames % 75U)};
}

/// What the CDB asked for: addresses as LBA, or as 00 M S F.
enum class AddressForm : std::uint8_t { Lba, Msf };

/// An address field in either form, as a block address.
[[nodiscard]] constexpr Lba address_of(std::uint32_t field, AddressForm form) {
    if (form == AddressForm::Lba) {
        return Lba{static_cast<std::int32_t>(field)};
    }
    return to_lba({.minute = static_cast<std::uint8_t>(field >> 16U & 0xFFU),
                   .second = static_cast<std::uint8_t>(field >> 8U & 0xFFU),
                   .frame = static_cast<std::uint8_t>(field & 0xFFU)});
}

/// The inverse of address_of().
[[nodiscard]] constexpr std::uint32_t address_field(Lba lba, AddressForm form) {
    if (form == AddressForm::Lba) {
        return static_cast<std::uint32_t>(lba);
    }
    const Msf msf = to_msf(lba);
    return static_cast<std::uint32_t>(msf.minute << 16U | msf.second << 8U | msf.frame);
}

inline constexpr std::uint8_t kLeadOutTrack = 0xAA;

struct TocTrack {
    std::uint8_t adr = 1;
    std::uint8_t control = 0;   // a TrackMode
    std::uint8_t track = 0;     // kLeadOutTrack for the lead-out
    std::uint32_t address = 0;  // as the CDB asked for it; see address_of()

    friend constexpr bool operator==(const TocTrack&, const TocTrack&) = default;
};

/// Format 0000b.
struct Toc {
    Extent extent{};
    std::uint8_t first_track = 0;
    std::uint8_t last_track = 0;
    std::vector<TocTrack> tracks;

    friend bool operator==(const Toc&, const Toc&) = default;
};

/// Format 0001b, multi-session information.
struct SessionInformation {
    Extent extent{};
    std::uint8_t first_session = 0;
    std::uint8_t last_session = 0;  // complete
    std::uint8_t adr = 1;
    std::uint8_t control = 0;
    std::uint8_t first_track_in_last_session = 0;
    std::uint32_t address = 0;  // of that track, as the CDB asked for it

    friend constexpr bool operator==(const SessionInformation&,
                                     const SessionInformation&) = default;
};

/// One Q sub-channel entry of the lead-in (format 2) or the PMA (format 3).
struct TocPoint {
    std::uint8_t session = 0;
    std::uint8_t adr = 1;
    std::uint8_t control = 0;
    std::uint8_t tno = 0;
    std::uint8_t point = 0;
    Msf running{};          // MIN SEC FRAME
    std::uint8_t zero = 0;  // on DDCD hours
    Msf pointed{};          // PMIN PSEC PFRAME

    friend constexpr bool operator==(const TocPoint&, const TocPoint&) = default;
};

/// Format 0010b, full TOC, and 0011b, PMA (there the session numbers are reserved).
struct FullToc {
    Extent extent{};
    std::uint8_t first_session = 0;
    std::uint8_t last_session = 0;
    std::vector<TocPoint> points;

    friend bool operator==(const FullToc&, const FullToc&) = default;
};

/// All: TooShort below the header of 4 bytes; entries that came in part are left out.
[[nodiscard]] Result<Toc, DecodeError> decode_toc(ByteView bytes);
[[nodiscard]] Result<FullToc, DecodeError> decode_full_toc(ByteView bytes);
/// Errors:  TooShort below 12 bytes
[[nodiscard]] Result<SessionInformation, DecodeError> decode_session_information(ByteView bytes);

[[nodiscard]] Encoded encode(const Toc& value);
[[nodiscard]] Encoded encode(const FullToc& value);
[[nodiscard]] Encoded encode(const SessionInformation& value);

/// "lead-out start", "first track" ...; "" for a track number.
[[nodiscard]] std::string_view point_in_words(const TocPoint& point);

}  // namespace kiln::mmc

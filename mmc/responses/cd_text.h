/// \file
/// READ TOC/PMA/ATIP format 0101b: CD-Text packs from the lead-in.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mmc/bytes.h"
#include "mmc/layout.h"
#include "mmc/responses/answer.h"
#include "mmc/result.h"

namespace kiln::mmc {

enum class CdTextPackType : std::uint8_t {
    Title = 0x80,
    Performer = 0x81,
    Songwriter = 0x82,
    Composer = 0x83,
    Arranger = 0x84,
    Message = 0x85,
    DiscIdentification = 0x86,
    Genre = 0x87,
    TableOfContents = 0x88,
    SecondTableOfContents = 0x89,
    ClosedInformation = 0x8D,
    CatalogueNumber = 0x8E,  // MCN of the disc, ISRC of a track
    SizeInformation = 0x8F,
};

/// CRC-16 of polynomial 1021h, starting at 0, inverted: over the first 16 bytes of a pack.
[[nodiscard]] std::uint16_t cd_text_crc(ByteView bytes);

struct CdTextPack {
    CdTextPackType type = CdTextPackType::Title;
    bool extension = false;
    std::uint8_t track = 0;  // 0 for the album
    std::uint8_t sequence = 0;
    bool double_byte = false;  // DBCC
    std::uint8_t block = 0;    // language block
    std::uint8_t character_position = 0;
    std::array<std::uint8_t, 12> text{};
    std::uint16_t crc = 0;  // some drives give 0

    friend constexpr bool operator==(const CdTextPack&, const CdTextPack&) = default;
};

struct CdText {
    Extent extent{};
    std::vector<CdTextPack> packs;

    friend bool operator==(const CdText&, const CdText&) = default;
};

/// One text put together from its packs, in the disc's own character set.
struct CdTextString {
    std::uint8_t block = 0;
    CdTextPackType type = CdTextPackType::Title;
    std::uint8_t track = 0;
    std::string text;

    friend bool operator==(const CdTextString&, const CdTextString&) = default;
};

/// True if the CRC fits, or is 0 (not given).
[[nodiscard]] bool crc_holds(const CdTextPack& pack);
/// `pack` with the CRC that fits.
[[nodiscard]] CdTextPack with_crc(CdTextPack pack);

/// Errors:  TooShort below 4 bytes; packs that came in part are left out
[[nodiscard]] Result<CdText, DecodeError> decode_cd_text(ByteView bytes);
/// 18 bytes as they stand in an answer or in a .cdt file.
///
/// Errors:  TooShort
[[nodiscard]] Result<CdTextPack, DecodeError> decode_cd_text_pack(ByteView bytes);

[[nodiscard]] Encoded encode(const CdText& value);
[[nodiscard]] Encoded encode(const CdTextPack& value);

/// The texts of pack types 80h to 86h, 8Dh and 8Eh, in pack order; packs with a wrong CRC are not
/// used. A text that is one tab repeats the previous track's.
[[nodiscard]] std::vector<CdTextString> strings_of(const CdText& text);

[[nodiscard]] std::string_view words(CdTextPackType type);

}  // namespace kiln::mmc

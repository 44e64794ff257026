/// \file
/// SEND CUE SHEET's parameter list: the tracks of a session-at-once burn, in time.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "mmc/bytes.h"
#include "mmc/layout.h"
#include "mmc/responses/answer.h"
#include "mmc/responses/toc.h"
#include "mmc/result.h"

namespace kiln::mmc {

/// What a block looks like in the data that WRITE sends: DATA FORM's bits 5..0.
enum class CueDataForm : std::uint8_t {
    Audio = 0x00,         // 2352 bytes
    AudioPause = 0x01,    // 0 bytes
    Mode1 = 0x10,         // 2048
    Mode1Raw = 0x11,      // 2352
    Mode1Pause = 0x14,    // 0
    XaOrCdI = 0x20,       // 2336
    XaOrCdIRaw = 0x21,    // 2352
    XaOrCdIPause = 0x24,  // 0
    Mode2 = 0x30,         // 2336
    Mode2Raw = 0x31,      // 2352
    Mode2Pause = 0x34,    // 0
};

/// One line of the sheet. With adr 2 (MCN) and 3 (ISRC) the last bytes are characters instead.
struct CueSheetEntry {
    std::uint8_t control = 0;  // CTL, the Q sub-channel's
    std::uint8_t adr = 1;
    std::uint8_t track = 0;  // TNO: 0 lead-in, kLeadOutTrack lead-out
    std::uint8_t index = 0;
    std::uint8_t data_form = 0;  // a CueDataForm, and bits 7..6 the sub-channel's form
    std::uint8_t scms = 0;       // bit 7: alternate copy
    Msf start{};

    friend constexpr bool operator==(const CueSheetEntry&, const CueSheetEntry&) = default;
};

struct CueSheet {
    static constexpr std::size_t kEntrySize = 8;

    std::vector<CueSheetEntry> entries;

    friend bool operator==(const CueSheet&, const CueSheet&) = default;
};

/// Errors:  TooShort if the bytes are not a whole number of entries, or none
[[nodiscard]] Result<CueSheet, DecodeError> decode_cue_sheet(ByteView bytes);

[[nodiscard]] Encoded encode(const CueSheet& sheet);

[[nodiscard]] std::string_view words(CueDataForm form);

/// Bytes of one block that WRITE sends for this form, without sub-channel.
[[nodiscard]] std::uint32_t block_size_of(CueDataForm form);

}  // namespace kiln::mmc

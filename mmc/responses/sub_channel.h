/// \file
/// The answer of READ SUB-CHANNEL.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "mmc/bytes.h"
#include "mmc/layout.h"
#include "mmc/responses/answer.h"
#include "mmc/responses/toc.h"
#include "mmc/result.h"

namespace kiln::mmc {

enum class AudioStatus : std::uint8_t {
    NotSupported = 0x00,
    Playing = 0x11,
    Paused = 0x12,
    Completed = 0x13,
    StoppedByError = 0x14,
    None = 0x15,
};
[[nodiscard]] std::string_view words(AudioStatus status);

/// Formats 1 (current position), 2 (MCN) and 3 (ISRC); `format` tells which members are meant.
struct SubChannel {
    Extent extent{};
    AudioStatus audio_status = AudioStatus::None;
    std::uint8_t format = 0;  // 0: header only
    std::uint8_t adr = 0;     // formats 1 and 3
    std::uint8_t control = 0;
    std::uint8_t track = 0;
    std::uint8_t index = 0;              // format 1
    std::uint32_t absolute_address = 0;  // format 1; as the CDB asked for it, see address_of()
    std::uint32_t relative_address = 0;
    bool valid = false;  // MCVAL, TCVAL
    std::string code;    // MCN of 13 or ISRC of 12 characters

    friend bool operator==(const SubChannel&, const SubChannel&) = default;
};

/// Errors:  TooShort below 4 bytes
[[nodiscard]] Result<SubChannel, DecodeError> decode_sub_channel(ByteView bytes);

[[nodiscard]] Encoded encode(const SubChannel& value);

}  // namespace kiln::mmc

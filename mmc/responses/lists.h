/// \file
/// Short answers that are a list or a text: REPORT LUNS, READ MEDIA SERIAL NUMBER.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mmc/bytes.h"
#include "mmc/layout.h"
#include "mmc/responses/answer.h"
#include "mmc/result.h"

namespace kiln::mmc {

struct LogicalUnits {
    Extent extent{};
    std::vector<std::uint64_t> units;

    friend bool operator==(const LogicalUnits&, const LogicalUnits&) = default;
};

struct MediaSerialNumber {
    Extent extent{};
    std::string serial_number;  // all of its bytes

    friend bool operator==(const MediaSerialNumber&, const MediaSerialNumber&) = default;
};

/// Errors:  TooShort below 8 bytes
[[nodiscard]] Result<LogicalUnits, DecodeError> decode_logical_units(ByteView bytes);
/// Errors:  TooShort below 4 bytes
[[nodiscard]] Result<MediaSerialNumber, DecodeError> decode_media_serial_number(ByteView bytes);

[[nodiscard]] Encoded encode(const LogicalUnits& value);
[[nodiscard]] Encoded encode(const MediaSerialNumber& value);

}  // namespace kiln::mmc

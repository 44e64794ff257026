/// \file
/// The answer of READ FORMAT CAPACITIES.

#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "mmc/bytes.h"
#include "mmc/layout.h"
#include "mmc/responses/answer.h"
#include "mmc/result.h"

namespace kiln::mmc {

enum class CapacityType : std::uint8_t {
    Unformatted = 1,  // blank; the capacity is the maximum
    Formatted = 2,
    NoMedium = 3,  // or its capacity is not known (a DVD-RW's intermediate state)
};

/// FORMAT UNIT's format type.
enum class FormatType : std::uint8_t {
    Full = 0x00,
    SpareAreaExpansion = 0x01,
    ZoneReformat = 0x04,
    Zone = 0x05,
    CdRwDvdRwFull = 0x10,
    GrowSession = 0x11,
    AddSession = 0x12,
    DvdRwQuickGrow = 0x13,
    DvdRwQuickAdd = 0x14,
    DvdRwQuick = 0x15,
    HdDvdRTestZoneExpansion = 0x16,
    FullWithSparing = 0x20,
    Mrw = 0x24,
    DvdPlusRwBasic = 0x26,
    BdReFullWithSpare = 0x30,
    BdReFullWithoutSpare = 0x31,
    BdRFullWithSpare = 0x32,
};

struct FormattableCapacity {
    std::uint32_t blocks = 0;
    FormatType format_type = FormatType::Full;
    std::uint8_t sub_type = 0;
    std::uint32_t parameter = 0;  // type dependent, 24 bits

    friend constexpr bool operator==(const FormattableCapacity&,
                                     const FormattableCapacity&) = default;
};

/// Spec:    MMC-6, READ FORMAT CAPACITIES, capacity list
struct FormatCapacities {
    Extent extent{};
    std::uint32_t blocks = 0;  // current or maximum capacity
    CapacityType descriptor_type = CapacityType::NoMedium;
    std::uint32_t block_length = 0;  // 24 bits
    std::vector<FormattableCapacity> formattable;

    friend bool operator==(const FormatCapacities&, const FormatCapacities&) = default;
};

/// Errors:  TooShort below 12 bytes
[[nodiscard]] Result<FormatCapacities, DecodeError> decode_format_capacities(ByteView bytes);

/// Errors:  FieldOverflow: more than 30 formattable capacities too
[[nodiscard]] Encoded encode(const FormatCapacities& value);

[[nodiscard]] std::string_view words(CapacityType type);
[[nodiscard]] std::string_view words(FormatType type);

}  // namespace kiln::mmc

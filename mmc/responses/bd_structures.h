/// \file
/// Formats of READ DISC STRUCTURE on BD. Each decoder takes the whole answer, header included.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "mmc/bytes.h"
#include "mmc/layout.h"
#include "mmc/responses/answer.h"
#include "mmc/result.h"

namespace kiln::mmc {

/// One unit of the disc information, "DI".
struct BdDiscInformationUnit {
    std::uint8_t format = 1;
    std::uint8_t units_per_block = 0;
    std::uint8_t layer = 0;
    std::uint8_t legacy = 0;
    std::uint8_t sequence = 0;
    bool continuation = false;
    std::uint8_t bytes_in_use = 0;
    std::string disc_type;  // "BDO" read-only, "BDR" recordable, "BDW" rewritable
    std::uint8_t size_class_version = 0;
    std::uint8_t layers = 0;
    std::uint8_t layer_types = 0;  // byte 13: DVD layer, CD layer, channel bit length
    std::uint8_t polarity = 0;
    std::uint8_t bca_code = 0;
    std::uint8_t max_rate_mbps = 0;
    std::uint32_t last_sector = 0;    // last PSN
    std::uint32_t first_address = 0;  // first AUN of the data zone
    std::uint32_t last_address = 0;
    std::string manufacturer;  // 6 characters; empty if these bytes did not come
    std::string media_type;    // 3
    std::uint16_t date = 0;
    std::uint8_t revision = 0;

    friend bool operator==(const BdDiscInformationUnit&, const BdDiscInformationUnit&) = default;
};

/// Format 00h.
struct BdDiscInformation {
    static constexpr std::size_t kUnitSize = 112;
    static constexpr std::size_t kReadOnlyUnitSize = 64;

    Extent extent{};
    std::vector<BdDiscInformationUnit> units;

    friend bool operator==(const BdDiscInformation&, const BdDiscInformation&) = default;
};

/// Format 08h, disc definition structure.
struct BdDefinition {
    Extent extent{};
    std::uint8_t format = 0;
    std::uint32_t update_count = 0;
    std::uint32_t drive_area_sector = 0;
    std::uint32_t defect_list_sector = 0;
    std::uint32_t first_user_sector = 0;  // PSN of LSN 0
    std::uint32_t last_user_block = 0;    // LSN
    std::uint32_t inner_spare_size = 0;   // ISA0
    std::uint32_t outer_spare_size = 0;   // OSA
    std::uint32_t inner_spare1_size = 0;  // ISA1
    std::uint8_t spare_full_flags = 0;

    friend constexpr bool operator==(const BdDefinition&, const BdDefinition&) = default;
};

/// Format 09h.
struct BdCartridgeStatus {
    Extent extent{};
    bool cartridge = false;
    bool taken_out = false;                // OUT
    bool cartridge_write_protect = false;  // CWP

    friend constexpr bool operator==(const BdCartridgeStatus&, const BdCartridgeStatus&) = default;
};

/// Format 0Ah. Units: blocks
struct BdSpareArea {
    Extent extent{};
    std::uint32_t free_blocks = 0;
    std::uint32_t allocated_blocks = 0;

    friend constexpr bool operator==(const BdSpareArea&, const BdSpareArea&) = default;
};

struct BdSegment {
    std::uint32_t start = 0;
    std::uint32_t length = 0;

    friend constexpr bool operator==(const BdSegment&, const BdSegment&) = default;
};

/// One physical access control entry of format 30h.
struct BdAccessControl {
    std::string identifier;  // 3 characters
    std::uint8_t format = 0;
    std::uint32_t update_count = 0;
    std::uint8_t segment_count = 0;
    std::vector<BdSegment> segments;

    friend bool operator==(const BdAccessControl&, const BdAccessControl&) = default;
};

/// Format 30h, PAC: 384 bytes each.
struct BdAccessControls {
    static constexpr std::size_t kEntrySize = 384;

    Extent extent{};
    std::vector<BdAccessControl> entries;

    friend bool operator==(const BdAccessControls&, const BdAccessControls&) = default;
};

/// Units that do not begin with "DI" end the list; the last one may be cut, with at least 32 bytes.
///
/// Errors:  TooShort below the header of 4 bytes
[[nodiscard]] Result<BdDiscInformation, DecodeError> decode_bd_disc_information(ByteView bytes);
/// Errors:  TooShort below 60 bytes; WrongType if it does not begin with "DS"
[[nodiscard]] Result<BdDefinition, DecodeError> decode_bd_definition(ByteView bytes);
/// Errors:  TooShort below 8 bytes
[[nodiscard]] Result<BdCartridgeStatus, DecodeError> decode_bd_cartridge_status(ByteView bytes);
/// Errors:  TooShort below 16 bytes
[[nodiscard]] Result<BdSpareArea, DecodeError> decode_bd_spare_area(ByteView bytes);
/// Errors:  TooShort below the header of 4 bytes; entries that came in part are left out
[[nodiscard]] Result<BdAccessControls, DecodeError> decode_bd_access_controls(ByteView bytes);

/// 4100 bytes.
[[nodiscard]] Encoded encode(const BdDiscInformation& value);
[[nodiscard]] Encoded encode(const BdDefinition& value);
[[nodiscard]] Encoded encode(const BdCartridgeStatus& value);
[[nodiscard]] Encoded encode(const BdSpareArea& value);
[[nodiscard]] Encoded encode(const BdAccessControls& value);

}  // namespace kiln::mmc

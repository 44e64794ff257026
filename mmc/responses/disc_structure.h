/// \file
/// The answer of READ DISC STRUCTURE: the container, and the list of formats. What the formats of
/// DVD and BD hold stands in dvd_structures.h and bd_structures.h.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "mmc/bytes.h"
#include "mmc/commands/media.h"
#include "mmc/layout.h"
#include "mmc/responses/answer.h"
#include "mmc/result.h"

namespace kiln::mmc {

/// Any format: the header, and the bytes behind it as they came.
struct DiscStructure {
    static constexpr std::size_t kHeaderSize = 4;

    Extent extent{};
    std::vector<std::uint8_t> data;

    friend bool operator==(const DiscStructure&, const DiscStructure&) = default;
};

struct DiscStructureListEntry {
    std::uint8_t format = 0;
    bool sendable = false;     // SDS
    bool readable = false;     // RDS
    std::uint16_t length = 0;  // a hint: drives do not agree whether it counts the header

    friend constexpr bool operator==(const DiscStructureListEntry&,
                                     const DiscStructureListEntry&) = default;
};

/// Format FFh, DVD and BD.
struct DiscStructureList {
    Extent extent{};
    std::vector<DiscStructureListEntry> entries;

    friend bool operator==(const DiscStructureList&, const DiscStructureList&) = default;
};

/// Format C0h, DVD and BD.
struct WriteProtectionStatus {
    Extent extent{};
    bool media_software_inhibit = false;  // MSWI
    bool cartridge = false;               // CWP
    bool persistent = false;              // PWP
    bool software = false;                // SWPP

    friend constexpr bool operator==(const WriteProtectionStatus&,
                                     const WriteProtectionStatus&) = default;
};

/// All: TooShort below header and fixed part; entries that came in part are left out.
[[nodiscard]] Result<DiscStructure, DecodeError> decode_disc_structure(ByteView bytes);
[[nodiscard]] Result<DiscStructureList, DecodeError> decode_disc_structure_list(ByteView bytes);
[[nodiscard]] Result<WriteProtectionStatus, DecodeError> decode_write_protection_status(
    ByteView bytes);

[[nodiscard]] Encoded encode(const DiscStructure& value);
[[nodiscard]] Encoded encode(const DiscStructureList& value);
[[nodiscard]] Encoded encode(const WriteProtectionStatus& value);

/// "physical format information"; "unknown" for codes without a name.
[[nodiscard]] std::string_view disc_structure_name(StructureMedia media, std::uint8_t format);

}  // namespace kiln::mmc

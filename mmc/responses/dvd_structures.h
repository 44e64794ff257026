/// \file
/// Formats of READ DISC STRUCTURE on DVD. Each decoder takes the whole answer, header included.

#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mmc/bytes.h"
#include "mmc/layout.h"
#include "mmc/responses/answer.h"
#include "mmc/result.h"

namespace kiln::mmc {

enum class BookType : std::uint8_t {
    DvdRom = 0x0,
    DvdRam = 0x1,
    DvdR = 0x2,
    DvdRw = 0x3,
    HdDvdRom = 0x4,
    HdDvdRam = 0x5,
    HdDvdR = 0x6,
    HdDvdRw = 0x7,
    DvdPlusRw = 0x9,
    DvdPlusR = 0xA,
    DvdPlusRwDualLayer = 0xD,
    DvdPlusRDualLayer = 0xE,
};
[[nodiscard]] std::string_view words(BookType type);

/// Formats 00h (lead-in), 10h (control data zone) and 11h (ADIP).
///
/// Units:   sectors of 2048 bytes, in physical numbers (data begin at 30000h, on DVD-RAM at 31000h)
struct PhysicalFormat {
    Extent extent{};
    BookType book_type{};
    std::uint8_t part_version = 0;
    std::uint8_t disc_size = 0;     // 0: 120 mm, 1: 80 mm
    std::uint8_t maximum_rate = 0;  // 0: 2.52, 1: 5.04, 2: 10.08 Mbit/s, Fh: not given
    std::uint8_t layers_minus1 = 0;
    bool opposite_track_path = false;
    std::uint8_t layer_type = 0;  // bits: 0 embossed, 1 recordable, 2 rewritable
    std::uint8_t linear_density = 0;
    std::uint8_t track_density = 0;
    std::uint32_t data_start = 0;
    std::uint32_t data_end = 0;
    std::uint32_t layer0_end = 0;
    bool burst_cutting_area = false;     // BCA
    std::uint32_t border_out_start = 0;  // DVD-R, DVD-RW; garbage on some drives
    std::uint32_t next_border_in_start = 0;
    std::vector<std::uint8_t> media_specific;  // from byte 17 of the structure

    /// DVD+: who made the medium, of which type; empty if the bytes did not come.
    [[nodiscard]] std::string manufacturer() const;
    [[nodiscard]] std::string media_type() const;

    friend bool operator==(const PhysicalFormat&, const PhysicalFormat&) = default;
};

/// Format 01h.
struct DvdCopyright {
    Extent extent{};
    std::uint8_t protection_system = 0;  // CPST: 0 none, 1 CSS or CPPM, 2 CPRM, 10h AACS
    std::uint8_t region_mask = 0;        // bit n: region n + 1 is barred

    friend constexpr bool operator==(const DvdCopyright&, const DvdCopyright&) = default;
};

/// Format 08h.
struct DvdRamDefinition {
    Extent extent{};
    std::uint16_t identifier = 0;  // 0A0Ah
    bool in_process = false;
    bool user_certified = false;
    bool manufacturer_certified = false;
    std::uint32_t update_count = 0;
    std::uint16_t groups = 0;

    friend constexpr bool operator==(const DvdRamDefinition&, const DvdRamDefinition&) = default;
};

/// Format 09h.
struct DvdRamMediumStatus {
    Extent extent{};
    bool cartridge = false;
    bool taken_out = false;                    // OUT: has been out of its cartridge
    bool media_software_inhibit = false;       // MSWI
    bool cartridge_write_protect = false;      // CWP
    bool persistent_write_protect = false;     // PWP
    std::uint8_t disc_type = 0;                // 00h not writable without cartridge, 10h writable
    std::uint8_t software_inhibit_reason = 0;  // RAMSWI

    friend constexpr bool operator==(const DvdRamMediumStatus&,
                                     const DvdRamMediumStatus&) = default;
};

/// Format 0Ah. Units: blocks
struct DvdRamSpareArea {
    Extent extent{};
    std::uint32_t unused_primary = 0;
    std::uint32_t unused_supplementary = 0;
    std::uint32_t allocated_supplementary = 0;

    friend constexpr bool operator==(const DvdRamSpareArea&, const DvdRamSpareArea&) = default;
};

/// Format 0Eh, DVD-R and DVD-RW.
struct PreRecordedInformation {
    Extent extent{};
    std::uint8_t application_code = 0;
    std::uint8_t physical_code = 0;
    std::uint32_t last_address = 0;  // 24 bits
    std::string manufacturer;        // fields 3 and 4, 12 characters
    std::vector<std::uint8_t> raw;   // the whole structure

    friend bool operator==(const PreRecordedInformation&, const PreRecordedInformation&) = default;
};

/// Format 0Fh.
struct UniqueDiscIdentifier {
    Extent extent{};
    std::uint16_t random_number = 0;
    std::string recorded_at;  // yyyymmddhhmmss

    friend bool operator==(const UniqueDiscIdentifier&, const UniqueDiscIdentifier&) = default;
};

/// Format 20h.
struct LayerCapacity {
    Extent extent{};
    bool immutable = false;         // init status: cannot be set any more
    std::uint32_t l0_capacity = 0;  // blocks

    friend constexpr bool operator==(const LayerCapacity&, const LayerCapacity&) = default;
};

/// Format 21h.
struct ShiftedMiddleArea {
    Extent extent{};
    bool immutable = false;
    std::uint32_t start_lba = 0;

    friend constexpr bool operator==(const ShiftedMiddleArea&, const ShiftedMiddleArea&) = default;
};

/// Format 22h.
struct JumpInterval {
    Extent extent{};
    std::uint32_t interval = 0;

    friend constexpr bool operator==(const JumpInterval&, const JumpInterval&) = default;
};

/// Format 23h.
struct ManualLayerJump {
    Extent extent{};
    std::uint32_t jump_lba = 0;

    friend constexpr bool operator==(const ManualLayerJump&, const ManualLayerJump&) = default;
};

/// Format 24h.
struct RemappingAddress {
    Extent extent{};
    std::uint32_t anchor_lba = 0;

    friend constexpr bool operator==(const RemappingAddress&, const RemappingAddress&) = default;
};

/// All: TooShort below header and fixed part; of PhysicalFormat below the 17 bytes all media have,
/// of PreRecordedInformation below 40.
[[nodiscard]] Result<PhysicalFormat, DecodeError> decode_physical_format(ByteView bytes);
[[nodiscard]] Result<DvdCopyright, DecodeError> decode_dvd_copyright(ByteView bytes);
[[nodiscard]] Result<DvdRamDefinition, DecodeError> decode_dvd_ram_definition(ByteView bytes);
[[nodiscard]] Result<DvdRamMediumStatus, DecodeError> decode_dvd_ram_medium_status(ByteView bytes);
[[nodiscard]] Result<DvdRamSpareArea, DecodeError> decode_dvd_ram_spare_area(ByteView bytes);
[[nodiscard]] Result<PreRecordedInformation, DecodeError> decode_pre_recorded_information(
    ByteView bytes);
[[nodiscard]] Result<UniqueDiscIdentifier, DecodeError> decode_unique_disc_identifier(
    ByteView bytes);
[[nodiscard]] Result<LayerCapacity, DecodeError> decode_layer_capacity(ByteView bytes);
[[nodiscard]] Result<ShiftedMiddleArea, DecodeError> decode_shifted_middle_area(ByteView bytes);
[[nodiscard]] Result<JumpInterval, DecodeError> decode_jump_interval(ByteView bytes);
[[nodiscard]] Result<ManualLayerJump, DecodeError> decode_manual_layer_jump(ByteView bytes);
[[nodiscard]] Result<RemappingAddress, DecodeError> decode_remapping_address(ByteView bytes);

/// 2052 bytes, as for format 00h.
[[nodiscard]] Encoded encode(const PhysicalFormat& value);
[[nodiscard]] Encoded encode(const DvdCopyright& value);
[[nodiscard]] Encoded encode(const DvdRamDefinition& value);
[[nodiscard]] Encoded encode(const DvdRamMediumStatus& value);
[[nodiscard]] Encoded encode(const DvdRamSpareArea& value);
[[nodiscard]] Encoded encode(const PreRecordedInformation& value);
[[nodiscard]] Encoded encode(const UniqueDiscIdentifier& value);
[[nodiscard]] Encoded encode(const LayerCapacity& value);
[[nodiscard]] Encoded encode(const ShiftedMiddleArea& value);
[[nodiscard]] Encoded encode(const JumpInterval& value);
[[nodiscard]] Encoded encode(const ManualLayerJump& value);
[[nodiscard]] Encoded encode(const RemappingAddress& value);

}  // namespace kiln::mmc

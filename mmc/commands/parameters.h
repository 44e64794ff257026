/// \file
/// Parameter lists: the data that go out with a command.
///
/// Spec:    MMC-6 r02g, the command named at each; rows in parameters.cpp

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "mmc/layout.h"
#include "mmc/lba.h"
#include "mmc/responses/answer.h"
#include "mmc/responses/format_capacities.h"
#include "mmc/result.h"

namespace kiln::mmc {

/// FORMAT UNIT, format list header, 4 bytes. Without FOV bits 6 to 2 mean nothing.
struct FormatListHeader {
    static constexpr std::size_t kSize = 4;
    bool format_options_valid = false;    // FOV
    bool disable_primary = false;         // DPRY
    bool disable_certification = false;   // DCRT
    bool stop_format = false;             // STPF
    bool initialization_pattern = false;  // IP
    bool try_out = false;                 // only checks
    bool immediate = false;               // IMMED
    bool vendor_specific = false;         // VS
    std::uint16_t format_descriptor_length = 8;
    friend bool operator==(const FormatListHeader&, const FormatListHeader&) = default;
};

/// FORMAT UNIT, format descriptor, 8 bytes behind the header.
struct FormatDescriptor {
    static constexpr std::size_t kSize = 8;
    BlockCount number_of_blocks{};  // FFFFFFFFh: as many as there are (DVD+RW)
    FormatType format_type = FormatType::Full;
    std::uint8_t sub_type = 0;
    std::uint32_t type_dependent_parameter = 0;  // 24 bits
    friend bool operator==(const FormatDescriptor&, const FormatDescriptor&) = default;
};

/// SET STREAMING, type 00h, 28 bytes. Sizes in kB (1000 bytes) for each time in ms.
struct StreamingDescriptor {
    static constexpr std::size_t kSize = 28;
    std::uint8_t write_rotation_control = 0;  // WRC: 0 the medium's default, 1 CAV
    bool restore_drive_defaults = false;      // RDD
    bool exact = false;
    bool random_access = false;  // RA
    Lba start_lba{};
    Lba end_lba{};
    std::uint32_t read_size = 0;
    std::uint32_t read_time = 0;
    std::uint32_t write_size = 0;
    std::uint32_t write_time = 0;
    friend bool operator==(const StreamingDescriptor&, const StreamingDescriptor&) = default;
};

/// SEND DISC STRUCTURE 20h, layer boundary: 4 bytes of header and 8 of data.
struct LayerBoundary {
    static constexpr std::size_t kSize = 12;
    std::uint16_t data_length = 10;
    BlockCount layer_0_capacity{};
    friend bool operator==(const LayerBoundary&, const LayerBoundary&) = default;
};

/// The whole list of FORMAT UNIT with one descriptor.
struct FormatList {
    FormatListHeader header;
    FormatDescriptor descriptor;
    friend bool operator==(const FormatList&, const FormatList&) = default;
};

/// SEND DISC STRUCTURE 0Fh, timestamp: 4 bytes of header and 14 digits. The layout is a
/// recollection that no public source confirms.
struct Timestamp {
    static constexpr std::size_t kSize = 18;
    std::uint16_t year = 0;
    std::uint8_t month = 0;
    std::uint8_t day = 0;
    std::uint8_t hour = 0;
    std::uint8_t minute = 0;
    std::uint8_t second = 0;
    friend bool operator==(const Timestamp&, const Timestamp&) = default;
};

/// SEND CUE SHEET, one entry of 8 bytes. Where address_mode is 2 or 3 the fields behind it are
/// characters: make those entries with catalogue_number_entries and isrc_entries.
struct CueSheetEntry {
    static constexpr std::size_t kSize = 8;
    std::uint8_t control = 0;  // CTL: 8 four channels, 4 data, 2 copy permitted, 1 pre-emphasis
    std::uint8_t address_mode = 1;  // ADR: 1 position, 2 catalogue number, 3 ISRC
    std::uint8_t track_number = 0;  // TNO: 0 lead-in, kLeadOutTrack lead-out
    std::uint8_t index = 0;
    std::uint8_t data_form = 0;  // 00h CD-DA, 01h its pause, 10h mode 1, 14h its pause ...
    std::uint8_t scms = 0;       // 80h alternate copy
    std::uint8_t minute = 0;     // absolute, binary
    std::uint8_t second = 0;
    std::uint8_t frame = 0;
    friend bool operator==(const CueSheetEntry&, const CueSheetEntry&) = default;
};

/// The two entries of a media catalogue number; nothing unless it has 13 digits.
[[nodiscard]] std::optional<std::array<CueSheetEntry, 2>> catalogue_number_entries(
    std::string_view digits);
/// The two entries of a track's ISRC; nothing unless it has 12 letters and digits, upper case.
[[nodiscard]] std::optional<std::array<CueSheetEntry, 2>> isrc_entries(std::uint8_t control,
                                                                       std::uint8_t track_number,
                                                                       std::string_view isrc);

/// Errors:  FieldOverflow
[[nodiscard]] Encoded encode_cue_sheet(std::span<const CueSheetEntry> cue_sheet);
[[nodiscard]] Encoded encode(const Timestamp& timestamp);
[[nodiscard]] Encoded encode(const FormatList& list);
[[nodiscard]] Encoded encode(const StreamingDescriptor& descriptor);
[[nodiscard]] Encoded encode(const LayerBoundary& boundary);

/// Errors:  TooShort without an entry, or where the last one is not whole
[[nodiscard]] Result<std::vector<CueSheetEntry>, DecodeError> decode_cue_sheet(ByteView bytes);
/// Errors:  TooShort below 18 bytes; WrongType if there is anything but digits
[[nodiscard]] Result<Timestamp, DecodeError> decode_timestamp(ByteView bytes);
/// Errors:  TooShort below 12 bytes
[[nodiscard]] Result<FormatList, DecodeError> decode_format_list(ByteView bytes);
/// Errors:  TooShort below 28 bytes
[[nodiscard]] Result<StreamingDescriptor, DecodeError> decode_streaming_descriptor(ByteView bytes);
/// Errors:  TooShort below 12 bytes
[[nodiscard]] Result<LayerBoundary, DecodeError> decode_layer_boundary(ByteView bytes);

}  // namespace kiln::mmc

/// \file
/// Answers of READ DISC INFORMATION: standard, track resources, POW resources.

#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "mmc/bytes.h"
#include "mmc/commands/track.h"
#include "mmc/layout.h"
#include "mmc/responses/answer.h"
#include "mmc/result.h"

namespace kiln::mmc {

enum class DiscStatus : std::uint8_t {
    Empty = 0,
    Incomplete = 1,  // appendable
    Finalized = 2,
    Other = 3,  // randomly writable, DVD-RAM
};

enum class SessionState : std::uint8_t { Empty = 0, Incomplete = 1, Damaged = 2, Complete = 3 };

enum class BackgroundFormat : std::uint8_t { None = 0, Stopped = 1, Running = 2, Complete = 3 };

/// Power calibration values for one speed; also the parameter list of SEND OPC INFORMATION.
struct OpcEntry {
    std::uint16_t speed_kb_s = 0;
    std::array<std::uint8_t, 6> values{};

    friend constexpr bool operator==(const OpcEntry&, const OpcEntry&) = default;
};

/// Spec:    MMC-6, READ DISC INFORMATION, standard disc information
/// Units:   lead-in and lead-out starts are 00 M S F on CD, else an LBA; FFFFFFFFh is none
struct DiscInformation {
    Extent extent{};
    DiscInformationType data_type = DiscInformationType::Standard;
    bool erasable = false;
    SessionState state_of_last_session = SessionState::Empty;
    DiscStatus disc_status = DiscStatus::Empty;
    std::uint8_t first_track = 0;
    std::uint16_t sessions = 0;                     // an open or empty one is counted
    std::uint16_t first_track_in_last_session = 0;  //
    std::uint16_t last_track_in_last_session = 0;   // the invisible or incomplete one is counted
    bool disc_identification_valid = false;         // DID_V
    bool disc_bar_code_valid = false;               // DBC_V
    bool unrestricted_use = false;                  // URU
    bool disc_application_code_valid = false;       // DAC_V
    bool defect_table_dirty = false;                // Dbit, MRW
    BackgroundFormat background_format = BackgroundFormat::None;
    std::uint8_t disc_type = 0;  // 00h CD-DA or CD-ROM, 10h CD-I, 20h CD-ROM XA, FFh undefined
    std::uint32_t disc_identification = 0;
    std::uint32_t last_session_lead_in_start = 0;
    std::uint32_t last_possible_lead_out_start = 0;
    std::uint64_t disc_bar_code = 0;
    std::uint8_t disc_application_code = 0;
    std::vector<OpcEntry> opc_tables;

    friend bool operator==(const DiscInformation&, const DiscInformation&) = default;
};

struct TrackResources {
    Extent extent{};
    std::uint16_t max_tracks = 0;
    std::uint16_t assigned_tracks = 0;
    std::uint16_t max_appendable_tracks = 0;
    std::uint16_t appendable_tracks = 0;

    friend constexpr bool operator==(const TrackResources&, const TrackResources&) = default;
};

/// What pseudo-overwrite on BD-R has left.
struct PowResources {
    Extent extent{};
    std::uint32_t remaining_pow_replacements = 0;
    std::uint32_t remaining_pow_reallocation_map_entries = 0;
    std::uint32_t remaining_pow_updates = 0;

    friend constexpr bool operator==(const PowResources&, const PowResources&) = default;
};

/// Errors:  TooShort below 8 bytes; WrongType for another data type
[[nodiscard]] Result<DiscInformation, DecodeError> decode_disc_information(ByteView bytes);
/// Errors:  TooShort below 12 bytes; WrongType for another data type
[[nodiscard]] Result<TrackResources, DecodeError> decode_track_resources(ByteView bytes);
/// Errors:  TooShort below 16 bytes; WrongType for another data type
[[nodiscard]] Result<PowResources, DecodeError> decode_pow_resources(ByteView bytes);
/// Errors:  TooShort below 8 bytes
[[nodiscard]] Result<OpcEntry, DecodeError> decode_opc_entry(ByteView bytes);

[[nodiscard]] Encoded encode(const DiscInformation& value);
[[nodiscard]] Encoded encode(const TrackResources& value);
[[nodiscard]] Encoded encode(const PowResources& value);
[[nodiscard]] Encoded encode(const OpcEntry& value);

/// "appendable", "unknown" for a value outside the enumeration.
[[nodiscard]] std::string_view words(DiscStatus status);
[[nodiscard]] std::string_view words(SessionState state);
[[nodiscard]] std::string_view words(BackgroundFormat format);

}  // namespace kiln::mmc

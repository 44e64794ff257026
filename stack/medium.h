/// \file
/// What is in the drive: kind, state, tracks, sizes. A plain value; detection reads, never writes.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mmc/lba.h"
#include "mmc/responses/disc_information.h"

#include "stack/facts.h"
#include "stack/failure.h"
#include "stack/outcome.h"

namespace kiln::stack {

class Drive;

using mmc::BackgroundFormat;
using mmc::SessionState;

/// READ FORMAT CAPACITIES, current descriptor. Unknown: also the intermediate state of DVD-RW.
enum class FormatState : std::uint8_t { Unknown, Unformatted, Formatted };

/// One READ TRACK INFORMATION answer. Spec: MMC-6, READ TRACK INFORMATION
struct Track {
    std::uint16_t number = 0;
    std::uint16_t session = 0;
    mmc::Lba start{};
    mmc::BlockCount size{};  // as the drive says; a TAO track counts its two run-out blocks
    std::optional<mmc::Lba> next_writable;  // only where NWA_V
    std::optional<mmc::Lba> last_recorded;  // only where LRA_V
    mmc::BlockCount free{};
    std::uint32_t packet_size = 0;  // blocks; fixed packets only
    std::uint8_t track_mode = 0;    // Q control nibble
    std::uint8_t data_mode = 0;
    bool blank = false;         // also the invisible track
    bool reserved = false;      // RT
    bool packet = false;        // incremental
    bool fixed_packet = false;  // FP
    bool damaged = false;

    [[nodiscard]] bool is_data() const { return (track_mode & 4U) != 0; }
    /// Not blank, or partly written.
    [[nodiscard]] bool holds_blocks() const;
    friend bool operator==(const Track&, const Track&) = default;
};

/// One formattable descriptor of READ FORMAT CAPACITIES.
struct FormatOption {
    std::uint8_t type = 0;     // 26h and so on
    std::uint8_t subtype = 0;  // BD only
    mmc::BlockCount blocks{};
    std::uint32_t parameter = 0;  // type-dependent parameter

    friend bool operator==(const FormatOption&, const FormatOption&) = default;
};

/// What the drive can do with the medium that is in now: current features, and page 2Ah for drives
/// that know no features.
struct WriteAbilities {
    bool track_at_once = false;           // 002Dh
    bool session_at_once = false;         // 002Eh
    bool incremental = false;             // 0021h; a minimally blanked DVD-RW lacks it
    bool dvd_minus_write = false;         // 002Fh
    bool dvd_plus_write = false;          // 002Ah, 002Bh, 003Bh
    bool bd_write = false;                // 0041h
    bool random_write = false;            // 0020h
    bool formattable = false;             // 0023h
    bool test_write = false;              // in the feature that fits the medium
    bool underrun_protection = false;     // BUF, there too
    bool set_streaming = false;           // 0107h SW
    bool write_speed_list = false;        // 0107h WSPD: GET PERFORMANCE type 3
    bool set_cd_speed = false;            // 0107h SCS
    bool buffer_capacity_blocks = false;  // 0107h RBCB
    bool stop_long_operation = false;     // 0035h
    bool session_resource_info = false;   // 0021h TRIO
    std::uint16_t tao_block_types = 0;    // 002Dh data types supported, bit n = type n

    friend bool operator==(const WriteAbilities&, const WriteAbilities&) = default;
};

/// Everything about the medium at one moment.
struct Medium {
    MediumFamily family = MediumFamily::None;
    std::uint16_t profile = 0;  // current profile as the drive reports it, even where family is not
    std::vector<std::uint16_t> current_profiles;  // feature 0000h: there may be two
    std::string media_id;  // maker and type where the disc tells; may be empty

    DiscStatus status = DiscStatus::Unknown;
    SessionState last_session = SessionState::Empty;
    BackgroundFormat background_format = BackgroundFormat::None;
    bool erasable = false;
    std::uint16_t sessions = 0;  // counts the empty or open one
    std::uint16_t complete_sessions = 0;
    std::uint16_t first_track_in_last_session = 0;
    std::uint16_t last_track = 0;  // counts the invisible one
    std::vector<Track> tracks;     // by number; the invisible one is the last
    std::optional<std::uint32_t> opc_tables;

    /// Where the next WRITE of sequential media goes; none on full, closed or damaged ones. 0 on
    /// overwritable media.
    std::optional<mmc::Lba> next_writable;
    mmc::BlockCount free{};  // blocks that can be written from there; all of them if overwritable
    mmc::BlockCount readable{};  // READ CAPACITY, 0 on blank ones
    mmc::BlockCount capacity{};  // of the medium as it is formatted, written or not
    FormatState format_state = FormatState::Unknown;
    std::vector<FormatOption> formats;

    std::uint8_t layers = 1;
    std::optional<mmc::BlockCount> first_layer;  // blocks of layer 0, where the disc tells
    bool pseudo_overwrite = false;               // BD-R formatted for POW
    bool write_protected = false;
    std::string write_protection;  // for people: what protects it
    WriteAbilities abilities;

    [[nodiscard]] const FamilyFacts& facts() const { return facts_of(family); }
    [[nodiscard]] bool is_overwritable() const { return facts().overwritable; }
    [[nodiscard]] bool is_blank() const { return status == DiscStatus::Blank; }
    /// A session that was never closed: what an interrupted burn leaves.
    [[nodiscard]] bool has_open_session() const;
    /// Another WRITE is possible without blanking.
    [[nodiscard]] bool is_appendable() const;
    /// The track with this number, or null.
    [[nodiscard]] const Track* track(std::uint16_t number) const;
    /// The invisible, open or last track: the one that the next WRITE goes to; null where none.
    [[nodiscard]] const Track* open_track() const;
};

/// Reads everything about the medium in the drive.
///
/// Spec:    MMC-6; GET CONFIGURATION, READ DISC INFORMATION, READ TRACK INFORMATION, READ CAPACITY,
///          READ FORMAT CAPACITIES, READ DISC STRUCTURE
/// Blocks:  until the drive has recognised the medium, 60 s at most
/// Errors:  NoMedium; Failed, Gone and so on when the drive does not answer. Answers that a drive
///          does not have are left out, and are no error.
/// Thread:  the drive's thread
[[nodiscard]] Result<Medium, Failure> detect_medium(Drive& drive);

/// Whether a medium holds what somebody may miss: on sequential media anything written; on
/// overwritable ones anything but zeros that reads back from the first or last 2 MB, which is what
/// IMAPI2 asks.
///
/// Blocks:  reads up to 4 MB
/// Errors:  only those of a drive that does not answer; an unreadable block holds nothing
[[nodiscard]] Result<bool, Failure> holds_data(Drive& drive, const Medium& medium);

}  // namespace kiln::stack

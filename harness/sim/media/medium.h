/// \file
/// What is on a disc besides its bytes: the part of a medium that commands read and change.
///
/// Plain values, copied with the drive and written to a folder. The bytes are in a MediumStore.

#pragma once

#include <cstdint>
#include <vector>

#include "harness/sim/medium_kind.h"

namespace kiln::harness {

/// How a track was or is being written.
enum class TrackKind : std::uint8_t {
    Invisible,    // the open rest of the disc, nothing in it
    Incremental,  // CD packet, DVD-R incremental, DVD+R fragment, BD-R SRM
    TrackAtOnce,
    DiscAtOnce,  // CD SAO, DVD DAO
    Overwritable,
    Pressed,
};

/// One track, RZone or fragment.
struct Track {
    std::uint16_t number = 1;
    std::uint16_t session = 1;
    TrackKind kind = TrackKind::Invisible;
    std::int32_t start = 0;
    /// Blocks that belong to it: its extent once closed or reserved; else all that is free.
    std::uint32_t size = 0;
    /// Blocks recorded, from `start`; the next writable address is start + recorded.
    std::uint32_t recorded = 0;
    bool reserved = false;
    bool closed = false;
    bool damaged = false;  // cut off while written; NWA unknown until repaired
    std::uint8_t control = 4;
    friend bool operator==(const Track&, const Track&) = default;
};

enum class SessionState : std::uint8_t { Empty = 0, Incomplete = 1, Damaged = 2, Complete = 3 };
enum class DiscStatus : std::uint8_t { Empty = 0, Incomplete = 1, Complete = 2, Other = 3 };
enum class BackgroundFormat : std::uint8_t { None = 0, Stopped = 1, Running = 2, Complete = 3 };
/// State of a DVD-RW in restricted overwrite, of a BD-RE, a DVD-RAM, a BD-R before its format.
enum class FormatState : std::uint8_t { Unformatted, Intermediate, Partial, Formatted };
/// BD-R recording modes, format sub-types.
enum class BdRMode : std::uint8_t { None, Sequential, PseudoOverwrite, Random };

/// Blocks that cannot be read, or not be written, whatever the state says.
struct Defect {
    std::int32_t first = 0;
    std::uint32_t count = 0;
    bool on_write = false;  // a WRITE there fails as well
    friend bool operator==(const Defect&, const Defect&) = default;
};

/// The state of one medium.
struct Medium {
    MediumKind kind = MediumKind::None;
    std::uint32_t unformatted = 0;  // blocks as made: the last possible lead-out
    std::uint32_t capacity = 0;     // blocks a host may write, as the medium is now
    std::vector<Track> tracks;      // the open or invisible one is the last
    std::uint16_t sessions = 1;     // counts the open or empty one
    SessionState last_session = SessionState::Empty;
    DiscStatus status = DiscStatus::Empty;
    // Formatted media
    FormatState format = FormatState::Unformatted;
    std::uint32_t formatted = 0;  // blocks a host may use now
    std::uint32_t spares = 0;     // blocks set aside
    std::uint32_t spares_left = 0;
    BackgroundFormat background = BackgroundFormat::None;
    std::uint32_t written_end = 0;  // overwritable: end of what was ever written or formatted
    BdRMode bd_r_mode = BdRMode::None;
    std::uint8_t certification = 0;  // DVD-RAM, BD-RE: sub-type of the last format
    bool minimally_blanked = false;  // DVD-RW: disc-at-once only, though feature 21h lists it
    std::uint32_t layer_break = 0;   // DL: blocks on layer 0, once set
    bool layer_break_set = false;
    std::uint32_t serial = 1;  // for READ MEDIA SERIAL NUMBER and disc identification
    std::vector<Defect> defects;
    friend bool operator==(const Medium&, const Medium&) = default;
};

/// A new medium as sold, of `blocks` blocks (0: as usual for its kind). Pressed ones hold one
/// session over all of it; DvdRwRestrictedOverwrite is a DVD-RW that was formatted.
///
/// Needs:   a kind other than None
[[nodiscard]] Medium fresh_medium(MediumKind kind, std::uint32_t blocks = 0);

}  // namespace kiln::harness

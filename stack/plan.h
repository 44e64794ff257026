/// \file
/// The plan of one job: everything the machine needs to know, decided before anything is written.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mmc/lba.h"

#include "transports/transport.h"

#include "stack/facts.h"
#include "stack/failure.h"
#include "stack/medium.h"
#include "stack/outcome.h"
#include "stack/recipe.h"
#include "stack/speeds.h"

namespace kiln::stack {

/// What FORMAT UNIT is given.
struct FormatPlan {
    std::uint8_t type = 0;
    std::uint8_t subtype = 0;
    std::uint32_t blocks = 0;
    std::uint32_t parameter = 0;
    bool full = false;  // writes or certifies everything: hours, not minutes
};

/// A plain value.
struct Plan {
    const Recipe* recipe = nullptr;
    MediumFamily family = MediumFamily::None;
    std::uint16_t profile = 0;
    mmc::Lba start{};
    bool start_known = true;       // else the drive tells it, once the session left open is closed
    std::uint16_t track = 0;       // that is written
    std::uint16_t open_track = 0;  // that is closed first; 0 where only the session is open
    std::uint64_t capacity_blocks = 0;  // from `start`
    std::optional<std::uint64_t> payload_bytes;

    std::uint32_t chunk_blocks = 32;    // of one WRITE
    bool write12 = false;               // WRITE (12) with the Streaming bit
    std::uint32_t write_kilobytes = 0;  // speed in the drive's unit; 0: not known
    std::uint32_t read_kilobytes = 0;
    double one_x_bytes = 0;  // payload bytes in a second at 1x
    bool use_streaming = false;

    bool immediate = true;  // the drive has IMMED
    bool blanks = false;
    bool full_blank = false;
    bool formats = false;
    FormatPlan format;
    bool format_runs_on = false;  // DVD+RW: in the background, behind the format or the restart
    /// CLOSE TRACK/SESSION 000b ends a blank or format before it is done: feature 0035h.
    bool stops_long_operations = false;
    bool closes_open_session = false;
    bool border_open = false;
    bool calibrates = false;
    bool closes = false;
    bool simulates = false;
    std::optional<std::uint32_t> layer_break;
    std::uint32_t reserve_blocks = 0;
    bool multi_session = false;       // page 05h: another session may follow
    bool underrun_protection = true;  // page 05h: BUFE
    std::uint8_t write_type = 0;      // page 05h

    // The disc as it was found, and as it is before the first WRITE: blanked, or with the session
    // closed that somebody else left open. For the prediction.
    DiscStatus status_found = DiscStatus::Blank;
    std::uint32_t sessions_found = 0;
    std::uint32_t tracks_found = 0;
    DiscStatus status_before = DiscStatus::Blank;
    std::uint32_t sessions_before = 0;
    std::uint32_t tracks_before = 0;
    mmc::BlockCount medium_capacity{};

    [[nodiscard]] std::optional<std::uint64_t> payload_blocks() const;
    /// Payload and padding, where the size is known.
    [[nodiscard]] std::optional<std::uint64_t> total_blocks() const;
    [[nodiscard]] std::uint64_t padded(std::uint64_t payload) const;
};

/// What is in the drive, gathered before a plan is made.
struct Situation {
    Medium medium;
    Speeds speeds;
    bool holds_data = false;
    bool immediate = true;
    transports::Limits limits;
};

/// Decides how `options` can be done on this medium, and refuses what cannot be done, before
/// anything is written.
///
/// Units:   `source_bytes`: what the source will give, where known
/// Errors:  Unsuitable or NoMedium, with one line that says why and what would help
[[nodiscard]] Result<Plan, Failure> make_plan(const Situation& situation,
                                              const BurnOptions& options,
                                              std::optional<std::uint64_t> source_bytes);

/// Plans of the jobs that write nothing.
[[nodiscard]] Result<Plan, Failure> make_blank_plan(const Situation& situation, bool full);
[[nodiscard]] Result<Plan, Failure> make_format_plan(const Situation& situation,
                                                     const FormatOptions& options);

}  // namespace kiln::stack

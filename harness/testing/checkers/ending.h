/// \file
/// How a burn on each medium has to end, from the standard's words: a table, and what was done.

#pragma once

#include <cstdint>

#include "harness/testing/checkers/seen.h"

namespace kiln::harness::checks {

/// Close functions as bits: 1 << function.
using Closes = std::uint8_t;

/// What a log says of a job's end.
struct Ending {
    bool flushed = false;  // SYNCHRONIZE CACHE was accepted behind the last WRITE
    Closes closed = 0;     // CLOSE TRACK/SESSION was accepted behind that
    Closes tried = 0;      // or refused: what was answered 2/04/xx or not at all is neither
};
/// What of `ending` counts as closed. A drive need not close what it has not written: after a test
/// write a refusal is as good (drive-behaviour 2, growisofs), and that it cannot stop a background
/// format that is over already does not matter either.
[[nodiscard]] Closes closed_in(const Run& run, const Ending& ending);
[[nodiscard]] Ending ending_of(const Run& run);

/// The close functions that a whole burn needs on this medium, as it was written here.
[[nodiscard]] Closes planned_closes(const Run& run);
/// The same for a cancel that is to leave something readable: nothing is finalised.
[[nodiscard]] Closes readable_closes(const Run& run);
/// The planned ending ran to its end.
[[nodiscard]] bool ended_as_planned(const Run& run);

/// Disc at once: a track of the exact size was reserved on a DVD-R or DVD-RW.
[[nodiscard]] bool is_disc_at_once(const Run& run);
/// A background format may be running, of this job or of an earlier one.
[[nodiscard]] bool formats_in_background(const Run& run);

}  // namespace kiln::harness::checks

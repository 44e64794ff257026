/// \file
/// Which polls of a long operation a cancel is tried at.
///
/// An operation with IMMED is asked for until it is done: a full format every half second for an
/// hour. A *round* is TEST UNIT READY and what is asked behind it before the next pause. Two rounds
/// are alike where commands, answers and pauses are: between them nothing has changed but the time
/// and the drive's progress, neither of which the engine decides by before the deadline. Of a
/// stretch of alike rounds
///
///     first second  ·  ·  ·  middle  ·  ·  ·  last but one  last
///
/// are looked at: the first, from which a cancel has to wait longest; the last, behind which things
/// change; and between them what would show that it is not the same everywhere.

#pragma once

#include <vector>

#include "transports/clock.h"

#include "harness/testing/explore/evidence.h"

namespace kiln::harness {

/// For each command: whether cuts are taken at it. `ended`: the end of the run.
[[nodiscard]] std::vector<bool> looked_at(const std::vector<SentCommand>& commands,
                                          transports::Instant ended);

}  // namespace kiln::harness

/// \file
/// The points of a run at which a cancel can come.

#pragma once

#include <cstdint>
#include <vector>

#include "harness/testing/explore/cut.h"
#include "harness/testing/explore/cut_world.h"

namespace kiln::harness {

struct CutPoint {
    Cut cut;
    std::uint32_t command = 0;  // the last one that had been sent by then; 0: none
};

enum class Since : std::uint8_t { Start, FirstCancel };

/// Of the polls of a long operation those that alike_polls.h names, or every one.
enum class Polls : std::uint8_t { Unlike, Every };

struct CutPoints {
    std::vector<CutPoint> points;  // in order of time within each kind
    std::uint64_t alike = 0;       // there are so many more, at polls that are like others
};

/// `run` has been run.
[[nodiscard]] CutPoints cut_points(const CutWorld& run, Since since, Polls polls = Polls::Unlike);

}  // namespace kiln::harness

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

/// Every one of them, in order of time within each kind; `run` has been run.
[[nodiscard]] std::vector<CutPoint> cut_points(const CutWorld& run, Since since);

}  // namespace kiln::harness

/// \file
/// A picture of one scenario's cut points: when the cancel came, how it ended, how long it took.

#pragma once

#include <string>

#include "harness/testing/explore/explorer.h"

namespace kiln::tools::explore {

/// SVG of the first scenario that is selected, a row for each policy. Empty: none is.
[[nodiscard]] std::string picture_of(const harness::Selection& selection);

}  // namespace kiln::tools::explore

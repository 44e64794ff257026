/// \file
/// The smallest scenario and the plainest trial in which something is still wrong.

#pragma once

#include <functional>
#include <string>
#include <vector>

#include "harness/testing/explore/case_file.h"
#include "harness/testing/explore/evidence.h"

namespace kiln::harness {

/// What is wrong with a run; judge(), or a test's own.
using Judge = std::function<std::vector<Violation>(const Evidence&)>;

/// Runs `it` once. A scenario that cannot be prepared is a violation of "scenario".
[[nodiscard]] std::vector<Violation> run_case(const CaseFile& it, const Judge& judge);

/// Leaves out, one by one, what `checker` does not need in order to be violated: the second
/// request, the trouble, the way, options, blocks; then takes the earliest cut. `it` violates it.
[[nodiscard]] CaseFile shrink(CaseFile it, const std::string& checker, const Judge& judge);

}  // namespace kiln::harness

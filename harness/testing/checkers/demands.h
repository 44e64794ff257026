/// \file
/// What each demand looks at, by the file it stands in. Rows of the table in checkers.cpp.

#pragma once

#include <optional>
#include <string>

#include "harness/testing/checkers/seen.h"

namespace kiln::harness::checks {

/// What was expected and what was found; nothing: it is as it should be.
using Found = std::optional<std::string>;

// result.cpp
[[nodiscard]] Found cancelled_only_if_asked(const Run& run);
[[nodiscard]] Found outcome_and_code_agree(const Run& run);
[[nodiscard]] Found completed_is_complete(const Run& run);
[[nodiscard]] Found complete_is_not_cancelled(const Run& run);
[[nodiscard]] Found nothing_fails_by_itself(const Run& run);
[[nodiscard]] Found first_error_is_told(const Run& run);

// after_cancel.cpp
[[nodiscard]] Found no_write_after_cancel(const Run& run);
[[nodiscard]] Found only_filler_after_cancel(const Run& run);
[[nodiscard]] Found nothing_closed_after_cancel(const Run& run);

}  // namespace kiln::harness::checks

/// \file
/// What the planners share.

#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

#include "stack/plan.h"

namespace kiln::stack {

[[nodiscard]] tl::unexpected<Failure> refuse(std::string detail,
                                             HResult code = HResult::DataInvalidMediaState);

/// The first of the FORMAT UNIT types that this medium offers, best first; null if none.
[[nodiscard]] const FormatOption* offered(const Medium& medium,
                                          std::initializer_list<std::uint8_t> types);

[[nodiscard]] FormatPlan plan_of(const FormatOption& option);

/// What every plan of this medium has in common.
[[nodiscard]] Plan common_plan(const Situation& situation, const BurnOptions& options);

}  // namespace kiln::stack

/// \file
/// A scenario and a trial as text, to be kept and run again.

#pragma once

#include <string>
#include <string_view>

#include "mmc/result.h"

#include "harness/testing/explore/cut.h"
#include "harness/testing/explore/scenario.h"

namespace kiln::harness {

struct CaseFile {
    Scenario scenario;
    Trial trial;
};

/// TOML; only what is not as Scenario{} and Trial{} have it.
[[nodiscard]] std::string to_toml(const CaseFile& it);

/// Errors:  the first thing that is wrong, in words; a key that is not known is wrong too
[[nodiscard]] mmc::Result<CaseFile, std::string> parse_case(std::string_view toml);

}  // namespace kiln::harness

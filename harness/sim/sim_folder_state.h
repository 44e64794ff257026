/// \file
/// The state file of a folder as text.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "mmc/result.h"

#include "harness/sim/sim_folder.h"

namespace kiln::harness {

struct NumberedState {
    FolderState state;
    std::uint64_t generation = 1;  // of the journal that goes on from it
};

/// Errors:  the drive's state is not JSON
[[nodiscard]] mmc::Result<std::string, std::string> state_to_json(const NumberedState& state);

/// Errors:  what is wrong with the text, in words
[[nodiscard]] mmc::Result<NumberedState, std::string> state_from_json(std::string_view text);

}  // namespace kiln::harness

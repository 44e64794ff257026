/// \file
/// What `kiln sim run` does.

#pragma once

#include <string>
#include <vector>

#include "mmc/result.h"

#include "harness/sim/sim_address.h"

namespace kiln::harness {

/// Opens the drive at `address`, runs `command` with it as /dev/sr0 and /dev/sg0, and puts the
/// drive away.
///
/// Blocks:  until the program ends
/// Returns: the program's exit status, 128 + N after signal N
/// Errors:  as open_sim(); Usage without a command; Failed where this was built without umockdev,
/// or
///          umockdev or the program is not there
[[nodiscard]] mmc::Result<int, SimError> run_with_simulated_drive(
    const SimAddress& address, const std::vector<std::string>& command);

}  // namespace kiln::harness

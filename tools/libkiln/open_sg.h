/// \file
/// Drives through Linux SG_IO; without it in this build, words that say so.

#pragma once

#include <memory>
#include <vector>

#include "tools/libkiln/open_drive.h"

namespace kiln::tools {

[[nodiscard]] Result<std::unique_ptr<OpenDrive>, OpenError> open_sg(
    const SgAddress& address, const Surroundings& surroundings);

/// Drives that the kernel lists. Opens none.
[[nodiscard]] std::vector<FoundDrive> find_sg_drives();

}  // namespace kiln::tools

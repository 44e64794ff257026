/// \file
/// A drive whose commands are written down, a line each.

#pragma once

#include <memory>
#include <string>

#include "tools/libkiln/open_drive.h"

namespace kiln::tools {

/// `inner` with a log in the file `path`, which is made anew; every line is in it when its command
/// has ended.
///
/// Errors:  the file cannot be written
[[nodiscard]] Result<std::unique_ptr<OpenDrive>, OpenError> log_to(
    const std::string& path, std::unique_ptr<OpenDrive> inner);

}  // namespace kiln::tools

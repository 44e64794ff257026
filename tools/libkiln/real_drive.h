/// \file
/// A drive on real time, whatever its transport.

#pragma once

#include <memory>
#include <string>

#include "transports/error.h"
#include "transports/transport.h"

#include "tools/libkiln/open_drive.h"

namespace kiln::tools {

[[nodiscard]] std::unique_ptr<OpenDrive> make_real_drive(
    std::unique_ptr<transports::Transport> transport, const Surroundings& surroundings);

/// The border between a transport's errors and ours.
[[nodiscard]] OpenError open_error_from(const transports::TransportError& error);

}  // namespace kiln::tools

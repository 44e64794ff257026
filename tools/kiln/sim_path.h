/// \file
/// How `kiln sim run` and `kiln sim serve` are told which simulated drive.

#pragma once

#include <string>

namespace kiln::tools {

/// "discs/one" and "discs/one,time=10" as the address of that folder; an address stays one.
[[nodiscard]] std::string sim_address_of(const std::string& path);

}  // namespace kiln::tools

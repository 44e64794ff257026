/// \file
/// The few ways in which /sys and /proc are read. What is not there reads as empty.

#pragma once

#include <string>
#include <vector>

namespace kiln::transports {

/// Names in a folder, sorted, without those that begin with a dot.
[[nodiscard]] std::vector<std::string> names_in(const std::string& folder);

/// At most 1 MiB.
[[nodiscard]] std::string content_of_file(const std::string& path);

/// The first line, without blanks at its ends.
[[nodiscard]] std::string line_of_file(const std::string& path);

[[nodiscard]] std::string link_target(const std::string& path);

}  // namespace kiln::transports

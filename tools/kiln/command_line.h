/// \file
/// The command line: what may be written, and what it means.

#pragma once

#include <span>
#include <string>
#include <string_view>

#include "mmc/result.h"

#include "tools/kiln/arguments.h"

namespace kiln::tools {

/// Nothing to do: help or the version was asked for, or the line makes no sense.
struct CommandLineEnd {
    bool wrong_usage = false;  // `text` is one line for standard error; else it is for output
    std::string text;
    bool json = false;  // --json stood on the line that makes no sense
};

/// `words` are the command line without the program's name.
[[nodiscard]] mmc::Result<Arguments, CommandLineEnd> parse_command_line(
    std::span<const std::string> words);

[[nodiscard]] std::string_view version();

}  // namespace kiln::tools

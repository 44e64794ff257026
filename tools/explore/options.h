/// \file
/// The command line of kiln-explore.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "harness/testing/explore/explorer.h"

namespace kiln::tools::explore {

struct Options {
    harness::Selection selection;
    unsigned jobs = 0;  // processes; 0: one for each core
    bool json = false;
    bool list = false;
    std::string case_file;
    std::string svg_file;
    unsigned told = 5;  // findings that are shrunk and printed
};

/// What the command line says; or with which status to end at once.
struct Parsed {
    Options options;
    std::optional<int> exit_status;
};
[[nodiscard]] Parsed parse_options(int argc, char** argv);

}  // namespace kiln::tools::explore

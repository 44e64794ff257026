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
    bool table = false;
    std::string case_file;
    bool log = false;  // of the case: every command
    std::string svg_file;
    unsigned told = 20;   // kinds of findings that are printed
    unsigned shrunk = 3;  // of those, made small
};

/// What the command line says; or with which status to end at once.
struct Parsed {
    Options options;
    std::optional<int> exit_status;
};
[[nodiscard]] Parsed parse_options(int argc, char** argv);

}  // namespace kiln::tools::explore

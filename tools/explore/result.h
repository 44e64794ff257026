/// \file
/// What exploring came to: counted in several processes, told once.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/testing/explore/case_file.h"
#include "harness/testing/explore/explorer.h"

namespace kiln::tools::explore {

struct Found {
    std::string checker;
    std::string words;
    std::string scenario;
    std::string trial;
    std::string toml;
};

struct Result {
    std::map<harness::Cell, harness::Tally> tallies;
    std::uint64_t cut_points = 0;
    std::uint64_t trials_in_full = 0;
    /// Violations by checker, and the first ones.
    std::map<std::string, std::uint64_t> violations;
    std::vector<Found> found;
    double seconds = 0;  // real
};

[[nodiscard]] std::string to_json(const Result& result);
[[nodiscard]] Result from_json(const std::string& text);
/// The other shard's: shards share no run.
void add(Result& all, Result part);

/// One JSON object a line: a cell, a violation; the summary last.
[[nodiscard]] std::string json_lines(const Result& result);
[[nodiscard]] std::string text(const Result& result);
[[nodiscard]] std::uint64_t violated_runs(const Result& result);

}  // namespace kiln::tools::explore

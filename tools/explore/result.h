/// \file
/// What exploring came to: counted in several processes, told once.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/testing/explore/case_file.h"
#include "harness/testing/explore/explorer.h"

namespace kiln::tools::explore {

/// Findings of one kind: a checker, a scenario, and what stood beside the cancel.
struct Found {
    std::uint64_t runs = 0;
    // Of the first one.
    std::string words;
    std::string trial;
    std::string toml;
};
struct FoundKey {
    std::string checker;
    std::string scenario;
    std::string beside;  // "second request", "time-out"
    friend auto operator<=>(const FoundKey&, const FoundKey&) = default;
};

struct Result {
    std::map<harness::Cell, harness::Tally> tallies;
    std::uint64_t cut_points = 0;
    std::uint64_t alike = 0;  // more of them, left out at polls that are like others
    std::uint64_t trials_in_full = 0;
    std::map<FoundKey, Found> found;
    /// What kept runs from being made: a scenario that cannot be prepared, a process that died.
    std::vector<std::string> problems;
    double seconds = 0;  // real
};

[[nodiscard]] std::string to_json(const Result& result);
[[nodiscard]] Result from_json(const std::string& text);
/// The other shard's: shards share no run.
void add(Result& all, Result part);

/// One JSON object a line: the cells, what was found.
[[nodiscard]] std::string json_lines(const Result& result, std::size_t told);
/// The same for people.
[[nodiscard]] std::string text(const Result& result, std::size_t told);
/// A table for documents: cut points of each medium; and of cancels that ended cancelled, from the
/// request to the drive's release, median / worst / stated bound in seconds.
[[nodiscard]] std::string markdown(const Result& result);
/// The last line of all: its keys stand in the contract of the command line.
[[nodiscard]] std::string summary_line(const Result& result);
/// Runs that were not as they should be, and problems.
[[nodiscard]] std::uint64_t violations(const Result& result);

}  // namespace kiln::tools::explore

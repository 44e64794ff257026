/// \file
/// How far the processes of kiln-explore are: a line on standard error, on a terminal alone.

#pragma once

#include <atomic>
#include <cstdint>

namespace kiln::tools::explore {

/// Counted by all processes, in memory that they share.
struct SharedProgress {
    std::atomic<std::uint64_t> runs = 0;
    std::atomic<std::uint64_t> wrong = 0;
    std::atomic<std::uint64_t> cases_begun = 0;
    std::atomic<std::uint64_t> cases = 0;
};

/// Thread:  one, before and behind the forks
class ProgressLine {
public:
    ProgressLine();
    ~ProgressLine() = default;
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    /// For a process to count in. It stays where it is.
    [[nodiscard]] SharedProgress& shared() { return *shared_; }
    /// Writes the line anew.
    void tell();
    /// The line is gone.
    void wipe();

private:
    SharedProgress* shared_;  // its few bytes are left to the end of the process
    bool is_terminal_;
    bool told_ = false;
};

}  // namespace kiln::tools::explore

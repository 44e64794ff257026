// That the job ends once, says its phases in order, and leaves an engine that works.

#include <algorithm>

#include <fmt/format.h>

#include "harness/testing/checkers/demands.h"

namespace kiln::harness::checks {
namespace {

using stack::Phase;

/// Where a phase belongs. IMAPI2 numbers VERIFYING behind COMPLETED, which is the end of all.
int rank(Phase phase) {
    switch (phase) {
        case Phase::Verifying:
            return 6;
        case Phase::Completed:
            return 7;
        default:
            return static_cast<int>(phase);
    }
}

/// A disc that refused its first WRITE for the mode is prepared once more.
bool prepares_again(const Run& run) {
    return run.first_write != Run::npos &&
           has_sense(run.evidence->commands[run.first_write], 5, 0x6400);
}

}  // namespace

Found ends_once(const Run& run) {
    if (run.evidence->completions != 1) {
        return fmt::format("the call returned {} times", run.evidence->completions);
    }
    return {};
}

Found phases_are_in_order(const Run& run) {
    const auto& phases = run.evidence->phases;
    bool again = prepares_again(run);
    for (std::size_t i = 1; i < phases.size(); ++i) {
        if (rank(phases[i]) > rank(phases[i - 1])) {
            continue;
        }
        if (again && phases[i - 1] == Phase::WritingData) {
            again = false;
            continue;
        }
        return fmt::format("phase {} follows {}", stack::name_of(phases[i]),
                           stack::name_of(phases[i - 1]));
    }
    return {};
}

Found completed_phase_means_success(const Run& run) {
    const auto& phases = run.evidence->phases;
    const bool told = std::find(phases.begin(), phases.end(), Phase::Completed) != phases.end();
    const bool succeeded = (run.where & kCompleted) != 0;
    if (told != succeeded) {
        return fmt::format("phase completed was {}told, and the job {}", told ? "" : "not ",
                           succeeded ? "succeeded" : "did not succeed");
    }
    return {};
}

Found next_job_works(const Run& run) {
    const auto& next = run.evidence->next_outcome;
    if (next && *next != stack::Outcome::Completed) {
        return fmt::format("the next job on the same engine ended {}: {}", stack::name_of(*next),
                           run.evidence->next_words);
    }
    return {};
}

}  // namespace kiln::harness::checks

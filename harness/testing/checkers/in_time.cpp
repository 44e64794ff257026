// How long an accepted cancel takes, on the drive's clock.

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "harness/testing/checkers/demands.h"

namespace kiln::harness::checks {
namespace {

using transports::Duration;
using transports::Instant;

/// The bound that the engine stated for `call`: just before it, or in its report.
Duration bound_of(const Run& run, const CancelCall& call) {
    if (call.predicted) {
        return call.predicted->worst_case;
    }
    const auto& report = run.evidence->report;
    return report ? report->predicted.worst_case : Duration{};
}

/// An escalation is only there to be quicker: each request has its own bound.
Instant earliest_limit(const Run& run) {
    Instant limit = Instant::max();
    for (const CancelCall& call : run.evidence->cancels) {
        const Duration bound = bound_of(run, call);
        if (call.policy && call.at <= run.evidence->ended && bound > Duration{}) {
            limit = std::min(limit, call.at + bound);
        }
    }
    return limit;
}

}  // namespace

Found cancel_ends_in_time(const Run& run) {
    if (run.evidence->ended > earliest_limit(run)) {
        return fmt::format("it ended {} after the cancel, and {} are stated as the worst case",
                           seconds(run.evidence->ended - run.cancel->at),
                           seconds(bound_of(run, *run.cancel)));
    }
    return {};
}

/// The WRITE in flight ends, and nothing is waited for but the next Update.
Found cancel_write_ends_at_once(const Run& run) {
    constexpr Duration kUpdateInterval = std::chrono::milliseconds(500);
    Instant free = run.cancel->at;
    if (run.cancel->inside && run.started_before_cancel > 0) {
        free = std::max(free, run.evidence->commands[run.started_before_cancel - 1].end);
    }
    if (run.evidence->ended > free + kUpdateInterval) {
        return fmt::format("it ended {} after the last WRITE, where at most {} may pass",
                           seconds(run.evidence->ended - free), seconds(kUpdateInterval));
    }
    return {};
}

}  // namespace kiln::harness::checks

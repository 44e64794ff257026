#include "harness/testing/checkers/checkers.h"

#include <array>
#include <cstddef>
#include <utility>

#include "harness/testing/checkers/demands.h"
#include "harness/testing/checkers/seen.h"

namespace kiln::harness {
namespace {

using namespace checks;

constexpr unsigned kFaces = kKiln | kImapi;
constexpr unsigned kOrderly = kMakeReadable | kLeaveResumable | kFastestRelease;
constexpr unsigned kPolicies = kOrderly | kEmergency;
constexpr unsigned kAsked = kNoCancel | kPolicies | kCancelWrite;
constexpr unsigned kEnds = kCompleted | kCancelled | kFailed;
constexpr unsigned kTroubles = kClean | kFault | kLost;
constexpr unsigned kJobs = kBurns | kErases;

/// Bits of one kind that are left out mean all of that kind.
constexpr Where at(unsigned bits) {
    for (const unsigned kind : {kFaces, kAsked, kEnds, kTroubles, kJobs}) {
        bits |= (bits & kind) == 0 ? kind : 0U;
    }
    return static_cast<Where>(bits);
}

constexpr std::array kCheckers = {
    // --- what the job said
    Checker{"result/asked", "it ends cancelled only if somebody asked for a cancel",
            at(kNoCancel | kCancelled), cancelled_only_if_asked},
    Checker{"result/code", "outcome, code and failure say the same", at(kKiln),
            outcome_and_code_agree},
    Checker{"result/complete", "it is completed only if every block and the planned ending is done",
            at(kCompleted | kBurns), completed_is_complete},
    Checker{"result/not-cancelled", "a complete write is never cancelled", at(kCancelled | kBurns),
            complete_is_not_cancelled},
    Checker{"result/fails", "nothing fails where nothing goes wrong", at(kFailed | kClean),
            nothing_fails_by_itself},
    Checker{"result/first-error", "the first WRITE that failed for good is what is told",
            at(kKiln | kBurns | kFault | kFailed | kCompleted | kNoCancel | kOrderly),
            first_error_is_told},
    // --- after a cancel
    Checker{"cancel/no-write", "after an accepted cancel no WRITE is started",
            at(kFastestRelease | kEmergency | kCancelWrite), no_write_after_cancel},
    Checker{"cancel/filler", "after an accepted cancel WRITEs only fill up what the medium needs",
            at(kMakeReadable | kLeaveResumable | kCancelled), only_filler_after_cancel},
    Checker{"cancel/left-open", "track and session are left as they are",
            at(kLeaveResumable | kFastestRelease | kEmergency | kCancelled),
            nothing_closed_after_cancel},
};

constexpr bool applies(Where checker, Where run) {
    return (checker & run) == run;
}

}  // namespace

std::span<const Checker> checkers() {
    return kCheckers;
}

std::vector<Violation> judge(const Evidence& evidence) {
    const Run run(evidence);
    std::vector<Violation> violations;
    for (const Checker& checker : kCheckers) {
        if (!applies(checker.where, run.where)) {
            continue;
        }
        if (auto found = checker.look(run)) {
            violations.push_back(
                {.checker = std::string(checker.name), .words = *std::move(found)});
        }
    }
    return violations;
}

}  // namespace kiln::harness

// What the job said of its end. Sources: the command line contract's outcomes for kiln's face, the
// write engine's documents (imapi2.md 9.1 and 9.2) for the other.

#include <algorithm>

#include <fmt/format.h>

#include "stack/failure.h"
#include "stack/hresult.h"
#include "stack/outcome.h"

#include "harness/testing/checkers/demands.h"
#include "harness/testing/checkers/ending.h"

namespace kiln::harness::checks {
namespace {

using stack::HResult;
using stack::Outcome;

std::string_view said(const Run& run) {
    return run.evidence->report ? stack::name_of(run.evidence->report->outcome)
                                : stack::name_of(run.evidence->returned);
}

/// The track of a disc at once is reserved in whole ECC blocks, and stays open until it is full:
/// the zeros behind the data are a part of its ending.
bool is_filled_up(const Run& run) {
    constexpr std::uint64_t kEccBlock = 16;
    return !is_disc_at_once(run) ||
           run.accepted >= (run.wanted + kEccBlock - 1) / kEccBlock * kEccBlock;
}

/// Every block of the section is on its way to the disc, and for kiln the ending ran too.
bool everything_done(const Run& run) {
    const bool all = run.wanted > 0 && run.payload >= run.wanted;
    return all && ((run.where & kImapi) != 0 || (ended_as_planned(run) && is_filled_up(run)));
}

/// A WRITE that no waiting helps: the drive or the disc is at its end.
bool fails_hard(const SentCommand& sent) {
    return has_sense(sent, 3) || has_sense(sent, 4) || has_sense(sent, 5) || has_sense(sent, 7) ||
           has_sense(sent, 0xB);
}

/// A fast blanked DVD-RW refuses its first WRITE so: the mode can still be changed.
bool is_wrong_mode(const Run& run, std::size_t index) {
    return index == run.first_write && has_sense(run.evidence->commands[index], 5, 0x6400);
}

std::size_t first_hard_failure(const Run& run) {
    for (std::size_t i = 0; i < run.commands.size(); ++i) {
        if (run.commands[i].act == Act::Write && fails_hard(run.evidence->commands[i]) &&
            !is_wrong_mode(run, i)) {
            return i;
        }
    }
    return Run::npos;
}

}  // namespace

Found cancelled_only_if_asked(const Run& run) {
    return fmt::format("nobody asked for a cancel, and it ended {}", said(run));
}

Found outcome_and_code_agree(const Run& run) {
    if (!run.evidence->report) {
        return "there is no report";
    }
    const auto& report = *run.evidence->report;
    const bool cancelled = report.code == HResult::RequestCancelled;
    const bool succeeded = static_cast<std::uint32_t>(report.code) >> 31U == 0;
    const bool agree = report.outcome == Outcome::Completed   ? report.code == HResult::Ok
                       : report.outcome == Outcome::Cancelled ? cancelled
                                                              : !cancelled && !succeeded;
    if (!agree) {
        return fmt::format("{} with {}", said(run), stack::name_of(report.code));
    }
    if ((report.outcome == Outcome::Failed) != report.failure.has_value()) {
        return fmt::format("{} {} a failure", said(run), report.failure ? "with" : "without");
    }
    return {};
}

Found completed_is_complete(const Run& run) {
    if (run.payload < run.wanted) {
        return fmt::format("{}, but the drive accepted {} of {} blocks", said(run), run.payload,
                           run.wanted);
    }
    if ((run.where & kKiln) != 0 && !(ended_as_planned(run) && is_filled_up(run))) {
        return fmt::format("{}, but the ending that the medium needs did not run", said(run));
    }
    return {};
}

Found complete_is_not_cancelled(const Run& run) {
    if (everything_done(run)) {
        return fmt::format("all {} blocks were accepted and the ending ran, and it ended {}",
                           run.wanted, said(run));
    }
    return {};
}

Found nothing_fails_by_itself(const Run& run) {
    const auto& report = run.evidence->report;
    const bool refused = report && report->failure && run.first_write == Run::npos &&
                         (report->failure->kind == stack::FailureKind::Unsuitable ||
                          report->failure->kind == stack::FailureKind::NoMedium);
    if (refused) {
        return {};
    }
    return fmt::format("no fault was injected, and it ended {}{}", said(run),
                       report && report->failure ? ": " + report->failure->message() : "");
}

Found first_error_is_told(const Run& run) {
    const std::size_t first = first_hard_failure(run);
    if (first == Run::npos || !run.evidence->report) {
        return {};
    }
    const auto& failure = run.evidence->report->failure;
    if (!failure && first >= run.started_before_cancel) {
        return {};  // the cancel came first
    }
    if (!failure) {
        return fmt::format("{} failed, and it ended {}", words_of(run, first), said(run));
    }
    if (!failure->sense) {
        return {};  // a source or a lost answer was first
    }
    const auto told = static_cast<std::uint32_t>(failure->sense->key) << 16U |
                      static_cast<std::uint32_t>(failure->sense->additional());
    for (std::size_t i = 0; i <= first; ++i) {
        if (run.evidence->commands[i].sense == told) {
            return {};
        }
    }
    return fmt::format("{} failed first, with {:06x}, but {:06x} is told", words_of(run, first),
                       run.evidence->commands[first].sense, told);
}

}  // namespace kiln::harness::checks

#include "harness/testing/checkers/checkers.h"

#include <array>
#include <bit>
#include <cstddef>
#include <string>
#include <string_view>
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
    // --- result
    Checker{"result/asked", "it ends cancelled only if somebody asked for a cancel",
            at(kNoCancel | kCancelled), cancelled_only_if_asked},
    Checker{"result/code", "there is a report, and its outcome, code and failure say the same",
            at(kKiln), outcome_and_code_agree},
    Checker{"result/complete", "it is completed only if every block and the planned ending is done",
            at(kCompleted | kBurns), completed_is_complete},
    Checker{"result/not-cancelled", "a complete write is never cancelled", at(kCancelled | kBurns),
            complete_is_not_cancelled},
    Checker{"result/fails", "nothing fails where nothing goes wrong", at(kFailed | kClean),
            nothing_fails_by_itself},
    Checker{"result/first-error", "the first WRITE that failed for good is what is told",
            at(kKiln | kBurns | kFault), first_error_is_told},
    // --- what the write engine answers
    Checker{"imapi/answer",
            "CancelWrite: S_OK from the first WRITE to the issue of the last, else 00AA0302",
            at(kImapi), cancel_write_answers_as_documented},
    Checker{"imapi/cancelled", "WriteSection returns C0AA0002 after an accepted cancel",
            at(kImapi | kCancelWrite | kClean | kCompleted | kFailed), section_returns_cancelled},
    Checker{"imapi/error",
            "WriteSection returns the code that fits the sense of the WRITE that failed",
            at(kImapi | kNoCancel | kFailed | kFault), section_error_fits_the_sense},
    // --- after a cancel
    Checker{"cancel/no-write", "after an accepted cancel no WRITE is started",
            at(kFastestRelease | kEmergency | kCancelWrite), no_write_after_cancel},
    Checker{"cancel/filler", "after an accepted cancel WRITEs only fill up what the medium needs",
            at(kMakeReadable | kLeaveResumable), only_filler_after_cancel},
    Checker{"cancel/unprepared", "after an accepted cancel nothing more is prepared",
            at(kKiln | kPolicies | kClean), nothing_prepared_after_cancel},
    Checker{"cancel/left-open", "after an accepted cancel track and session are left as they are",
            at(kLeaveResumable | kFastestRelease | kEmergency), nothing_closed_after_cancel},
    Checker{"cancel/in-time", "from the cancel to the end no more passes than was stated",
            at(kKiln | kPolicies), cancel_ends_in_time},
    Checker{"cancel/at-once", "only the WRITE in flight and one Update are waited for",
            at(kImapi | kCancelWrite | kClean), cancel_write_ends_at_once},
    // --- the bytes on the medium
    Checker{"bytes/written", "every block reported written is on the medium with the right bytes",
            at(kBurns), written_is_on_the_medium},
    Checker{"bytes/filler", "what fills up a block, an ECC block or a track is zeros", at(kBurns),
            filler_is_zeros},
    Checker{"bytes/nothing-else", "no other block of the medium is changed", at(kBurns),
            nothing_else_is_written},
    Checker{"bytes/whole", "the last ECC block or cluster is whole, a CD's track has 300 blocks",
            at(kKiln | kBurns | kNoCancel | kMakeReadable | kLeaveResumable | kCompleted |
               kCancelled | kClean),
            tracks_are_filled_up},
    // --- the disc
    Checker{"disc/predicted", "the disc is what the report predicted",
            at(kKiln | kBurns | kClean | kFault), disc_is_as_predicted},
    Checker{"disc/foretold", "the disc is what the engine said before the cancel",
            at(kKiln | kBurns | kPolicies | kCancelled | kClean), disc_is_as_foretold},
    Checker{"disc/reported", "the report says what the disc is",
            at(kKiln | kBurns | kClean | kFault), disc_is_as_reported},
    Checker{"disc/session", "the last session is closed, or left open, as plan and policy say",
            at(kKiln | kBurns | kNoCancel | kOrderly | kCompleted | kCancelled | kClean),
            session_is_left_as_the_policy_says},
    Checker{"disc/damaged", "no track or session is left damaged",
            at(kNoCancel | kOrderly | kCancelWrite | kClean), disc_is_not_damaged},
    // --- the drive
    Checker{"drive/unlocked", "the tray is unlocked", at(kKiln | kClean | kFault),
            tray_is_unlocked},
    Checker{"drive/ready", "the drive is ready", at(kClean | kFault), drive_is_ready},
    Checker{"drive/buffer", "the drive has nothing in its buffer",
            at(kKiln | kNoCancel | kOrderly | kCompleted | kCancelled | kClean | kFault),
            buffer_is_empty},
    Checker{"drive/sense", "no unit attention and no deferred error is left", at(kClean),
            nothing_is_pending},
    Checker{"drive/idle", "nothing is running in the drive",
            at(kCompleted | kCancelled | kClean | kFault), nothing_is_running},
    Checker{"drive/access", "exclusive access is released", at(0), access_is_released},
    // --- Updates
    Checker{"update/before", "an Update comes before the first WRITE, with nothing written",
            at(kKiln | kBurns), updated_before},
    Checker{"update/after", "one Update comes after the last WRITE", at(kKiln | kBurns),
            updated_after},
    Checker{"update/frame",
            "one Update before everything, one after it, the others at their interval", at(kImapi),
            section_updates_frame_it},
    Checker{"update/interval", "no more than 0.5 s lie between two Updates", at(kBurns),
            updated_every_interval},
    Checker{"update/monotone", "LastWritten is at most LastRead, and neither goes back", at(kBurns),
            updates_are_monotone},
    Checker{"update/buffer", "used and free buffer are the total", at(kBurns),
            update_buffers_add_up},
    Checker{"update/section",
            "addresses are StartLba - 1 at the least and never behind the section", at(kBurns),
            updates_stay_in_the_section},
    Checker{"update/accepted", "LastWritten is what the drive accepted by then", at(kBurns),
            updates_say_what_was_accepted},
    // --- the order of commands
    Checker{"order/addresses",
            "WRITEs follow each other without a gap, and only what was refused is sent again",
            at(kBurns), writes_are_in_order},
    Checker{"order/flush", "nothing is closed before what was written is flushed", at(0),
            flushed_before_closing},
    Checker{"order/track-first", "a session is closed only behind its tracks", at(0),
            track_closed_before_session},
    Checker{"order/after-flush", "no WRITE follows a flush or a close", at(kBurns),
            no_write_after_flush},
    Checker{"order/prepared",
            "nothing is set, reserved, blanked or formatted after the first WRITE", at(kBurns),
            nothing_prepared_while_writing},
    Checker{"order/running", "while an IMMED operation runs, only polls are sent, until it is done",
            at(kCompleted | kCancelled | kClean | kFault), only_polls_while_running},
    Checker{"order/locked", "the tray is locked before the disc is changed", at(kKiln),
            tray_is_locked_first},
    Checker{"order/unlocked", "the tray is unlocked behind all that changes the disc",
            at(kKiln | kClean | kFault), tray_is_unlocked_last},
    Checker{"order/reset", "no flush, close, blank or format is cut off by a reset", at(0),
            nothing_guarded_is_reset},
    Checker{"order/medium", "only commands that the medium has", at(0), medium_has_the_commands},
    Checker{"order/stage-4", "the write engine sends nothing that changes the disc but WRITEs",
            at(kImapi), only_writes_are_sent},
    Checker{"order/flushed", "what was accepted is flushed",
            at(kKiln | kBurns | kNoCancel | kOrderly | kCompleted | kCancelled), buffer_is_flushed},
    Checker{"order/readable", "what is to be readable is closed",
            at(kKiln | kBurns | kMakeReadable | kCancelled), left_readable},
    // --- answers
    Checker{"retry/attention", "after a unit attention no WRITE is sent again at its address",
            at(kBurns), no_write_again_after_attention},
    Checker{"retry/silence", "a WRITE without an answer is not sent again", at(kBurns),
            no_write_again_after_silence},
    Checker{"retry/busy",
            "a flush or close that was answered 2/04/xx is asked for until it is done",
            at(kCompleted | kCancelled), busy_is_not_done},
    // --- the end
    Checker{"end/once", "the job ends exactly once", at(0), ends_once},
    Checker{"end/phases", "phases come in order", at(kKiln), phases_are_in_order},
    Checker{"end/completed", "phase completed means success", at(kKiln),
            completed_phase_means_success},
    Checker{"end/next", "the next job on the same engine works", at(kClean | kFault),
            next_job_works},
};

struct BitName {
    unsigned bit;
    std::string_view name;
};
constexpr std::array kBitNames = {
    BitName{kKiln, "kiln"},
    BitName{kImapi, "IMAPI2"},
    BitName{kNoCancel, "no cancel"},
    BitName{kMakeReadable, "make-readable"},
    BitName{kLeaveResumable, "leave-resumable"},
    BitName{kFastestRelease, "fastest-release"},
    BitName{kEmergency, "emergency"},
    BitName{kCancelWrite, "CancelWrite"},
    BitName{kCompleted, "completed"},
    BitName{kCancelled, "cancelled"},
    BitName{kFailed, "failed"},
    BitName{kClean, "no fault"},
    BitName{kFault, "a fault"},
    BitName{kLost, "the drive lost"},
    BitName{kBurns, "burns"},
    BitName{kErases, "blanks and formats"},
};

std::string names_of(unsigned bits) {
    std::string names;
    for (const BitName& it : kBitNames) {
        if ((it.bit & bits) != 0) {
            names += (names.empty() ? "" : ", ") + std::string(it.name);
        }
    }
    return names;
}

/// The bits of `kind` that are set, or the one that is not.
std::string names_in(unsigned where, unsigned kind) {
    const unsigned missing = kind & ~where;
    if (missing == 0) {
        return {};
    }
    const bool all_but_one = std::popcount(missing) == 1 && std::popcount(kind) > 2;
    return all_but_one ? "not " + names_of(missing) : names_of(kind & where);
}

constexpr bool applies(Where checker, Where run) {
    return (checker & run) == run;
}

}  // namespace

std::span<const Checker> checkers() {
    return kCheckers;
}

std::string words_of(Where where) {
    std::string words;
    for (const unsigned kind : {kFaces, kJobs, kAsked, kEnds, kTroubles}) {
        const std::string names = names_in(where, kind);
        words += (words.empty() || names.empty() ? "" : "; ") + names;
    }
    return words.empty() ? "always" : words;
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

// Spoiled: what the job said, what the write engine answered, what came after a cancel, the end.

#include <algorithm>
#include <array>
#include <chrono>

#include "mmc/sense.h"

#include "stack/failure.h"
#include "stack/hresult.h"
#include "stack/outcome.h"
#include "stack/policy.h"

#include "harness/testing/checkers/spoiled.h"

namespace kiln::harness {
namespace {

using checks::Act;
using stack::HResult;
using stack::Outcome;
using stack::Phase;

void says(Evidence& it, Outcome outcome, HResult code) {
    it.report->outcome = outcome;
    it.report->code = it.returned = code;
}

void failed(Evidence& it) {
    says(it, Outcome::Failed, HResult::Fail);
    it.report->failure = stack::make_failure(stack::FailureKind::Failed, "writing", "something");
}

void asked_at_the_end(Evidence& it) {
    it.cancels.push_back({.at = it.ended,
                          .commands_before = it.commands.size(),
                          .inside = false,
                          .policy = stack::CancelPolicy::MakeReadable,
                          .answered = {},
                          .predicted = {}});
}

/// CancelWrite when so many WRITEs were issued, and between commands.
void cancel_write(Evidence& it, std::size_t writes, HResult answered) {
    it.cancels.push_back({.at = it.commands.at(writes).start,
                          .commands_before = writes,
                          .inside = false,
                          .policy = {},
                          .answered = answered,
                          .predicted = {}});
}

/// Behind all that was accepted.
std::int32_t filler_begins(const Evidence& it) {
    const checks::Run run(it);
    return run.start + static_cast<std::int32_t>(run.accepted);
}

void close_before(Evidence& it, std::size_t index) {
    put_before(it, index, {0x5B, 1, 2, 0, 0, 0, 0, 0, 0, 0});
}

void write_behind_cancel(Evidence& it, std::uint8_t opcode) {
    put_before(it, nth(it, Act::Write, 1) + 1, write_cdb(filler_begins(it), 32, opcode));
}

constexpr std::array kResults = {
    Spoiled{"result/asked", Good::BdFastest, "nobody asked",
            [](Evidence& it) { it.cancels.clear(); }},
    Spoiled{"result/asked", Good::Section, "WriteSection is cancelled by itself",
            [](Evidence& it) { it.returned = HResult::RequestCancelled; }},
    Spoiled{"result/code", Good::Bd, "completed with E_FAIL",
            [](Evidence& it) { says(it, Outcome::Completed, HResult::Fail); }},
    Spoiled{"result/code", Good::BdFastest, "cancelled with S_OK",
            [](Evidence& it) { says(it, Outcome::Cancelled, HResult::Ok); }},
    Spoiled{"result/code", Good::CdWriteError, "failed without a failure",
            [](Evidence& it) { it.report->failure.reset(); }},
    Spoiled{"result/code", Good::Bd, "no report", [](Evidence& it) { it.report.reset(); }},
    Spoiled{"result/complete", Good::Bd, "the last WRITE was refused",
            [](Evidence& it) { answer(it, checks::Run(it).last_write, 0x020408); }},
    Spoiled{"result/complete", Good::Bd, "the last WRITE timed out",
            [](Evidence& it) {
                it.commands[checks::Run(it).last_write].broken =
                    transports::TransportError::Kind::TimedOut;
            }},
    Spoiled{"result/complete", Good::Bd, "the session is not closed",
            [](Evidence& it) { drop(it, close_of(it, 2)); }},
    Spoiled{"result/complete", Good::BdFastest, "cancelled is called success",
            [](Evidence& it) { says(it, Outcome::Completed, HResult::Ok); }},
    Spoiled{"result/complete", Good::SectionCancelled, "so is a section",
            [](Evidence& it) { it.returned = HResult::Ok; }},
    Spoiled{"result/complete", Good::DvdTest, "the session of a test write is not even tried",
            [](Evidence& it) { drop(it, close_of(it, 2)); }},
    Spoiled{"result/complete", Good::DvdAtOnce, "a track at once is not filled up",
            [](Evidence& it) { drop(it, checks::Run(it).last_write); }},
    Spoiled{"result/not-cancelled", Good::DvdAtOnce, "all was done before the cancel, at once",
            [](Evidence& it) {
                asked_at_the_end(it);
                says(it, Outcome::Cancelled, HResult::RequestCancelled);
            }},
    Spoiled{"result/not-cancelled", Good::Bd, "all was done before the cancel",
            [](Evidence& it) {
                asked_at_the_end(it);
                says(it, Outcome::Cancelled, HResult::RequestCancelled);
            }},
    Spoiled{"result/not-cancelled", Good::Section, "a complete section is cancelled",
            [](Evidence& it) { it.returned = HResult::RequestCancelled; }},
    Spoiled{"result/fails", Good::Bd, "an end without a cause", failed},
    Spoiled{"result/fails", Good::Section, "a section too",
            [](Evidence& it) { it.returned = HResult::UnexpectedResponse; }},
    Spoiled{"result/first-error", Good::CdWriteError, "a later error is told",
            [](Evidence& it) {
                it.report->failure->sense = mmc::make_sense(mmc::SenseKey::IllegalRequest, 0x3005);
            }},
    Spoiled{"result/first-error", Good::CdWriteError, "none is told",
            [](Evidence& it) {
                it.report->failure.reset();
                says(it, Outcome::Completed, HResult::Ok);
            }},
};

constexpr std::array kAnswers = {
    Spoiled{"imapi/answer", Good::Section, "S_OK before the first WRITE",
            [](Evidence& it) { cancel_write(it, 0, HResult::Ok); }},
    Spoiled{"imapi/answer", Good::Section, "00AA0302 while writing",
            [](Evidence& it) { cancel_write(it, 2, HResult::WriteNotInProgress); }},
    Spoiled{"imapi/answer", Good::Section, "S_OK during the last WRITE",
            [](Evidence& it) {
                cancel_write(it, 3, HResult::Ok);
                it.cancels.back().commands_before = 4;
                it.cancels.back().inside = true;
            }},
    Spoiled{"imapi/answer", Good::SectionCancelled, "00AA0302 to who asks again",
            [](Evidence& it) {
                const std::size_t last = it.commands.size() - 1;
                cancel_write(it, last, HResult::WriteNotInProgress);
                it.cancels.back().commands_before = last + 1;
                it.cancels.back().inside = true;
            }},
    Spoiled{"imapi/cancelled", Good::SectionCancelled, "S_OK after an accepted cancel",
            [](Evidence& it) { it.returned = HResult::Ok; }},
    Spoiled{"imapi/cancelled", Good::SectionCancelled, "E_FAIL after an accepted cancel",
            [](Evidence& it) { it.returned = HResult::Fail; }},
    Spoiled{"imapi/error", Good::SectionError, "E_FAIL for 3/0C/00",
            [](Evidence& it) { it.returned = HResult::Fail; }},
    Spoiled{"imapi/error", Good::SectionError, "the wrong code for 7/27/00",
            [](Evidence& it) { answer(it, checks::Run(it).last_write, 0x072700); }},
};

constexpr std::array kCancels = {
    Spoiled{"cancel/no-write", Good::BdFastest, "one more WRITE (10)",
            [](Evidence& it) { write_behind_cancel(it, 0x2A); }},
    Spoiled{"cancel/no-write", Good::BdFastest, "one more WRITE (12)",
            [](Evidence& it) { write_behind_cancel(it, 0xAA); }},
    Spoiled{"cancel/no-write", Good::BdEmergency, "one more WRITE AND VERIFY (10)",
            [](Evidence& it) { write_behind_cancel(it, 0x2E); }},
    Spoiled{"cancel/no-write", Good::CdEscalated, "more filler behind the second request",
            [](Evidence& it) {
                const std::size_t last = checks::Run(it).last_write;
                put_before(it, last + 1, write_cdb(filler_begins(it), 32));
            }},
    Spoiled{"cancel/no-write", Good::SectionCancelled, "one more in a section",
            [](Evidence& it) { write_behind_cancel(it, 0x2A); }},
    Spoiled{
        "cancel/filler", Good::CdReadable, "more than the 300 blocks of a CD's track",
        [](Evidence& it) { put_before(it, checks::Run(it).last_write + 1, write_cdb(300, 32)); }},
    Spoiled{"cancel/filler", Good::BdResumable, "data behind whole clusters",
            [](Evidence& it) { write_behind_cancel(it, 0x2A); }},
    Spoiled{"cancel/unprepared", Good::BdEmergency, "the speed is set",
            [](Evidence& it) {
                put_before(it, nth(it, Act::Allow), {0xBB, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0});
            }},
    Spoiled{"cancel/unprepared", Good::CdEscalated, "the disc is blanked behind the first request",
            [](Evidence& it) {
                put_before(it, nth(it, Act::Write, 2), {0xA1, 0x11, 0, 0, 0, 0, 0, 0, 0, 0});
            }},
    Spoiled{"cancel/unprepared", Good::CdReadable, "a session is closed where nothing was written",
            [](Evidence& it) { drop_all(it, Act::Write); }},
    Spoiled{"cancel/left-open", Good::BdFastest, "the session is closed",
            [](Evidence& it) { close_before(it, nth(it, Act::Allow)); }},
    Spoiled{"cancel/left-open", Good::CdEscalated, "it is closed behind the second request",
            [](Evidence& it) { close_before(it, nth(it, Act::Allow)); }},
    Spoiled{"cancel/left-open", Good::CdClosedEarly, "it is closed once more there",
            [](Evidence& it) { close_before(it, nth(it, Act::Allow)); }},
    Spoiled{"cancel/left-open", Good::BdResumable, "the track is closed",
            [](Evidence& it) {
                put_before(it, nth(it, Act::Allow), {0x5B, 1, 1, 0, 0, 1, 0, 0, 0, 0});
            }},
    Spoiled{"cancel/in-time", Good::BdFastest, "a day later",
            [](Evidence& it) { it.ended += std::chrono::hours(24); }},
    Spoiled{"cancel/in-time", Good::CdReadable, "later than was said before",
            [](Evidence& it) {
                it.cancels.front().predicted = it.report->predicted;
                it.cancels.front().predicted->worst_case = std::chrono::milliseconds(1);
            }},
    Spoiled{"cancel/at-once", Good::SectionCancelled, "two Updates later",
            [](Evidence& it) { it.ended += std::chrono::milliseconds(1001); }},
};

constexpr std::array kEnds = {
    Spoiled{"end/once", Good::Bd, "twice", [](Evidence& it) { it.completions = 2; }},
    Spoiled{"end/once", Good::Section, "never", [](Evidence& it) { it.completions = 0; }},
    Spoiled{"end/phases", Good::Bd, "back to front",
            [](Evidence& it) { std::reverse(it.phases.begin(), it.phases.end()); }},
    Spoiled{"end/phases", Good::Cd, "a phase twice",
            [](Evidence& it) { it.phases.insert(it.phases.begin(), it.phases.front()); }},
    Spoiled{"end/completed", Good::Bd, "success without it",
            [](Evidence& it) { it.phases.pop_back(); }},
    Spoiled{"end/completed", Good::BdFastest, "it without success",
            [](Evidence& it) { it.phases.push_back(Phase::Completed); }},
    Spoiled{"end/next", Good::BdEmergency, "the next job fails",
            [](Evidence& it) { it.next_outcome = Outcome::Failed; }},
};

}  // namespace

std::span<const Spoiled> spoiled_results() {
    return kResults;
}

std::span<const Spoiled> spoiled_answers() {
    return kAnswers;
}

std::span<const Spoiled> spoiled_cancels() {
    return kCancels;
}

std::span<const Spoiled> spoiled_ends() {
    return kEnds;
}

}  // namespace kiln::harness

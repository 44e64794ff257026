#include "stack/wait.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "mmc/lba.h"
#include "mmc/sense.h"

#include "transports/clock.h"
#include "transports/error.h"
#include "transports/transport.h"

#include "stack/facts.h"

namespace kiln::stack {
namespace {

using enum Verdict;
using mmc::SenseKey;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using transports::Duration;

constexpr std::optional<SenseKey> kAnyKey;
constexpr std::optional<std::uint8_t> kAnyCode;
constexpr std::optional<std::uint8_t> kAnyQualifier;

// First match wins. Columns: Query, SequentialWrite, RandomWrite, Operation, Readiness.
//
// The sources: R11 = Pioneer R11 command reference, LX = Linux sr, GI = growisofs, CR = cdrecord,
// LB = libburn; "logs" = public logs of failing burns. Where libburn goes on, and its going on was
// shown to report success for what did not happen (2/04/00 as done, 6/29 repeated in the middle of
// a sequential write, 2/3A as done while waiting), we do not.
constexpr std::array kRules{
    // 2/04: becoming ready, formatting, a long write, buffer full: it will be, ask again.
    SenseRule{SenseKey::NotReady,
              0x04,
              0x01,
              {KeepWaiting, KeepWaiting, KeepWaiting, KeepWaiting, KeepWaiting},
              "R11, LX: becoming ready"},
    SenseRule{SenseKey::NotReady,
              0x04,
              0x04,
              {KeepWaiting, KeepWaiting, KeepWaiting, KeepWaiting, KeepWaiting},
              "R11, GI, CR: format in progress"},
    SenseRule{SenseKey::NotReady,
              0x04,
              0x07,
              {KeepWaiting, KeepWaiting, KeepWaiting, KeepWaiting, KeepWaiting},
              "R11, GI, CR: operation in progress"},
    SenseRule{SenseKey::NotReady,
              0x04,
              0x08,
              {KeepWaiting, KeepWaiting, KeepWaiting, KeepWaiting, KeepWaiting},
              "R11, GI, CR: long write in progress"},
    SenseRule{SenseKey::NotReady,
              0x04,
              0x09,
              {KeepWaiting, KeepWaiting, KeepWaiting, KeepWaiting, KeepWaiting},
              "SPC: self-test in progress"},
    // "Not ready, cause not reportable" is not ready. A drive that never says anything else runs
    // into
    // the deadline.
    SenseRule{SenseKey::NotReady,
              0x04,
              0x00,
              {KeepWaiting, KeepWaiting, KeepWaiting, KeepWaiting, KeepWaiting},
              "LB (GSA-4082B after load)"},
    // Needs START or a person: waiting does not help.
    SenseRule{SenseKey::NotReady, 0x04, kAnyQualifier, {Fail, Fail, Fail, Fail, Fail}, "LB"},
    SenseRule{SenseKey::NotReady, 0x3A, kAnyQualifier, {Fail, Fail, Fail, Fail, Fail}, "R11"},
    // The path to the drive hiccupped; what it did of the command is unknown.
    SenseRule{
        kAnyKey, 0x08, kAnyQualifier, {Retry, Resync, Retry, Fail, Retry}, "LB, logs: 4/08/03"},
    // Background format of DVD+RW: an answer, not an error, and the drive takes commands.
    SenseRule{SenseKey::NoSense, 0x04, 0x04, {Done, Done, Done, Done, Done}, "DVD+RW tools page"},
    SenseRule{SenseKey::NoSense,
              0x00,
              0x16,
              {KeepWaiting, KeepWaiting, KeepWaiting, KeepWaiting, KeepWaiting},
              "SPC: operation in progress"},
    // Power on, reset: page 05h, speed, lock and the buffer are gone; an operation under way too.
    SenseRule{SenseKey::UnitAttention,
              0x29,
              kAnyQualifier,
              {Retry, Resync, Resync, Fail, Fail},
              "R11; against LB"},
    // Another medium under us: what was to be written or blanked is not what is in now.
    SenseRule{
        SenseKey::UnitAttention, 0x28, kAnyQualifier, {Retry, Fail, Fail, Fail, Retry}, "R11, LX"},
    // Everything else by its key. A recovered error is success that took effort. CHECK CONDITION
    // without sense is a bridge that swallowed it (data of a DS-8ABSH): anything may have happened.
    SenseRule{
        SenseKey::RecoveredError, kAnyCode, kAnyQualifier, {Done, Done, Done, Done, Done}, "SPC"},
    SenseRule{SenseKey::NoSense,
              kAnyCode,
              kAnyQualifier,
              {Retry, Resync, Retry, Fail, KeepWaiting},
              "logs: sense swallowed"},
    SenseRule{SenseKey::UnitAttention,
              kAnyCode,
              kAnyQualifier,
              {Retry, Resync, Retry, Retry, Retry},
              "LX, CR: 6/2E, 6/5A"},
    SenseRule{SenseKey::AbortedCommand,
              kAnyCode,
              kAnyQualifier,
              {Retry, Resync, Retry, Fail, Retry},
              "SPC"},
    SenseRule{kAnyKey, kAnyCode, kAnyQualifier, {Fail, Fail, Fail, Fail, Fail}, "SPC"},
};

bool matches(const SenseRule& rule, const mmc::Sense& sense) {
    return (!rule.key || *rule.key == sense.key) &&
           (!rule.asc || *rule.asc == sense.additional_sense_code) &&
           (!rule.ascq || *rule.ascq == sense.additional_sense_code_qualifier);
}

constexpr std::size_t column(Role role) {
    return static_cast<std::size_t>(role);
}

Verdict by_role(Role role, const std::array<Verdict, kRoles>& verdicts) {
    return verdicts[column(role)];
}

Verdict classify(Role role, const mmc::Sense& sense) {
    for (const auto& rule : kRules) {
        if (!matches(rule, sense)) {
            continue;
        }
        const Verdict verdict = rule.verdict[column(role)];
        // Deferred: the news is of an earlier command, and this one was not started (SPC).
        const bool not_started = sense.deferred && verdict == Done;
        return not_started ? by_role(role, {Retry, Resync, Retry, Retry, Retry}) : verdict;
    }
    return Fail;
}

struct DeadlineRow {
    LongOperation operation;
    MediumClass medium_class;  // None: any
    seconds base;
    seconds per_million_blocks;  // of capacity: 2 GB
};

// First match wins. "seen" = the longest in public logs and manuals, succeeding or failing.
constexpr std::array kDeadlines{
    // Recognition: libburn gives a load 300 s; 2/04/01 for 20 s in Linux.
    DeadlineRow{LongOperation::BecomeReady, MediumClass::None, seconds(120), seconds(0)},
    // Seen: 37.5 s until a WRITE failed; lead-in first 22 s; resume on DVD-RW 40 s.
    DeadlineRow{LongOperation::Write, MediumClass::None, seconds(200), seconds(0)},
    // Seen: 36 s lead-out, 84 s at 4x; at 1x lead-in and lead-out take 150 s.
    DeadlineRow{LongOperation::Flush, MediumClass::Cd, seconds(480), seconds(0)},
    DeadlineRow{LongOperation::CloseTrack, MediumClass::Cd, seconds(480), seconds(0)},
    DeadlineRow{LongOperation::CloseSession, MediumClass::Cd, seconds(480), seconds(0)},
    DeadlineRow{LongOperation::Finalize, MediumClass::Cd, seconds(480), seconds(0)},
    // Seen: 30 s; a short disc is padded to 30 mm, 800 MB at 1x: 10 min; the second layer of a dual
    // layer disc is padded to the first one's radius: hours at 1x [not confirmed].
    DeadlineRow{LongOperation::Flush, MediumClass::Dvd, minutes(30), seconds(1500)},
    DeadlineRow{LongOperation::CloseTrack, MediumClass::Dvd, minutes(30), seconds(0)},
    DeadlineRow{LongOperation::CloseSession, MediumClass::Dvd, minutes(30), seconds(1500)},
    DeadlineRow{LongOperation::Finalize, MediumClass::Dvd, minutes(30), seconds(1500)},
    DeadlineRow{LongOperation::StopFormat, MediumClass::Dvd, minutes(30), seconds(1500)},
    // Seen: 1-2 s for one session, minutes for others.
    DeadlineRow{LongOperation::Flush, MediumClass::None, minutes(30), seconds(0)},
    DeadlineRow{LongOperation::CloseTrack, MediumClass::None, minutes(30), seconds(0)},
    DeadlineRow{LongOperation::CloseSession, MediumClass::None, minutes(60), seconds(0)},
    DeadlineRow{LongOperation::Finalize, MediumClass::None, minutes(60), seconds(0)},
    DeadlineRow{LongOperation::StopFormat, MediumClass::None, minutes(60), seconds(0)},
    DeadlineRow{LongOperation::ReserveTrack, MediumClass::None, seconds(200), seconds(0)},
    // Seen: 30.5 s until it failed.
    DeadlineRow{LongOperation::PowerCalibration, MediumClass::None, seconds(200), seconds(0)},
    // Seen: 31 s, and 553 s until it failed.
    DeadlineRow{LongOperation::BlankFast, MediumClass::None, minutes(30), seconds(0)},
    // Seen: 1200 s at 4x, so 80 min at 1x; DVD-RW 60 min at 1x.
    DeadlineRow{LongOperation::BlankFull, MediumClass::Cd, hours(3), seconds(0)},
    DeadlineRow{LongOperation::BlankFull, MediumClass::None, hours(1), seconds(3600)},
    // Seen: 40 s, DVD+RW.
    DeadlineRow{LongOperation::FormatFast, MediumClass::None, minutes(30), seconds(0)},
    // Seen: DVD-RW 60 min, DVD-RAM 60 min; BD-RE with certification: hours.
    DeadlineRow{LongOperation::FormatFull, MediumClass::Cd, hours(3), seconds(0)},
    DeadlineRow{LongOperation::FormatFull, MediumClass::None, hours(1), seconds(3600)},
    DeadlineRow{LongOperation::Load, MediumClass::None, seconds(300), seconds(0)},
    // Pioneer answers eject with 2/04/07 until done with its work.
    DeadlineRow{LongOperation::Eject, MediumClass::None, seconds(300), seconds(0)},
};

}  // namespace

Verdict classify(Role role, const transports::Completion& completion) {
    using transports::Status;
    switch (completion.status) {
        case Status::Good:
            return Done;
        case Status::CheckCondition:
            return classify(role, completion.sense);
        case Status::Busy:
        case Status::TaskSetFull:
            return KeepWaiting;
        case Status::TaskAborted:
            return by_role(role, {Retry, Resync, Retry, Fail, Retry});
        case Status::ReservationConflict:
            break;
    }
    return Fail;
}

Verdict classify(Role role, const transports::TransportError& error) {
    using Kind = transports::TransportError::Kind;
    switch (error.kind) {
        case Kind::TimedOut:
            // A drive that holds a readiness question is busy; what it did of anything else is
            // unknown.
            return by_role(role, {Fail, Fail, Fail, Fail, KeepWaiting});
        case Kind::HostFailure:
            return by_role(role, {Retry, Resync, Retry, Fail, Retry});
        case Kind::NoSuchDevice:
        case Kind::NotPermitted:
        case Kind::InUse:
        case Kind::NotADrive:
        case Kind::Gone:
        case Kind::Interrupted:
        case Kind::TooLarge:
        case Kind::Protocol:
        case Kind::Unsupported:
            break;
    }
    return Fail;
}

Readiness judge(Probe probe, const transports::Completion& completion) {
    const Verdict verdict = classify(Role::Readiness, completion);
    switch (verdict) {
        case Done:
            return probe == Probe::TestUnitReady ? Readiness::AskDiscInformation : Readiness::Ended;
        case KeepWaiting:
            return Readiness::NotYet;
        case Retry:
            return Readiness::Again;
        case Resync:
        case Fail:
            break;
    }
    // A drive or medium without READ DISC INFORMATION has nothing to say here; TEST UNIT READY said
    // that it is through. News of an earlier command is another matter.
    const bool illegal = completion.status == transports::Status::CheckCondition &&
                         completion.sense.key == SenseKey::IllegalRequest &&
                         !completion.sense.deferred;
    return probe == Probe::DiscInformation && illegal ? Readiness::Ended : Readiness::Failed;
}

Readiness judge(Probe /*probe*/, const transports::TransportError& error) {
    switch (classify(Role::Readiness, error)) {
        case KeepWaiting:
            return Readiness::NotYet;
        case Retry:
            return Readiness::Again;
        case Done:
        case Resync:
        case Fail:
            break;
    }
    return Readiness::Failed;
}

Duration Poll::pause(unsigned asked) const {
    Duration pause = first_pause;
    for (unsigned i = 0; i < asked && pause < longest_pause; ++i) {
        pause *= 2;
    }
    return std::min(pause, longest_pause);
}

LongOperation operation_of(mmc::CloseFunction function) {
    switch (function) {
        case mmc::CloseFunction::StopBackgroundFormat:
            return LongOperation::StopFormat;
        case mmc::CloseFunction::Track:
            return LongOperation::CloseTrack;
        case mmc::CloseFunction::Session:
            return LongOperation::CloseSession;
        case mmc::CloseFunction::SpecialSession:
        case mmc::CloseFunction::FinalizeMinimalRadius:
        case mmc::CloseFunction::Finalize:
            break;
    }
    return LongOperation::Finalize;
}

Poll poll_for(LongOperation operation, MediumFamily family, mmc::BlockCount capacity) {
    const auto medium_class = facts_of(family).medium_class;
    Poll poll;
    for (const auto& row : kDeadlines) {
        const bool any = row.medium_class == MediumClass::None;
        if (row.operation == operation && (any || row.medium_class == medium_class)) {
            const auto millions = static_cast<std::int64_t>(capacity) / 1'000'000 + 1;
            poll.deadline = row.base + row.per_million_blocks * millions;
            break;
        }
    }
    return poll;
}

Duration buffer_full_pause(std::uint32_t kilobytes_per_second) {
    constexpr std::uint64_t kBytes = std::uint64_t{128} * 1024;
    const std::uint64_t rate = std::max<std::uint64_t>(kilobytes_per_second, 1) * 1000U;
    const Duration pause = std::chrono::nanoseconds(kBytes * 1'000'000'000U / rate);
    return std::clamp<Duration>(pause, milliseconds(4), milliseconds(220));
}

std::span<const SenseRule> sense_rules() {
    return kRules;
}

}  // namespace kiln::stack

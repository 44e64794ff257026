#include "stack/drive.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "mmc/bytes.h"
#include "mmc/cdb.h"
#include "mmc/layout.h"
#include "mmc/lba.h"
#include "mmc/sense.h"

#include "transports/clock.h"
#include "transports/error.h"
#include "transports/transport.h"

#include "stack/failure.h"
#include "stack/wait.h"

namespace kiln::stack {
namespace {

using transports::Completion;
using transports::Duration;
using transports::Instant;

Failure failure_of(std::string command,
                   const Result<Completion, transports::TransportError>& ended) {
    return ended ? failure_from_completion(std::move(command), *ended)
                 : failure_from_transport(std::move(command), ended.error());
}

// A wait that ran out says for how long it waited, and keeps what the drive said last.
Failure still_so(Failure failure, Duration waited) {
    const auto seconds = std::chrono::duration_cast<std::chrono::duration<double>>(waited).count();
    failure.kind = FailureKind::TimedOut;
    failure.detail +=
        fmt::format("{}still so after {:.0f} s", failure.detail.empty() ? "" : "; ", seconds);
    return failure;
}

}  // namespace

Drive::Drive(transports::Transport& transport, transports::Clock& clock, transports::Waker& waker)
    : transport_(&transport), clock_(&clock), waker_(&waker) {}

bool Drive::pause_is_cut(Duration pause, Instant deadline) {
    const Instant until = std::min(clock_->now() + pause, deadline);
    while (clock_->wait_until(until, *waker_)) {
        if (on_wake_ == OnWake::EndsWait) {
            return true;
        }
    }
    return false;
}

Result<Completion, Failure> Drive::run_words(const EncodedCdb& cdb, transports::DataPhase data,
                                             const How& how, Words words, const void* command) {
    if (!cdb) {
        Failure failure =
            make_failure(FailureKind::Unsuitable, "", "a value does not fit its field");
        failure.command = words(command);
        return tl::make_unexpected(std::move(failure));
    }
    const transports::Request request{*cdb, data, how.timeout, how.guard};
    const Instant start = clock_->now();
    const Instant deadline = start + how.poll.deadline;
    unsigned retries = 0;
    for (unsigned asked = 0;; ++asked) {
        const auto ended = transport_->execute(request);
        const Verdict verdict =
            ended ? classify(how.role, *ended) : classify(how.role, ended.error());
        if (verdict == Verdict::Done) {
            return *ended;
        }
        const bool in_time = clock_->now() < deadline;
        if (verdict == Verdict::Retry && retries < kMaxRetries && in_time) {
            ++retries;
            continue;
        }
        Failure failure = failure_of(words(command), ended);
        if (verdict != Verdict::KeepWaiting) {
            return tl::make_unexpected(std::move(failure));
        }
        if (!in_time) {
            return tl::make_unexpected(still_so(std::move(failure), clock_->now() - start));
        }
        if (pause_is_cut(how.poll.pause(asked), deadline)) {
            failure.kind = FailureKind::Interrupted;
            return tl::make_unexpected(std::move(failure));
        }
    }
}

Result<std::optional<mmc::Sense>, Failure> Drive::test_unit_ready() {
    How how;
    how.poll.deadline = Duration::zero();
    unsigned retries = 0;
    for (;;) {
        auto ended = run(mmc::TestUnitReady{}, transports::NoData{}, how);
        if (ended) {
            return std::optional<mmc::Sense>{};
        }
        const Failure& failure = ended.error();
        if (!failure.sense && failure.transport) {
            return tl::make_unexpected(std::move(ended).error());
        }
        // BUSY has no sense: not ready, cause not reportable.
        const auto sense = failure.sense.value_or(mmc::make_sense(mmc::SenseKey::NotReady, 0x0400));
        if (sense.key != mmc::SenseKey::UnitAttention || retries++ >= kMaxRetries) {
            return std::optional(sense);
        }
    }
}

Result<mmc::Sense, Failure> Drive::request_sense() {
    std::array<std::uint8_t, 64> bytes{};
    // 18 bytes: what every drive and bridge knows (some break above).
    mmc::RequestSense command;
    command.allocation_length = 18;
    KILN_ASSIGN_OR_RETURN(const auto done,
                          run(command, transports::DataIn{mmc::MutableByteView(bytes).first(18)}));
    return mmc::decode_sense(mmc::ByteView(bytes).first(std::min<std::size_t>(done.moved, 18)));
}

Result<void, Failure> Drive::wait_until_ready() {
    return wait_until_ready(Duration::zero());
}

Result<void, Failure> Drive::wait_until_ready(Duration doubt_no_medium) {
    const Poll poll = poll_for(LongOperation::BecomeReady, family_);
    const Instant start = clock_->now();
    const Instant deadline = start + poll.deadline;
    bool started = false;
    for (unsigned asked = 0;; ++asked) {
        KILN_ASSIGN_OR_RETURN(const auto sense, test_unit_ready());
        if (!sense) {
            break;
        }
        if (sense->is(mmc::SenseKey::NotReady, 0x0402) && !started) {
            // Stopped: it does not spin up by itself. The answer to this is the next question's.
            started = true;
            mmc::StartStopUnit start_it;
            start_it.start = true;
            (void)run(start_it);
            continue;
        }
        // "No medium" can be what a drive says first, about the moment before (QEMU after a change,
        // GSA-4082B after a load): it is asked twice at least.
        const bool none = sense->additional_sense_code == 0x3A;
        const Instant now = clock_->now();
        const bool doubtful = none && (asked == 0 || now < start + doubt_no_medium);
        Completion completion;
        completion.status = transports::Status::CheckCondition;
        completion.sense = *sense;
        if (!doubtful && classify(Role::Query, completion) != Verdict::KeepWaiting) {
            return tl::make_unexpected(failure_from_completion("TEST UNIT READY", completion));
        }
        if (now >= deadline) {
            return tl::make_unexpected(
                still_so(failure_from_completion("TEST UNIT READY", completion), now - start));
        }
        if (pause_is_cut(poll.pause(asked), deadline)) {
            return tl::make_unexpected(
                make_failure(FailureKind::Interrupted, "waiting for the drive", ""));
        }
    }
    return wait_for(LongOperation::BecomeReady);
}

Result<void, Failure> Drive::wait_for(LongOperation operation, const OnProgress& progress) {
    const Poll poll = poll_for(operation, family_, capacity_);
    const Instant start = clock_->now();
    const Instant deadline = start + poll.deadline;
    Probe probe = Probe::TestUnitReady;
    unsigned retries = 0;
    for (unsigned asked = 0;;) {
        const auto ended = ask(probe);
        const Readiness readiness = ended ? judge(probe, *ended) : judge(probe, ended.error());
        if (readiness == Readiness::Ended) {
            return {};
        }
        if (readiness == Readiness::AskDiscInformation) {
            probe = Probe::DiscInformation;
            continue;
        }
        if (readiness == Readiness::Again && retries < kMaxRetries && clock_->now() < deadline) {
            ++retries;
            continue;
        }
        const char* words =
            probe == Probe::TestUnitReady ? "TEST UNIT READY" : "READ DISC INFORMATION";
        if (readiness != Readiness::NotYet) {
            return tl::make_unexpected(failure_of(words, ended));
        }
        if (clock_->now() >= deadline) {
            return tl::make_unexpected(still_so(failure_of(words, ended), clock_->now() - start));
        }
        tell_progress(progress, ended ? std::optional(ended->sense) : std::nullopt);
        if (pause_is_cut(poll.pause(asked++), deadline)) {
            Failure failure = failure_of(words, ended);
            failure.kind = FailureKind::Interrupted;
            return tl::make_unexpected(std::move(failure));
        }
        probe = Probe::TestUnitReady;
    }
}

Result<Completion, transports::TransportError> Drive::ask(Probe probe) {
    std::array<std::uint8_t, 36> answer{};
    transports::Request request;
    request.timeout = kQueryTimeout;
    request.guard = transports::Guard::NeverReset;
    if (probe == Probe::TestUnitReady) {
        request.cdb = *mmc::encode(mmc::TestUnitReady{});
    } else {
        mmc::ReadDiscInformation command;
        command.allocation_length = static_cast<std::uint32_t>(answer.size());
        request.cdb = *mmc::encode(command);
        request.data = transports::DataIn{answer};
    }
    return transport_->execute(request);
}

void Drive::tell_progress(const OnProgress& progress, const std::optional<mmc::Sense>& sense) {
    if (!progress) {
        return;
    }
    std::optional<std::uint16_t> part = sense ? sense->progress : std::nullopt;
    if (!part) {
        // Some drives tell it only here (hp dvd100i).
        if (const auto asked = request_sense()) {
            part = asked->progress;
        }
    }
    progress(part ? std::optional(*part / 65536.0) : std::nullopt);
}

}  // namespace kiln::stack

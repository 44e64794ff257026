#include "stack/burn_machine.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>

#include "stack/facts.h"
#include "stack/failure.h"
#include "stack/step_commands.h"
#include "stack/wait.h"

namespace kiln::stack {
namespace {

constexpr Step kLock[] = {{Op::LockTray, When::Always, Tolerance::Anything}};
/// Twice, for a tray that stays locked is worse than one command too many: the second is left out
/// where the first was done.
constexpr Step kUnlock[] = {{Op::UnlockTray, When::Always, Tolerance::Unanswered},
                            {Op::UnlockTray, When::Always, Tolerance::Anything}};
/// After a WRITE error: what the drive still holds is flushed as far as it can be.
constexpr Step kSalvage[] = {{Op::Synchronize, When::Always, Tolerance::Anything}};

Failure failure_with(FailureKind kind, std::string doing, std::string detail,
                     HResult code = HResult::Ok) {
    Failure failure = make_failure(kind, std::move(doing), std::move(detail));
    failure.code = code;
    return failure;
}

/// Somebody outside is called.
bool tells(const ActionList& actions) {
    return std::any_of(actions.begin(), actions.end(), [](const Action& action) {
        return std::holds_alternative<NotifyUpdate>(action) ||
               std::holds_alternative<NotifyPhase>(action) ||
               std::holds_alternative<NotifyWarning>(action);
    });
}

template <typename... Handlers>
struct Overloaded : Handlers... {
    using Handlers::operator()...;
};
template <typename... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

}  // namespace

BurnMachine::BurnMachine(const Plan& plan, std::size_t slots, CancelPolicy on_failure)
    : plan_(plan),
      on_failure_(on_failure),
      window_({.start = plan.start,
               .slots = slots,
               .chunk_blocks = plan.chunk_blocks,
               .rule = plan.recipe->write,
               .payload_bytes = plan.payload_bytes,
               .capacity_blocks = plan.capacity_blocks}),
      total_buffer_(std::uint64_t{slots} * plan.chunk_blocks * kBlockSize) {}

void BurnMachine::step(const Event& event, transports::Instant now, ActionList& out) {
    if (stage_ == Stage::Ended) {
        return;
    }
    std::visit(Overloaded{
                   [&](const Begin&) { begin(now, out); },
                   [&](const Completed& it) { completed(it, now, out); },
                   [&](const BlocksRead& it) { blocks_read(it, now, out); },
                   [&](const SourceFailed& it) {
                       window_.read_failed();
                       source_failed(it.error);
                   },
                   [&](const Recovered&) {
                       recovering_out_ = false;
                       enter(Stage::Releasing, now, out);
                   },
                   [&](const Tick&) {},
                   [&](const CancelSeen& it) { cancel_seen(it, now, out); },
               },
               event);
    tick(now, out);
}

void BurnMachine::begin(transports::Instant now, ActionList& out) {
    started_ = now;
    next_update_ = now + kUpdateInterval;
    if (plan_.recipe->writes) {
        // Nothing is locked or changed before the source has given something.
        stage_ = Stage::Waiting;
        pump_reads(out);
    } else {
        enter(Stage::Preparing, now, out);
    }
}

bool BurnMachine::command_out() const {
    return write_out_ || buffer_query_out_ || sequence_.command_out() || recovering_out_;
}

/// Whatever happened, something may be due now: timers, the next WRITE, an end.
void BurnMachine::tick(transports::Instant now, ActionList& out) {
    if (stage_ == Stage::Ended) {
        return;
    }
    // Who takes long over an update is not told the next one before the machine has gone on.
    const bool going_on = std::exchange(go_on_at_, std::nullopt).has_value();
    if (now >= next_update_ && !going_on) {
        sample_speed(now);
        buffer_query_due_ = buffer_query_works_ && wrote_;
        out.emplace_back(NotifyUpdate{});
        // Never two for one moment: a late tick does not make up for what was missed.
        next_update_ += (now - next_update_) / kUpdateInterval * kUpdateInterval + kUpdateInterval;
    }
    // Whoever is told of something may ask for a cancel, and asks before what is sent next.
    if (tells(out)) {
        go_on_at_ = now;
        return;
    }
    if (wants_to_stop() && !command_out()) {
        sequence_.abandon_unsent();
    }
    if (wants_to_stop() && !command_out() &&
        (sequence_.idle() || stage_ == Stage::Writing || stage_ == Stage::Waiting)) {
        wind_down(now, out);
        return;
    }
    if (!sequence_.idle() && !sequence_.command_out()) {
        sequence_moved(sequence_.tick(plan_, learned_, now, out), now, out);
        return;
    }
    if (stage_ == Stage::Writing || (stage_ == Stage::Cancelling && sequence_.idle())) {
        pump_reads(out);
        pump_writes(now, out);
    }
}

/// A cancel or a failure that the stage has not yet acted on.
bool BurnMachine::wants_to_stop() const {
    switch (stage_) {
        case Stage::Waiting:
        case Stage::Preparing:
            return failure_.has_value() || cancel_.has_value() || gone_;
        case Stage::Writing:
            // Everything accepted, and a cancel that wants what the plan wants: then it is done.
            // And what a source gave before it failed is not lost.
            return gone_ || (failure_.has_value() && (!source_failed_ || window_.finished())) ||
                   (cancel_.has_value() &&
                    !(window_.finished() && *cancel_ == CancelPolicy::MakeReadable));
        case Stage::Finishing:
            // The planned ending and MakeReadable's are the same but for finalising.
            return failure_.has_value() || gone_ ||
                   (cancel_.has_value() && *cancel_ != CancelPolicy::MakeReadable);
        case Stage::Cancelling:
            return gone_ || padding_failed_ || cancel_ != policy_carried_out_;
        case Stage::Salvaging:
        case Stage::Releasing:
            return gone_;
        default:
            return false;
    }
}

void BurnMachine::wind_down(transports::Instant now, ActionList& out) {
    if (gone_ || (stage_ == Stage::Waiting && !learned_.tray_locked)) {
        enter(Stage::Ended, now, out);
        return;
    }
    if (write_failed_) {
        enter(Stage::Salvaging, now, out);
        return;
    }
    if (needs_recovery_ && stage_ == Stage::Preparing) {
        needs_recovery_ = false;
        enter(Stage::Recovering, now, out);
        return;
    }
    const bool step_failed = sequence_.failure().has_value();
    // A blank disc needs no ending.
    const bool disc_changed = wrote_ || learned_.formatted;
    enter(step_failed || !disc_changed ? Stage::Releasing : Stage::Cancelling, now, out);
}

void BurnMachine::enter(Stage stage, transports::Instant now, ActionList& out) {
    const Stage before = stage_;
    stage_ = stage;
    switch (stage) {
        case Stage::Preparing:
            prepare_list_ = 0;
            sequence_moved(sequence_.start(kLock, plan_, learned_, now, out), now, out);
            return;
        case Stage::Writing:
            out.emplace_back(NotifyPhase{Phase::WritingData});
            out.emplace_back(NotifyUpdate{});
            return;
        case Stage::Finishing:
            all_accepted_ = true;
            sequence_moved(sequence_.start(plan_.recipe->finish, plan_, learned_, now, out), now,
                           out);
            return;
        case Stage::Cancelling: {
            const CancelPolicy policy = cancel_.value_or(on_failure_);
            const bool pads = policy <= CancelPolicy::LeaveResumable && !write_failed_ && wrote_;
            policy_carried_out_ = policy;
            if (!cancel_) {
                cancel_ = policy;  // so that a later request can only escalate
            }
            resend_at_.reset();
            hold_writes_until_.reset();  // else it would be what we wake for, again and again
            chunk_.reset();
            if (before != Stage::Finishing) {
                const auto& rule = plan_.recipe->write;
                const std::uint64_t written = window_.accepted_blocks();
                const std::uint64_t padded = std::max<std::uint64_t>(
                    written == 0 ? 0 : rule.minimum,
                    (written + rule.multiple - 1) / rule.multiple * rule.multiple);
                window_.cut(pads ? padded : written);
            }
            if (needs_recovery_) {
                needs_recovery_ = false;
                enter(Stage::Recovering, now, out);
                return;
            }
            pump_writes(now, out);
            return;
        }
        case Stage::Salvaging:
            sequence_moved(sequence_.start(kSalvage, plan_, learned_, now, out), now, out);
            return;
        case Stage::Recovering:
            recovering_out_ = true;
            out.emplace_back(Recover{transports::Rung::ResetDevice});
            return;
        case Stage::Releasing:
            if (!learned_.tray_locked) {
                enter(Stage::Ended, now, out);
                return;
            }
            sequence_moved(sequence_.start(kUnlock, plan_, learned_, now, out), now, out);
            return;
        case Stage::Ended:
            sample_speed(now);
            out.emplace_back(NotifyUpdate{});
            return;
        default:
            return;
    }
}

void BurnMachine::sequence_moved(CommandSequence::Status status, transports::Instant now,
                                 ActionList& out) {
    if (status == CommandSequence::Status::Running) {
        return;
    }
    if (status == CommandSequence::Status::Failed) {
        fail(*sequence_.failure());
        gone_ = gone_ || sequence_.failure()->kind == FailureKind::Gone;
        if (gone_ || stage_ == Stage::Releasing) {
            enter(Stage::Ended, now, out);
        } else {
            enter(Stage::Releasing, now, out);
        }
        return;
    }
    switch (stage_) {
        case Stage::Preparing:
            prepared(now, out);
            return;
        case Stage::Finishing:
            // A cancel that came too late to leave anything out changed nothing.
            if (!sequence_.cut_short()) {
                ending_done_ = true;
                enter(Stage::Releasing, now, out);
            }
            return;
        case Stage::Cancelling:
            ending_done_ = cancel_ == policy_carried_out_;
            if (ending_done_) {
                enter(Stage::Releasing, now, out);
            }
            return;
        case Stage::Salvaging:
            enter(Stage::Releasing, now, out);
            return;
        case Stage::Releasing:
            enter(Stage::Ended, now, out);
            return;
        default:
            return;
    }
}

/// A blank or format that came to its end: a cancel was too late for it.
bool BurnMachine::operation_is_done() const {
    return !plan_.recipe->writes && prepare_list_ > 0 && !failure_ && !gone_ &&
           !sequence_.cut_short() && !sequence_.stopped();
}

/// One list of steps is done: the next one, or the WRITEs.
void BurnMachine::prepared(transports::Instant now, ActionList& out) {
    const Recipe& recipe = *plan_.recipe;
    const std::array<Steps, 3> lists = {recipe.modes, recipe.size, recipe.initialise};
    const bool too_late = operation_is_done();
    while ((too_late || !wants_to_stop()) && prepare_list_ < lists.size()) {
        const auto status = sequence_.start(lists.at(prepare_list_++), plan_, learned_, now, out);
        if (status != CommandSequence::Status::Finished) {
            sequence_moved(status, now, out);
            return;
        }
    }
    if (!too_late && wants_to_stop()) {
        return;
    }
    if (!plan_.start_known && learned_.next_writable) {
        plan_.start = *learned_.next_writable;
        plan_.start_known = true;
        plan_.capacity_blocks = learned_.free_blocks.value_or(plan_.capacity_blocks);
        window_.place(plan_.start, plan_.capacity_blocks);
        if (plan_.payload_blocks().value_or(0) > plan_.capacity_blocks) {
            fail(failure_with(FailureKind::Unsuitable, "planning",
                              "the image has " + std::to_string(*plan_.payload_blocks()) +
                                  " blocks of 2048 bytes, but " +
                                  std::to_string(plan_.capacity_blocks) + " fit onto the disc",
                              HResult::DataStreamTooLarge));
            return;
        }
    }
    enter(recipe.writes ? Stage::Writing : Stage::Finishing, now, out);
}

void BurnMachine::blocks_read(const BlocksRead& event, transports::Instant now, ActionList& out) {
    window_.filled(event.bytes, event.ended);
    if (cancel_ || failure_) {
        return;
    }
    if (event.failed) {
        source_failed(*event.failed);
        return;
    }
    if (event.ended && window_.read_bytes() == 0) {
        fail(failure_with(FailureKind::Failed, "reading the source", "it is empty"));
        return;
    }
    if (event.ended && plan_.payload_bytes && window_.read_bytes() < *plan_.payload_bytes) {
        source_ended_badly();
        fail(failure_with(FailureKind::Failed, "reading the source",
                          "it ended after " + std::to_string(window_.read_bytes()) + " of " +
                              std::to_string(*plan_.payload_bytes) + " bytes"));
        return;
    }
    if (window_.overflows()) {
        fail(failure_with(FailureKind::Unsuitable, "reading the source",
                          "it gives more than the " + std::to_string(plan_.capacity_blocks) +
                              " blocks that fit onto the disc",
                          HResult::DataStreamTooLarge));
        return;
    }
    if (stage_ == Stage::Waiting) {
        enter(Stage::Preparing, now, out);
    }
    pump_reads(out);
}

void BurnMachine::source_failed(const transports::SourceError& error) {
    // Of a source whose last byte is here nobody wants to know more.
    if (error.interrupted || cancel_ || window_.source_ended()) {
        return;
    }
    source_ended_badly();
    fail(failure_with(FailureKind::Failed, "reading the source", error.detail));
}

/// What it gave is written, and then the disc is left as the policy for failures says.
void BurnMachine::source_ended_badly() {
    if (wrote_ || window_.filled_slots() > 0) {
        source_failed_ = true;
        window_.end_source();
    }
}

void BurnMachine::pump_reads(ActionList& out) {
    if (failure_ || cancel_) {
        return;
    }
    if (const auto read = window_.next_read()) {
        out.emplace_back(*read);
    }
}

void BurnMachine::completed(const Completed& event, transports::Instant now, ActionList& out) {
    if (event.error && event.error->kind == transports::TransportError::Kind::Gone) {
        gone_ = true;
    }
    if (buffer_query_out_) {
        buffer_answered(event, now, out);
        if (gone_) {
            fail(failure_from_transport(words_of(ask_buffer()), *event.error));
        }
    } else if (write_out_) {
        write_completed(event, now, out);
    } else if (was_interrupted(event)) {
        needs_recovery_ = true;
        sequence_.abandon();
    } else {
        sequence_moved(sequence_.completed(event, plan_, learned_, now, out), now, out);
    }
}

/// We ended it, for an emergency.
bool BurnMachine::was_interrupted(const Completed& event) const {
    return interrupted_ && event.error &&
           event.error->kind == transports::TransportError::Kind::Interrupted;
}

void BurnMachine::cancel_seen(const CancelSeen& event, transports::Instant now, ActionList& out) {
    if (event.withdrawn) {
        write_out_ = false;  // the runner did not issue it
        wrote_ = wrote_ && !(chunk_ && chunk_->first);
        chunk_.reset();
    }
    if (cancel_ && *cancel_ >= event.policy) {
        return;
    }
    cancel_ = event.policy;
    if (!sequence_.idle() && stage_ != Stage::Salvaging && stage_ != Stage::Releasing &&
        !(stage_ == Stage::Finishing && event.policy == CancelPolicy::MakeReadable)) {
        sequence_.stop_after_step(plan_);
        sequence_.stop_operation(plan_, now);
    }
    // What was accepted is not given up: a flush, close, blank or format runs to its deadline.
    const bool blocked = write_out_ || (stage_ == Stage::Preparing && sequence_.command_out() &&
                                        !sequence_.in_guarded_operation());
    if (event.policy == CancelPolicy::Emergency && blocked && !interrupted_) {
        interrupted_ = true;
        out.emplace_back(Interrupt{});
    }
}

void BurnMachine::fail(Failure failure) {
    if (!failure_) {
        failure_ = std::move(failure);
    }
}

transports::Instant BurnMachine::wake_at() const {
    transports::Instant wake = next_update_;
    if (go_on_at_) {
        wake = std::min(wake, *go_on_at_);
    }
    if (resend_at_) {
        wake = std::min(wake, *resend_at_);
    }
    if (hold_writes_until_) {
        wake = std::min(wake, *hold_writes_until_);
    }
    if (const auto at = sequence_.wake_at()) {
        wake = std::min(wake, *at);
    }
    return wake;
}

}  // namespace kiln::stack

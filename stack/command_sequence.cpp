#include "stack/command_sequence.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "mmc/responses/disc_information.h"
#include "mmc/sense.h"

#include "stack/failure.h"
#include "stack/step_commands.h"
#include "stack/wait.h"

namespace kiln::stack {
namespace {

using Status = CommandSequence::Status;

Failure failure_of(const Completed& event, const Execute& command) {
    return event.error ? failure_from_transport(words_of(command), *event.error)
                       : failure_from_completion(words_of(command), *event.completion);
}

Verdict verdict_of(const Completed& event, Role role) {
    return event.error ? classify(role, *event.error) : classify(role, *event.completion);
}

bool tolerates(Tolerance tolerance, const Completed& event) {
    if (!event.completion) {
        // A drive that is gone is never tolerated.
        return tolerance == Tolerance::Unanswered && event.error &&
               event.error->kind != transports::TransportError::Kind::Gone;
    }
    // There are bridges that lose the sense: a refusal without a reason is one too.
    const mmc::Sense& sense = event.completion->sense;
    const bool refused =
        event.completion->status == transports::Status::CheckCondition &&
        (sense.key == mmc::SenseKey::IllegalRequest || sense.is(mmc::SenseKey::NoSense, 0x0000));
    return tolerance >= Tolerance::Anything || (tolerance == Tolerance::IllegalRequest && refused);
}

bool is_attention(const Completed& event) {
    return event.completion && event.completion->status == transports::Status::CheckCondition &&
           event.completion->sense.key == mmc::SenseKey::UnitAttention;
}

bool is_guarded(Op op) {
    switch (op) {
        case Op::BlankDisc:
        case Op::FormatMedium:
        case Op::CloseOpenTrack:
        case Op::CloseOpenSession:
        case Op::Synchronize:
        case Op::CloseTrack:
        case Op::CloseSession:
        case Op::FinalizeMinimal:
        case Op::Finalize:
        case Op::StopFormat:
        case Op::StopFormatReadable:
            return true;
        default:
            return false;
    }
}

}  // namespace

bool CommandSequence::in_guarded_operation() const {
    return state_ != State::Idle && is_guarded(step_.op);
}

void CommandSequence::stop_after_step(const Plan& plan) {
    for (const Step& step : steps_left_) {
        cut_short_ = cut_short_ || (applies(step.when, plan) && !done(step.op));
    }
    steps_left_ = {};
    no_more_ = true;
}

void CommandSequence::stop_operation(const Plan& plan, transports::Instant now) {
    const bool can =
        plan.stops_long_operations && (step_.op == Op::BlankDisc || step_.op == Op::FormatMedium);
    if (can && state_ != State::Idle && stop_ == Stop::No) {
        stop_ = Stop::Wanted;
        if (state_ == State::Pausing && runs_on_) {
            wake_ = now;
        }
    }
}

void CommandSequence::abandon_unsent() {
    if (unsent()) {
        abandon();
    }
}

void CommandSequence::abandon() {
    state_ = State::Idle;
    steps_left_ = {};
    cut_short_ = true;
}

std::optional<transports::Instant> CommandSequence::wake_at() const {
    return state_ == State::Pausing ? std::optional(wake_) : std::nullopt;
}

Status CommandSequence::start(Steps steps, const Plan& plan, Learned& learned,
                              transports::Instant now, ActionList& out) {
    now_ = now;
    steps_left_ = steps;
    cut_short_ = false;
    no_more_ = false;
    return next_step(plan, learned, out);
}

Status CommandSequence::next_step(const Plan& plan, Learned& learned, ActionList& out) {
    state_ = State::Idle;
    percent_.reset();
    if (stop_ == Stop::Wanted) {
        stop_ = Stop::No;  // what was to be stopped came to its end first
    }
    disturbed_.reset();
    while (!steps_left_.empty()) {
        step_ = steps_left_.front();
        steps_left_ = steps_left_.subspan(1);
        if (!applies(step_.when, plan) || done(step_.op)) {
            continue;
        }
        auto command = command_for(step_.op, plan, learned);
        if (!command) {
            return fail(while_doing(name_of(step_.op), command.error()));
        }
        command_ = *std::move(command);
        // The lock is no phase: IMAPI2's order has a format before the hardware is initialised.
        if (step_.op != Op::LockTray && phase_ != command_.phase) {
            phase_ = command_.phase;
            out.emplace_back(NotifyPhase{command_.phase});
        }
        if (step_.op == Op::LockTray) {
            // From here on, whatever the answer is: one that gets lost locks the tray too.
            learned.tray_locked = true;
        }
        since_ = now_;
        asked_ = 0;
        retries_ = 0;
        runs_on_ = false;
        return send(out);
    }
    return Status::Finished;
}

/// Whoever is told of something in this list, or read from, may ask for a cancel there, and asks
/// before the command: it has a list of its own.
Status CommandSequence::send(ActionList& out) {
    if (!out.empty()) {
        state_ = State::Pausing;
        wake_ = now_;
        return Status::Running;
    }
    state_ = State::CommandOut;
    out.emplace_back(command_.execute);
    return Status::Running;
}

/// The drive did not begin it.
Status CommandSequence::send_again(const Plan& plan, Learned& learned, ActionList& out) {
    if (no_more_) {
        cut_short_ = true;  // and it is not wanted any more
        return next_step(plan, learned, out);
    }
    return send(out);
}

Execute CommandSequence::question_command() const {
    switch (question_) {
        case Question::Disc:
            return ask_disc();
        case Question::Sense:
            return ask_sense();
        case Question::Stop:
            return command_.execute;  // what it is about; its own words are ask_to_stop()'s
        default:
            return ask_ready();
    }
}

Status CommandSequence::ask(Question question, ActionList& out) {
    state_ = State::AskOut;
    question_ = question;
    out.emplace_back(question_command());
    return Status::Running;
}

Status CommandSequence::completed(const Completed& event, const Plan& plan, Learned& learned,
                                  transports::Instant now, ActionList& out) {
    now_ = now;
    return state_ == State::AskOut ? question_completed(event, plan, learned, out)
                                   : command_completed(event, plan, learned, out);
}

Status CommandSequence::command_completed(const Completed& event, const Plan& plan,
                                          Learned& learned, ActionList& out) {
    switch (verdict_of(event, command_.role)) {
        case Verdict::Done:
            return accepted(event, plan, learned, out);
        case Verdict::KeepWaiting:
            return pause_or_give_up(failure_of(event, command_.execute));
        case Verdict::Retry:
            if (++retries_ <= kMaxRetries) {
                return send_again(plan, learned, out);
            }
            break;
        case Verdict::Resync:
        case Verdict::Fail:
            break;
    }
    return refused(failure_of(event, command_.execute), event, plan, learned, out);
}

Status CommandSequence::accepted(const Completed& event, const Plan& plan, Learned& learned,
                                 ActionList& out) {
    const mmc::ByteView answer =
        event.answer.first(std::min<std::size_t>(event.answer.size(), event.completion->moved));
    if (auto learnt = learn(step_.op, plan, answer, learned); !learnt) {
        return fail(while_doing(name_of(step_.op), learnt.error()));
    }
    if (!command_.runs_on) {
        return step_done(plan, learned, out);
    }
    runs_on_ = true;
    return stop_ == Stop::Wanted ? ask_to_stop(plan, learned, out) : pause();
}

Status CommandSequence::pause() {
    state_ = State::Pausing;
    wake_ = now_ + command_.poll.pause(asked_++);
    return Status::Running;
}

Status CommandSequence::ask_to_stop(const Plan& plan, const Learned& learned, ActionList& out) {
    const auto stop = command_for(Op::StopFormat, plan, learned);
    if (!stop) {
        stop_ = Stop::No;
        return pause();
    }
    state_ = State::AskOut;
    question_ = Question::Stop;
    out.emplace_back(stop->execute);
    return Status::Running;
}

/// Whatever the answer, the drive says itself when it is ready. One that is too busy to listen is
/// told again; one that refuses is awaited.
Status CommandSequence::stop_answered(const Completed& event, ActionList& out) {
    switch (verdict_of(event, Role::Operation)) {
        case Verdict::Done:
            stop_ = Stop::Accepted;
            done_.set(static_cast<std::size_t>(Op::StopFormat));
            break;
        case Verdict::KeepWaiting:
        case Verdict::Retry:
            break;
        case Verdict::Resync:
        case Verdict::Fail:
            stop_ = Stop::No;
            break;
    }
    return ask(Question::Ready, out);
}

/// A full format of a DVD+RW is only done when its background part is: the drive is ready long
/// before.
bool CommandSequence::formats_in_background(const Completed& event, const Plan& plan) const {
    if (step_.op != Op::FormatMedium || !plan.format.full || !plan.format_runs_on) {
        return false;
    }
    const auto disc = mmc::decode_disc_information(event.answer);
    return disc && disc->background_format == mmc::BackgroundFormat::Running;
}

/// Only asked for the progress; readiness is never concluded from it. But an attention that is told
/// here is not told again.
void CommandSequence::sense_answered(const Completed& event) {
    if (!event.completion || event.completion->status != transports::Status::Good) {
        return;
    }
    const auto sense = mmc::decode_sense(
        event.answer.first(std::min<std::size_t>(event.answer.size(), event.completion->moved)));
    if (sense.progress) {
        percent_ = *sense.progress * 100.0 / 65536.0;
    }
    if (sense.key == mmc::SenseKey::UnitAttention && !disturbed_) {
        disturbed_ = event;
        disturbed_->completion->status = transports::Status::CheckCondition;
        disturbed_->completion->sense = sense;
    }
}

Status CommandSequence::question_completed(const Completed& event, const Plan& plan,
                                           Learned& learned, ActionList& out) {
    if (event.error && event.error->kind == transports::TransportError::Kind::Gone) {
        return refused(failure_of(event, question_command()), event, plan, learned, out);
    }
    if (question_ == Question::Stop) {
        return stop_answered(event, out);
    }
    if (question_ == Question::Sense) {
        sense_answered(event);
        return pause();
    }
    const Execute asked = question_command();
    switch (verdict_of(event, Role::Readiness)) {
        case Verdict::Done:
            if (question_ == Question::Ready) {
                return ask(Question::Disc, out);
            }
            if (formats_in_background(event, plan) && now_ - since_ < command_.poll.deadline) {
                return pause();
            }
            if (disturbed_) {
                const Completed first = *std::exchange(disturbed_, std::nullopt);
                return refused(failure_of(first, asked), first, plan, learned, out);
            }
            return step_done(plan, learned, out);
        case Verdict::KeepWaiting: {
            const bool told = event.completion && event.completion->sense.progress.has_value();
            if (told) {
                percent_ = *event.completion->sense.progress * 100.0 / 65536.0;
            }
            if (now_ - since_ >= command_.poll.deadline) {
                break;
            }
            if (question_ == Question::Ready && !told && asked_ > 2) {
                return ask(Question::Sense, out);
            }
            return pause();
        }
        case Verdict::Retry:
            if (++retries_ <= kMaxRetries) {
                return ask(question_, out);
            }
            break;
        case Verdict::Resync:
        case Verdict::Fail:
            if (stopped() && event.completion) {
                return step_done(plan, learned, out);  // what it left is no whole format
            }
            if (is_attention(event) && ++retries_ <= kMaxRetries) {
                // The operation cannot be called done any more; but the drive may still be at it.
                disturbed_ = disturbed_ ? disturbed_ : std::optional(event);
                return ask(question_, out);
            }
            break;
    }
    Failure failure = failure_of(event, asked);
    if (event.completion && now_ - since_ >= command_.poll.deadline) {
        failure.kind = FailureKind::TimedOut;
        failure.detail = "the drive was still busy at the deadline";
    }
    return refused(std::move(failure), event, plan, learned, out);
}

Status CommandSequence::pause_or_give_up(Failure failure) {
    if (now_ - since_ >= command_.poll.deadline) {
        failure.kind = FailureKind::TimedOut;
        failure.detail = "the drive was still busy at the deadline";
        return fail(while_doing(name_of(step_.op), std::move(failure)));
    }
    return pause();
}

Status CommandSequence::tick(const Plan& plan, Learned& learned, transports::Instant now,
                             ActionList& out) {
    now_ = now;
    if (state_ != State::Pausing || now < wake_) {
        return Status::Running;
    }
    if (!runs_on_) {
        return send(out);
    }
    if (stop_ == Stop::Wanted) {
        return ask_to_stop(plan, learned, out);
    }
    return ask(Question::Ready, out);
}

Status CommandSequence::refused(Failure failure, const Completed& event, const Plan& plan,
                                Learned& learned, ActionList& out) {
    const bool illegal = event.completion &&
                         event.completion->status == transports::Status::CheckCondition &&
                         event.completion->sense.is(mmc::SenseKey::IllegalRequest, 0x2400);
    if (illegal && command_.runs_on && !runs_on_ && learned.immediate) {
        // A drive without IMMED: the same command again, and a time-out that fits the operation.
        learned.immediate = false;
        if (auto command = command_for(step_.op, plan, learned)) {
            command_ = *std::move(command);
            return send_again(plan, learned, out);
        }
    }
    // After a test write some drives refuse to close what they have not written.
    const bool nothing_to_close = plan.simulates && is_guarded(step_.op) && event.completion &&
                                  event.completion->sense.key == mmc::SenseKey::IllegalRequest;
    if (!nothing_to_close && !tolerates(step_.tolerance, event)) {
        return fail(while_doing(name_of(step_.op), std::move(failure)));
    }
    if (nothing_to_close) {
        done_.set(static_cast<std::size_t>(step_.op));  // it is as closed as it will ever be
    }
    if (step_.tolerance >= Tolerance::Anything) {
        out.emplace_back(NotifyWarning{std::string(name_of(step_.op)) +
                                       " failed, going on: " + failure.message()});
    }
    return next_step(plan, learned, out);
}

Status CommandSequence::step_done(const Plan& plan, Learned& learned, ActionList& out) {
    done_.set(static_cast<std::size_t>(step_.op));
    if (step_.op == Op::UnlockTray) {
        learned.tray_locked = false;
    }
    return next_step(plan, learned, out);
}

Status CommandSequence::fail(Failure failure) {
    state_ = State::Idle;
    steps_left_ = {};
    failure_ = std::move(failure);
    return Status::Failed;
}

}  // namespace kiln::stack

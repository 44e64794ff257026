/// \file
/// Takes the steps of a recipe one after the other, each to its end. Pure.
///
///              start / step done                  GOOD, runs on
///     Idle ----------------------> CommandOut ----------------------> Pausing <---+
///       ^  |                         |  ^                               |         | busy
///       |  | somebody           busy |  | pause over                    v         |
///       |  | is told first           v  |                            AskOut ------+
///       |  +---------------------> Pausing                              | ready
///       +--- no step left                                               v
///     any of them: refused -> tolerated (next step) or Failed        next step

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "transports/clock.h"

#include "stack/failure.h"
#include "stack/outcome.h"
#include "stack/plan.h"
#include "stack/ports.h"
#include "stack/recipe.h"
#include "stack/step_commands.h"

namespace kiln::stack {

class CommandSequence {
public:
    enum class State : std::uint8_t { Idle, CommandOut, Pausing, AskOut };
    enum class Status : std::uint8_t { Running, Finished, Failed };

    // `out`: what the event has led to so far, and nothing else. A command goes out in a list that
    // is empty; else with the next tick().

    /// Begins `steps`; those already done in this job are left out.
    Status start(Steps steps, const Plan& plan, Learned& learned, transports::Instant now,
                 ActionList& out);
    /// The command in flight ended.
    Status completed(const Completed& event, const Plan& plan, Learned& learned,
                     transports::Instant now, ActionList& out);
    /// Time has passed.
    Status tick(const Plan& plan, Learned& learned, transports::Instant now, ActionList& out);

    /// Finish after the step under way: the rest is not wanted any more.
    void stop_after_step(const Plan& plan);
    /// That left a step out.
    [[nodiscard]] bool cut_short() const { return cut_short_; }
    /// A blank or format under way is ended before it is done, where the drive can do that; else it
    /// is awaited.
    void stop_operation(const Plan& plan, transports::Instant now);
    /// That worked: what the step should have done is done in part.
    [[nodiscard]] bool stopped() const { return stop_ == Stop::Accepted; }
    /// Every step may be taken again.
    void forget_what_is_done() { done_.reset(); }
    /// A command that waits for its tick(), or that the drive was too busy for, is not sent.
    void abandon_unsent();
    /// The command in flight was interrupted: it and the rest are given up.
    void abandon();

    [[nodiscard]] bool command_out() const {
        return state_ == State::CommandOut || state_ == State::AskOut;
    }
    [[nodiscard]] bool idle() const { return state_ == State::Idle; }
    /// The step under way is one that must not be interrupted: flush, close, blank, format.
    [[nodiscard]] bool in_guarded_operation() const;
    [[nodiscard]] std::optional<transports::Instant> wake_at() const;
    /// The first failure; set when Failed.
    [[nodiscard]] const std::optional<Failure>& failure() const { return failure_; }
    /// Of the step under way, or the last one.
    [[nodiscard]] std::optional<Phase> phase() const { return phase_; }
    [[nodiscard]] std::optional<double> percent() const { return percent_; }
    [[nodiscard]] bool done(Op op) const { return done_.test(static_cast<std::size_t>(op)); }
    [[nodiscard]] const OpSet& done() const { return done_; }
    /// The step under way, once its command is sent: it will be taken to its end, whatever is asked
    /// for.
    [[nodiscard]] std::optional<Op> under_way() const {
        return state_ == State::Idle || unsent() ? std::nullopt : std::optional(step_.op);
    }

private:
    enum class Question : std::uint8_t { Ready, Disc, Sense, Stop };
    enum class Stop : std::uint8_t { No, Wanted, Accepted };

    [[nodiscard]] bool unsent() const { return state_ == State::Pausing && !runs_on_; }
    Status next_step(const Plan& plan, Learned& learned, ActionList& out);
    Status command_completed(const Completed& event, const Plan& plan, Learned& learned,
                             ActionList& out);
    Status question_completed(const Completed& event, const Plan& plan, Learned& learned,
                              ActionList& out);
    Status ask_to_stop(const Plan& plan, const Learned& learned, ActionList& out);
    Status stop_answered(const Completed& event, ActionList& out);
    void sense_answered(const Completed& event);
    Status pause();
    [[nodiscard]] bool formats_in_background(const Completed& event, const Plan& plan) const;
    Status accepted(const Completed& event, const Plan& plan, Learned& learned, ActionList& out);
    Status refused(Failure failure, const Completed& event, const Plan& plan, Learned& learned,
                   ActionList& out);
    Status pause_or_give_up(Failure failure);
    Status send(ActionList& out);
    Status send_again(const Plan& plan, Learned& learned, ActionList& out);
    [[nodiscard]] Execute question_command() const;
    Status ask(Question question, ActionList& out);
    Status step_done(const Plan& plan, Learned& learned, ActionList& out);
    Status fail(Failure failure);

    Steps steps_left_;
    Step step_;
    StepCommand command_;
    State state_ = State::Idle;
    Question question_ = Question::Ready;
    bool runs_on_ = false;       // the operation was accepted; questions from now on
    transports::Instant now_;    // of the call under way
    transports::Instant since_;  // of the step under way
    transports::Instant wake_;
    unsigned asked_ = 0;
    unsigned retries_ = 0;
    std::optional<Phase> phase_;
    std::optional<double> percent_;
    std::optional<Failure> failure_;
    OpSet done_;
    Stop stop_ = Stop::No;
    std::optional<Completed> disturbed_;  // the attention that came while the step ran on
    bool cut_short_ = false;
    bool no_more_ = false;  // stop_after_step()
};

}  // namespace kiln::stack

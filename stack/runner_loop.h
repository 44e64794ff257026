/// \file
/// What a BasicRunner does, for any Sync; runner.cpp has it for the one of real threads.

#pragma once

#include <optional>
#include <variant>

#include "stack/runner.h"

namespace kiln::stack {

/// One function for each kind of action.
template <typename... Handlers>
struct ActionHandlers : Handlers... {
    using Handlers::operator()...;
};
template <typename... Handlers>
ActionHandlers(Handlers...) -> ActionHandlers<Handlers...>;

template <typename Sync>
BasicRunner<Sync>::BasicRunner(Machine& machine, Ports& ports, CancelWord<Sync>& word,
                               BurnObserver& observer)
    : machine_(machine), ports_(ports), word_(word), observer_(observer) {}

template <typename Sync>
void BasicRunner<Sync>::run() {
    feed(Begin{});
    while (!machine_.ended()) {
        look_for_cancel();
        if (machine_.ended()) {
            break;
        }
        const Event event = ports_.next(machine_.wake_at());
        // Who asked before the event was seen came first, also where it is the error of a WRITE.
        look_for_cancel();
        feed(event);
    }
    word_.write_ended();
}

template <typename Sync>
void BasicRunner<Sync>::look_for_cancel() {
    const auto requested = word_.requested();
    if (requested && (!told_ || *told_ < *requested)) {
        told_ = requested;
        feed(CancelSeen{.policy = *requested, .withdrawn = false});
    }
}

template <typename Sync>
void BasicRunner<Sync>::feed(const Event& event) {
    ActionList& actions = lists_.at(depth_++);
    actions.clear();
    machine_.step(event, ports_.now(), actions);
    perform(actions);
    --depth_;
}

template <typename Sync>
bool BasicRunner<Sync>::pass_milestone(Milestone milestone) {
    const bool first = milestone == Milestone::FirstWrite || milestone == Milestone::OnlyWrite;
    const bool last = milestone == Milestone::LastWrite || milestone == Milestone::OnlyWrite;
    // An update that stands before the WRITE in the same list may have asked for a cancel.
    const bool too_late = milestone == Milestone::MiddleWrite && word_.requested().has_value();
    if (too_late || (first && !word_.first_write_issued()) ||
        (last && !word_.last_write_issued())) {
        const auto policy = word_.requested().value_or(CancelPolicy::FastestRelease);
        told_ = policy;
        feed(CancelSeen{.policy = policy, .withdrawn = true});
        return false;
    }
    return true;
}

template <typename Sync>
void BasicRunner<Sync>::perform(const ActionList& actions) {
    for (const Action& action : actions) {
        std::visit(
            ActionHandlers{
                [&](const Execute& it) {
                    if (it.milestone == Milestone::None || pass_milestone(it.milestone)) {
                        ports_.start(it);
                    }
                },
                [&](const ReadBlocks& it) { ports_.read(it); },
                [&](const Interrupt&) { ports_.interrupt(); },
                [&](const Recover& it) { ports_.recover(it.rung); },
                [&](const LastWriteRefused&) { word_.last_write_refused(); },
                [&](const NotifyPhase& it) { observer_.on_phase(it.phase); },
                [&](const NotifyUpdate&) { observer_.on_update(machine_.progress(ports_.now())); },
                [&](const NotifyWarning& it) { observer_.on_warning(it.text); },
            },
            action);
    }
}

}  // namespace kiln::stack

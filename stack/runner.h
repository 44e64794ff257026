/// \file
/// The only loop: events from the ports into the machine, its actions out to the ports.

#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "stack/cancel_word.h"
#include "stack/machine.h"
#include "stack/outcome.h"
#include "stack/policy.h"
#include "stack/ports.h"

namespace kiln::stack {

/// `Sync` is the cancel word's.
template <typename Sync>
class BasicRunner {
public:
    BasicRunner(Machine& machine, Ports& ports, CancelWord<Sync>& word, BurnObserver& observer);

    /// Runs the machine to its end. No lock is held across any call out.
    ///
    /// Blocks:  until the drive is released
    /// Thread:  the caller's; the observer is called on it
    void run();

private:
    void perform(const ActionList& actions);
    /// False: a cancel came first; the machine was told.
    [[nodiscard]] bool pass_milestone(Milestone milestone);
    void look_for_cancel();
    void feed(const Event& event);

    Machine& machine_;
    Ports& ports_;
    CancelWord<Sync>& word_;
    BurnObserver& observer_;
    std::optional<CancelPolicy> told_;
    // One list for each level of feed() inside perform(): nothing is allocated once they have
    // grown.
    std::array<ActionList, 4> lists_;
    std::size_t depth_ = 0;
};

/// For another Sync include stack/runner_loop.h too.
using Runner = BasicRunner<StandardSync>;
extern template class BasicRunner<StandardSync>;

}  // namespace kiln::stack

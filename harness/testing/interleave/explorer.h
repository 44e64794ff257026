/// \file
/// A controlled scheduler that goes through all interleavings of a few threads.
///
///     scenario's threads, as fibers          explorer
///     ... about to touch something shared -> which thread is next? each one that can, in turn
///     ... touches it                      <-
///
/// Every run makes the scenario anew and follows the choices of the run before up to the last one
/// that has another side, depth first, until none is left.
///
/// **What is covered.** All interleavings of the atomic operations, sequentially consistent: each
/// operation is one step, and all threads see the steps in one order. Weaker memory orders are not
/// modelled; ExploredSync has none, so code that asks for one does not compile with it. Plain data
/// are watched: two threads that are about to touch the same are a race (all that is watched is
/// moved, so none only reads); code without races has no other behaviour than the sequentially
/// consistent one.
///
/// **What is merged.** A run ends where it meets a state that was met before. A state is what is in
/// the shared places, and for each thread what it has seen so far: as a thread does nothing but by
/// what it has seen, equal states have equal futures. (States are compared by 64-bit hashes; among
/// ten million the chance of a mistaken one is 3e-6.) So a scenario may not pass anything between
/// its threads in other ways, and what a check in ended() looks at must be what one thread has
/// written, or shared.
///
/// **What is bounded.** How often compare_exchange_weak and a futex fail or end for no reason, for
/// each thread. Such a failure brings the thread back to where it was but for that count.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "transports/clock.h"

namespace kiln::harness::interleave {

/// Something that threads share; numbered as the scenario makes them.
using Place = std::uint32_t;

/// What a thread is about to do.
struct Step {
    enum class Kind : std::uint8_t {
        Begin,            // the thread's first
        Load,             //
        Store,            //
        Exchange,         //
        CompareExchange,  // may fail for no reason
        Sleep,            // a futex's; may end for no reason
        Resume,           // woken, or the time is over
        Wake,             //
        Await,            // goes on when `place` holds `expected`; without options: or never
        Choose,           // one of `options`
        Touch,            // plain data are moved, from there or to there
    };
    Kind kind = Kind::Begin;
    Place place = 0;
    std::uint64_t expected = 0;
    unsigned options = 1;
};

/// A few threads and what must hold. Made anew for each run; all it shares is made with it.
class Scenario {
public:
    Scenario() = default;
    Scenario(const Scenario&) = delete;
    Scenario& operator=(const Scenario&) = delete;
    virtual ~Scenario() = default;

    [[nodiscard]] virtual std::size_t threads() const = 0;
    /// The body of one of them. May be left unfinished, on its stack, when the run is over.
    virtual void run(std::size_t thread) = 0;
    /// All threads sleep: only time goes on.
    virtual void quiet() {}
    /// All threads have ended, or wait for what need not come.
    virtual void ended() {}
};

using MakeScenario = std::function<std::unique_ptr<Scenario>()>;

struct Limits {
    /// Failures for no reason, for each thread of a run.
    unsigned spurious = 1;
    /// Sleeps that time ends while other threads can go on, for each thread of a run. Others end by
    /// time only when all threads sleep.
    unsigned early_time_outs = 0;
    /// Off: every interleaving to its end, to check the merging.
    bool merge = true;
    std::size_t most_steps = 100'000;  // of one run
    /// Fewer than there are: a part, those that differ late from the first.
    std::uint64_t most_runs = std::numeric_limits<std::uint64_t>::max();
};

struct Exploration {
    std::uint64_t runs = 0;
    std::uint64_t states = 0;  // with more than one way to go on
    std::uint64_t steps = 0;
    std::size_t longest = 0;
    bool complete = false;
    /// Counted, not run one by one where states were merged. Exact up to 2^53.
    double interleavings = 0;
    /// The first one, with the steps that led to it.
    std::optional<std::string> violation;

    [[nodiscard]] std::string summary() const;
};

/// Goes through all interleavings, or to the first violation.
///
/// Thread:  one at a time
[[nodiscard]] Exploration explore(const MakeScenario& make, const Limits& limits = {});

// For the threads of a scenario, and its checks.

/// A violation, unless it holds.
void require(bool holds, const char* what);
/// One of 0 … options - 1: all of them, in turn.
[[nodiscard]] unsigned choose(unsigned options);
/// What this thread will do depends on `summary` and nothing else that it has seen: merges more.
void summarize(std::uint64_t summary);
/// What this thread will do depends on this too.
void observe(std::uint64_t value);
[[nodiscard]] std::uint64_t mixed(std::uint64_t hash, std::uint64_t value);

// For ExploredSync. Outside of a run's threads none of these is a step.

[[nodiscard]] Place new_place(std::uint64_t value);
/// Returns when it is this thread's turn to take the step: which variant of it.
unsigned arrive(const Step& step);
/// The place holds `value` now.
void changed(Place place, std::uint64_t value);
/// True in a thread of a run; false while a scenario is made or checked.
[[nodiscard]] bool in_thread();
/// Sleeps if `place` holds `expected`, until woken, for `longest` at most.
void sleep_while(Place place, std::uint64_t expected, transports::Duration longest);
void wake_one(Place place);
/// Touches plain data; `content` stands for what they are from now on.
void touch_data(Place place, std::uint64_t content);
/// What this thread has seen so far.
[[nodiscard]] std::uint64_t history();
/// Stands still but when all threads sleep.
[[nodiscard]] transports::Instant now();

}  // namespace kiln::harness::interleave

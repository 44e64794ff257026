/// \file
/// How the explorer goes through the interleavings; see explorer.h.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "transports/clock.h"

#include "harness/testing/interleave/explorer.h"
#include "harness/testing/interleave/fibers.h"

namespace kiln::harness::interleave {

/// A sleep without an end that matters.
inline constexpr transports::Instant kNever = transports::Instant::max();

struct Thread {
    Step pending;
    unsigned variant = 0;
    std::uint64_t history = 0;
    unsigned spurious_left = 0;
    unsigned early_left = 0;
    bool asleep = false;
    bool timed_out = false;
    bool finished = false;
    transports::Instant deadline = kNever;
    Place sleeps_on = 0;
};

struct Choice {
    std::size_t thread = 0;
    unsigned variant = 0;
};

/// A state with more than one way to go on.
struct Node {
    std::uint64_t key = 0;
    std::vector<Choice> choices;
    std::size_t taken = 0;
    double interleavings = 0;
};

struct Taken {
    std::size_t thread = 0;
    unsigned variant = 0;
    Step step;
};

/// One exploration.
class Scheduler {
public:
    Scheduler(const MakeScenario& make, const Limits& limits) : make_(make), limits_(limits) {}

    Exploration explore();

    // What the threads call.
    unsigned arrive(const Step& step);
    void sleep_while(Place place, std::uint64_t expected, transports::Duration longest);
    void wake_one(Place place);
    void violate(std::string what);
    [[nodiscard]] bool in_thread() const {
        return !checking_ && fibers_.running() != Fibers::none();
    }
    [[nodiscard]] Thread& self() { return threads_[fibers_.running()]; }
    std::vector<std::uint64_t>& places() { return places_; }
    [[nodiscard]] transports::Instant now() const { return now_; }

private:
    void run_once();
    [[nodiscard]] bool backtrack();
    void body(std::size_t thread);
    /// Lets the next step be taken, by whichever thread; returns when it is this one's.
    void go_on();
    /// None: the run is over.
    [[nodiscard]] std::optional<Choice> pick();
    [[nodiscard]] std::optional<Choice> pick_at_node();
    [[nodiscard]] static bool is_unseen(const Thread& thread);
    void enable();
    void enable(std::size_t thread);
    void end_of_run();
    [[nodiscard]] bool let_time_pass();
    void time_out(Thread& thread);
    void look_for_races();
    [[nodiscard]] std::uint64_t key() const;
    void count(double interleavings);
    [[nodiscard]] std::string trace() const;

    static constexpr double kOpen = -1;  // a state that is still gone through

    const MakeScenario& make_;
    Limits limits_;
    Exploration found_;
    std::unique_ptr<Scenario> scenario_;
    Fibers fibers_{[this](std::size_t thread) { body(thread); }};

    // Of the run.
    std::vector<Thread> threads_;
    std::vector<std::uint64_t> places_;
    std::vector<Choice> enabled_;
    std::vector<Taken> taken_;
    std::size_t depth_ = 0;  // nodes passed
    transports::Instant now_;
    bool checking_ = false;

    std::vector<Node> nodes_;
    std::unordered_map<std::uint64_t, double> visited_;  // interleavings from there on
};

}  // namespace kiln::harness::interleave

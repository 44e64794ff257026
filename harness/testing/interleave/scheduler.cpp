#include "harness/testing/interleave/scheduler.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace kiln::harness::interleave {
namespace {

using transports::Duration;
using transports::Instant;
using Kind = Step::Kind;

constexpr std::array<std::string_view, 11> kKindNames{
    "begin", "load",  "store",  "exchange", "compare-exchange", "sleep", "resume",
    "wake",  "await", "choose", "data",
};

/// The variant of a sleeping thread's step that time brings about while others can go on.
constexpr unsigned kTimeOut = 2;

}  // namespace

Exploration Scheduler::explore() {
    do {
        run_once();
        ++found_.runs;
        found_.longest = std::max(found_.longest, taken_.size());
        found_.complete = !backtrack();
    } while (!found_.complete && !found_.violation && found_.runs < limits_.most_runs);
    return std::move(found_);
}

void Scheduler::run_once() {
    places_.clear();
    taken_.clear();
    threads_.clear();
    depth_ = 0;
    now_ = Instant{};
    scenario_ = make_();
    threads_.resize(scenario_->threads());
    for (std::size_t i = 0; i < threads_.size(); ++i) {
        threads_[i].history = i + 1;
        threads_[i].spurious_left = limits_.spurious;
        threads_[i].early_left = limits_.early_time_outs;
    }
    fibers_.renew(threads_.size());
    if (const auto first = pick()) {
        fibers_.switch_to(first->thread);
    }
    scenario_.reset();
}

void Scheduler::body(std::size_t thread) {
    scenario_->run(thread);
    threads_[thread].finished = true;
    go_on();
}

void Scheduler::go_on() {
    const auto next = pick();
    if (!next) {
        fibers_.leave();
    } else if (next->thread != fibers_.running()) {
        fibers_.switch_to(next->thread);
    }
}

unsigned Scheduler::arrive(const Step& step) {
    if (!in_thread()) {
        return 0;
    }
    const std::size_t me = fibers_.running();
    threads_[me].pending = step;
    go_on();
    Thread& thread = threads_[me];
    thread.history = mixed(thread.history, (std::uint64_t{step.place} << 8U) |
                                               (std::uint64_t{thread.variant} << 4U) |
                                               static_cast<std::uint64_t>(step.kind));
    return thread.variant;
}

void Scheduler::sleep_while(Place place, std::uint64_t expected, Duration longest) {
    const Step step{.kind = Kind::Sleep, .place = place, .expected = expected};
    const bool for_no_reason = arrive(step) != 0;
    if (for_no_reason || places_[place] != expected) {
        return;
    }
    Thread& thread = self();
    thread.asleep = true;
    thread.sleeps_on = place;
    // Nobody means an hour: it is what a waker sleeps at most, before it looks again.
    thread.deadline = longest >= std::chrono::hours(1) ? kNever : now_ + longest;
    thread.pending = {.kind = Kind::Resume, .place = place};
    go_on();
    observe(threads_[fibers_.running()].timed_out ? 1 : 0);
}

void Scheduler::wake_one(Place place) {
    arrive({.kind = Kind::Wake, .place = place});
    for (Thread& thread : threads_) {
        if (thread.asleep && thread.sleeps_on == place) {
            thread.asleep = false;
            thread.timed_out = false;
            return;
        }
    }
}

void Scheduler::violate(std::string what) {
    if (!found_.violation) {
        found_.violation = std::move(what) + trace();
    }
}

void Scheduler::enable(std::size_t index) {
    const Thread& thread = threads_[index];
    const Step& step = thread.pending;
    if (thread.asleep && thread.deadline != kNever && thread.early_left > 0) {
        enabled_.push_back({index, kTimeOut});
    }
    if (thread.finished || thread.asleep) {
        return;
    }
    const bool as_expected = step.place < places_.size() && places_[step.place] == step.expected;
    unsigned variants = 1;
    switch (step.kind) {
        case Kind::Await:
            variants = as_expected ? 1 : 0;
            break;
        case Kind::Choose:
            variants = step.options;
            break;
        case Kind::CompareExchange:
        case Kind::Sleep:
            variants = as_expected && thread.spurious_left > 0 ? 2 : 1;
            break;
        default:
            break;
    }
    for (unsigned variant = 0; variant < variants; ++variant) {
        enabled_.push_back({index, variant});
    }
}

bool Scheduler::is_unseen(const Thread& thread) {
    const Kind kind = thread.pending.kind;
    return !thread.asleep && (kind == Kind::Begin || kind == Kind::Choose || kind == Kind::Resume ||
                              kind == Kind::Await);
}

/// What the threads can do. A step that nobody else can see or prevent, and that prevents nothing,
/// is taken at once: it makes no difference when.
void Scheduler::enable() {
    enabled_.clear();
    for (std::size_t i = 0; i < threads_.size(); ++i) {
        const std::size_t before = enabled_.size();
        enable(i);
        if (enabled_.size() > before && is_unseen(threads_[i])) {
            enabled_.erase(enabled_.begin(),
                           enabled_.begin() + static_cast<std::ptrdiff_t>(before));
            return;
        }
    }
    // The one that runs goes on first: there are fewer changes from one stack to another.
    const std::size_t running = fibers_.running();
    std::stable_partition(enabled_.begin(), enabled_.end(),
                          [running](const Choice& it) { return it.thread == running; });
}

std::optional<Choice> Scheduler::pick() {
    if (found_.violation) {
        return std::nullopt;
    }
    enable();
    while (enabled_.empty()) {
        if (!let_time_pass()) {
            end_of_run();
            return std::nullopt;
        }
        enable();
    }
    look_for_races();
    if (taken_.size() >= limits_.most_steps) {
        violate("a run without an end");
    }
    const auto choice = enabled_.size() == 1 ? std::optional(enabled_.front()) : pick_at_node();
    if (!choice || found_.violation) {
        return std::nullopt;
    }
    Thread& thread = threads_[choice->thread];
    thread.variant = choice->variant;
    if (thread.asleep) {
        --thread.early_left;
        time_out(thread);
    } else if (choice->variant != 0 && thread.pending.kind != Kind::Choose) {
        --thread.spurious_left;
    }
    taken_.push_back({choice->thread, choice->variant, thread.pending});
    ++found_.steps;
    return choice;
}

std::optional<Choice> Scheduler::pick_at_node() {
    if (depth_ < nodes_.size()) {
        const Node& node = nodes_[depth_++];
        return node.choices[node.taken];
    }
    Node node{.choices = enabled_};
    if (limits_.merge) {
        node.key = key();
        const auto [met, is_new] = visited_.try_emplace(node.key, kOpen);
        if (!is_new) {
            if (met->second == kOpen) {
                violate("a state that was met before in the same run: it may have no end");
            } else {
                count(met->second);
            }
            return std::nullopt;
        }
    }
    ++found_.states;
    ++depth_;
    nodes_.push_back(std::move(node));
    return nodes_.back().choices.front();
}

void Scheduler::count(double interleavings) {
    (nodes_.empty() ? found_.interleavings : nodes_.back().interleavings) += interleavings;
}

/// To the last choice that has another side. False: there is none left.
bool Scheduler::backtrack() {
    while (!nodes_.empty()) {
        Node& node = nodes_.back();
        if (++node.taken < node.choices.size()) {
            return true;
        }
        const double interleavings = node.interleavings;
        if (limits_.merge) {
            visited_[node.key] = interleavings;
        }
        nodes_.pop_back();
        count(interleavings);
    }
    return false;
}

bool Scheduler::let_time_pass() {
    Thread* next = nullptr;
    for (Thread& thread : threads_) {
        if (thread.asleep && thread.deadline != kNever &&
            (next == nullptr || thread.deadline < next->deadline)) {
            next = &thread;
        }
    }
    if (next == nullptr) {
        return false;
    }
    checking_ = true;  // on a thread's stack, maybe, but not one of its steps
    scenario_->quiet();
    checking_ = false;
    time_out(*next);
    return true;
}

void Scheduler::time_out(Thread& thread) {
    now_ = std::max(now_, thread.deadline);
    thread.asleep = false;
    thread.timed_out = true;
}

void Scheduler::end_of_run() {
    for (std::size_t i = 0; i < threads_.size(); ++i) {
        const Step& step = threads_[i].pending;
        const bool may_wait = step.kind == Kind::Await && step.options == 0;
        if (!threads_[i].finished && !may_wait) {
            violate(fmt::format("thread {} can never go on", i));
            return;
        }
    }
    checking_ = true;
    scenario_->ended();
    checking_ = false;
    count(1);
}

void Scheduler::look_for_races() {
    for (std::size_t i = 0; i < threads_.size(); ++i) {
        const Step& one = threads_[i].pending;
        for (std::size_t k = i + 1; k < threads_.size() && one.kind == Kind::Touch; ++k) {
            const Step& other = threads_[k].pending;
            if (other.kind == one.kind && other.place == one.place && !threads_[i].finished &&
                !threads_[k].finished) {
                violate(fmt::format("a race: threads {} and {} touch the same data", i, k));
            }
        }
    }
}

std::uint64_t Scheduler::key() const {
    std::uint64_t hash = static_cast<std::uint64_t>(now_.time_since_epoch().count());
    for (const Thread& thread : threads_) {
        const Step& step = thread.pending;
        hash = mixed(hash, thread.history);
        hash = mixed(hash, step.expected);
        hash = mixed(hash, (std::uint64_t{step.place} << 32U) |
                               (std::uint64_t{thread.spurious_left} << 16U) |
                               (std::uint64_t{thread.early_left} << 24U) |
                               (std::uint64_t{static_cast<std::uint8_t>(step.kind)} << 8U) |
                               (thread.asleep ? 4U : 0U) | (thread.timed_out ? 2U : 0U) |
                               (thread.finished ? 1U : 0U));
        if (thread.asleep) {
            hash =
                mixed(hash, static_cast<std::uint64_t>(thread.deadline.time_since_epoch().count()));
        }
    }
    for (const std::uint64_t value : places_) {
        hash = mixed(hash, value);
    }
    return hash;
}

std::string Scheduler::trace() const {
    std::string text = "; the steps (thread: what place) were";
    constexpr std::size_t kMost = 80;
    const std::size_t first = taken_.size() > kMost ? taken_.size() - kMost : 0;
    for (std::size_t i = first; i < taken_.size(); ++i) {
        const Taken& it = taken_[i];
        text += fmt::format("{}{}: {} {}{}", i == first ? " " : ", ", it.thread,
                            kKindNames.at(static_cast<std::size_t>(it.step.kind)), it.step.place,
                            it.variant == 0 ? "" : fmt::format(" (variant {})", it.variant));
    }
    return text;
}

}  // namespace kiln::harness::interleave

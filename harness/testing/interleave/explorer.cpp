#include "harness/testing/interleave/explorer.h"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "harness/testing/interleave/scheduler.h"

namespace kiln::harness::interleave {
namespace {

using transports::Duration;
using transports::Instant;
using Kind = Step::Kind;

Scheduler* current = nullptr;

}  // namespace

std::string Exploration::summary() const {
    const std::string how_many = complete
                                     ? fmt::format("all of {:.4g} interleavings", interleavings)
                                     : std::string("a part of the interleavings");
    return fmt::format("{}: {} states, {} runs, {} steps; the longest has {} steps", how_many,
                       states, runs, steps, longest);
}

Exploration explore(const MakeScenario& make, const Limits& limits) {
    Scheduler scheduler(make, limits);
    current = &scheduler;
    Exploration found = scheduler.explore();
    current = nullptr;
    return found;
}

void require(bool holds, const char* what) {
    if (!holds) {
        current->violate(what);
    }
}

unsigned choose(unsigned options) {
    return current->arrive({.kind = Kind::Choose, .options = options});
}

void summarize(std::uint64_t summary) {
    if (in_thread()) {
        current->self().history = summary;
    }
}

void observe(std::uint64_t value) {
    if (in_thread()) {
        current->self().history = mixed(current->self().history, value);
    }
}

std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
    // splitmix64's last steps, which let every bit of both count.
    std::uint64_t mix = (hash ^ (value + 0x9e3779b97f4a7c15U + (hash << 6U) + (hash >> 2U)));
    mix = (mix ^ (mix >> 30U)) * 0xbf58476d1ce4e5b9U;
    mix = (mix ^ (mix >> 27U)) * 0x94d049bb133111ebU;
    return mix ^ (mix >> 31U);
}

Place new_place(std::uint64_t value) {
    current->places().push_back(value);
    return static_cast<Place>(current->places().size() - 1);
}

unsigned arrive(const Step& step) {
    return current->arrive(step);
}

void changed(Place place, std::uint64_t value) {
    current->places()[place] = value;
}

bool in_thread() {
    return current->in_thread();
}

void sleep_while(Place place, std::uint64_t expected, Duration longest) {
    current->sleep_while(place, expected, longest);
}

void wake_one(Place place) {
    current->wake_one(place);
}

void touch_data(Place place, std::uint64_t content) {
    arrive({.kind = Kind::Touch, .place = place});
    observe(current->places()[place]);
    changed(place, content);
}

std::uint64_t history() {
    return in_thread() ? current->self().history : 0;
}

Instant now() {
    const Instant now = current->now();
    observe(static_cast<std::uint64_t>(now.time_since_epoch().count()));
    return now;
}

}  // namespace kiln::harness::interleave

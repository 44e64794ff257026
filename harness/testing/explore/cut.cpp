#include "harness/testing/explore/cut.h"

#include <array>
#include <chrono>
#include <initializer_list>

#include <fmt/format.h>

namespace kiln::harness {
namespace {

template <typename Name, std::size_t kCount>
std::string_view in(const std::array<std::string_view, kCount>& names, Name name) {
    return names.at(static_cast<std::size_t>(name));
}

/// splitmix64's finish: every bit of the one depends on every bit of the other.
std::uint64_t mixed(std::uint64_t hash, std::uint64_t more) {
    std::uint64_t word = hash ^ (more + 0x9e3779b97f4a7c15U + (hash << 6U) + (hash >> 2U));
    word = (word ^ (word >> 30U)) * 0xbf58476d1ce4e5b9U;
    word = (word ^ (word >> 27U)) * 0x94d049bb133111ebU;
    return word ^ (word >> 31U);
}

std::uint64_t mixed(std::uint64_t hash, const std::optional<Cut>& cut) {
    if (!cut) {
        return mixed(hash, 1);
    }
    hash =
        mixed(hash, std::uint64_t{2} + static_cast<std::uint64_t>(cut->where) * 256 + cut->percent);
    hash = mixed(hash, cut->n);
    return mixed(hash, static_cast<std::uint64_t>(cut->delay.count()));
}

}  // namespace

std::string_view name_of(Where where) {
    constexpr std::array<std::string_view, kWheres> kNames = {
        "before-call", "in-plan",     "in-phase",      "in-update",     "before-command",
        "at-entry",    "during-data", "before-status", "at-completion", "after-command",
        "in-pause",    "in-read",     "during-read",   "after-read",    "after-end",
    };
    return in(kNames, where);
}

std::string_view name_of(Way way) {
    constexpr std::array<std::string_view, kWays> kNames = {"in-place", "other-thread", "twice"};
    return in(kNames, way);
}

std::string_view name_of(Trouble trouble) {
    constexpr std::array<std::string_view, kTroubles> kNames = {
        "none",     "medium-error", "not-ready",  "deferred",  "unit-attention",
        "time-out", "lost-answer",  "lost-drive", "power-cut", "stream-error",
    };
    return in(kNames, trouble);
}

std::string words_of(const Cut& cut) {
    std::string words(name_of(cut.where));
    if (cut.n != 0) {
        words += fmt::format(" {}", cut.n);
    }
    if (cut.where == Where::DuringData) {
        words += fmt::format(" {} %", cut.percent);
    }
    if (cut.delay != transports::Duration{}) {
        words += fmt::format(" +{:.6f} s", std::chrono::duration<double>(cut.delay).count());
    }
    return words;
}

std::string words_of(const Trial& trial) {
    std::string words = trial.cut ? words_of(*trial.cut) : "no cancel";
    words += fmt::format(", {}, {}", name_of(trial.policy), name_of(trial.way));
    if (trial.again) {
        words += ", again " + words_of(*trial.again);
    }
    if (trial.trouble != Trouble::None) {
        words += fmt::format(", {} at command {}", name_of(trial.trouble), trial.trouble_at);
    }
    return words;
}

std::uint64_t hash_of(const Trial& trial, std::uint64_t scenario) {
    std::uint64_t hash = mixed(scenario, trial.cut);
    hash = mixed(hash, trial.again);
    return mixed(hash, static_cast<std::uint64_t>(trial.way) |
                           static_cast<std::uint64_t>(trial.policy) << 8U |
                           static_cast<std::uint64_t>(trial.trouble) << 16U |
                           std::uint64_t{trial.trouble_at} << 24U);
}

}  // namespace kiln::harness

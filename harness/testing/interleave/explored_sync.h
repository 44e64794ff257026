/// \file
/// The Sync of code that is explored: each operation is a step of the scheduler.

#pragma once

#include <cstdint>
#include <utility>

#include "transports/clock.h"

#include "harness/testing/interleave/explorer.h"

namespace kiln::harness::interleave {

/// As much of std::atomic as kiln uses; sequentially consistent, and nothing else can be asked for.
template <typename T>
class Atomic {
public:
    // As std::atomic's, which is initialised by a value.
    Atomic(T value)  // NOLINT(google-explicit-constructor)
        : value_(value), place_(new_place(bits(value))) {}
    Atomic(const Atomic&) = delete;
    Atomic& operator=(const Atomic&) = delete;
    ~Atomic() = default;

    [[nodiscard]] T load() const {
        arrive({.kind = Step::Kind::Load, .place = place_});
        return seen(value_);
    }
    void store(T value) {
        arrive({.kind = Step::Kind::Store, .place = place_});
        put(value);
    }
    T exchange(T value) {
        arrive({.kind = Step::Kind::Exchange, .place = place_});
        const T old = seen(value_);
        put(value);
        return old;
    }
    bool compare_exchange_weak(T& expected, T desired) {
        const Step step{
            .kind = Step::Kind::CompareExchange, .place = place_, .expected = bits(expected)};
        const bool for_no_reason = arrive(step) != 0;
        if (for_no_reason || value_ != expected) {
            expected = seen(value_);
            return false;
        }
        put(desired);
        return true;
    }

    [[nodiscard]] Place place() const { return place_; }
    /// Without a step: for checks.
    [[nodiscard]] T peek() const { return value_; }

private:
    static std::uint64_t bits(T value) { return static_cast<std::uint64_t>(value); }
    static T seen(T value) {
        observe(bits(value));
        return value;
    }
    void put(T value) {
        value_ = value;
        changed(place_, bits(value));
    }

    T value_;
    Place place_;
};

/// Goes on when it holds `value`: for a scenario's own order, where nothing sleeps or looks. Once
/// it holds it, it must hold it until this thread has gone on.
template <typename T>
void await(const Atomic<T>& atomic, T value) {
    arrive({.kind = Step::Kind::Await,
            .place = atomic.place(),
            .expected = static_cast<std::uint64_t>(value)});
}

/// The same, and the run may end without it.
template <typename T>
void await_or_end(const Atomic<T>& atomic, T value) {
    arrive({.kind = Step::Kind::Await,
            .place = atomic.place(),
            .expected = static_cast<std::uint64_t>(value),
            .options = 0});
}

/// Plain data of a scenario: who moves it touches it. What a thread makes itself is its own.
template <typename T>
class Watched {
public:
    Watched() : place_(in_thread() ? kOwn : new_place(0)) {}
    /// What it is may depend on all that the thread has seen.
    explicit Watched(T value) : value_(std::move(value)), content_(history()), place_(kOwn) {}
    Watched(Watched&& other) noexcept : Watched() { take(other); }
    Watched& operator=(Watched&& other) noexcept {
        take(other);
        return *this;
    }
    Watched(const Watched&) = delete;
    Watched& operator=(const Watched&) = delete;
    ~Watched() = default;

    /// Of one's own.
    [[nodiscard]] T& value() { return value_; }

private:
    static constexpr Place kOwn = static_cast<Place>(-1);

    void take(Watched& other) {
        if (other.place_ != kOwn) {
            touch_data(other.place_, 0);
        }
        if (place_ != kOwn) {
            touch_data(place_, other.content_);
        }
        value_ = std::move(other.value_);
        content_ = std::exchange(other.content_, 0);
    }

    T value_{};
    std::uint64_t content_ = 0;  // stands for the value
    Place place_;
};

struct ExploredSync {
    template <typename T>
    using Atomic = interleave::Atomic<T>;

    static void sleep_while_zero(Atomic<std::uint32_t>& word, transports::Duration longest) {
        sleep_while(word.place(), 0, longest);
    }
    static void wake_one(Atomic<std::uint32_t>& word) { interleave::wake_one(word.place()); }
    [[nodiscard]] static transports::Instant now() { return interleave::now(); }
};

}  // namespace kiln::harness::interleave

/// \file
/// Where a device thread and a reader thread leave what happened for the one thread that runs.
///
/// Each of them has at most one thing under way, so each has one cell, and no lock is needed:
///
///     producer:  value, then full = true (release), then wake
///     consumer:  full (acquire)? value, then full = false (release)

#pragma once

#include <optional>
#include <utility>

#include "transports/clock.h"

#include "stack/cancel_word.h"

namespace kiln::stack {

/// One value from one thread to one other.
template <typename Value, typename Sync>
class Cell {
public:
    /// Thread:  the producer's; only when the last value was taken
    void put(Value value) {
        value_ = std::move(value);
        full_.store(true);
    }

    /// Thread:  the consumer's
    [[nodiscard]] std::optional<Value> take() {
        if (!full_.load()) {
            return std::nullopt;
        }
        std::optional<Value> value(std::move(value_));
        full_.store(false);
        return value;
    }

private:
    Value value_{};
    typename Sync::template Atomic<bool> full_{false};
};

/// Two cells; the device's is looked into first.
template <typename Value, typename Sync>
class Mailbox {
public:
    Cell<Value, Sync> device;
    Cell<Value, Sync> reader;

    [[nodiscard]] std::optional<Value> take() {
        if (auto value = device.take()) {
            return value;
        }
        return reader.take();
    }

    /// What is there, or comes before `deadline` or a wake-up: nothing may have come then.
    ///
    /// Blocks:  until then, unless something is there already
    /// Thread:  the consumer's
    [[nodiscard]] std::optional<Value> next(transports::Clock& clock, transports::Instant deadline,
                                            transports::Waker& waker) {
        if (auto value = take()) {
            return value;
        }
        clock.wait_until(deadline, waker);
        return take();
    }
};

}  // namespace kiln::stack

/// \file
/// What a Runner runs.

#pragma once

#include "transports/clock.h"

#include "stack/outcome.h"
#include "stack/ports.h"

namespace kiln::stack {

/// Pure: no thread, no clock, no I/O. Events in, actions out. What derives from it is copyable, so
/// that it can be stopped and continued at every instant.
class Machine {
public:
    virtual ~Machine() = default;

    virtual void step(const Event& event, transports::Instant now, ActionList& out) = 0;
    [[nodiscard]] virtual bool ended() const = 0;
    /// When step() wants a Tick at the latest.
    [[nodiscard]] virtual transports::Instant wake_at() const = 0;
    [[nodiscard]] virtual Progress progress(transports::Instant now) const = 0;

protected:
    Machine() = default;
    Machine(const Machine&) = default;
    Machine& operator=(const Machine&) = default;
    Machine(Machine&&) = default;
    Machine& operator=(Machine&&) = default;
};

}  // namespace kiln::stack

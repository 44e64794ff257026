/// \file
/// The burn machine as a table: found by walking it, for a model to be made of.
///
/// From Begin on every event that can come is tried in every state, on a copy. Two copies are one
/// state if they say the same of themselves and no two events, one after the other, tell them
/// apart. What is looked at: the stage, what is out, and what each event makes the machine do.
/// Time is only in it as far as a Tick does something.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "stack/burn_machine.h"
#include "stack/outcome.h"

namespace kiln::harness {

/// What can happen to a burn machine, as far as the model tells it apart.
enum class ModelEvent : std::uint8_t {
    Good,         // the command ended well
    Busy,         // 2/04/08
    Refused,      // 3/0c/00
    TimedOut,     // a WRITE
    Interrupted,  // a WRITE, as it was asked for
    Gone,         // no drive any more
    Recovered,
    Read,
    SourceInterrupted,  // only behind a cancel
    SourceBroken,
    Tick,
    Cancel0,  // CancelSeen, by policy
    Cancel1,
    Cancel2,
    Cancel3,
    Withdrawn0,  // the same, and the WRITE that was announced is not issued
    Withdrawn1,
    Withdrawn2,
    Withdrawn3,
};
inline constexpr std::size_t kModelEvents = static_cast<std::size_t>(ModelEvent::Withdrawn3) + 1;
[[nodiscard]] std::string_view name_of(ModelEvent event);

/// The command that a step sends.
enum class ModelCommand : std::uint8_t {
    None,
    Lock,
    Unlock,
    Other,
    PlainWrite,  // not announced: padding after a cancel
    FirstWrite,
    MiddleWrite,
    LastWrite,
    OnlyWrite,
};

/// What a step makes the runner do.
struct ModelActions {
    ModelCommand command = ModelCommand::None;
    bool read = false;
    bool interrupt = false;
    bool recover = false;
    bool last_refused = false;

    friend bool operator==(const ModelActions&, const ModelActions&) = default;
};

struct ModelRow {
    static constexpr std::uint32_t kCannotHappen = 0xFFFF;
    std::uint32_t next = kCannotHappen;
    ModelActions actions;
};

struct ModelState {
    stack::BurnMachine::Stage stage = stack::BurnMachine::Stage::Idle;
    stack::Outcome outcome = stack::Outcome::Failed;  // where it has ended
    std::array<ModelRow, kModelEvents> rows;
};

struct MachineTable {
    ModelActions at_begin;
    std::vector<ModelState> states;  // the first one is that after Begin
};

struct WalkedMachine {
    MachineTable table;
    /// Wherever a state is met again its events must lead where they led the first time: how often
    /// they do not. Then two events are not enough to tell states apart.
    std::size_t wrong = 0;
};

/// Of a burn of `writes` WRITEs onto a BD-RE with a ring of one slot.
[[nodiscard]] WalkedMachine walk_machine(unsigned writes);

}  // namespace kiln::harness

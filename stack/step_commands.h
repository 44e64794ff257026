/// \file
/// How a step of a recipe becomes a command, and what its answer teaches. Pure.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "mmc/bytes.h"
#include "mmc/lba.h"

#include "stack/failure.h"
#include "stack/outcome.h"
#include "stack/plan.h"
#include "stack/ports.h"
#include "stack/recipe.h"
#include "stack/wait.h"

namespace kiln::stack {

/// What a job learned from the drive while it ran.
struct Learned {
    std::optional<mmc::Lba> next_writable;
    std::optional<std::uint64_t> free_blocks;  // from there
    std::optional<std::uint16_t> track;        // that it is in
    bool tray_locked = false;
    bool immediate = true;   // the drive takes IMMED
    bool formatted = false;  // FORMAT UNIT was accepted
    bool blanked = false;    // BLANK was accepted
    bool reserved = false;   // RESERVE TRACK was accepted
};

struct StepCommand {
    Execute execute;
    Role role = Role::Query;
    Phase phase = Phase::InitializingHardware;
    Poll poll;
    /// After GOOD the drive goes on by itself: ask until it is ready.
    bool runs_on = false;
};

/// A DVD-RAM is formatted in full whatever is asked for.
[[nodiscard]] LongOperation format_operation(const Plan& plan);

/// Errors:  a value that does not fit its field: the plan is impossible
[[nodiscard]] Result<StepCommand, Failure> command_for(Op op, const Plan& plan,
                                                       const Learned& learned);

/// Errors:  an answer that cannot be read, or an address that is not the planned one
[[nodiscard]] Result<void, Failure> learn(Op op, const Plan& plan, mmc::ByteView answer,
                                          Learned& learned);

/// The WRITE of `blocks` at `lba` from the ring's `slot`, or of zeros without one.
[[nodiscard]] Result<Execute, Failure> write_command(const Plan& plan, mmc::Lba lba,
                                                     std::uint32_t blocks,
                                                     std::optional<std::size_t> slot);

/// The questions asked while an operation runs on.
[[nodiscard]] Execute ask_ready();   // TEST UNIT READY
[[nodiscard]] Execute ask_disc();    // READ DISC INFORMATION: some drives are only honest here
[[nodiscard]] Execute ask_sense();   // REQUEST SENSE: some tell their progress only here
[[nodiscard]] Execute ask_buffer();  // READ BUFFER CAPACITY

[[nodiscard]] bool applies(When when, const Plan& plan);

/// "WRITE (10) lba=65536 n=32".
[[nodiscard]] std::string words_of(const Execute& command);

}  // namespace kiln::stack

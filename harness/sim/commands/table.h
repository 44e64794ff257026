/// \file
/// Which commands the drive knows, and what each needs before it is looked at.

#pragma once

#include <cstdint>
#include <span>

#include "mmc/layout.h"

#include "harness/sim/fake_drive_state.h"

namespace kiln::harness {

/// What must hold for a command to be done.
struct Needs {
    bool medium = false;       // ready medium
    bool no_attention = true;  // fails with a pending unit attention, and takes it
    bool no_operation = true;  // not while something long is under way
};

/// begin() looks at the CDB and fails, answers or expects; finish() runs when the data phase is
/// through, unless begin() failed.
struct CommandEntry {
    std::uint8_t opcode = 0;
    std::uint8_t size = 0;
    Needs needs;
    void (*begin)(DriveState& drive, mmc::ByteView cdb, Instant now) = nullptr;
    void (*finish)(DriveState& drive, Instant now) = nullptr;
};

/// Null for what the drive does not know.
[[nodiscard]] const CommandEntry* find_command(std::uint8_t opcode);

// Each family of commands adds its entries; by file of this folder.
[[nodiscard]] std::span<const CommandEntry> identity_commands();
[[nodiscard]] std::span<const CommandEntry> readiness_commands();
[[nodiscard]] std::span<const CommandEntry> mode_commands();
[[nodiscard]] std::span<const CommandEntry> configuration_commands();
[[nodiscard]] std::span<const CommandEntry> disc_commands();
[[nodiscard]] std::span<const CommandEntry> toc_commands();
[[nodiscard]] std::span<const CommandEntry> read_commands();
[[nodiscard]] std::span<const CommandEntry> write_commands();
[[nodiscard]] std::span<const CommandEntry> session_commands();
[[nodiscard]] std::span<const CommandEntry> format_commands();
[[nodiscard]] std::span<const CommandEntry> structure_commands();
[[nodiscard]] std::span<const CommandEntry> speed_commands();

/// The command of these bytes, or the sense 5/24/00 and false: a reserved bit is set, or a value
/// means nothing.
template <typename Command>
[[nodiscard]] std::optional<Command> decode_or_fail(DriveState& drive, mmc::ByteView cdb) {
    auto command = mmc::decode<Command>(cdb);
    if (!command) {
        fail(drive, verdicts::kInvalidField);
        return std::nullopt;
    }
    return *command;
}

}  // namespace kiln::harness

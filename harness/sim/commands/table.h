/// \file
/// Which commands the drive knows, and what each needs before it is looked at.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
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

/// For each byte of a CDB the bits that no row of its table names. Bits 7 to 5 of byte 1 are left
/// out: they were the LUN once, and old programs still set them.
using ReservedBits = std::array<std::uint8_t, mmc::Cdb::kMaxSize>;
[[nodiscard]] ReservedBits reserved_bits(const mmc::Layout& layout);
[[nodiscard]] bool sets_any(mmc::ByteView cdb, const ReservedBits& reserved, std::size_t size);

/// Whether a reserved bit makes the drive refuse; where it does not, a real drive was seen so.
enum class Reserved : std::uint8_t { Refused, Ignored };

/// The command of these bytes; or nothing, and 5/24/00 is the sense.
template <typename Command>
[[nodiscard]] std::optional<Command> decode_or_fail(DriveState& drive, mmc::ByteView cdb,
                                                    Reserved reserved = Reserved::Refused) {
    const mmc::Layout& layout = mmc::LayoutOf<Command>::kLayout;
    static const ReservedBits kReserved = reserved_bits(layout);
    auto command = mmc::decode<Command>(cdb);
    if (!command || (reserved == Reserved::Refused && sets_any(cdb, kReserved, layout.size))) {
        fail(drive, verdicts::kInvalidField);
        return std::nullopt;
    }
    return *command;
}

}  // namespace kiln::harness

// CLOSE TRACK/SESSION, RESERVE TRACK, REPAIR TRACK.

#include <array>

#include "mmc/commands/track.h"

#include "harness/sim/commands/table.h"

namespace kiln::harness {

namespace {

void begin_close(DriveState& drive, mmc::ByteView cdb, Instant now) {
    const auto command = decode_or_fail<mmc::CloseTrackSession>(drive, cdb);
    if (!command) {
        return;
    }
    const Planned planned = family_in(drive).close(
        *drive.medium, drive.mode, static_cast<std::uint8_t>(command->close_function),
        command->logical_track_number);
    if (!planned) {
        fail(drive, planned.error());
        return;
    }
    if (planned->kind == Operation::Kind::Flush && !drive.writing) {
        return;  // nothing to do: GOOD
    }
    start_operation(drive, *planned, command->immediate, now);
}

void begin_reserve(DriveState& drive, mmc::ByteView cdb, Instant now) {
    const auto command = decode_or_fail<mmc::ReserveTrack>(drive, cdb);
    if (!command) {
        return;
    }
    if (command->recording_management_zone) {
        fail(drive, verdicts::kInvalidField);  // layer jump media, not done yet
        return;
    }
    if (!family_in(drive).writable() || !support_in(drive)->writes) {
        fail(drive, verdicts::kCannotWrite);
        return;
    }
    Medium& medium = *drive.medium;
    std::uint32_t blocks = command->reservation_size;
    if (command->address_form) {
        const auto end = static_cast<std::int64_t>(command->logical_block_address);
        const std::int64_t start = medium.tracks.empty() ? 0 : medium.tracks.back().start;
        if (end <= start) {
            fail(drive, verdicts::kInvalidField);
            return;
        }
        blocks = static_cast<std::uint32_t>(end - start);
    }
    const Medium before = medium;
    const Verdict verdict = family_in(drive).reserve(medium, drive.mode, blocks);
    if (!verdict.good()) {
        fail(drive, verdict);
        return;
    }
    if (simulates(drive) && !drive.before_simulation) {
        drive.before_simulation = before;  // the reservation of a test write is part of the test
    }
    drive.command.until = now + support_in(drive)->timings.reserve;
}

void begin_repair(DriveState& drive, mmc::ByteView cdb, Instant now) {
    const auto command = decode_or_fail<mmc::RepairTrack>(drive, cdb);
    if (!command) {
        return;
    }
    const Planned planned = family_in(drive).repair(*drive.medium, command->track_number);
    if (!planned) {
        fail(drive, planned.error());
        return;
    }
    start_operation(drive, *planned, command->immediate, now);
}

constexpr std::array kCommands{
    CommandEntry{0x53, 10, {.medium = true}, begin_reserve, nullptr},
    CommandEntry{0x58, 10, {.medium = true}, begin_repair, nullptr},
    CommandEntry{0x5B, 10, {.medium = true}, begin_close, nullptr},
};

}  // namespace

std::span<const CommandEntry> session_commands() {
    return kCommands;
}

}  // namespace kiln::harness

// WRITE (10), WRITE (12), WRITE AND VERIFY (10), SYNCHRONIZE CACHE (10), READ BUFFER CAPACITY, SEND
// OPC INFORMATION.

#include "mmc/commands/write.h"

#include <algorithm>
#include <array>

#include "mmc/responses/capacity.h"

#include "harness/sim/commands/table.h"

namespace kiln::harness {

namespace {

constexpr std::uint32_t kBlock = 2048;

/// The defect that a WRITE of these blocks meets first; null if none.
const Defect* write_defect(const Medium& medium, std::int32_t lba, std::uint32_t count) {
    const std::int64_t end = std::int64_t{lba} + count;
    const auto hit = std::ranges::find_if(medium.defects, [&](const Defect& defect) {
        return defect.on_write && defect.first < end &&
               std::int64_t{defect.first} + defect.count > lba;
    });
    return hit == medium.defects.end() ? nullptr : &*hit;
}

DriveFault* write_fault(DriveState& drive, std::int32_t lba, std::uint32_t count) {
    const auto hit = std::ranges::find_if(drive.faults, [&](const DriveFault& fault) {
        const bool writes = fault.kind == DriveFault::Kind::WriteError ||
                            fault.kind == DriveFault::Kind::DeferredError;
        return writes && fault.lba >= lba && fault.lba < std::int64_t{lba} + count;
    });
    return hit == drive.faults.end() ? nullptr : &*hit;
}

/// Waits for room or says 02/04/08, as the drive does with this medium; true if it said so.
bool buffer_refuses(DriveState& drive, std::uint32_t bytes, Instant now) {
    const Instant room = drive.buffer.when_room(bytes, now);
    if (room <= now) {
        return false;
    }
    if (drive.personality->behaviour.buffer_full == BufferFull::Answers020408 &&
        family_in(drive).sequential()) {
        fail(drive, verdicts::kLongWriteInProgress);
        return true;
    }
    drive.command.ready = room;
    return false;
}

void begin_write(DriveState& drive, std::int32_t lba, std::uint32_t count, Instant now) {
    const Medium& medium = *drive.medium;
    const Family& family = family_in(drive);
    if (!family.writable() || !support_in(drive)->writes) {
        fail(drive, verdicts::kCannotWrite);
        return;
    }
    if (drive.write_failed) {
        fail(drive, verdicts::kCannotWrite);
        return;
    }
    if (const Verdict verdict = family.may_write(medium, drive.mode, lba, count); !verdict.good()) {
        fail(drive, verdict);
        return;
    }
    if (count == 0) {
        return;
    }
    prepare_to_write(drive, lba, now);
    if (buffer_refuses(drive, count * kBlock, now)) {
        return;
    }
    if (simulates(drive) && !drive.before_simulation) {
        drive.before_simulation = medium;
    }
    RunningCommand& command = drive.command;
    command.direction = Direction::Out;
    command.blocks = true;
    command.lba = lba;
    command.count = count;
    command.bytes = count * kBlock;
}

/// A bad block, a fault that was asked for; true if the WRITE fails of it.
bool meets_trouble(DriveState& drive, Instant now) {
    RunningCommand& command = drive.command;
    if (DriveFault* const fault = write_fault(drive, command.lba, command.count)) {
        const DriveFault met = *fault;
        drive.faults.erase(drive.faults.begin() + (fault - drive.faults.data()));
        if (met.kind == DriveFault::Kind::DeferredError) {
            drive.deferred =
                mmc::make_sense(verdicts::kWriteError.key, verdicts::kWriteError.additional,
                                static_cast<std::uint32_t>(met.lba), std::nullopt, true);
            drive.medium->defects.push_back({.first = met.lba, .count = 1});
            return false;
        }
        fail(drive, verdicts::kWriteError, static_cast<std::uint32_t>(met.lba));
        command.until = std::max(command.until, now + met.delay);
        drive.write_failed = family_in(drive).sequential();
        return true;
    }
    const Defect* const defect = write_defect(*drive.medium, command.lba, command.count);
    if (defect == nullptr) {
        return false;
    }
    if (drive.medium->spares > 0) {
        const std::uint32_t unit = family_in(drive).unit();
        if (drive.medium->spares_left >= unit) {
            drive.medium->spares_left -= unit;
            std::erase(drive.medium->defects, Defect(*defect));  // another unit stands for it now
            return false;
        }
        fail(drive, verdicts::kNoSpareLeft, static_cast<std::uint32_t>(defect->first));
        return true;
    }
    fail(drive, verdicts::kWriteError,
         static_cast<std::uint32_t>(std::max(defect->first, command.lba)));
    command.until = std::max(command.until, now + support_in(drive)->timings.media_error);
    drive.write_failed = family_in(drive).sequential();
    return true;
}

/// The buffer ran dry and the drive may not link: the track ends there.
bool streaming_was_lost(DriveState& drive, std::uint64_t stops_before) {
    const bool cd = medium_class(drive) == MediumFamily::Cd && family_in(drive).uses_write_mode();
    if (!cd || drive.mode.buffer_underrun_free || drive.buffer.stops() == stops_before) {
        return false;
    }
    fail(drive, {mmc::SenseKey::MediumError, 0x0C09});
    drive.write_failed = true;
    for (Track& track : drive.medium->tracks) {
        track.damaged = track.damaged || (track.recorded > 0 && !track.closed);
    }
    return true;
}

void finish_write(DriveState& drive, Instant now) {
    const RunningCommand& command = drive.command;
    const std::uint32_t count = command.moved / kBlock;  // a host may break off
    if (count == 0 || meets_trouble(drive, now)) {
        return;
    }
    const std::uint64_t stops = drive.buffer.stops();
    drive.buffer.put(std::uint64_t{count} * kBlock, now);
    if (streaming_was_lost(drive, stops)) {
        return;
    }
    family_in(drive).written(*drive.medium, drive.mode, command.lba, count);
    drive.recent[drive.recent_count % drive.recent.size()] = {command.lba, count};
    ++drive.recent_count;
    ++drive.writes;
    drive.blocks_accepted += count;
}

void begin_write10(DriveState& drive, mmc::ByteView cdb, Instant now) {
    if (const auto command = decode_or_fail<mmc::Write10>(drive, cdb)) {
        if (command->relative_address) {
            fail(drive, verdicts::kInvalidField);
            return;
        }
        begin_write(drive, static_cast<std::int32_t>(command->logical_block_address),
                    static_cast<std::uint32_t>(command->transfer_length), now);
    }
}

void finish_plain_write(DriveState& drive, Instant now) {
    finish_write(drive, now);
    constexpr std::uint8_t kForceUnitAccess = 0x08;
    if ((drive.command.cdb.bytes()[1] & kForceUnitAccess) != 0 && drive.writing &&
        !drive.command.failed) {
        drive.buffer.flush(now);
        drive.command.until = std::max(drive.command.until, drive.buffer.when_empty(now));
    }
}

void begin_write12(DriveState& drive, mmc::ByteView cdb, Instant now) {
    if (const auto command = decode_or_fail<mmc::Write12>(drive, cdb)) {
        if (command->relative_address ||
            static_cast<std::uint32_t>(command->transfer_length) > 0xFFFFU) {
            fail(drive, verdicts::kInvalidField);
            return;
        }
        begin_write(drive, static_cast<std::int32_t>(command->logical_block_address),
                    static_cast<std::uint32_t>(command->transfer_length), now);
    }
}

void begin_write_and_verify(DriveState& drive, mmc::ByteView cdb, Instant now) {
    if (const auto command = decode_or_fail<mmc::WriteAndVerify10>(drive, cdb)) {
        // Media that are recorded once, from one end to the other, cannot be read back in between.
        if (family_in(drive).sequential() || command->relative_address) {
            fail(drive, family_in(drive).sequential() ? verdicts::kInvalidOpcode
                                                      : verdicts::kInvalidField);
            return;
        }
        begin_write(drive, static_cast<std::int32_t>(command->logical_block_address),
                    static_cast<std::uint32_t>(command->transfer_length), now);
    }
}

void finish_write_and_verify(DriveState& drive, Instant now) {
    finish_write(drive, now);
    if (drive.writing && !drive.command.failed) {
        drive.buffer.flush(now);
        const Instant written = drive.buffer.when_empty(now);
        drive.command.until = std::max(
            drive.command.until, written + read_curve(drive).time_between(0, drive.command.bytes));
    }
}

void begin_synchronize(DriveState& drive, mmc::ByteView cdb, Instant now) {
    const auto command = decode_or_fail<mmc::SynchronizeCache10>(drive, cdb);
    if (!command) {
        return;
    }
    const Planned planned = family_in(drive).synchronize(*drive.medium, drive.mode);
    if (!planned) {
        fail(drive, planned.error());
        return;
    }
    if (planned->kind == Operation::Kind::Flush && !drive.writing) {
        end_simulation(drive);  // of which there was no more than a reservation
        return;                 // nothing is in the buffer
    }
    start_operation(drive, *planned, command->immediate, now);
}

void begin_read_buffer_capacity(DriveState& drive, mmc::ByteView cdb, Instant now) {
    const auto command = decode_or_fail<mmc::ReadBufferCapacity>(drive, cdb);
    if (!command) {
        return;
    }
    const MediumSupport* const support = support_in(drive);
    std::uint32_t size = drive.personality->buffer_bytes;
    if (support != nullptr && support->buffer_bytes != 0) {
        size = support->buffer_bytes;
    }
    const std::uint32_t free =
        drive.writing ? static_cast<std::uint32_t>(drive.buffer.room(now)) : size;
    const std::uint32_t unit = command->block ? kBlock : 1;
    const auto bytes = mmc::encode(mmc::BufferCapacity{
        .block = command->block, .buffer_length = size / unit, .available = free / unit});
    answer(drive, *bytes, command->allocation_length);
}

void begin_send_opc(DriveState& drive, mmc::ByteView cdb, Instant now) {
    const auto command = decode_or_fail<mmc::SendOpcInformation>(drive, cdb);
    if (!command) {
        return;
    }
    const Behaviour& behaviour = drive.personality->behaviour;
    if (behaviour.opc_refused) {
        fail(drive, {behaviour.opc_refused->key, behaviour.opc_refused->additional});
        return;
    }
    if (!family_in(drive).writable() || drive.medium->status == DiscStatus::Complete) {
        fail(drive, verdicts::kCannotWrite);
        return;
    }
    if (!command->perform_opc) {
        expect(drive, command->parameter_list_length);
        return;
    }
    if (command->parameter_list_length != 0) {
        fail(drive, verdicts::kInvalidField);
        return;
    }
    const auto fault =
        std::ranges::find(drive.faults, DriveFault::Kind::CalibrationError, &DriveFault::kind);
    if (fault != drive.faults.end()) {
        drive.command.until = now + fault->delay;
        drive.faults.erase(fault);
        fail(drive, verdicts::kCalibrationFailed);
        return;
    }
    if (!drive.calibrated) {
        drive.command.until = now + support_in(drive)->timings.opc;
        drive.calibrated = true;
    }
}

void begin_send_cue_sheet(DriveState& drive, mmc::ByteView, Instant) {
    // Session at once is not done yet, and no feature says it is.
    fail(drive, verdicts::kInvalidOpcode);
}

constexpr std::array kCommands{
    CommandEntry{0x2A, 10, {.medium = true}, begin_write10, finish_plain_write},
    CommandEntry{0x2E, 10, {.medium = true}, begin_write_and_verify, finish_write_and_verify},
    CommandEntry{0x35, 10, {.medium = true}, begin_synchronize, nullptr},
    CommandEntry{0x54, 10, {.medium = true}, begin_send_opc, nullptr},
    CommandEntry{0x5C, 10, {.no_operation = false}, begin_read_buffer_capacity, nullptr},
    CommandEntry{0x5D, 10, {.medium = true}, begin_send_cue_sheet, nullptr},
    CommandEntry{0xAA, 12, {.medium = true}, begin_write12, finish_plain_write},
};

}  // namespace

std::span<const CommandEntry> write_commands() {
    return kCommands;
}

}  // namespace kiln::harness

// READ (10), READ (12), READ CD, READ CD MSF (user data), VERIFY (10), SEEK (10), READ CAPACITY.

#include "mmc/commands/read.h"

#include <algorithm>
#include <array>

#include "mmc/responses/capacity.h"
#include "mmc/responses/toc.h"

#include "harness/sim/commands/table.h"

namespace kiln::harness {

namespace {

constexpr std::uint32_t kBlock = 2048;

/// What can be read from `lba` on: the rules of the medium, then its bad blocks.
Readable readable_in(const DriveState& drive, std::int32_t lba, std::uint32_t count) {
    Readable readable = family_in(drive).readable(*drive.medium, lba, count);
    for (const Defect& defect : drive.medium->defects) {
        const std::int64_t first = std::max<std::int64_t>(defect.first, lba);
        const std::int64_t end = std::int64_t{defect.first} + defect.count;
        if (end > lba && first < std::int64_t{lba} + readable.blocks) {
            readable = {static_cast<std::uint32_t>(first - lba), verdicts::kUnreadable};
        }
    }
    return readable;
}

/// Head movement, then the blocks at read speed.
void take_time_to_read(DriveState& drive, std::int32_t lba, std::uint32_t count, Instant now) {
    RunningCommand& command = drive.command;
    const MediumTimings& timings = support_in(drive)->timings;
    Instant start = now;
    if (!drive.spinning) {
        start += timings.spin_up;
        drive.spinning = true;
    }
    if (drive.writing) {  // what is in the buffer goes first
        drive.buffer.flush(now);
        start = std::max(start, drive.buffer.when_empty(now));
    }
    if (lba != drive.read_next) {
        start += timings.seek;
    }
    const std::uint64_t address = static_cast<std::uint64_t>(std::max(lba, 0)) * kBlock;
    const Duration data =
        read_curve(drive).time_between(address, address + std::uint64_t{count} * kBlock);
    command.ready = start;
    command.until = start + data;
    drive.read_next = lba + static_cast<std::int32_t>(count);
}

void begin_read(DriveState& drive, std::int32_t lba, std::uint32_t count, Instant now) {
    if (count == 0) {
        return;
    }
    const Readable readable = readable_in(drive, lba, count);
    RunningCommand& command = drive.command;
    if (readable.blocks == 0) {
        fail(drive, readable.why, static_cast<std::uint32_t>(lba));
        if (readable.why.key == mmc::SenseKey::MediumError) {
            command.until = now + support_in(drive)->timings.media_error;
        }
        return;
    }
    command.direction = Direction::In;
    command.blocks = true;
    command.lba = lba;
    command.count = count;
    command.bytes = readable.blocks * kBlock;
    take_time_to_read(drive, lba, readable.blocks, now);
}

/// The blocks that could be read are through; then comes what stopped it.
void finish_read(DriveState& drive, Instant now) {
    RunningCommand& command = drive.command;
    if (!command.blocks) {
        return;
    }
    const Readable readable = readable_in(drive, command.lba, command.count);
    if (readable.blocks < command.count) {
        fail(drive, readable.why, static_cast<std::uint32_t>(command.lba) + readable.blocks);
        if (readable.why.key == mmc::SenseKey::MediumError) {
            command.until = std::max(command.until, now) + support_in(drive)->timings.media_error;
        }
    }
}

template <typename Command>
void begin_plain_read(DriveState& drive, mmc::ByteView cdb, Instant now) {
    if (const auto command = decode_or_fail<Command>(drive, cdb)) {
        const auto count = static_cast<std::uint32_t>(command->transfer_length);
        if (command->relative_address || count > 0xFFFFU) {
            fail(drive, verdicts::kInvalidField);
            return;
        }
        begin_read(drive, static_cast<std::int32_t>(command->logical_block_address), count, now);
    }
}

/// User data of data sectors; anything else of a sector is not kept, and no feature says it is.
template <typename Command>
bool asks_for_user_data_only(const Command& command) {
    const bool type = command.expected_sector_type == mmc::ExpectedSectorType::Any ||
                      command.expected_sector_type == mmc::ExpectedSectorType::Mode1;
    return type && command.user_data && !command.sync && !command.edc_and_ecc &&
           command.header_codes == mmc::HeaderCodes::None &&
           command.c2_error_information == mmc::C2ErrorInformation::None &&
           command.sub_channel_selection == mmc::SubChannelSelection::None;
}

void begin_read_cd_range(DriveState& drive, bool plain, std::int32_t lba, std::uint32_t count,
                         Instant now) {
    if (medium_class(drive) != MediumFamily::Cd) {
        fail(drive, verdicts::kIllegalMode);
    } else if (count != 0 && (!plain || count > 0xFFFFU)) {
        fail(drive, verdicts::kInvalidField);
    } else {
        begin_read(drive, lba, count, now);
    }
}

void begin_read_cd(DriveState& drive, mmc::ByteView cdb, Instant now) {
    if (const auto command = decode_or_fail<mmc::ReadCd>(drive, cdb)) {
        begin_read_cd_range(drive, asks_for_user_data_only(*command),
                            static_cast<std::int32_t>(command->starting_logical_block_address),
                            static_cast<std::uint32_t>(command->transfer_length), now);
    }
}

void begin_read_cd_msf(DriveState& drive, mmc::ByteView cdb, Instant now) {
    if (const auto command = decode_or_fail<mmc::ReadCdMsf>(drive, cdb)) {
        const auto first =
            static_cast<std::int32_t>(mmc::to_lba({.minute = command->starting_minute,
                                                   .second = command->starting_second,
                                                   .frame = command->starting_frame}));
        const auto end = static_cast<std::int32_t>(mmc::to_lba({.minute = command->ending_minute,
                                                                .second = command->ending_second,
                                                                .frame = command->ending_frame}));
        if (end < first) {
            fail(drive, verdicts::kInvalidField);
            return;
        }
        begin_read_cd_range(drive, asks_for_user_data_only(*command), first,
                            static_cast<std::uint32_t>(end - first), now);
    }
}

void begin_verify(DriveState& drive, mmc::ByteView cdb, Instant now) {
    const auto command = decode_or_fail<mmc::Verify10>(drive, cdb);
    if (!command) {
        return;
    }
    const auto lba = static_cast<std::int32_t>(command->logical_block_address);
    const auto count = static_cast<std::uint32_t>(command->number_of_blocks);
    if (command->byte_check || command->relative_address) {
        fail(drive, verdicts::kInvalidField);
        return;
    }
    const Readable readable = readable_in(drive, lba, count);
    if (count == 0) {
        return;
    }
    take_time_to_read(drive, lba, readable.blocks, now);
    drive.command.ready = now;
    if (readable.blocks < count) {
        fail(drive, readable.why, static_cast<std::uint32_t>(lba) + readable.blocks);
    }
}

void begin_seek(DriveState& drive, mmc::ByteView cdb, Instant now) {
    if (const auto command = decode_or_fail<mmc::Seek10>(drive, cdb)) {
        const auto lba = static_cast<std::int32_t>(command->logical_block_address);
        if (lba < 0 || static_cast<std::uint32_t>(lba) >= drive.medium->unformatted) {
            fail(drive, verdicts::kOutOfRange);
            return;
        }
        drive.command.until = now + support_in(drive)->timings.seek;
        drive.read_next = lba;
    }
}

void begin_read_capacity(DriveState& drive, mmc::ByteView cdb, Instant) {
    const auto command = decode_or_fail<mmc::ReadCapacity10>(drive, cdb);
    if (!command) {
        return;
    }
    if (command->relative_address || command->partial_medium_indicator) {
        fail(drive, verdicts::kInvalidField);
        return;
    }
    const std::uint32_t blocks = family_in(drive).capacity(*drive.medium);
    answer(drive, *mmc::encode(mmc::Capacity{.last_lba = blocks == 0 ? 0 : blocks - 1}), 8);
}

constexpr std::array kCommands{
    CommandEntry{0x25, 10, {.medium = true}, begin_read_capacity, nullptr},
    CommandEntry{0x28, 10, {.medium = true}, begin_plain_read<mmc::Read10>, finish_read},
    CommandEntry{0x2B, 10, {.medium = true}, begin_seek, nullptr},
    CommandEntry{0x2F, 10, {.medium = true}, begin_verify, nullptr},
    CommandEntry{0xA8, 12, {.medium = true}, begin_plain_read<mmc::Read12>, finish_read},
    CommandEntry{0xB9, 12, {.medium = true}, begin_read_cd_msf, finish_read},
    CommandEntry{0xBE, 12, {.medium = true}, begin_read_cd, finish_read},
};

}  // namespace

std::span<const CommandEntry> read_commands() {
    return kCommands;
}

}  // namespace kiln::harness

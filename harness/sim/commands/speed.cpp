// SET CD SPEED, SET STREAMING, GET PERFORMANCE, SET READ AHEAD.

#include <algorithm>
#include <array>

#include "mmc/bytes.h"
#include "mmc/commands/performance.h"
#include "mmc/responses/performance.h"

#include "harness/sim/commands/table.h"

namespace kiln::harness {

namespace {

constexpr std::uint32_t kStreamingSize = 28;
constexpr std::uint32_t kMaximum = 0xFFFF;

void limit_writing(DriveState& drive, std::uint32_t kilobytes_per_second, Instant now) {
    drive.write_limit = kilobytes_per_second;
    if (drive.writing) {
        drive.buffer.set_curve(write_curve(drive), now);
    }
}

void begin_set_cd_speed(DriveState& drive, mmc::ByteView cdb, Instant now) {
    const auto command = decode_or_fail<mmc::SetCdSpeed>(drive, cdb);
    if (!command) {
        return;
    }
    if (static_cast<unsigned>(command->rotational_control) > 1) {
        fail(drive, verdicts::kInvalidField);
        return;
    }
    const std::uint32_t read = command->logical_unit_read_speed;
    const std::uint32_t write = command->logical_unit_write_speed;
    drive.read_limit = read == kMaximum ? 0 : read;
    if (write != 0) {  // 0: no writing is meant
        limit_writing(drive, write == kMaximum ? 0 : write, now);
    }
}

void begin_set_streaming(DriveState& drive, mmc::ByteView cdb, Instant) {
    const auto command = decode_or_fail<mmc::SetStreaming>(drive, cdb);
    if (!command) {
        return;
    }
    if (!drive.personality->behaviour.set_streaming) {
        fail(drive, verdicts::kInvalidOpcode);
    } else if (command->type != mmc::StreamingType::Performance ||
               (command->parameter_list_length != kStreamingSize &&
                command->parameter_list_length != 0)) {
        fail(drive, verdicts::kInvalidField);
    } else {
        expect(drive, command->parameter_list_length);
    }
}

/// kB/s of a size in kB and a time in ms; 0 where that means nothing.
std::uint32_t rate(mmc::ByteView list, std::size_t at) {
    const auto size = mmc::load_big_endian<std::uint64_t>(list, at, 4);
    const auto time = mmc::load_big_endian<std::uint64_t>(list, at + 4, 4);
    return time == 0 ? 0
                     : static_cast<std::uint32_t>(
                           std::min<std::uint64_t>(size * 1000 / time, 0xFFFFFFFF));
}

void finish_set_streaming(DriveState& drive, Instant now) {
    const mmc::ByteView list = drive.command.data;
    if (drive.command.bytes == 0) {
        return;
    }
    if (list.size() < kStreamingSize) {
        fail(drive, verdicts::kParameterListLength);
        return;
    }
    constexpr std::uint8_t kRestoreDefaults = 0x04;
    if ((list[0] & kRestoreDefaults) != 0) {
        drive.read_limit = 0;
        limit_writing(drive, 0, now);
        return;
    }
    const auto first = mmc::load_big_endian<std::uint32_t>(list, 4, 4);
    const auto last = mmc::load_big_endian<std::uint32_t>(list, 8, 4);
    if (first > last) {
        fail(drive, verdicts::kInvalidParameter);
        return;
    }
    drive.read_limit = rate(list, 12);
    limit_writing(drive, rate(list, 20), now);
}

std::uint32_t last_address(const DriveState& drive) {
    return drive.personality->behaviour.performance_end_lba_is_garbage
               ? 0xFFFFFFFF
               : drive.medium->unformatted - 1;
}

/// kB/s at both ends of the medium.
mmc::NominalPerformance nominal(const DriveState& drive, const SpeedCurve& curve) {
    const std::uint64_t per_listed = user_bytes_per_second(drive.medium->kind, 1000);
    const auto listed = [&](std::uint64_t bytes) {
        return static_cast<std::uint32_t>(bytes * 1000 / std::max<std::uint64_t>(per_listed, 1));
    };
    const std::uint64_t end = std::uint64_t{drive.medium->unformatted} * 2048;
    return {.start_lba = 0,
            .start_kb_s = listed(curve.bytes_per_second_at(0)),
            .end_lba = last_address(drive),
            .end_kb_s = listed(curve.bytes_per_second_at(end - 1))};
}

void add_write_speeds(const DriveState& drive, mmc::Performance& performance) {
    const MediumSupport& support = *support_in(drive);
    if (!drive.personality->behaviour.lists_write_speeds || !support.writes) {
        return;
    }
    for (const SpeedEntry& speed : support.write_speeds) {
        if (speed.listed) {
            performance.write_speeds.push_back(
                {.write_rotation_control =
                     static_cast<std::uint8_t>(speed.kind == CurveKind::Cav ? 1 : 0),
                 .end_lba = last_address(drive),
                 .read_kb_s = support.read_speeds.empty()
                                  ? 0
                                  : support.read_speeds.front().kilobytes_per_second,
                 .write_kb_s = speed.kilobytes_per_second});
        }
    }
}

void begin_get_performance(DriveState& drive, mmc::ByteView cdb, Instant) {
    const auto command = decode_or_fail<mmc::GetPerformance>(drive, cdb);
    if (!command) {
        return;
    }
    mmc::Performance performance;
    performance.type = command->type;
    std::size_t size = 16;
    if (command->type == mmc::PerformanceType::WriteSpeed) {
        if (command->data_type != 0) {
            fail(drive, verdicts::kInvalidField);
            return;
        }
        add_write_speeds(drive, performance);
    } else if (command->type == mmc::PerformanceType::Performance) {
        // Tolerance is 10b by the book; dvd+rw-tools sends 00b, and real drives answer it.
        const unsigned tolerance_code = (command->data_type >> 3U) & 3U;
        const bool tolerance = tolerance_code == 0 || tolerance_code == 2;
        const unsigned except = command->data_type & 3U;
        if (!tolerance || except == 3) {
            fail(drive, verdicts::kInvalidField);
            return;
        }
        performance.write = (command->data_type & 4U) != 0;
        performance.except = except != 0;
        size = except != 0 ? 6 : 16;
        if (except == 0 && (!performance.write || support_in(drive)->writes)) {
            performance.nominal.push_back(
                nominal(drive, performance.write ? write_curve(drive) : read_curve(drive)));
        }
    } else {
        fail(drive, verdicts::kInvalidField);
        return;
    }
    // The length tells of all descriptors, however few were asked for.
    const std::size_t most = 8 + size * command->maximum_number_of_descriptors;
    answer(drive, *mmc::encode(performance), static_cast<std::uint32_t>(most));
}

void begin_set_read_ahead(DriveState& drive, mmc::ByteView cdb, Instant) {
    if (const auto command = decode_or_fail<mmc::SetReadAhead>(drive, cdb)) {
        const auto bad = [&](mmc::Lba lba) {
            const auto at = static_cast<std::int32_t>(lba);
            return at < 0 || static_cast<std::uint32_t>(at) >= drive.medium->unformatted;
        };
        if (bad(command->trigger_logical_block_address) ||
            bad(command->read_ahead_logical_block_address)) {
            fail(drive, verdicts::kOutOfRange);
        }
    }
}

constexpr std::array kCommands{
    CommandEntry{0xA7, 12, {.medium = true}, begin_set_read_ahead, nullptr},
    CommandEntry{0xAC, 12, {.medium = true, .no_operation = false}, begin_get_performance, nullptr},
    CommandEntry{0xB6, 12, {.medium = true}, begin_set_streaming, finish_set_streaming},
    CommandEntry{0xBB, 12, {}, begin_set_cd_speed, nullptr},
};

}  // namespace

std::span<const CommandEntry> speed_commands() {
    return kCommands;
}

}  // namespace kiln::harness

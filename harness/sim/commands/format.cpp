// BLANK, FORMAT UNIT, READ FORMAT CAPACITIES.

#include <array>

#include "mmc/bytes.h"
#include "mmc/commands/media.h"
#include "mmc/responses/format_capacities.h"

#include "harness/sim/commands/table.h"

namespace kiln::harness {

namespace {

constexpr std::uint32_t kListSize = 12;  // header and one descriptor

void begin_blank(DriveState& drive, mmc::ByteView cdb, Instant now) {
    const auto command = decode_or_fail<mmc::Blank>(drive, cdb);
    if (!command) {
        return;
    }
    const Planned planned =
        family_in(drive).blank(*drive.medium, static_cast<std::uint8_t>(command->blanking_type),
                               command->address_or_number);
    if (!planned || !support_in(drive)->writes) {
        fail(drive, planned ? verdicts::kCannotWrite : planned.error());
        return;
    }
    drive.before_silence.reset();
    start_operation(drive, *planned, command->immediate, now);
}

void begin_format(DriveState& drive, mmc::ByteView cdb, Instant) {
    const auto command = decode_or_fail<mmc::FormatUnit>(drive, cdb);
    if (!command) {
        return;
    }
    constexpr std::uint8_t kMmcFormat = 1;
    if (!command->format_data || command->format_code != kMmcFormat) {
        fail(drive, verdicts::kInvalidField);
        return;
    }
    if (!family_in(drive).writable() || !support_in(drive)->writes) {
        fail(drive, verdicts::kCannotWrite);
        return;
    }
    expect(drive, kListSize);
}

void finish_format(DriveState& drive, Instant now) {
    const mmc::ByteView list = drive.command.data;
    if (list.size() < kListSize) {
        fail(drive, verdicts::kParameterListLength);
        return;
    }
    constexpr std::uint8_t kImmediate = 0x02;
    constexpr std::uint8_t kTryOut = 0x04;
    constexpr std::uint16_t kDescriptorLength = 8;
    if (mmc::load_big_endian<std::uint16_t>(list, 2, 2) != kDescriptorLength ||
        (list[1] & kTryOut) != 0) {
        fail(drive, verdicts::kInvalidParameter);
        return;
    }
    const FormatRequest request{.blocks = mmc::load_big_endian<std::uint32_t>(list, 4, 4),
                                .type = static_cast<std::uint8_t>(list[8] >> 2U),
                                .sub_type = static_cast<std::uint8_t>(list[8] & 3U),
                                .parameter = mmc::load_big_endian<std::uint32_t>(list, 9, 3)};
    const Planned planned = family_in(drive).format(*drive.medium, request);
    if (!planned) {
        fail(drive, planned.error());
        return;
    }
    if (planned->kind != Operation::Kind::Flush) {
        start_operation(drive, *planned, (list[1] & kImmediate) != 0, now);
    }
}

void begin_read_format_capacities(DriveState& drive, mmc::ByteView cdb, Instant now) {
    const auto command = decode_or_fail<mmc::ReadFormatCapacities>(drive, cdb);
    if (!command) {
        return;
    }
    mmc::FormatCapacities capacities{
        .descriptor_type = mmc::CapacityType::NoMedium, .block_length = 2048, .formattable = {}};
    if (is_ready(drive, now)) {
        const std::vector<FormatCapacity> list = family_in(drive).formats(*drive.medium);
        capacities.blocks = list.front().blocks;
        capacities.descriptor_type = static_cast<mmc::CapacityType>(list.front().type);
        for (const FormatCapacity& each : std::span(list).subspan(1)) {
            capacities.formattable.push_back(
                {.blocks = each.blocks,
                 .format_type = static_cast<mmc::FormatType>(each.type),
                 .sub_type = each.sub_type,
                 .parameter = each.parameter});
        }
    }
    answer(drive, *mmc::encode(capacities), command->allocation_length);
}

constexpr std::array kCommands{
    CommandEntry{0x04, 6, {.medium = true}, begin_format, finish_format},
    CommandEntry{0x23, 10, {}, begin_read_format_capacities, nullptr},
    CommandEntry{0xA1, 12, {.medium = true}, begin_blank, nullptr},
};

}  // namespace

std::span<const CommandEntry> format_commands() {
    return kCommands;
}

}  // namespace kiln::harness

// TEST UNIT READY, REZERO UNIT, REQUEST SENSE, START STOP UNIT, PREVENT ALLOW MEDIUM REMOVAL, GET
// EVENT STATUS NOTIFICATION, MECHANISM STATUS.

#include <algorithm>
#include <array>

#include "mmc/commands/device.h"
#include "mmc/commands/primary.h"
#include "mmc/responses/events.h"
#include "mmc/responses/mechanism.h"

#include "harness/sim/commands/table.h"

namespace kiln::harness {

namespace {

bool closes_or_flushes(const DriveState& drive) {
    using Kind = Operation::Kind;
    const Kind kind = drive.running.operation.kind;
    return kind != Kind::Blank && kind != Kind::Format && kind != Kind::BackgroundFormat;
}

void begin_test_unit_ready(DriveState& drive, mmc::ByteView, Instant now) {
    if (!is_ready(drive, now)) {
        fail(drive, why_not_ready(drive, now));
        return;
    }
    if (!drive.running.active) {
        return;
    }
    const bool says_good =
        drive.personality->behaviour.test_unit_ready_while_closing == ReadyWhileClosing::Good;
    if (!says_good || !closes_or_flushes(drive)) {
        fail_busy(drive, busy_verdict(drive), now);
    }
}

void begin_rezero(DriveState& drive, mmc::ByteView, Instant now) {
    drive.command.until = now + support_in(drive)->timings.seek;
    drive.read_next = 0;
}

/// The sense of the last command, once; else what the drive is busy with.
mmc::Sense sense_to_tell(DriveState& drive, Instant now) {
    if (drive.attention_count > 0) {
        const Verdict attention = drive.attentions.front();
        std::ranges::rotate(drive.attentions, drive.attentions.begin() + 1);
        --drive.attention_count;
        return mmc::make_sense(attention.key, attention.additional);
    }
    if (drive.last_sense.raw_size > 0) {
        const mmc::Sense sense = drive.last_sense;
        drive.last_sense = {};
        return sense;
    }
    const bool tells = drive.personality->behaviour.progress_in_sense;
    if (drive.running.active) {
        const Verdict busy = busy_verdict(drive);
        return mmc::make_sense(busy.key, busy.additional, std::nullopt,
                               tells ? progress_of(drive, now) : std::nullopt);
    }
    if (drive.medium && drive.medium->background == BackgroundFormat::Running) {
        return mmc::make_sense(mmc::SenseKey::NoSense, 0x0404, std::nullopt,
                               progress_of(drive, now));
    }
    const Verdict state = why_not_ready(drive, now);
    return mmc::make_sense(state.key, state.additional);
}

void begin_request_sense(DriveState& drive, mmc::ByteView cdb, Instant now) {
    const auto command = decode_or_fail<mmc::RequestSense>(drive, cdb);
    if (!command) {
        return;
    }
    if (command->descriptor_format) {
        fail(drive, verdicts::kInvalidField);  // MMC drives speak fixed format
        return;
    }
    const mmc::Sense sense = sense_to_tell(drive, now);
    const mmc::ByteView bytes = sense.bytes();
    std::vector<std::uint8_t> data(bytes.begin(), bytes.end());
    const std::size_t whole = std::max<std::size_t>(drive.personality->behaviour.sense_length, 18);
    data.resize(whole);
    data[7] = static_cast<std::uint8_t>(whole - 8);
    answer(drive, std::move(data), command->allocation_length);
}

bool refuses_to_move_tray(DriveState& drive, Instant now) {
    if (drive.running.active) {
        fail_busy(drive, verdicts::kOperationInProgress, now);
        return true;
    }
    if (drive.locked) {
        fail(drive,
             drive.medium ? verdicts::kRemovalPrevented : verdicts::kRemovalPreventedNoMedium);
        return true;
    }
    return false;
}

void eject(DriveState& drive, Instant now) {
    if (refuses_to_move_tray(drive, now)) {
        return;
    }
    if (drive.tray == TrayState::Closed) {
        if (drive.writing) {  // the buffer first
            start_operation(drive, {.kind = Operation::Kind::Flush}, false, now);
            const Instant flushed = drive.running.end;
            settle(drive, flushed);
            open_tray(drive, flushed);
            return;
        }
        open_tray(drive, now);
    }
}

void load(DriveState& drive, Instant now, bool immediate) {
    if (drive.tray == TrayState::Open) {
        close_tray(drive, now);
        if (!immediate || !drive.personality->behaviour.immed) {
            drive.command.until = drive.ready_at;
        }
    }
}

void begin_start_stop(DriveState& drive, mmc::ByteView cdb, Instant now) {
    const auto command = decode_or_fail<mmc::StartStopUnit>(drive, cdb);
    if (!command) {
        return;
    }
    if (command->power_condition != mmc::PowerCondition::None) {
        const auto power = static_cast<unsigned>(command->power_condition);
        if (power != 2 && power != 3 && power != 5) {
            fail(drive, verdicts::kInvalidField);
        }
        return;
    }
    if (command->select_format_layer) {
        fail(drive, verdicts::kInvalidField);
        return;
    }
    if (command->load_eject) {
        command->start ? load(drive, now, command->immediate) : eject(drive, now);
        return;
    }
    if (drive.running.active) {
        fail_busy(drive, busy_verdict(drive), now);  // STOP is a barrier (growisofs relies on it)
        return;
    }
    if (command->start) {
        if (!is_ready(drive, now) && !(now < drive.ready_at && drive.medium)) {
            fail(drive, why_not_ready(drive, now));
            return;
        }
        const MediumSupport* const support = support_in(drive);
        if (!drive.spinning && support != nullptr) {
            drive.ready_at = now + support->timings.spin_up;
        }
        drive.spinning = true;
        if (!command->immediate) {
            drive.command.until = std::max(now, drive.ready_at);
        }
        return;
    }
    drive.spinning = false;
}

void begin_prevent_allow(DriveState& drive, mmc::ByteView cdb, Instant) {
    if (const auto command = decode_or_fail<mmc::PreventAllowMediumRemoval>(drive, cdb)) {
        drive.locked = command->prevent;
    }
}

constexpr std::uint8_t kOperationalChange = 1U << 1U;
constexpr std::uint8_t kPower = 1U << 2U;
constexpr std::uint8_t kExternal = 1U << 3U;
constexpr std::uint8_t kMedia = 1U << 4U;
constexpr std::uint8_t kBusy = 1U << 6U;
constexpr std::uint8_t kSupported = kOperationalChange | kPower | kExternal | kMedia | kBusy;

void fill_event(DriveState& drive, mmc::EventStatus& event, Instant now) {
    switch (event.event_class) {
        case mmc::EventClass::PowerManagement:
            event.status = drive.spinning ? 1 : 2;  // active, idle
            break;
        case mmc::EventClass::Media:
            event.event = drive.media_event;
            event.status = static_cast<std::uint8_t>(
                (drive.medium && drive.tray == TrayState::Closed ? 2 : 0) |
                (drive.tray == TrayState::Open ? 1 : 0));
            drive.media_event = 0;
            break;
        case mmc::EventClass::DeviceBusy:
            if (drive.running.active) {
                constexpr std::int64_t kTick = 100'000'000;  // 100 ms
                event.event = 1;
                event.status = drive.running.immediate ? 2 : 1;
                event.parameter = static_cast<std::uint16_t>(
                    std::clamp<std::int64_t>((drive.running.end - now).count() / kTick, 1, 0xFFFF));
            }
            break;
        default:
            break;
    }
}

void begin_get_event(DriveState& drive, mmc::ByteView cdb, Instant now) {
    const auto command = decode_or_fail<mmc::GetEventStatusNotification>(drive, cdb);
    if (!command) {
        return;
    }
    if (!command->polled) {
        fail(drive, verdicts::kInvalidField);
        return;
    }
    const unsigned wanted =
        static_cast<unsigned>(command->notification_class_request) & unsigned{kSupported};
    mmc::EventStatus event{.no_event_available = wanted == 0, .supported_classes = kSupported};
    unsigned chosen = 0;
    for (unsigned number = 1; number < 8 && chosen == 0; ++number) {
        const bool asked = (wanted & (1U << number)) != 0;
        const bool pending =
            (number == 4 && drive.media_event != 0) || (number == 6 && drive.running.active);
        chosen = asked && pending ? number : 0;
    }
    for (unsigned number = 1; number < 8 && chosen == 0; ++number) {
        chosen = (wanted & (1U << number)) != 0 ? number : 0;
    }
    event.event_class = static_cast<mmc::EventClass>(chosen);
    event.has_event = chosen != 0;
    if (command->allocation_length > 4) {
        fill_event(drive, event, now);
    }
    answer(drive, *mmc::encode(event), command->allocation_length);
}

void begin_mechanism_status(DriveState& drive, mmc::ByteView cdb, Instant) {
    if (const auto command = decode_or_fail<mmc::MechanismStatus>(drive, cdb)) {
        answer(drive,
               *mmc::encode(mmc::MechanismStatusData{.door_open = drive.tray == TrayState::Open,
                                                     .slot_table = {}}),
               command->allocation_length);
    }
}

constexpr Needs kAnyTime{.no_attention = false, .no_operation = false};

constexpr std::array kCommands{
    CommandEntry{0x00, 6, {.no_operation = false}, begin_test_unit_ready, nullptr},
    CommandEntry{0x01, 6, {.medium = true}, begin_rezero, nullptr},
    CommandEntry{0x03, 6, kAnyTime, begin_request_sense, nullptr},
    CommandEntry{0x1B, 6, {.no_operation = false}, begin_start_stop, nullptr},
    CommandEntry{0x1E, 6, {.no_operation = false}, begin_prevent_allow, nullptr},
    CommandEntry{0x4A, 10, kAnyTime, begin_get_event, nullptr},
    CommandEntry{0xBD, 12, {.no_operation = false}, begin_mechanism_status, nullptr},
};

}  // namespace

std::span<const CommandEntry> readiness_commands() {
    return kCommands;
}

}  // namespace kiln::harness

#include "harness/sim/fake_drive.h"

#include <algorithm>
#include <utility>

#include "harness/sim/commands/table.h"
#include "harness/sim/fake_drive_state.h"

namespace kiln::harness {

namespace {

constexpr std::uint8_t kRequestSense = 0x03;
constexpr std::uint8_t kWrite10 = 0x2A;
constexpr std::uint8_t kWrite12 = 0xAA;

/// What stands in the way of a command before it is looked at; true if something does.
bool is_held_off(DriveState& drive, const CommandEntry& entry, Instant now) {
    if (entry.needs.no_attention && drive.attention_count > 0) {
        fail(drive, drive.attentions.front());
        std::ranges::rotate(drive.attentions, drive.attentions.begin() + 1);
        --drive.attention_count;
        return true;
    }
    if (entry.needs.no_attention && drive.deferred) {
        drive.command.failed = true;
        drive.command.sense = *drive.deferred;
        drive.deferred.reset();
        return true;
    }
    if (entry.needs.medium && !is_ready(drive, now)) {
        fail(drive, why_not_ready(drive, now));
        return true;
    }
    if (entry.needs.no_operation && drive.running.active) {
        const auto kind = drive.running.operation.kind;
        const bool draining = kind == Operation::Kind::Flush || kind == Operation::Kind::EndTrack;
        const bool writes = entry.opcode == kWrite10 || entry.opcode == kWrite12;
        fail_busy(drive, writes && draining ? verdicts::kLongWriteInProgress : busy_verdict(drive),
                  now);
        return true;
    }
    return false;
}

void power_on(DriveState& drive, Instant now) {
    load_defaults(drive);
    drive.attention_count = 0;
    drive.deferred.reset();
    drive.locked = false;
    drive.write_failed = false;
    drive.command = {};
    raise_attention(drive, verdicts::kPowerOn);
    if (drive.tray == TrayState::Closed) {
        close_tray(drive, now);
        drive.ready_at -= drive.personality->load;
    }
}

}  // namespace

FakeDrive::FakeDrive(std::shared_ptr<const Personality> personality, transports::Instant now)
    : state_(std::make_unique<DriveState>()) {
    state_->personality = std::move(personality);
    power_on(*state_, now);
    state_->ready_at = now;
}

FakeDrive::FakeDrive(std::unique_ptr<DriveState> state) : state_(std::move(state)) {}
FakeDrive::FakeDrive(const FakeDrive& other)
    : state_(std::make_unique<DriveState>(*other.state_)) {}
FakeDrive::FakeDrive(FakeDrive&& other) noexcept = default;
FakeDrive& FakeDrive::operator=(const FakeDrive& other) {
    if (this != &other) {
        state_ = std::make_unique<DriveState>(*other.state_);
    }
    return *this;
}
FakeDrive& FakeDrive::operator=(FakeDrive&& other) noexcept = default;
FakeDrive::~FakeDrive() = default;

Intent FakeDrive::begin(mmc::ByteView cdb, transports::Instant now) {
    DriveState& drive = *state_;
    settle(drive, now);
    RunningCommand& command = drive.command;
    command.entry = nullptr;
    command.cdb = mmc::Cdb::copy_of(cdb);
    command.direction = Direction::None;
    command.bytes = command.moved = command.count = 0;
    command.begun = command.ready = command.until = now;
    command.failed = command.blocks = false;
    command.data.clear();
    ++drive.commands;
    const CommandEntry* const entry = cdb.empty() ? nullptr : find_command(cdb.front());
    if (entry == nullptr) {
        fail(drive, verdicts::kInvalidOpcode);
    } else if (cdb.size() < entry->size) {
        fail(drive, verdicts::kInvalidField);
    } else if (!is_held_off(drive, *entry, now)) {
        command.entry = entry;
        entry->begin(drive, command.cdb.bytes(), now);
    }
    if (command.failed && !command.blocks) {
        command.direction = Direction::None;
        command.bytes = 0;
    }
    return {.direction = command.direction,
            .bytes = command.bytes,
            .ready = std::max(command.ready, now)};
}

void FakeDrive::take(mmc::ByteView out) {
    RunningCommand& command = state_->command;
    if (command.direction != Direction::Out || command.failed) {
        return;
    }
    if (command.blocks) {
        take_blocks(*state_, out);
        return;
    }
    const std::size_t size = std::min<std::size_t>(out.size(), command.bytes - command.moved);
    command.data.insert(command.data.end(), out.begin(),
                        out.begin() + static_cast<std::ptrdiff_t>(size));
    command.moved += static_cast<std::uint32_t>(size);
}

std::size_t FakeDrive::give(mmc::MutableByteView in) {
    RunningCommand& command = state_->command;
    if (command.direction != Direction::In) {
        return 0;
    }
    if (command.blocks) {
        return give_blocks(*state_, in);
    }
    const std::size_t size = std::min<std::size_t>(in.size(), command.bytes - command.moved);
    std::copy_n(command.data.begin() + command.moved, size, in.begin());
    command.moved += static_cast<std::uint32_t>(size);
    return size;
}

Ending FakeDrive::end(transports::Instant now) {
    DriveState& drive = *state_;
    RunningCommand& command = drive.command;
    command.until = std::max(command.until, now);
    if (!command.failed && command.entry != nullptr && command.entry->finish != nullptr) {
        command.entry->finish(drive, now);
    }
    const bool senses = command.entry != nullptr && command.entry->opcode == kRequestSense;
    if (!senses) {
        drive.last_sense = command.failed ? command.sense : mmc::Sense{};
    }
    Ending ending{.at = command.until};
    if (command.failed) {
        ending.status = transports::Status::CheckCondition;
        ending.sense = command.sense;
    }
    command.entry = nullptr;
    command.direction = Direction::None;
    return ending;
}

void FakeDrive::reset(Reset, transports::Instant now) {
    DriveState& drive = *state_;
    settle(drive, now);
    // A reset while a disc was being closed cost the disc on a real DVD+R drive; what is only in
    // the buffer is written all the same.
    const auto kind = drive.running.operation.kind;
    if (drive.running.active && kind != Operation::Kind::Flush) {
        abort_operation(drive);
    }
    end_simulation(drive);
    const std::uint8_t event = drive.media_event;
    load_defaults(drive);
    drive.locked = false;
    drive.deferred.reset();
    drive.command = {};
    drive.last_sense = {};
    drive.media_event = event;
    raise_attention(drive, verdicts::kPowerOn);
}

void FakeDrive::power_cut(transports::Instant now) {
    DriveState& drive = *state_;
    settle(drive, now);
    abort_operation(drive);
    lose_buffer(drive, now);
    power_on(drive, now);
    drive.last_sense = {};
    drive.media_event = drive.external_event = 0;
}

void FakeDrive::insert(Medium medium, std::unique_ptr<MediumStore> store, transports::Instant now) {
    DriveState& drive = *state_;
    settle(drive, now);
    open_tray(drive, now);
    drive.medium = std::move(medium);
    drive.store = StoreHolder(std::move(store));
    drive.before_silence.reset();
    drive.media_event = 0;
    close_tray(drive, now);
}

void FakeDrive::insert_ready(Medium medium, std::unique_ptr<MediumStore> store,
                             transports::Instant now) {
    insert(std::move(medium), std::move(store), now);
    DriveState& drive = *state_;
    drive.ready_at = now;
    drive.recognised = true;
    drive.attention_count = 0;
}

void FakeDrive::remove(transports::Instant now) {
    DriveState& drive = *state_;
    settle(drive, now);
    if (drive.locked || drive.running.active) {
        return;
    }
    if (drive.tray == TrayState::Closed) {
        open_tray(drive, now);
    }
    drive.medium.reset();
    drive.store = {};
}

void FakeDrive::press_eject(transports::Instant now) {
    DriveState& drive = *state_;
    settle(drive, now);
    if (drive.tray == TrayState::Open) {
        close_tray(drive, now);
    } else if (drive.locked || drive.running.active) {
        drive.media_event = 1;  // eject request: the host is to decide
    } else {
        open_tray(drive, now);
    }
}

void FakeDrive::inject(const DriveFault& fault) {
    state_->faults.push_back(fault);
    if (fault.kind == DriveFault::Kind::SilentSuccess && state_->medium) {
        state_->before_silence = state_->medium;
    }
}

void FakeDrive::run_until(transports::Instant now) {
    settle(*state_, now);
}

DriveView FakeDrive::view() const {
    const DriveState& drive = *state_;
    DriveView view{.tray = drive.tray,
                   .locked = drive.locked,
                   .ready = drive.tray == TrayState::Closed && drive.recognised &&
                            support_in(drive) != nullptr,
                   .medium = drive.medium ? &*drive.medium : nullptr,
                   .store = drive.store.get(),
                   .commands = drive.commands,
                   .writes = drive.writes,
                   .blocks_accepted = drive.blocks_accepted,
                   .underruns = drive.underruns_before + (drive.writing ? drive.buffer.stops() : 0),
                   .busy = drive.running.active && drive.running.end > drive.command.until,
                   .busy_until = drive.running.end,
                   .attention = drive.attention_count > 0 || drive.deferred};
    view.buffer_bytes = static_cast<std::uint32_t>(drive.buffer.capacity());
    view.buffered_bytes =
        static_cast<std::uint32_t>(drive.writing ? drive.buffer.fill(drive.command.until) : 0);
    if (const SpeedEntry* const speed = write_speed(drive)) {
        view.write_kilobytes_per_second = speed->kilobytes_per_second;
    }
    return view;
}

const Personality& FakeDrive::personality() const {
    return *state_->personality;
}

}  // namespace kiln::harness

// What goes on in the drive whether or not a command is out: operations that come to their end, the
// buffer that drains, a disc that spins up, a background format that creeps on.

#include <algorithm>

#include "harness/sim/fake_drive_state.h"
#include "harness/sim/media/track_list.h"

namespace kiln::harness {

namespace {

using namespace std::chrono_literals;
using Kind = Operation::Kind;

constexpr std::uint64_t kBlock = 2048;

MediumTimings timings_in(const DriveState& drive) {
    const MediumSupport* const support = support_in(drive);
    return support == nullptr ? MediumTimings{} : support->timings;
}

Duration time_to_write(const DriveState& drive, std::uint32_t blocks) {
    if (blocks == 0) {
        return {};
    }
    return write_curve(drive).time_between(0, blocks * kBlock);
}

bool certifies(const DriveState& drive, const Operation& operation) {
    const MediumKind kind = drive.medium->kind;
    switch (kind) {
        case MediumKind::DvdRw:
        case MediumKind::DvdRwRestrictedOverwrite:
            return operation.type == 0x00 || operation.type == 0x10;
        case MediumKind::DvdRam:
            return operation.type == 0x00;
        case MediumKind::BdRe:
        case MediumKind::BdReDl:
        case MediumKind::BdReXl:
            return operation.sub_type == 2;
        default:
            return false;
    }
}

Duration own_time(const DriveState& drive, const Operation& operation) {
    const MediumTimings t = timings_in(drive);
    switch (operation.kind) {
        case Kind::None:
            return {};
        case Kind::Flush:
            return drive.writing ? t.flush : Duration{};
        case Kind::EndTrack:
        case Kind::CloseTrack:
        case Kind::Repair:
            return t.close_track;
        case Kind::CloseSession:
        case Kind::CompatibleClose:
            return t.close_session;
        case Kind::Finalize:
            return t.finalize;
        case Kind::StopFormat:
            return t.close_track;
        case Kind::Blank:
            return operation.type == 0 ? t.blank_full : t.blank_fast;
        case Kind::Format:
            return certifies(drive, operation) ? t.format_full : t.format_quick;
        case Kind::BackgroundFormat:
            return t.format_quick;
    }
    return {};
}

/// Whether cutting `kind` off leaves the disc worse than before.
bool is_delicate(Kind kind) {
    return kind != Kind::None && kind != Kind::Flush && kind != Kind::StopFormat;
}

/// Takes the first fault of these kinds off the list.
std::optional<DriveFault> take_fault(DriveState& drive, Kind kind) {
    const auto hits = [&](const DriveFault& fault) {
        switch (fault.kind) {
            case DriveFault::Kind::TrackingError:
                return kind == Kind::Flush || kind == Kind::EndTrack || kind == Kind::Blank;
            case DriveFault::Kind::CloseError:
                return kind == Kind::CloseTrack || kind == Kind::CloseSession ||
                       kind == Kind::Finalize || kind == Kind::CompatibleClose;
            default:
                return false;
        }
    };
    const auto found = std::ranges::find_if(drive.faults, hits);
    if (found == drive.faults.end()) {
        return std::nullopt;
    }
    const DriveFault fault = *found;
    drive.faults.erase(found);
    return fault;
}

void end_writing(DriveState& drive) {
    if (drive.writing) {
        drive.underruns_before += drive.buffer.stops();
        drive.buffer = DriveBuffer();
        drive.recent_count = 0;
    }
    drive.writing = false;
}

void finish_operation(DriveState& drive) {
    RunningOperation& running = drive.running;
    running.active = false;
    end_writing(drive);
    if (!running.result.good()) {
        if (running.immediate) {
            drive.deferred = mmc::make_sense(running.result.key, running.result.additional,
                                             std::nullopt, std::nullopt, true);
        }
        return;
    }
    if (!drive.medium) {
        return;
    }
    const Operation operation = running.operation;
    const bool erases = operation.kind == Kind::Blank || operation.kind == Kind::Format ||
                        (operation.kind == Kind::BackgroundFormat && operation.sub_type == 0);
    if (erases && drive.store.get() != nullptr) {
        // What was there is gone; a store refuses only bad ranges, and this one is the disc.
        (void)drive.store.get()->discard(mmc::Lba{0}, mmc::BlockCount{drive.medium->unformatted});
    }
    family_in(drive).complete(*drive.medium, operation);
    if (drive.before_simulation) {
        end_simulation(drive);
    }
    const bool closed = operation.kind == Kind::CloseSession || operation.kind == Kind::Finalize;
    if (closed && drive.before_silence) {
        drive.medium = *std::move(drive.before_silence);
        drive.before_silence.reset();
    }
    if (operation.kind == Kind::BackgroundFormat) {
        drive.background_since = running.end;
        drive.background_from = drive.medium->written_end;
        drive.media_event = operation.sub_type == 0 ? 0 : 6;  // background format restarted
    }
    if (is_delicate(operation.kind)) {
        drive.write_failed = false;
    }
}

void creep_on(DriveState& drive, Instant now) {
    Medium& medium = *drive.medium;
    if (medium.background != BackgroundFormat::Running || drive.running.active ||
        now <= drive.background_since) {
        return;
    }
    const Duration whole = timings_in(drive).format_full;
    const Duration passed = now - drive.background_since;
    std::uint64_t blocks = medium.formatted;
    if (whole > Duration{}) {
        const double share =
            static_cast<double>(passed.count()) / static_cast<double>(whole.count());
        blocks = drive.background_from +
                 static_cast<std::uint64_t>(share * static_cast<double>(medium.formatted));
    }
    medium.written_end =
        std::max(medium.written_end,
                 static_cast<std::uint32_t>(std::min<std::uint64_t>(blocks, medium.formatted)));
    if (medium.written_end >= medium.formatted) {
        medium.background = BackgroundFormat::Complete;
        drive.media_event = 5;
    }
}

}  // namespace

const Family& family_in(const DriveState& drive) {
    return family_of(drive.medium ? drive.medium->kind : MediumKind::None);
}

const MediumSupport* support_in(const DriveState& drive) {
    if (!drive.medium) {
        return nullptr;
    }
    const MediumSupport* const support = drive.personality->support_for(drive.medium->kind);
    if (support == nullptr && drive.medium->kind == MediumKind::DvdRwRestrictedOverwrite) {
        return drive.personality->support_for(MediumKind::DvdRw);
    }
    return support;
}

bool is_ready(const DriveState& drive, Instant now) {
    return why_not_ready(drive, now).good();
}

Verdict why_not_ready(const DriveState& drive, Instant now) {
    const bool fine = drive.personality->behaviour.fine_not_ready_codes;
    if (drive.tray == TrayState::Open) {
        return fine ? verdicts::kNoMediumTrayOpen : verdicts::kNoMedium;
    }
    if (now < drive.ready_at) {
        return verdicts::kBecomingReady;
    }
    if (!drive.medium) {
        return fine ? verdicts::kNoMediumTrayClosed : verdicts::kNoMedium;
    }
    if (support_in(drive) == nullptr) {
        return verdicts::kNotUsable;
    }
    return verdicts::kGood;
}

std::uint16_t current_profile(const DriveState& drive, Instant now) {
    return is_ready(drive, now) ? family_in(drive).profile(*drive.medium) : 0;
}

MediumFamily medium_class(const DriveState& drive) {
    return drive.medium ? facts_of(drive.medium->kind).family : MediumFamily::None;
}

std::optional<std::uint16_t> progress_of(const DriveState& drive, Instant now) {
    const auto share = [](double part) {
        return static_cast<std::uint16_t>(std::clamp(part, 0.0, 0.9999) * 65536.0);
    };
    const RunningOperation& running = drive.running;
    if (running.active && running.end > running.start) {
        return share(static_cast<double>((now - running.start).count()) /
                     static_cast<double>((running.end - running.start).count()));
    }
    if (drive.medium && drive.medium->background == BackgroundFormat::Running &&
        drive.medium->formatted > 0) {
        return share(static_cast<double>(drive.medium->written_end) /
                     static_cast<double>(drive.medium->formatted));
    }
    return std::nullopt;
}

Verdict busy_verdict(const DriveState& drive) {
    const Kind kind = drive.running.operation.kind;
    return kind == Kind::Format || kind == Kind::BackgroundFormat ? verdicts::kFormatInProgress
                                                                  : verdicts::kOperationInProgress;
}

void settle(DriveState& drive, Instant now) {
    if (drive.running.active && now >= drive.running.end) {
        finish_operation(drive);
    }
    if (!drive.recognised && drive.tray == TrayState::Closed && now >= drive.ready_at) {
        drive.recognised = true;
        if (drive.medium && support_in(drive) != nullptr) {
            raise_attention(drive, verdicts::kMediumChanged);
            drive.media_event = 2;  // new medium
        }
    }
    if (drive.medium) {
        creep_on(drive, now);
    }
}

void raise_attention(DriveState& drive, Verdict verdict) {
    const auto pending = std::span(drive.attentions).first(drive.attention_count);
    if (std::ranges::find(pending, verdict) != pending.end() ||
        drive.attention_count == drive.attentions.size()) {
        return;
    }
    drive.attentions[drive.attention_count] = verdict;
    ++drive.attention_count;
}

void start_operation(DriveState& drive, const Operation& operation, bool immediate, Instant now) {
    RunningOperation& running = drive.running;
    running = {.operation = operation, .active = true, .start = now};
    if (drive.store.get() != nullptr) {
        drive.store.get()->mark_start();  // what is written next is another burn
    }
    Instant from = now;
    if (drive.writing) {
        drive.buffer.flush(now);
        from = drive.buffer.when_empty(now);
    }
    running.end = from + own_time(drive, operation) + time_to_write(drive, operation.padding);
    if (const auto fault = take_fault(drive, operation.kind)) {
        const bool tracking = fault->kind == DriveFault::Kind::TrackingError;
        running.result = tracking ? verdicts::kTrackFollowing : verdicts::kFixationFailed;
        running.end = now + fault->delay;
    }
    running.immediate = immediate && drive.personality->behaviour.immed;
    if (running.immediate && running.end > now) {
        return;  // GOOD as soon as it is under way
    }
    running.immediate = false;
    drive.command.until = running.end;
    if (!running.result.good()) {
        fail(drive, running.result);
    }
}

const SpeedEntry* write_speed(const DriveState& drive) {
    const MediumSupport* const support = support_in(drive);
    if (support == nullptr || support->write_speeds.empty()) {
        return nullptr;
    }
    // The highest that is not above what was asked for; else the lowest. 1 % of rounding is
    // allowed, because hosts count 1x in different ways.
    const SpeedEntry* best = nullptr;
    const SpeedEntry* lowest = nullptr;
    for (const SpeedEntry& speed : support->write_speeds) {
        const std::uint32_t rate = speed.kilobytes_per_second;
        const bool fits = drive.write_limit == 0 ||
                          std::uint64_t{rate} * 99U <= std::uint64_t{drive.write_limit} * 100U;
        if (fits && (best == nullptr || rate > best->kilobytes_per_second)) {
            best = &speed;
        }
        if (lowest == nullptr || rate < lowest->kilobytes_per_second) {
            lowest = &speed;
        }
    }
    return best != nullptr ? best : lowest;
}

SpeedCurve write_curve(const DriveState& drive) {
    const SpeedEntry* const speed = write_speed(drive);
    return speed == nullptr ? SpeedCurve::clv(1'385'000)
                            : curve_of(*speed, drive.medium->kind, drive.medium->unformatted);
}

SpeedCurve read_curve(const DriveState& drive) {
    const MediumSupport* const support = support_in(drive);
    if (support == nullptr || support->read_speeds.empty()) {
        return SpeedCurve::clv(1'385'000);
    }
    const SpeedCurve curve =
        curve_of(support->read_speeds.front(), drive.medium->kind, drive.medium->unformatted);
    return drive.read_limit == 0
               ? curve
               : curve.limited_to(user_bytes_per_second(drive.medium->kind, drive.read_limit));
}

void prepare_to_write(DriveState& drive, std::int32_t lba, Instant now) {
    const MediumSupport& support = *support_in(drive);
    const std::uint64_t address = static_cast<std::uint64_t>(lba) * kBlock;
    if (drive.writing) {
        drive.buffer.seek(address, now, support.timings.seek);
        return;
    }
    Instant ready = now;
    if (!drive.spinning) {
        ready += support.timings.spin_up;
        drive.spinning = true;
    }
    if (!drive.calibrated) {
        ready += support.timings.opc;
        drive.calibrated = true;
    }
    if (drive.medium->last_session == SessionState::Empty) {
        ready += support.timings.lead_in;
    }
    const std::uint64_t capacity =
        support.buffer_bytes != 0 ? support.buffer_bytes : drive.personality->buffer_bytes;
    drive.buffer = DriveBuffer({.capacity = capacity,
                                .start_level = capacity / 2,
                                .patience = 1s,
                                .relink = support.timings.relink});
    drive.buffer.begin(address, write_curve(drive), now, ready);
    drive.writing = true;
    drive.recent_count = 0;
}

bool simulates(const DriveState& drive) {
    return drive.mode.test_write && family_in(drive).test_write() && support_in(drive)->simulates &&
           drive.personality->behaviour.test_write;
}

void end_simulation(DriveState& drive) {
    if (drive.before_simulation) {
        drive.medium = *std::move(drive.before_simulation);
        drive.before_simulation.reset();
    }
}

void open_tray(DriveState& drive, Instant now) {
    end_writing(drive);
    end_simulation(drive);
    drive.running.active = false;
    if (drive.medium && drive.medium->background == BackgroundFormat::Running) {
        drive.medium->background = BackgroundFormat::Stopped;  // the drive stops by itself
    }
    drive.tray = TrayState::Open;
    drive.media_event = drive.medium ? 3 : 0;  // removal
    drive.calibrated = false;
    drive.recognised = true;
    drive.command.until = now + drive.personality->eject;
}

void close_tray(DriveState& drive, Instant now) {
    drive.tray = TrayState::Closed;
    drive.recognised = false;
    drive.spinning = true;
    drive.calibrated = false;
    drive.write_failed = false;
    drive.read_next = -1;
    drive.ready_at = now + drive.personality->load;
    if (const MediumSupport* const support = support_in(drive)) {
        drive.ready_at += support->timings.spin_up;
    }
}

void load_defaults(DriveState& drive) {
    drive.pages.clear();
    drive.mode = {};
    constexpr std::uint8_t kWriteParameters = 0x05;
    constexpr std::size_t kLeastSize = 14;
    for (const ModePage& page : drive.personality->mode_pages) {
        drive.pages.push_back(page.defaults);
        if (page.code == kWriteParameters && page.defaults.size() >= kLeastSize) {
            drive.mode = read_write_mode(page.defaults);
        }
    }
    drive.write_limit = 0;
    drive.read_limit = 0;
}

void fail(DriveState& drive, Verdict verdict, std::optional<std::uint32_t> information) {
    RunningCommand& command = drive.command;
    command.failed = true;
    command.sense = mmc::make_sense(verdict.key, verdict.additional, information);
}

void fail_busy(DriveState& drive, Verdict verdict, Instant now) {
    drive.command.failed = true;
    const bool tells = drive.personality->behaviour.progress_in_sense;
    drive.command.sense = mmc::make_sense(verdict.key, verdict.additional, std::nullopt,
                                          tells ? progress_of(drive, now) : std::nullopt);
}

void answer(DriveState& drive, std::vector<std::uint8_t> bytes, std::uint32_t allocation_length) {
    RunningCommand& command = drive.command;
    command.data = std::move(bytes);
    command.bytes =
        static_cast<std::uint32_t>(std::min<std::size_t>(command.data.size(), allocation_length));
    command.direction = command.bytes > 0 ? Direction::In : Direction::None;
}

void expect(DriveState& drive, std::uint32_t bytes) {
    RunningCommand& command = drive.command;
    command.data.clear();
    command.bytes = bytes;
    command.direction = bytes > 0 ? Direction::Out : Direction::None;
}

}  // namespace kiln::harness

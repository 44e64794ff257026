/// \file
/// The inside of the fake drive: all that it remembers, as plain values, and the few things its
/// commands do with time. Commands (commands/) work on it; FakeDrive is its face.

#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "mmc/cdb.h"

#include "harness/sim/drive_buffer.h"
#include "harness/sim/fake_drive.h"
#include "harness/sim/media/family.h"
#include "harness/sim/medium_store.h"
#include "harness/sim/personality.h"

namespace kiln::harness {

struct CommandEntry;

/// A store that is copied with its owner.
class StoreHolder {
public:
    StoreHolder() = default;
    explicit StoreHolder(std::unique_ptr<MediumStore> store) : store_(std::move(store)) {}
    StoreHolder(const StoreHolder& other)
        : store_(other.store_ ? other.store_->clone() : nullptr) {}
    StoreHolder(StoreHolder&&) noexcept = default;
    StoreHolder& operator=(const StoreHolder& other) {
        if (this != &other) {
            store_ = other.store_ ? other.store_->clone() : nullptr;
        }
        return *this;
    }
    StoreHolder& operator=(StoreHolder&&) noexcept = default;
    ~StoreHolder() = default;

    [[nodiscard]] MediumStore* get() const { return store_.get(); }
    std::unique_ptr<MediumStore> release() { return std::move(store_); }

private:
    std::unique_ptr<MediumStore> store_;
};

/// The command that is being done.
struct RunningCommand {
    const CommandEntry* entry = nullptr;
    mmc::Cdb cdb;
    Direction direction = Direction::None;
    std::uint32_t bytes = 0;  // of the data phase
    std::uint32_t moved = 0;
    Instant begun{};
    Instant ready{};  // the data phase may start
    Instant until{};  // the status is not given before
    bool failed = false;
    mmc::Sense sense;
    std::vector<std::uint8_t> data;  // an answer, a parameter list, or part of a block
    bool blocks = false;             // the data phase is of blocks from `lba`
    std::int32_t lba = 0;
    std::uint32_t count = 0;
};

/// Something that takes time and goes on whether or not the host waits.
struct RunningOperation {
    Operation operation{};
    bool active = false;
    bool immediate = false;
    Instant start{};
    Instant end{};
    Verdict result{};  // other than good: it fails at its end
};

/// One WRITE.
struct RecentWrite {
    std::int32_t lba = 0;
    std::uint32_t count = 0;
};

struct DriveState {
    std::shared_ptr<const Personality> personality;

    // The tray and what lies in it
    TrayState tray = TrayState::Closed;
    std::optional<Medium> medium;
    StoreHolder store;
    bool spinning = true;     // not stopped by START STOP UNIT
    bool recognised = false;  // spun up, and its attention queued
    Instant ready_at{};       // loaded, spun up
    bool locked = false;
    std::uint8_t media_event = 0;
    std::uint8_t external_event = 0;

    // What the host is still to be told
    std::array<Verdict, 4> attentions{};
    std::uint8_t attention_count = 0;
    std::optional<mmc::Sense> deferred;
    mmc::Sense last_sense;

    // Settings
    std::vector<std::vector<std::uint8_t>> pages;  // current values, as personality->mode_pages
    WriteMode mode;
    std::uint32_t write_limit = 0;  // kB/s as asked for; 0: the drive's best
    std::uint32_t read_limit = 0;

    // Writing
    DriveBuffer buffer;
    bool writing = false;     // data of a track are or were in the buffer since the last flush
    bool calibrated = false;  // laser power, for this medium
    bool write_failed = false;
    std::array<RecentWrite, 64> recent{};     // what may still be in the buffer, newest last
    std::uint64_t recent_count = 0;           // of all times
    std::optional<Medium> before_simulation;  // a test write puts this back
    std::optional<Medium> before_silence;     // and so does a drive that only pretends
    std::uint64_t underruns_before = 0;       // of earlier buffer runs
    RunningOperation running;
    Instant background_since{};
    std::uint32_t background_from = 0;
    std::int32_t read_next = 0;  // where the head is after the last READ

    std::vector<DriveFault> faults;
    std::uint64_t commands = 0;
    std::uint64_t writes = 0;
    std::uint64_t blocks_accepted = 0;

    RunningCommand command;
};

// --- conditions

[[nodiscard]] const Family& family_in(const DriveState& drive);
[[nodiscard]] const MediumSupport* support_in(const DriveState& drive);
/// Whether the host may use the medium: it is in, spun up, and the drive knows it.
[[nodiscard]] bool is_ready(const DriveState& drive, Instant now);
/// Why not.
[[nodiscard]] Verdict why_not_ready(const DriveState& drive, Instant now);
/// The current profile, 0000h if none.
[[nodiscard]] std::uint16_t current_profile(const DriveState& drive, Instant now);
[[nodiscard]] MediumFamily medium_class(const DriveState& drive);
/// 0 to 65535 of the operation or background format under way.
[[nodiscard]] std::optional<std::uint16_t> progress_of(const DriveState& drive, Instant now);
/// What a command that has to wait for the operation under way is answered with.
[[nodiscard]] Verdict busy_verdict(const DriveState& drive);

// --- time

/// Lets what goes on by itself come to `now`.
void settle(DriveState& drive, Instant now);
void raise_attention(DriveState& drive, Verdict verdict);
/// Begins `operation`; the command ends with it, or at once if `immediate` and the drive can that.
void start_operation(DriveState& drive, const Operation& operation, bool immediate, Instant now);
/// Gets the buffer and the laser going for a WRITE at `lba`, unless they are.
void prepare_to_write(DriveState& drive, std::int32_t lba, Instant now);
/// The curve of the write speed in force with the medium that is in.
[[nodiscard]] SpeedCurve write_curve(const DriveState& drive);
[[nodiscard]] SpeedCurve read_curve(const DriveState& drive);
[[nodiscard]] const SpeedEntry* write_speed(const DriveState& drive);
/// An operation that is cut off leaves the disc in a bad state; what else was going on is gone.
void abort_operation(DriveState& drive);
/// What is in the buffer does not reach the disc.
void lose_buffer(DriveState& drive, Instant now);
/// Moves the bytes of a block data phase.
void take_blocks(DriveState& drive, mmc::ByteView out);
[[nodiscard]] std::size_t give_blocks(DriveState& drive, mmc::MutableByteView in);
/// Whether what is written now is a test write.
[[nodiscard]] bool simulates(const DriveState& drive);
/// Puts the medium back as it was before a test write.
void end_simulation(DriveState& drive);
void open_tray(DriveState& drive, Instant now);
void close_tray(DriveState& drive, Instant now);
void load_defaults(DriveState& drive);
/// Mode page 05h, from its code on.
[[nodiscard]] WriteMode read_write_mode(mmc::ByteView page);

// --- how commands end

void fail(DriveState& drive, Verdict verdict,
          std::optional<std::uint32_t> information = std::nullopt);
/// As fail(), with progress where the drive gives it.
void fail_busy(DriveState& drive, Verdict verdict, Instant now);
/// Data in: `bytes`, cut at what the host allows.
void answer(DriveState& drive, std::vector<std::uint8_t> bytes, std::uint32_t allocation_length);
/// Data out: a parameter list.
void expect(DriveState& drive, std::uint32_t bytes);

}  // namespace kiln::harness

/// \file
/// An optical burner seen from its SCSI port: commands in, data and status out, and time.
///
///         begin(cdb, t) ---> take(bytes)* | give(bytes)* ---> end(t') = status, sense, instant
///              ^                                                            |
///              +------------------------------------------------------------+
///
/// Pure: no clock, no thread, no randomness. Time is handed in, and never runs backwards. A copy is
/// a snapshot: two copies fed the same calls give the same answers. The three phases let a USB
/// device stall, NAK or vanish at any byte; SimTransport runs them in one go.
/// A command that takes long is not waited for here: Ending::at says when its status is given, and
/// whoever drives the drive lets that much time pass before the next begin().

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mmc/bytes.h"
#include "mmc/result.h"
#include "mmc/sense.h"

#include "transports/clock.h"
#include "transports/transport.h"

#include "harness/sim/media/medium.h"

namespace kiln::harness {

struct Personality;
class MediumStore;
struct DriveState;

enum class Direction : std::uint8_t { None, In, Out };

/// What the drive wants to do about a command.
struct Intent {
    Direction direction = Direction::None;
    /// Bytes it will take, or at most has to give.
    std::uint32_t bytes = 0;
    /// When its data phase may start: a drive that holds a WRITE until its buffer has room is late.
    transports::Instant ready;
};

/// How a command ended, and when the host is told.
struct Ending {
    transports::Status status = transports::Status::Good;
    mmc::Sense sense{};
    transports::Instant at{};
};

enum class Reset : std::uint8_t { Bus, Device };

enum class TrayState : std::uint8_t { Open, Closed };

/// Trouble for a drive to get into, as data.
struct DriveFault {
    enum class Kind : std::uint8_t {
        WriteError,        // WRITE at `lba`: 3/0C/00 after `delay`, then 5/30/05 on every WRITE
        DeferredError,     // WRITE at `lba` is GOOD; the next command gets 71h 3/0C/00 with its
                           // address
        TrackingError,     // the next SYNCHRONIZE CACHE, OPC or BLANK: 4/09/00 after `delay`
        CalibrationError,  // OPC: 3/73/03 after `delay`
        CloseError,        // CLOSE TRACK/SESSION: 3/72/00 after `delay`
        SilentSuccess,     // everything GOOD, nothing gets onto the disc
    };
    Kind kind = Kind::WriteError;
    std::int32_t lba = 0;
    transports::Duration delay = std::chrono::seconds(7);
    friend bool operator==(const DriveFault&, const DriveFault&) = default;
};

/// What checkers may look at, without a command and without changing anything.
struct DriveView {
    TrayState tray = TrayState::Closed;
    bool locked = false;
    bool ready = false;              // a medium is in and spun up
    const Medium* medium = nullptr;  // none: nothing in; valid until the drive is next called
    const MediumStore* store = nullptr;
    std::uint64_t commands = 0;
    std::uint64_t writes = 0;           // WRITE commands that got GOOD
    std::uint64_t blocks_accepted = 0;  // blocks of those
    std::uint32_t buffered_bytes = 0;   // in the drive's buffer, not yet on the disc
    std::uint32_t buffer_bytes = 0;     // its size
    std::uint64_t underruns = 0;  // times the buffer ran empty in mid-track and the drive linked
    bool busy = false;            // flushing, closing, blanking, formatting, loading
    transports::Instant busy_until;
    bool attention = false;  // a unit attention or a deferred error waits for the next command
    std::uint32_t write_kilobytes_per_second = 0;  // speed in force
};

/// Thread:  one at a time
class FakeDrive {
public:
    /// Power on, tray closed, nothing in it.
    explicit FakeDrive(std::shared_ptr<const Personality> personality,
                       transports::Instant now = {});
    FakeDrive(const FakeDrive& other);
    FakeDrive(FakeDrive&& other) noexcept;
    FakeDrive& operator=(const FakeDrive& other);
    FakeDrive& operator=(FakeDrive&& other) noexcept;
    ~FakeDrive();

    // The host. One command at a time, phases in order; begin() gives up a command before its
    // end().

    /// Looks at a command. Any bytes of any length; unknown ones end in 5/20/00.
    Intent begin(mmc::ByteView cdb, transports::Instant now);
    /// The next bytes of a data-out phase, in pieces of any size; what exceeds Intent::bytes is
    /// ignored.
    void take(mmc::ByteView out);
    /// Fills `in` with the next bytes of a data-in phase; returns how many, 0 at their end.
    std::size_t give(mmc::MutableByteView in);
    /// Ends the command; `now` is when the data phase was through.
    Ending end(transports::Instant now);
    /// Bus reset or device reset: the command is gone, what the drive does on its own goes on.
    void reset(Reset kind, transports::Instant now);
    /// Power off and on: what was in the buffer is lost, what was being recorded stays as it is.
    void power_cut(transports::Instant now);

    // A person before the drive.

    /// Lays `medium` into the tray (opened and closed for it), replacing what is there.
    void insert(Medium medium, std::unique_ptr<MediumStore> store, transports::Instant now);
    /// As insert, with everything recognised and no attention pending: a drive long since ready.
    void insert_ready(Medium medium, std::unique_ptr<MediumStore> store, transports::Instant now);
    /// Opens the tray and takes the disc out; nothing happens while it is locked or busy.
    void remove(transports::Instant now);
    /// The eject button: opens or closes the tray; an eject request event while it is locked.
    void press_eject(transports::Instant now);

    // The laboratory.

    void inject(const DriveFault& fault);
    /// Lets what the drive does on its own (drain, flush, close, blank, format) come to `now`.
    void run_until(transports::Instant now);
    /// As of the last call; run_until() first where something may have ended since.
    [[nodiscard]] DriveView view() const;
    [[nodiscard]] const Personality& personality() const;
    /// The whole state but personality and stored blocks, as JSON text.
    [[nodiscard]] std::string to_json() const;
    /// A drive from to_json(); `store` holds its medium's blocks (may be null where none was in).
    ///
    /// Errors:  what is wrong with the text, in words
    [[nodiscard]] static mmc::Result<FakeDrive, std::string> from_json(
        std::string_view text, std::shared_ptr<const Personality> personality,
        std::unique_ptr<MediumStore> store);

private:
    explicit FakeDrive(std::unique_ptr<DriveState> state);
    std::unique_ptr<DriveState> state_;
};

}  // namespace kiln::harness

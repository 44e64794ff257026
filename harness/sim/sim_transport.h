/// \file
/// The fake drive behind the interface that every transport has.

#pragma once

#include <atomic>
#include <cstddef>

#include "transports/clock.h"
#include "transports/error.h"
#include "transports/os/os_clock.h"
#include "transports/transport.h"

#include "harness/sim/personality.h"

namespace kiln::harness {

class FakeDrive;

/// Hears of every command that reached the drive, after its data were taken and before the host
/// knows. A folder keeps them, so that a killed process is a power cut and not a lost disc.
class CommandJournal {
public:
    CommandJournal() = default;
    CommandJournal(const CommandJournal&) = delete;
    CommandJournal& operator=(const CommandJournal&) = delete;
    virtual ~CommandJournal() = default;

    /// `sent`: what the host sent with it. Not kept for a command that writes blocks: those are
    /// in the store already.
    ///
    /// Errors:  the host gets HostFailure; the drive has done the command
    virtual transports::Result<void, transports::TransportError> record(mmc::ByteView cdb,
                                                                        mmc::ByteView sent,
                                                                        std::size_t received,
                                                                        Instant start,
                                                                        Instant end) = 0;
};

/// Who moves the clock while a command runs.
enum class Pace : std::uint8_t {
    LeaveClock,  // the caller: it looks at Completion::end, and posts it at that time
    WaitForEnd,  // execute(): it waits on the clock until the end, or until interrupt()
};

/// When a command's data phase began and was through; one instant where it has none.
struct DataTimes {
    Instant begin;
    Instant end;
};

/// A command starts at clock.now(), or when the one before it that was given up has ended. Its end
/// is the start, the link's overhead, the data at link speed, and what the drive itself takes.
///
/// Blocks:  with WaitForEnd until the end, the time-out or interrupt(); else never
/// Errors:  TooLarge; TimedOut and Interrupted leave the drive going on with the command; Gone
///          after unplug()
class SimTransport final : public transports::Transport {
public:
    struct Parts {
        FakeDrive* drive = nullptr;
        transports::Clock* clock = nullptr;
        transports::Waker* waker = nullptr;  // for interrupt(); none: one of its own
        CommandJournal* journal = nullptr;   // none: nothing is kept
        Pace pace = Pace::WaitForEnd;
    };
    SimTransport(const Parts& parts, const Link& link);

    transports::Result<transports::Completion, transports::TransportError> execute(
        const transports::Request& request) override;
    void interrupt() noexcept override;
    /// ClearHalt does nothing, ResetTransport and ResetDevice reset the drive.
    transports::Result<void, transports::TransportError> recover(transports::Rung rung) override;
    [[nodiscard]] transports::Limits limits() const override;

    /// From the next command on.
    void set_pace(Pace pace) { parts_.pace = pace; }
    /// The cable is pulled: this command and all that follow are Gone.
    void unplug() { gone_ = true; }
    /// Until then the drive is held up by a command that its host gave up.
    [[nodiscard]] Instant busy_until() const { return busy_until_; }
    /// Of the last command that reached the drive.
    [[nodiscard]] const DataTimes& data_times() const { return data_times_; }

private:
    transports::Result<transports::Completion, transports::TransportError> wait_for(
        const transports::Completion& completion, Instant deadline);
    void set_waiting(bool waiting);
    transports::TransportError give_up(transports::TransportError::Kind kind, Instant drive_end,
                                       const transports::Request& request);

    Parts parts_;
    Link link_;
    transports::OsWaker own_waker_;
    Instant busy_until_{};
    DataTimes data_times_;
    std::atomic<bool> waiting_{false};
    std::atomic<bool> interrupted_{false};
    bool gone_ = false;
};

/// One command, all phases of it, on a drive behind `link`. `start` is not before the end of the
/// one before.
struct DriveRun {
    transports::Completion completion;
    DataTimes data;
    bool directions_differ = false;  // host and drive both wanted to send, or to receive
};
[[nodiscard]] DriveRun run_on_drive(FakeDrive& drive, const Link& link, mmc::ByteView cdb,
                                    const transports::DataPhase& data, Instant start);

}  // namespace kiln::harness

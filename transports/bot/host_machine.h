/// \file
/// The host's side of Bulk-Only Transport: what to do on the wire next, after what came of the
/// last.
///
/// Pure: no I/O, no clock, no allocation but in error texts. Whoever runs it does one action at a
/// time and reports its end as one event, until the action is Finish.
///
///     Ready --start--> Command --> Data ---------> Status -- CSW --> Ready (Finish)
///                         |          |stall          | ^  |
///                         |          v               | |  +- CSW says failed: REQUEST SENSE by
///                         |      ClearData --------->+ |     the same way, then Ready
///                         |                     stall| +-- empty: once more
///                         |                          v |
///                         |                     ClearStatus --> StatusAgain -- CSW --> Ready
///                         v
///          anything else, and a CSW that is invalid, not meaningful or a phase error:
///          ResetInterface --> ClearIn --> ClearOut --> Ready (Finish, with the error)
///
/// A command that says NeverReset is not reset: it ends with its error, OutOfStep. A time-out or
/// an interruption while the status is awaited leaves the command Behind: its status may still
/// come, and resume() looks for it.
///
/// Spec:    USB Mass Storage Class, Bulk-Only Transport 1.0: Status Transport Flow, Reset Recovery,
///          Host/Device Disagreements

#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "mmc/bytes.h"
#include "mmc/cdb.h"

#include "transports/bot/wrappers.h"
#include "transports/error.h"
#include "transports/quirks.h"
#include "transports/transport.h"

namespace kiln::transports::bot {

struct Action {
    enum class Kind : std::uint8_t {
        SendCommand,    // wrapper() on bulk-out
        SendData,       // the caller's data on bulk-out
        ReceiveData,    // into the caller's buffer, or sense_buffer() where `of_sense`
        ReceiveStatus,  // 13 bytes on bulk-in
        ClearHaltIn,    // CLEAR FEATURE (ENDPOINT_HALT), and the host's own data toggle
        ClearHaltOut,
        ResetInterface,  // the class request Bulk-Only Mass Storage Reset
        Finish,          // nothing more: outcome()
    };
    Kind kind = Kind::Finish;
    /// The command under way is the REQUEST SENSE after the caller's.
    bool of_sense = false;
    friend bool operator==(const Action&, const Action&) = default;
};

/// What came of an action.
struct Event {
    enum class Kind : std::uint8_t {
        Done,       // as asked, or a short packet ended it
        Stalled,    // the endpoint is halted, or the control request was refused
        TooMuch,    // the device sent more than there was room for
        BusFailed,  // no valid answer on the bus
        TimedOut,
        Interrupted,
        Gone,
    };
    Kind kind = Kind::Done;
    std::uint32_t bytes = 0;      // that moved, whatever the kind
    mmc::ByteView received = {};  // the first of them, at least 13 where there are; of data-in
};

class HostMachine {
public:
    struct Settings {
        std::uint8_t logical_unit = 0;
        Quirks quirks;
        std::uint32_t first_tag = 1;
    };
    struct Exchange {
        mmc::Cdb cdb;
        Flow flow = Flow::None;
        std::uint32_t bytes = 0;
        Guard guard = Guard::MayReset;
    };
    enum class State : std::uint8_t {
        Ready,
        Command,
        Data,
        ClearData,
        Status,
        ClearStatus,
        StatusAgain,
        ResetInterface,
        ClearIn,
        ClearOut,
        Behind,     // the status of the last command is still to come
        OutOfStep,  // host and device disagree about what comes next
    };

    HostMachine() = default;
    explicit HostMachine(const Settings& settings)
        : settings_(settings), tag_(settings.first_tag) {}

    /// Only when Ready.
    Action start(const Exchange& exchange);
    /// The end of the action that was given last.
    Action handle(const Event& event);
    /// Looks for the status of a command that was left Behind; the wait for it may be short.
    Action resume();
    /// Makes an OutOfStep or Behind device Ready. With Reset::Allowed by Reset Recovery; else by
    /// clearing both halts, which is all that a device which must not be reset can be asked.
    enum class Reset : std::uint8_t { Forbidden, Allowed };
    Action resynchronise(Reset reset);
    /// The device was reset by other means (port reset, new enumeration).
    void was_reset() { state_ = State::Ready; }

    [[nodiscard]] State state() const { return state_; }
    /// What the last command said. Whether Reset Recovery may follow on it.
    [[nodiscard]] Guard guard() const { return exchange_.guard; }
    /// Reset Recovery was tried, and failed.
    [[nodiscard]] bool recovery_failed() const { return recovery_failed_; }
    void learn(Quirk quirk) { settings_.quirks.add(quirk); }
    void forget(Quirk quirk) { settings_.quirks.remove(quirk); }
    void set_logical_unit(std::uint8_t unit) { settings_.logical_unit = unit; }
    /// Of the last data phase and the last status, for who wants to judge a device by them: bytes
    /// that were seen to move, and the residue as it came, whether it was believed or not.
    [[nodiscard]] std::uint32_t seen() const { return seen_; }
    [[nodiscard]] std::uint32_t last_residue() const { return residue_; }
    [[nodiscard]] const Settings& settings() const { return settings_; }

    [[nodiscard]] const CommandWrapper& wrapper() const { return wrapper_; }
    [[nodiscard]] mmc::MutableByteView sense_buffer() {
        return mmc::MutableByteView(sense_).first(sense_size());
    }
    /// After Finish. Times are not filled in.
    [[nodiscard]] const Result<Completion, TransportError>& outcome() const { return outcome_; }

private:
    using Kind = TransportError::Kind;

    Action send(const mmc::Cdb& cdb, Flow flow, std::uint32_t bytes);
    Action do_in(State state, Action::Kind kind);
    Action after_command(const Event& event);
    Action after_data(const Event& event);
    Action after_status(const Event& event);
    Action after_clear(const Event& event, State next, Action::Kind then);
    Action after_recovery_step(const Event& event);
    Action judge(mmc::ByteView bytes);
    Action passed(const StatusWrapper& status);
    Action failed();
    Action complete(Status status);
    Action leave_behind(const Event& event);
    Action broken(TransportError error);
    Action broken_by(const Event& event, const char* doing);
    Action gone(const char* doing);
    [[nodiscard]] bool is_status(const Event& event) const;
    [[nodiscard]] StatusTolerance tolerance() const;
    [[nodiscard]] std::uint32_t moved_by(const StatusWrapper& status) const;
    [[nodiscard]] std::size_t sense_size() const;

    Settings settings_;
    std::uint32_t tag_ = 1;
    State state_ = State::Ready;
    Exchange exchange_;
    CommandWrapper wrapper_;
    std::uint32_t seen_ = 0;  // bytes of the data phase that were seen to move
    std::uint32_t residue_ = 0;
    std::uint32_t moved_ = 0;  // of the caller's command, kept while sense is asked for
    bool too_much_ = false;    // the device sent more data than asked for
    bool asking_sense_ = false;
    bool late_ = false;  // the status looked for is that of a command left behind
    bool recovery_failed_ = false;
    std::array<std::uint8_t, 96> sense_{};
    Result<Completion, TransportError> outcome_{Completion{}};
};

/// The highest logical unit, from the answer to GET MAX LUN. Stalls, silence, no byte, and numbers
/// that are no unit all mean one unit: devices with one need not know the request, and many answer
/// nonsense.
[[nodiscard]] std::uint8_t highest_logical_unit(const Event& answer);

}  // namespace kiln::transports::bot

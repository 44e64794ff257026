/// \file
/// The device's side of Bulk-Only Transport, over a fake drive: a USB burner behind its pipes.
///
///     Command -- CBW --> DataIn | DataOut --> Status -- CSW --> Command
///        |                                                        ^
///        +-- invalid CBW --> Invalid: both pipes halted -- Reset Recovery --+
///
/// Pure: no clock, no thread; time is handed in. It keeps to the standard, and each rule of it can
/// be broken on demand, for the sake of the hosts that must survive it.
///
/// Spec:    USB Mass Storage Class, Bulk-Only Transport 1.0

#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "mmc/bytes.h"

#include "transports/bot/wrappers.h"
#include "transports/clock.h"
#include "transports/error.h"

#include "harness/sim/fake_drive.h"
#include "harness/sim/personality.h"
#include "harness/sim/sim_transport.h"

namespace kiln::harness {

/// What the host's transfer meets on a pipe.
struct PipeReply {
    enum class Kind : std::uint8_t {
        Done,      // `bytes` moved; less than there was room for is a short packet
        Stalled,   // after `bytes`
        Waits,     // NAK; something may change at `until`
        TooMuch,   // more than the host has room for
        BusError,  // no handshake
        Gone,      // off the bus
    };
    Kind kind = Kind::Done;
    std::size_t bytes = 0;
    transports::Instant until = transports::Instant::max();
};

/// A rule of the standard that the device breaks, or trouble on the way, at one command.
struct BotFault {
    enum class Kind : std::uint8_t {
        StallCommand,    // takes the CBW for an invalid one
        StallData,       // halts the pipe after `value` bytes
        CutData,         // data-in ends after `value` bytes, and the residue does not say so
        SkipData,        // goes straight to the status, which comes in the place of the data
        TooMuchData,     // data-in is larger than asked for
        StallStatus,     // `value` times
        EmptyStatus,     // `value` empty packets before it
        ShortStatus,     // its first `value` bytes
        LongStatus,      // one byte more
        NoStatus,        // never
        LateStatus,      // `delay` later
        WrongSignature,  // of the CSW
        WrongTag,
        WrongResidue,  // `value`
        WrongStatus,   // `value`
        Silence,       // NAK for ever at `stage`, after `value` bytes of data
        NoHandshake,   // the bus fails there
        Vanish,        // off the bus from there on
    };
    enum class Stage : std::uint8_t { Command, Data, Status };
    Kind kind = Kind::StallCommand;
    std::uint64_t command = 1;  // the n-th CBW that arrives
    std::uint32_t value = 1;
    Stage stage = Stage::Status;  // of the last three
    transports::Duration delay{};
    friend bool operator==(const BotFault&, const BotFault&) = default;
};

class BotDevice {
public:
    /// How data-in that is shorter than what the host asked for ends. Real ones do all of these.
    enum class ShortData : std::uint8_t {
        Stall,        // the pipe is halted after the last byte: the standard's way
        ShortPacket,  // or an empty one; the status follows
        Pad,          // zeros up to what was asked for; the residue tells
    };
    /// What a status that the host asks for before the data are through meets. QEMU's usb-bot
    /// forgets that it was asked, or answers with zeros, by the host controller.
    enum class EarlyStatus : std::uint8_t { Answered, Forgotten, Zeros };
    /// Whether a transfer was begun behind another one on its pipe, or when that had ended.
    enum class Queued : std::uint8_t { Alone, Behind };
    enum class MaxLun : std::uint8_t { Answered, Stalled, Nonsense, Silent };
    struct Setup {
        ShortData short_data = ShortData::Stall;
        MaxLun max_lun = MaxLun::Answered;
        EarlyStatus early_status = EarlyStatus::Answered;
        std::size_t packet = 512;  // largest one of a bulk pipe
        /// Of a command; to more a bridge answers with a phase error.
        std::uint32_t most_data = std::numeric_limits<std::uint32_t>::max();
        std::vector<BotFault> faults;
    };
    enum class State : std::uint8_t { Command, DataIn, DataOut, Status, Invalid };

    /// `drive` outlives it.
    BotDevice(FakeDrive& drive, const Link& link, Setup setup);
    /// From here on the journal hears of every command that the drive has ended. Where it cannot
    /// keep one the device is gone, and trouble_with_journal() says why.
    void keep(CommandJournal& journal) { journal_ = &journal; }

    /// The host sends `bytes` on bulk-out.
    PipeReply out(mmc::ByteView bytes, transports::Instant now);
    /// The host has room for `space` on bulk-in.
    PipeReply in(mmc::MutableByteView space, transports::Instant now,
                 Queued queued = Queued::Alone);
    /// A class request, or CLEAR FEATURE (ENDPOINT_HALT), as its eight bytes say. What it is not
    /// for it stalls.
    PipeReply control(mmc::ByteView request, mmc::MutableByteView answer, transports::Instant now);
    /// The port was reset: everything is as after power on but for the drive's medium.
    void bus_reset(transports::Instant now);
    /// The cable is pulled.
    void unplug() { gone_ = true; }
    /// The pipe of this address halts, for no reason.
    void halt(std::uint8_t endpoint) {
        ((endpoint & 0x80U) != 0 ? in_halted_ : out_halted_) = true;
    }

    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] bool in_halted() const { return in_halted_; }
    [[nodiscard]] bool out_halted() const { return out_halted_; }
    [[nodiscard]] bool gone() const { return gone_; }
    [[nodiscard]] const std::optional<transports::TransportError>& trouble_with_journal() const {
        return journal_trouble_;
    }
    [[nodiscard]] std::uint64_t commands() const { return commands_; }
    [[nodiscard]] std::uint64_t resets() const { return resets_; }
    /// Which of the thirteen cases the last command was.
    [[nodiscard]] int last_case() const { return case_; }

private:
    using Fault = BotFault::Kind;
    using Stage = BotFault::Stage;

    PipeReply take_command(mmc::ByteView bytes, transports::Instant now);
    PipeReply take_data(mmc::ByteView bytes, transports::Instant now);
    PipeReply give_data(mmc::MutableByteView space, transports::Instant now);
    PipeReply end_data_in(mmc::MutableByteView space, std::size_t given);
    [[nodiscard]] PipeReply give_early_status(mmc::MutableByteView space) const;
    PipeReply give_status(mmc::MutableByteView space, transports::Instant now);
    PipeReply class_request(std::uint8_t request, std::uint16_t length, bool to_host,
                            mmc::MutableByteView answer, transports::Instant now);
    PipeReply invalid();
    void begin(transports::Instant now);
    void choose_stage();
    void finish_data();
    void record();
    void bulk_only_reset(transports::Instant now);
    void halt_in();
    void halt_out();
    [[nodiscard]] const BotFault* fault(Fault kind) const;
    /// Trouble at this stage of the command under way, after so many bytes of it.
    [[nodiscard]] const BotFault* trouble(Stage stage) const;
    PipeReply meet(const BotFault& trouble);
    [[nodiscard]] transports::bot::StatusBytes status_bytes() const;

    FakeDrive* drive_;
    Link link_;
    Setup setup_;
    State state_ = State::Command;
    bool in_halted_ = false;
    bool out_halted_ = false;
    bool gone_ = false;

    std::uint64_t commands_ = 0;
    std::uint64_t resets_ = 0;
    transports::bot::CommandWrapper wrapper_;
    Intent intent_;
    int case_ = 1;
    std::uint32_t moved_ = 0;  // bytes of the data phase, padding not counted
    std::uint32_t padded_ = 0;
    bool data_over_ = false;  // data-in: the drive has given all; a halt or packet may be due
    transports::Instant through_{};
    transports::Instant status_at_{};
    std::uint8_t status_ = 0;
    std::uint32_t stalls_left_ = 0;
    std::uint32_t empty_left_ = 0;

    CommandJournal* journal_ = nullptr;
    std::vector<std::uint8_t> sent_;  // data-out of the command, for the journal alone
    transports::Instant begun_{};
    std::optional<transports::TransportError> journal_trouble_;
};

}  // namespace kiln::harness

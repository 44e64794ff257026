/// \file
/// What a burn machine asks of the world, and what the world tells it.
///
/// A command, a read of the source and a wake-up may be out at the same time, one of each.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "mmc/bytes.h"
#include "mmc/cdb.h"

#include "transports/clock.h"
#include "transports/error.h"
#include "transports/source.h"
#include "transports/transport.h"

#include "stack/outcome.h"
#include "stack/policy.h"

namespace kiln::stack {

/// Where a command's data are.
enum class Payload : std::uint8_t {
    None,
    Parameters,  // out: the action's own bytes
    Ring,        // out: the ring's slot
    Zeros,       // out: zeros, at most one slot's size
    Answer,      // in: given back with Completed::answer
};

/// Marks the WRITEs that a cancel can keep from being issued: the cancel word is swapped for the
/// first and the last one, and looked at for those between.
enum class Milestone : std::uint8_t { None, FirstWrite, MiddleWrite, LastWrite, OnlyWrite };

/// Send a command.
struct Execute {
    mmc::Cdb cdb;
    Payload payload = Payload::None;
    Milestone milestone = Milestone::None;
    transports::Guard guard = transports::Guard::MayReset;
    std::uint32_t bytes = 0;
    std::size_t slot = 0;
    std::array<std::uint8_t, 64> parameters{};
    transports::Duration timeout{};
};

/// Fill `slot`, and those behind it in the ring, with the source's next `bytes`; zeros behind its
/// end. Less may come, but whole slots then, where the source had no more at hand.
struct ReadBlocks {
    std::size_t slot = 0;
    std::size_t bytes = 0;
    std::size_t each = 0;  // bytes that go into one slot; 0: as many as it has
};

/// End the command in flight early, if the transport can.
struct Interrupt {};

/// Try to get a drive back that no longer answers.
struct Recover {
    transports::Rung rung = transports::Rung::ResetDevice;
};

/// The last WRITE was not taken and will be sent again: until then a cancel can win once more.
struct LastWriteRefused {};

struct NotifyPhase {
    Phase phase;
};
struct NotifyUpdate {};
struct NotifyWarning {
    std::string text;
};

using Action = std::variant<Execute, ReadBlocks, Interrupt, Recover, LastWriteRefused, NotifyPhase,
                            NotifyUpdate, NotifyWarning>;
using ActionList = std::vector<Action>;

struct Begin {};
/// The command ended; exactly one of both is set. `answer` holds until the next start().
struct Completed {
    std::optional<transports::Completion> completion;
    std::optional<transports::TransportError> error;
    mmc::ByteView answer;
};
/// `bytes` came, from the start of `slot` on; `ended`: behind them the source has no more.
struct BlocksRead {
    std::size_t slot = 0;
    std::size_t bytes = 0;
    bool ended = false;
    /// Why nothing follows, where that is no proper end.
    std::optional<transports::SourceError> failed;
};
struct SourceFailed {
    transports::SourceError error;
};
struct Recovered {};
struct Tick {};
/// Somebody asked. `withdrawn`: the WRITE just asked for was not issued because of it.
struct CancelSeen {
    CancelPolicy policy = CancelPolicy::MakeReadable;
    bool withdrawn = false;
};

using Event = std::variant<Begin, Completed, BlocksRead, SourceFailed, Recovered, Tick, CancelSeen>;

/// The world of one job.
///
/// Thread:  the runner's; wake() from any
class Ports {
public:
    Ports() = default;
    Ports(const Ports&) = delete;
    Ports& operator=(const Ports&) = delete;
    virtual ~Ports() = default;

    [[nodiscard]] virtual transports::Instant now() const = 0;
    /// Slots of the ring, and bytes in each. Fixed for the life of the ports.
    [[nodiscard]] virtual std::size_t slots() const = 0;
    [[nodiscard]] virtual std::size_t slot_bytes() const = 0;
    /// Where the next job's data come from; null: it has none. Not while a read is out.
    virtual void set_source(transports::Source* source) = 0;

    virtual void start(const Execute& command) = 0;
    virtual void read(const ReadBlocks& read) = 0;
    virtual void interrupt() = 0;
    virtual void recover(transports::Rung rung) = 0;
    /// The next thing that happened; Tick at `deadline` or after a wake-up.
    ///
    /// Blocks:  until then
    [[nodiscard]] virtual Event next(transports::Instant deadline) = 0;
    /// Waits until nothing is out any more, but not longer than `patience`: a read of the source is
    /// ended by its interrupt(), the result of a command is ignored if it comes later. The ports
    /// may be used for the next job.
    ///
    /// False: a read does not come back, against what Source promises. It is left behind, and its
    /// source has to live until it does.
    [[nodiscard]] virtual bool settle(transports::Duration patience) = 0;
};

}  // namespace kiln::stack

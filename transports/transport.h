/// \file
/// A device that takes one command at a time: what every concrete transport offers.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <variant>

#include "mmc/bytes.h"
#include "mmc/cdb.h"
#include "mmc/sense.h"

#include "transports/clock.h"
#include "transports/error.h"

namespace kiln::transports {

struct NoData {};
/// Device to host, into `buffer`.
struct DataIn {
    mmc::MutableByteView buffer;
};
/// Host to device.
struct DataOut {
    mmc::ByteView buffer;
};
using DataPhase = std::variant<NoData, DataIn, DataOut>;

/// Whether a time-out of this command may be answered by resetting the drive. A reset during a
/// flush, close, blank or format costs the disc (a USB reset in "closing disc" lost a DVD+R and
/// left the drive to be power-cycled), so those say NeverReset.
enum class Guard : std::uint8_t { MayReset, NeverReset };

struct Request {
    mmc::Cdb cdb;
    DataPhase data;
    Duration timeout = std::chrono::seconds(30);
    Guard guard = Guard::MayReset;
};

/// SAM status codes. Values that are not named here stay numbers.
enum class Status : std::uint8_t {
    Good = 0x00,
    CheckCondition = 0x02,
    Busy = 0x08,
    ReservationConflict = 0x18,
    TaskSetFull = 0x28,
    TaskAborted = 0x40,
};

/// The command ran and the device answered. `sense` means something with CheckCondition only.
struct Completion {
    Status status = Status::Good;
    mmc::Sense sense;
    std::uint32_t moved = 0;  // bytes of the data phase that moved
    Instant start;
    Instant end;
};

/// Steps of recovery, mildest first.
enum class Rung : std::uint8_t { ClearHalt, ResetTransport, ResetDevice };

struct Limits {
    std::size_t max_transfer = 65536;  // bytes in one command
    std::size_t alignment = 1;         // of buffers, a power of two
    bool can_interrupt = false;        // interrupt() ends a blocked execute() early
};

/// Buffers that belong to a transport (DMA memory, alignment). Fixed number, fixed size.
class Buffers {
public:
    Buffers() = default;
    Buffers(std::shared_ptr<void> keep, mmc::MutableByteView all, std::size_t each)
        : keep_(std::move(keep)), all_(all), each_(each) {}

    [[nodiscard]] std::size_t count() const { return each_ == 0 ? 0 : all_.size() / each_; }
    [[nodiscard]] std::size_t each() const { return each_; }
    [[nodiscard]] mmc::MutableByteView operator[](std::size_t index) const {
        return all_.subspan(index * each_, each_);
    }
    /// One behind the other, without a gap.
    [[nodiscard]] mmc::MutableByteView all() const { return all_; }

private:
    std::shared_ptr<void> keep_;
    mmc::MutableByteView all_;
    std::size_t each_ = 0;
};

/// How far a command is that was begun.
enum class Advance : std::uint8_t {
    Ended,     // complete() has its end at once
    UnderWay,  // not yet
    Blocks,    // what is left of it can only be waited for, by complete()
};

/// Thread:  one thread a device; interrupt() from any thread and from signal handlers
class Transport {
public:
    Transport() = default;
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;
    virtual ~Transport() = default;

    /// Sends one command and waits for its end.
    ///
    /// Units:   request.timeout from the start of the command
    /// Blocks:  until the device answers, the time-out, or interrupt()
    /// Errors:  TransportError; a CHECK CONDITION is a Completion
    virtual Result<Completion, TransportError> execute(const Request& request) = 0;

    /// The same for who waits for other things too, with transports that can: begin(), advance()
    /// until the command is no longer UnderWay, complete(). No other command before that.
    ///
    /// Sends the command. False: nothing was sent, and execute() has to do it.
    ///
    /// Blocks:  not at all; the buffers live until complete()
    [[nodiscard]] virtual bool begin(const Request& request);
    /// Blocks:  until the end of the command that was begun, `until` on the transport's clock, an
    ///          interrupt(), or a wake of waker()
    [[nodiscard]] virtual Advance advance(Instant until);
    /// The end of the command that was begun; as execute(), also on another thread.
    ///
    /// Blocks:  as execute(); not at all after Advance::Ended
    [[nodiscard]] virtual Result<Completion, TransportError> complete();
    /// Ends an advance() early. Null: begin() never sends anything.
    [[nodiscard]] virtual Waker* waker() noexcept { return nullptr; }

    /// Ends a blocked execute(), or what was begun, with Interrupted where the transport can
    /// (Limits::can_interrupt). Without one in flight it does nothing and is not remembered.
    virtual void interrupt() noexcept = 0;

    /// Errors:  Unsupported where the transport has no such rung
    virtual Result<void, TransportError> recover(Rung rung) = 0;

    [[nodiscard]] virtual Limits limits() const = 0;

    /// `count` buffers of `each` bytes in one block that fit this transport's commands.
    [[nodiscard]] virtual Buffers make_buffers(std::size_t count, std::size_t each);
};

}  // namespace kiln::transports

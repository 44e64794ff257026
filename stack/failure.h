/// \file
/// The stack's one error type: what was being done, which command, where, and why it did not work.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mmc/lba.h"
#include "mmc/result.h"
#include "mmc/sense.h"

#include "transports/error.h"
#include "transports/transport.h"

#include "stack/hresult.h"

namespace kiln::stack {

template <typename T, typename E>
using Result = mmc::Result<T, E>;

/// Told apart because callers act on it, and because the exit statuses of the command line differ.
enum class FailureKind : std::uint8_t {
    Failed,        // the drive, the disc, the source or the host failed
    TimedOut,      // a deadline passed; what the drive did of it is unknown
    Gone,          // the drive was there and is not any more
    Interrupted,   // somebody's wake or interrupt() ended a wait
    NoSuchDevice,  // no drive under this name
    NoMedium,      // a drive, but nothing in it that it can use
    Unsuitable,    // a medium, a disc state or a size that this cannot be done with
    NotPermitted,  // there, but we may not
    InUse,         // another program has it
};

/// A plain value. `message()` is one line for people; the parts are for --json and for tests.
struct Failure {
    FailureKind kind = FailureKind::Failed;
    std::string doing;    // "reading the track list"; may be empty
    std::string command;  // "WRITE (10) lba=65536 n=32"; empty where no command was sent
    std::optional<mmc::Lba> lba;
    std::optional<mmc::Sense> sense;
    std::optional<transports::TransportError> transport;
    std::string detail;          // what neither sense nor transport say; one line, no full stop
    HResult code = HResult::Ok;  // set where IMAPI2 has a code that the other parts do not tell

    /// "WRITE (10) lba=65536 n=32: CHECK CONDITION 03/0c/00 write error"
    [[nodiscard]] std::string message() const;
};

/// A failure that no command caused: a state or a size found unfit.
[[nodiscard]] Failure make_failure(FailureKind kind, std::string doing, std::string detail);

/// The layer border: an error of the transport becomes a failure of the command it ended.
[[nodiscard]] Failure failure_from_transport(std::string command,
                                             const transports::TransportError& error);

/// The layer border: a completion that is not GOOD becomes a failure of its command. The kind comes
/// from the sense: 2/3A is NoMedium, 5/30, 5/27, 7/27 and 5/63 are Unsuitable, the rest Failed.
[[nodiscard]] Failure failure_from_completion(std::string command,
                                              const transports::Completion& completion);

/// The same failure, with what was being done, unless that is told already: the first one wins.
[[nodiscard]] Failure while_doing(std::string_view doing, Failure failure);

/// The exit status of the command line for a failure of this kind.
[[nodiscard]] int exit_status(FailureKind kind);

}  // namespace kiln::stack

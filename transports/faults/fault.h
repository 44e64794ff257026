/// \file
/// Trouble on the way to a drive, as data.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "mmc/result.h"
#include "mmc/sense.h"

#include "transports/clock.h"

namespace kiln::transports {

/// CHECK CONDITION; the drive never hears of the command.
struct FailWith {
    mmc::Sense sense;
};
/// Status BUSY; the drive never hears of the command.
struct AnswerBusy {};
/// The drive never hears of the command, and no answer comes: time-out or interrupt() ends it.
struct Stall {};
/// The drive does the command, and no answer comes.
struct LoseAnswer {};
/// The answer comes so much later.
struct Delay {
    Duration by{};
};
/// Only so many bytes are said to have moved; of a data-in phase no more arrive.
struct Shorten {
    std::uint32_t bytes = 0;
};
/// GOOD with all bytes moved (zeros in a data-in phase); the drive never hears of the command.
struct Lie {};
/// The host's side fails once; the drive did the command.
struct HostFails {};
/// The drive is gone from this command on.
struct Vanish {};

using FaultKind =
    std::variant<FailWith, AnswerBusy, Stall, LoseAnswer, Delay, Shorten, Lie, HostFails, Vanish>;

/// What befalls which commands. Of several that match the first one counts.
struct Fault {
    std::optional<std::uint8_t> operation_code{};  // none: any command
    std::uint64_t first = 1;                       // of the commands with this code, from 1
    std::uint64_t last = 1;
    FaultKind kind{};
};

/// Reads the value of `fault=` in a drive address: "OP:N:KIND".
///
///     OP    a command's name ("write10", "close-track-session"), an operation code ("0x2a"), "any"
///     N     "3" the third, "3+" the third and all after it, "*" all
///     KIND  "fail" (a likely error), "sense=3/0c/00", "deferred=3/0c/00" (about an earlier
///           command), "busy", "stall", "lose", "delay=250ms" (ms, s, min), "short=BYTES", "lie",
///           "host", "vanish"
///
/// Errors:  what is wrong, in words, and what can stand there
[[nodiscard]] mmc::Result<Fault, std::string> parse_fault(std::string_view text);

}  // namespace kiln::transports

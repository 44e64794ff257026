/// \file
/// The one place for waiting and retry policy: what a completion means, how long things may take,
/// how often to ask. Pure: tables and functions of values, used by Drive and by the burn machine.

#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "mmc/commands/track.h"
#include "mmc/lba.h"
#include "mmc/sense.h"

#include "transports/clock.h"
#include "transports/error.h"
#include "transports/transport.h"

#include "stack/facts.h"

namespace kiln::stack {

/// What a command is, as far as sending it again is concerned.
enum class Role : std::uint8_t {
    Query,            // asks or sets; sending it twice is as good as once
    SequentialWrite,  // WRITE on media with a next writable address
    RandomWrite,      // WRITE on overwritable media: the same address again is harmless
    Operation,        // starts a flush, close, blank, format, OPC, reservation, load or eject
    Readiness,        // asked after an operation with IMMED: is it done?
};
inline constexpr std::size_t kRoles = static_cast<std::size_t>(Role::Readiness) + 1;

/// What to do now. There is no value for "probably done".
enum class Verdict : std::uint8_t {
    Done,         // it succeeded
    KeepWaiting,  // the drive is busy with it: the same command again after a pause, to the
                  // deadline
    Retry,        // the drive had something to tell first: the same command again, a few times
    Resync,       // whatever it was, addresses may have moved: read the next writable address first
    Fail,         // it did not succeed; repeating it does not help
};

/// What the completion of a command in this role means.
///
/// The rules, each with its source, are the table in wait.cpp. Firm ones: GOOD, and only GOOD or a
/// recovered error, is Done; 2/04/00 is never Done; a unit attention never repeats a sequential
/// WRITE.
[[nodiscard]] Verdict classify(Role role, const transports::Completion& completion);

/// What a command that did not complete means. Never Done.
[[nodiscard]] Verdict classify(Role role, const transports::TransportError& error);

/// How often a Retry may be answered by the same command: Linux gives a drive ten.
inline constexpr unsigned kMaxRetries = 10;

/// How to wait for something: ask, pause, ask again, with pauses that double up to the longest.
struct Poll {
    transports::Duration first_pause = std::chrono::milliseconds(20);
    transports::Duration longest_pause = std::chrono::milliseconds(500);
    transports::Duration deadline = std::chrono::seconds(30);  // from the start

    /// The pause after `asked` questions.
    [[nodiscard]] transports::Duration pause(unsigned asked) const;
};

/// The two questions that tell whether an operation with IMMED has ended. Pioneer drives answer
/// GOOD to the first one while they close, others to the second; so both are asked, in this order.
enum class Probe : std::uint8_t { TestUnitReady, DiscInformation };

/// What an answer to a probe says about the operation.
enum class Readiness : std::uint8_t {
    AskDiscInformation,  // ready by TEST UNIT READY: ask the other one
    Ended,
    NotYet,  // pause, begin with TEST UNIT READY again
    Again,   // a unit attention, say: the same question at once
    Failed,  // it ended badly; the completion says why
};
[[nodiscard]] Readiness judge(Probe probe, const transports::Completion& completion);
[[nodiscard]] Readiness judge(Probe probe, const transports::TransportError& error);

/// What takes long.
enum class LongOperation : std::uint8_t {
    BecomeReady,  // spin up, recognise the medium
    Write,        // one WRITE, its lead-in or an error recovery included
    Flush,        // SYNCHRONIZE CACHE, also where it ends a disc at once
    CloseTrack,
    CloseSession,
    Finalize,
    ReserveTrack,
    PowerCalibration,
    BlankFast,
    BlankFull,
    FormatFast,
    FormatFull,  // with everything written or certified
    StopFormat,  // of a background format
    Load,
    Eject,
};

/// CLOSE TRACK/SESSION's function as an operation.
[[nodiscard]] LongOperation operation_of(mmc::CloseFunction function);

/// How to wait for an operation on this medium. For a drive that has no IMMED the same deadline is
/// the command's own time-out, with Guard::NeverReset.
///
/// Every deadline is finite, at least twice the longest duration that public logs show, and longer
/// on larger media; the table in wait.cpp names them.
[[nodiscard]] Poll poll_for(LongOperation operation, MediumFamily family,
                            mmc::BlockCount capacity = mmc::BlockCount{0});

/// The time-out of one command that asks or sets.
inline constexpr transports::Duration kQueryTimeout = std::chrono::seconds(30);
/// The time-out of an operation's command where IMMED makes it return at once; some drives first
/// finish what they are doing.
inline constexpr transports::Duration kImmediateTimeout = std::chrono::seconds(200);

/// How long to leave a drive that answered 2/04/08 alone: the time that 128 KiB take at this speed,
/// between 4 ms and 220 ms.
///
/// Spec:    Pioneer R11 command reference, WRITE: 6 ms at DVD 16x to 220 ms at CD 4x
[[nodiscard]] transports::Duration buffer_full_pause(std::uint32_t kilobytes_per_second);

/// One row of the sense policy, for those who want to print or check it.
struct SenseRule {
    std::optional<mmc::SenseKey> key;       // none: any
    std::optional<std::uint8_t> asc;        // none: any
    std::optional<std::uint8_t> ascq;       // none: any
    std::array<Verdict, kRoles> verdict{};  // by Role
    std::string_view source;
};
[[nodiscard]] std::span<const SenseRule> sense_rules();

}  // namespace kiln::stack

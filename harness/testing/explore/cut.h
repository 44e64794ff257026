/// \file
/// Where a cancel comes, how it comes, and what else happens: one trial of a scenario.
///
/// A cut is named by what has happened by then (the third command, the second Update), never by a
/// time: so it stays where it is when the drive is another one.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "transports/clock.h"

#include "stack/policy.h"

namespace kiln::harness {

enum class Where : std::uint8_t {
    BeforeCall,
    InPlan,         // on_plan
    InPhase,        // the n-th on_phase
    InUpdate,       // the n-th Update
    BeforeCommand,  // the n-th command: the drive has not been told
    AtEntry,        // the drive has it, no data has moved
    DuringData,     // at so many percent of the data phase
    BeforeStatus,   // between data and status
    AtCompletion,   // status is given, the engine has not been told
    AfterCommand,   // the engine was told and has not acted
    InPause,        // after the n-th command, in the middle of the pause before the next one
    InRead,         // in the n-th read of the source, before it gives something
    DuringRead,     // half way through the time that the n-th read takes
    AfterRead,      // its blocks are here and the engine has not acted
    AfterEnd,
};
inline constexpr std::size_t kWheres = static_cast<std::size_t>(Where::AfterEnd) + 1;
[[nodiscard]] std::string_view name_of(Where where);

struct Cut {
    Where where = Where::BeforeCall;
    std::uint32_t n = 0;  // from 1; 0 where there is only one
    std::uint8_t percent = 0;
    transports::Duration delay{};  // InPause: from the command's end; DuringRead: from its start
    friend bool operator==(const Cut&, const Cut&) = default;
};
/// "command 12, data 40 %".
[[nodiscard]] std::string words_of(const Cut& cut);

enum class Way : std::uint8_t {
    InPlace,      // the call runs to its end there
    OtherThread,  // of the call only the word is set; the rest comes when time next moves
    Twice,        // asked again at once, with the same words
};
inline constexpr std::size_t kWays = static_cast<std::size_t>(Way::Twice) + 1;
[[nodiscard]] std::string_view name_of(Way way);

enum class Trouble : std::uint8_t {
    None,
    MediumError,    // 3/0C/00
    NotReady,       // 2/04/08: once
    Deferred,       // 3/0C/00 about an earlier command
    UnitAttention,  // the drive was reset by somebody: 6/29/00, and it has forgotten what it was
                    // told
    TimeOut,        // the drive never hears of it
    LostAnswer,     // the drive does it
    LostDrive,      // the cable is pulled
    PowerCut,       // and what was in the buffer is lost
    StreamError,    // the source's next read fails
};
inline constexpr std::size_t kTroubles = static_cast<std::size_t>(Trouble::StreamError) + 1;
[[nodiscard]] std::string_view name_of(Trouble trouble);

/// One run of a scenario. A value; its hash with the scenario's is what makes runs distinct.
struct Trial {
    std::optional<Cut> cut;  // none: nobody cancels
    Way way = Way::InPlace;
    stack::CancelPolicy policy = stack::CancelPolicy::MakeReadable;  // Kiln
    /// A second request here, for the next policy; named in the run that `cut` leads to.
    std::optional<Cut> again;
    Trouble trouble = Trouble::None;
    std::uint32_t trouble_at = 0;  // number of the command that it befalls
    friend bool operator==(const Trial&, const Trial&) = default;
};
[[nodiscard]] std::string words_of(const Trial& trial);
[[nodiscard]] std::uint64_t hash_of(const Trial& trial, std::uint64_t scenario);

}  // namespace kiln::harness

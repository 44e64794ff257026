/// \file
/// The log of a run as the checkers look at it: operation codes and fields, read from the bytes.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "transports/clock.h"

#include "harness/sim/fake_drive.h"
#include "harness/testing/checkers/checkers.h"
#include "harness/testing/explore/evidence.h"

namespace kiln::harness::checks {

/// What a command does to a burn.
enum class Act : std::uint8_t {
    Other,           // looks, changes nothing
    Poll,            // 00h, 03h, 12h, 46h, 4Ah: may be asked at any time
    ReadState,       // 51h, 52h: so may these, and their GOOD says that nothing is running
    Write,           // 2Ah, AAh, 2Eh
    Synchronize,     // 35h
    Close,           // 5Bh
    Blank,           // A1h
    Format,          // 04h
    ModeSelect,      // 55h, 15h
    SetSpeed,        // BBh, B6h
    Reserve,         // 53h
    Calibrate,       // 54h
    SendStructure,   // BFh
    SendCueSheet,    // 5Dh
    Repair,          // 58h
    Prevent,         // 1Eh, locks
    Allow,           // 1Eh, unlocks
    StartStop,       // 1Bh
    BufferCapacity,  // 5Ch
};

/// One command of the log. What it is about is in the log's row of the same index.
struct SeenCommand {
    Act act = Act::Other;
    bool good = false;       // GOOD came
    bool immediate = false;  // asked for status before the end
    std::uint8_t function = 0;
    std::int32_t lba = 0;
    std::uint32_t blocks = 0;
};

/// "WRITE lba=65536 n=32", "CLOSE TRACK/SESSION 2".
[[nodiscard]] std::string words_of(const SeenCommand& command);
/// "CLOSE TRACK/SESSION 2 (command 41)"
[[nodiscard]] std::string words_of(const Run& run, std::size_t index);

/// A run, with what every checker wants to know worked out once.
struct Run {
    explicit Run(const Evidence& from);

    const Evidence* evidence = nullptr;
    std::vector<SeenCommand> commands;
    Where where = 0;  // one bit of each kind

    DriveView before;
    DriveView after;

    /// Updates of the writing: a verification behind it has its own.
    std::span<const UpdateSeen> updates;

    /// The first cancel that counts, and the policy in force at the end.
    const CancelCall* cancel = nullptr;
    std::optional<stack::CancelPolicy> policy;
    /// Commands that were started before that cancel; all, if there is none.
    std::size_t started_before_cancel = 0;
    /// Those before the policy in force at the end was asked for: what an earlier request wanted
    /// may have been begun by then.
    std::size_t started_before_policy = 0;

    /// The WRITEs. `npos` where there is none.
    static constexpr std::size_t npos = static_cast<std::size_t>(-1);
    std::size_t first_write = npos;
    std::size_t last_write = npos;
    /// Where the job's first block belongs.
    std::int32_t start = 0;
    /// Blocks of data that there were to write.
    std::uint64_t wanted = 0;
    /// Blocks from `start` on that the drive answered GOOD to, fillers too.
    std::uint64_t accepted = 0;
    /// Blocks of data among them: what came before an accepted cancel, and not more than wanted.
    std::uint64_t payload = 0;
};

/// A command of this kind got a GOOD that the drive never gave.
[[nodiscard]] bool was_lied_about(const Run& run, Act act);
/// Whether the command ended with this sense key and additional code. `0xFFFF`: any.
[[nodiscard]] bool has_sense(const SentCommand& sent, std::uint8_t key,
                             std::uint16_t additional = 0xFFFF);
/// 2/04/xx: what was asked for goes on, or the drive has no room yet.
[[nodiscard]] bool says_busy(const SentCommand& sent);
/// What makes or changes tracks: none of it is asked for in the middle of writing.
[[nodiscard]] bool is_preparation(Act act);
[[nodiscard]] bool is_sequential(MediumKind kind);
/// "1.250 s"
[[nodiscard]] std::string seconds(transports::Duration time);

}  // namespace kiln::harness::checks

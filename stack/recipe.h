/// \file
/// Recipes: for each medium and mode, the commands of the five stages and of every cancel policy.
///
///     modes -> size -> initialise -> WRITEs -> finish -> (tray unlocked)
///       |        |          |           |
///       +--------+----------+           +--> on_cancel[policy] -> (tray unlocked)
///       nothing is written yet: just unlocked
///
/// Data only: how a step becomes a command is step_commands.h, how it is waited for is wait.h.

#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <span>
#include <string_view>

#include "stack/facts.h"
#include "stack/policy.h"

namespace kiln::stack {

enum class Op : std::uint8_t {
    LockTray,               // PREVENT ALLOW MEDIUM REMOVAL
    UnlockTray,             // the same
    BlankDisc,              // BLANK, Plan::blanking
    FormatMedium,           // FORMAT UNIT, Plan::format
    CloseOpenTrack,         // CLOSE TRACK/SESSION 1: of a session that somebody else left open
    CloseOpenSession,       // CLOSE TRACK/SESSION 2: the same
    SelectWriteParameters,  // MODE SELECT (10), page 05h
    SetSpeed,               // SET STREAMING or SET CD SPEED
    SetLayerBreak,          // SEND DISC STRUCTURE 20h
    ReserveTrack,           // RESERVE TRACK
    ReadNextWritable,       // READ TRACK INFORMATION: the address to write at
    CalibratePower,         // SEND OPC INFORMATION
    Synchronize,            // SYNCHRONIZE CACHE (10)
    CloseTrack,             // CLOSE TRACK/SESSION 1
    CloseSession,           // CLOSE TRACK/SESSION 2
    FinalizeMinimal,        // CLOSE TRACK/SESSION 5
    Finalize,               // CLOSE TRACK/SESSION 6
    StopFormat,             // CLOSE TRACK/SESSION 0: background format
    StopFormatReadable,     // CLOSE TRACK/SESSION 2 on DVD+RW: with a lead-out
};
inline constexpr std::size_t kOps = static_cast<std::size_t>(Op::StopFormatReadable) + 1;
/// Steps that were taken, by Op.
using OpSet = std::bitset<kOps>;
[[nodiscard]] std::string_view name_of(Op op);  // "closing the session"

/// When a step is taken.
enum class When : std::uint8_t {
    Always,
    IfBlanking,       // Plan::blanks
    IfFormatting,     // Plan::formats
    IfOpenSession,    // somebody left a session open that has to be closed first
    IfCalibrating,    // OPC belongs here: the disc has no table of it
    IfLayerBreak,     // Plan::layer_break
    IfClosing,        // the disc is finalised
    IfLeavingOpen,    // the disc stays appendable
    IfBorderOpen,     // this burn, or the format before it, opened a border that wants closing
    IfFormatRunning,  // a background format was started or restarted by this burn
};

/// What becomes of a step that the drive refuses.
enum class Tolerance : std::uint8_t {
    None,            // the job fails
    IllegalRequest,  // 5/xx, or 0/00/00: the drive does not have it; go on
    Anything,        // go on, with a warning
    Unanswered,      // also where no answer came: go on, with a warning
};

struct Step {
    Op op = Op::Synchronize;
    When when = When::Always;
    Tolerance tolerance = Tolerance::None;
};

using Steps = std::span<const Step>;

/// How blocks are counted.
struct WriteRule {
    std::uint32_t multiple = 1;  // the last WRITE is filled with zeros to this many blocks
    std::uint32_t minimum = 0;   // a shorter track is filled with zeros to this
    bool sequential = true;      // a next writable address to keep to
};

enum class RecipeId : std::uint8_t {
    CdTrackAtOnce,
    DvdMinusIncremental,
    DvdMinusDiscAtOnce,
    DvdRwOverwrite,
    DvdPlusR,
    DvdPlusRDl,
    DvdPlusRw,
    DvdRam,
    BdR,
    BdRe,
    BlankOnly,
    FormatOnly,
};
inline constexpr std::size_t kRecipes = static_cast<std::size_t>(RecipeId::FormatOnly) + 1;

struct Recipe {
    RecipeId id = RecipeId::BdRe;
    std::string_view name;  // "CD track at once"
    Steps modes;
    Steps size;
    Steps initialise;
    bool writes = true;
    WriteRule write;
    bool needs_size = false;   // the medium must know the size before
    bool one_session = false;  // nothing can be appended afterwards
    Steps finish;
    std::array<Steps, kCancelPolicies> on_cancel;
};

[[nodiscard]] const Recipe& recipe(RecipeId id);

}  // namespace kiln::stack

#include "stack/recipe.h"

#include <array>
#include <cstddef>
#include <string_view>

namespace kiln::stack {
namespace {

using enum Op;
using enum When;
constexpr auto kIllegal = Tolerance::IllegalRequest;
constexpr auto kAnything = Tolerance::Anything;

// Sources of the orders: drive-behaviour chapters 2 to 8, which libburn's cookbook and growisofs
// agree on; what the peers send is recorded in peer-sequences.

constexpr Steps kNothing;

// CD. SYNCHRONIZE CACHE ends a track at once; no CLOSE TRACK follows, for some drives answer it
// with an error (LG GH22LS30).
constexpr Step kCdModes[] = {
    {BlankDisc, IfBlanking},
    {SelectWriteParameters},
    {SetSpeed, Always, kAnything},
};
constexpr Step kReadNextWritable[] = {{ReadNextWritable}};
constexpr Step kCalibrate[] = {{CalibratePower, IfCalibrating, kIllegal}};
constexpr Step kCdFinish[] = {{Synchronize}, {CloseSession}};
constexpr Step kSynchronize[] = {{Synchronize}};

// DVD-R and DVD-RW, sequential.
constexpr Step kDvdMinusModes[] = {
    {BlankDisc, IfBlanking},
    {CloseOpenTrack, IfOpenSession, kAnything},
    {CloseOpenSession, IfOpenSession, kAnything},
    {SelectWriteParameters},
    {SetSpeed, Always, kAnything},
};
constexpr Step kReserveAndRead[] = {
    {SetLayerBreak, IfLayerBreak, kIllegal},
    {ReserveTrack},
    {ReadNextWritable},
};
constexpr Step kCloseTrackSession[] = {{Synchronize}, {CloseTrack}, {CloseSession}};

// Restricted overwrite: a quick format leaves the border open (the intermediate state) until
// CLOSE SESSION; a disc with its border closed needs none.
constexpr Step kOverwriteModes[] = {
    {FormatMedium, IfFormatting},
    {SetSpeed, Always, kAnything},
};
constexpr Step kOverwriteFinish[] = {{Synchronize}, {CloseSession, IfBorderOpen}};

// DVD+R, BD-R: no page 05h. The session is closed, or the disc finalised.
constexpr Step kPlusModes[] = {
    {CloseOpenTrack, IfOpenSession, kAnything},
    {CloseOpenSession, IfOpenSession, kAnything},
    {SetSpeed, Always, kAnything},
};
constexpr Step kPlusDlSize[] = {{SetLayerBreak, IfLayerBreak, kIllegal}, {ReadNextWritable}};
constexpr Step kPlusFinish[] = {
    {Synchronize},
    {CloseTrack},
    {CloseSession, IfLeavingOpen},
    {Finalize, IfClosing},
};
// On two layers growisofs finalises with function 5, on one with 6; libburn agrees on BD-R.
constexpr Step kPlusDlFinish[] = {
    {Synchronize},
    {CloseTrack},
    {CloseSession, IfLeavingOpen},
    {FinalizeMinimal, IfClosing},
};

// DVD+RW: the background format that this burn started is stopped, or the disc could not be taken
// out before an hour is over. The lead-out is best effort: an ASUS 1608P2 fails it with 5/30/10.
constexpr Step kPlusRwFinish[] = {
    {Synchronize},
    {StopFormat, IfFormatRunning, kIllegal},
    {StopFormatReadable, IfFormatRunning, kAnything},
};
constexpr Step kPlusRwFlush[] = {{Synchronize}, {StopFormat, IfFormatRunning, kIllegal}};

constexpr Step kBlank[] = {{BlankDisc}};
constexpr Step kFormat[] = {{FormatMedium}};
constexpr Step kFormatStop[] = {{StopFormat, IfFormatRunning, kIllegal}};

constexpr WriteRule kCdRule{.multiple = 1, .minimum = kCdMinimumTrack, .sequential = true};
constexpr WriteRule kDvdSequential{.multiple = 16, .minimum = 0, .sequential = true};
constexpr WriteRule kDvdRandom{.multiple = 16, .minimum = 0, .sequential = false};
constexpr WriteRule kBdSequential{.multiple = 32, .minimum = 0, .sequential = true};
constexpr WriteRule kBdRandom{.multiple = 32, .minimum = 0, .sequential = false};

constexpr std::array<Recipe, kRecipes> kRecipeTable{{
    {.id = RecipeId::CdTrackAtOnce,
     .name = "CD track at once",
     .modes = kCdModes,
     .size = kReadNextWritable,
     .initialise = kCalibrate,
     .write = kCdRule,
     .finish = kCdFinish,
     .on_cancel = {kCdFinish, kSynchronize, kSynchronize, kNothing}},
    {.id = RecipeId::DvdMinusIncremental,
     .name = "DVD incremental",
     .modes = kDvdMinusModes,
     .size = kReadNextWritable,
     .initialise = kCalibrate,
     .write = kDvdSequential,
     .finish = kCloseTrackSession,
     .on_cancel = {kCloseTrackSession, kSynchronize, kSynchronize, kNothing}},
    {.id = RecipeId::DvdMinusDiscAtOnce,
     .name = "DVD disc at once",
     .modes = kDvdMinusModes,
     .size = kReserveAndRead,
     .initialise = kCalibrate,
     .write = kDvdSequential,
     .needs_size = true,
     .one_session = true,
     .finish = kSynchronize,
     .on_cancel = {kSynchronize, kSynchronize, kSynchronize, kNothing}},
    {.id = RecipeId::DvdRwOverwrite,
     .name = "DVD-RW restricted overwrite",
     .modes = kOverwriteModes,
     .size = kNothing,
     .initialise = kNothing,
     .write = kDvdRandom,
     .finish = kOverwriteFinish,
     .on_cancel = {kOverwriteFinish, kSynchronize, kSynchronize, kNothing}},
    {.id = RecipeId::DvdPlusR,
     .name = "DVD+R",
     .modes = kPlusModes,
     .size = kReadNextWritable,
     .initialise = kNothing,
     .write = kDvdSequential,
     .finish = kPlusFinish,
     .on_cancel = {kCloseTrackSession, kSynchronize, kSynchronize, kNothing}},
    {.id = RecipeId::DvdPlusRDl,
     .name = "DVD+R DL",
     .modes = kPlusModes,
     .size = kPlusDlSize,
     .initialise = kNothing,
     .write = kDvdSequential,
     .finish = kPlusDlFinish,
     .on_cancel = {kCloseTrackSession, kSynchronize, kSynchronize, kNothing}},
    {.id = RecipeId::DvdPlusRw,
     .name = "DVD+RW",
     .modes = kOverwriteModes,
     .size = kNothing,
     .initialise = kNothing,
     .write = kDvdRandom,
     .finish = kPlusRwFinish,
     .on_cancel = {kPlusRwFinish, kPlusRwFlush, kSynchronize, kNothing}},
    {.id = RecipeId::DvdRam,
     .name = "DVD-RAM",
     .modes = kOverwriteModes,
     .size = kNothing,
     .initialise = kNothing,
     .write = kDvdRandom,
     .finish = kSynchronize,
     .on_cancel = {kSynchronize, kSynchronize, kSynchronize, kNothing}},
    {.id = RecipeId::BdR,
     .name = "BD-R sequential",
     .modes = kPlusModes,
     .size = kReadNextWritable,
     .initialise = kNothing,
     .write = kBdSequential,
     .finish = kPlusFinish,
     .on_cancel = {kCloseTrackSession, kSynchronize, kSynchronize, kNothing}},
    {.id = RecipeId::BdRe,
     .name = "BD-RE",
     .modes = kOverwriteModes,
     .size = kNothing,
     .initialise = kNothing,
     .write = kBdRandom,
     .finish = kSynchronize,
     .on_cancel = {kSynchronize, kSynchronize, kSynchronize, kNothing}},
    {.id = RecipeId::BlankOnly,
     .name = "blank",
     .modes = kBlank,
     .size = kNothing,
     .initialise = kNothing,
     .writes = false,
     .write = {},
     .finish = kNothing,
     .on_cancel = {}},
    {.id = RecipeId::FormatOnly,
     .name = "format",
     .modes = kFormat,
     .size = kNothing,
     .initialise = kNothing,
     .writes = false,
     .write = {},
     .finish = kNothing,
     .on_cancel = {kFormatStop, kFormatStop, kFormatStop, kNothing}},
}};

constexpr bool in_order() {
    for (std::size_t i = 0; i < kRecipeTable.size(); ++i) {
        if (static_cast<std::size_t>(kRecipeTable[i].id) != i) {
            return false;
        }
    }
    return true;
}
static_assert(in_order());

}  // namespace

const Recipe& recipe(RecipeId id) {
    return kRecipeTable.at(static_cast<std::size_t>(id));
}

std::string_view name_of(Op op) {
    constexpr std::array<std::string_view, kOps> kNames = {
        "locking the tray",
        "unlocking the tray",
        "blanking the disc",
        "formatting the disc",
        "closing the track left open",
        "closing the session left open",
        "setting the write parameters",
        "setting the speed",
        "setting the layer break",
        "reserving the track",
        "asking for the next writable address",
        "calibrating the laser power",
        "flushing the drive's buffer",
        "closing the track",
        "closing the session",
        "finalising the disc",
        "finalising the disc",
        "stopping the background format",
        "ending the format with a lead-out",
    };
    return kNames.at(static_cast<std::size_t>(op));
}

}  // namespace kiln::stack

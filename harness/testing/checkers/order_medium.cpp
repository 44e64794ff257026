// Which commands each medium has, and how what was written there has to end.

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "harness/testing/checkers/demands.h"
#include "harness/testing/checkers/ending.h"

namespace kiln::harness::checks {
namespace {

constexpr unsigned function(unsigned number) {
    return 1U << number;
}

/// What a drive with this medium takes. Sources: drive-behaviour 2 to 8.
struct MediumCommands {
    MediumKind kind = MediumKind::None;
    unsigned closes = 0;            // CLOSE TRACK/SESSION functions
    bool write_parameters = false;  // mode page 05h is obeyed
    bool blanks = false;
    bool reserves = false;
    bool calibrates = false;    // SEND OPC INFORMATION is usual
    std::uint64_t formats = 0;  // FORMAT UNIT types, as bits
};

constexpr std::uint64_t type(unsigned number) {
    return std::uint64_t{1} << number;
}

constexpr unsigned kTrackAndSession = function(1) | function(2);
constexpr unsigned kPlus = kTrackAndSession | function(5) | function(6);

constexpr std::array kMedia = {
    MediumCommands{MediumKind::CdR, kTrackAndSession, true, false, true, true},
    MediumCommands{MediumKind::CdRw, kTrackAndSession, true, true, true, true, type(0x10)},
    MediumCommands{MediumKind::DvdR, kTrackAndSession | function(3), true, false, true, true},
    MediumCommands{MediumKind::DvdRw, kTrackAndSession | function(3), true, true, true, true,
                   type(0) | type(0x10) | type(0x15)},
    MediumCommands{MediumKind::DvdRwRestrictedOverwrite, function(2) | function(3), false, true,
                   false, true, type(0) | type(0x10) | type(0x11) | type(0x13) | type(0x15)},
    MediumCommands{MediumKind::DvdRDl, kTrackAndSession | function(3), true, false, true, true},
    MediumCommands{MediumKind::DvdPlusR, kPlus, false, false, true, false},
    MediumCommands{MediumKind::DvdPlusRDl, kPlus, false, false, true, false},
    MediumCommands{MediumKind::DvdPlusRw, function(0) | function(2), false, false, false, false,
                   type(0x26)},
    MediumCommands{MediumKind::DvdRam, 0, false, false, false, false, type(0) | type(1)},
    MediumCommands{MediumKind::BdR, kPlus, false, false, true, false, type(0) | type(0x32)},
    MediumCommands{MediumKind::BdRDl, kPlus, false, false, true, false, type(0) | type(0x32)},
    MediumCommands{MediumKind::BdRXl, kPlus, false, false, true, false, type(0) | type(0x32)},
    MediumCommands{MediumKind::BdRe, 0, false, false, false, false,
                   type(0) | type(0x30) | type(0x31)},
    MediumCommands{MediumKind::BdReDl, 0, false, false, false, false,
                   type(0) | type(0x30) | type(0x31)},
    MediumCommands{MediumKind::BdReXl, 0, false, false, false, false,
                   type(0) | type(0x30) | type(0x31)},
};

bool has(const MediumCommands& medium, const SeenCommand& command) {
    switch (command.act) {
        case Act::Close:
            // Function 0 stops a BLANK or FORMAT UNIT as well.
            return ((medium.closes | (medium.blanks || medium.formats != 0 ? 1U : 0U)) >>
                        command.function &
                    1U) != 0;
        case Act::ModeSelect:
            return medium.write_parameters;
        case Act::Blank:
            return medium.blanks;
        case Act::Reserve:
            return medium.reserves;
        case Act::Calibrate:
            return medium.calibrates;
        case Act::Format:
            return (medium.formats >> command.function & 1U) != 0;
        case Act::SendCueSheet:
            return facts_of(medium.kind).family == MediumFamily::Cd;
        default:
            return true;
    }
}

}  // namespace

Found medium_has_the_commands(const Run& run) {
    const auto medium = std::find_if(kMedia.begin(), kMedia.end(), [&](const MediumCommands& it) {
        return it.kind == run.evidence->medium;
    });
    for (std::size_t i = 0; i < run.commands.size(); ++i) {
        if (medium != kMedia.end() && !has(*medium, run.commands[i])) {
            return fmt::format("{} is nothing for {}", words_of(run, i),
                               facts_of(run.evidence->medium).caption);
        }
    }
    return {};
}

Found buffer_is_flushed(const Run& run) {
    if (run.accepted > 0 && !ending_of(run).flushed) {
        return fmt::format("{} blocks were accepted, and nothing flushed them", run.accepted);
    }
    return {};
}

Found left_readable(const Run& run) {
    const Closes wanted = readable_closes(run);
    const Ending ending = ending_of(run);
    const Closes done = closed_in(run, ending);
    // A planned end that finalises closes as well.
    const bool closed = (done & wanted) == wanted || ended_as_planned(run);
    if (run.payload > 0 && !(ending.flushed && closed)) {
        return fmt::format("{} blocks were written, and track and session were not closed",
                           run.payload);
    }
    return {};
}

}  // namespace kiln::harness::checks

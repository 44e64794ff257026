#include "harness/testing/checkers/ending.h"

#include <algorithm>

namespace kiln::harness::checks {
namespace {

constexpr Closes function(unsigned number) {
    return static_cast<Closes>(1U << number);
}

bool accepted(const Run& run, Act act) {
    return std::any_of(run.commands.begin(), run.commands.end(),
                       [act](const SeenCommand& it) { return it.act == act && it.good; });
}

/// Restricted overwrite: a quick format, of this job or of an earlier one, leaves the last border
/// open.
bool border_is_open(const Run& run) {
    if (accepted(run, Act::Format)) {
        return true;
    }
    return run.before.medium != nullptr &&
           (run.before.medium->format == FormatState::Intermediate ||
            run.before.medium->last_session == SessionState::Incomplete);
}

/// Sources: MMC-5 CLOSE TRACK/SESSION as libburn's cookbook and growisofs read it. A CD's track is
/// ended by SYNCHRONIZE CACHE; disc-at-once by it alone; DVD-RAM and BD-RE have nothing to close.
Closes closes(const Run& run, Closes last) {
    switch (run.evidence->medium) {
        case MediumKind::CdR:
        case MediumKind::CdRw:
            return function(2);
        case MediumKind::DvdR:
        case MediumKind::DvdRw:
        case MediumKind::DvdRDl:
            return is_disc_at_once(run) ? 0 : function(1) | function(2);
        case MediumKind::DvdRwRestrictedOverwrite:
            return border_is_open(run) ? function(2) : 0;
        case MediumKind::DvdPlusR:
        case MediumKind::DvdPlusRDl:
        case MediumKind::BdR:
        case MediumKind::BdRDl:
        case MediumKind::BdRXl:
            return function(1) | last;
        case MediumKind::DvdPlusRw:
            return formats_in_background(run) ? function(0) | function(2) : 0;
        default:
            return 0;
    }
}

}  // namespace

bool is_disc_at_once(const Run& run) {
    const MediumKind kind = run.evidence->medium;
    return (kind == MediumKind::DvdR || kind == MediumKind::DvdRw || kind == MediumKind::DvdRDl) &&
           accepted(run, Act::Reserve);
}

bool formats_in_background(const Run& run) {
    const Medium* const before = run.before.medium;
    return run.evidence->medium == MediumKind::DvdPlusRw &&
           (accepted(run, Act::Format) ||
            (before != nullptr && before->background == BackgroundFormat::Running));
}

Ending ending_of(const Run& run) {
    Ending ending;
    for (std::size_t i = run.last_write == Run::npos ? 0 : run.last_write; i < run.commands.size();
         ++i) {
        const SeenCommand& command = run.commands[i];
        if (command.act == Act::Synchronize && command.good) {
            ending.flushed = true;
        }
        if (command.act == Act::Close && ending.flushed) {
            const SentCommand& sent = run.evidence->commands[i];
            const bool answered = !sent.broken && !says_busy(sent);
            ending.tried |= answered ? function(command.function) : Closes{0};
            ending.closed |= command.good ? function(command.function) : Closes{0};
        }
    }
    return ending;
}

Closes planned_closes(const Run& run) {
    if (!run.evidence->options.close) {
        return closes(run, function(2));
    }
    const bool two_layers = run.evidence->medium == MediumKind::DvdPlusRDl;
    return closes(run, two_layers ? function(5) : function(6));
}

Closes readable_closes(const Run& run) {
    return closes(run, function(2));
}

Closes closed_in(const Run& run, const Ending& ending) {
    const bool may_refuse = formats_in_background(run) || run.evidence->options.simulate;
    return may_refuse ? ending.tried : ending.closed;
}

bool ended_as_planned(const Run& run) {
    const Ending ending = ending_of(run);
    const Closes wanted = planned_closes(run);
    return ending.flushed && (closed_in(run, ending) & wanted) == wanted;
}

}  // namespace kiln::harness::checks

// The order of commands that each medium needs, as an automaton over the log.
//
//     PREVENT --> settings --> WRITE ... WRITE --> SYNCHRONIZE --> CLOSE 1 --> CLOSE 2, 5, 6 -->
//     ALLOW
//                 5.. B.. A1 04 53 54   NWA on NWA     |  ^            |  ^
//                                                   IMMED: only polls, until 51h or 52h is GOOD
//
// Sources: drive-behaviour 1.2 to 1.5 and 2 to 8; peer-sequences for the order that drives are used
// to.

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "harness/testing/checkers/demands.h"
#include "harness/testing/checkers/ending.h"

namespace kiln::harness::checks {
namespace {

constexpr std::size_t kNone = Run::npos;

bool changes_the_disc(Act act) {
    return act == Act::Write || act == Act::Close || act == Act::Synchronize || act == Act::Blank ||
           act == Act::Format || act == Act::Reserve || act == Act::Calibrate;
}

/// Cut off by a reset, these cost the disc.
bool is_guarded(Act act) {
    return act == Act::Synchronize || act == Act::Close || act == Act::Blank || act == Act::Format;
}

bool may_poll_with(Act act) {
    return act == Act::Poll || act == Act::ReadState;
}

/// Follows what an IMMED command leaves running.
class Running {
public:
    /// The command that still runs in the drive; kNone if none does.
    [[nodiscard]] std::size_t operation() const { return operation_; }

    void see(const Run& run, std::size_t index) {
        const SeenCommand& it = run.commands[index];
        const SentCommand& sent = run.evidence->commands[index];
        if (stops(run, it)) {
            return;
        }
        if (is_guarded(it.act)) {
            operation_ = it.good && it.immediate ? index : kNone;
        } else if (it.act == Act::ReadState && it.good) {
            operation_ = kNone;
        } else if (may_poll_with(it.act) && sent.status == 2 && !says_busy(sent) &&
                   !has_sense(sent, 6)) {
            operation_ = kNone;  // it failed
        }
    }

    /// CLOSE 0 for a BLANK or FORMAT UNIT that runs: feature 0035h, stop long operation.
    [[nodiscard]] bool stops(const Run& run, const SeenCommand& it) const {
        if (operation_ == kNone || it.act != Act::Close || it.function != 0) {
            return false;
        }
        const Act act = run.commands[operation_].act;
        return act == Act::Blank || act == Act::Format;
    }

private:
    std::size_t operation_ = kNone;
};

std::size_t first_of(const Run& run, bool (*is)(Act)) {
    for (std::size_t i = 0; i < run.commands.size(); ++i) {
        if (is(run.commands[i].act)) {
            return i;
        }
    }
    return kNone;
}

std::size_t last_of(const Run& run, bool (*is)(Act)) {
    for (std::size_t i = run.commands.size(); i > 0; --i) {
        if (is(run.commands[i - 1].act)) {
            return i - 1;
        }
    }
    return kNone;
}

bool locks(Act act) {
    return act == Act::Prevent;
}
bool unlocks(Act act) {
    return act == Act::Allow;
}

/// A CD's track is ended by SYNCHRONIZE CACHE, a disc written at once too.
bool flush_ends_track(const Run& run) {
    return facts_of(run.evidence->medium).family == MediumFamily::Cd || is_disc_at_once(run);
}

/// Of a test write the drive may refuse to close what it has not written.
bool closes_track(const Run& run, std::size_t index) {
    const SeenCommand& it = run.commands[index];
    const bool refused = has_sense(run.evidence->commands[index], 5);
    return it.act == Act::Close && it.function == 1 &&
           (it.good || (refused && run.evidence->options.simulate));
}

/// A close function that ends a session of written tracks, and not a background format.
bool closes_session(const SeenCommand& it) {
    return it.act == Act::Close && it.function != 0 && it.function != 1;
}

}  // namespace

Found writes_are_in_order(const Run& run) {
    std::int64_t next = run.start;
    for (std::size_t i = 0; i < run.commands.size(); ++i) {
        const SeenCommand& it = run.commands[i];
        if (it.act != Act::Write) {
            continue;
        }
        if (it.lba != next) {
            return fmt::format("{}, and the next writable address is {}", words_of(run, i), next);
        }
        if (it.blocks == 0) {
            return fmt::format("{} writes nothing", words_of(run, i));
        }
        next += it.good ? it.blocks : 0;
    }
    return {};
}

Found flushed_before_closing(const Run& run) {
    std::size_t unflushed = kNone;
    for (std::size_t i = 0; i < run.commands.size(); ++i) {
        const SeenCommand& it = run.commands[i];
        if (it.act == Act::Write && it.good) {
            unflushed = i;
        } else if (it.act == Act::Synchronize && it.good) {
            unflushed = kNone;
        } else if (it.act == Act::Close && unflushed != kNone) {
            return fmt::format("{} comes before {} is flushed", words_of(run, i),
                               words_of(run, unflushed));
        }
    }
    return {};
}

Found track_closed_before_session(const Run& run) {
    if (!is_sequential(run.evidence->medium)) {
        return {};
    }
    bool open = false;
    for (std::size_t i = 0; i < run.commands.size(); ++i) {
        const SeenCommand& it = run.commands[i];
        if (it.act == Act::Write && it.good) {
            open = true;
        } else if ((it.act == Act::Synchronize && it.good && flush_ends_track(run)) ||
                   closes_track(run, i)) {
            open = false;
        } else if (closes_session(it) && open) {
            return fmt::format("{} comes while the track is open", words_of(run, i));
        }
    }
    return {};
}

Found no_write_after_flush(const Run& run) {
    std::size_t flushed = kNone;
    for (std::size_t i = 0; i < run.commands.size(); ++i) {
        const Act act = run.commands[i].act;
        if (act == Act::Write && flushed != kNone) {
            return fmt::format("{} comes after {}", words_of(run, i), words_of(run, flushed));
        }
        const bool ends = act == Act::Synchronize || act == Act::Close;
        flushed = ends && run.first_write < i ? i : flushed;
    }
    return {};
}

Found nothing_prepared_while_writing(const Run& run) {
    bool writing = false;
    for (std::size_t i = 0; i < run.commands.size(); ++i) {
        const SeenCommand& it = run.commands[i];
        writing = writing || (it.act == Act::Write && it.good);
        if (writing && is_preparation(it.act)) {
            return fmt::format("{} comes after the first WRITE", words_of(run, i));
        }
    }
    return {};
}

Found only_polls_while_running(const Run& run) {
    Running running;
    for (std::size_t i = 0; i < run.commands.size(); ++i) {
        const SeenCommand& it = run.commands[i];
        const std::size_t operation = running.operation();
        if (operation != kNone && !may_poll_with(it.act) && !running.stops(run, it)) {
            return fmt::format("{} comes before the drive said that {} is done", words_of(run, i),
                               words_of(run, operation));
        }
        running.see(run, i);
    }
    if (running.operation() != kNone) {
        return fmt::format("nobody waited for the end of {}", words_of(run, running.operation()));
    }
    return {};
}

Found tray_is_locked_first(const Run& run) {
    const std::size_t first = first_of(run, changes_the_disc);
    if (first != kNone && first_of(run, locks) > first) {
        return fmt::format("{} comes before the tray is locked", words_of(run, first));
    }
    return {};
}

Found tray_is_unlocked_last(const Run& run) {
    const std::size_t last = last_of(run, changes_the_disc);
    const std::size_t unlocked = first_of(run, unlocks);
    if (last != kNone && unlocked != kNone && unlocked < last) {
        return fmt::format("the tray is unlocked at command {}, before {}", unlocked,
                           words_of(run, last));
    }
    const std::size_t locked = last_of(run, locks);
    if (locked != kNone && (unlocked == kNone || last_of(run, unlocks) < locked)) {
        return fmt::format("nothing unlocks the tray after command {}", locked);
    }
    return {};
}

Found nothing_guarded_is_reset(const Run& run) {
    for (std::size_t i = 0; i < run.commands.size(); ++i) {
        if (is_guarded(run.commands[i].act) && !run.evidence->commands[i].never_reset) {
            return fmt::format("{} may be cut off by a reset", words_of(run, i));
        }
    }
    for (const ResetSeen& reset : run.evidence->resets) {
        if (reset.rung == transports::Rung::ClearHalt) {
            continue;
        }
        Running running;
        const std::size_t before = std::min(reset.commands_before, run.commands.size());
        for (std::size_t i = 0; i < before; ++i) {
            running.see(run, i);
        }
        const bool silent = before > 0 && is_guarded(run.commands[before - 1].act) &&
                            !run.commands[before - 1].good &&
                            run.evidence->commands[before - 1].broken;
        const std::size_t operation = silent ? before - 1 : running.operation();
        if (operation != kNone) {
            return fmt::format("the drive was reset during {}", words_of(run, operation));
        }
    }
    return {};
}

/// Stages 1, 2, 3 and 5 are the caller's.
Found only_writes_are_sent(const Run& run) {
    for (std::size_t i = 0; i < run.commands.size(); ++i) {
        const Act act = run.commands[i].act;
        if (is_preparation(act) || (changes_the_disc(act) && act != Act::Write) ||
            act == Act::StartStop) {
            return fmt::format("the write engine sent {}: it only writes", words_of(run, i));
        }
    }
    return {};
}

}  // namespace kiln::harness::checks

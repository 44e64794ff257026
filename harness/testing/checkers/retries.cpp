// What answers mean, and what may be sent again. Sources: drive-behaviour 1.2 to 1.5; SAM on lost
// answers.

#include <fmt/format.h>

#include "harness/testing/checkers/demands.h"

namespace kiln::harness::checks {
namespace {

bool is_same_write(const SeenCommand& one, const SeenCommand& other) {
    return one.act == Act::Write && other.act == Act::Write && one.lba == other.lba;
}

/// Nothing can be known of where the drive stands but by asking it.
Found resent_after(const Run& run, std::size_t index, const char* what) {
    for (std::size_t i = index + 1; i < run.commands.size(); ++i) {
        const SeenCommand& next = run.commands[i];
        if (is_same_write(run.commands[index], next)) {
            return fmt::format("{} is sent again after {}", words_of(run, i), what);
        }
        if (next.act == Act::Write || next.act == Act::ReadState) {
            return {};
        }
    }
    return {};
}

/// What a cancel leaves out need not be asked for again: a close by most policies, a flush too in
/// an emergency.
bool is_left_out(const Run& run, std::size_t index) {
    const Where leaving = run.commands[index].act == Act::Close
                              ? kLeaveResumable | kFastestRelease | kEmergency
                              : kEmergency;
    return index + 1 >= run.started_before_cancel && (run.where & leaving) != 0;
}

/// A flush or close that was refused with 2/04/xx: it is still at it, or has not begun.
bool is_unfinished(const Run& run, std::size_t index) {
    const Act act = run.commands[index].act;
    return (act == Act::Synchronize || act == Act::Close) &&
           says_busy(run.evidence->commands[index]) && !is_left_out(run, index);
}

bool is_asked_again(const Run& run, std::size_t index) {
    for (std::size_t i = index + 1; i < run.commands.size(); ++i) {
        const SeenCommand& next = run.commands[i];
        const bool asks = next.act == Act::ReadState || next.act == Act::Poll;
        if (next.act == run.commands[index].act || (next.act == Act::ReadState && next.good)) {
            return true;
        }
        // A hard error is an answer as well.
        if (asks && run.evidence->commands[i].status == 2 &&
            !says_busy(run.evidence->commands[i]) && !has_sense(run.evidence->commands[i], 6)) {
            return true;
        }
        if (!asks && next.act != Act::BufferCapacity) {
            return false;
        }
    }
    return false;
}

}  // namespace

Found no_write_again_after_attention(const Run& run) {
    if (!is_sequential(run.evidence->medium)) {
        return {};
    }
    for (std::size_t i = 0; i < run.commands.size(); ++i) {
        if (run.commands[i].act != Act::Write || !has_sense(run.evidence->commands[i], 6)) {
            continue;
        }
        if (auto found = resent_after(run, i, "a unit attention in the middle of a track")) {
            return found;
        }
    }
    return {};
}

Found no_write_again_after_silence(const Run& run) {
    if (!is_sequential(run.evidence->medium)) {
        return {};
    }
    for (std::size_t i = 0; i < run.commands.size(); ++i) {
        if (run.commands[i].act != Act::Write || !run.evidence->commands[i].broken) {
            continue;
        }
        if (auto found = resent_after(run, i, "an answer that never came")) {
            return found;
        }
    }
    return {};
}

Found busy_is_not_done(const Run& run) {
    if ((run.where & kCancelled) != 0 && run.first_write == Run::npos) {
        return {};  // what an earlier job left open need not be closed for a job that does not come
    }
    for (std::size_t i = 0; i < run.commands.size(); ++i) {
        if (is_unfinished(run, i) && !is_asked_again(run, i)) {
            return fmt::format("{} was answered 2/04/xx, and taken as done", words_of(run, i));
        }
    }
    return {};
}

}  // namespace kiln::harness::checks

// What the disc is, worked out from the fake medium itself, beside what was predicted and reported.

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

#include "harness/testing/checkers/demands.h"
#include "harness/testing/checkers/ending.h"

namespace kiln::harness::checks {
namespace {

using stack::DiscState;
using stack::Prediction;

/// In the words of READ DISC INFORMATION.
stack::DiscStatus status_of(const Medium& medium) {
    switch (medium.status) {
        case DiscStatus::Empty:
            return stack::DiscStatus::Blank;
        case DiscStatus::Incomplete:
            return stack::DiscStatus::Appendable;
        case DiscStatus::Complete:
            return stack::DiscStatus::Complete;
        case DiscStatus::Other:
            return stack::DiscStatus::Other;
    }
    return stack::DiscStatus::Unknown;
}

/// Sessions that are closed: the count has the empty or open one in it.
std::uint32_t complete_sessions(const Medium& medium) {
    const bool last = medium.last_session == SessionState::Complete;
    return medium.sessions - (last || medium.sessions == 0 ? 0U : 1U);
}

std::uint32_t tracks_with_data(const Medium& medium) {
    return static_cast<std::uint32_t>(
        std::count_if(medium.tracks.begin(), medium.tracks.end(), [](const Track& track) {
            return track.kind != TrackKind::Invisible && track.recorded > 0;
        }));
}

/// Blocks from `start` that the track there has on record.
std::uint64_t blocks_from(const Medium& medium, std::int32_t start) {
    for (const Track& track : medium.tracks) {
        const std::int64_t end = std::int64_t{track.start} + track.recorded;
        if (start >= track.start && start < end) {
            return static_cast<std::uint64_t>(end - start);
        }
    }
    return 0;
}

/// Reported by kiln as written: the count that a prediction is about.
std::uint64_t written(const Run& run) {
    return run.evidence->report ? run.evidence->report->written_blocks : run.payload;
}

DiscState fact_of(const Run& run) {
    DiscState disc;
    const Medium* const medium = run.after.medium;
    if (medium == nullptr) {
        disc.status = stack::DiscStatus::NoMedium;
        return disc;
    }
    disc.status = status_of(*medium);
    disc.sessions = complete_sessions(*medium);
    disc.tracks = tracks_with_data(*medium);
    disc.user_blocks = std::min(written(run), blocks_from(*medium, run.start));
    return disc;
}

std::string words(const DiscState& disc) {
    return fmt::format("{}, {} sessions, {} tracks, {} blocks", stack::name_of(disc.status),
                       disc.sessions, disc.tracks, disc.user_blocks);
}

Found outside(const Prediction& said, const DiscState& fact, bool sequential) {
    const bool inside =
        fact.user_blocks >= said.least_user_blocks && fact.user_blocks <= said.most_user_blocks;
    const bool structure = !sequential || !said.exact || !said.structured ||
                           (fact.status == said.disc.status &&
                            fact.sessions == said.disc.sessions && fact.tracks == said.disc.tracks);
    if (inside && structure) {
        return {};
    }
    return fmt::format("predicted {} (from {} to {} blocks), and it is {}", words(said.disc),
                       said.least_user_blocks, said.most_user_blocks, words(fact));
}

/// No answer to what the job asked at its end, behind the unlocked tray, was a lie.
bool was_told_the_truth(const Run& run) {
    for (std::size_t i = run.commands.size(); i > 0; --i) {
        if (run.commands[i - 1].act == Act::Allow) {
            return true;
        }
        const SentCommand& sent = run.evidence->commands[i - 1];
        // "There is no such track" is a lie too.
        if (has_sense(sent, 5, 0x2400) || (run.commands[i - 1].good && sent.injected)) {
            return false;
        }
    }
    return true;
}

/// Disc at once is closed by its flush, and a test write leaves nothing.
bool says_something(const Run& run) {
    return run.after.medium != nullptr && is_sequential(run.evidence->medium) &&
           !run.evidence->options.simulate;
}

}  // namespace

Found disc_is_as_predicted(const Run& run) {
    const auto& report = run.evidence->report;
    const bool nothing_said = !report || report->predicted.words.empty();
    if (run.after.medium == nullptr || nothing_said || run.first_write == Run::npos) {
        return {};
    }
    auto found = outside(report->predicted, fact_of(run), is_sequential(run.evidence->medium));
    // Where a fault is to blame, it is enough that the report says so.
    if ((run.where & kFault) != 0 && !report->as_predicted) {
        return {};
    }
    if (!found && !report->as_predicted) {
        return "the disc is as predicted, and the report denies it";
    }
    return found;
}

/// What the engine said before it was asked, of the policy that it then carried out.
Found disc_is_as_foretold(const Run& run) {
    const CancelCall* last = nullptr;
    for (const CancelCall& call : run.evidence->cancels) {
        if (call.predicted && call.policy == run.policy && call.at <= run.evidence->ended) {
            last = last == nullptr ? &call : last;
        }
    }
    if (last == nullptr || run.after.medium == nullptr || run.first_write == Run::npos) {
        return {};
    }
    return outside(*last->predicted, fact_of(run), is_sequential(run.evidence->medium));
}

Found disc_is_as_reported(const Run& run) {
    if (!run.evidence->report) {
        return {};
    }
    const DiscState& said = run.evidence->report->disc;
    if (!says_something(run) || said.status == stack::DiscStatus::Unknown ||
        !was_told_the_truth(run)) {
        return {};
    }
    const DiscState fact = fact_of(run);
    if (said.status == fact.status && said.sessions == fact.sessions &&
        said.tracks == fact.tracks && said.user_blocks == fact.user_blocks) {
        return {};
    }
    return fmt::format("reported {}, and it is {}", words(said), words(fact));
}

Found session_is_left_as_the_policy_says(const Run& run) {
    if (!says_something(run) || run.payload == 0 || run.before.medium == nullptr) {
        return {};
    }
    const bool closes = (run.where & (kCompleted | kMakeReadable)) != 0;
    const bool closed = run.after.medium->last_session != SessionState::Incomplete &&
                        run.after.medium->last_session != SessionState::Damaged;
    const auto first = run.commands.begin();
    const bool begun_before =
        std::any_of(first, first + static_cast<std::ptrdiff_t>(run.started_before_policy),
                    [](const SeenCommand& it) { return it.act == Act::Close; });
    if (closed && begun_before) {
        return {};  // by an earlier request, or by the plan
    }
    if (closes != closed && !is_disc_at_once(run)) {
        return fmt::format("the session is {}, and the policy leaves it {}",
                           closed ? "closed" : "open", closes ? "closed" : "open");
    }
    return {};
}

Found disc_is_not_damaged(const Run& run) {
    const Medium* const medium = run.after.medium;
    if (medium == nullptr) {
        return {};
    }
    const bool track = std::any_of(medium->tracks.begin(), medium->tracks.end(),
                                   [](const Track& it) { return it.damaged; });
    if (track || medium->last_session == SessionState::Damaged) {
        return fmt::format("a {} was left damaged", track ? "track" : "session");
    }
    return {};
}

}  // namespace kiln::harness::checks

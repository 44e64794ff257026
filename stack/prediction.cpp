#include "stack/prediction.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include <fmt/format.h>

#include "stack/facts.h"
#include "stack/step_commands.h"
#include "stack/wait.h"

namespace kiln::stack {
namespace {

std::string megabytes(std::uint64_t blocks) {
    return fmt::format("{:.1f} MB", static_cast<double>(blocks) * kBlockSize / 1e6);
}

/// How a job ends: the steps that are still to come, and those that were taken before.
struct Ending {
    Steps steps;
    OpSet done;
};

bool has_step(const Ending& ending, Op wanted, const Plan& plan) {
    return ending.done.test(static_cast<std::size_t>(wanted)) ||
           std::any_of(ending.steps.begin(), ending.steps.end(), [&](const Step& step) {
               return step.op == wanted && applies(step.when, plan);
           });
}

bool closes_session(const Ending& ending, const Plan& plan) {
    return has_step(ending, Op::CloseSession, plan) || has_step(ending, Op::Finalize, plan) ||
           has_step(ending, Op::FinalizeMinimal, plan);
}

bool finalises(const Ending& ending, const Plan& plan) {
    return has_step(ending, Op::Finalize, plan) || has_step(ending, Op::FinalizeMinimal, plan) ||
           (has_step(ending, Op::CloseSession, plan) && plan.closes &&
            facts_of(plan.family).uses_write_parameters);
}

/// The disc when nothing of this burn is on it.
DiscState untouched(const Plan& plan, bool prepared) {
    DiscState disc;
    disc.profile = plan.profile;
    disc.sessions = prepared ? plan.sessions_before : plan.sessions_found;
    disc.tracks = prepared ? plan.tracks_before : plan.tracks_found;
    disc.status = prepared ? plan.status_before : plan.status_found;
    disc.readable = disc.sessions > 0;
    disc.appendable = true;
    return disc;
}

/// It was blanked, or its open session closed: before the first WRITE, or it would not be there.
bool is_prepared(const Ending& ending, std::uint64_t payload) {
    return payload > 0 || ending.done.test(static_cast<std::size_t>(Op::BlankDisc)) ||
           ending.done.test(static_cast<std::size_t>(Op::CloseOpenSession));
}

/// Blocks that this burn and what follows it have between them.
std::uint64_t room(const Plan& plan) {
    // A layer break at half of what was to be written leaves no more than that.
    return plan.layer_break ? std::uint64_t{2} * *plan.layer_break : plan.capacity_blocks;
}

/// Blocks that lie between a session and the next one, at the most.
std::uint64_t session_gap(MediumFamily family) {
    switch (family) {
        case MediumFamily::CdR:
        case MediumFamily::CdRw:
            return 6750 + 4500 + 150;  // MMC: the first lead-out, a lead-in, a pregap
        case MediumFamily::DvdR:
        case MediumFamily::DvdRw:
            return 47104;  // the DVD-R book: 92 MiB of border-out and border-in
        case MediumFamily::DvdPlusR:
        case MediumFamily::DvdPlusRDl:
            return 2048;  // closure and intro: by so much the next session begins later
        default:
            return 0;
    }
}

/// Whether anything can be appended to a disc with hardly room for another session is the drive's
/// to say: it may finalise the disc instead of closing the session. A CD's track is closed by its
/// flush, and the next one begins behind a gap too.
bool may_be_full(const Plan& plan, std::uint64_t payload, const Ending& ending) {
    const bool is_cd = facts_of(plan.family).medium_class == MediumClass::Cd;
    const bool gap_follows = is_cd || closes_session(ending, plan);
    if (payload == 0 || plan.simulates || !plan.recipe->write.sequential || !gap_follows ||
        finalises(ending, plan)) {
        return false;
    }
    const std::uint64_t least = std::max<std::uint64_t>(1, plan.recipe->write.minimum);
    return plan.padded(payload) + session_gap(plan.family) + least > room(plan);
}

DiscState sequential(const Plan& plan, std::uint64_t payload, const Ending& ending, bool whole) {
    DiscState disc = untouched(plan, is_prepared(ending, payload));
    if (payload == 0 || plan.simulates) {
        return disc;
    }
    disc.user_blocks = payload;
    disc.tracks += 1;
    if (plan.recipe->id == RecipeId::DvdMinusDiscAtOnce && whole) {
        disc.sessions += 1;
        disc.status = DiscStatus::Complete;
        disc.readable = true;
        disc.appendable = false;
        return disc;
    }
    const bool closed = closes_session(ending, plan);
    disc.status = finalises(ending, plan) ? DiscStatus::Complete : DiscStatus::Appendable;
    disc.sessions += closed ? 1 : 0;
    disc.readable = closed;
    // What is left open and full has nothing to be continued at.
    const bool full = plan.start_known && plan.padded(payload) >= room(plan);
    disc.appendable = disc.status == DiscStatus::Appendable && !full;
    return disc;
}

DiscState overwritable(const Plan& plan, std::uint64_t payload, const Ending& ending) {
    DiscState disc = untouched(plan, is_prepared(ending, payload));
    disc.user_blocks = payload;
    disc.status = DiscStatus::Complete;
    const bool border_open = plan.border_open && !has_step(ending, Op::CloseSession, plan);
    const bool format_running = plan.format_runs_on && !has_step(ending, Op::StopFormat, plan);
    disc.readable = payload > 0 && !border_open && !format_running;
    disc.appendable = true;
    return disc;
}

Prediction predict(const Plan& plan, std::uint64_t payload, const Ending& ending, bool whole) {
    Prediction it;
    it.exact = !may_be_full(plan, payload, ending);
    const bool random = !plan.recipe->write.sequential;
    it.disc =
        random ? overwritable(plan, payload, ending) : sequential(plan, payload, ending, whole);
    it.structured = !random;
    it.least_user_blocks = it.disc.user_blocks;
    it.most_user_blocks = it.disc.user_blocks;
    if (plan.simulates) {
        it.words = "nothing: this is a test write";
    } else if (payload == 0) {
        it.words = "the disc as it was";
    } else {
        it.words = fmt::format("{} blocks ({}), {}, {}", payload, megabytes(payload),
                               it.disc.readable ? "readable elsewhere" : "session left open",
                               it.disc.appendable ? (random ? "can be overwritten" : "appendable")
                               : it.disc.status == DiscStatus::Appendable ? "full"
                                                                          : "closed");
    }
    return it;
}

Prediction bounds_only(Prediction it, std::uint64_t payload) {
    it.exact = false;
    it.least_user_blocks = 0;
    it.most_user_blocks = payload;
    it.words = payload == 0 ? "the disc as it was"
                            : fmt::format("at most {} blocks ({}), perhaps none", payload,
                                          megabytes(payload));
    return it;
}

LongOperation operation_of(Op op, const Plan& plan) {
    switch (op) {
        case Op::CloseTrack:
        case Op::CloseOpenTrack:
            return LongOperation::CloseTrack;
        case Op::CloseSession:
        case Op::CloseOpenSession:
        case Op::StopFormatReadable:
            return LongOperation::CloseSession;
        case Op::Finalize:
        case Op::FinalizeMinimal:
            return LongOperation::Finalize;
        case Op::StopFormat:
            return LongOperation::StopFormat;
        case Op::BlankDisc:
            return plan.full_blank ? LongOperation::BlankFull : LongOperation::BlankFast;
        case Op::FormatMedium:
            return format_operation(plan);
        default:
            return LongOperation::Flush;
    }
}

}  // namespace

Prediction predict_completed(const Plan& plan, std::uint64_t payload) {
    Prediction it = predict(plan, payload, {.steps = plan.recipe->finish, .done = {}}, true);
    it.worst_case = worst_case(plan, CancelPolicy::MakeReadable);
    return it;
}

Prediction predict_cancelled(const Plan& plan, std::uint64_t payload, CancelPolicy policy,
                             const OpSet& done) {
    const Ending ending{.steps = plan.recipe->on_cancel.at(static_cast<std::size_t>(policy)),
                        .done = done};
    Prediction it = predict(plan, payload, ending, false);
    // Disc at once ends with a lead-out or not at all: what a short one becomes is the drive's.
    const bool unsure = plan.recipe->id == RecipeId::DvdMinusDiscAtOnce && payload > 0;
    if (policy == CancelPolicy::Emergency || unsure) {
        it = bounds_only(std::move(it), payload);
    }
    it.worst_case = worst_case(plan, policy);
    return it;
}

Prediction predict_stopped(const Plan& plan, bool begun) {
    Prediction it = predict(plan, 0, {}, false);
    it.exact = !begun;
    it.structured = !begun;
    if (begun) {
        it.words = fmt::format(
            "{} in part or whole: what the disc held is gone, and it can be {} again",
            plan.blanks ? "blanked" : "formatted", plan.blanks ? "blanked" : "formatted");
    }
    it.worst_case = worst_case(plan, CancelPolicy::MakeReadable);
    return it;
}

bool nothing_left(Steps steps, const Plan& plan, const OpSet& done) {
    return std::none_of(steps.begin(), steps.end(), [&](const Step& step) {
        return applies(step.when, plan) && !done.test(static_cast<std::size_t>(step.op));
    });
}

Prediction predict_failed(const Plan& plan, std::uint64_t payload) {
    return bounds_only(predict(plan, payload, {}, false), payload);
}

transports::Duration worst_case(const Plan& plan, CancelPolicy policy) {
    const auto deadline = [&](LongOperation operation) {
        return poll_for(operation, plan.family, plan.medium_capacity).deadline;
    };
    transports::Duration all = deadline(LongOperation::Write);
    if (policy == CancelPolicy::Emergency) {
        // The WRITE is interrupted; a flush, close, blank or format in flight is not.
        all = deadline(LongOperation::Finalize);
    }
    if (!plan.recipe->writes) {
        all = deadline(operation_of(plan.blanks ? Op::BlankDisc : Op::FormatMedium, plan));
    }
    for (const Step& step : plan.recipe->on_cancel.at(static_cast<std::size_t>(policy))) {
        if (applies(step.when, plan)) {
            all += deadline(operation_of(step.op, plan));
        }
    }
    return all + kQueryTimeout;  // the tray
}

DiscState state_of(const Medium& medium, mmc::Lba start, std::uint64_t payload) {
    DiscState disc;
    disc.profile = medium.profile;
    disc.status = medium.status;
    disc.sessions = medium.complete_sessions;
    disc.tracks = static_cast<std::uint32_t>(
        std::count_if(medium.tracks.begin(), medium.tracks.end(),
                      [](const Track& track) { return track.holds_blocks(); }));
    disc.appendable = medium.is_overwritable() || medium.is_appendable() || medium.is_blank();
    if (medium.is_overwritable()) {
        disc.user_blocks =
            std::min<std::uint64_t>(payload, std::max(static_cast<std::uint64_t>(medium.capacity),
                                                      static_cast<std::uint64_t>(medium.readable)));
        disc.readable = payload > 0 && medium.background_format != BackgroundFormat::Running &&
                        medium.last_session != SessionState::Incomplete;
        return disc;
    }
    disc.readable = medium.complete_sessions > 0 && !medium.has_open_session();
    const auto first = static_cast<std::int64_t>(start);
    for (const Track& track : medium.tracks) {
        const auto begin = static_cast<std::int64_t>(track.start);
        const auto end = begin + static_cast<std::int64_t>(track.size);
        if (!track.holds_blocks() || first < begin || first >= end) {
            continue;
        }
        // An open track is written up to its next writable address, a closed one to its end.
        const std::int64_t written =
            track.next_writable ? static_cast<std::int64_t>(*track.next_writable) : end;
        disc.user_blocks = std::min(
            payload, static_cast<std::uint64_t>(std::max<std::int64_t>(0, written - first)));
    }
    return disc;
}

}  // namespace kiln::stack

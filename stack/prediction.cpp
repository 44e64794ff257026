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

bool has_step(Steps steps, Op wanted, const Plan& plan) {
    return std::any_of(steps.begin(), steps.end(), [&](const Step& step) {
        return step.op == wanted && applies(step.when, plan);
    });
}

bool closes_session(Steps steps, const Plan& plan) {
    return has_step(steps, Op::CloseSession, plan) || has_step(steps, Op::Finalize, plan) ||
           has_step(steps, Op::FinalizeMinimal, plan);
}

bool finalises(Steps steps, const Plan& plan) {
    return has_step(steps, Op::Finalize, plan) || has_step(steps, Op::FinalizeMinimal, plan) ||
           (has_step(steps, Op::CloseSession, plan) && plan.closes &&
            facts_of(plan.family).uses_write_parameters);
}

/// The disc as it was, when nothing of this burn is on it.
DiscState untouched(const Plan& plan) {
    DiscState disc;
    disc.profile = plan.profile;
    disc.sessions = plan.sessions_before;
    disc.tracks = plan.tracks_before;
    disc.status = plan.status_before;
    disc.readable = plan.sessions_before > 0;
    disc.appendable = true;
    return disc;
}

DiscState sequential(const Plan& plan, std::uint64_t payload, Steps ending, bool whole) {
    DiscState disc = untouched(plan);
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
    disc.appendable = disc.status == DiscStatus::Appendable;
    return disc;
}

DiscState overwritable(const Plan& plan, std::uint64_t payload, Steps ending) {
    DiscState disc = untouched(plan);
    disc.user_blocks = payload;
    disc.status = DiscStatus::Complete;
    const bool border_open = plan.border_open && !has_step(ending, Op::CloseSession, plan);
    const bool format_running = plan.format_runs_on && !has_step(ending, Op::StopFormat, plan);
    disc.readable = payload > 0 && !border_open && !format_running;
    disc.appendable = true;
    return disc;
}

Prediction predict(const Plan& plan, std::uint64_t payload, Steps ending, bool whole) {
    Prediction it;
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
        it.words = fmt::format(
            "{} blocks ({}), {}, {}", payload, megabytes(payload),
            it.disc.readable ? "readable elsewhere" : "session left open",
            it.disc.appendable ? (random ? "can be overwritten" : "appendable") : "closed");
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
            return plan.format.full ? LongOperation::FormatFull : LongOperation::FormatFast;
        default:
            return LongOperation::Flush;
    }
}

}  // namespace

Prediction predict_completed(const Plan& plan, std::uint64_t payload) {
    Prediction it = predict(plan, payload, plan.recipe->finish, true);
    it.worst_case = worst_case(plan, CancelPolicy::MakeReadable);
    return it;
}

Prediction predict_cancelled(const Plan& plan, std::uint64_t payload, CancelPolicy policy) {
    const Steps ending = plan.recipe->on_cancel.at(static_cast<std::size_t>(policy));
    Prediction it = predict(plan, payload, ending, false);
    // Disc at once ends with a lead-out or not at all: what a short one becomes is the drive's.
    const bool unsure = plan.recipe->id == RecipeId::DvdMinusDiscAtOnce && payload > 0;
    if (policy == CancelPolicy::Emergency || unsure) {
        it = bounds_only(std::move(it), payload);
    }
    it.worst_case = worst_case(plan, policy);
    return it;
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

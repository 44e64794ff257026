#include "tools/kiln/json_events.h"

#include <chrono>

#include <fmt/format.h>

#include "mmc/hex.h"

namespace kiln::tools {
namespace {

double seconds(transports::Duration time) {
    return std::chrono::duration<double>(time).count();
}

}  // namespace

std::string hex_of(stack::HResult code) {
    return fmt::format("0x{:08x}", static_cast<std::uint32_t>(code));
}

JsonObject json_of(const stack::DiscState& disc) {
    JsonObject json;
    json.set("profile", disc.profile)
        .set("status", name_of(disc.status))
        .set("sessions", disc.sessions)
        .set("tracks", disc.tracks)
        .set("user_blocks", disc.user_blocks)
        .set("readable", disc.readable)
        .set("appendable", disc.appendable);
    return json;
}

JsonObject json_of(const stack::Prediction& prediction) {
    JsonObject json;
    json.set("disc", json_of(prediction.disc))
        .set("least_user_blocks", prediction.least_user_blocks)
        .set("most_user_blocks", prediction.most_user_blocks)
        .set("exact", prediction.exact)
        .set("worst_case_s", seconds(prediction.worst_case))
        .set("words", prediction.words);
    return json;
}

JsonObject json_of(const stack::PlanSummary& plan) {
    JsonObject cancelled;
    for (std::size_t i = 0; i < plan.when_cancelled.size(); ++i) {
        cancelled.set(name_of(static_cast<stack::CancelPolicy>(i)),
                      json_of(plan.when_cancelled[i]));
    }
    JsonObject json;
    json.set("recipe", plan.recipe)
        .set("profile", plan.profile)
        .set("start_lba", static_cast<std::int32_t>(plan.start))
        .set("blocks", plan.blocks)
        .set("capacity_blocks", plan.capacity_blocks)
        .set("speed_x", plan.speed_x)
        .set("speed_kb_s", plan.speed_kb_s)
        .set("closes_disc", plan.closes_disc)
        .set("formats", plan.formats)
        .set("blanks", plan.blanks)
        .set("when_done", json_of(plan.when_done))
        .set("when_cancelled", cancelled);
    return json;
}

JsonObject json_of(const stack::Progress& progress) {
    JsonObject json;
    json.set("phase", name_of(progress.phase))
        .set("start_lba", progress.start_lba)
        .set("sector_count", progress.sector_count)
        .set("last_read_lba", progress.last_read_lba)
        .set("last_written_lba", progress.last_written_lba)
        .set("total_system_buffer", progress.total_system_buffer)
        .set("used_system_buffer", progress.used_system_buffer)
        .set("free_system_buffer", progress.free_system_buffer)
        .set("elapsed_s", seconds(progress.elapsed));
    if (progress.remaining) {
        json.set("remaining_s", seconds(*progress.remaining));
    } else {
        json.set_null("remaining_s");
    }
    json.set("speed_x", progress.speed_x);
    if (progress.drive_buffer_percent) {
        json.set("drive_buffer_percent", *progress.drive_buffer_percent);
    }
    if (progress.operation_percent) {
        json.set("operation_percent", *progress.operation_percent);
    }
    return json;
}

JsonObject json_of(const mmc::Sense& sense) {
    JsonObject json;
    json.set("key", static_cast<unsigned>(sense.key))
        .set("asc", sense.additional_sense_code)
        .set("ascq", sense.additional_sense_code_qualifier)
        .set("deferred", sense.deferred)
        .set("words", describe(sense))
        .set("raw", mmc::to_hex(sense.bytes()));
    return json;
}

JsonObject json_of(const Problem& problem) {
    JsonObject json;
    std::string doing = problem.doing;
    if (problem.failure && !problem.failure->doing.empty()) {
        doing = problem.failure->doing;
    }
    json.set("doing", doing);
    if (problem.failure && !problem.failure->command.empty()) {
        json.set("command", problem.failure->command);
    } else {
        json.set_null("command");
    }
    if (problem.failure && problem.failure->lba) {
        json.set("lba", static_cast<std::int32_t>(*problem.failure->lba));
    } else {
        json.set_null("lba");
    }
    if (problem.failure && problem.failure->sense) {
        json.set("sense", json_of(*problem.failure->sense));
    } else {
        json.set_null("sense");
    }
    json.set("message", problem.line());
    return json;
}

JsonObject json_of(const stack::BurnReport& report) {
    JsonObject disc = json_of(report.disc);
    disc.set("as_predicted", report.as_predicted);
    JsonObject json;
    json.set("outcome", name_of(report.outcome))
        .set("code", name_of(report.code))
        .set("hresult", hex_of(report.code))
        .set("verified", name_of(report.verified));
    if (report.failure) {
        json.set("error", json_of(problem_from("", *report.failure)));
    }
    json.set("drive_seconds", seconds(report.drive_time))
        .set("written_blocks", report.written_blocks)
        .set("simulated", report.simulated)
        .set("disc", disc)
        .set("predicted", json_of(report.predicted))
        .set("warnings", report.warnings)
        .set("ejected", report.ejected)
        .set("something_left_out", report.something_left_out);
    return json;
}

}  // namespace kiln::tools

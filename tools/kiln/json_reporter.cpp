#include "tools/kiln/json_reporter.h"

#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "tools/kiln/json_events.h"

namespace kiln::tools {

bool JsonReporter::event(std::string_view name, const JsonObject& members,
                         transports::Duration patience) {
    JsonObject json;
    json.set("event", name);
    if (first_) {
        json.set("schema", 1);
    }
    json.merge(members);
    const bool written = output_.write(json.line() + "\n", patience);
    first_ = first_ && !written;
    return written;
}

void JsonReporter::on_plan(const stack::PlanSummary& plan) {
    event("plan", json_of(plan));
}

void JsonReporter::on_phase(stack::Phase phase) {
    JsonObject json;
    json.set("phase", name_of(phase));
    event("phase", json);
}

void JsonReporter::on_update(const stack::Progress& progress) {
    console_.bar(bar_of(progress));
    event("update", json_of(progress), update_patience_);
}

void JsonReporter::on_warning(const std::string& text) {
    console_.warning(text);
    JsonObject json;
    json.set("text", text);
    event("warning", json);
}

ExitStatus JsonReporter::result(JsonObject members, ExitStatus status) {
    members.set("status", static_cast<int>(status));
    if (event("result", members) || output_.os_code() == EPIPE) {
        return status;
    }
    console_.error(fmt::format("writing to standard output: {}",
                               std::generic_category().message(output_.os_code())));
    return status == ExitStatus::Done ? ExitStatus::Failed : status;
}

ExitStatus JsonReporter::burn_ended(const stack::BurnReport& report) {
    const ExitStatus status = status_of(report);
    console_.clear_bar();
    if (status != ExitStatus::Done) {
        console_.error(words_for(report));
    }
    return result(json_of(report), status);
}

ExitStatus JsonReporter::ended(const Ending& ending) {
    JsonObject json;
    json.set("outcome", name_of(stack::Outcome::Completed))
        .set("code", name_of(stack::HResult::Ok))
        .set("hresult", hex_of(stack::HResult::Ok));
    json.merge(ending.details);
    return result(std::move(json), ExitStatus::Done);
}

ExitStatus JsonReporter::answer(const Answer& answer) {
    if (event(answer.event(), answer.json()) || output_.os_code() == EPIPE) {
        return ExitStatus::Done;
    }
    console_.error(fmt::format("writing to standard output: {}",
                               std::generic_category().message(output_.os_code())));
    return ExitStatus::Failed;
}

ExitStatus JsonReporter::failed(const Problem& problem, const JsonObject& details) {
    console_.error(problem.line());
    const bool cancelled = problem.status == ExitStatus::Cancelled;
    JsonObject json = details;
    json.set("outcome", name_of(cancelled ? stack::Outcome::Cancelled : stack::Outcome::Failed))
        .set("code", name_of(problem.code))
        .set("hresult", hex_of(problem.code));
    if (!cancelled) {
        json.set("error", json_of(problem));
    }
    return result(std::move(json), problem.status);
}

}  // namespace kiln::tools

#include "tools/kiln/text_reporter.h"

#include <cerrno>
#include <system_error>

#include <fmt/format.h>

#include "tools/kiln/units.h"

namespace kiln::tools {

void TextReporter::on_plan(const stack::PlanSummary& plan) {
    constexpr std::uint64_t kBlockSize = 2048;
    std::string text = plan.recipe;
    if (plan.blocks) {
        text += fmt::format(", {} blocks ({}) at {}", *plan.blocks,
                            words_for_bytes(*plan.blocks * kBlockSize),
                            static_cast<std::int32_t>(plan.start));
    }
    if (plan.speed_x > 0) {
        text += fmt::format(", {:.1f}x", plan.speed_x);
    }
    text += plan.blanks ? ", blanks first" : "";
    text += plan.formats ? ", formats first" : "";
    text += plan.closes_disc ? ", closes the disc" : "";
    console_.note(text);
}

ExitStatus TextReporter::burn_ended(const stack::BurnReport& report) {
    const ExitStatus status = status_of(report);
    console_.clear_bar();
    if (status == ExitStatus::Done) {
        return print(words_for(report) + "\n", status);
    }
    console_.error(words_for(report));
    return status;
}

ExitStatus TextReporter::ended(const Ending& ending) {
    console_.clear_bar();
    return print(ending.words + "\n", ExitStatus::Done);
}

ExitStatus TextReporter::answer(const Answer& answer) {
    return print(answer.text(), ExitStatus::Done);
}

ExitStatus TextReporter::failed(const Problem& problem, const JsonObject& /*details*/) {
    console_.error(problem.line());
    return problem.status;
}

ExitStatus TextReporter::print(std::string_view text, ExitStatus status) {
    if (output_.write(text) || output_.os_code() == EPIPE) {
        return status;  // a reader that has seen enough is no error
    }
    console_.error(fmt::format("writing to standard output: {}",
                               std::generic_category().message(output_.os_code())));
    return status == ExitStatus::Done ? ExitStatus::Failed : status;
}

}  // namespace kiln::tools

/// \file
/// For people: progress, warnings and errors on standard error, what was asked for on standard
/// output.

#pragma once

#include "tools/kiln/console.h"
#include "tools/kiln/line_writer.h"
#include "tools/kiln/reporter.h"

namespace kiln::tools {

class TextReporter final : public Reporter {
public:
    /// `output`: where the last line of a verb that did something goes; not standard output where
    /// data go there.
    TextReporter(Console& console, int output) : console_(console), output_(output) {}

    void on_plan(const stack::PlanSummary& plan) override;
    void on_phase(stack::Phase phase) override { console_.phase(phase); }
    void on_update(const stack::Progress& progress) override { console_.bar(bar_of(progress)); }
    void on_warning(const std::string& text) override { console_.warning(text); }
    void on_read(const ReadProgress& progress) override { console_.bar(bar_of(progress)); }

    ExitStatus burn_ended(const stack::BurnReport& report) override;
    ExitStatus ended(const Ending& ending) override;
    ExitStatus answer(const Answer& answer) override;
    using Reporter::failed;
    ExitStatus failed(const Problem& problem, const JsonObject& details) override;

private:
    ExitStatus print(std::string_view text, ExitStatus status);

    Console& console_;
    LineWriter output_;
};

}  // namespace kiln::tools

/// \file
/// JSON Lines on standard output; warnings and errors on standard error too.

#pragma once

#include <string_view>

#include "tools/kiln/console.h"
#include "tools/kiln/line_writer.h"
#include "tools/kiln/reporter.h"

namespace kiln::tools {

/// A reader that goes away stops the events, not the work. One that does not read loses updates
/// while a real drive waits for data, and never another event before a minute has passed.
class JsonReporter final : public Reporter {
public:
    JsonReporter(Console& console, int output) : console_(console), output_(output) {}

    void on_plan(const stack::PlanSummary& plan) override;
    void on_phase(stack::Phase phase) override;
    void on_update(const stack::Progress& progress) override;
    void on_warning(const std::string& text) override;
    void on_read(const ReadProgress& progress) override { console_.bar(bar_of(progress)); }

    ExitStatus burn_ended(const stack::BurnReport& report) override;
    ExitStatus ended(const Ending& ending) override;
    ExitStatus answer(const Answer& answer) override;
    using Reporter::failed;
    ExitStatus failed(const Problem& problem, const JsonObject& details) override;
    void time_stands_still_while_writing() override { update_patience_ = LineWriter::kPatient; }

private:
    bool event(std::string_view name, const JsonObject& members,
               transports::Duration patience = LineWriter::kPatient);
    ExitStatus result(JsonObject members, ExitStatus status);

    Console& console_;
    LineWriter output_;
    transports::Duration update_patience_ = std::chrono::milliseconds(50);
    bool first_ = true;
};

}  // namespace kiln::tools

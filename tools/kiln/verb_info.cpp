/// \file
/// kiln info: what a drive is and what is in it.

#include "tools/kiln/drive_report.h"
#include "tools/kiln/drive_session.h"
#include "tools/kiln/verbs.h"

namespace kiln::tools {

ExitStatus run(const Context& context, const InfoArguments& arguments) {
    auto session = DriveSession::open(context, arguments.drive);
    if (!session) {
        return context.reporter.failed(session.error());
    }
    const auto report = DriveReport::of(arguments.drive, (*session)->drive());
    const auto closed = (*session)->close();
    if (!report) {
        return context.reporter.failed(problem_from("asking the drive", report.error()));
    }
    if (!closed) {
        return context.reporter.failed(closed.error());
    }
    return context.reporter.answer(*report);
}

}  // namespace kiln::tools

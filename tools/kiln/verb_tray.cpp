/// \file
/// kiln load and kiln eject.

#include <fmt/format.h>

#include "tools/kiln/drive_session.h"
#include "tools/kiln/verbs.h"

namespace kiln::tools {

ExitStatus run(const Context& context, const TrayArguments& arguments) {
    const bool load = arguments.to == Tray::Load;
    auto session = DriveSession::open(context, arguments.drive);
    if (!session) {
        return context.reporter.failed(session.error());
    }
    stack::Drive& drive = (*session)->drive();
    const auto moved = load ? drive.load() : drive.eject();
    const auto closed = (*session)->close();
    if (!moved) {
        return context.reporter.failed(
            problem_from(load ? "closing the tray" : "opening the tray", moved.error()));
    }
    if (!closed) {
        return context.reporter.failed(closed.error());
    }
    JsonObject details;
    details.set("tray", load ? "closed" : "open");
    return context.reporter.ended(
        {.words = load ? "the tray is closed" : "the tray is open", .details = details});
}

}  // namespace kiln::tools

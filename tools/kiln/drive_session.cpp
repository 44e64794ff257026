#include "tools/kiln/drive_session.h"

#include <utility>

#include "tools/libkiln/logged_drive.h"

namespace kiln::tools {

Problem problem_from(const std::string& doing, const OpenError& error) {
    Problem problem = host_problem(doing, error.detail);
    switch (error.kind) {
        case OpenError::Kind::WrongUsage:
            problem.status = ExitStatus::WrongUsage;
            problem.code = stack::HResult::InvalidArgument;
            break;
        case OpenError::Kind::NoSuch:
            problem.status = ExitStatus::Unsuitable;
            problem.code = stack::HResult::DeviceNotExist;
            break;
        case OpenError::Kind::NotPermitted:
            problem.status = ExitStatus::NotPermitted;
            problem.code = stack::HResult::AccessDenied;
            break;
        case OpenError::Kind::InUse:
            problem.status = ExitStatus::NotPermitted;
            problem.code = stack::HResult::Locked;
            break;
        case OpenError::Kind::Failed:
            break;
    }
    return problem;
}

Result<std::unique_ptr<OpenDrive>, Problem> open_for(const Context& context,
                                                     const std::string& address,
                                                     transports::Stop& stop) {
    auto opened =
        open_drive(address, {.clock = context.clock, .waker = context.waker, .stop = &stop});
    if (!opened) {
        if (stop.requested()) {
            return tl::make_unexpected(cancelled("opening " + address));
        }
        return tl::make_unexpected(problem_from("opening " + address, opened.error()));
    }
    if ((*opened)->time_is_virtual()) {
        context.reporter.time_stands_still_while_writing();
    }
    if (context.log.empty()) {
        return std::move(*opened);
    }
    auto logged = log_to(context.log, std::move(*opened));
    if (!logged) {
        return tl::make_unexpected(problem_from("writing a log", logged.error()));
    }
    return std::move(*logged);
}

Result<std::unique_ptr<DriveSession>, Problem> DriveSession::open(const Context& context,
                                                                  const std::string& address,
                                                                  SignalWords words) {
    std::unique_ptr<DriveSession> session(new DriveSession(address, context.waker, words));
    auto opened = open_for(context, address, session->stop_);
    if (!opened) {
        return tl::make_unexpected(std::move(opened).error());
    }
    session->opened_ = std::move(*opened);
    session->stop_.watch(&session->transport());
    session->drive_.emplace(session->transport(), session->clock(), context.waker);
    return session;
}

Result<void, Problem> DriveSession::close() {
    stop_.watch(nullptr);
    return opened_->close().map_error(
        [](const OpenError& error) { return problem_from("closing the drive", error); });
}

}  // namespace kiln::tools

#include "tools/kiln/problem.h"

#include <utility>

namespace kiln::tools {
namespace {

stack::HResult code_for(stack::FailureKind kind) {
    switch (kind) {
        case stack::FailureKind::NoMedium:
            return stack::HResult::NoMedia;
        case stack::FailureKind::Unsuitable:
            return stack::HResult::MediaIncompatible;
        case stack::FailureKind::NoSuchDevice:
        case stack::FailureKind::Gone:
            return stack::HResult::DeviceNotExist;
        case stack::FailureKind::NotPermitted:
            return stack::HResult::AccessDenied;
        case stack::FailureKind::InUse:
            return stack::HResult::Locked;
        case stack::FailureKind::TimedOut:
            return stack::HResult::CommandTimeout;
        case stack::FailureKind::Interrupted:
            return stack::HResult::RequestCancelled;
        case stack::FailureKind::Failed:
            break;
    }
    return stack::HResult::Fail;
}

}  // namespace

std::string Problem::line() const {
    return doing.empty() ? message : doing + ": " + message;
}

Problem wrong_usage(std::string message) {
    return {.status = ExitStatus::WrongUsage,
            .code = stack::HResult::InvalidArgument,
            .doing = {},
            .message = std::move(message),
            .failure = std::nullopt};
}

Problem cancelled(std::string doing) {
    return {.status = ExitStatus::Cancelled,
            .code = stack::HResult::RequestCancelled,
            .doing = std::move(doing),
            .message = "cancelled",
            .failure = std::nullopt};
}

Problem host_problem(std::string doing, std::string message) {
    return {.status = ExitStatus::Failed,
            .code = stack::HResult::Fail,
            .doing = std::move(doing),
            .message = std::move(message),
            .failure = std::nullopt};
}

Problem unsuitable(std::string doing, std::string message, stack::HResult code) {
    return {.status = ExitStatus::Unsuitable,
            .code = code,
            .doing = std::move(doing),
            .message = std::move(message),
            .failure = std::nullopt};
}

Problem problem_from(std::string doing, const stack::Failure& failure) {
    return {.status = static_cast<ExitStatus>(stack::exit_status(failure.kind)),
            .code = code_for(failure.kind),
            .doing = std::move(doing),
            .message = failure.message(),
            .failure = failure};
}

}  // namespace kiln::tools

#include "stack/failure.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "mmc/sense.h"

#include "transports/error.h"
#include "transports/transport.h"

namespace kiln::stack {
namespace {

using Transported = transports::TransportError::Kind;

FailureKind kind_of(Transported kind) {
    switch (kind) {
        case Transported::NoSuchDevice:
        case Transported::NotADrive:
            return FailureKind::NoSuchDevice;
        case Transported::NotPermitted:
            return FailureKind::NotPermitted;
        case Transported::InUse:
            return FailureKind::InUse;
        case Transported::Gone:
            return FailureKind::Gone;
        case Transported::TimedOut:
            return FailureKind::TimedOut;
        case Transported::Interrupted:
            return FailureKind::Interrupted;
        case Transported::TooLarge:
        case Transported::HostFailure:
        case Transported::Protocol:
        case Transported::Unsupported:
            break;
    }
    return FailureKind::Failed;
}

std::string_view words_of(Transported kind) {
    switch (kind) {
        case Transported::NoSuchDevice:
            return "no such device";
        case Transported::NotPermitted:
            return "not permitted";
        case Transported::InUse:
            return "in use";
        case Transported::NotADrive:
            return "not an optical drive";
        case Transported::Gone:
            return "the drive is gone";
        case Transported::TimedOut:
            return "timed out";
        case Transported::Interrupted:
            return "interrupted";
        case Transported::TooLarge:
            return "more bytes than the transport takes";
        case Transported::HostFailure:
            return "the host adapter or bus failed";
        case Transported::Protocol:
            return "the device broke the transport's protocol";
        case Transported::Unsupported:
            return "the transport cannot do that";
    }
    return "transport error";
}

// Sense that says "not with this disc" rather than "it broke": ASC 30h incompatible or unformatted
// medium, 27h write protected, 63h end of user area (SPC code list; see drive-behaviour 1.5).
FailureKind kind_of(const mmc::Sense& sense) {
    const auto asc = sense.additional_sense_code;
    if (asc == 0x3A) {
        return FailureKind::NoMedium;
    }
    const bool refused =
        sense.key == mmc::SenseKey::IllegalRequest || sense.key == mmc::SenseKey::DataProtect;
    // 2/30: cannot read medium, incompatible; 3/30 is damage as likely.
    const bool unreadable_kind = sense.key == mmc::SenseKey::NotReady && asc == 0x30;
    if (unreadable_kind || (refused && (asc == 0x30 || asc == 0x27 || asc == 0x63))) {
        return FailureKind::Unsuitable;
    }
    return FailureKind::Failed;
}

std::string words_of(transports::Status status) {
    using transports::Status;
    switch (status) {
        case Status::Good:
            return "GOOD";
        case Status::CheckCondition:
            return "CHECK CONDITION";
        case Status::Busy:
            return "BUSY";
        case Status::ReservationConflict:
            return "RESERVATION CONFLICT";
        case Status::TaskSetFull:
            return "TASK SET FULL";
        case Status::TaskAborted:
            return "TASK ABORTED";
    }
    return fmt::format("status {:02x}h", static_cast<unsigned>(status));
}

}  // namespace

std::string Failure::message() const {
    std::string cause;
    const auto add = [&cause](std::string_view separator, const std::string& text) {
        if (!text.empty()) {
            cause.append(cause.empty() ? "" : separator).append(text);
        }
    };
    if (sense) {
        add("", "CHECK CONDITION " + mmc::describe(*sense));
    }
    if (transport) {
        add("; ", std::string(words_of(transport->kind)));
        add(" (", transport->detail.empty() ? "" : transport->detail + ")");
    }
    add("; ", detail);
    std::string line = doing;
    for (const auto& part : {command, cause}) {
        if (!part.empty()) {
            line.append(line.empty() ? "" : ": ").append(part);
        }
    }
    return line;
}

Failure make_failure(FailureKind kind, std::string doing, std::string detail) {
    Failure failure;
    failure.kind = kind;
    failure.doing = std::move(doing);
    failure.detail = std::move(detail);
    return failure;
}

Failure failure_from_transport(std::string command, const transports::TransportError& error) {
    Failure failure;
    failure.kind = kind_of(error.kind);
    failure.command = std::move(command);
    failure.transport = error;
    return failure;
}

Failure failure_from_completion(std::string command, const transports::Completion& completion) {
    Failure failure;
    failure.command = std::move(command);
    if (completion.status == transports::Status::CheckCondition) {
        failure.kind = kind_of(completion.sense);
        failure.sense = completion.sense;
    } else {
        failure.detail = words_of(completion.status);
        if (completion.status == transports::Status::ReservationConflict) {
            failure.kind = FailureKind::InUse;
        }
    }
    return failure;
}

Failure while_doing(std::string_view doing, Failure failure) {
    if (failure.doing.empty()) {
        failure.doing = doing;
    }
    return failure;
}

int exit_status(FailureKind kind) {
    switch (kind) {
        case FailureKind::Failed:
        case FailureKind::TimedOut:
        case FailureKind::Gone:
            return 1;
        case FailureKind::Interrupted:
            return 3;
        case FailureKind::NoSuchDevice:
        case FailureKind::NoMedium:
        case FailureKind::Unsuitable:
            return 4;
        case FailureKind::NotPermitted:
        case FailureKind::InUse:
            return 5;
    }
    return 1;
}

}  // namespace kiln::stack

// Which of IMAPI2's codes a failure is. Source: the sense of each code's name in imapi2error.h; the
// documents give no table, so this is the one place that decides.

#include "mmc/sense.h"

#include "transports/error.h"

#include "stack/failure.h"
#include "stack/hresult.h"
#include "stack/outcome.h"

namespace kiln::stack {
namespace {

using mmc::SenseKey;
using Kind = transports::TransportError::Kind;

HResult code_of_sense(const mmc::Sense& sense) {
    const auto asc = sense.additional_sense_code;
    if (sense.key == SenseKey::NotReady && asc == 0x3A) {
        return HResult::NoMedia;
    }
    if (sense.key == SenseKey::NotReady && asc == 0x04) {
        switch (sense.additional_sense_code_qualifier) {
            case 0x01:
                return HResult::MediaBecomingReady;
            case 0x04:
                return HResult::MediaFormatInProgress;
            case 0x07:
            case 0x08:
                return HResult::MediaBusy;
            default:
                break;
        }
    }
    if (asc == 0x30) {
        return HResult::MediaIncompatible;
    }
    if (asc == 0x27) {
        return HResult::MediaWriteProtected;
    }
    if (asc == 0x26) {
        return HResult::InvalidModeParameters;
    }
    if (sense.additional() == 0x0C09) {
        return HResult::LossOfStreaming;
    }
    return HResult::UnexpectedResponse;
}

}  // namespace

HResult code_of(const Failure& failure) {
    if (failure.code != HResult::Ok) {
        return failure.code;
    }
    if (failure.sense) {
        return code_of_sense(*failure.sense);
    }
    if (failure.transport) {
        switch (failure.transport->kind) {
            case Kind::TimedOut:
                return HResult::CommandTimeout;
            case Kind::Gone:
            case Kind::NoSuchDevice:
                return HResult::DeviceNotExist;
            case Kind::InUse:
                return HResult::Locked;
            case Kind::NotPermitted:
                return HResult::AccessDenied;
            default:
                return HResult::UnexpectedResponse;
        }
    }
    switch (failure.kind) {
        case FailureKind::NoMedium:
            return HResult::NoMedia;
        case FailureKind::Unsuitable:
            return HResult::DataInvalidMediaState;
        case FailureKind::TimedOut:
            return HResult::CommandTimeout;
        case FailureKind::Gone:
        case FailureKind::NoSuchDevice:
            return HResult::DeviceNotExist;
        case FailureKind::NotPermitted:
            return HResult::AccessDenied;
        case FailureKind::InUse:
            return HResult::Locked;
        default:
            return HResult::Fail;
    }
}

}  // namespace kiln::stack

// The documents name conditions and no sense; which sense each name is, is decided here.

#include "stack/failure_codes.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "mmc/sense.h"

#include "transports/error.h"

#include "stack/failure.h"
#include "stack/hresult.h"
#include "stack/outcome.h"

namespace kiln::stack {
namespace {

using enum HResult;
using mmc::SenseKey;
using Kind = transports::TransportError::Kind;

constexpr std::optional<SenseKey> kAnyKey;
constexpr std::optional<std::uint8_t> kAny;
constexpr std::optional<Asked> kWhatever;

constexpr std::array kCodes{
    SenseCode{SenseKey::NotReady, 0x3A, kAny, kWhatever, NoMedia, "medium not present"},
    SenseCode{SenseKey::NotReady, 0x04, 0x01, kWhatever, MediaBecomingReady, "becoming ready"},
    SenseCode{SenseKey::NotReady, 0x04, 0x04, kWhatever, MediaFormatInProgress, "formatting"},
    SenseCode{SenseKey::NotReady, 0x04, 0x07, kWhatever, MediaBusy, "operation in progress"},
    SenseCode{SenseKey::NotReady, 0x04, 0x08, kWhatever, MediaBusy, "long write in progress"},
    SenseCode{kAnyKey, 0x30, 0x10, kWhatever, MediaNotFormatted, "medium not formatted"},
    SenseCode{kAnyKey, 0x30, kAny, kWhatever, MediaIncompatible, "cannot read or write medium"},
    SenseCode{kAnyKey, 0x27, kAny, kWhatever, MediaWriteProtected, "write protected"},
    SenseCode{kAnyKey, 0x26, kAny, kWhatever, InvalidModeParameters, "parameter list"},
    SenseCode{kAnyKey, 0x0C, 0x09, kWhatever, LossOfStreaming, "loss of streaming"},
    // INVALID COMMAND OPERATION CODE and INVALID FIELD IN CDB, by what was asked.
    SenseCode{SenseKey::IllegalRequest, 0x20, kAny, Asked::Feature, NoGetConfiguration, "MMC-1"},
    SenseCode{SenseKey::IllegalRequest, 0x24, kAny, Asked::ModePage, NoSuchModePage, "no page"},
    SenseCode{SenseKey::IllegalRequest, 0x24, kAny, Asked::DiscStructure, NoDvdStructure, "none"},
    SenseCode{kAnyKey, kAny, kAny, Asked::Writing, UnexpectedResponse, "the write engine's own"},
    SenseCode{kAnyKey, kAny, kAny, kWhatever, InvalidResponse, "the recorder's own"},
};

bool matches(const SenseCode& row, const mmc::Sense& sense, Asked asked) {
    return (!row.key || *row.key == sense.key) &&
           (!row.asc || *row.asc == sense.additional_sense_code) &&
           (!row.ascq || *row.ascq == sense.additional_sense_code_qualifier) &&
           (!row.asked || *row.asked == asked);
}

HResult code_of(FailureKind kind) {
    switch (kind) {
        case FailureKind::NoMedium:
            return NoMedia;
        case FailureKind::Unsuitable:
            return DataInvalidMediaState;
        case FailureKind::TimedOut:
            return CommandTimeout;
        case FailureKind::Gone:
        case FailureKind::NoSuchDevice:
            return DeviceNotExist;
        case FailureKind::NotPermitted:
            return AccessDenied;
        case FailureKind::InUse:
            return Locked;
        case FailureKind::Failed:
        case FailureKind::Interrupted:
            break;
    }
    return Fail;
}

}  // namespace

std::span<const SenseCode> sense_codes() {
    return kCodes;
}

HResult code_of(const mmc::Sense& sense, Asked asked) {
    for (const SenseCode& row : kCodes) {
        if (matches(row, sense, asked)) {
            return row.code;
        }
    }
    return Fail;
}

HResult code_of(Kind kind) {
    switch (kind) {
        case Kind::TimedOut:
            return CommandTimeout;
        case Kind::Gone:
        case Kind::NoSuchDevice:
            return DeviceNotExist;
        case Kind::InUse:
            return Locked;
        case Kind::NotPermitted:
            return AccessDenied;
        case Kind::TooLarge:
            return InvalidArgument;
        case Kind::Unsupported:
            return NotImplemented;
        case Kind::NotADrive:
        case Kind::Interrupted:
        case Kind::HostFailure:
        case Kind::Protocol:
            break;
    }
    return UnexpectedResponse;
}

HResult code_of(const Failure& failure) {
    if (failure.code != Ok) {
        return failure.code;
    }
    if (failure.sense) {
        return code_of(*failure.sense, Asked::Writing);
    }
    return failure.transport ? code_of(failure.transport->kind) : code_of(failure.kind);
}

}  // namespace kiln::stack

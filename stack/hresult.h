/// \file
/// IMAPI2's result codes: one table of names and values.
///
/// Source: imapi2error.h as published in the Windows SDK; the common ones from winerror.h.

#pragma once

#include <cstdint>
#include <string_view>

namespace kiln::stack {

// clang-format off
#define KILN_HRESULTS(X)                                                    \
    X(Ok,                       0x00000000, "S_OK")                         \
    X(SpeedAdjusted,            0x00AA0004, "S_IMAPI_SPEEDADJUSTED")        \
    X(CommandHasSenseData,      0x00AA0200, "S_IMAPI_COMMAND_HAS_SENSE_DATA") \
    X(WriteNotInProgress,       0x00AA0302, "S_IMAPI_WRITE_NOT_IN_PROGRESS") \
    X(NotImplemented,           0x80004001, "E_NOTIMPL")                    \
    X(Pointer,                  0x80004003, "E_POINTER")                    \
    X(Fail,                     0x80004005, "E_FAIL")                       \
    X(AccessDenied,             0x80070005, "E_ACCESSDENIED")               \
    X(OutOfMemory,              0x8007000E, "E_OUTOFMEMORY")                \
    X(DeviceNotExist,           0x80070037, "HRESULT_FROM_WIN32(ERROR_DEV_NOT_EXIST)") \
    X(InvalidArgument,          0x80070057, "E_INVALIDARG")                 \
    X(RequestCancelled,         0xC0AA0002, "E_IMAPI_REQUEST_CANCELLED")    \
    X(RecorderRequired,         0xC0AA0003, "E_IMAPI_RECORDER_REQUIRED")    \
    X(VerificationFailed,       0xC0AA0007, "E_IMAPI_BURN_VERIFICATION_FAILED") \
    X(NoSuchModePage,           0xC0AA0201, "E_IMAPI_RECORDER_NO_SUCH_MODE_PAGE") \
    X(NoMedia,                  0xC0AA0202, "E_IMAPI_RECORDER_MEDIA_NO_MEDIA") \
    X(MediaIncompatible,        0xC0AA0203, "E_IMAPI_RECORDER_MEDIA_INCOMPATIBLE") \
    X(MediaBecomingReady,       0xC0AA0205, "E_IMAPI_RECORDER_MEDIA_BECOMING_READY") \
    X(MediaFormatInProgress,    0xC0AA0206, "E_IMAPI_RECORDER_MEDIA_FORMAT_IN_PROGRESS") \
    X(MediaBusy,                0xC0AA0207, "E_IMAPI_RECORDER_MEDIA_BUSY")  \
    X(InvalidModeParameters,    0xC0AA0208, "E_IMAPI_RECORDER_INVALID_MODE_PARAMETERS") \
    X(MediaWriteProtected,      0xC0AA0209, "E_IMAPI_RECORDER_MEDIA_WRITE_PROTECTED") \
    X(CommandTimeout,           0xC0AA020D, "E_IMAPI_RECORDER_COMMAND_TIMEOUT") \
    X(Locked,                   0xC0AA0210, "E_IMAPI_RECORDER_LOCKED")      \
    X(InvalidResponse,          0xC0AA02FF, "E_IMAPI_RECORDER_INVALID_RESPONSE_FROM_DEVICE") \
    X(LossOfStreaming,          0xC0AA0300, "E_IMAPI_LOSS_OF_STREAMING")    \
    X(UnexpectedResponse,       0xC0AA0301, "E_IMAPI_UNEXPECTED_RESPONSE_FROM_DEVICE") \
    X(WriteInProgress,          0xC0AA0400, "E_IMAPI_DF2DATA_WRITE_IN_PROGRESS") \
    X(DataInvalidMediaState,    0xC0AA0402, "E_IMAPI_DF2DATA_INVALID_MEDIA_STATE") \
    X(DataStreamNotSupported,   0xC0AA0403, "E_IMAPI_DF2DATA_STREAM_NOT_SUPPORTED") \
    X(DataStreamTooLarge,       0xC0AA0404, "E_IMAPI_DF2DATA_STREAM_TOO_LARGE_FOR_CURRENT_MEDIA") \
    X(DataMediaNotBlank,        0xC0AA0405, "E_IMAPI_DF2DATA_MEDIA_NOT_BLANK") \
    X(DataMediaNotSupported,    0xC0AA0406, "E_IMAPI_DF2DATA_MEDIA_IS_NOT_SUPPORTED") \
    X(DataRecorderNotSupported, 0xC0AA0407, "E_IMAPI_DF2DATA_RECORDER_NOT_SUPPORTED")
// clang-format on

enum class HResult : std::uint32_t {
#define KILN_HRESULT_ENUM(name, value, text) name = (value),
    KILN_HRESULTS(KILN_HRESULT_ENUM)
#undef KILN_HRESULT_ENUM
};

/// "E_IMAPI_REQUEST_CANCELLED".
[[nodiscard]] std::string_view name_of(HResult code);

}  // namespace kiln::stack

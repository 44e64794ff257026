/// \file
/// IMAPI2's result codes: one table of names and values.
///
/// Opaque numbers: imapi2error.h states ranges of 0x80AA0nnn and has 0xC0AA0nnn in most of them, so
/// none is put together from its parts. A code of success is not always a success: see
/// CommandHasSenseData (the drive failed the command) and WriteNotInProgress (nothing was
/// cancelled); compare with Ok.
///
/// Source: imapi2error.h as published in the Windows SDK, the whole of it but for the file system
/// image; the common ones from winerror.h.

#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace kiln::stack {

// clang-format off
#define KILN_HRESULTS(X)                                                                               \
    /* Common */                                                                                       \
    X(Ok,                          0x00000000, "S_OK")                                                 \
    X(False,                       0x00000001, "S_FALSE")                                              \
    X(NotImplemented,              0x80004001, "E_NOTIMPL")                                            \
    X(Pointer,                     0x80004003, "E_POINTER")                                            \
    X(Fail,                        0x80004005, "E_FAIL")                                               \
    X(AccessDenied,                0x80070005, "E_ACCESSDENIED")                                       \
    X(InvalidHandle,               0x80070006, "HRESULT_FROM_WIN32(ERROR_INVALID_HANDLE)")             \
    X(OutOfMemory,                 0x8007000E, "E_OUTOFMEMORY")                                        \
    X(DeviceNotExist,              0x80070037, "HRESULT_FROM_WIN32(ERROR_DEV_NOT_EXIST)")              \
    X(InvalidArgument,             0x80070057, "E_INVALIDARG")                                         \
    /* General */                                                                                      \
    X(RequestCancelled,            0xC0AA0002, "E_IMAPI_REQUEST_CANCELLED")                            \
    X(RecorderRequired,            0xC0AA0003, "E_IMAPI_RECORDER_REQUIRED")                            \
    X(SpeedAdjusted,               0x00AA0004, "S_IMAPI_SPEEDADJUSTED")                                \
    X(RotationAdjusted,            0x00AA0005, "S_IMAPI_ROTATIONADJUSTED")                             \
    X(BothAdjusted,                0x00AA0006, "S_IMAPI_BOTHADJUSTED")                                 \
    X(VerificationFailed,          0xC0AA0007, "E_IMAPI_BURN_VERIFICATION_FAILED")                     \
    /* Recorder */                                                                                     \
    X(CommandHasSenseData,         0x00AA0200, "S_IMAPI_COMMAND_HAS_SENSE_DATA")                       \
    X(NoSuchModePage,              0xC0AA0201, "E_IMAPI_RECORDER_NO_SUCH_MODE_PAGE")                   \
    X(NoMedia,                     0xC0AA0202, "E_IMAPI_RECORDER_MEDIA_NO_MEDIA")                      \
    X(MediaIncompatible,           0xC0AA0203, "E_IMAPI_RECORDER_MEDIA_INCOMPATIBLE")                  \
    X(MediaUpsideDown,             0xC0AA0204, "E_IMAPI_RECORDER_MEDIA_UPSIDE_DOWN")                   \
    X(MediaBecomingReady,          0xC0AA0205, "E_IMAPI_RECORDER_MEDIA_BECOMING_READY")                \
    X(MediaFormatInProgress,       0xC0AA0206, "E_IMAPI_RECORDER_MEDIA_FORMAT_IN_PROGRESS")            \
    X(MediaBusy,                   0xC0AA0207, "E_IMAPI_RECORDER_MEDIA_BUSY")                          \
    X(InvalidModeParameters,       0xC0AA0208, "E_IMAPI_RECORDER_INVALID_MODE_PARAMETERS")             \
    X(MediaWriteProtected,         0xC0AA0209, "E_IMAPI_RECORDER_MEDIA_WRITE_PROTECTED")               \
    X(NoSuchFeature,               0xC0AA020A, "E_IMAPI_RECORDER_NO_SUCH_FEATURE")                     \
    X(FeatureNotCurrent,           0xC0AA020B, "E_IMAPI_RECORDER_FEATURE_IS_NOT_CURRENT")              \
    X(NoGetConfiguration,          0xC0AA020C, "E_IMAPI_RECORDER_GET_CONFIGURATION_NOT_SUPPORTED")     \
    X(CommandTimeout,              0xC0AA020D, "E_IMAPI_RECORDER_COMMAND_TIMEOUT")                     \
    X(NoDvdStructure,              0xC0AA020E, "E_IMAPI_RECORDER_DVD_STRUCTURE_NOT_PRESENT")           \
    X(MediaSpeedMismatch,          0xC0AA020F, "E_IMAPI_RECORDER_MEDIA_SPEED_MISMATCH")                \
    X(Locked,                      0xC0AA0210, "E_IMAPI_RECORDER_LOCKED")                              \
    X(ClientNameNotValid,          0xC0AA0211, "E_IMAPI_RECORDER_CLIENT_NAME_IS_NOT_VALID")            \
    X(MediaNotFormatted,           0xC0AA0212, "E_IMAPI_RECORDER_MEDIA_NOT_FORMATTED")                 \
    X(InvalidResponse,             0xC0AA02FF, "E_IMAPI_RECORDER_INVALID_RESPONSE_FROM_DEVICE")        \
    /* Write engine */                                                                                 \
    X(LossOfStreaming,             0xC0AA0300, "E_IMAPI_LOSS_OF_STREAMING")                            \
    X(UnexpectedResponse,          0xC0AA0301, "E_IMAPI_UNEXPECTED_RESPONSE_FROM_DEVICE")              \
    X(WriteNotInProgress,          0x00AA0302, "S_IMAPI_WRITE_NOT_IN_PROGRESS")                        \
    /* Data */                                                                                         \
    X(WriteInProgress,             0xC0AA0400, "E_IMAPI_DF2DATA_WRITE_IN_PROGRESS")                    \
    X(DataWriteNotInProgress,      0xC0AA0401, "E_IMAPI_DF2DATA_WRITE_NOT_IN_PROGRESS")                \
    X(DataInvalidMediaState,       0xC0AA0402, "E_IMAPI_DF2DATA_INVALID_MEDIA_STATE")                  \
    X(DataStreamNotSupported,      0xC0AA0403, "E_IMAPI_DF2DATA_STREAM_NOT_SUPPORTED")                 \
    X(DataStreamTooLarge,          0xC0AA0404, "E_IMAPI_DF2DATA_STREAM_TOO_LARGE_FOR_CURRENT_MEDIA")   \
    X(DataMediaNotBlank,           0xC0AA0405, "E_IMAPI_DF2DATA_MEDIA_NOT_BLANK")                      \
    X(DataMediaNotSupported,       0xC0AA0406, "E_IMAPI_DF2DATA_MEDIA_IS_NOT_SUPPORTED")               \
    X(DataRecorderNotSupported,    0xC0AA0407, "E_IMAPI_DF2DATA_RECORDER_NOT_SUPPORTED")               \
    X(DataClientNameNotValid,      0xC0AA0408, "E_IMAPI_DF2DATA_CLIENT_NAME_IS_NOT_VALID")             \
    /* Track at once */                                                                                \
    X(TaoWriteInProgress,          0xC0AA0500, "E_IMAPI_DF2TAO_WRITE_IN_PROGRESS")                     \
    X(TaoWriteNotInProgress,       0xC0AA0501, "E_IMAPI_DF2TAO_WRITE_NOT_IN_PROGRESS")                 \
    X(TaoMediaNotPrepared,         0xC0AA0502, "E_IMAPI_DF2TAO_MEDIA_IS_NOT_PREPARED")                 \
    X(TaoMediaPrepared,            0xC0AA0503, "E_IMAPI_DF2TAO_MEDIA_IS_PREPARED")                     \
    X(TaoForBlankMediaOnly,        0xC0AA0504, "E_IMAPI_DF2TAO_PROPERTY_FOR_BLANK_MEDIA_ONLY")         \
    X(TaoTocEmptyDisc,             0xC0AA0505, "E_IMAPI_DF2TAO_TABLE_OF_CONTENTS_EMPTY_DISC")          \
    X(TaoMediaNotBlank,            0xC0AA0506, "E_IMAPI_DF2TAO_MEDIA_IS_NOT_BLANK")                    \
    X(TaoMediaNotSupported,        0xC0AA0507, "E_IMAPI_DF2TAO_MEDIA_IS_NOT_SUPPORTED")                \
    X(TaoTrackLimitReached,        0xC0AA0508, "E_IMAPI_DF2TAO_TRACK_LIMIT_REACHED")                   \
    X(TaoNotEnoughSpace,           0xC0AA0509, "E_IMAPI_DF2TAO_NOT_ENOUGH_SPACE")                      \
    X(TaoNoRecorder,               0xC0AA050A, "E_IMAPI_DF2TAO_NO_RECORDER_SPECIFIED")                 \
    X(TaoInvalidIsrc,              0xC0AA050B, "E_IMAPI_DF2TAO_INVALID_ISRC")                          \
    X(TaoInvalidMcn,               0xC0AA050C, "E_IMAPI_DF2TAO_INVALID_MCN")                           \
    X(TaoStreamNotSupported,       0xC0AA050D, "E_IMAPI_DF2TAO_STREAM_NOT_SUPPORTED")                  \
    X(TaoRecorderNotSupported,     0xC0AA050E, "E_IMAPI_DF2TAO_RECORDER_NOT_SUPPORTED")                \
    X(TaoClientNameNotValid,       0xC0AA050F, "E_IMAPI_DF2TAO_CLIENT_NAME_IS_NOT_VALID")              \
    /* Raw CD */                                                                                       \
    X(RawWriteInProgress,          0xC0AA0600, "E_IMAPI_DF2RAW_WRITE_IN_PROGRESS")                     \
    X(RawWriteNotInProgress,       0xC0AA0601, "E_IMAPI_DF2RAW_WRITE_NOT_IN_PROGRESS")                 \
    X(RawMediaNotPrepared,         0xC0AA0602, "E_IMAPI_DF2RAW_MEDIA_IS_NOT_PREPARED")                 \
    X(RawMediaPrepared,            0xC0AA0603, "E_IMAPI_DF2RAW_MEDIA_IS_PREPARED")                     \
    X(RawClientNameNotValid,       0xC0AA0604, "E_IMAPI_DF2RAW_CLIENT_NAME_IS_NOT_VALID")              \
    X(RawMediaNotBlank,            0xC0AA0606, "E_IMAPI_DF2RAW_MEDIA_IS_NOT_BLANK")                    \
    X(RawMediaNotSupported,        0xC0AA0607, "E_IMAPI_DF2RAW_MEDIA_IS_NOT_SUPPORTED")                \
    X(RawNotEnoughSpace,           0xC0AA0609, "E_IMAPI_DF2RAW_NOT_ENOUGH_SPACE")                      \
    X(RawNoRecorder,               0xC0AA060A, "E_IMAPI_DF2RAW_NO_RECORDER_SPECIFIED")                 \
    X(RawStreamNotSupported,       0xC0AA060D, "E_IMAPI_DF2RAW_STREAM_NOT_SUPPORTED")                  \
    X(RawBlockTypeNotSupported,    0xC0AA060E, "E_IMAPI_DF2RAW_DATA_BLOCK_TYPE_NOT_SUPPORTED")         \
    X(RawLeadInTooShort,           0xC0AA060F, "E_IMAPI_DF2RAW_STREAM_LEADIN_TOO_SHORT")               \
    X(RawRecorderNotSupported,     0xC0AA0610, "E_IMAPI_DF2RAW_RECORDER_NOT_SUPPORTED")                \
    /* Erase */                                                                                        \
    X(EraseRecorderInUse,          0x80AA0900, "E_IMAPI_ERASE_RECORDER_IN_USE")                        \
    X(EraseOnlyOneRecorder,        0x80AA0901, "E_IMAPI_ERASE_ONLY_ONE_RECORDER_SUPPORTED")            \
    X(EraseDiscInfoTooSmall,        0x80AA0902, "E_IMAPI_ERASE_DISC_INFORMATION_TOO_SMALL")             \
    X(EraseModePage2aTooSmall,     0x80AA0903, "E_IMAPI_ERASE_MODE_PAGE_2A_TOO_SMALL")                 \
    X(EraseMediaNotErasable,       0x80AA0904, "E_IMAPI_ERASE_MEDIA_IS_NOT_ERASABLE")                  \
    X(EraseCommandFailed,          0x80AA0905, "E_IMAPI_ERASE_DRIVE_FAILED_ERASE_COMMAND")             \
    X(EraseTookTooLong,            0x80AA0906, "E_IMAPI_ERASE_TOOK_LONGER_THAN_ONE_HOUR")              \
    X(EraseUnexpectedResponse,     0x80AA0907, "E_IMAPI_ERASE_UNEXPECTED_DRIVE_RESPONSE_DURING_ERASE") \
    X(EraseSpinupFailed,           0x80AA0908, "E_IMAPI_ERASE_DRIVE_FAILED_SPINUP_COMMAND")            \
    X(EraseMediaNotSupported,      0xC0AA0909, "E_IMAPI_ERASE_MEDIA_IS_NOT_SUPPORTED")                 \
    X(EraseRecorderNotSupported,   0xC0AA090A, "E_IMAPI_ERASE_RECORDER_NOT_SUPPORTED")                 \
    X(EraseClientNameNotValid,     0xC0AA090B, "E_IMAPI_ERASE_CLIENT_NAME_IS_NOT_VALID")               \
    /* Raw image */                                                                                    \
    X(ImageIsReadOnly,             0x80AA0A00, "E_IMAPI_RAW_IMAGE_IS_READ_ONLY")                       \
    X(ImageTooManyTracks,          0x80AA0A01, "E_IMAPI_RAW_IMAGE_TOO_MANY_TRACKS")                    \
    X(ImageSectorTypeNotSupported, 0x80AA0A02, "E_IMAPI_RAW_IMAGE_SECTOR_TYPE_NOT_SUPPORTED")          \
    X(ImageNoTracks,               0x80AA0A03, "E_IMAPI_RAW_IMAGE_NO_TRACKS")                          \
    X(ImageTracksAlreadyAdded,     0x80AA0A04, "E_IMAPI_RAW_IMAGE_TRACKS_ALREADY_ADDED")               \
    X(ImageInsufficientSpace,      0x80AA0A05, "E_IMAPI_RAW_IMAGE_INSUFFICIENT_SPACE")                 \
    X(ImageTooManyIndexes,         0x80AA0A06, "E_IMAPI_RAW_IMAGE_TOO_MANY_TRACK_INDEXES")             \
    X(ImageIndexNotFound,          0x80AA0A07, "E_IMAPI_RAW_IMAGE_TRACK_INDEX_NOT_FOUND")              \
    X(ImageIndexExists,            0x00AA0A08, "S_IMAPI_RAW_IMAGE_TRACK_INDEX_ALREADY_EXISTS")         \
    X(ImageIndexZeroStays,         0x80AA0A09, "E_IMAPI_RAW_IMAGE_TRACK_INDEX_OFFSET_ZERO_CANNOT_BE_CLEARED")\
    X(ImageIndexTooClose,          0x80AA0A0A, "E_IMAPI_RAW_IMAGE_TRACK_INDEX_TOO_CLOSE_TO_OTHER_INDEX")
// clang-format on

enum class HResult : std::uint32_t {
#define KILN_HRESULT_ENUM(name, value, text) name = (value),
    KILN_HRESULTS(KILN_HRESULT_ENUM)
#undef KILN_HRESULT_ENUM
};

/// "E_IMAPI_REQUEST_CANCELLED"; "unknown" for a code that is not in the table: a stream may return
/// any.
[[nodiscard]] std::string_view name_of(HResult code);

/// SUCCEEDED(): the sign bit is clear.
[[nodiscard]] constexpr bool succeeded(HResult code) {
    return (static_cast<std::uint32_t>(code) & 0x80000000U) == 0;
}

/// Every code of the table, in its order.
[[nodiscard]] std::span<const HResult> all_hresults();

}  // namespace kiln::stack

/// \file
/// What a simulated drive says no with.

#pragma once

#include "mmc/sense.h"

namespace kiln::harness {

/// GOOD, or a sense key with ASC/ASCQ as one number.
struct Verdict {
    mmc::SenseKey key = mmc::SenseKey::NoSense;
    mmc::AdditionalSense additional = 0;

    [[nodiscard]] constexpr bool good() const {
        return key == mmc::SenseKey::NoSense && additional == 0;
    }
    friend constexpr bool operator==(const Verdict&, const Verdict&) = default;
};

namespace verdicts {

using mmc::SenseKey;
inline constexpr Verdict kGood{};
// Not ready
inline constexpr Verdict kBecomingReady{SenseKey::NotReady, 0x0401};
inline constexpr Verdict kStartNeeded{SenseKey::NotReady, 0x0402};
inline constexpr Verdict kFormatInProgress{SenseKey::NotReady, 0x0404};
inline constexpr Verdict kOperationInProgress{SenseKey::NotReady, 0x0407};
inline constexpr Verdict kLongWriteInProgress{SenseKey::NotReady, 0x0408};
inline constexpr Verdict kNoMedium{SenseKey::NotReady, 0x3A00};
inline constexpr Verdict kNoMediumTrayClosed{SenseKey::NotReady, 0x3A01};
inline constexpr Verdict kNoMediumTrayOpen{SenseKey::NotReady, 0x3A02};
inline constexpr Verdict kNotUsable{SenseKey::NotReady, 0x3000};
inline constexpr Verdict kRemovalPreventedNoMedium{SenseKey::NotReady, 0x5302};
// Medium and hardware
inline constexpr Verdict kWriteError{SenseKey::MediumError, 0x0C00};
inline constexpr Verdict kUnreadable{SenseKey::MediumError, 0x1105};  // L-EC uncorrectable
inline constexpr Verdict kUnrecovered{SenseKey::MediumError, 0x1100};
inline constexpr Verdict kMediumUnknownFormat{SenseKey::MediumError, 0x3001};
inline constexpr Verdict kFormatCorrupted{SenseKey::MediumError, 0x3100};
inline constexpr Verdict kNoSpareLeft{SenseKey::MediumError, 0x3200};
inline constexpr Verdict kFixationFailed{SenseKey::MediumError, 0x7200};
inline constexpr Verdict kCalibrationAreaFull{SenseKey::MediumError, 0x7302};
inline constexpr Verdict kCalibrationFailed{SenseKey::MediumError, 0x7303};
inline constexpr Verdict kTrackFollowing{SenseKey::HardwareError, 0x0900};
// Illegal request
inline constexpr Verdict kParameterListLength{SenseKey::IllegalRequest, 0x1A00};
inline constexpr Verdict kInvalidOpcode{SenseKey::IllegalRequest, 0x2000};
inline constexpr Verdict kOutOfRange{SenseKey::IllegalRequest, 0x2100};
inline constexpr Verdict kInvalidAddressForWrite{SenseKey::IllegalRequest, 0x2102};
inline constexpr Verdict kInvalidField{SenseKey::IllegalRequest, 0x2400};
inline constexpr Verdict kInvalidParameter{SenseKey::IllegalRequest, 0x2600};
inline constexpr Verdict kWriteProtected{SenseKey::IllegalRequest, 0x2700};
inline constexpr Verdict kSequence{SenseKey::IllegalRequest, 0x2C00};
inline constexpr Verdict kNothingWritten{SenseKey::IllegalRequest, 0x2C04};
inline constexpr Verdict kIncompatibleMedium{SenseKey::IllegalRequest, 0x3000};
inline constexpr Verdict kUnknownFormat{SenseKey::IllegalRequest, 0x3001};
inline constexpr Verdict kCannotWrite{SenseKey::IllegalRequest, 0x3005};
inline constexpr Verdict kNotFormatted{SenseKey::IllegalRequest, 0x3010};
inline constexpr Verdict kSavingNotSupported{SenseKey::IllegalRequest, 0x3900};
inline constexpr Verdict kRemovalPrevented{SenseKey::IllegalRequest, 0x5302};
inline constexpr Verdict kEndOfTrack{SenseKey::IllegalRequest, 0x6300};
inline constexpr Verdict kIllegalMode{SenseKey::IllegalRequest, 0x6400};
inline constexpr Verdict kTrackOpen{SenseKey::IllegalRequest, 0x7203};
inline constexpr Verdict kReservedIncomplete{SenseKey::IllegalRequest, 0x7204};
inline constexpr Verdict kNoMoreReservations{SenseKey::IllegalRequest, 0x7205};
// Unit attention
inline constexpr Verdict kMediumChanged{SenseKey::UnitAttention, 0x2800};
inline constexpr Verdict kPowerOn{SenseKey::UnitAttention, 0x2900};

}  // namespace verdicts
}  // namespace kiln::harness

/// \file
/// Sense data: why a command did not end GOOD, in fixed (70h, 71h) and descriptor (72h, 73h)
/// format.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "mmc/bytes.h"

namespace kiln::mmc {

/// Sense key. Values that are not named here stay numbers.
enum class SenseKey : std::uint8_t {
    NoSense = 0x0,
    RecoveredError = 0x1,
    NotReady = 0x2,
    MediumError = 0x3,
    HardwareError = 0x4,
    IllegalRequest = 0x5,
    UnitAttention = 0x6,
    DataProtect = 0x7,
    BlankCheck = 0x8,
    VendorSpecific = 0x9,
    CopyAborted = 0xA,
    AbortedCommand = 0xB,
    VolumeOverflow = 0xD,
    Miscompare = 0xE,
    Completed = 0xF,
};

/// ASC and ASCQ as one number: 0x0408 is 04/08.
using AdditionalSense = std::uint16_t;

/// What sense data say, whatever their format. A plain value; no allocation.
struct Sense {
    SenseKey key = SenseKey::NoSense;
    std::uint8_t additional_sense_code = 0;            // ASC
    std::uint8_t additional_sense_code_qualifier = 0;  // ASCQ
    /// The error belongs to an earlier command that already got GOOD (71h, 73h).
    bool deferred = false;
    bool incorrect_length = false;  // ILI
    /// INFORMATION, only where VALID says so. On block devices the address of the error.
    std::optional<std::uint64_t> information;
    /// Progress of the operation under way, of 65536; only with key 0h or 2h and SKSV.
    std::optional<std::uint16_t> progress;
    /// The whole sense data as they came, cut at 64 bytes.
    std::array<std::uint8_t, 64> raw{};
    std::uint8_t raw_size = 0;

    [[nodiscard]] constexpr AdditionalSense additional() const {
        return static_cast<AdditionalSense>((additional_sense_code << 8U) |
                                            additional_sense_code_qualifier);
    }
    /// True for exactly key/ASC/ASCQ, `is(SenseKey::NotReady, 0x0408)`.
    [[nodiscard]] constexpr bool is(SenseKey wanted, AdditionalSense code) const {
        return key == wanted && additional() == code;
    }
    [[nodiscard]] constexpr ByteView bytes() const { return ByteView(raw).first(raw_size); }
    friend constexpr bool operator==(const Sense&, const Sense&) = default;
};

/// Reads sense data of any length, also none: what is missing is zero. Never reads past the end;
/// never trusts the additional length over what is there.
///
/// Spec:    SPC, fixed and descriptor format sense data
[[nodiscard]] Sense decode_sense(ByteView bytes);

/// Fixed format sense data of 18 bytes for a drive that answers; `information` sets VALID,
/// `progress` sets SKSV.
[[nodiscard]] Sense make_sense(SenseKey key, AdditionalSense additional,
                               std::optional<std::uint32_t> information = std::nullopt,
                               std::optional<std::uint16_t> progress = std::nullopt,
                               bool deferred = false);

/// "02/04/08 logical unit not ready, long write in progress"; unknown codes stay numbers.
[[nodiscard]] std::string describe(const Sense& sense);

}  // namespace kiln::mmc

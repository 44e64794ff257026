/// \file
/// What is odd about a device, as flags: the policy branches on these, never on a vendor's name.
/// Which device has which is data in fixtures/quirks/.

#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace kiln::transports {

enum class Quirk : std::uint8_t {
    /// The residue in the status is nonsense: what moved is what was seen to move.
    /// US_FL_IGNORE_RESIDUE, UQ_MSC_IGNORE_RESIDUE
    IgnoreResidue,
    /// Needs a pause between command and data. US_FL_GO_SLOW
    GoSlow,
    /// Loses or garbles a status that is asked for before the data are through.
    OneAtATime,
    /// Fails above 32 KiB in one command. US_FL_MAX_SECTORS_64
    Max32KiB,
    /// Fails above 120 KiB in one command. US_FL_MAX_SECTORS_240
    Max120KiB,
    /// The tag in the status is wrong. US_FL_BULK_IGNORE_TAG
    IgnoreTag,
    /// The signature in the status is not USBS. UQ_MSC_WRONG_CSWSIG
    AnyStatusSignature,
    /// Does not survive GET MAX LUN, or answers it wrongly. US_FL_SINGLE_LUN, UQ_MSC_NO_GETMAXLUN
    SingleLun,
    /// Commands of less than 12 bytes are to be filled up with zeros. UQ_MSC_RBC_PAD_TO_12
    PadCommandTo12,
    /// Gives more than 18 bytes of sense, and is the better for being asked. US_FL_SANE_SENSE
    LongSense,
    /// Says another interface class or protocol than it speaks. US_SC_SCSI and US_PR_BULK forced
    ForceBulkOnly,
};

inline constexpr std::array kAllQuirks{
    Quirk::IgnoreResidue,  Quirk::GoSlow,    Quirk::OneAtATime,         Quirk::Max32KiB,
    Quirk::Max120KiB,      Quirk::IgnoreTag, Quirk::AnyStatusSignature, Quirk::SingleLun,
    Quirk::PadCommandTo12, Quirk::LongSense, Quirk::ForceBulkOnly,
};

/// A set of them.
class Quirks {
public:
    constexpr Quirks() = default;
    constexpr Quirks(std::initializer_list<Quirk> quirks) {
        for (const Quirk quirk : quirks) {
            add(quirk);
        }
    }
    [[nodiscard]] constexpr bool has(Quirk quirk) const { return (bits_ & bit(quirk)) != 0; }
    [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
    constexpr void add(Quirk quirk) { bits_ |= bit(quirk); }
    constexpr void add(Quirks others) { bits_ |= others.bits_; }
    constexpr void remove(Quirk quirk) { bits_ &= ~bit(quirk); }
    friend constexpr bool operator==(const Quirks&, const Quirks&) = default;

private:
    static constexpr std::uint32_t bit(Quirk quirk) { return 1U << static_cast<unsigned>(quirk); }
    std::uint32_t bits_ = 0;
};

/// As in fixtures/quirks/ and addresses: "ignore-residue".
[[nodiscard]] constexpr std::string_view name_of(Quirk quirk) {
    switch (quirk) {
        case Quirk::IgnoreResidue:
            return "ignore-residue";
        case Quirk::GoSlow:
            return "go-slow";
        case Quirk::OneAtATime:
            return "one-at-a-time";
        case Quirk::Max32KiB:
            return "max-32-kib";
        case Quirk::Max120KiB:
            return "max-120-kib";
        case Quirk::IgnoreTag:
            return "ignore-tag";
        case Quirk::AnyStatusSignature:
            return "any-status-signature";
        case Quirk::SingleLun:
            return "single-lun";
        case Quirk::PadCommandTo12:
            return "pad-command-to-12";
        case Quirk::LongSense:
            return "long-sense";
        case Quirk::ForceBulkOnly:
            return "force-bulk-only";
    }
    return "";
}

[[nodiscard]] constexpr std::optional<Quirk> quirk_named(std::string_view name) {
    for (const Quirk quirk : kAllQuirks) {
        if (name_of(quirk) == name) {
            return quirk;
        }
    }
    return std::nullopt;
}

}  // namespace kiln::transports

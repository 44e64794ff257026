/// \file
/// The two packets of Bulk-Only Transport: the Command Block Wrapper (CBW) before each command, the
/// Command Status Wrapper (CSW) after it. Integers are little-endian.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "mmc/bytes.h"
#include "mmc/cdb.h"

#include "transports/error.h"

namespace kiln::transports::bot {

/// Where the data of a command go, if there are any.
enum class Flow : std::uint8_t { None, In, Out };

/// Spec:    USB Mass Storage Class, Bulk-Only Transport 1.0, Command Block Wrapper
/// Units:   data_transfer_length in bytes
struct CommandWrapper {
    std::uint32_t tag = 0;                   // dCBWTag
    std::uint32_t data_transfer_length = 0;  // dCBWDataTransferLength
    Flow flow = Flow::None;                  // bmCBWFlags; no bit of it says None, the length does
    std::uint8_t logical_unit = 0;           // bCBWLUN
    mmc::Cdb command;                        // bCBWCBLength, CBWCB
    friend bool operator==(const CommandWrapper&, const CommandWrapper&) = default;
};

inline constexpr std::size_t kCommandWrapperSize = 31;
inline constexpr std::size_t kStatusWrapperSize = 13;
using CommandBytes = std::array<std::uint8_t, kCommandWrapperSize>;
using StatusBytes = std::array<std::uint8_t, kStatusWrapperSize>;

/// What makes a CBW invalid (the first two: the device stalls until Reset Recovery) or not
/// meaningful.
enum class CommandDefect : std::uint8_t { Size, Signature, Reserved, Length };

[[nodiscard]] CommandBytes encode(const CommandWrapper& wrapper);
[[nodiscard]] Result<CommandWrapper, CommandDefect> decode_command(mmc::ByteView bytes);

/// Spec:    USB Mass Storage Class, Bulk-Only Transport 1.0, Command Status Wrapper
/// Units:   data_residue in bytes: how many of the transfer length were not processed
struct StatusWrapper {
    std::uint32_t tag = 0;           // dCSWTag
    std::uint32_t data_residue = 0;  // dCSWDataResidue
    std::uint8_t status = 0;         // bCSWStatus, as below; others stay numbers
    friend bool operator==(const StatusWrapper&, const StatusWrapper&) = default;
};
inline constexpr std::uint8_t kPassed = 0;
inline constexpr std::uint8_t kFailed = 1;
inline constexpr std::uint8_t kPhaseError = 2;

[[nodiscard]] StatusBytes encode(const StatusWrapper& wrapper);

/// What makes a CSW invalid (Size, Signature, Tag) or not meaningful (Status, Residue).
enum class StatusDefect : std::uint8_t { Size, Signature, Tag, Status, Residue };

/// What a host lets pass, for devices that are known to get it wrong.
struct StatusTolerance {
    bool any_signature = false;
    bool any_tag = false;
    bool any_residue = false;
};

/// The CSW in `bytes`, as the answer to `sent`.
[[nodiscard]] Result<StatusWrapper, StatusDefect> decode_status(mmc::ByteView bytes,
                                                                const CommandWrapper& sent,
                                                                StatusTolerance tolerance = {});

/// The residue alone, where there is one, whatever the rest is worth; else 0.
[[nodiscard]] std::uint32_t residue_in(mmc::ByteView status);

/// "has a wrong signature": after "the status wrapper".
[[nodiscard]] std::string_view words_for(StatusDefect defect);

/// One of the thirteen cases of what a host expects (H) and a device means to do (D): none, in,
/// out.
///
///     1 Hn=Dn   2 Hn<Di   3 Hn<Do   4 Hi>Dn   5 Hi>Di    6 Hi=Di   7 Hi<Di
///     8 Hi<>Do  9 Ho>Dn  10 Ho<>Di 11 Ho>Do  12 Ho=Do   13 Ho<Do
///
/// Spec:    USB Mass Storage Class, Bulk-Only Transport 1.0, The Thirteen Cases
struct Expectation {
    Flow flow = Flow::None;
    std::uint32_t bytes = 0;
};
[[nodiscard]] int case_number(const Expectation& host, const Expectation& device);

/// The cases in which the device has no better answer than a phase error.
[[nodiscard]] bool is_phase_error(int case_number);

}  // namespace kiln::transports::bot

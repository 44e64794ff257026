/// \file
/// READ TOC/PMA/ATIP format 0100b: what the groove of a recordable CD says.

#pragma once

#include <array>
#include <cstdint>

#include "mmc/bytes.h"
#include "mmc/layout.h"
#include "mmc/responses/answer.h"
#include "mmc/responses/toc.h"
#include "mmc/result.h"

namespace kiln::mmc {

/// The additional information words are kept raw; A1's parts are functions, because high-speed
/// media use other speed codes than the first ones.
struct Atip {
    Extent extent{};
    std::uint8_t indicative_target_writing_power = 0;
    std::uint8_t reference_speed = 0;
    bool unrestricted_use = false;  // URU
    bool rewritable = false;        // Disc Type
    std::uint8_t sub_type = 0;      // CD-RW: 0 standard, 1 high speed, 2 ultra speed
    bool a1_valid = false;
    bool a2_valid = false;
    bool a3_valid = false;
    Msf lead_in_start{};  // 97:mm:ff; says who made the disc
    Msf last_possible_lead_out_start{};
    std::array<std::uint8_t, 3> a1{};
    std::array<std::uint8_t, 3> a2{};
    std::array<std::uint8_t, 3> a3{};

    /// False for what some drives say of pressed discs: the lead-in must stand before address 0 and
    /// the lead-out after it.
    [[nodiscard]] constexpr bool plausible() const {
        return lead_in_start.minute >= 90 && last_possible_lead_out_start.minute < 90 &&
               to_lba(last_possible_lead_out_start) > Lba{0};
    }
    friend constexpr bool operator==(const Atip&, const Atip&) = default;
};

/// Errors:  TooShort below 15 bytes
[[nodiscard]] Result<Atip, DecodeError> decode_atip(ByteView bytes);

[[nodiscard]] Encoded encode(const Atip& value);

}  // namespace kiln::mmc

/// \file
/// The answer of MECHANISM STATUS.

#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "mmc/bytes.h"
#include "mmc/layout.h"
#include "mmc/responses/answer.h"
#include "mmc/result.h"

namespace kiln::mmc {

enum class MechanismState : std::uint8_t { Idle = 0, Playing = 1, Scanning = 2, HostActive = 3 };
[[nodiscard]] std::string_view words(MechanismState state);

struct ChangerSlot {
    bool present = false;
    bool change = false;

    friend constexpr bool operator==(const ChangerSlot&, const ChangerSlot&) = default;
};

struct MechanismStatusData {
    Extent extent{};
    bool fault = false;
    std::uint8_t changer_state = 0;  // 0 ready, 1 load, 2 unload, 3 initialising
    std::uint8_t current_slot = 0;
    MechanismState mechanism_state = MechanismState::Idle;
    bool door_open = false;
    std::uint32_t lba = 0;   // 24 bits
    std::uint8_t slots = 0;  // as the drive says; the table below may have fewer
    std::vector<ChangerSlot> slot_table;

    friend bool operator==(const MechanismStatusData&, const MechanismStatusData&) = default;
};

/// Errors:  TooShort below 8 bytes
[[nodiscard]] Result<MechanismStatusData, DecodeError> decode_mechanism_status(ByteView bytes);

[[nodiscard]] Encoded encode(const MechanismStatusData& value);

}  // namespace kiln::mmc

/// \file
/// Commands about speed.
///
/// Spec:    MMC-6 r02g, the command of the struct's name; rows in performance.cpp

#pragma once

#include <cstdint>

#include "mmc/layout.h"
#include "mmc/lba.h"

namespace kiln::mmc {

enum class RotationalControl : std::uint8_t { ClvAndNonPureCav = 0, PureCav = 1 };

/// SET CD SPEED, BBh. No data. Speeds in kB/s (1000 bytes); FFFFh is the drive's best.
struct SetCdSpeed {
    RotationalControl rotational_control = RotationalControl::ClvAndNonPureCav;
    std::uint16_t logical_unit_read_speed = 0xFFFF;
    std::uint16_t logical_unit_write_speed = 0xFFFF;
    std::uint8_t control = 0;
    bool operator==(const SetCdSpeed&) const = default;
};
template <>
const Layout LayoutOf<SetCdSpeed>::kLayout;

enum class StreamingType : std::uint8_t { Performance = 0, DefectiveBlockCacheZone = 5 };

/// SET STREAMING, B6h. Data out: a StreamingDescriptor (mmc/commands/parameters.h).
struct SetStreaming {
    StreamingType type = StreamingType::Performance;
    std::uint32_t parameter_list_length = 28;
    std::uint8_t control = 0;
    bool operator==(const SetStreaming&) const = default;
};
template <>
const Layout LayoutOf<SetStreaming>::kLayout;

enum class PerformanceType : std::uint8_t {
    Performance = 0,
    UnusableArea = 1,
    DefectStatus = 2,
    WriteSpeed = 3,
    DefectiveBlockInformation = 4,
    DefectiveBlockCacheZone = 5,
};

/// Data types of PerformanceType::Performance: tolerance 10b (of 20 %), read or write, nominal
/// values only.
inline constexpr std::uint8_t kNominalReadPerformance = 0x10;
inline constexpr std::uint8_t kNominalWritePerformance = 0x14;

/// GET PERFORMANCE, ACh. Data in: a header and as many descriptors as asked for.
struct GetPerformance {
    std::uint8_t data_type = 0;  // depends on type
    Lba starting_lba{};
    std::uint16_t maximum_number_of_descriptors = 0;
    PerformanceType type = PerformanceType::WriteSpeed;
    std::uint8_t control = 0;
    bool operator==(const GetPerformance&) const = default;
};
template <>
const Layout LayoutOf<GetPerformance>::kLayout;

/// SET READ AHEAD, A7h. No data.
struct SetReadAhead {
    Lba trigger_logical_block_address{};
    Lba read_ahead_logical_block_address{};
    std::uint8_t control = 0;
    bool operator==(const SetReadAhead&) const = default;
};
template <>
const Layout LayoutOf<SetReadAhead>::kLayout;

}  // namespace kiln::mmc

/// \file
/// Answers of GET PERFORMANCE.

#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "mmc/bytes.h"
#include "mmc/commands/performance.h"
#include "mmc/layout.h"
#include "mmc/responses/answer.h"
#include "mmc/result.h"

namespace kiln::mmc {

[[nodiscard]] std::string_view words(PerformanceType type);

/// Units:   kB/s (1000 bytes), at an address in blocks; the speed goes in a line between the two
struct NominalPerformance {
    std::uint32_t start_lba = 0;
    std::uint32_t start_kb_s = 0;
    std::uint32_t end_lba = 0;
    std::uint32_t end_kb_s = 0;

    friend constexpr bool operator==(const NominalPerformance&,
                                     const NominalPerformance&) = default;
};

struct PerformanceException {
    std::uint32_t lba = 0;
    std::uint16_t time_ms = 0;

    friend constexpr bool operator==(const PerformanceException&,
                                     const PerformanceException&) = default;
};

struct UnusableArea {
    std::uint32_t lba = 0;
    std::uint32_t blocks = 0;

    friend constexpr bool operator==(const UnusableArea&, const UnusableArea&) = default;
};

struct DefectStatus {
    std::uint32_t start_lba = 0;
    std::uint32_t end_lba = 0;
    std::uint8_t blocking_factor = 0;
    std::uint8_t first_bit_offset = 0;
    std::vector<std::uint8_t> bits;  // 2038 bytes

    friend bool operator==(const DefectStatus&, const DefectStatus&) = default;
};

/// Write speed descriptor.
struct WriteSpeedPerformance {
    std::uint8_t write_rotation_control = 0;  // WRC: 0 the medium's default, 1 pure CAV
    bool restore_default = false;             // RDD
    bool exact = false;
    bool mixed_read_write = false;  // MRW
    std::uint32_t end_lba = 0;      // last address or capacity; FFFFFFFFh seen
    std::uint32_t read_kb_s = 0;
    std::uint32_t write_kb_s = 0;

    friend constexpr bool operator==(const WriteSpeedPerformance&,
                                     const WriteSpeedPerformance&) = default;
};

/// All types in one: `type` tells which of the lists is meant, the others are empty.
///
/// Spec:    MMC-6, GET PERFORMANCE. The length field tells the whole size, even if the host asked
///          for fewer descriptors
struct Performance {
    Extent extent{};
    PerformanceType type = PerformanceType::Performance;
    bool write = false;   // type 0: write performance, else read
    bool except = false;  // type 0: exceptions, else nominal
    std::vector<NominalPerformance> nominal;
    std::vector<PerformanceException> exceptions;
    std::vector<UnusableArea> unusable_areas;
    std::vector<DefectStatus> defects;
    std::vector<WriteSpeedPerformance> write_speeds;
    /// Types 4, 5 and unknown ones: the bytes behind the header. No public source has their layout.
    std::vector<std::uint8_t> other;

    friend bool operator==(const Performance&, const Performance&) = default;
};

/// Descriptors that came in part are left out.
///
/// Errors:  TooShort below the header of 8 bytes
[[nodiscard]] Result<Performance, DecodeError> decode_performance(ByteView bytes,
                                                                  PerformanceType type);

[[nodiscard]] Encoded encode(const Performance& value);

}  // namespace kiln::mmc

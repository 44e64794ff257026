/// \file
/// Numbers with units, as people write them on a command line.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "transports/clock.h"

namespace kiln::tools {

/// "64MiB", "700MB", "4k", "25000000000", "1.5GiB", "359847s" (blocks of 2048). K, M, G, T alone
/// count in 1024 as dd does; KB, MB, GB, TB in 1000; KiB and so on in 1024.
///
/// Errors:  nothing, where it is no size, is negative or does not fit 63 bits
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);

/// A decimal number without a sign, nothing behind it.
[[nodiscard]] std::optional<std::uint64_t> parse_count(std::string_view text);

/// When a burn is to be cancelled on its own.
struct AfterPercent {
    double percent = 0;  // of the blocks to write
    friend bool operator==(const AfterPercent&, const AfterPercent&) = default;
};
struct AfterBytes {
    std::uint64_t bytes = 0;
    friend bool operator==(const AfterBytes&, const AfterBytes&) = default;
};
struct AfterTime {
    transports::Duration time{};  // of the drive's clock
    friend bool operator==(const AfterTime&, const AfterTime&) = default;
};
using CancelAfter = std::variant<AfterPercent, AfterBytes, AfterTime>;

/// "37%", "64MiB", "30s".
[[nodiscard]] std::optional<CancelAfter> parse_cancel_after(std::string_view text);

struct BlockRange {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
    friend bool operator==(const BlockRange&, const BlockRange&) = default;
};
/// "16+32"; at least one block.
[[nodiscard]] std::optional<BlockRange> parse_blocks(std::string_view text);

/// "8", "8x", "2.4"; more than 0.
[[nodiscard]] std::optional<double> parse_speed(std::string_view text);

/// "703 MiB".
[[nodiscard]] std::string words_for_bytes(std::uint64_t bytes);
/// "1:02:03", "4:07"
[[nodiscard]] std::string words_for_time(transports::Duration time);

}  // namespace kiln::tools

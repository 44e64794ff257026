/// \file
/// Which USB devices have which quirks: fixtures/quirks/usb.toml, made into a table when kiln is
/// built.

#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "transports/quirks.h"

namespace kiln::transports {

struct QuirkEntry {
    std::uint16_t vendor = 0;
    std::uint16_t product = 0;
    std::uint16_t first_revision = 0;  // bcdDevice, both ends in the range
    std::uint16_t last_revision = 0xFFFF;
    Quirks quirks;
    std::string_view name;
    std::string_view reason;
    std::string_view link;
};

[[nodiscard]] std::span<const QuirkEntry> quirk_table();

/// Of every entry that fits.
[[nodiscard]] Quirks quirks_of(std::uint16_t vendor, std::uint16_t product, std::uint16_t revision);

}  // namespace kiln::transports

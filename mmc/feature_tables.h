/// \file
/// The layout tables of features. For the sources of mmc/ only.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "mmc/feature_codes.h"
#include "mmc/layout.h"

namespace kiln::mmc::tables {

struct FeatureTable {
    FeatureCode code{};
    std::uint8_t version = 0;  // in MMC-6
    std::size_t size = 4;      // of the fixed part, header included
    std::span<const Row> rows = {};
};

/// The table of a feature; for one without fields its size and version; for an unknown one a bare
/// header.
[[nodiscard]] const FeatureTable& feature(FeatureCode code);

/// The header all features have.
[[nodiscard]] std::span<const Row> feature_header();

}  // namespace kiln::mmc::tables

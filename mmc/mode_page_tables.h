/// \file
/// The layout tables of mode pages. For the sources of mmc/ only.

#pragma once

#include <cstddef>
#include <span>

#include "mmc/layout.h"
#include "mmc/mode_pages.h"

namespace kiln::mmc::tables {

struct PageTable {
    PageCode code{};
    std::size_t size = 2;  // of the fixed part in MMC-6, the two header bytes included
    std::span<const Row> rows = {};
};

/// A bare header for an unknown page.
[[nodiscard]] const PageTable& page(PageCode code);

}  // namespace kiln::mmc::tables

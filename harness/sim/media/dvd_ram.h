/// \file
/// DVD-RAM: written anywhere, block by block; sold formatted; spares against bad blocks.
///
///   +-----------+  FORMAT 00h, 01h  +-----------+
///   | formatted | ----------------> | formatted |   other sizes than the listed ones: 5/26/00
///   +-----------+                   +-----------+
///
/// | command                | answer                                                   |
/// |------------------------|----------------------------------------------------------|
/// | WRITE, READ inside     | GOOD; held while the buffer is full                      |
/// | WRITE, READ beyond     | 5/21/00                                                  |
/// | WRITE on a bad block   | a spare takes its place; none left: 3/32/00              |
/// | CLOSE TRACK/SESSION    | 5/24/00                                                  |
/// | BLANK, RESERVE         | 5/30/05, 5/30/05                                         |
/// | 51h                    | status 3                                                 |

#pragma once

#include "harness/sim/media/family.h"

namespace kiln::harness {

[[nodiscard]] const Family& dvd_ram_family();

}  // namespace kiln::harness

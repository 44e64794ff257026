/// \file
/// CD-ROM, DVD-ROM, BD-ROM: one complete session, to be read only.
///
/// | command                                     | answer  |
/// |---------------------------------------------|---------|
/// | READ inside, beyond                         | GOOD, 5/21/00 |
/// | WRITE, BLANK, FORMAT, RESERVE               | 5/30/05 |
/// | CLOSE TRACK/SESSION                         | 5/30/05 |
/// | SYNCHRONIZE CACHE                           | GOOD    |

#pragma once

#include "harness/sim/media/family.h"

namespace kiln::harness {

[[nodiscard]] const Family& pressed_family();

}  // namespace kiln::harness

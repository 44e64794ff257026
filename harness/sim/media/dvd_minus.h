/// \file
/// DVD-R, DVD-RW and DVD-R DL written in order of address: incremental, and disc at once.
///
///      WRITE (type 0)                    CLOSE 1            CLOSE 2, multi-session 11b
///   +-------+     +--------------+     +--------------+        +------------+
///   | blank |---->| border open, |---->| border open, |------->| appendable |--WRITE-->
///   +-------+     | RZone open   |<----| RZones ended |        +------------+  border open
///     |  ^        +--------------+WRITE+--------------+
///     |  |                                     | CLOSE 2 otherwise, CLOSE 3
///     |  | BLANK (DVD-RW)                      v
///     |  +-------------------------------- +-----------+
///     |                                    | complete  |
///     | RESERVE (type 2)                   +-----------+
///     v                                      ^       ^
///   +----------+  WRITE  +--------------+    |       |
///   | reserved |-------->| disc at once,|----+       |
///   +----------+         | in part      | SYNC after | the last block
///                        +--------------+------------+ CLOSE 1: padded to the reserved end
///
/// | state        | 51h | WRITE at NWA | other type | SYNC    | CLOSE 1 | CLOSE 2 | RESERVE |
/// |--------------|-----|--------------|------------|---------|---------|---------|---------|
/// | blank        | 0/0 | RZone open   | 5/2C/00 1) | GOOD    | 5/24/00 | GOOD    | GOOD    |
/// | minimal 2)   | 0/0 | 5/64/00      | 5/2C/00 1) | GOOD    | 5/24/00 | GOOD    | GOOD    |
/// | RZone open   | 1/1 | grows        | 5/64/00    | flushes | ends it | 5/72/03 | 5/2C/00 |
/// | reserved     | 1/1 | grows 4)     | 5/64/00    | flushes | pads it | 5/72/04 | GOOD 3) |
/// | border open  | 1/1 | RZone open   | 5/64/00    | GOOD    | GOOD    | closes  | GOOD    |
/// | appendable   | 1/0 | RZone open   | 5/64/00    | GOOD    | GOOD    | GOOD    | GOOD    |
/// | complete     | 2/3 | 5/30/05      | 5/30/05    | GOOD    | 5/27/00 | 5/27/00 | 5/27/00 |
///
/// 1) disc at once without a RESERVE. 2) a DVD-RW after BLANK type 1 takes disc at once only,
/// whatever feature 21h says. 3) two at most, then 5/72/05. 4) past the reserved end 5/63/00.
/// Units are 16 blocks: a flush fills the last one up. Disc at once ends at the reserved size, at
/// the least 30 mm of lead-in to lead-out. DVD-R DL has one session: every close completes it.

#pragma once

#include "harness/sim/media/family.h"

namespace kiln::harness {

inline constexpr std::uint32_t kEccBlock = 16;

[[nodiscard]] const Family& dvd_r_family();
[[nodiscard]] const Family& dvd_rw_family();
[[nodiscard]] const Family& dvd_r_dl_family();

}  // namespace kiln::harness

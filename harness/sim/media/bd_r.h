/// \file
/// BD-R in sequential recording mode (SRM), with or without pseudo-overwrite (POW).
///
///              FORMAT 00h, 32h (once)
///   +-------+ ----------------------> +-----------+
///   | blank |                         | formatted,| (51h: appendable, an empty session)
///   +-------+                         | unwritten |
///       | WRITE, RESERVE: SRM         +-----------+
///       | without spares                    | WRITE, RESERVE
///       v                                   v
///   +---------------------------------------------+  CLOSE 2   +------------+
///   | session open, track open or ended           | ---------> | appendable |
///   +---------------------------------------------+ <--------- +------------+
///                       | CLOSE 6            WRITE, RESERVE          | CLOSE 6
///                       v                                            v
///                   +-------------------------------------------------+
///                   |                    complete                     |
///                   +-------------------------------------------------+
///
/// | state        | 51h | WRITE at NWA | below NWA  | above   | CLOSE 1 | CLOSE 2 | FORMAT  |
/// |--------------|-----|--------------|------------|---------|---------|---------|---------|
/// | blank        | 0/0 | track open   | -          | 5/21/02 | GOOD    | GOOD    | GOOD    |
/// | formatted    | 1/0 | track open   | -          | 5/21/02 | GOOD    | GOOD    | 5/2C/00 |
/// | track open   | 1/1 | grows        | 5/21/02 1) | 5/21/02 | ends it | closes  | 5/2C/00 |
/// | session open | 1/1 | track open   | 5/21/02 1) | 5/21/02 | GOOD    | closes  | 5/2C/00 |
/// | appendable   | 1/0 | track open   | 5/21/02 1) | 5/21/02 | GOOD    | GOOD    | 5/2C/00 |
/// | complete     | 2/3 | 5/30/05      | 5/30/05    | 5/30/05 | 5/27/00 | 5/27/00 | 5/2C/00 |
///
/// 1) with POW: mapped to clusters at the NWA, which moves on by them. CLOSE 2 and 6 end an open
/// track; a reserved one that is not full keeps its session from being closed: 5/72/04. Clusters of
/// 32 blocks; a flush fills the last one up, and the next session begins in the next one. Random
/// recording mode is not done yet: 5/26/00.

#pragma once

#include "harness/sim/media/family.h"

namespace kiln::harness {

inline constexpr std::uint32_t kCluster = 32;

[[nodiscard]] const Family& bd_r_family();
/// Blocks that a format leaves when nothing else was asked for: 11826176 of 12219392.
[[nodiscard]] std::uint32_t bd_default_size(std::uint32_t unformatted);

}  // namespace kiln::harness

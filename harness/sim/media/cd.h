/// \file
/// CD-R and CD-RW, track at once.
///
///                first WRITE            SYNC, CLOSE 1
///     +-------+              +--------+              +------------------+
///     | blank | -----------> | track  | -----------> | tracks ended,    |
///     |       |              | open   | <----------- | session open     |
///     +-------+              +--------+    WRITE     +------------------+
///         ^                      | CLOSE 2: 5/72/03     | CLOSE 2
///         | BLANK (CD-RW)                               | multi-session 11b     other
///         |                                             v                        v
///         |                  +--------+  WRITE   +------------+           +-----------+
///         +------------------| track  | <------- | appendable |           | complete  |
///                            | open   |          +------------+           +-----------+
///                            +--------+
///
/// | state        | 51h | WRITE at NWA | elsewhere | SYNC    | CLOSE 1 | CLOSE 2 | RESERVE |
/// |--------------|-----|--------------|-----------|---------|---------|---------|---------|
/// | blank        | 0/0 | track open   | 5/21/02   | GOOD    | GOOD    | 5/2C/04 | GOOD    |
/// | track open   | 1/1 | grows        | 5/21/02   | ends it | ends it | 5/72/03 | 5/2C/00 |
/// | session open | 1/1 | track open   | 5/21/02   | GOOD    | GOOD    | closes  | GOOD    |
/// | appendable   | 1/0 | track open   | 5/21/02   | GOOD    | GOOD    | GOOD    | GOOD    |
/// | complete     | 2/3 | 5/30/05      | 5/30/05   | GOOD    | 5/27/00 | 5/27/00 | 5/27/00 |
///
/// A track has two run-out blocks more than its data; they count and do not read back. One of less
/// than 300 blocks is padded with zeros to 300. The next track begins 150 blocks (pregap) behind,
/// the next session 11400 blocks behind the first session's lead-out and 6900 behind later ones.
/// Other CLOSE functions: 5/24/00. Write types other than track at once are not done yet, and page
/// 05h refuses them. Power cut: an open track is damaged, and REPAIR TRACK ends it.

#pragma once

#include "harness/sim/media/family.h"

namespace kiln::harness {

inline constexpr std::uint32_t kMinimumTrack = 300;
inline constexpr std::uint32_t kRunOut = 2;
inline constexpr std::uint32_t kPregap = 150;
inline constexpr std::uint32_t kFirstSessionGap = 11400;  // lead-out 6750, lead-in 4500, pregap
inline constexpr std::uint32_t kLaterSessionGap = 6900;   // lead-out 2250, lead-in 4500, pregap

[[nodiscard]] const Family& cd_r_family();
[[nodiscard]] const Family& cd_rw_family();

}  // namespace kiln::harness

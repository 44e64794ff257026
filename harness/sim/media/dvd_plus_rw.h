/// \file
/// DVD+RW: formatted once, in the background, while it is being written.
///
///   +-----------+ FORMAT 26h  +---------+   done   +----------+
///   | 0: blank  | ----------> | 2: runs | -------> | 3: all   |
///   +-----------+             +---------+          | done     |
///                    CLOSE 0, |     ^              +----------+
///                    CLOSE 2, |     | FORMAT 26h, restart
///                    power,   v     |
///                    eject   +------------+
///                            | 1: stopped |
///                            +------------+
///
/// | background   | WRITE                        | READ             | FORMAT 26h    | restart |
/// CLOSE 0 | CLOSE 2    |
/// |--------------|------------------------------|------------------|---------------|---------|---------|------------|
/// | 0 blank      | 5/30/10                      | 5/30/10          | 40 s, then 2  | 5/26/00 |
/// GOOD    | 5/30/10    | | 1 stopped    | in and at the end of what is | in what is       | new,
/// then 2   | then 2  | GOOD    | lead-out   | |              | formatted; else 5/21/02      |
/// formatted        |               |         |         |            | | 2 running    | anywhere |
/// anywhere         | 5/2C/00       | 5/2C/00 | stops   | stops, and | |              | | | | | | a
/// lead-out | | 3 complete   | anywhere                     | anywhere         | new, then 2   |
/// GOOD    | GOOD    | GOOD       |
///
/// Units of 16 inside the drive; a host may write single blocks. The capacity is the whole disc's
/// as soon as it is not blank. The format size is accepted without effect, as on Pioneer R8.

#pragma once

#include "harness/sim/media/family.h"

namespace kiln::harness {

[[nodiscard]] const Family& dvd_plus_rw_family();

}  // namespace kiln::harness

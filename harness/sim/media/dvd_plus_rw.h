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
/// | background | WRITE       | READ         | FORMAT 26h | restart | CLOSE 0 | CLOSE 2          |
/// |------------|-------------|--------------|------------|---------|---------|------------------|
/// | 0 blank    | 5/30/10     | 5/30/10      | then 2     | 5/26/00 | GOOD    | 5/30/10          |
/// | 1 stopped  | 1) 5/21/02  | 1) 3/11/00   | then 2     | then 2  | GOOD    | lead-out         |
/// | 2 running  | anywhere    | anywhere     | 5/2C/00    | 5/2C/00 | stops   | stops, lead-out  |
/// | 3 complete | anywhere    | anywhere     | then 2     | GOOD    | GOOD    | GOOD             |
///
/// 1) outside of what is formatted; inside, and a WRITE right at its end, GOOD. A format takes its
/// foreground part (40 s), then goes on in the background. Units of 16 inside the drive; a host may
/// write single blocks. The capacity is the whole disc's as soon as it is not blank. The size that
/// FORMAT names is accepted without effect, as on Pioneer R8.

#pragma once

#include "harness/sim/media/family.h"

namespace kiln::harness {

[[nodiscard]] const Family& dvd_plus_rw_family();

}  // namespace kiln::harness

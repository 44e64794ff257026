/// \file
/// DVD-RW in restricted overwrite: written in whole units of 16 blocks, anywhere it is formatted.
///
///   +--------------+ FORMAT 15h  +--------------+  CLOSE 2   +------------------+
///   | sequential   | ----------> | intermediate | ---------> | partly formatted |
///   | (dvd_minus.h)|             | grows by     | <--------- | (size < maximum) |
///   +--------------+             | writing      | FORMAT 13h +------------------+
///      ^  |                      +--------------+   FORMAT 00h, 10h, or | written to the end
///      |  | FORMAT 00h, 10h          all of the disc written | v
///      |  +------------------------------------------> +-----------------+
///      +---- BLANK (from any state) ------------------ | fully formatted |
///                                                      +-----------------+
///
/// | state            | capacities        | WRITE aligned | else    | beyond  | CLOSE 2 | 13h     |
/// |------------------|-------------------|---------------|---------|---------|---------|---------|
/// | unformatted      | 1; 00h 10h 15h    | (sequential)  | -       | -       | -       | 5/26/00 |
/// | intermediate     | 3; 00h 10h 15h    | GOOD, grows   | 5/21/02 | 5/21/02 | closes  | 5/26/00 |
/// | partly formatted | 2; and 13h > 0    | GOOD          | 5/21/02 | 5/21/00 | GOOD    | grows   |
/// | fully formatted  | 2; 13h of 0       | GOOD          | 5/21/02 | 5/21/00 | GOOD    | 5/26/00 |
///
/// Sizes are multiples of 16; other format types and sizes: 5/26/00. Page 05h means nothing.

#pragma once

#include "harness/sim/media/family.h"

namespace kiln::harness {

[[nodiscard]] const Family& dvd_restricted_overwrite_family();

}  // namespace kiln::harness

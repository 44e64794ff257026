/// \file
/// BD-RE: sold unformatted; then written anywhere, block by block.
///
///   +-------------+  FORMAT 00h, 30h, 31h   +-----------+
///   | unformatted | ----------------------> | formatted |--+ FORMAT again: other spares
///   +-------------+                         +-----------+<-+
///
/// | command             | unformatted | formatted                                            |
/// |---------------------|-------------|------------------------------------------------------|
/// | WRITE, READ         | 5/30/10     | GOOD; beyond 5/21/00; on a bad block a spare, 3/32/00 |
/// | FORMAT 00h          | GOOD        | GOOD: default spares                                 |
/// | FORMAT 30h          | GOOD        | GOOD: the size says the spares; sub-types 0, 1, 2, 3 |
/// | FORMAT 31h          | GOOD        | GOOD: no spares                                      |
/// | other types, sizes  | 5/26/00     | 5/26/00                                              |
/// | CLOSE TRACK/SESSION | 5/24/00     | 5/24/00                                              |
/// | BLANK, RESERVE      | 5/30/05     | 5/30/05                                              |
///
/// Sub-type 2 certifies all of it, which takes as long as writing it; the others are quick.

#pragma once

#include "harness/sim/media/family.h"

namespace kiln::harness {

[[nodiscard]] const Family& bd_re_family();

}  // namespace kiln::harness

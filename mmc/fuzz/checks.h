/// \file
/// What must hold for any bytes at all, for the fuzz targets and for the test that runs their
/// corpora. For tests only.

#pragma once

#include <string>

#include "mmc/bytes.h"

namespace kiln::mmc::fuzz {

/// Reads `bytes` as a CDB in every way there is. Returns what is wrong, or "".
[[nodiscard]] std::string check_cdb(ByteView bytes);

/// Reads `bytes` as answers, parameter lists and sense data in every way there is: the first byte
/// is the length of a CDB (16 at most), then the CDB, then the answer. Returns what is wrong, or
/// "".
[[nodiscard]] std::string check_answer(ByteView bytes);

}  // namespace kiln::mmc::fuzz

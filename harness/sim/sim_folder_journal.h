/// \file
/// The journal of a folder as bytes: one record a command, each with its own checksum.

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "mmc/bytes.h"

#include "harness/sim/sim_folder.h"

namespace kiln::harness {

/// True for the commands whose data are user data, which are in the store already.
[[nodiscard]] bool writes_blocks(mmc::ByteView cdb);

/// Appends one record to `out`.
void append_record(const JournalEntry& entry, std::vector<std::uint8_t>& out);

/// The records of a journal up to its end, or to the first that is torn: what a process that was
/// killed had not written to its end never happened.
[[nodiscard]] std::vector<JournalEntry> read_records(mmc::ByteView bytes);

}  // namespace kiln::harness

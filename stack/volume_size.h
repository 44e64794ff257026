/// \file
/// How large the file system on a disc says it is: only as much of ISO 9660 and UDF as that takes.
///
/// The bytes come from a disc that anybody may have written: nothing in them is believed beyond
/// what was read.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "mmc/bytes.h"
#include "mmc/lba.h"

namespace kiln::stack {

/// One block of 2048 bytes, or nothing where it cannot be read.
using ReadOneBlock = std::function<std::optional<std::vector<std::uint8_t>>(mmc::Lba lba)>;

/// Blocks that the primary volume descriptor claims; nothing where `descriptor` is none.
///
/// Spec:    ECMA-119 8.4: "CD001", volume space size, logical block size; both byte orders
[[nodiscard]] std::optional<std::uint64_t> iso9660_blocks(mmc::ByteView descriptor);

/// Looks through the volume descriptors from block 16 on for the primary one.
[[nodiscard]] std::optional<std::uint64_t> iso9660_volume_blocks(const ReadOneBlock& read);

/// Blocks up to the end of the partitions, the reserve volume descriptors, and the last anchor
/// where one is found behind them; nothing without an anchor at block 256.
///
/// Spec:    ECMA-167 3/10: anchor volume descriptor pointer, partition descriptor
[[nodiscard]] std::optional<std::uint64_t> udf_volume_blocks(const ReadOneBlock& read);

/// The larger of both, where there are both (a bridge disc).
[[nodiscard]] std::optional<std::uint64_t> volume_blocks(const ReadOneBlock& read);

}  // namespace kiln::stack

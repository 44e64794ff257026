/// \file
/// Bytes that somebody typed, or that stand in a file.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tools/kiln/problem.h"

namespace kiln::tools {

using Bytes = std::vector<std::uint8_t>;

/// "12 00 00 00 24 00", "120000002400", "0x12,0x00", "12:00"; upper or lower case. A digit that
/// stands alone is a byte.
///
/// Errors:  WrongUsage, with what is wrong; no bytes at all are wrong too
[[nodiscard]] Result<Bytes, Problem> parse_hex(std::string_view text);

/// The bytes of a file as they are, `most` at most; "-" is standard input.
///
/// Errors:  Failed, as the system says it; or the file has more
[[nodiscard]] Result<Bytes, Problem> read_file(const std::string& path, std::size_t most);

/// parse_hex(), or read_file() of what stands behind an @.
[[nodiscard]] Result<Bytes, Problem> bytes_from(const std::string& text, std::size_t most);

/// Sixteen a line, with their offset.
[[nodiscard]] std::string dump(const Bytes& bytes);

}  // namespace kiln::tools

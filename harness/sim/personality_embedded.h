/// \file
/// Personalities that are part of the program. The source is made from fixtures/drives/*.toml by
/// tools/dev/embed_texts.py when it is built.

#pragma once

#include <span>
#include <string_view>

namespace kiln::harness {

struct EmbeddedText {
    std::string_view name;
    std::string_view text;
};

/// Sorted by name.
[[nodiscard]] std::span<const EmbeddedText> embedded_personalities();

}  // namespace kiln::harness

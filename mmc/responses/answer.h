/// \file
/// What all answers of a drive have in common: how much of one came, and how it is handed on.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "mmc/bytes.h"
#include "mmc/layout.h"
#include "mmc/result.h"

namespace kiln::mmc {

/// How much of an answer is here. A host may ask for less than there is, and a drive may send less
/// than it announces; fields whose bytes did not come keep their defaults.
struct Extent {
    std::size_t announced = 0;  // bytes, by the answer's own length field, that field included
    std::size_t received = 0;   // of those, bytes that came

    [[nodiscard]] constexpr bool complete() const { return received >= announced; }
    friend constexpr bool operator==(const Extent&, const Extent&) = default;
};

/// The bytes of an answer as a drive gives it, whole; FieldOverflow if a value does not fit.
using Encoded = Result<std::vector<std::uint8_t>, EncodeError>;

}  // namespace kiln::mmc

/// \file
/// Every pair of a state and a call that IMAPI2's documents fix, or leave open; what it gives here;
/// and which test shows it. stack/imapi/README.md has the same table for people.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "stack/hresult.h"

#include "harness/testing/imapi/engine_states.h"

namespace kiln::harness {

/// Who decided.
enum class Basis : std::uint8_t {
    Documented,
    Chosen,  // where the documents are silent
};

/// Whether it can be shown.
enum class Shown : std::uint8_t {
    ByTest,
    ComFace,       // what only a COM interface has: a null pointer for a result
    RawCd,         // of the raw layer, which kiln does not have
    CannotHappen,  // `test` says why
};

/// One row; a row of several parts is several of these with one number.
struct Decision {
    Basis basis;
    unsigned number;
    std::string_view state;
    std::string_view call;
    std::string_view result;
    Shown shown;
    std::string_view test;  // "Suite.Name", or why not
    /// Where the pair is one of the write engine's: it is tried as it stands here.
    struct Pair {
        EngineState state;
        EngineCall call;
        stack::HResult answer;
    };
    std::optional<Pair> pair = std::nullopt;
};

inline constexpr unsigned kDocumentedRows = 23;
inline constexpr unsigned kChosenRows = 27;

[[nodiscard]] std::span<const Decision> decisions();

}  // namespace kiln::harness

/// \file
/// Which of IMAPI2's codes an error is: one table of sense, one of transport errors.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "mmc/sense.h"

#include "transports/error.h"

#include "stack/hresult.h"

namespace kiln::stack {

/// What the command wanted: some sense has a code of its own there.
enum class Asked : std::uint8_t {
    Writing,        // WRITE, and what else makes up a burn
    Query,          // anything else that a recorder sends
    Feature,        // GET CONFIGURATION
    ModePage,       // MODE SENSE
    SetModePage,    // MODE SELECT
    DiscStructure,  // READ and SEND DISC STRUCTURE
};

struct SenseCode {
    std::optional<mmc::SenseKey> key;  // none: any
    std::optional<std::uint8_t> asc;   // none: any
    std::optional<std::uint8_t> ascq;  // none: any
    std::optional<Asked> asked;        // none: any
    HResult code = HResult::Fail;
    std::string_view meaning;
};

/// First match wins; the last rows match everything.
///
/// No sense says MEDIA_UPSIDE_DOWN, MEDIA_SPEED_MISMATCH: a disc that lies the wrong way up is no
/// disc or one that cannot be read, and a speed that does not fit is refused by nobody.
[[nodiscard]] std::span<const SenseCode> sense_codes();

[[nodiscard]] HResult code_of(const mmc::Sense& sense, Asked asked);
[[nodiscard]] HResult code_of(transports::TransportError::Kind kind);

}  // namespace kiln::stack

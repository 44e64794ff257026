/// \file
/// Additional sense codes in words.

#pragma once

#include <span>
#include <string>
#include <string_view>

#include "mmc/sense.h"

namespace kiln::mmc {

/// One additional sense code, or a range of them whose text has "nn" where the ASCQ goes.
struct SenseCode {
    AdditionalSense first = 0;
    AdditionalSense last = 0;
    std::string_view text;
};

/// In ascending order. Made from fixtures/golden/sense-codes.csv while building.
[[nodiscard]] std::span<const SenseCode> all_sense_codes();

/// "logical unit not ready, long write in progress"; where the code has a number in its ASCQ, with
/// it. Empty for a code without a name.
///
/// Spec:    SPC and MMC, additional sense codes
[[nodiscard]] std::string additional_sense_in_words(AdditionalSense code);

/// True for the codes that are a vendor's own: ASC or ASCQ of 80h and up, if no range of the
/// standard holds them.
[[nodiscard]] bool is_vendor_specific(AdditionalSense code);

/// "not ready"; "reserved" for Ch.
[[nodiscard]] std::string_view words(SenseKey key);

}  // namespace kiln::mmc

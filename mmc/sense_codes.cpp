#include "mmc/sense_codes.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "mmc/sense.h"

namespace kiln::mmc {
namespace {

struct Code {
    AdditionalSense first;
    AdditionalSense last;  // `first`, or the end of a range whose text holds "nn"
    std::string_view text;
};

constexpr Code kCodes[] = {
#include "mmc/sense_codes.inc"  // from fixtures/golden/sense-codes.csv
};

const Code* find(AdditionalSense code) {
    const auto* const found = std::ranges::lower_bound(kCodes, code, {}, &Code::last);
    return found != std::end(kCodes) && found->first <= code ? found : nullptr;
}

constexpr std::array<std::string_view, 16> kKeys{
    "no sense",       "recovered error", "not ready",      "medium error",
    "hardware error", "illegal request", "unit attention", "data protect",
    "blank check",    "vendor specific", "copy aborted",   "aborted command",
    "reserved",       "volume overflow", "miscompare",     "completed",
};

}  // namespace

std::string additional_sense_in_words(AdditionalSense code) {
    const Code* found = find(code);
    if (found == nullptr) {
        return {};
    }
    std::string text(found->text);
    if (found->first != found->last) {
        constexpr std::string_view kDigits = "0123456789abcdef";
        if (const auto place = text.rfind("nn"); place != std::string::npos) {
            text[place] = kDigits[code >> 4U & 0xFU];
            text[place + 1] = kDigits[code & 0xFU];
        }
    }
    return text;
}

bool is_vendor_specific(AdditionalSense code) {
    return ((code & 0x8000U) != 0 || (code & 0x80U) != 0) && find(code) == nullptr;
}

std::string_view words(SenseKey key) {
    return kKeys[static_cast<std::size_t>(key) & 0xFU];
}

}  // namespace kiln::mmc

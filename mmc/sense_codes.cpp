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

const SenseCode* find(AdditionalSense code) {
    const auto codes = all_sense_codes();
    const auto found = std::ranges::lower_bound(codes, code, {}, &SenseCode::last);
    return found != codes.end() && found->first <= code ? &*found : nullptr;
}

constexpr std::array<std::string_view, 16> kKeys{
    "no sense",       "recovered error", "not ready",      "medium error",
    "hardware error", "illegal request", "unit attention", "data protect",
    "blank check",    "vendor specific", "copy aborted",   "aborted command",
    "reserved",       "volume overflow", "miscompare",     "completed",
};

}  // namespace

std::string additional_sense_in_words(AdditionalSense code) {
    const SenseCode* found = find(code);
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

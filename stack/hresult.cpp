#include "stack/hresult.h"

#include <span>
#include <string_view>

namespace kiln::stack {

std::string_view name_of(HResult code) {
    switch (code) {
#define KILN_HRESULT_CASE(name, value, text) \
    case HResult::name:                      \
        return text;
        KILN_HRESULTS(KILN_HRESULT_CASE)
#undef KILN_HRESULT_CASE
    }
    return "unknown";
}

std::span<const HResult> all_hresults() {
    static constexpr HResult kAll[] = {
#define KILN_HRESULT_ENTRY(name, value, text) HResult::name,
        KILN_HRESULTS(KILN_HRESULT_ENTRY)
#undef KILN_HRESULT_ENTRY
    };
    return kAll;
}

}  // namespace kiln::stack

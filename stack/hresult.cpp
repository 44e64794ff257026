#include "stack/hresult.h"

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

}  // namespace kiln::stack

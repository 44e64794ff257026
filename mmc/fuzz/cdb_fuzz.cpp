// libFuzzer's entry point; built with -Dfuzz=true and clang++. See mmc/fuzz/README.md.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "mmc/fuzz/checks.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (!kiln::mmc::fuzz::check_cdb({data, size}).empty()) {
        std::abort();
    }
    return 0;
}

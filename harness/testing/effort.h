/// \file
/// How much of a random or exhaustive thing a test does: a sample in every run, much more in the
/// long phases of `tools/test --all`.

#pragma once

#include <cstdlib>

namespace kiln::harness::testing {

inline constexpr int kLongEffort = 20;

/// `usual` rounds, and kLongEffort times as many where KILN_TEST_LONG is set.
[[nodiscard]] inline int effort(int usual) {
    return std::getenv("KILN_TEST_LONG") == nullptr ? usual : usual * kLongEffort;
}

}  // namespace kiln::harness::testing

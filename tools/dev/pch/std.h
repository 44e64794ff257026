// What most files of ours include, precompiled in some builds (-Dprecompile=true). Nothing includes this
// file: a source that forgets an include fails in the other builds.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <tl/expected.hpp>

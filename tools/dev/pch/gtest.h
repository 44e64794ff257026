// What every test includes, precompiled in the sanitizer builds (-Dprecompile=true). Nothing includes
// this file: a test that forgets an include fails in the other builds.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <tl/expected.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

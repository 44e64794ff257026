#include "stack/outcome.h"

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace kiln::stack {
namespace {

constexpr std::array<std::string_view, kCancelPolicies> kPolicyNames = {
    "make-readable", "leave-resumable", "fastest-release", "emergency"};

}  // namespace

std::string_view name_of(CancelPolicy policy) {
    return kPolicyNames.at(static_cast<std::size_t>(policy));
}

std::optional<CancelPolicy> cancel_policy_named(std::string_view name) {
    for (std::size_t i = 0; i < kPolicyNames.size(); ++i) {
        if (kPolicyNames.at(i) == name) {
            return static_cast<CancelPolicy>(i);
        }
    }
    return std::nullopt;
}

std::string_view name_of(Phase phase) {
    constexpr std::array<std::string_view, 8> kNames = {
        "validating-media",  "formatting-media", "initializing-hardware",
        "calibrating-power", "writing-data",     "finalization",
        "completed",         "verifying"};
    return kNames.at(static_cast<std::size_t>(phase));
}

std::string_view name_of(Outcome outcome) {
    constexpr std::array<std::string_view, 3> kNames = {"completed", "cancelled", "failed"};
    return kNames.at(static_cast<std::size_t>(outcome));
}

std::string_view name_of(Verified verified) {
    constexpr std::array<std::string_view, 4> kNames = {"yes", "no", "cancelled", "not-asked"};
    return kNames.at(static_cast<std::size_t>(verified));
}

std::string_view name_of(DiscStatus status) {
    constexpr std::array<std::string_view, 6> kNames = {"blank", "appendable", "complete",
                                                        "other", "no-medium",  "unknown"};
    return kNames.at(static_cast<std::size_t>(status));
}

bool fits(const Prediction& prediction, const DiscState& fact) {
    if (fact.user_blocks < prediction.least_user_blocks ||
        fact.user_blocks > prediction.most_user_blocks) {
        return false;
    }
    if (!prediction.exact) {
        return true;
    }
    const DiscState& expected = prediction.disc;
    if (expected.readable != fact.readable || expected.appendable != fact.appendable) {
        return false;
    }
    // Not the profile: a closed BD-R may report 0040h.
    return !prediction.structured ||
           (expected.status == fact.status && expected.sessions == fact.sessions &&
            expected.tracks == fact.tracks);
}

}  // namespace kiln::stack

/// \file
/// The cancel policies.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace kiln::stack {

/// What a cancel leaves behind, in the order of escalation: a second request goes to the next.
///
/// | policy         | WRITE in flight | drive's buffer | track and session                     |
/// tray |
/// |----------------|-----------------|----------------|---------------------------------------|------|
/// | MakeReadable   | awaited         | flushed        | padded to the minimum and closed      |
/// open | | LeaveResumable | awaited         | flushed        | left open where it can be continued
/// | open | | FastestRelease | awaited         | flushed        | left as they are | open | |
/// Emergency      | interrupted     | may be lost    | as they are                           | open
/// if the drive still answers |
enum class CancelPolicy : std::uint8_t { MakeReadable, LeaveResumable, FastestRelease, Emergency };
inline constexpr std::size_t kCancelPolicies = 4;
[[nodiscard]] std::string_view name_of(CancelPolicy policy);  // "make-readable"
[[nodiscard]] std::optional<CancelPolicy> cancel_policy_named(std::string_view name);

}  // namespace kiln::stack

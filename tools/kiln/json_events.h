/// \file
/// The events of a burn as JSON objects. Their schema is events.schema.json.

#pragma once

#include <string_view>

#include "stack/outcome.h"

#include "tools/kiln/json_object.h"
#include "tools/kiln/problem.h"

namespace kiln::tools {

[[nodiscard]] JsonObject json_of(const stack::DiscState& disc);
[[nodiscard]] JsonObject json_of(const stack::Prediction& prediction);
[[nodiscard]] JsonObject json_of(const stack::PlanSummary& plan);
[[nodiscard]] JsonObject json_of(const stack::Progress& progress);
[[nodiscard]] JsonObject json_of(const mmc::Sense& sense);
/// The `error` member of a result: doing, command, lba, sense, message.
[[nodiscard]] JsonObject json_of(const Problem& problem);
/// The members of a result event, whatever the report says.
[[nodiscard]] JsonObject json_of(const stack::BurnReport& report);
/// "0xc0aa0002"
[[nodiscard]] std::string hex_of(stack::HResult code);

}  // namespace kiln::tools

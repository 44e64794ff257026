/// \file
/// What a disc will be when a job ends, and what it is: computed before, read back after. Pure.

#pragma once

#include <cstdint>
#include <optional>

#include "stack/medium.h"
#include "stack/outcome.h"
#include "stack/plan.h"
#include "stack/policy.h"
#include "stack/recipe.h"

namespace kiln::stack {

/// The planned ending, with `payload` blocks of this burn on the disc.
[[nodiscard]] Prediction predict_completed(const Plan& plan, std::uint64_t payload);

/// A cancel by `policy` with `payload` blocks accepted. Exact but for Emergency, of which only
/// bounds can be said: what was in the drive's buffer may be lost.
/// `done`: steps of an ending that were taken already.
[[nodiscard]] Prediction predict_cancelled(const Plan& plan, std::uint64_t payload,
                                           CancelPolicy policy, const OpSet& done = {});

/// A blank or format that was cancelled before it began, or after: bounds only then, for whether
/// the drive can end it early is its own affair.
[[nodiscard]] Prediction predict_stopped(const Plan& plan, bool begun);

/// No step of `steps` that this plan takes is left, besides those in `done`.
[[nodiscard]] bool nothing_left(Steps steps, const Plan& plan, const OpSet& done);

/// A drive or a WRITE that failed: bounds only.
[[nodiscard]] Prediction predict_failed(const Plan& plan, std::uint64_t payload);

/// From the request to a released drive, at the worst: the deadlines of all that may still run.
[[nodiscard]] transports::Duration worst_case(const Plan& plan, CancelPolicy policy);

/// What the drive reports, in the prediction's terms. `payload`: blocks of this burn that the drive
/// accepted from `start`; padding behind them is not counted.
[[nodiscard]] DiscState state_of(const Medium& medium, mmc::Lba start, std::uint64_t payload);

}  // namespace kiln::stack

/// \file
/// The parts of medium detection, for detect_medium() alone.

#pragma once

#include <optional>
#include <utility>

#include "mmc/feature_codes.h"
#include "mmc/features.h"
#include "mmc/responses/configuration.h"
#include "mmc/responses/disc_information.h"

#include "stack/failure.h"
#include "stack/medium.h"

namespace kiln::stack::detection {

// A refusal says that the drive or the medium does not have this; anything else ends the detection.
inline bool is_refusal(const Failure& failure) {
    return failure.sense && !failure.transport && failure.kind != FailureKind::NoMedium &&
           failure.kind != FailureKind::TimedOut && failure.kind != FailureKind::Interrupted;
}

// The value, nothing where the drive does not have it, or the failure that ends everything. An
// answer that makes no sense counts as none: what can be known without it still is.
template <typename T>
Result<std::optional<T>, Failure> if_known(Result<T, Failure> answer) {
    if (answer) {
        return std::optional<T>(*std::move(answer));
    }
    const Failure& failure = answer.error();
    const bool nonsense = !failure.sense && !failure.transport;
    if (is_refusal(failure) || (nonsense && failure.kind == FailureKind::Failed)) {
        return std::optional<T>{};
    }
    return tl::make_unexpected(std::move(answer).error());
}

/// For what a medium cannot be told without: only a drive that does not know the command, or the
/// number in it, may leave it out. Anything else is asked once more, and then a failure; a medium
/// of which half was seen must not be taken for another one.
template <typename Ask>
auto known_for_sure(Ask ask)
    -> Result<std::optional<typename decltype(ask())::value_type>, Failure> {
    const auto failed = [](const auto& answer) {
        return !answer && answer.error().sense &&
               answer.error().sense->key != mmc::SenseKey::IllegalRequest;
    };
    auto answer = ask();
    if (failed(answer)) {
        answer = ask();
    }
    if (failed(answer)) {
        return tl::make_unexpected(std::move(answer).error());
    }
    return if_known(std::move(answer));
}

inline bool is_current(const mmc::Configuration& configuration, mmc::FeatureCode code) {
    const auto* feature = configuration.find(code);
    return feature != nullptr && feature->current;
}

/// Profiles, family and abilities from GET CONFIGURATION.
void take_features(const mmc::Configuration& configuration, Medium& medium);

/// The same for drives that know no features: page 2Ah says what the drive writes, ATIP whether
/// this is a medium to write on.
[[nodiscard]] Result<void, Failure> take_capabilities(Drive& drive,
                                                      const mmc::DiscInformation* disc,
                                                      Medium& medium);

/// Layers, maker, and what the disc itself says it is.
[[nodiscard]] Result<void, Failure> read_structures(Drive& drive, Medium& medium);

[[nodiscard]] Result<void, Failure> read_protection(Drive& drive,
                                                    const mmc::Configuration& configuration,
                                                    Medium& medium);

}  // namespace kiln::stack::detection

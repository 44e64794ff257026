/// \file
/// The answer of GET CONFIGURATION: header and feature descriptors.

#pragma once

#include <optional>
#include <vector>

#include "mmc/bytes.h"
#include "mmc/features.h"
#include "mmc/layout.h"
#include "mmc/profiles.h"
#include "mmc/responses/answer.h"
#include "mmc/result.h"

namespace kiln::mmc {

/// Spec:    MMC-6, GET CONFIGURATION, feature header and feature descriptors
struct Configuration {
    Extent extent{};  // of all features the drive would give, not of those asked for
    Profile current_profile = Profile::None;
    std::vector<Feature> features;  // in the drive's order; the last one may be cut

    /// The first descriptor of this code, or null.
    [[nodiscard]] const Feature* find(FeatureCode code) const;

    /// That descriptor read as T.
    template <typename T>
    [[nodiscard]] std::optional<T> get() const {
        const Feature* feature = find(T::kCode);
        return feature == nullptr ? std::nullopt : feature_as<T>(*feature);
    }

    friend bool operator==(const Configuration&, const Configuration&) = default;
};

/// Walks the descriptors by their own lengths, known or not; a descriptor whose header came in part
/// is left out.
///
/// Errors:  TooShort below the header of 8 bytes
[[nodiscard]] Result<Configuration, DecodeError> decode_configuration(ByteView bytes);

[[nodiscard]] Encoded encode(const Configuration& value);

}  // namespace kiln::mmc

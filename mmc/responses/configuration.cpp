#include "mmc/responses/configuration.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "mmc/bytes.h"
#include "mmc/feature_codes.h"
#include "mmc/features.h"
#include "mmc/layout.h"
#include "mmc/profiles.h"
#include "mmc/responses/answer.h"
#include "mmc/responses/codec.h"
#include "mmc/result.h"

namespace kiln::mmc {
namespace {

constexpr std::size_t kHeaderSize = 8;
constexpr detail::LengthField kLength{.offset = 0, .width = 4, .before = 4};

}  // namespace

const Feature* Configuration::find(FeatureCode code) const {
    const auto found = std::ranges::find(features, code, &Feature::code);
    return found == features.end() ? nullptr : &*found;
}

Result<Configuration, DecodeError> decode_configuration(ByteView bytes) {
    const auto honoured = detail::honour(bytes, kLength, kHeaderSize);
    if (!honoured) {
        return tl::make_unexpected(honoured.error());
    }
    Configuration configuration{
        .extent = honoured->extent,
        .current_profile = Profile{load_big_endian<std::uint16_t>(honoured->bytes, 6, 2)},
        .features = {}};
    ByteView rest = honoured->bytes.subspan(kHeaderSize);
    while (auto feature = decode_feature(rest)) {
        rest = detail::from(rest, Feature::kHeaderSize + feature->additional_length);
        configuration.features.push_back(*std::move(feature));
    }
    return configuration;
}

Encoded encode(const Configuration& value) {
    detail::Writer writer(kHeaderSize);
    writer.number(6, 2, static_cast<std::uint16_t>(value.current_profile));
    std::vector<std::uint8_t> list;
    for (const Feature& feature : value.features) {
        KILN_RETURN_IF_ERROR(append_feature(feature, list));
    }
    writer.append(list);
    return writer.finish(kLength);
}

}  // namespace kiln::mmc

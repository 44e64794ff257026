#include "harness/sim/personality.h"

#include <algorithm>
#include <cstddef>

namespace kiln::harness {

namespace {

template <typename Range, typename Value, typename Key>
auto* find_in(const Range& range, const Value& value, Key key) {
    const auto found = std::ranges::find(range, value, key);
    return found == range.end() ? nullptr : &*found;
}

/// MMC counts the speed of a CD in bytes of the raw block, whatever is in it.
constexpr std::uint64_t kRawCdBlock = 2352;
constexpr std::uint64_t kUserBlock = 2048;

}  // namespace

const MediumSupport* Personality::support_for(MediumKind kind) const {
    return find_in(media, kind, &MediumSupport::kind);
}

const ModePage* Personality::mode_page(std::uint8_t code) const {
    return find_in(mode_pages, code, &ModePage::code);
}

const FeatureEntry* Personality::feature(std::uint16_t code) const {
    return find_in(features, code, &FeatureEntry::code);
}

std::uint64_t user_bytes_per_second(MediumKind kind, std::uint32_t kilobytes_per_second) {
    const std::uint64_t bytes = std::uint64_t{kilobytes_per_second} * 1000;
    return facts_of(kind).family == MediumFamily::Cd ? bytes * kUserBlock / kRawCdBlock : bytes;
}

SpeedCurve curve_of(const SpeedEntry& speed, MediumKind kind, std::uint32_t blocks) {
    const std::uint64_t size = std::uint64_t{blocks} * kUserBlock;
    const std::uint64_t top = user_bytes_per_second(kind, speed.kilobytes_per_second);
    const std::uint64_t start = user_bytes_per_second(kind, speed.start_kilobytes_per_second);
    switch (speed.kind) {
        case CurveKind::Clv:
            return SpeedCurve::clv(top);
        case CurveKind::Cav:
            return SpeedCurve::cav(start, top, size);
        case CurveKind::Pcav:
            return SpeedCurve::pcav(start, top, size / 100 * speed.knee_percent);
        case CurveKind::Zclv:
            break;
    }
    std::vector<SpeedZone> zones;
    zones.reserve(speed.zones.size());
    for (const SpeedEntry::Zone& zone : speed.zones) {
        zones.push_back(
            {.first_byte = std::uint64_t{zone.first_block} * kUserBlock,
             .bytes_per_second = user_bytes_per_second(kind, zone.kilobytes_per_second)});
    }
    return SpeedCurve::zclv(zones);
}

}  // namespace kiln::harness

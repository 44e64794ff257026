#include "harness/sim/speed_curve.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

namespace kiln::harness {

namespace {

constexpr std::uint64_t kNanosPerSecond = 1'000'000'000;
/// Steps that a rising curve is cut into: 0.5 % of the speed at the worst, at the inner edge.
constexpr std::uint64_t kSteps = 256;

/// floor(bytes * 1e9 / rate) without leaving 64 bits: rate < 2^33 is far above any drive.
Duration time_for(std::uint64_t bytes, std::uint64_t rate) {
    return Duration((bytes / rate) * kNanosPerSecond + (bytes % rate) * kNanosPerSecond / rate);
}

/// The largest number of bytes with time_for(bytes, rate) <= time.
std::uint64_t bytes_within(Duration time, std::uint64_t rate) {
    // floor(bytes * 1e9 / rate) <= t  <=>  bytes * 1e9 < (t + 1) * rate
    const auto after = static_cast<std::uint64_t>(time.count()) + 1;
    const std::uint64_t whole = after / kNanosPerSecond * rate;
    const std::uint64_t rest = after % kNanosPerSecond * rate;
    return rest == 0 ? whole - 1 : whole + (rest - 1) / kNanosPerSecond;
}

/// Largest integer whose square is at most `square`.
std::uint64_t square_root(std::uint64_t square) {
    auto root = static_cast<std::uint64_t>(std::sqrt(static_cast<double>(square)));
    while (root * root > square) {
        --root;
    }
    while ((root + 1) * (root + 1) <= square) {
        ++root;
    }
    return root;
}

}  // namespace

SpeedCurve::SpeedCurve() {
    static const std::shared_ptr<const Table> kTable =
        SpeedCurve(std::vector<SpeedZone>{{.first_byte = 0, .bytes_per_second = 1}}).table_;
    table_ = kTable;
}

SpeedCurve::SpeedCurve(const std::vector<SpeedZone>& zones) {
    auto table = std::make_shared<Table>();
    for (const SpeedZone& zone : zones) {
        if (table->zones.empty()) {
            table->starts.emplace_back(0);
        } else {
            const SpeedZone& last = table->zones.back();
            table->starts.push_back(
                table->starts.back() +
                time_for(zone.first_byte - last.first_byte, last.bytes_per_second));
        }
        table->zones.push_back(zone);
    }
    table_ = std::move(table);
}

SpeedCurve SpeedCurve::clv(std::uint64_t bytes_per_second) {
    return SpeedCurve(std::vector<SpeedZone>{
        {.first_byte = 0, .bytes_per_second = std::max<std::uint64_t>(1, bytes_per_second)}});
}

SpeedCurve SpeedCurve::zclv(std::span<const SpeedZone> zones) {
    std::vector<SpeedZone> kept;
    for (const SpeedZone& zone : zones) {
        const bool in_order =
            kept.empty() ? zone.first_byte == 0 : zone.first_byte > kept.back().first_byte;
        if (in_order && zone.bytes_per_second != 0) {
            kept.push_back(zone);
        }
    }
    return kept.empty() ? SpeedCurve() : SpeedCurve(std::move(kept));
}

namespace {

/// The last few curves that were made, by what they were made of: a drive asks for the same one
/// with every READ, and the square roots of one take longer than all else about a READ.
template <typename Key>
class Remembered {
public:
    template <typename Make>
    SpeedCurve get(const Key& key, const Make& make) {
        for (const auto& [known, curve] : kept_) {
            if (known == key) {
                return curve;
            }
        }
        auto& [known, curve] = kept_.at(next_++ % kept_.size());
        curve = make();
        known = key;
        return curve;
    }

private:
    std::array<std::pair<std::optional<Key>, SpeedCurve>, 8> kept_;
    std::size_t next_ = 0;
};

}  // namespace

// At constant rotation speed goes with the radius r, and the area up to r, so the address, with
// r^2: v(x)^2 rises in proportion to x. Each step has the speed of its middle.
SpeedCurve SpeedCurve::cav(std::uint64_t start, std::uint64_t end, std::uint64_t size) {
    if (end <= start || size < kSteps) {
        return clv(std::max(start, end));
    }
    static thread_local Remembered<std::array<std::uint64_t, 3>> made;
    return made.get({start, end, size}, [&] { return rising(start, end, size); });
}

SpeedCurve SpeedCurve::rising(std::uint64_t start, std::uint64_t end, std::uint64_t size) {
    const std::uint64_t low = start * start;
    const std::uint64_t rise = end * end - low;
    std::vector<SpeedZone> zones;
    zones.reserve(kSteps + 1);
    for (std::uint64_t step = 0; step < kSteps; ++step) {
        const std::uint64_t middle = rise / (2 * kSteps) * (2 * step + 1);
        zones.push_back(
            {.first_byte = size / kSteps * step,
             .bytes_per_second = std::max<std::uint64_t>(1, square_root(low + middle))});
    }
    zones.push_back({.first_byte = size, .bytes_per_second = end});
    return SpeedCurve(std::move(zones));
}

SpeedCurve SpeedCurve::pcav(std::uint64_t start, std::uint64_t end, std::uint64_t knee) {
    return cav(start, end, knee);
}

SpeedCurve SpeedCurve::limited_to(std::uint64_t most) const {
    most = std::max<std::uint64_t>(1, most);
    if (table_->zones.size() == 1) {
        return clv(std::min(table_->zones.front().bytes_per_second, most));
    }
    static thread_local Remembered<std::pair<std::shared_ptr<const Table>, std::uint64_t>> made;
    return made.get({table_, most}, [&] { return cut_at(most); });
}

SpeedCurve SpeedCurve::cut_at(std::uint64_t most) const {
    std::vector<SpeedZone> zones;
    for (const SpeedZone& zone : table_->zones) {
        const std::uint64_t speed = std::min(zone.bytes_per_second, most);
        if (zones.empty() || zones.back().bytes_per_second != speed) {
            zones.push_back({.first_byte = zone.first_byte, .bytes_per_second = speed});
        }
    }
    return SpeedCurve(std::move(zones));
}

std::size_t SpeedCurve::zone_at(std::uint64_t byte) const {
    const auto after = std::ranges::upper_bound(table_->zones, byte, {}, &SpeedZone::first_byte);
    return static_cast<std::size_t>(std::distance(table_->zones.begin(), after)) - 1;
}

std::uint64_t SpeedCurve::bytes_per_second_at(std::uint64_t byte) const {
    return table_->zones[zone_at(byte)].bytes_per_second;
}

std::uint64_t SpeedCurve::fastest() const {
    return std::ranges::max(table_->zones, {}, &SpeedZone::bytes_per_second).bytes_per_second;
}

std::uint64_t SpeedCurve::slowest() const {
    return std::ranges::min(table_->zones, {}, &SpeedZone::bytes_per_second).bytes_per_second;
}

Duration SpeedCurve::time_to(std::uint64_t byte) const {
    const std::size_t index = zone_at(byte);
    const SpeedZone& zone = table_->zones[index];
    return table_->starts[index] + time_for(byte - zone.first_byte, zone.bytes_per_second);
}

std::uint64_t SpeedCurve::address_after(std::uint64_t from, Duration after) const {
    if (after < Duration::zero()) {
        return from;
    }
    const Duration at = time_to(from) + after;
    const auto next = std::ranges::upper_bound(table_->starts, at);
    const auto index = static_cast<std::size_t>(std::distance(table_->starts.begin(), next)) - 1;
    const SpeedZone& zone = table_->zones[index];
    return zone.first_byte + bytes_within(at - table_->starts[index], zone.bytes_per_second);
}

}  // namespace kiln::harness

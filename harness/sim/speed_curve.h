/// \file
/// How fast a drive reads or writes at each address: CLV, ZCLV, CAV and PCAV, in exact integers.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "transports/clock.h"

namespace kiln::harness {

using transports::Duration;
using transports::Instant;

enum class CurveKind : std::uint8_t {
    Clv,   // the same speed everywhere
    Zclv,  // steps: each zone has its speed
    Cav,   // constant rotation: speed rises with the radius
    Pcav,  // rises as CAV up to a knee, and is constant from there
};

/// From this address on, up to the next zone.
struct SpeedZone {
    std::uint64_t first_byte = 0;
    std::uint64_t bytes_per_second = 0;
    friend bool operator==(const SpeedZone&, const SpeedZone&) = default;
};

/// Bytes of user data per second by byte address, and the time from one address to another. A
/// value: copies share the table, which never changes.
///
/// Times are sums over zones of constant speed and are the same however a range is divided:
/// `time_between(a, c) == time_between(a, b) + time_between(b, c)` exactly.
class SpeedCurve {
public:
    /// 1 byte per second: a drive that was told nothing.
    SpeedCurve();

    [[nodiscard]] static SpeedCurve clv(std::uint64_t bytes_per_second);
    /// `zones` sorted by address, the first at 0, no speed zero; else what does not fit is dropped.
    [[nodiscard]] static SpeedCurve zclv(std::span<const SpeedZone> zones);
    /// `start` at address 0, `end` at address `size`, and on as fast behind it.
    [[nodiscard]] static SpeedCurve cav(std::uint64_t start, std::uint64_t end, std::uint64_t size);
    /// As cav(start, end, knee), then `end`.
    [[nodiscard]] static SpeedCurve pcav(std::uint64_t start, std::uint64_t end,
                                         std::uint64_t knee);

    /// The curve cut off at `most` bytes per second: what a drive does that was told a lower speed.
    [[nodiscard]] SpeedCurve limited_to(std::uint64_t most) const;

    [[nodiscard]] std::uint64_t bytes_per_second_at(std::uint64_t byte) const;
    [[nodiscard]] std::uint64_t fastest() const;
    [[nodiscard]] std::uint64_t slowest() const;
    /// Time to pass from address 0 to `byte`.
    [[nodiscard]] Duration time_to(std::uint64_t byte) const;
    [[nodiscard]] Duration time_between(std::uint64_t from, std::uint64_t to) const {
        return time_to(to) - time_to(from);
    }
    /// Where the head is `after` starting at `from`: the largest address with
    /// `time_between(from, address) <= after`.
    [[nodiscard]] std::uint64_t address_after(std::uint64_t from, Duration after) const;

    [[nodiscard]] std::span<const SpeedZone> zones() const { return table_->zones; }

private:
    struct Table {
        std::vector<SpeedZone> zones;
        std::vector<Duration> starts;  // time from address 0 to zones[i]
    };
    explicit SpeedCurve(const std::vector<SpeedZone>& zones);
    [[nodiscard]] static SpeedCurve rising(std::uint64_t start, std::uint64_t end,
                                           std::uint64_t size);
    [[nodiscard]] SpeedCurve cut_at(std::uint64_t most) const;
    [[nodiscard]] std::size_t zone_at(std::uint64_t byte) const;

    std::shared_ptr<const Table> table_;
};

}  // namespace kiln::harness

/// \file
/// Write speeds: what the drive offers for the medium in, and the nearest to a wish.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "mmc/lba.h"

#include "stack/facts.h"
#include "stack/failure.h"

namespace kiln::stack {

class Drive;
struct Medium;

/// How the drive turns the disc at this speed.
enum class Rotation : std::uint8_t { ConstantLinear, ConstantAngular };

/// One write speed, in the drive's unit: thousands of bytes in a second.
struct Speed {
    std::uint32_t write_kilobytes = 0;
    std::uint32_t read_kilobytes = 0;  // 0: not told
    Rotation rotation = Rotation::ConstantLinear;

    friend bool operator==(const Speed&, const Speed&) = default;
};

/// Where a list of speeds comes from. Lists depend on the medium and lie: some have no entry, some
/// one of a dozen.
enum class SpeedSource : std::uint8_t { None, Performance, CapabilitiesPage, CapabilitiesMaximum };

/// Fastest first; no zero, no speed twice.
struct Speeds {
    MediumClass medium_class = MediumClass::None;
    SpeedSource source = SpeedSource::None;
    std::vector<Speed> list;

    [[nodiscard]] bool empty() const { return list.empty(); }
};

/// 8.0 for 1411 kB/s on CD.
[[nodiscard]] double to_x(MediumClass medium_class, std::uint32_t kilobytes);

/// 1412 for 8x on CD; never 0.
[[nodiscard]] std::uint32_t to_kilobytes(MediumClass medium_class, double x);

/// Drops zeros and repetitions, fastest first.
void tidy(std::vector<Speed>& list);

/// The speed of the list that is nearest to `wish` in x, the slower of two equally near ones; the
/// fastest without a wish. Nothing where the list is empty.
[[nodiscard]] std::optional<Speed> nearest_speed(const Speeds& speeds, std::optional<double> wish);

/// The write speeds for the medium in: GET PERFORMANCE type 3 where feature 0107h promises it, else
/// mode page 2Ah.
///
/// Spec:    MMC-6, GET PERFORMANCE, mode page 2Ah
/// Errors:  of a drive that does not answer; a drive without any list gives an empty one
[[nodiscard]] Result<Speeds, Failure> read_speeds(Drive& drive, const Medium& medium);

/// Asks for a write speed: SET STREAMING on DVD and BD where the drive has it, else SET CD SPEED;
/// nothing means the drive's own choice. Returns the speed that the drive will really use, where it
/// can be read back, else the one asked for.
///
/// Spec:    MMC-6, SET STREAMING, SET CD SPEED
/// Errors:  a refusal is no error (some drives refuse with a medium they dislike): then the answer
/// is
///          the drive's own choice, or nothing
[[nodiscard]] Result<std::optional<Speed>, Failure> set_write_speed(Drive& drive,
                                                                    const Medium& medium,
                                                                    const Speeds& speeds,
                                                                    std::optional<double> wish);

}  // namespace kiln::stack

/// \file
/// The write buffer of a drive: the host fills it at link speed, the laser drains it.

#pragma once

#include <cstdint>

#include "harness/sim/speed_curve.h"

namespace kiln::harness {

/// Knows its fill at any time without ticking: between two calls everything is linear in the
/// address, so each question is a lookup in the speed curve. Pure and copyable.
///
///     put()  put()      put()            stop: relink before the next drain
///       |      |          |                  |
///   ----x======x==========x=====.............x==== drained at curve speed
///       ^ready (lead-in, OPC)   ^ran dry
///
/// Units:   bytes of user data; addresses are byte addresses on the medium
/// Thread:  any, one at a time
class DriveBuffer {
public:
    struct Settings {
        std::uint64_t capacity = 0;
        /// Draining begins when this much is there, or `patience` after the first byte.
        std::uint64_t start_level = 0;
        Duration patience{};
        /// From running dry to writing again (seek back, link).
        Duration relink{};
    };

    DriveBuffer() = default;
    explicit DriveBuffer(Settings settings) : settings_(settings) {}

    /// Begins a run of writing at `address`; draining starts at `ready` at the earliest. What is in
    /// the buffer is taken along as if it lay before `address`.
    void begin(std::uint64_t address, SpeedCurve curve, Instant now, Instant ready);
    /// Changes the speed from what is drained by `now` on.
    void set_curve(SpeedCurve curve, Instant now);
    void set_capacity(std::uint64_t capacity) { settings_.capacity = capacity; }
    /// The next byte goes to `address`: random access. Costs `penalty` where that is a jump.
    void seek(std::uint64_t address, Instant now, Duration penalty);

    /// The last of `bytes` arrives at `now`. They count even if there is no room: ask first.
    void put(std::uint64_t bytes, Instant now);
    /// All that is there is to be written now, without waiting for start_level.
    void flush(Instant now);
    /// Forgets what is not drained; returns how much that is. Power cut, or a hard write error.
    std::uint64_t drop(Instant now);

    [[nodiscard]] std::uint64_t capacity() const { return settings_.capacity; }
    [[nodiscard]] std::uint64_t fill(Instant now) const { return tail_ - drained_to(now); }
    [[nodiscard]] std::uint64_t room(Instant now) const;
    /// The byte address up to which the medium is written at `now`.
    [[nodiscard]] std::uint64_t drained_to(Instant now) const;
    /// The next address that put() fills.
    [[nodiscard]] std::uint64_t tail() const { return tail_; }
    /// All bytes ever put, and how many of them are on the medium at `now`: what a drive needs that
    /// jumps about. What drop() forgot does not count.
    [[nodiscard]] std::uint64_t total_put() const { return total_put_; }
    [[nodiscard]] std::uint64_t total_drained(Instant now) const { return total_put_ - fill(now); }
    /// Earliest time at which `bytes` fit, `now` at the earliest; more than the capacity fit when
    /// it is empty.
    [[nodiscard]] Instant when_room(std::uint64_t bytes, Instant now) const;
    /// When all that is there is on the medium, given flush() at `now`.
    [[nodiscard]] Instant when_empty(Instant now) const;
    /// How often it ran dry while more data followed.
    [[nodiscard]] std::uint32_t stops() const { return stops_; }

private:
    void start_run(std::uint64_t address, std::uint64_t tail, Instant earliest);
    [[nodiscard]] std::uint64_t pending(std::uint64_t address, Instant now) const;

    Settings settings_;
    SpeedCurve curve_;
    // A run is a stretch that the laser writes without a stop. What is drained follows from where
    // and when it began alone, so that asking often does not round often.
    std::uint64_t run_address_ = 0;
    Instant run_start_ = Instant::max();  // max: nothing to write yet
    Instant earliest_{};                  // a run that has not begun cannot begin before
    std::uint64_t tail_ = 0;
    std::uint64_t total_put_ = 0;
    std::uint32_t stops_ = 0;
};

}  // namespace kiln::harness

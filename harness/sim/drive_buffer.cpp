#include "harness/sim/drive_buffer.h"

#include <algorithm>
#include <utility>

namespace kiln::harness {

void DriveBuffer::start_run(std::uint64_t address, std::uint64_t tail, Instant earliest) {
    run_address_ = address;
    tail_ = tail;
    earliest_ = earliest;
    run_start_ = tail > address ? earliest : Instant::max();
}

/// What is still to be written, as much of it as can stand before `address`.
std::uint64_t DriveBuffer::pending(std::uint64_t address, Instant now) const {
    return std::min(fill(now), address);
}

void DriveBuffer::begin(std::uint64_t address, SpeedCurve curve, Instant now, Instant ready) {
    const std::uint64_t before = pending(address, now);
    curve_ = std::move(curve);
    start_run(address - before, address, std::max(now, ready));
}

void DriveBuffer::set_curve(SpeedCurve curve, Instant now) {
    if (run_start_ <= now) {
        run_address_ = drained_to(now);
        run_start_ = now;
    }
    curve_ = std::move(curve);
}

void DriveBuffer::seek(std::uint64_t address, Instant now, Duration penalty) {
    if (address == tail_) {
        return;
    }
    const std::uint64_t before = pending(address, now);
    const bool begun = run_start_ <= now;
    start_run(address - before, address, (begun ? now : std::max(now, earliest_)) + penalty);
}

void DriveBuffer::put(std::uint64_t bytes, Instant now) {
    const bool begun = run_start_ <= now;
    if (begun && drained_to(now) == tail_) {
        // It ran dry some time ago, and the laser is off: back, and link.
        const Instant dry = run_start_ + curve_.time_between(run_address_, tail_);
        ++stops_;
        start_run(tail_, tail_, dry + settings_.relink);
    }
    tail_ += bytes;
    total_put_ += bytes;
    const Instant possible = std::max(now, earliest_);
    const std::uint64_t level = std::min(settings_.start_level, settings_.capacity);
    const bool enough = tail_ - run_address_ >= level;
    run_start_ = std::min(run_start_, enough ? possible : possible + settings_.patience);
}

void DriveBuffer::flush(Instant now) {
    if (tail_ > run_address_) {
        run_start_ = std::min(run_start_, std::max(now, earliest_));
    }
}

std::uint64_t DriveBuffer::drop(Instant now) {
    const std::uint64_t lost = fill(now);
    total_put_ -= lost;
    const std::uint64_t written = drained_to(now);
    start_run(written, written, now + settings_.relink);
    return lost;
}

std::uint64_t DriveBuffer::room(Instant now) const {
    const std::uint64_t full = fill(now);
    return full >= settings_.capacity ? 0 : settings_.capacity - full;
}

std::uint64_t DriveBuffer::drained_to(Instant now) const {
    if (now <= run_start_) {
        return run_address_;
    }
    return std::min(tail_, curve_.address_after(run_address_, now - run_start_));
}

Instant DriveBuffer::when_room(std::uint64_t bytes, Instant now) const {
    const std::uint64_t may_stay = bytes >= settings_.capacity ? 0 : settings_.capacity - bytes;
    if (tail_ - run_address_ <= may_stay) {
        return now;
    }
    return std::max(now, run_start_ + curve_.time_between(run_address_, tail_ - may_stay));
}

Instant DriveBuffer::when_empty(Instant now) const {
    if (tail_ == run_address_) {
        return now;
    }
    const Instant start = std::min(run_start_, std::max(now, earliest_));
    return std::max(now, start + curve_.time_between(run_address_, tail_));
}

}  // namespace kiln::harness

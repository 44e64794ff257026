/// \file
/// What media that are written in order of address have in common: tracks one after the other, of
/// which the last is open or invisible.

#pragma once

#include "harness/sim/media/family.h"

namespace kiln::harness {

[[nodiscard]] constexpr std::uint32_t round_up(std::uint32_t blocks, std::uint32_t unit) {
    return (blocks + unit - 1U) / unit * unit;
}
[[nodiscard]] inline std::int32_t next_writable(const Track& track) {
    return track.start + static_cast<std::int32_t>(track.recorded);
}
[[nodiscard]] inline std::int32_t end_of(const Track& track) {
    return track.start + static_cast<std::int32_t>(track.size);
}
/// Reserved or being written, and not through.
[[nodiscard]] inline bool is_open(const Track& track) {
    return !track.closed && track.kind != TrackKind::Invisible;
}

/// The open or invisible track that `lba` would continue; null if none.
[[nodiscard]] const Track* track_written_at(const Medium& medium, std::int32_t lba);
[[nodiscard]] Track* track_written_at(Medium& medium, std::int32_t lba);
[[nodiscard]] const Track* track_holding(const Medium& medium, std::int32_t lba);
[[nodiscard]] const Track* track_numbered(const Medium& medium, std::uint16_t number);
[[nodiscard]] Track* track_numbered(Medium& medium, std::uint16_t number);
/// The first open track of the last session; null if none.
[[nodiscard]] const Track* first_open_track(const Medium& medium);
/// The last track with something in it; null on a blank disc.
[[nodiscard]] const Track* last_recorded_track(const Medium& medium);

/// Ends `track` at what is recorded (reserved ones at their size) and adds the invisible track
/// behind it and `gap` unless there is one or no room.
void end_track(Medium& medium, Track& track, std::uint32_t unit, std::uint32_t gap);
/// Makes the invisible track a reserved one of `size` blocks, with a new invisible one `gap`
/// behind.
///
/// Needs:   an invisible track at the end with room for it
void reserve_track(Medium& medium, std::uint32_t size, std::uint32_t gap);
/// The last session is complete; a new, empty one begins `gap` blocks behind its end.
void begin_session(Medium& medium, std::uint32_t gap);
/// Nothing can be added any more.
void finalize(Medium& medium);
/// As sold: one empty session with one invisible track.
void make_blank(Medium& medium);

/// Rules by address that all sequential media share.
class SequentialFamily : public Family {
public:
    [[nodiscard]] bool sequential() const override { return true; }
    [[nodiscard]] Verdict may_write(const Medium& medium, const WriteMode& mode, std::int32_t lba,
                                    std::uint32_t count) const override;
    void written(Medium& medium, const WriteMode& mode, std::int32_t lba,
                 std::uint32_t count) const override;
    [[nodiscard]] Readable readable(const Medium& medium, std::int32_t lba,
                                    std::uint32_t count) const override;
    [[nodiscard]] std::uint32_t capacity(const Medium& medium) const override;
    [[nodiscard]] TrackReport report(const Medium& medium, const Track& track,
                                     const WriteMode& mode) const override;
    [[nodiscard]] Planned synchronize(const Medium& medium, const WriteMode& mode) const override;
    void complete(Medium& medium, const Operation& operation) const override;
    void cut(Medium& medium, std::int32_t lba, std::uint32_t lost) const override;
    [[nodiscard]] std::vector<FormatCapacity> formats(const Medium& medium) const override;

protected:
    /// Whether the write type fits the track; page 05h media refine it.
    [[nodiscard]] virtual Verdict mode_fits(const Medium& medium, const Track& track,
                                            const WriteMode& mode) const;
    /// What an invisible track becomes when it is first written.
    [[nodiscard]] virtual TrackKind kind_for(const WriteMode& mode) const;
    /// Blocks between a track's end and the next one's start.
    [[nodiscard]] virtual std::uint32_t track_gap() const { return 0; }
    /// Blocks from the end of session number `session` to the next one's start.
    [[nodiscard]] virtual std::uint32_t session_gap(const Medium& medium) const = 0;
    /// Blocks at the end of a track that are counted and cannot be read.
    [[nodiscard]] virtual std::uint32_t run_out(const Track&) const { return 0; }
};

}  // namespace kiln::harness

#include "harness/sim/media/track_list.h"

#include <algorithm>
#include <ranges>

namespace kiln::harness {

const Track* track_written_at(const Medium& medium, std::int32_t lba) {
    // From the back: what is being written is there.
    for (const Track& track : medium.tracks | std::views::reverse) {
        if (!track.closed && !track.damaged && next_writable(track) == lba) {
            return &track;
        }
    }
    return nullptr;
}

Track* track_written_at(Medium& medium, std::int32_t lba) {
    return const_cast<Track*>(track_written_at(std::as_const(medium), lba));
}

const Track* track_holding(const Medium& medium, std::int32_t lba) {
    for (const Track& track : medium.tracks | std::views::reverse) {
        if (lba >= track.start && lba < end_of(track)) {
            return &track;
        }
    }
    return nullptr;
}

const Track* track_numbered(const Medium& medium, std::uint16_t number) {
    const auto found = std::ranges::find(medium.tracks, number, &Track::number);
    return found == medium.tracks.end() ? nullptr : &*found;
}

Track* track_numbered(Medium& medium, std::uint16_t number) {
    return const_cast<Track*>(track_numbered(std::as_const(medium), number));
}

const Track* first_open_track(const Medium& medium) {
    const auto found = std::ranges::find_if(medium.tracks, is_open);
    return found == medium.tracks.end() ? nullptr : &*found;
}

const Track* last_recorded_track(const Medium& medium) {
    for (const Track& track : medium.tracks | std::views::reverse) {
        if (track.recorded > 0) {
            return &track;
        }
    }
    return nullptr;
}

namespace {

void add_invisible(Medium& medium, std::int32_t start) {
    if (start >= static_cast<std::int32_t>(medium.capacity)) {
        return;  // the disc is full
    }
    Track track;
    track.number =
        static_cast<std::uint16_t>(medium.tracks.empty() ? 1 : medium.tracks.back().number + 1);
    track.session = medium.sessions;
    track.start = start;
    track.size = medium.capacity - static_cast<std::uint32_t>(start);
    medium.tracks.push_back(track);
}

bool has_invisible(const Medium& medium) {
    return !medium.tracks.empty() && medium.tracks.back().kind == TrackKind::Invisible;
}

}  // namespace

void end_track(Medium& medium, Track& track, std::uint32_t unit, std::uint32_t gap) {
    if (!track.reserved) {
        track.size = round_up(track.recorded, unit);
    }
    track.recorded = track.size;
    track.closed = true;
    track.damaged = false;
    const std::int32_t next = end_of(track) + static_cast<std::int32_t>(gap);
    const bool last = &track == &medium.tracks.back();
    if (last && !has_invisible(medium)) {
        add_invisible(medium, next);
    }
}

void reserve_track(Medium& medium, std::uint32_t size, std::uint32_t gap) {
    Track& track = medium.tracks.back();
    track.kind = TrackKind::Incremental;
    track.reserved = true;
    track.size = size;
    medium.status = DiscStatus::Incomplete;
    medium.last_session = SessionState::Incomplete;
    add_invisible(medium, end_of(track) + static_cast<std::int32_t>(gap));
}

void begin_session(Medium& medium, std::uint32_t gap) {
    if (has_invisible(medium)) {
        medium.tracks.pop_back();
    }
    const std::int32_t end = medium.tracks.empty() ? 0 : end_of(medium.tracks.back());
    const std::int32_t next = end + static_cast<std::int32_t>(gap);
    if (next >= static_cast<std::int32_t>(medium.capacity)) {
        finalize(medium);  // no room for another session
        return;
    }
    ++medium.sessions;
    medium.last_session = SessionState::Empty;
    medium.status = DiscStatus::Incomplete;
    add_invisible(medium, next);
}

void finalize(Medium& medium) {
    if (has_invisible(medium)) {
        medium.tracks.pop_back();
    }
    if (!medium.tracks.empty()) {
        medium.sessions = medium.tracks.back().session;
    }
    medium.last_session = SessionState::Complete;
    medium.status = DiscStatus::Complete;
}

void make_blank(Medium& medium) {
    medium.tracks.clear();
    medium.sessions = 1;
    medium.last_session = SessionState::Empty;
    medium.status = DiscStatus::Empty;
    add_invisible(medium, 0);
}

Verdict SequentialFamily::mode_fits(const Medium&, const Track&, const WriteMode&) const {
    return verdicts::kGood;
}

TrackKind SequentialFamily::kind_for(const WriteMode&) const {
    return TrackKind::Incremental;
}

Verdict SequentialFamily::may_write(const Medium& medium, const WriteMode& mode, std::int32_t lba,
                                    std::uint32_t count) const {
    if (medium.status == DiscStatus::Complete) {
        return verdicts::kCannotWrite;
    }
    if (lba >= static_cast<std::int32_t>(medium.capacity)) {
        return verdicts::kOutOfRange;
    }
    const Track* const track = track_written_at(medium, lba);
    if (track == nullptr) {
        return verdicts::kInvalidAddressForWrite;
    }
    if (const Verdict verdict = mode_fits(medium, *track, mode); !verdict.good()) {
        return verdict;
    }
    if (track->recorded + std::uint64_t{count} > track->size) {
        return track->reserved ? verdicts::kEndOfTrack : verdicts::kOutOfRange;
    }
    return verdicts::kGood;
}

void SequentialFamily::written(Medium& medium, const WriteMode& mode, std::int32_t lba,
                               std::uint32_t count) const {
    Track* const track = track_written_at(medium, lba);
    if (track == nullptr || count == 0) {
        return;
    }
    if (track->kind == TrackKind::Invisible) {
        track->kind = kind_for(mode);
    }
    track->recorded += count;
    medium.status = DiscStatus::Incomplete;
    medium.last_session = SessionState::Incomplete;
    if (track->reserved && track->recorded == track->size && track->kind != TrackKind::DiscAtOnce) {
        track->closed = true;  // partly recorded reserved no more: nothing is left to record
    }
}

Readable SequentialFamily::readable(const Medium& medium, std::int32_t lba,
                                    std::uint32_t count) const {
    const Track* const last = last_recorded_track(medium);
    if (last == nullptr) {
        return {0, verdicts::kIllegalMode};
    }
    std::uint32_t blocks = 0;
    while (blocks < count) {
        const std::int32_t at = lba + static_cast<std::int32_t>(blocks);
        const Track* const track = track_holding(medium, at);
        const bool beyond = at < 0 || at >= next_writable(*last);
        if (track == nullptr ||
            at >= next_writable(*track) -
                      static_cast<std::int32_t>(track->closed ? run_out(*track) : 0U)) {
            return {blocks, beyond ? verdicts::kOutOfRange : verdicts::kUnreadable};
        }
        const auto left = static_cast<std::uint32_t>(
            next_writable(*track) - at -
            static_cast<std::int32_t>(track->closed ? run_out(*track) : 0U));
        blocks = std::min(count, blocks + left);
    }
    return {blocks, verdicts::kGood};
}

std::uint32_t SequentialFamily::capacity(const Medium& medium) const {
    const bool open = medium.status != DiscStatus::Complete;
    std::uint32_t blocks = 0;
    for (const Track& track : medium.tracks) {
        if (!open || track.session < medium.sessions) {
            blocks = std::max(blocks, static_cast<std::uint32_t>(end_of(track)));
        }
    }
    return blocks;
}

TrackReport SequentialFamily::report(const Medium& medium, const Track& track,
                                     const WriteMode&) const {
    TrackReport report;
    report.number = track.number;
    report.session = track.session;
    report.track_mode = track.control;
    report.damage = track.damaged;
    report.reserved = track.reserved;
    report.blank = track.recorded == 0;
    report.start = track.start;
    report.size = track.size;
    report.next_writable_valid = !track.closed && !track.damaged &&
                                 medium.status != DiscStatus::Complete &&
                                 track.recorded < track.size;
    if (report.next_writable_valid) {
        report.next_writable = next_writable(track);
        report.free_blocks = track.size - track.recorded;
    }
    if (track.recorded > 0) {
        report.last_recorded_valid = true;
        report.last_recorded = next_writable(track) - 1;
    }
    return report;
}

Planned SequentialFamily::synchronize(const Medium&, const WriteMode&) const {
    return Operation{.kind = Operation::Kind::Flush};
}

void SequentialFamily::complete(Medium& medium, const Operation& operation) const {
    using Kind = Operation::Kind;
    switch (operation.kind) {
        case Kind::Flush: {
            // The last unit is filled up with zeros; what follows starts in the next one.
            for (Track& track : medium.tracks) {
                if (is_open(track) && track.recorded > 0) {
                    track.recorded = std::min(round_up(track.recorded, unit()), track.size);
                    track.closed = track.reserved && track.recorded == track.size &&
                                   track.kind != TrackKind::DiscAtOnce;
                }
            }
            break;
        }
        case Kind::EndTrack:
        case Kind::CloseTrack:
            if (Track* const track = track_numbered(medium, operation.track)) {
                end_track(medium, *track, unit(), track_gap());
            }
            break;
        case Kind::CloseSession:
            begin_session(medium, session_gap(medium));
            break;
        case Kind::Finalize:
            finalize(medium);
            break;
        default:
            break;
    }
}

void SequentialFamily::cut(Medium& medium, std::int32_t lba, std::uint32_t lost) const {
    if (lost == 0) {
        return;
    }
    for (Track& track : medium.tracks) {
        const bool written = is_open(track) || track.reserved;  // a reserved one that got full too
        if (written && lba > track.start && lba <= next_writable(track)) {
            track.recorded = (track.recorded - std::min(lost, track.recorded)) / unit() * unit();
            track.closed = false;
        }
    }
}

std::vector<FormatCapacity> SequentialFamily::formats(const Medium& medium) const {
    const bool blank = medium.status == DiscStatus::Empty;
    return {{.blocks = blank ? medium.capacity : capacity(medium),
             .type = static_cast<std::uint8_t>(blank ? 1 : 2)}};
}

}  // namespace kiln::harness

#include "harness/sim/media/overwritable.h"

#include <algorithm>

#include "harness/sim/media/track_list.h"

namespace kiln::harness {

void make_formatted(Medium& medium, std::uint32_t blocks) {
    medium.format = FormatState::Formatted;
    medium.formatted = blocks;
    medium.sessions = 1;
    medium.status = DiscStatus::Complete;
    medium.last_session = SessionState::Complete;
    medium.minimally_blanked = false;
    medium.tracks = {Track{.kind = TrackKind::Overwritable, .size = blocks}};
}

Verdict OverwritableFamily::may_write(const Medium& medium, const WriteMode&, std::int32_t lba,
                                      std::uint32_t count) const {
    if (medium.format == FormatState::Unformatted) {
        return verdicts::kNotFormatted;
    }
    const bool inside = lba >= 0 && static_cast<std::uint64_t>(lba) + count <= medium.formatted;
    return inside ? verdicts::kGood : verdicts::kOutOfRange;
}

void OverwritableFamily::written(Medium& medium, const WriteMode&, std::int32_t lba,
                                 std::uint32_t count) const {
    Track& track = medium.tracks.front();
    const std::uint32_t end = static_cast<std::uint32_t>(lba) + count;
    track.recorded = std::max(track.recorded, end);
}

Readable OverwritableFamily::readable(const Medium& medium, std::int32_t lba,
                                      std::uint32_t count) const {
    if (medium.format == FormatState::Unformatted) {
        return {0, verdicts::kNotFormatted};
    }
    if (lba < 0 || static_cast<std::uint32_t>(lba) >= medium.formatted) {
        return {0, verdicts::kOutOfRange};
    }
    const std::uint32_t left = medium.formatted - static_cast<std::uint32_t>(lba);
    return {std::min(left, count), count > left ? verdicts::kOutOfRange : verdicts::kGood};
}

std::uint32_t OverwritableFamily::capacity(const Medium& medium) const {
    return medium.format == FormatState::Unformatted ? 0 : medium.formatted;
}

TrackReport OverwritableFamily::report(const Medium& medium, const Track& track,
                                       const WriteMode&) const {
    TrackReport report;
    report.number = track.number;
    report.session = track.session;
    report.track_mode = track.control;
    report.start = track.start;
    report.size = track.size;
    report.blank = medium.format == FormatState::Unformatted;
    if (!report.blank) {
        report.last_recorded_valid = true;
        report.last_recorded = end_of(track) - 1;
    }
    return report;
}

Planned OverwritableFamily::synchronize(const Medium&, const WriteMode&) const {
    return Operation{.kind = Operation::Kind::Flush};
}

void OverwritableFamily::complete(Medium&, const Operation&) const {}

}  // namespace kiln::harness

#include "harness/sim/media/dvd_plus_r.h"

#include <algorithm>

#include "harness/sim/media/dvd_minus.h"

namespace kiln::harness {

namespace {

constexpr int kMostReserved = 15;
constexpr std::uint32_t kSessionGap = 2048;  // closure and intro
constexpr std::uint16_t kMostSessions = 153;

Planned nothing() {
    return Operation{.kind = Operation::Kind::Flush};
}

/// All fragments of the last session become one track.
void merge_last_session(Medium& medium) {
    const auto first = std::ranges::find(medium.tracks, medium.sessions, &Track::session);
    auto last = first;
    for (auto at = first; at != medium.tracks.end() && at->kind != TrackKind::Invisible; ++at) {
        last = at;
    }
    if (first == medium.tracks.end() || first == last) {
        return;
    }
    first->size = static_cast<std::uint32_t>(end_of(*last) - first->start);
    first->recorded = first->size;
    first->reserved = false;
    const auto after = medium.tracks.erase(first + 1, last + 1);
    for (auto at = after; at != medium.tracks.end(); ++at) {
        at->number = static_cast<std::uint16_t>((at - 1)->number + 1);
    }
}

}  // namespace

Planned FragmentFamily::close(const Medium& medium, const WriteMode&, std::uint8_t function,
                              std::uint16_t number) const {
    const bool finalizes = finalizes_with(function);
    if (function != 1 && function != 2 && !finalizes) {
        return tl::make_unexpected(verdicts::kInvalidField);
    }
    if (medium.status == DiscStatus::Complete) {
        return tl::make_unexpected(verdicts::kWriteProtected);
    }
    if (function == 1) {
        const Track* const track = track_numbered(medium, number);
        if (track == nullptr) {
            return tl::make_unexpected(verdicts::kInvalidField);
        }
        if (!is_open(*track)) {
            return nothing();
        }
        const std::uint32_t end = track->reserved ? track->size : round_up(track->recorded, unit());
        return Operation{
            .kind = Operation::Kind::CloseTrack, .track = number, .padding = end - track->recorded};
    }
    std::uint16_t ending = 0;
    if (const Track* const open = first_open_track(medium)) {
        if (open->reserved || !session_close_ends_fragment()) {
            return tl::make_unexpected(open->reserved && open->recorded < open->size &&
                                               session_close_ends_fragment()
                                           ? verdicts::kReservedIncomplete
                                           : verdicts::kTrackOpen);
        }
        ending = open->number;
    }
    if (medium.status == DiscStatus::Empty ||
        (!finalizes && medium.last_session == SessionState::Empty)) {
        return nothing();
    }
    return Operation{.kind = finalizes || medium.sessions >= kMostSessions
                                 ? Operation::Kind::Finalize
                                 : Operation::Kind::CloseSession,
                     .track = ending,
                     .first_session = medium.sessions == 1};
}

Verdict FragmentFamily::reserve(Medium& medium, const WriteMode&, std::uint32_t blocks) const {
    if (medium.status == DiscStatus::Complete) {
        return verdicts::kWriteProtected;
    }
    if (blocks == 0) {
        return verdicts::kInvalidField;
    }
    const Track& track = medium.tracks.back();
    if (track.kind != TrackKind::Invisible) {
        return verdicts::kSequence;
    }
    const auto reserved = std::ranges::count_if(medium.tracks, [&](const Track& each) {
        return each.reserved && each.session == medium.sessions;
    });
    if (reserved >= kMostReserved) {
        return verdicts::kNoMoreReservations;
    }
    const std::uint32_t size = round_up(blocks, unit());
    if (size > track.size) {
        return verdicts::kOutOfRange;
    }
    reserve_track(medium, size, 0);
    return verdicts::kGood;
}

TrackReport FragmentFamily::report(const Medium& medium, const Track& track,
                                   const WriteMode& mode) const {
    TrackReport report = SequentialFamily::report(medium, track, mode);
    // 00 recorded fragment, 01 invisible, 10 partly recorded reserved, 11 blank reserved.
    report.reserved = track.reserved && is_open(track);
    if (!reports_last_recorded()) {
        report.last_recorded_valid = false;
        report.last_recorded = 0;
    }
    return report;
}

void FragmentFamily::complete(Medium& medium, const Operation& operation) const {
    using Kind = Operation::Kind;
    const bool session = operation.kind == Kind::CloseSession || operation.kind == Kind::Finalize;
    if (session) {
        if (Track* const open = track_numbered(medium, operation.track);
            open != nullptr && is_open(*open)) {
            end_track(medium, *open, unit(), 0);
        }
        if (merges_fragments()) {
            merge_last_session(medium);
        }
    }
    SequentialFamily::complete(medium, operation);
}

namespace {

class DvdPlusR : public FragmentFamily {
public:
    [[nodiscard]] std::uint16_t profile(const Medium&) const override { return 0x001B; }
    [[nodiscard]] std::uint32_t unit() const override { return kEccBlock; }

protected:
    [[nodiscard]] bool finalizes_with(std::uint8_t function) const override {
        return function == 5 || function == 6;
    }
    [[nodiscard]] bool merges_fragments() const override { return true; }
    [[nodiscard]] bool reports_last_recorded() const override { return false; }
    [[nodiscard]] std::uint32_t session_gap(const Medium&) const override { return kSessionGap; }
};

class DvdPlusRDl final : public DvdPlusR {
public:
    [[nodiscard]] std::uint16_t profile(const Medium&) const override { return 0x002B; }
};

}  // namespace

const Family& dvd_plus_r_family() {
    static const DvdPlusR family;
    return family;
}
const Family& dvd_plus_r_dl_family() {
    static const DvdPlusRDl family;
    return family;
}

}  // namespace kiln::harness

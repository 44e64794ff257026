#include "harness/sim/media/dvd_minus.h"

#include <algorithm>

#include "harness/sim/media/track_list.h"

namespace kiln::harness {

namespace {

constexpr std::uint8_t kIncremental = 0;
constexpr std::uint8_t kDiscAtOnce = 2;
constexpr std::uint8_t kMoreBordersFollow = 3;
constexpr int kMostReserved = 2;

/// Border-out and the next border-in, in blocks. By radius, as the DVD-R book has it (from memory
/// of it; no drive's answer was at hand): the first border 56, 74 or 92 MiB, later ones 12,
/// 15, 18.5.
std::uint32_t border_gap(const Medium& medium) {
    const bool first = medium.sessions == 1;
    const Track* const last = last_recorded_track(medium);
    const auto end = last == nullptr ? 0U : static_cast<std::uint32_t>(end_of(*last));
    const std::uint32_t third = medium.capacity / 3U;
    if (end < third) {
        return (first ? 1792U : 384U) * kEccBlock;
    }
    return (end < 2U * third ? (first ? 2368U : 480U) : (first ? 2944U : 592U)) * kEccBlock;
}

class DvdR : public SequentialFamily {
public:
    [[nodiscard]] std::uint16_t profile(const Medium&) const override { return 0x0011; }
    [[nodiscard]] std::uint32_t unit() const override { return kEccBlock; }
    [[nodiscard]] bool uses_write_mode() const override { return true; }
    [[nodiscard]] bool test_write() const override { return true; }

    [[nodiscard]] Verdict accepts(const Medium&, const WriteMode& mode) const override {
        const bool type = mode.write_type == kIncremental || mode.write_type == kDiscAtOnce;
        const bool packet = !mode.fixed_packet || mode.packet_size == kEccBlock;
        const bool link = !mode.link_size_valid || mode.link_size == kEccBlock;
        return type && packet && link && mode.data_block_type == 8 ? verdicts::kGood
                                                                   : verdicts::kInvalidParameter;
    }

    [[nodiscard]] Verdict may_write(const Medium& medium, const WriteMode& mode, std::int32_t lba,
                                    std::uint32_t count) const override {
        if (mode.write_type == kDiscAtOnce && medium.status == DiscStatus::Empty) {
            return verdicts::kSequence;  // its size is not known: no RESERVE TRACK
        }
        return SequentialFamily::may_write(medium, mode, lba, count);
    }

    [[nodiscard]] Planned synchronize(const Medium& medium, const WriteMode&) const override {
        const Track* const track = at_once(medium);
        // What was reserved need not end with an ECC block; the drive fills that up by itself.
        if (track != nullptr && round_up(track->recorded, kEccBlock) == track->size) {
            return Operation{.kind = Operation::Kind::Finalize,
                             .track = track->number,
                             .padding = track->size - track->recorded + shortfall(*track)};
        }
        return Operation{.kind = Operation::Kind::Flush};
    }

    [[nodiscard]] Planned close(const Medium& medium, const WriteMode& mode, std::uint8_t function,
                                std::uint16_t number) const override {
        if (function < 1 || function > 3) {
            return tl::make_unexpected(verdicts::kInvalidField);
        }
        if (medium.status == DiscStatus::Complete) {
            return tl::make_unexpected(verdicts::kWriteProtected);
        }
        return function == 1 ? close_rzone(medium, number)
                             : close_border(medium, mode, function == 3);
    }

    [[nodiscard]] Verdict reserve(Medium& medium, const WriteMode& mode,
                                  std::uint32_t blocks) const override {
        if (medium.status == DiscStatus::Complete) {
            return verdicts::kWriteProtected;
        }
        const bool at_once = mode.write_type == kDiscAtOnce;
        if (blocks == 0 || (at_once && medium.status != DiscStatus::Empty) ||
            (!at_once && medium.minimally_blanked && medium.status == DiscStatus::Empty)) {
            return verdicts::kSequence;
        }
        const Track& track = medium.tracks.back();
        if (track.kind != TrackKind::Invisible) {
            return verdicts::kSequence;
        }
        if (std::ranges::count_if(medium.tracks, [](const Track& each) {
                return is_open(each) && each.reserved;
            }) >= kMostReserved) {
            return verdicts::kNoMoreReservations;
        }
        const std::uint32_t size = round_up(blocks, kEccBlock);
        if (size > track.size) {
            return verdicts::kOutOfRange;
        }
        const std::size_t index = medium.tracks.size() - 1;
        reserve_track(medium, size, 0);
        if (at_once) {
            medium.tracks[index].kind = TrackKind::DiscAtOnce;
            medium.tracks.resize(index + 1);  // nothing can follow
        }
        return verdicts::kGood;
    }

    [[nodiscard]] TrackReport report(const Medium& medium, const Track& track,
                                     const WriteMode& mode) const override {
        TrackReport report = SequentialFamily::report(medium, track, mode);
        const bool incremental = track.kind == TrackKind::Incremental ||
                                 (track.kind == TrackKind::Invisible &&
                                  mode.write_type == kIncremental && !medium.minimally_blanked);
        report.packet = incremental;
        report.fixed_packet_size = incremental ? kEccBlock : 0;
        report.reserved = track.reserved && is_open(track);
        return report;
    }

    void complete(Medium& medium, const Operation& operation) const override {
        using Kind = Operation::Kind;
        if (operation.kind == Kind::CloseTrack) {
            Track* const track = track_numbered(medium, operation.track);
            if (track != nullptr && track->kind == TrackKind::DiscAtOnce) {
                track->recorded = track->size;
                track->closed = true;
                finalize(medium);
                return;
            }
        }
        if (operation.kind == Kind::Finalize && at_once(medium) != nullptr) {
            Track& track = medium.tracks.back();
            track.recorded = track.size;
            track.closed = true;
        }
        SequentialFamily::complete(medium, operation);
    }

    void cut(Medium& medium, std::int32_t lba, std::uint32_t lost) const override {
        SequentialFamily::cut(medium, lba, lost);
        // The written end is found by searching, on a unit's border.
        for (Track& track : medium.tracks) {
            if (is_open(track)) {
                track.recorded -= track.recorded % kEccBlock;
                track.damaged = track.damaged || track.kind == TrackKind::DiscAtOnce;
            }
        }
    }

protected:
    [[nodiscard]] TrackKind kind_for(const WriteMode&) const override {
        return TrackKind::Incremental;
    }
    [[nodiscard]] std::uint32_t session_gap(const Medium& medium) const override {
        return border_gap(medium);
    }
    [[nodiscard]] virtual bool one_session() const { return false; }
    /// Blocks of zeros that the drive writes by itself when the disc is completed.
    [[nodiscard]] virtual std::uint32_t final_padding(const Medium&) const { return 0; }

    [[nodiscard]] Verdict mode_fits(const Medium& medium, const Track& track,
                                    const WriteMode& mode) const override {
        const bool at_once = track.kind == TrackKind::DiscAtOnce;
        const bool wants_at_once = mode.write_type == kDiscAtOnce;
        const bool minimal = medium.minimally_blanked && track.kind == TrackKind::Invisible;
        return at_once == wants_at_once && !minimal ? verdicts::kGood : verdicts::kIllegalMode;
    }

private:
    static const Track* at_once(const Medium& medium) {
        const auto found = std::ranges::find_if(medium.tracks, [](const Track& track) {
            return is_open(track) && track.kind == TrackKind::DiscAtOnce;
        });
        return found == medium.tracks.end() ? nullptr : &*found;
    }

    /// A short disc is filled up to 30 mm, about 800 MB, with lead-out: it takes the time, not the
    /// addresses.
    static std::uint32_t shortfall(const Track& track) {
        constexpr std::uint32_t kLeastBlocks = 380000;
        return track.size < kLeastBlocks ? kLeastBlocks - track.size : 0;
    }

    static Planned close_rzone(const Medium& medium, std::uint16_t number) {
        const Track* const track = track_numbered(medium, number);
        if (track == nullptr || (medium.status == DiscStatus::Empty)) {
            return tl::make_unexpected(verdicts::kInvalidField);
        }
        if (!is_open(*track)) {
            return Operation{.kind = Operation::Kind::Flush};
        }
        const std::uint32_t end =
            track->reserved ? track->size : round_up(track->recorded, kEccBlock);
        std::uint32_t padding = end - track->recorded;
        if (track->kind == TrackKind::DiscAtOnce) {
            padding += shortfall(*track);
        }
        return Operation{
            .kind = Operation::Kind::CloseTrack, .track = track->number, .padding = padding};
    }

    [[nodiscard]] Planned close_border(const Medium& medium, const WriteMode& mode,
                                       bool final) const {
        if (const Track* const open = first_open_track(medium)) {
            return tl::make_unexpected(open->reserved ? verdicts::kReservedIncomplete
                                                      : verdicts::kTrackOpen);
        }
        const bool empty = medium.last_session == SessionState::Empty;
        if (empty && (!final || medium.status == DiscStatus::Empty)) {
            return Operation{.kind = Operation::Kind::Flush};  // GOOD, nothing written
        }
        const bool appendable =
            !final && !one_session() && mode.multi_session == kMoreBordersFollow;
        return Operation{
            .kind = appendable ? Operation::Kind::CloseSession : Operation::Kind::Finalize,
            .padding = appendable ? 0 : final_padding(medium),
            .first_session = medium.sessions == 1};
    }
};

class DvdRw final : public DvdR {
public:
    [[nodiscard]] std::uint16_t profile(const Medium&) const override { return 0x0014; }
    [[nodiscard]] bool erasable() const override { return true; }

    [[nodiscard]] Planned blank(const Medium&, std::uint8_t type, std::uint32_t) const override {
        if (type > 1) {
            return tl::make_unexpected(verdicts::kInvalidField);
        }
        return Operation{.kind = Operation::Kind::Blank, .type = type};
    }

    /// Formats turn it into a restricted overwrite medium (dvd_restricted_overwrite.h).
    [[nodiscard]] Planned format(const Medium& medium,
                                 const FormatRequest& request) const override {
        return family_of(MediumKind::DvdRwRestrictedOverwrite).format(medium, request);
    }

    [[nodiscard]] std::vector<FormatCapacity> formats(const Medium& medium) const override {
        return family_of(MediumKind::DvdRwRestrictedOverwrite).formats(medium);
    }

    void complete(Medium& medium, const Operation& operation) const override {
        if (operation.kind == Operation::Kind::Blank) {
            make_blank(medium);
            medium.minimally_blanked = operation.type == 1;
            return;
        }
        if (operation.kind == Operation::Kind::Format) {
            family_of(MediumKind::DvdRwRestrictedOverwrite).complete(medium, operation);
            return;
        }
        DvdR::complete(medium, operation);
    }
};

class DvdRDl final : public DvdR {
public:
    [[nodiscard]] std::uint16_t profile(const Medium&) const override { return 0x0015; }

protected:
    [[nodiscard]] bool one_session() const override { return true; }

    /// Layer 1 has to be written as far out as layer 0 is: under all data, or up to the layers'
    /// end.
    [[nodiscard]] std::uint32_t final_padding(const Medium& medium) const override {
        const Track* const last = last_recorded_track(medium);
        const auto end = last == nullptr ? 0U : static_cast<std::uint32_t>(end_of(*last));
        const std::uint32_t layer0 =
            medium.layer_break_set ? medium.layer_break : medium.capacity / 2U;
        return end <= layer0 ? end : 2U * layer0 - std::min(end, 2U * layer0);
    }
};

}  // namespace

const Family& dvd_r_family() {
    static const DvdR family;
    return family;
}
const Family& dvd_rw_family() {
    static const DvdRw family;
    return family;
}
const Family& dvd_r_dl_family() {
    static const DvdRDl family;
    return family;
}

}  // namespace kiln::harness

#include "harness/sim/media/cd.h"

#include <algorithm>

#include "harness/sim/media/track_list.h"

namespace kiln::harness {

namespace {

constexpr std::uint8_t kTrackAtOnce = 1;
constexpr std::uint8_t kMoreSessionsFollow = 3;
constexpr std::uint8_t kDataMode1 = 8;
constexpr std::uint16_t kMostTracks = 99;

class CdR : public SequentialFamily {
public:
    [[nodiscard]] std::uint16_t profile(const Medium&) const override { return 0x0009; }
    [[nodiscard]] std::uint32_t unit() const override { return 1; }
    [[nodiscard]] bool uses_write_mode() const override { return true; }
    [[nodiscard]] bool test_write() const override { return true; }

    [[nodiscard]] Verdict accepts(const Medium&, const WriteMode& mode) const override {
        const bool data = (mode.track_mode & 0x0CU) == 4 && mode.data_block_type == kDataMode1;
        return mode.write_type == kTrackAtOnce && data ? verdicts::kGood
                                                       : verdicts::kInvalidParameter;
    }

    [[nodiscard]] Planned synchronize(const Medium& medium, const WriteMode&) const override {
        const Track* const track = being_written(medium);
        return track == nullptr ? Operation{.kind = Operation::Kind::Flush}
                                : ending(*track, Operation::Kind::EndTrack);
    }

    [[nodiscard]] Planned close(const Medium& medium, const WriteMode& mode, std::uint8_t function,
                                std::uint16_t number) const override {
        if (function != 1 && function != 2) {
            return tl::make_unexpected(verdicts::kInvalidField);
        }
        if (medium.status == DiscStatus::Complete) {
            return tl::make_unexpected(verdicts::kWriteProtected);
        }
        return function == 1 ? close_track(medium, number) : close_session(medium, mode);
    }

    [[nodiscard]] Verdict reserve(Medium& medium, const WriteMode&,
                                  std::uint32_t blocks) const override {
        if (medium.status == DiscStatus::Complete) {
            return verdicts::kWriteProtected;
        }
        if (being_written(medium) != nullptr || blocks == 0) {
            return verdicts::kSequence;
        }
        const Track& track = medium.tracks.back();
        if (track.kind != TrackKind::Invisible || track.number >= kMostTracks) {
            return verdicts::kNoMoreReservations;
        }
        const std::uint32_t size = std::max(blocks, kMinimumTrack) + kRunOut;
        if (size + kPregap > track.size) {
            return verdicts::kOutOfRange;
        }
        reserve_track(medium, size, kPregap);
        medium.tracks[medium.tracks.size() - 2].kind = TrackKind::TrackAtOnce;
        return verdicts::kGood;
    }

    [[nodiscard]] TrackReport report(const Medium& medium, const Track& track,
                                     const WriteMode& mode) const override {
        TrackReport report = SequentialFamily::report(medium, track, mode);
        // Track at once: RT is set once the track has an entry in the PMA (R8's table).
        report.reserved = track.reserved || track.closed;
        if (track.reserved && !track.closed && report.next_writable_valid) {
            report.free_blocks -= kRunOut;
        }
        report.last_recorded_valid = false;  // an MMC-1 notion of packets
        report.last_recorded = 0;
        return report;
    }

    void complete(Medium& medium, const Operation& operation) const override {
        using Kind = Operation::Kind;
        if (operation.kind == Kind::EndTrack || operation.kind == Kind::CloseTrack) {
            if (Track* const track = track_numbered(medium, operation.track)) {
                track->recorded += operation.padding + kRunOut;
                end_track(medium, *track, 1, kPregap);
            }
            return;
        }
        SequentialFamily::complete(medium, operation);
    }

    void cut(Medium& medium, std::int32_t lba, std::uint32_t lost) const override {
        SequentialFamily::cut(medium, lba, lost);
        // The groove does not say where writing stopped, and the PMA has no entry.
        for (Track& track : medium.tracks) {
            track.damaged = track.damaged || (is_open(track) && track.recorded > 0);
        }
    }

    [[nodiscard]] Planned repair(const Medium& medium, std::uint16_t number) const override {
        const Track* const track = track_numbered(medium, number);
        if (track == nullptr || !track->damaged) {
            return tl::make_unexpected(verdicts::kInvalidField);
        }
        return ending(*track, Operation::Kind::EndTrack);
    }

protected:
    [[nodiscard]] TrackKind kind_for(const WriteMode&) const override {
        return TrackKind::TrackAtOnce;
    }
    [[nodiscard]] std::uint32_t track_gap() const override { return kPregap; }
    [[nodiscard]] std::uint32_t session_gap(const Medium& medium) const override {
        return medium.sessions == 1 ? kFirstSessionGap : kLaterSessionGap;
    }
    [[nodiscard]] std::uint32_t run_out(const Track&) const override { return kRunOut; }

    [[nodiscard]] Verdict mode_fits(const Medium& medium, const Track& track,
                                    const WriteMode& mode) const override {
        const Track* const open = being_written(medium);
        if (open != nullptr && open != &track) {
            return verdicts::kInvalidAddressForWrite;
        }
        return accepts(medium, mode).good() ? verdicts::kGood : verdicts::kIllegalMode;
    }

private:
    static const Track* being_written(const Medium& medium) {
        const auto found = std::ranges::find_if(
            medium.tracks, [](const Track& track) { return is_open(track) && track.recorded > 0; });
        return found == medium.tracks.end() ? nullptr : &*found;
    }

    static Operation ending(const Track& track, Operation::Kind kind) {
        const std::uint32_t data = track.reserved ? track.size - kRunOut : kMinimumTrack;
        return {.kind = kind,
                .track = track.number,
                .padding = track.recorded < data ? data - track.recorded : 0};
    }

    static Planned close_track(const Medium& medium, std::uint16_t number) {
        const Track* track = track_numbered(medium, number);
        if (number == 0xFF) {
            track = being_written(medium);  // MMC-1 style
            if (track == nullptr) {
                return Operation{.kind = Operation::Kind::Flush};
            }
        }
        if (track == nullptr) {
            return tl::make_unexpected(verdicts::kInvalidField);
        }
        if (track->damaged) {
            return tl::make_unexpected(verdicts::kReservedIncomplete);
        }
        return is_open(*track) ? ending(*track, Operation::Kind::CloseTrack)
                               : Operation{.kind = Operation::Kind::Flush};
    }

    static Planned close_session(const Medium& medium, const WriteMode& mode) {
        if (being_written(medium) != nullptr) {
            return tl::make_unexpected(verdicts::kTrackOpen);
        }
        if (first_open_track(medium) != nullptr) {
            return tl::make_unexpected(verdicts::kReservedIncomplete);
        }
        if (medium.status == DiscStatus::Empty) {
            if (mode.test_write) {
                return Operation{.kind = Operation::Kind::Flush};
            }
            return tl::make_unexpected(verdicts::kNothingWritten);
        }
        if (medium.last_session == SessionState::Empty) {
            return Operation{.kind = Operation::Kind::Flush};  // GOOD, nothing written
        }
        return Operation{.kind = mode.multi_session == kMoreSessionsFollow
                                     ? Operation::Kind::CloseSession
                                     : Operation::Kind::Finalize,
                         .first_session = medium.sessions == 1};
    }
};

class CdRw final : public CdR {
public:
    [[nodiscard]] std::uint16_t profile(const Medium&) const override { return 0x000A; }
    [[nodiscard]] bool erasable() const override { return true; }

    /// Whole disc and minimal; the rest is rare on drives and 5/24/00 there.
    [[nodiscard]] Planned blank(const Medium&, std::uint8_t type, std::uint32_t) const override {
        if (type > 1) {
            return tl::make_unexpected(verdicts::kInvalidField);
        }
        return Operation{.kind = Operation::Kind::Blank, .type = type};
    }

    void complete(Medium& medium, const Operation& operation) const override {
        if (operation.kind == Operation::Kind::Blank) {
            make_blank(medium);
            return;
        }
        CdR::complete(medium, operation);
    }
};

}  // namespace

const Family& cd_r_family() {
    static const CdR family;
    return family;
}

const Family& cd_rw_family() {
    static const CdRw family;
    return family;
}

}  // namespace kiln::harness

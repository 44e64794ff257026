#include "harness/sim/media/dvd_plus_rw.h"

#include <algorithm>

#include "harness/sim/media/dvd_minus.h"
#include "harness/sim/media/overwritable.h"

namespace kiln::harness {

namespace {

constexpr std::uint8_t kBasicFormat = 0x26;
constexpr std::uint32_t kRestart = 1;

class DvdPlusRw final : public OverwritableFamily {
public:
    [[nodiscard]] std::uint16_t profile(const Medium&) const override { return 0x001A; }
    [[nodiscard]] std::uint32_t unit() const override { return kEccBlock; }

    [[nodiscard]] Verdict may_write(const Medium& medium, const WriteMode& mode, std::int32_t lba,
                                    std::uint32_t count) const override {
        const Verdict verdict = OverwritableFamily::may_write(medium, mode, lba, count);
        if (!verdict.good()) {
            return verdict;
        }
        const bool beyond = static_cast<std::uint32_t>(lba) > medium.written_end;
        return medium.background == BackgroundFormat::Stopped && beyond
                   ? verdicts::kInvalidAddressForWrite
                   : verdicts::kGood;
    }

    void written(Medium& medium, const WriteMode& mode, std::int32_t lba,
                 std::uint32_t count) const override {
        OverwritableFamily::written(medium, mode, lba, count);
        const auto first = static_cast<std::uint32_t>(lba);
        if (first <= medium.written_end && first + count > medium.written_end) {
            medium.written_end = first + count;  // writing in order is formatting
        }
        if (medium.written_end >= medium.formatted) {
            medium.background = BackgroundFormat::Complete;
        }
    }

    [[nodiscard]] Readable readable(const Medium& medium, std::int32_t lba,
                                    std::uint32_t count) const override {
        Readable readable = OverwritableFamily::readable(medium, lba, count);
        if (medium.background != BackgroundFormat::Stopped || readable.blocks == 0) {
            return readable;
        }
        const auto first = static_cast<std::uint32_t>(lba);
        const std::uint32_t end = std::max(medium.written_end, medium.tracks.front().recorded);
        if (first + readable.blocks > end) {
            return {first < end ? end - first : 0, verdicts::kUnrecovered};
        }
        return readable;
    }

    [[nodiscard]] TrackReport report(const Medium& medium, const Track& track,
                                     const WriteMode& mode) const override {
        TrackReport report = OverwritableFamily::report(medium, track, mode);
        report.last_recorded_valid = false;  // always, with NWA_V (R11)
        report.last_recorded = 0;
        return report;
    }

    [[nodiscard]] Planned close(const Medium& medium, const WriteMode&, std::uint8_t function,
                                std::uint16_t) const override {
        using Kind = Operation::Kind;
        const bool busy = medium.background == BackgroundFormat::Running;
        if (function == 0) {
            return Operation{.kind = busy ? Kind::StopFormat : Kind::Flush};
        }
        if (function != 2 && function != 3) {
            return tl::make_unexpected(verdicts::kInvalidField);
        }
        if (medium.format == FormatState::Unformatted) {
            return tl::make_unexpected(verdicts::kNotFormatted);
        }
        const bool part = medium.background != BackgroundFormat::Complete;
        return Operation{.kind = part && function == 2 ? Kind::CompatibleClose : Kind::Flush};
    }

    [[nodiscard]] Planned format(const Medium& medium,
                                 const FormatRequest& request) const override {
        const bool restart = request.parameter == kRestart;
        if (request.type != kBasicFormat || request.parameter > kRestart ||
            (restart && medium.format == FormatState::Unformatted)) {
            return tl::make_unexpected(verdicts::kInvalidParameter);
        }
        if (medium.background == BackgroundFormat::Running) {
            return tl::make_unexpected(verdicts::kSequence);
        }
        if (restart && medium.background == BackgroundFormat::Complete) {
            return Operation{.kind = Operation::Kind::Flush};
        }
        return Operation{.kind = Operation::Kind::BackgroundFormat,
                         .type = kBasicFormat,
                         .sub_type = static_cast<std::uint8_t>(restart ? 1 : 0),
                         .blocks = medium.capacity};
    }

    void complete(Medium& medium, const Operation& operation) const override {
        switch (operation.kind) {
            case Operation::Kind::BackgroundFormat:
                if (operation.sub_type == 0) {
                    make_formatted(medium, medium.capacity);
                    medium.written_end = 0;
                }
                medium.background = BackgroundFormat::Running;
                break;
            case Operation::Kind::StopFormat:
            case Operation::Kind::CompatibleClose:
                if (medium.background == BackgroundFormat::Running) {
                    medium.background = BackgroundFormat::Stopped;
                }
                break;
            default:
                break;
        }
    }

    void cut(Medium& medium, std::int32_t, std::uint32_t) const override {
        if (medium.background == BackgroundFormat::Running) {
            medium.background = BackgroundFormat::Stopped;
        }
    }

    [[nodiscard]] std::vector<FormatCapacity> formats(const Medium& medium) const override {
        const bool blank = medium.format == FormatState::Unformatted;
        return {{.blocks = medium.capacity, .type = static_cast<std::uint8_t>(blank ? 1 : 2)},
                {.blocks = medium.capacity, .type = kBasicFormat, .parameter = 0}};
    }
};

}  // namespace

const Family& dvd_plus_rw_family() {
    static const DvdPlusRw family;
    return family;
}

}  // namespace kiln::harness

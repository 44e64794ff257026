#include "harness/sim/media/dvd_restricted_overwrite.h"

#include <algorithm>

#include "harness/sim/media/dvd_minus.h"
#include "harness/sim/media/overwritable.h"
#include "harness/sim/media/track_list.h"

namespace kiln::harness {

namespace {

constexpr std::uint8_t kFull = 0x00;
constexpr std::uint8_t kFullEcc = 0x10;
constexpr std::uint8_t kQuickGrow = 0x13;
constexpr std::uint8_t kQuick = 0x15;

class RestrictedOverwrite final : public OverwritableFamily {
public:
    [[nodiscard]] std::uint16_t profile(const Medium&) const override { return 0x0013; }
    [[nodiscard]] std::uint32_t unit() const override { return kEccBlock; }

    [[nodiscard]] Verdict may_write(const Medium& medium, const WriteMode&, std::int32_t lba,
                                    std::uint32_t count) const override {
        if (lba < 0 || static_cast<std::uint32_t>(lba) >= medium.capacity) {
            return verdicts::kOutOfRange;
        }
        const auto first = static_cast<std::uint32_t>(lba);
        if (first % kEccBlock != 0 || count % kEccBlock != 0) {
            return verdicts::kInvalidAddressForWrite;
        }
        const std::uint64_t end = std::uint64_t{first} + count;
        if (end > medium.capacity) {
            return verdicts::kOutOfRange;
        }
        if (medium.format == FormatState::Intermediate) {
            return first <= medium.formatted ? verdicts::kGood : verdicts::kInvalidAddressForWrite;
        }
        return end <= medium.formatted ? verdicts::kGood : verdicts::kOutOfRange;
    }

    void written(Medium& medium, const WriteMode& mode, std::int32_t lba,
                 std::uint32_t count) const override {
        OverwritableFamily::written(medium, mode, lba, count);
        const std::uint32_t end = static_cast<std::uint32_t>(lba) + count;
        if (medium.format == FormatState::Intermediate && end > medium.formatted) {
            medium.formatted = end;
            medium.tracks.front().size = end;
        }
        if (medium.format == FormatState::Intermediate && end == medium.capacity) {
            make_formatted_over(medium, end, FormatState::Formatted);
        }
    }

    [[nodiscard]] std::uint32_t capacity(const Medium& medium) const override {
        return medium.formatted;
    }

    [[nodiscard]] TrackReport report(const Medium& medium, const Track& track,
                                     const WriteMode& mode) const override {
        TrackReport report = OverwritableFamily::report(medium, track, mode);
        report.packet = true;
        report.fixed_packet = true;
        report.fixed_packet_size = kEccBlock;
        report.last_recorded_valid = track.size > 0;
        if (medium.format == FormatState::Intermediate) {
            report.next_writable_valid = true;
            report.next_writable = end_of(track);
            report.free_blocks = medium.capacity - medium.formatted;
        }
        return report;
    }

    [[nodiscard]] Planned close(const Medium& medium, const WriteMode&, std::uint8_t function,
                                std::uint16_t) const override {
        if (function != 2 && function != 3) {
            return tl::make_unexpected(verdicts::kInvalidField);
        }
        return Operation{.kind = medium.format == FormatState::Intermediate
                                     ? Operation::Kind::CloseSession
                                     : Operation::Kind::Flush};
    }

    [[nodiscard]] Planned blank(const Medium&, std::uint8_t type, std::uint32_t) const override {
        if (type > 1) {
            return tl::make_unexpected(verdicts::kInvalidField);
        }
        return Operation{.kind = Operation::Kind::Blank, .type = type};
    }

    [[nodiscard]] Planned format(const Medium& medium,
                                 const FormatRequest& request) const override {
        const std::uint32_t blocks = round_up(request.blocks, kEccBlock);
        const bool parameter = request.parameter == kEccBlock ||
                               (request.type == kFull && request.parameter == 2048) ||
                               request.parameter == 0;
        if (request.sub_type != 0 || !parameter || request.blocks > medium.capacity) {
            return tl::make_unexpected(verdicts::kInvalidParameter);
        }
        const Operation operation{
            .kind = Operation::Kind::Format, .type = request.type, .blocks = blocks};
        switch (request.type) {
            case kFull:
            case kFullEcc:
                return request.blocks == 0
                           ? Planned(tl::make_unexpected(verdicts::kInvalidParameter))
                           : Planned(operation);
            case kQuick:
                return operation;
            case kQuickGrow: {
                const bool can = medium.kind == MediumKind::DvdRwRestrictedOverwrite &&
                                 medium.format == FormatState::Partial &&
                                 blocks <= medium.capacity - medium.formatted;
                return can ? Planned(operation)
                           : Planned(tl::make_unexpected(verdicts::kInvalidParameter));
            }
            default:
                return tl::make_unexpected(verdicts::kInvalidParameter);
        }
    }

    void complete(Medium& medium, const Operation& operation) const override {
        switch (operation.kind) {
            case Operation::Kind::Blank:
                medium.kind = MediumKind::DvdRw;
                medium.format = FormatState::Unformatted;
                medium.formatted = 0;
                make_blank(medium);
                medium.minimally_blanked = operation.type == 1;
                break;
            case Operation::Kind::Format:
                apply_format(medium, operation);
                break;
            case Operation::Kind::CloseSession:
                make_formatted_over(medium, medium.formatted,
                                    medium.formatted == medium.capacity ? FormatState::Formatted
                                                                        : FormatState::Partial);
                break;
            default:
                break;
        }
    }

    [[nodiscard]] std::vector<FormatCapacity> formats(const Medium& medium) const override {
        const std::uint32_t most = medium.capacity;
        const bool sequential = medium.kind == MediumKind::DvdRw;
        const bool intermediate = !sequential && medium.format == FormatState::Intermediate;
        std::vector<FormatCapacity> list;
        if (sequential) {
            const bool blank = medium.status == DiscStatus::Empty;
            list.push_back({.blocks = most, .type = static_cast<std::uint8_t>(blank ? 1 : 3)});
        } else {
            list.push_back({.blocks = intermediate ? most : medium.formatted,
                            .type = static_cast<std::uint8_t>(intermediate ? 3 : 2)});
        }
        list.push_back({.blocks = most, .type = kFull});
        list.push_back({.blocks = most, .type = kFullEcc, .parameter = kEccBlock});
        if (!sequential && !intermediate) {
            list.push_back(
                {.blocks = most - medium.formatted, .type = kQuickGrow, .parameter = kEccBlock});
        }
        list.push_back({.blocks = most, .type = kQuick, .parameter = kEccBlock});
        return list;
    }

private:
    static void make_formatted_over(Medium& medium, std::uint32_t blocks, FormatState state) {
        const std::uint32_t recorded = medium.tracks.empty() ? 0 : medium.tracks.front().recorded;
        make_formatted(medium, blocks);
        medium.tracks.front().recorded = recorded;
        medium.format = state;
    }

    static void apply_format(Medium& medium, const Operation& operation) {
        medium.kind = MediumKind::DvdRwRestrictedOverwrite;
        if (operation.type == kQuickGrow) {
            make_formatted_over(medium, medium.formatted, FormatState::Intermediate);
            medium.formatted += operation.blocks;
            medium.tracks.front().size = medium.formatted;
        } else {
            make_formatted(medium, operation.type == kQuick ? 0 : operation.blocks);
            medium.format =
                operation.blocks == medium.capacity ? FormatState::Formatted : FormatState::Partial;
        }
        if (operation.type == kQuick || operation.type == kQuickGrow) {
            medium.format = FormatState::Intermediate;
            medium.status = DiscStatus::Incomplete;
            medium.last_session = SessionState::Incomplete;
        }
    }
};

}  // namespace

const Family& dvd_restricted_overwrite_family() {
    static const RestrictedOverwrite family;
    return family;
}

}  // namespace kiln::harness

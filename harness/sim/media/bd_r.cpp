#include "harness/sim/media/bd_r.h"

#include <algorithm>

#include "harness/sim/media/dvd_plus_r.h"

namespace kiln::harness {

namespace {

constexpr std::uint8_t kFull = 0x00;
constexpr std::uint8_t kChosenSpares = 0x32;
constexpr std::uint8_t kPseudoOverwrite = 0;
constexpr std::uint8_t kSequentialOnly = 1;
// As an iHBS112 lists them for a single layer: 12219392 blocks, 12088320 with the least spares (the
// inner area, 256 MiB), 5796864 with the most.
constexpr std::uint32_t kLeastSpares = 131072;
constexpr std::uint32_t kMostSparesPerLayer = 6422528;
constexpr std::uint32_t kBlocksPerLayer = 12219392;

class BdR final : public FragmentFamily {
public:
    [[nodiscard]] std::uint16_t profile(const Medium&) const override { return 0x0041; }
    [[nodiscard]] std::uint32_t unit() const override { return kCluster; }

    [[nodiscard]] Verdict may_write(const Medium& medium, const WriteMode& mode, std::int32_t lba,
                                    std::uint32_t count) const override {
        if (is_overwrite(medium, lba)) {
            const Track& last = medium.tracks.back();
            const bool room =
                !last.closed && last.recorded + std::uint64_t{mapped(lba, count)} <= last.size;
            const Readable there = FragmentFamily::readable(medium, lba, count);
            return there.blocks == count && room ? verdicts::kGood
                                                 : verdicts::kInvalidAddressForWrite;
        }
        return SequentialFamily::may_write(medium, mode, lba, count);
    }

    void written(Medium& medium, const WriteMode& mode, std::int32_t lba,
                 std::uint32_t count) const override {
        if (!is_overwrite(medium, lba)) {
            SequentialFamily::written(medium, mode, lba, count);
            return;
        }
        Track& last = medium.tracks.back();
        last.recorded += mapped(lba, count);
        if (last.kind == TrackKind::Invisible) {
            last.kind = TrackKind::Incremental;
        }
        medium.status = DiscStatus::Incomplete;
        medium.last_session = SessionState::Incomplete;
    }

    [[nodiscard]] Planned format(const Medium& medium,
                                 const FormatRequest& request) const override {
        if (medium.status != DiscStatus::Empty) {
            return tl::make_unexpected(verdicts::kSequence);
        }
        const bool mode =
            request.sub_type == kPseudoOverwrite || request.sub_type == kSequentialOnly;
        if (!mode || (request.type != kFull && request.type != kChosenSpares)) {
            return tl::make_unexpected(verdicts::kInvalidParameter);
        }
        const std::uint32_t size = request.type == kFull ? bd_default_size(medium.unformatted)
                                                         : request.blocks / kCluster * kCluster;
        const std::uint32_t most_spares =
            kMostSparesPerLayer * (medium.unformatted / kBlocksPerLayer);
        if (size + kLeastSpares > medium.unformatted || size + most_spares < medium.unformatted) {
            return tl::make_unexpected(verdicts::kInvalidParameter);
        }
        return Operation{.kind = Operation::Kind::Format,
                         .type = request.type,
                         .sub_type = request.sub_type,
                         .blocks = size};
    }

    void complete(Medium& medium, const Operation& operation) const override {
        if (operation.kind == Operation::Kind::Format) {
            medium.capacity = operation.blocks;
            medium.spares = medium.unformatted - operation.blocks;
            medium.spares_left = medium.spares;
            medium.format = FormatState::Formatted;
            medium.bd_r_mode = operation.sub_type == kPseudoOverwrite ? BdRMode::PseudoOverwrite
                                                                      : BdRMode::Sequential;
            make_blank(medium);
            medium.status = DiscStatus::Incomplete;
            return;
        }
        FragmentFamily::complete(medium, operation);
    }

    [[nodiscard]] std::vector<FormatCapacity> formats(const Medium& medium) const override {
        if (medium.status != DiscStatus::Empty) {
            return {{.blocks = medium.capacity, .type = 2}};
        }
        const std::uint32_t all = medium.unformatted;
        const std::uint32_t layers = std::max(1U, all / kBlocksPerLayer);
        const std::uint32_t usual = bd_default_size(all);
        return {
            {.blocks = all, .type = 1},
            {.blocks = usual, .type = kFull, .parameter = (all - usual) / kCluster},
            {.blocks = usual, .type = kChosenSpares, .parameter = 0},
            {.blocks = all - layers * kMostSparesPerLayer, .type = kChosenSpares, .parameter = 0},
            {.blocks = all - kLeastSpares, .type = kChosenSpares, .parameter = 0}};
    }

protected:
    [[nodiscard]] bool finalizes_with(std::uint8_t function) const override {
        return function == 6;
    }
    [[nodiscard]] bool session_close_ends_fragment() const override { return true; }
    [[nodiscard]] std::uint32_t session_gap(const Medium&) const override { return 0; }

private:
    static std::uint32_t mapped(std::int32_t lba, std::uint32_t count) {
        const auto first = static_cast<std::uint32_t>(lba) / kCluster * kCluster;
        return round_up(static_cast<std::uint32_t>(lba) + count - first, kCluster);
    }

    static bool is_overwrite(const Medium& medium, std::int32_t lba) {
        return medium.bd_r_mode == BdRMode::PseudoOverwrite &&
               medium.status != DiscStatus::Complete && lba >= 0 && !medium.tracks.empty() &&
               track_written_at(medium, lba) == nullptr &&
               lba < next_writable(medium.tracks.back());
    }
};

}  // namespace

std::uint32_t bd_default_size(std::uint32_t unformatted) {
    // Single layer 12288 clusters of spares, dual 24576 (12219392 - 11826176, 24438784 - 23652352);
    // three layers 49152 and four 65536 (48878592 - 47305728, 62500864 - 60403712).
    const std::uint32_t layers = unformatted / kBlocksPerLayer;
    const std::uint32_t clusters = layers >= 5 ? 65536U : (layers >= 3 ? 49152U : layers * 12288U);
    return unformatted - clusters * kCluster;
}

const Family& bd_r_family() {
    static const BdR family;
    return family;
}

}  // namespace kiln::harness

#include "harness/sim/media/dvd_ram.h"

#include <algorithm>

#include "harness/sim/media/dvd_minus.h"
#include "harness/sim/media/overwritable.h"

namespace kiln::harness {

namespace {

constexpr std::uint8_t kFull = 0x00;
constexpr std::uint8_t kSpareExpansion = 0x01;

class DvdRam final : public OverwritableFamily {
public:
    [[nodiscard]] std::uint16_t profile(const Medium&) const override { return 0x0012; }
    [[nodiscard]] std::uint32_t unit() const override { return kEccBlock; }

    [[nodiscard]] Planned format(const Medium& medium,
                                 const FormatRequest& request) const override {
        for (const FormatCapacity& listed : listed_sizes(medium)) {
            if (listed.type == request.type && listed.blocks == request.blocks &&
                request.sub_type == 0) {
                return Operation{.kind = Operation::Kind::Format,
                                 .type = request.type,
                                 .blocks = request.blocks};
            }
        }
        return tl::make_unexpected(verdicts::kInvalidParameter);
    }

    void complete(Medium& medium, const Operation& operation) const override {
        if (operation.kind != Operation::Kind::Format) {
            return;
        }
        const std::uint32_t recorded = medium.tracks.front().recorded;
        make_formatted(medium, operation.blocks);
        medium.status = DiscStatus::Other;
        const std::uint32_t spares = kMost - operation.blocks + kPrimarySpares;
        const std::uint32_t used = medium.spares - medium.spares_left;
        medium.spares = spares;
        medium.spares_left = operation.type == kFull ? spares : spares - std::min(used, spares);
        if (operation.type == kSpareExpansion) {
            medium.tracks.front().recorded = std::min(recorded, operation.blocks);
        }
    }

    [[nodiscard]] std::vector<FormatCapacity> formats(const Medium& medium) const override {
        std::vector<FormatCapacity> list{{.blocks = medium.formatted, .type = 2}};
        const std::vector<FormatCapacity> sizes = listed_sizes(medium);
        list.insert(list.end(), sizes.begin(), sizes.end());
        return list;
    }

private:
    static constexpr std::uint32_t kMost = 2295072;  // no supplementary spares
    static constexpr std::uint32_t kPrimarySpares = 12800;

    static std::vector<FormatCapacity> listed_sizes(const Medium& medium) {
        std::vector<FormatCapacity> sizes{{.blocks = medium.capacity, .type = kFull},
                                          {.blocks = kMost, .type = kFull}};
        if (medium.formatted > medium.capacity) {
            sizes.push_back({.blocks = medium.capacity, .type = kSpareExpansion});
        }
        return sizes;
    }
};

}  // namespace

const Family& dvd_ram_family() {
    static const DvdRam family;
    return family;
}

}  // namespace kiln::harness

#include "harness/sim/media/bd_re.h"

#include "harness/sim/media/bd_r.h"
#include "harness/sim/media/overwritable.h"

namespace kiln::harness {

namespace {

constexpr std::uint8_t kFull = 0x00;
constexpr std::uint8_t kWithSpares = 0x30;
constexpr std::uint8_t kWithoutSpares = 0x31;
constexpr std::uint32_t kLeastSpares = 131072;

class BdRe final : public OverwritableFamily {
public:
    [[nodiscard]] std::uint16_t profile(const Medium&) const override { return 0x0043; }
    [[nodiscard]] std::uint32_t unit() const override { return kCluster; }

    [[nodiscard]] Planned format(const Medium& medium,
                                 const FormatRequest& request) const override {
        const std::uint32_t all = medium.unformatted;
        std::uint32_t size = 0;
        switch (request.type) {
            case kFull:
                size = request.sub_type == 0 ? bd_default_size(all) : 0;
                break;
            case kWithSpares:
                size = request.blocks / kCluster * kCluster;
                if (size + kLeastSpares > all || size < all / 2U) {
                    size = 0;
                }
                break;
            case kWithoutSpares:
                size = request.blocks == all ? all : 0;
                break;
            default:
                break;
        }
        if (size == 0) {
            return tl::make_unexpected(verdicts::kInvalidParameter);
        }
        return Operation{.kind = Operation::Kind::Format,
                         .type = request.type,
                         .sub_type = request.sub_type,
                         .blocks = size};
    }

    void complete(Medium& medium, const Operation& operation) const override {
        if (operation.kind != Operation::Kind::Format) {
            return;
        }
        make_formatted(medium, operation.blocks);
        medium.spares = medium.unformatted - operation.blocks;
        medium.spares_left = medium.spares;
        medium.certification = operation.sub_type;
    }

    [[nodiscard]] std::vector<FormatCapacity> formats(const Medium& medium) const override {
        const std::uint32_t all = medium.unformatted;
        const std::uint32_t usual = bd_default_size(all);
        const bool blank = medium.format == FormatState::Unformatted;
        const std::uint32_t spare_clusters = (all - usual) / kCluster;
        return {{.blocks = blank ? all : medium.formatted,
                 .type = static_cast<std::uint8_t>(blank ? 1 : 2)},
                {.blocks = usual, .type = kFull, .parameter = spare_clusters},
                {.blocks = usual, .type = kWithSpares, .parameter = spare_clusters},
                {.blocks = all - kLeastSpares,
                 .type = kWithSpares,
                 .parameter = kLeastSpares / kCluster},
                {.blocks = all, .type = kWithoutSpares, .parameter = 2048}};
    }
};

}  // namespace

const Family& bd_re_family() {
    static const BdRe family;
    return family;
}

}  // namespace kiln::harness

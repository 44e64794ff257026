#include "harness/sim/media/pressed.h"

#include "harness/sim/media/track_list.h"

namespace kiln::harness {

namespace {

class Pressed final : public SequentialFamily {
public:
    [[nodiscard]] std::uint16_t profile(const Medium& medium) const override {
        return facts_of(medium.kind).profile;
    }
    [[nodiscard]] std::uint32_t unit() const override { return 1; }
    [[nodiscard]] bool writable() const override { return false; }
    [[nodiscard]] bool sequential() const override { return false; }
    [[nodiscard]] Verdict may_write(const Medium&, const WriteMode&, std::int32_t,
                                    std::uint32_t) const override {
        return verdicts::kCannotWrite;
    }
    [[nodiscard]] std::vector<FormatCapacity> formats(const Medium& medium) const override {
        return {{.blocks = medium.capacity, .type = 2}};
    }

protected:
    [[nodiscard]] std::uint32_t session_gap(const Medium&) const override { return 0; }
};

}  // namespace

const Family& pressed_family() {
    static const Pressed family;
    return family;
}

}  // namespace kiln::harness

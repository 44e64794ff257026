// The fault sweep: every command of a burn meets every fault, once each.

#include <cctype>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "mmc/sense.h"

#include "transports/faults/fault.h"

#include "stack/outcome.h"

#include "harness/sim/medium_kind.h"
#include "harness/testing/burn_world.h"

namespace kiln::harness {
namespace {

using stack::BurnReport;
using stack::Outcome;
using transports::Fault;
using transports::FaultKind;

constexpr std::uint64_t kBytes = 310 * 2048 + 5;
constexpr std::uint32_t kBlocks = 311;

struct Trouble {
    const char* name;
    FaultKind kind;
};

FaultKind sense(mmc::SenseKey key, mmc::AdditionalSense additional, bool deferred = false) {
    return transports::FailWith{
        mmc::make_sense(key, additional, std::nullopt, std::nullopt, deferred)};
}

std::vector<Trouble> all_troubles() {
    return {
        {"3/0c/00", sense(mmc::SenseKey::MediumError, 0x0C00)},
        {"deferred 3/0c/00", sense(mmc::SenseKey::MediumError, 0x0C00, true)},
        {"2/04/08", sense(mmc::SenseKey::NotReady, 0x0408)},
        {"2/04/00", sense(mmc::SenseKey::NotReady, 0x0400)},
        {"6/29/00", sense(mmc::SenseKey::UnitAttention, 0x2900)},
        {"6/28/00", sense(mmc::SenseKey::UnitAttention, 0x2800)},
        {"5/24/00", sense(mmc::SenseKey::IllegalRequest, 0x2400)},
        {"busy", transports::AnswerBusy{}},
        {"stall", transports::Stall{}},
        {"lost answer", transports::LoseAnswer{}},
        {"late", transports::Delay{std::chrono::seconds(20)}},
        {"short", transports::Shorten{1}},
        {"lie", transports::Lie{}},
        {"host", transports::HostFails{}},
        {"vanish", transports::Vanish{}},
    };
}

class FaultSweep : public testing::TestWithParam<std::tuple<MediumKind, std::size_t>> {};

std::string case_name(const testing::TestParamInfo<FaultSweep::ParamType>& parameter) {
    std::string name = std::string(facts_of(std::get<0>(parameter.param)).name) + "_" +
                       all_troubles().at(std::get<1>(parameter.param)).name;
    for (char& letter : name) {
        letter = letter == '+' ? 'p' : std::isalnum(letter) != 0 ? letter : '_';
    }
    return name;
}

INSTANTIATE_TEST_SUITE_P(
    Sweep, FaultSweep,
    testing::Combine(testing::Values(MediumKind::CdR, MediumKind::DvdR, MediumKind::DvdPlusR,
                                     MediumKind::DvdPlusRw, MediumKind::BdR, MediumKind::BdRe),
                     testing::Range<std::size_t>(0, all_troubles().size())),
    case_name);

bool lies(const Trouble& trouble) {
    return std::holds_alternative<transports::Lie>(trouble.kind);
}

/// What must hold however a burn ends.
void check(BurnWorld& world, const BurnReport& report, const Trouble& trouble) {
    const bool gone = std::holds_alternative<transports::Vanish>(trouble.kind);
    if (!gone && !lies(trouble)) {
        EXPECT_FALSE(world.fake().view().locked) << "the tray stays locked";
    }
    if (report.outcome == Outcome::Completed) {
        auto bytes = world.on_medium(0, kBlocks);
        bytes.resize(kBytes);
        EXPECT_EQ(bytes, pattern(1, kBytes)) << "said to be done, but not on the disc";
        EXPECT_TRUE(report.as_predicted);
    } else {
        EXPECT_EQ(report.outcome, Outcome::Failed);
        ASSERT_TRUE(report.failure);
        EXPECT_FALSE(report.failure->message().empty());
        EXPECT_EQ(report.failure->message().find('\n'), std::string::npos);
    }
    EXPECT_LT(report.drive_time, std::chrono::hours(30)) << "a wait without a bound";
}

/// Every command with KILN_TEST_LONG, else every seventh, beginning elsewhere for each trouble.
std::uint64_t stride() {
    return std::getenv("KILN_TEST_LONG") != nullptr ? 1 : 7;
}

TEST_P(FaultSweep, EveryCommandMeetsIt) {
    const auto [medium, index] = GetParam();
    const Trouble trouble = all_troubles().at(index);
    for (std::uint64_t n = 1 + index % stride(); n < 500; n += stride()) {
        BurnWorld world(medium);
        world.add_fault(Fault{.first = n, .last = n, .kind = trouble.kind});
        const std::uint64_t before = world.fake().view().commands;
        // Only reading everything back finds a WRITE in the middle that never was.
        const BurnReport report = world.burn(1, kBytes, {.verify = lies(trouble)});
        SCOPED_TRACE("at command " + std::to_string(n) + ": " +
                     (report.failure ? report.failure->message() : "completed"));
        check(world, report, trouble);
        const std::uint64_t sent = world.fake().view().commands - before;
        if (testing::Test::HasFailure() || (report.outcome == Outcome::Completed && sent + 1 < n)) {
            return;  // the burn is shorter than that
        }
    }
    FAIL() << "the burn never ended without meeting the fault";
}

}  // namespace
}  // namespace kiln::harness

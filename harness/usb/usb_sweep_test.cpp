// The fault sweep of the USB transport: every URB of a small burn meets every fault, once each. The
// whole stack, libusb as it is, a usbfs and a drive that are not there; time is virtual. Commands
// are executed, and begun and advanced step by step.

#include <array>
#include <cctype>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "stack/burn.h"
#include "stack/outcome.h"

#include "harness/shim/usb_world.h"
#include "harness/sim/virtual_ports.h"
#include "harness/testing/begun_transport.h"
#include "harness/testing/burn_world.h"
#include "harness/testing/generated_source.h"

namespace kiln::harness {
namespace {

using stack::BurnReport;
using stack::Outcome;
using Kind = UrbFault::Kind;

constexpr std::uint32_t kBlocks = 96;
constexpr std::uint64_t kBytes = std::uint64_t{kBlocks} * 2048;

struct Trouble {
    const char* name;
    Kind kind;
};
constexpr std::array kTroubles{
    Trouble{"Stall", Kind::Stall},
    Trouble{"NoHandshake", Kind::NoHandshake},
    Trouble{"LostAnswer", Kind::LostAnswer},
    Trouble{"TooMuch", Kind::TooMuch},
    Trouble{"Half", Kind::Half},
    Trouble{"Never", Kind::Never},
    Trouble{"Refused", Kind::Refused},
    Trouble{"Vanish", Kind::Vanish},
};

enum class Way : std::uint8_t { Executed, Begun };

/// A burn through all of it, in one thread.
class UsbBurn {
public:
    UsbBurn(const char* medium, Way way, BotDevice::Setup device = {})
        : way_(way), world_({.drive = std::string("sim:") + medium, .device = std::move(device)}) {}

    /// None where the drive cannot even be opened.
    std::optional<BurnReport> run() {
        auto opened = world_.open();
        if (!opened) {
            EXPECT_FALSE(opened.error().detail.empty());
            return std::nullopt;
        }
        transports::UsbTransport& transport = **opened;
        BegunTransport step_by_step(transport, world_.clock);
        FlagWaker waker;
        stack::Drive drive(transport, world_.clock, waker);
        transports::Transport* const used =
            way_ == Way::Begun ? static_cast<transports::Transport*>(&step_by_step) : &transport;
        VirtualPorts ports({.transport = used,
                            .clock = &world_.clock.time(),
                            .waker = &waker,
                            .set_pace = [](Pace) {}});
        GeneratedSource source(1, kBytes);
        stack::CancelSwitch cancel(waker, &source);
        RecordingObserver observer;
        auto report = stack::burn({.drive = drive,
                                   .ports = ports,
                                   .source = source,
                                   .cancel = cancel,
                                   .observer = observer,
                                   .options = {}});
        begun_ = step_by_step.begun();
        return report;
    }
    [[nodiscard]] std::size_t begun() const { return begun_; }

    [[nodiscard]] std::vector<std::uint8_t> on_medium() {
        std::vector<std::uint8_t> bytes(kBytes);
        const auto view = world_.sim->drive().view();
        for (std::uint32_t i = 0; i < kBlocks; ++i) {
            (void)view.store->get(mmc::Lba{static_cast<std::int32_t>(i)},
                                  mmc::MutableByteView(bytes).subspan(std::size_t{i} * 2048, 2048));
        }
        return bytes;
    }
    UsbWorld& world() { return world_; }

private:
    Way way_;
    UsbWorld world_;
    std::size_t begun_ = 0;
};

class UsbSweep : public testing::TestWithParam<std::tuple<const char*, Way, Trouble>> {};

std::string name_of(Way way) {
    return way == Way::Begun ? "Begun" : "Executed";
}

std::string case_name(const testing::TestParamInfo<UsbSweep::ParamType>& parameter) {
    std::string name = std::get<0>(parameter.param);
    for (char& letter : name) {
        letter = letter == '+' ? 'p' : std::isalnum(letter) != 0 ? letter : '_';
    }
    return name + "_" + name_of(std::get<1>(parameter.param)) + "_" +
           std::get<2>(parameter.param).name;
}

INSTANTIATE_TEST_SUITE_P(Sweep, UsbSweep,
                         testing::Combine(testing::Values("bd-r", "dvd+r", "cd-r"),
                                          testing::Values(Way::Executed),
                                          testing::ValuesIn(kTroubles)),
                         case_name);
/// On one medium: the transport does the same with every command.
INSTANTIATE_TEST_SUITE_P(StepByStep, UsbSweep,
                         testing::Combine(testing::Values("bd-r"), testing::Values(Way::Begun),
                                          testing::ValuesIn(kTroubles)),
                         case_name);

/// What must hold however a burn ends.
void check(UsbBurn& burn, const std::optional<BurnReport>& report, Kind kind) {
    const bool gone = kind == Kind::Vanish;
    EXPECT_EQ(burn.world().usbfs.changed_buffers(), 0U);
    EXPECT_EQ(burn.world().usbfs.waiting(), 0U) << "the kernel has a buffer of ours";
    if (!gone) {
        EXPECT_EQ(burn.world().usbfs.driver(), "usb-storage") << "the drive is not given back";
    }
    EXPECT_LT(burn.world().clock.now().time_since_epoch(), std::chrono::hours(30))
        << "a wait without a bound";
    if (!report) {
        return;
    }
    if (report->outcome == Outcome::Completed) {
        EXPECT_TRUE(burn.on_medium() == pattern(1, kBytes))
            << "said to be done, but not on the disc";
        return;
    }
    EXPECT_EQ(report->outcome, Outcome::Failed);
    ASSERT_TRUE(report->failure);
    EXPECT_FALSE(report->failure->message().empty());
    EXPECT_EQ(report->failure->message().find('\n'), std::string::npos);
}

/// Every URB with KILN_TEST_LONG, else one in 61, beginning elsewhere for each trouble.
std::uint64_t stride() {
    return std::getenv("KILN_TEST_LONG") != nullptr ? 1 : 61;
}

TEST_P(UsbSweep, EveryUrbMeetsIt) {
    const auto [medium, way, trouble] = GetParam();
    std::uint64_t urbs = 0;
    {
        UsbBurn burn(medium, way);
        const auto report = burn.run();
        ASSERT_TRUE(report);
        ASSERT_EQ(report->outcome, Outcome::Completed)
            << (report->failure ? report->failure->message() : "");
        check(burn, report, Kind::Stall);
        urbs = burn.world().usbfs.urbs();
        EXPECT_EQ(burn.begun() > 3, way == Way::Begun);
    }
    RecordProperty("urbs", static_cast<int>(urbs));
    const auto first = 1 + static_cast<std::uint64_t>(trouble.kind) * 3 % stride();
    for (std::uint64_t n = first; n <= urbs; n += stride()) {
        UsbBurn burn(medium, way);
        burn.world().usbfs.fail({.urb = n, .kind = trouble.kind});
        const auto report = burn.run();
        SCOPED_TRACE("URB " + std::to_string(n) + " of " + std::to_string(urbs) + ": " +
                     (!report           ? "not opened"
                      : report->failure ? report->failure->message()
                                        : "completed"));
        check(burn, report, trouble.kind);
        if (testing::Test::HasFailure()) {
            return;
        }
    }
}

/// Rules of the transport that the device breaks, at every command that it is sent.
struct BrokenRule {
    const char* name;
    BotFault fault;
};
constexpr std::array kBrokenRules{
    BrokenRule{"StallCommand", {.kind = BotFault::Kind::StallCommand}},
    BrokenRule{"StallData", {.kind = BotFault::Kind::StallData, .value = 512}},
    BrokenRule{"CutData", {.kind = BotFault::Kind::CutData, .value = 6}},
    BrokenRule{"SkipData", {.kind = BotFault::Kind::SkipData}},
    BrokenRule{"TooMuchData", {.kind = BotFault::Kind::TooMuchData}},
    BrokenRule{"StallStatusTwice", {.kind = BotFault::Kind::StallStatus, .value = 2}},
    BrokenRule{"EmptyStatus", {.kind = BotFault::Kind::EmptyStatus}},
    BrokenRule{"ShortStatus", {.kind = BotFault::Kind::ShortStatus, .value = 12}},
    BrokenRule{"NoStatus", {.kind = BotFault::Kind::NoStatus}},
    BrokenRule{"WrongSignature", {.kind = BotFault::Kind::WrongSignature}},
    BrokenRule{"WrongTag", {.kind = BotFault::Kind::WrongTag}},
    BrokenRule{"WrongResidue", {.kind = BotFault::Kind::WrongResidue, .value = 0xFFFFFFFF}},
    BrokenRule{"PhaseError", {.kind = BotFault::Kind::WrongStatus, .value = 2}},
    BrokenRule{"LateStatus",
               {.kind = BotFault::Kind::LateStatus, .delay = std::chrono::seconds(3600)}},
};

/// On one medium the drive itself refuses what comes behind a gap, on the other nobody does.
class UsbRuleSweep : public testing::TestWithParam<std::tuple<const char*, Way, BrokenRule>> {};

std::string rule_name(const testing::TestParamInfo<UsbRuleSweep::ParamType>& parameter) {
    return name_of(std::get<1>(parameter.param)) + "_" + std::get<2>(parameter.param).name;
}
INSTANTIATE_TEST_SUITE_P(Once, UsbRuleSweep,
                         testing::Combine(testing::Values("bd-r"),
                                          testing::Values(Way::Executed, Way::Begun),
                                          testing::ValuesIn(kBrokenRules)),
                         rule_name);
INSTANTIATE_TEST_SUITE_P(Again, UsbRuleSweep,
                         testing::Combine(testing::Values("bd-re"),
                                          testing::Values(Way::Executed, Way::Begun),
                                          testing::Values(kBrokenRules[1], kBrokenRules[3])),
                         rule_name);

TEST_P(UsbRuleSweep, EveryCommandBreaksIt) {
    const auto& [medium, way, rule] = GetParam();
    const std::uint64_t step = std::getenv("KILN_TEST_LONG") != nullptr ? 1 : 11;
    for (std::uint64_t n = 1 + rule.fault.value % step; n < 1000; n += step) {
        BotFault fault = rule.fault;
        fault.command = n;
        UsbBurn burn(medium, way, {.faults = {fault}});
        const auto report = burn.run();
        SCOPED_TRACE("command " + std::to_string(n) + ": " +
                     (!report           ? "not opened"
                      : report->failure ? report->failure->message()
                                        : "completed"));
        check(burn, report, Kind::Stall);
        if (testing::Test::HasFailure() || burn.world().device.commands() < n) {
            return;
        }
    }
    FAIL() << "the burn never ended without meeting the fault";
}

}  // namespace
}  // namespace kiln::harness

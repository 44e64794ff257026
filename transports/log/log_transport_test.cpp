#include "transports/log/log_transport.h"

#include <array>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mmc/hex.h"

#include "harness/sim/virtual_clock.h"
#include "harness/testing/scripted_transport.h"

namespace kiln::transports {
namespace {

using harness::ScriptedTransport;
using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class LogTransportTest : public ::testing::Test {
protected:
    LogTransportTest()
        : transport_(drive_, clock_, [this](std::string_view line) { lines_.emplace_back(line); }) {
        clock_.advance(milliseconds(1500));
    }
    const std::string& run(std::string_view hex, DataPhase data = NoData{}) {
        (void)transport_.execute({.cdb = mmc::Cdb::copy_of(mmc::from_hex(hex)), .data = data});
        return lines_.back();
    }
    void answer_with(const Completion& completion) {
        drive_.answer = [=](const Request&) { return ScriptedTransport::Outcome(completion); };
    }

    harness::VirtualClock clock_;
    ScriptedTransport drive_;
    std::vector<std::string> lines_;
    LogTransport transport_;
    std::array<std::uint8_t, 2048> data_{};
};

TEST_F(LogTransportTest, OneLineHasTimeBytesWordsAndOutcome) {
    Completion completion;
    completion.moved = 2048;
    completion.start = clock_.now();
    completion.end = clock_.now() + std::chrono::microseconds(1234);
    answer_with(completion);
    EXPECT_EQ(run("2a 00 00010000 00 0001 00", DataOut{data_}),
              "1.500000  2a 00 00 01 00 00 00 00 01 00  WRITE (10) lba=65536 n=1  out 2048  GOOD  "
              "moved 2048  1.234 ms");
    EXPECT_EQ(lines_.size(), 1U);
}

TEST_F(LogTransportTest, SenseComesInWords) {
    Completion completion;
    completion.status = Status::CheckCondition;
    completion.sense = mmc::make_sense(mmc::SenseKey::MediumError, 0x0C00);
    answer_with(completion);
    EXPECT_THAT(run("2a 00 00010000 00 0001 00", DataOut{data_}),
                HasSubstr("  CHECK CONDITION " +
                          mmc::describe(mmc::make_sense(mmc::SenseKey::MediumError, 0x0C00)) +
                          "  moved 0  "));
}

TEST_F(LogTransportTest, ErrorsComeWithTheirCodes) {
    drive_.answer = [this](const Request&) -> ScriptedTransport::Outcome {
        clock_.advance(std::chrono::seconds(30));
        return tl::make_unexpected(TransportError{.kind = TransportError::Kind::TimedOut,
                                                  .host_status = 3,
                                                  .driver_status = 6,
                                                  .detail = "SG_IO on /dev/sg0"});
    };
    const std::string& line = run("00 00 00 00 00 00");
    EXPECT_THAT(line, StartsWith("1.500000  00 00 00 00 00 00  TEST UNIT READY"));
    EXPECT_THAT(line, HasSubstr("no data  timed out: SG_IO on /dev/sg0 (host 0003h, driver 0006h)"
                                "  30.0 s"));
}

TEST_F(LogTransportTest, UnknownCommandsAndStatusesAreLoggedToo) {
    Completion completion;
    completion.status = static_cast<Status>(0x3F);
    answer_with(completion);
    EXPECT_THAT(run("d8 01 02 03 04 05", DataIn{data_}),
                HasSubstr("d8 01 02 03 04 05  unknown command  in 2048  status 3fh"));
    EXPECT_THAT(run(""), HasSubstr("unknown command"));
}

TEST_F(LogTransportTest, RecoveryIsLogged) {
    EXPECT_TRUE(transport_.recover(Rung::ResetDevice));
    EXPECT_EQ(lines_.back(), "1.500000  recover: reset device  done  0.000 ms");
    EXPECT_EQ(drive_.rungs, std::vector{Rung::ResetDevice});
}

TEST_F(LogTransportTest, InterruptAndLimitsGoThrough) {
    transport_.interrupt();
    EXPECT_EQ(drive_.interrupts, 1);
    EXPECT_EQ(transport_.limits().max_transfer, drive_.limits().max_transfer);
}

}  // namespace
}  // namespace kiln::transports

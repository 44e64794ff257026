#include "transports/faults/fault_transport.h"

#include <algorithm>
#include <array>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "mmc/hex.h"

#include "transports/os/os_clock.h"

#include "harness/sim/virtual_clock.h"
#include "harness/testing/scripted_transport.h"
#include "harness/testing/stopped_clock.h"

namespace kiln::transports {
namespace {

using harness::ScriptedTransport;
using std::chrono::seconds;
using Pace = FaultTransport::Pace;

mmc::Cdb cdb(std::string_view hex) {
    return mmc::Cdb::copy_of(mmc::from_hex(hex));
}

const mmc::Cdb kWrite = cdb("2a 00 00000000 00 0001 00");
const mmc::Cdb kRead = cdb("28 00 00000000 00 0001 00");

class FaultTransportTest : public ::testing::Test {
protected:
    FaultTransport decorate(std::vector<Fault> faults, Pace pace = Pace::WaitForEnd) {
        return FaultTransport({.below = &drive_, .clock = &clock_, .waker = &waker_, .pace = pace},
                              std::move(faults));
    }
    Request write() { return {.cdb = kWrite, .data = DataOut{data_}, .timeout = seconds(30)}; }
    Request read() { return {.cdb = kRead, .data = DataIn{data_}, .timeout = seconds(30)}; }

    static TransportError::Kind error_of(const Result<Completion, TransportError>& outcome) {
        EXPECT_FALSE(outcome);
        return outcome ? TransportError::Kind::Unsupported : outcome.error().kind;
    }

    std::array<std::uint8_t, 2048> data_{};
    harness::VirtualClock clock_;
    OsWaker waker_;
    ScriptedTransport drive_;
};

TEST_F(FaultTransportTest, OnlyTheNthCommandOfItsKindFails) {
    auto transport =
        decorate({{.operation_code = 0x2A,
                   .first = 2,
                   .last = 2,
                   .kind = FailWith{mmc::make_sense(mmc::SenseKey::MediumError, 0x0C00)}}});
    EXPECT_EQ(transport.execute(write())->status, Status::Good);
    EXPECT_EQ(transport.execute(read())->status, Status::Good);
    const auto second = transport.execute(write());
    ASSERT_TRUE(second);
    EXPECT_EQ(second->status, Status::CheckCondition);
    EXPECT_TRUE(second->sense.is(mmc::SenseKey::MediumError, 0x0C00));
    EXPECT_EQ(second->moved, 0U);
    EXPECT_EQ(transport.execute(write())->status, Status::Good);
    EXPECT_EQ(drive_.cdbs.size(), 3U) << "the drive never hears of the one that failed";
}

TEST_F(FaultTransportTest, FirstOfTwoThatMatchCounts) {
    auto transport = decorate({{.first = 1, .last = 1, .kind = AnswerBusy{}},
                               {.operation_code = 0x2A, .first = 1, .last = 9, .kind = Lie{}}});
    EXPECT_EQ(transport.execute(write())->status, Status::Busy);
    EXPECT_EQ(transport.execute(write())->status, Status::Good);
    EXPECT_TRUE(drive_.cdbs.empty());
}

TEST_F(FaultTransportTest, StallEndsAtTheTimeOutAndNeverReachesTheDrive) {
    auto transport = decorate({{.kind = Stall{}}});
    EXPECT_EQ(error_of(transport.execute(write())), TransportError::Kind::TimedOut);
    EXPECT_EQ(clock_.now(), Instant(seconds(30)));
    EXPECT_TRUE(drive_.cdbs.empty());
}

TEST_F(FaultTransportTest, LostAnswerReachesTheDrive) {
    auto transport = decorate({{.kind = LoseAnswer{}}});
    EXPECT_EQ(error_of(transport.execute(write())), TransportError::Kind::TimedOut);
    EXPECT_EQ(drive_.cdbs.size(), 1U);
}

TEST_F(FaultTransportTest, WhereTheCallerKeepsTimeNothingIsWaitedFor) {
    auto transport = decorate({{.operation_code = 0x2A, .kind = Stall{}},
                               {.operation_code = 0x28, .kind = Delay{seconds(3)}}},
                              Pace::LeaveClock);
    EXPECT_EQ(error_of(transport.execute(write())), TransportError::Kind::TimedOut);
    const auto late = transport.execute(read());
    ASSERT_TRUE(late);
    EXPECT_EQ(late->end - late->start, seconds(3));
    EXPECT_EQ(clock_.now(), Instant{});
}

TEST_F(FaultTransportTest, DelayPasses) {
    auto transport = decorate({{.kind = Delay{seconds(3)}}});
    const auto late = transport.execute(read());
    ASSERT_TRUE(late);
    EXPECT_EQ(late->end - late->start, seconds(3));
    EXPECT_EQ(clock_.now(), Instant(seconds(3)));
}

TEST_F(FaultTransportTest, DelayPastTheTimeOutIsATimeOut) {
    auto transport = decorate({{.kind = Delay{seconds(31)}}});
    EXPECT_EQ(error_of(transport.execute(read())), TransportError::Kind::TimedOut);
    EXPECT_EQ(clock_.now(), Instant(seconds(30)));
}

TEST_F(FaultTransportTest, ShortenedDataAreNotThere) {
    drive_.answer = [](const Request& request) {
        std::ranges::fill(std::get<DataIn>(request.data).buffer, std::uint8_t{0xEE});
        return ScriptedTransport::good(request);
    };
    auto transport = decorate({{.kind = Shorten{100}}});
    const auto outcome = transport.execute(read());
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->moved, 100U);
    EXPECT_EQ(data_[99], 0xEE);
    EXPECT_EQ(data_[100], 0x00);
}

TEST_F(FaultTransportTest, ALieIsGoodAndDoesNothing) {
    auto transport = decorate({{.kind = Lie{}}});
    const auto outcome = transport.execute(write());
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->status, Status::Good);
    EXPECT_EQ(outcome->moved, 2048U);
    EXPECT_TRUE(drive_.cdbs.empty());
}

TEST_F(FaultTransportTest, HostFailsOnce) {
    auto transport = decorate({{.kind = HostFails{}}});
    EXPECT_EQ(error_of(transport.execute(write())), TransportError::Kind::HostFailure);
    EXPECT_EQ(drive_.cdbs.size(), 1U);
    EXPECT_TRUE(transport.execute(write()));
}

TEST_F(FaultTransportTest, AVanishedDriveStaysAway) {
    auto transport = decorate({{.operation_code = 0x2A, .kind = Vanish{}}});
    EXPECT_TRUE(transport.execute(read()));
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(error_of(transport.execute(write())), TransportError::Kind::Gone);
        EXPECT_EQ(error_of(transport.execute(read())), TransportError::Kind::Gone);
    }
    EXPECT_EQ(transport.recover(Rung::ResetDevice).error().kind, TransportError::Kind::Gone);
    EXPECT_EQ(drive_.cdbs.size(), 1U);
}

TEST_F(FaultTransportTest, ErrorsOfTheDriveBelowStay) {
    drive_.answer = [](const Request&) -> ScriptedTransport::Outcome {
        return tl::make_unexpected(
            TransportError{.kind = TransportError::Kind::NotPermitted, .detail = {}});
    };
    auto transport = decorate({{.first = 1, .last = 1, .kind = HostFails{}},
                               {.first = 2, .last = 2, .kind = Shorten{1}},
                               {.first = 3, .last = 3, .kind = Delay{seconds(1)}},
                               {.first = 4, .last = 4, .kind = LoseAnswer{}}});
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(error_of(transport.execute(write())), TransportError::Kind::NotPermitted) << i;
    }
}

TEST_F(FaultTransportTest, InterruptEndsAStall) {
    harness::StoppedClock stopped;
    FaultTransport transport({.below = &drive_, .clock = &stopped, .waker = &waker_},
                             {{.kind = Stall{}}});
    transport.interrupt();  // between commands: not remembered
    std::atomic<bool> done{false};
    std::thread other([&] {
        while (!done) {  // the command may not be under way yet
            transport.interrupt();
            std::this_thread::yield();
        }
    });
    EXPECT_EQ(error_of(transport.execute(write())), TransportError::Kind::Interrupted);
    done = true;
    other.join();
    EXPECT_TRUE(transport.execute(write()));
}

TEST_F(FaultTransportTest, RecoverAndLimitsAreTheDrives) {
    auto transport = decorate({});
    EXPECT_TRUE(transport.recover(Rung::ClearHalt));
    EXPECT_EQ(drive_.rungs, std::vector{Rung::ClearHalt});
    EXPECT_EQ(transport.limits().max_transfer, drive_.limits().max_transfer);
}

}  // namespace
}  // namespace kiln::transports

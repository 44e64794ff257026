#include "transports/sg_io/sg_transport.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include <scsi/sg.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mmc/hex.h"

#include "transports/os/os_clock.h"

#include "harness/shim/shim_test_drive.h"
#include "harness/testing/stopped_clock.h"

namespace kiln::transports {
namespace {

using harness::ScriptedTransport;
using std::chrono::seconds;
using ::testing::HasSubstr;
using Kind = TransportError::Kind;

mmc::Cdb cdb(std::string_view hex) {
    return mmc::Cdb::copy_of(mmc::from_hex(hex));
}

const mmc::Cdb kWrite = cdb("2a 00 00010000 00 0001 00");
const mmc::Cdb kRead = cdb("28 00 00010000 00 0001 00");
const mmc::Cdb kTestUnitReady = cdb("00 00 00 00 00 00");

class SgTransportTest : public ::testing::Test {
protected:
    SgTransportTest() {
        auto opened = SgTransport::open("/dev/sr0", clock_);
        EXPECT_TRUE(opened);
        transport_ = *std::move(opened);
    }
    ~SgTransportTest() override {
        gate_.open();
        transport_.reset();
        while (stuck_ != 0) {  // what was left behind still uses this object
            std::this_thread::yield();
        }
    }

    Kind error_of(const Request& request) {
        const auto outcome = transport_->execute(request);
        EXPECT_FALSE(outcome);
        return outcome ? Kind::Unsupported : outcome.error().kind;
    }
    /// Every command stays in the kernel until the gate opens; then `drive` has it.
    void hold_commands() {
        test_.on_ioctl = [this](unsigned long request, void* argument) {
            if (request == SG_IO) {
                ++stuck_;
                gate_.pass();
                const int result = test_.node_ioctl(request, argument);
                --stuck_;
                return result;
            }
            return test_.node_ioctl(request, argument);
        };
    }
    /// Moves the clock once the command hangs.
    std::thread expire_after(Duration time) {
        return std::thread([this, time] {
            gate_.wait_for_arrivals(1);
            clock_.advance(time);
        });
    }
    /// The kernel gave the command back.
    void let_through() {
        gate_.open();
        while (stuck_ != 0) {
            std::this_thread::yield();
        }
    }

    harness::ShimTestDrive test_;
    harness::StoppedClock clock_;
    harness::Gate gate_;
    std::atomic<int> stuck_{0};
    std::unique_ptr<SgTransport> transport_;
    std::array<std::uint8_t, 2048> data_{};
};

TEST_F(SgTransportTest, DataOutArrivesAsItIs) {
    std::ranges::fill(data_, std::uint8_t{0xA5});
    std::vector<std::uint8_t> arrived;
    test_.drive.answer = [&](const Request& request) {
        const auto buffer = std::get<DataOut>(request.data).buffer;
        arrived.assign(buffer.begin(), buffer.end());
        return ScriptedTransport::good(request);
    };
    const auto outcome =
        transport_->execute({.cdb = kWrite, .data = DataOut{data_}, .timeout = seconds(30)});
    ASSERT_TRUE(outcome) << outcome.error().detail;
    EXPECT_EQ(outcome->status, Status::Good);
    EXPECT_EQ(outcome->moved, 2048U);
    EXPECT_EQ(arrived, std::vector<std::uint8_t>(2048, 0xA5));
    EXPECT_EQ(test_.drive.cdbs.back(), kWrite);
    EXPECT_EQ(test_.drive.last_timeout, seconds(30));
    EXPECT_EQ(test_.node.changed_buffers(), 0U);
}

TEST_F(SgTransportTest, DataInOfAnyBufferArriveAsFarAsTheyMoved) {
    test_.drive.answer = [](const Request& request) {
        std::ranges::fill(std::get<DataIn>(request.data).buffer, std::uint8_t{0x5A});
        Completion completion;
        completion.moved = 100;
        return ScriptedTransport::Outcome(completion);
    };
    const auto outcome = transport_->execute({.cdb = kRead, .data = DataIn{data_}});
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->moved, 100U);
    EXPECT_EQ(data_[99], 0x5A);
    EXPECT_EQ(data_[100], 0x00);
}

TEST_F(SgTransportTest, BuffersOfItsOwnGoToTheKernelUncopied) {
    const Buffers buffers = transport_->make_buffers(2, 65536);
    EXPECT_EQ(buffers.count(), 2U);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffers[0].data()) % 4096, 0U);
    std::vector<void*> seen;
    test_.on_ioctl = [&](unsigned long request, void* argument) {
        if (request == SG_IO) {
            seen.push_back(static_cast<sg_io_hdr*>(argument)->dxferp);
        }
        return test_.node_ioctl(request, argument);
    };
    const auto part = buffers[1].subspan(2048, 2048);
    EXPECT_TRUE(transport_->execute({.cdb = kWrite, .data = DataOut{part}}));
    EXPECT_TRUE(transport_->execute({.cdb = kRead, .data = DataIn{part}}));
    EXPECT_TRUE(transport_->execute({.cdb = kRead, .data = DataIn{data_}}));
    ASSERT_EQ(seen.size(), 3U);
    EXPECT_EQ(seen[0], part.data());
    EXPECT_EQ(seen[1], part.data());
    EXPECT_NE(seen[2], data_.data()) << "a stranger's buffer may go away";
}

TEST_F(SgTransportTest, SenseArrives) {
    test_.drive.answer = [](const Request&) {
        Completion completion;
        completion.status = Status::CheckCondition;
        completion.sense = mmc::make_sense(mmc::SenseKey::NotReady, 0x0408, std::nullopt, 0x8000);
        return ScriptedTransport::Outcome(completion);
    };
    const auto outcome = transport_->execute({.cdb = kWrite, .data = DataOut{data_}});
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->status, Status::CheckCondition);
    EXPECT_TRUE(outcome->sense.is(mmc::SenseKey::NotReady, 0x0408));
    EXPECT_EQ(outcome->sense.progress, 0x8000);
    EXPECT_EQ(outcome->moved, 0U);
}

TEST_F(SgTransportTest, TheKernelsTimeOutIsTimedOut) {
    test_.drive.answer = [](const Request&) -> ScriptedTransport::Outcome {
        return tl::make_unexpected(TransportError{.kind = Kind::TimedOut, .detail = {}});
    };
    const auto outcome = transport_->execute({.cdb = kTestUnitReady, .data = NoData{}});
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, Kind::TimedOut);
    EXPECT_EQ(outcome.error().host_status, 3U);
    EXPECT_EQ(outcome.error().driver_status, 6U);
}

TEST_F(SgTransportTest, ErrnoOfTheIoctlIsTold) {
    for (const auto& [os_code, kind] :
         std::vector<std::pair<int, Kind>>{{ENODEV, Kind::Gone},
                                           {EPERM, Kind::NotPermitted},
                                           {EBUSY, Kind::InUse},
                                           {EACCES, Kind::NotPermitted},
                                           {ENOMEM, Kind::TooLarge}}) {
        test_.drive.answer = [code = os_code](const Request&) -> ScriptedTransport::Outcome {
            return tl::make_unexpected(TransportError{.os_code = code, .detail = {}});
        };
        const auto outcome = transport_->execute({.cdb = kTestUnitReady, .data = NoData{}});
        ASSERT_FALSE(outcome) << os_code;
        EXPECT_EQ(outcome.error().kind, kind) << os_code;
        EXPECT_EQ(outcome.error().os_code, os_code);
    }
}

TEST_F(SgTransportTest, MoreThanTheLimitIsNeverSent) {
    const std::size_t before = test_.drive.cdbs.size();
    std::vector<std::uint8_t> data(transport_->limits().max_transfer + 1);
    EXPECT_EQ(error_of({.cdb = kWrite, .data = DataOut{data}}), Kind::TooLarge);
    EXPECT_EQ(test_.drive.cdbs.size(), before);
}

TEST_F(SgTransportTest, NeverResetHasNoTimeOutInTheKernelButOneHere) {
    hold_commands();
    std::thread time = expire_after(seconds(11));
    const auto outcome = transport_->execute({.cdb = cdb("35 00 00000000 00 0000 00"),
                                              .data = NoData{},
                                              .timeout = seconds(10),
                                              .guard = Guard::NeverReset});
    time.join();
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, Kind::TimedOut);
    EXPECT_THAT(outcome.error().detail, HasSubstr("no answer from /dev/sg0 for 11.0 s"));
    let_through();
    EXPECT_GE(test_.drive.last_timeout, std::chrono::hours(24));
}

TEST_F(SgTransportTest, ACommandThatNeverReturnsIsLeftBehindAndTheDriveInUseUntilItDoes) {
    hold_commands();
    std::thread time = expire_after(seconds(91));  // 30 s, and 60 s for the kernel's recovery
    EXPECT_EQ(error_of({.cdb = kWrite, .data = DataOut{data_}, .timeout = seconds(30)}),
              Kind::TimedOut);
    time.join();
    const auto refused = transport_->execute({.cdb = kTestUnitReady, .data = NoData{}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Kind::InUse);
    EXPECT_THAT(refused.error().detail, HasSubstr("/dev/sg0 still holds WRITE (10) lba=65536"));
    let_through();
    // The thread may need a moment from the end of the ioctl to being idle.
    auto outcome = transport_->execute({.cdb = kTestUnitReady, .data = NoData{}});
    while (!outcome && outcome.error().kind == Kind::InUse) {
        std::this_thread::yield();
        outcome = transport_->execute({.cdb = kTestUnitReady, .data = NoData{}});
    }
    ASSERT_TRUE(outcome) << outcome.error().detail;
    EXPECT_EQ(test_.drive.cdbs.back(), kTestUnitReady);
}

TEST_F(SgTransportTest, WhatIsLeftBehindKeepsItsMemoryAndTheClaim) {
    hold_commands();
    auto data = std::make_unique<std::array<std::uint8_t, 2048>>();
    Buffers buffers = transport_->make_buffers(1, 2048);
    std::thread time = expire_after(seconds(91));
    EXPECT_EQ(error_of({.cdb = kRead, .data = DataIn{*data}}), Kind::TimedOut);
    time.join();
    data.reset();
    buffers = Buffers();
    transport_.reset();
    EXPECT_EQ(test_.shim.open_descriptors("/dev/sr0"), 1U);
    test_.drive.answer = [](const Request& request) {
        std::ranges::fill(std::get<DataIn>(request.data).buffer, std::uint8_t{0xEE});
        return ScriptedTransport::good(request);
    };
    let_through();  // into memory that nobody else has
    while (test_.shim.open_descriptors("/dev/sr0") != 0) {
        std::this_thread::yield();
    }
}

TEST_F(SgTransportTest, InterruptLeavesTheCommandBehindAtOnce) {
    hold_commands();
    EXPECT_TRUE(transport_->limits().can_interrupt);
    std::thread other([this] {
        gate_.wait_for_arrivals(1);
        transport_->interrupt();
    });
    EXPECT_EQ(error_of({.cdb = kWrite, .data = DataOut{data_}}), Kind::Interrupted);
    other.join();
    EXPECT_EQ(clock_.now(), Instant{});
}

SgTransport* signalled = nullptr;

TEST_F(SgTransportTest, ASignalHandlerMayInterrupt) {
    hold_commands();
    signalled = transport_.get();
    const auto before = std::signal(SIGUSR1, [](int) { signalled->interrupt(); });
    std::thread other([this, waiting = ::pthread_self()] {
        gate_.wait_for_arrivals(1);
        ::pthread_kill(waiting, SIGUSR1);
    });
    EXPECT_EQ(error_of({.cdb = kWrite, .data = DataOut{data_}}), Kind::Interrupted);
    other.join();
    std::signal(SIGUSR1, before);
}

TEST_F(SgTransportTest, InterruptBetweenCommandsIsNotRemembered) {
    transport_->interrupt();
    EXPECT_TRUE(transport_->execute({.cdb = kTestUnitReady, .data = NoData{}}));
}

TEST_F(SgTransportTest, RecoverResetsAlsoWhileACommandHangs) {
    hold_commands();
    std::vector<int> resets;
    const auto held = test_.on_ioctl;
    test_.on_ioctl = [&](unsigned long request, void* argument) {
        if (request == SG_SCSI_RESET) {
            resets.push_back(*static_cast<int*>(argument));
            gate_.open();  // a reset gives the command back
        }
        return held(request, argument);
    };
    std::thread time = expire_after(seconds(91));
    EXPECT_EQ(error_of({.cdb = kWrite, .data = DataOut{data_}}), Kind::TimedOut);
    time.join();
    EXPECT_TRUE(transport_->recover(Rung::ResetTransport));
    EXPECT_TRUE(transport_->recover(Rung::ResetDevice));
    EXPECT_EQ(resets, (std::vector<int>{SG_SCSI_RESET_DEVICE | kResetWithoutEscalation,
                                        SG_SCSI_RESET_BUS | kResetWithoutEscalation}));
    EXPECT_EQ(test_.drive.rungs, (std::vector{Rung::ResetTransport, Rung::ResetDevice}));
    let_through();
}

TEST_F(SgTransportTest, RecoverErrorsAreTold) {
    EXPECT_EQ(transport_->recover(Rung::ClearHalt).error().kind, Kind::Unsupported);
    for (const auto& [os_code, kind] : std::vector<std::pair<int, Kind>>{
             {EACCES, Kind::NotPermitted}, {ENODEV, Kind::Gone}, {ENOTTY, Kind::Unsupported}}) {
        test_.drive.on_recover = [code = os_code]() -> Result<void, TransportError> {
            return tl::make_unexpected(TransportError{.os_code = code, .detail = {}});
        };
        const auto outcome = transport_->recover(Rung::ResetDevice);
        ASSERT_FALSE(outcome);
        EXPECT_EQ(outcome.error().kind, kind);
    }
}

TEST_F(SgTransportTest, ManyCommandsInARow) {
    for (int i = 0; i < 2000; ++i) {
        ASSERT_TRUE(transport_->execute({.cdb = kWrite, .data = DataOut{data_}})) << i;
    }
    EXPECT_EQ(test_.drive.cdbs.size(), 2000U);
}

}  // namespace
}  // namespace kiln::transports

#include "harness/sim/sim_transport.h"

#include <array>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "mmc/hex.h"

#include "transports/os/os_clock.h"

#include "harness/sim/fake_drive.h"
#include "harness/sim/media/medium.h"
#include "harness/sim/medium_store.h"
#include "harness/sim/virtual_clock.h"

namespace kiln::harness {
namespace {

using namespace std::chrono_literals;
using transports::DataIn;
using transports::DataOut;
using transports::Request;
using transports::Status;
using transports::TransportError;

constexpr const char* kDrive = "plextor-px-w4824a";

Request command(const char* cdb, transports::DataPhase data = transports::NoData{},
                Duration timeout = 30s) {
    return {.cdb = mmc::Cdb::copy_of(mmc::from_hex(cdb)), .data = data, .timeout = timeout};
}

constexpr const char* kTestUnitReady = "00 00 00 00 00 00";
// BLANK, all, IMMED not set: the drive is at it for 515 s.
constexpr const char* kBlank = "a1 00 00 00 00 00 00 00 00 00 00 00";

class Transport : public testing::Test {
protected:
    Transport() : Transport(std::make_unique<VirtualClock>()) {}
    explicit Transport(std::unique_ptr<transports::Clock> clock)
        : clock_(std::move(clock)),
          personality_(std::make_shared<const Personality>(*find_personality(kDrive))),
          drive_(personality_) {
        drive_.insert_ready(fresh_medium(MediumKind::CdRw), make_memory_store(), clock_->now());
    }
    SimTransport make(Pace pace, CommandJournal* journal = nullptr) {
        return SimTransport(
            {.drive = &drive_, .clock = clock_.get(), .journal = journal, .pace = pace},
            personality_->link);
    }
    void write_something() {
        SimTransport transport = make(Pace::WaitForEnd);
        ASSERT_TRUE(transport.execute(command(kTestUnitReady)).has_value());
    }

    std::unique_ptr<transports::Clock> clock_;
    std::shared_ptr<const Personality> personality_;
    FakeDrive drive_;
};

TEST_F(Transport, WaitsForTheEndOrLeavesTheClock) {
    SimTransport waiting = make(Pace::WaitForEnd);
    const auto first = waiting.execute(command(kTestUnitReady));
    ASSERT_TRUE(first.has_value()) << first.error().detail;
    EXPECT_EQ(first->status, Status::Good);
    EXPECT_EQ(first->end - first->start, personality_->link.command_overhead);
    EXPECT_EQ(clock_->now(), first->end);

    waiting.set_pace(Pace::LeaveClock);
    const auto second = waiting.execute(command(kTestUnitReady));
    ASSERT_TRUE(second.has_value());
    EXPECT_EQ(second->start, first->end);
    EXPECT_EQ(clock_->now(), first->end);
    EXPECT_GT(second->end, first->end);
}

TEST_F(Transport, TakesTheTimeOfTheLinkForData) {
    SimTransport transport = make(Pace::WaitForEnd);
    std::array<std::uint8_t, 96> inquiry{};
    const auto done = transport.execute(command("12 00 00 00 24 00", DataIn{inquiry}));
    ASSERT_TRUE(done.has_value()) << done.error().detail;
    EXPECT_EQ(done->moved, 36U);
    EXPECT_EQ(std::string(inquiry.begin() + 8, inquiry.begin() + 15), "PLEXTOR");
    EXPECT_EQ(done->end - done->start,
              personality_->link.command_overhead +
                  Duration(36 * 1'000'000'000LL /
                           static_cast<long long>(personality_->link.bytes_per_second)));
}

TEST_F(Transport, GivesSense) {
    SimTransport transport = make(Pace::WaitForEnd);
    const auto done = transport.execute(command("ff 00 00 00 00 00 00 00 00 00"));
    ASSERT_TRUE(done.has_value());
    EXPECT_EQ(done->status, Status::CheckCondition);
    EXPECT_TRUE(done->sense.is(mmc::SenseKey::IllegalRequest, 0x2000));
}

TEST_F(Transport, LosesSenseBehindABridgeThatDoes) {
    Link link = personality_->link;
    link.swallows_sense = true;
    SimTransport transport({.drive = &drive_, .clock = clock_.get()}, link);
    const auto done = transport.execute(command("ff 00 00 00 00 00 00 00 00 00"));
    ASSERT_TRUE(done.has_value());
    EXPECT_EQ(done->status, Status::CheckCondition);
    EXPECT_EQ(done->sense, mmc::Sense{});
}

TEST_F(Transport, GivesUpAtTheTimeOutAndTheDriveGoesOn) {
    SimTransport transport = make(Pace::WaitForEnd);
    const Instant start = clock_->now();
    const auto blank = transport.execute(command(kBlank, transports::NoData{}, 10s));
    ASSERT_FALSE(blank.has_value());
    EXPECT_EQ(blank.error().kind, TransportError::Kind::TimedOut);
    EXPECT_EQ(blank.error().detail,
              "no answer within 10.000 s: a1 00 00 00 00 00 00 00 00 00 00 00");
    EXPECT_EQ(clock_->now(), start + 10s);
    EXPECT_GE(transport.busy_until(), start + 500s);

    const auto again = transport.execute(command(kTestUnitReady, transports::NoData{}, 10s));
    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(again.error().kind, TransportError::Kind::TimedOut);
    EXPECT_EQ(clock_->now(), start + 20s);

    const auto after = transport.execute(command(kTestUnitReady, transports::NoData{}, 3600s));
    ASSERT_TRUE(after.has_value());
    EXPECT_GE(clock_->now(), start + 500s);
}

TEST_F(Transport, ListensAgainAfterAReset) {
    SimTransport transport = make(Pace::WaitForEnd);
    ASSERT_FALSE(transport.execute(command(kBlank, transports::NoData{}, 10s)).has_value());
    const Instant now = clock_->now();
    ASSERT_TRUE(transport.recover(transports::Rung::ResetDevice).has_value());
    EXPECT_TRUE(transport.execute(command(kTestUnitReady)).has_value());
    EXPECT_LT(clock_->now(), now + 1s);
}

TEST_F(Transport, WaitsForEverWithoutRunningOver) {
    SimTransport transport = make(Pace::WaitForEnd);
    EXPECT_TRUE(transport.execute(command(kTestUnitReady, transports::NoData{}, Duration::max()))
                    .has_value());
}

TEST_F(Transport, RefusesMoreThanTheLinkCarries) {
    SimTransport transport = make(Pace::WaitForEnd);
    std::vector<std::uint8_t> much(personality_->link.max_transfer + 1);
    const auto done = transport.execute(command("28 00 00 00 00 00 00 00 41 00", DataIn{much}));
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().kind, TransportError::Kind::TooLarge);
    EXPECT_EQ(transport.limits().max_transfer, personality_->link.max_transfer);
}

TEST_F(Transport, IsGoneWhenUnplugged) {
    SimTransport transport = make(Pace::WaitForEnd);
    transport.unplug();
    EXPECT_EQ(transport.execute(command(kTestUnitReady)).error().kind, TransportError::Kind::Gone);
    EXPECT_EQ(transport.recover(transports::Rung::ResetDevice).error().kind,
              TransportError::Kind::Gone);
}

TEST_F(Transport, DoesNotRememberAnInterruptOfNothing) {
    SimTransport transport = make(Pace::WaitForEnd);
    transport.interrupt();
    EXPECT_TRUE(transport.execute(command(kTestUnitReady)).has_value());
}

TEST_F(Transport, SaysWhenBothWantToSend) {
    SimTransport transport = make(Pace::WaitForEnd);
    const std::vector<std::uint8_t> bytes(36);
    const auto done = transport.execute(command("12 00 00 00 24 00", DataOut{bytes}));
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().kind, TransportError::Kind::Protocol);
}

class RealTransport : public Transport {
protected:
    RealTransport() : Transport(std::make_unique<transports::OsClock>()) {}
};

TEST_F(RealTransport, IsInterruptedFromAnotherThread) {
    SimTransport transport = make(Pace::WaitForEnd);
    std::atomic<bool> ended{false};
    std::thread other([&] {
        while (!ended) {
            transport.interrupt();
            std::this_thread::yield();
        }
    });
    const auto blank = transport.execute(command(kBlank, transports::NoData{}, 600s));
    ended = true;
    other.join();
    ASSERT_FALSE(blank.has_value());
    EXPECT_EQ(blank.error().kind, TransportError::Kind::Interrupted);
    EXPECT_GT(transport.busy_until(), clock_->now() + 400s);
}

class Notebook final : public CommandJournal {
public:
    transports::Result<void, TransportError> record(mmc::ByteView cdb, mmc::ByteView sent,
                                                    std::size_t received, Instant /*start*/,
                                                    Instant /*end*/) override {
        lines.push_back(mmc::to_hex(cdb.first(1)) + " " + std::to_string(sent.size()) + " " +
                        std::to_string(received));
        if (full) {
            return tl::make_unexpected(TransportError{.detail = "the disk is full"});
        }
        return {};
    }
    std::vector<std::string> lines;
    bool full = false;
};

TEST_F(Transport, TellsItsJournalOfEachCommand) {
    Notebook notebook;
    SimTransport transport = make(Pace::WaitForEnd, &notebook);
    std::array<std::uint8_t, 36> inquiry{};
    ASSERT_TRUE(transport.execute(command(kTestUnitReady)).has_value());
    ASSERT_TRUE(transport.execute(command("12 00 00 00 24 00", DataIn{inquiry})).has_value());
    EXPECT_EQ(notebook.lines, (std::vector<std::string>{"00 0 0", "12 0 36"}));
    notebook.full = true;
    const auto done = transport.execute(command(kTestUnitReady));
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().detail, "the disk is full");
}

}  // namespace
}  // namespace kiln::harness

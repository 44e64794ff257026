// Burns on real threads: the ports of SG_IO and time=real, over a simulated drive whose clock runs
// thousands of times faster than the machine's.

#include "stack/threaded_ports.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <variant>

#include <gtest/gtest.h>

#include "mmc/hex.h"

#include "transports/os/os_clock.h"
#include "transports/source.h"

#include "stack/burn.h"
#include "stack/drive.h"
#include "stack/outcome.h"

#include "harness/sim/fake_drive.h"
#include "harness/sim/medium_kind.h"
#include "harness/sim/medium_store.h"
#include "harness/sim/personality.h"
#include "harness/sim/sim_transport.h"
#include "harness/sim/virtual_clock.h"
#include "harness/testing/generated_source.h"

namespace kiln::harness {
namespace {

using stack::BurnOptions;
using stack::BurnReport;
using stack::CancelPolicy;
using stack::Outcome;
using stack::Verified;

constexpr double kFactor = 3000;

/// Takes commands that are begun, and says of every third one that it blocks. Waits on a waker of
/// its own, as a transport does that waits for a device.
class PolledTransport final : public transports::Transport {
public:
    using Outcome = transports::Result<transports::Completion, transports::TransportError>;

    /// `below` leaves the clock alone: a command's end is in its completion.
    PolledTransport(transports::Transport& below, transports::Clock& clock)
        : below_(&below), clock_(&clock) {}
    PolledTransport(const PolledTransport&) = delete;
    PolledTransport& operator=(const PolledTransport&) = delete;
    ~PolledTransport() override { EXPECT_FALSE(out_) << "a command was begun and not completed"; }

    Outcome execute(const transports::Request& request) override {
        executed_by_.insert(std::this_thread::get_id());
        (void)send(request);
        return complete();
    }
    [[nodiscard]] bool begin(const transports::Request& request) override {
        ++begun_;
        out_ = true;
        return send(request);
    }
    [[nodiscard]] transports::Advance advance(transports::Instant until) override {
        if (begun_ % 3 == 0) {
            ++blocked_;
            return transports::Advance::Blocks;
        }
        if (interrupted_ || clock_->now() >= end_) {
            return transports::Advance::Ended;
        }
        (void)clock_->wait_until(std::min(until, end_), waker_);
        return interrupted_ || clock_->now() >= end_ ? transports::Advance::Ended
                                                     : transports::Advance::UnderWay;
    }
    [[nodiscard]] Outcome complete() override {
        while (!interrupted_ && clock_->now() < end_) {
            (void)clock_->wait_until(end_, waker_);
        }
        out_ = false;
        if (interrupted_ && clock_->now() < end_) {
            return tl::make_unexpected(transports::TransportError{
                .kind = transports::TransportError::Kind::Interrupted, .detail = "interrupted"});
        }
        return outcome_;
    }
    [[nodiscard]] transports::Waker* waker() noexcept override { return &waker_; }
    void interrupt() noexcept override {
        interrupted_ = true;
        waker_.wake();
    }
    transports::Result<void, transports::TransportError> recover(transports::Rung rung) override {
        (void)clock_->wait_until(end_, waker_);
        return below_->recover(rung);
    }
    [[nodiscard]] transports::Limits limits() const override { return below_->limits(); }

    /// Every command takes so much longer.
    void delay(transports::Duration by) { delay_ = by; }
    [[nodiscard]] unsigned begun() const { return begun_; }
    [[nodiscard]] unsigned blocked() const { return blocked_; }
    /// Threads that were blocked in execute().
    [[nodiscard]] const std::set<std::thread::id>& executed_by() const { return executed_by_; }

private:
    bool send(const transports::Request& request) {
        interrupted_ = false;
        start_ = clock_->now();
        outcome_ = below_->execute(request);
        end_ = (outcome_ ? outcome_->end : start_ + request.timeout) + delay_;
        return true;
    }

    transports::Transport* below_;
    transports::Clock* clock_;
    transports::OsWaker waker_;
    Outcome outcome_{transports::Completion{}};
    transports::Instant start_{};
    transports::Instant end_{};
    transports::Duration delay_{};
    std::atomic<bool> interrupted_{false};
    bool out_ = false;
    std::atomic<unsigned> begun_{0};
    unsigned blocked_ = 0;
    std::set<std::thread::id> executed_by_;
};

enum class Way : std::uint8_t { Executed, Begun };

class ThreadedWorld {
public:
    explicit ThreadedWorld(MediumKind kind, Way way = Way::Executed)
        : way_(way),
          personality_(std::make_shared<const Personality>(default_personality(kind).value())),
          drive_(personality_),
          transport_({.drive = &drive_,
                      .clock = &clock_,
                      .pace = way == Way::Begun ? Pace::LeaveClock : Pace::WaitForEnd},
                     personality_->link) {
        drive_.insert_ready(fresh_medium(kind), make_memory_store(), clock_.now());
    }

    template <typename During>
    BurnReport burn(transports::Source& source, const BurnOptions& options, const During& during) {
        stack::Drive host(top_, clock_, waker_);
        stack::CancelSwitch cancel(waker_, &source);
        std::thread other([&] { during(cancel); });
        const BurnReport report = stack::burn({.drive = host,
                                               .ports = ports_,
                                               .source = source,
                                               .cancel = cancel,
                                               .observer = quiet_,
                                               .options = options});
        other.join();
        return report;
    }

    FakeDrive& fake() { return drive_; }
    PolledTransport& polled() { return polled_; }
    stack::ThreadedPorts& ports() { return ports_; }
    void wake() { waker_.wake(); }
    [[nodiscard]] transports::Instant now() const { return clock_.now(); }

private:
    Way way_;
    transports::OsClock os_clock_;
    ScaledClock clock_{os_clock_, kFactor};
    transports::OsWaker waker_;
    std::shared_ptr<const Personality> personality_;
    FakeDrive drive_;
    SimTransport transport_;
    PolledTransport polled_{transport_, clock_};
    transports::Transport& top_{way_ == Way::Begun ? static_cast<transports::Transport&>(polled_)
                                                   : transport_};
    stack::ThreadedPorts ports_{top_, clock_, waker_, {}};
    stack::BurnObserver quiet_;
};

/// Gives nothing, until it is interrupted.
class BlockedSource final : public transports::Source {
public:
    transports::Result<std::size_t, transports::SourceError> read(
        mmc::MutableByteView /*buffer*/) override {
        std::unique_lock lock(mutex_);
        reached_ = true;
        changed_.notify_all();
        changed_.wait(lock, [this] { return interrupted_; });
        return tl::make_unexpected(
            transports::SourceError{.interrupted = true, .detail = "interrupted"});
    }
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return std::nullopt; }
    void interrupt() noexcept override {
        const std::lock_guard lock(mutex_);
        interrupted_ = true;
        changed_.notify_all();
    }
    void wait_until_reached() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return reached_; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool interrupted_ = false;
    bool reached_ = false;
};

TEST(ThreadedPorts, ABurnIsVerified) {
    ThreadedWorld world(MediumKind::BdR);
    GeneratedSource source(1, 3'000'017);
    const BurnReport report = world.burn(source, {.verify = true}, [](auto& /*cancel*/) {});
    ASSERT_EQ(report.outcome, Outcome::Completed)
        << (report.failure ? report.failure->message() : "");
    EXPECT_EQ(report.verified, Verified::Yes);
    EXPECT_FALSE(world.fake().view().locked);
}

TEST(ThreadedPorts, ACancelFromAnotherThreadEndsItInAKnownState) {
    for (const auto policy : {CancelPolicy::MakeReadable, CancelPolicy::LeaveResumable,
                              CancelPolicy::FastestRelease, CancelPolicy::Emergency}) {
        ThreadedWorld world(MediumKind::CdR);
        GeneratedSource source(1, 600'000'000);
        const BurnReport report =
            world.burn(source, {}, [policy](auto& cancel) { cancel.request(policy); });
        EXPECT_EQ(report.outcome, Outcome::Cancelled) << name_of(policy);
        EXPECT_TRUE(report.as_predicted) << name_of(policy);
        EXPECT_FALSE(world.fake().view().locked) << name_of(policy);
    }
}

TEST(ThreadedPorts, ASourceThatBlocksDoesNotHoldUpACancel) {
    ThreadedWorld world(MediumKind::BdR);
    BlockedSource source;
    const BurnReport report = world.burn(source, {}, [&](auto& cancel) {
        source.wait_until_reached();
        cancel.request(CancelPolicy::MakeReadable);
    });
    EXPECT_EQ(report.outcome, Outcome::Cancelled);
    EXPECT_EQ(world.fake().view().writes, 0U);
    EXPECT_FALSE(world.fake().view().locked);
}

TEST(ThreadedPorts, WhatCanBeBegunNeedsNoThread) {
    ThreadedWorld world(MediumKind::BdR, Way::Begun);
    GeneratedSource source(1, 3'000'017);
    const BurnReport report = world.burn(source, {.verify = true}, [](auto& /*cancel*/) {});
    ASSERT_EQ(report.outcome, Outcome::Completed)
        << (report.failure ? report.failure->message() : "");
    EXPECT_EQ(report.verified, Verified::Yes);
    EXPECT_GT(world.polled().begun(), 46U);
    EXPECT_GT(world.polled().blocked(), 0U);
    EXPECT_EQ(world.polled().executed_by(), std::set{std::this_thread::get_id()});
}

TEST(ThreadedPorts, ACancelReachesWhatWasBegun) {
    for (const CancelPolicy policy : {CancelPolicy::MakeReadable, CancelPolicy::LeaveResumable,
                                      CancelPolicy::FastestRelease, CancelPolicy::Emergency}) {
        for (const unsigned commands : {0U, 1U, 5U, 11U, 30U, 31U, 32U, 500U}) {
            ThreadedWorld world(MediumKind::BdR, Way::Begun);
            GeneratedSource source(1, 400'000'000);
            const BurnReport report = world.burn(source, {}, [&](auto& cancel) {
                while (world.polled().begun() < commands) {
                    std::this_thread::yield();
                }
                cancel.request(policy);
            });
            EXPECT_EQ(report.outcome, Outcome::Cancelled) << name_of(policy);
            EXPECT_TRUE(report.as_predicted) << name_of(policy);
            EXPECT_FALSE(world.fake().view().locked) << name_of(policy);
        }
    }
}

/// A tick of the caller's comes in time while the command is under way, and a wake at once.
TEST(ThreadedPorts, WhoWaitsForWhatWasBegunIsToldOfTheRest) {
    ThreadedWorld world(MediumKind::BdR, Way::Begun);
    stack::ThreadedPorts& ports = world.ports();
    stack::Execute write;
    write.cdb = mmc::Cdb::copy_of(mmc::from_hex("00 00 00 00 00 00"));
    write.timeout = std::chrono::hours(1);
    ports.start(write);
    GeneratedSource source(1, 2048);
    ports.set_source(&source);
    ports.read({.slot = 0, .bytes = 2048});
    bool read = false;
    bool completed = false;
    for (int i = 0; i < 100000 && !(read && completed); ++i) {
        const auto event = ports.next(world.now() + std::chrono::seconds(1));
        read = read || std::holds_alternative<stack::BlocksRead>(event);
        completed = completed || std::holds_alternative<stack::Completed>(event);
    }
    EXPECT_TRUE(read);
    EXPECT_TRUE(completed);
    EXPECT_TRUE(ports.settle(std::chrono::seconds(1)));
    ports.set_source(nullptr);
    // One is under way at the end of the ports' life: its buffers are in use until it has ended.
    ports.start(write);
}

TEST(ThreadedPorts, AWakeIsHeardWhileACommandIsUnderWay) {
    ThreadedWorld world(MediumKind::BdR, Way::Begun);
    world.polled().delay(std::chrono::hours(100));
    stack::Execute ask;
    ask.cdb = mmc::Cdb::copy_of(mmc::from_hex("00 00 00 00 00 00"));
    world.ports().start(ask);
    std::thread other([&] { world.wake(); });
    const auto deadline = world.now() + std::chrono::hours(3);
    EXPECT_TRUE(std::holds_alternative<stack::Tick>(world.ports().next(deadline)));
    EXPECT_LT(world.now(), deadline);
    other.join();
}

/// Breaks its promise: does not hear interrupt().
class DeafSource final : public transports::Source {
public:
    transports::Result<std::size_t, transports::SourceError> read(
        mmc::MutableByteView buffer) override {
        std::unique_lock lock(mutex_);
        reached_ = true;
        changed_.notify_all();
        changed_.wait(lock, [this] { return open_; });
        std::ranges::fill(buffer, std::uint8_t{0xEE});
        left_ = true;
        changed_.notify_all();
        return buffer.size();
    }
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return std::nullopt; }
    void interrupt() noexcept override {}
    void wait_until_reached() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return reached_; });
    }
    void let_go() {
        std::unique_lock lock(mutex_);
        open_ = true;
        changed_.notify_all();
        changed_.wait(lock, [this] { return left_; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool reached_ = false;
    bool open_ = false;
    bool left_ = false;
};

TEST(ThreadedPorts, AReadThatNeverComesBackIsLeftBehind) {
    ThreadedWorld world(MediumKind::BdRe);
    stack::ThreadedPorts& ports = world.ports();
    static DeafSource deaf;  // lives until its read came back, as settle() says that it has to
    ports.set_source(&deaf);
    ports.read({.slot = 0, .bytes = 2048});
    deaf.wait_until_reached();
    EXPECT_FALSE(ports.settle(std::chrono::milliseconds(1)));
    // The same ports at once again, and what the read brings late goes nowhere.
    GeneratedSource source(1, 2048);
    ports.set_source(&source);
    ports.read({.slot = 0, .bytes = 2048});
    stack::Event event;
    while (!std::holds_alternative<stack::BlocksRead>(event)) {
        event = ports.next(world.now() + std::chrono::hours(1));
    }
    EXPECT_EQ(std::get<stack::BlocksRead>(event).bytes, 2048U);
    deaf.let_go();
    EXPECT_TRUE(ports.settle(std::chrono::seconds(1)));
    // Its thread has left the source, and is somewhere behind that.
    bool told_nothing = true;
    for (int look = 0; look < 20000 && told_nothing; ++look) {
        std::this_thread::yield();
        told_nothing = std::holds_alternative<stack::Tick>(ports.next(world.now()));
    }
    EXPECT_TRUE(told_nothing);
    ports.set_source(nullptr);
}

}  // namespace
}  // namespace kiln::harness

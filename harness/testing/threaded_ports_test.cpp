// Burns on real threads: the ports of SG_IO and time=real, over a simulated drive whose clock runs
// thousands of times faster than the machine's.

#include "stack/threaded_ports.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <variant>

#include <gtest/gtest.h>

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

class ThreadedWorld {
public:
    explicit ThreadedWorld(MediumKind kind)
        : personality_(std::make_shared<const Personality>(default_personality(kind).value())),
          drive_(personality_),
          transport_({.drive = &drive_, .clock = &clock_, .pace = Pace::WaitForEnd},
                     personality_->link) {
        drive_.insert_ready(fresh_medium(kind), make_memory_store(), clock_.now());
    }

    template <typename During>
    BurnReport burn(transports::Source& source, const BurnOptions& options, const During& during) {
        stack::Drive host(transport_, clock_, waker_);
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
    stack::ThreadedPorts& ports() { return ports_; }
    [[nodiscard]] transports::Instant now() const { return clock_.now(); }

private:
    transports::OsClock os_clock_;
    ScaledClock clock_{os_clock_, kFactor};
    transports::OsWaker waker_;
    std::shared_ptr<const Personality> personality_;
    FakeDrive drive_;
    SimTransport transport_;
    stack::ThreadedPorts ports_{transport_, clock_, waker_, {}};
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
    EXPECT_TRUE(std::holds_alternative<stack::Tick>(ports.next(world.now())));
    ports.set_source(nullptr);
}

}  // namespace
}  // namespace kiln::harness

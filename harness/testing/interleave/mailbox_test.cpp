// Every interleaving of the mailbox and of the waker: nothing is lost, nothing comes twice.

#include "stack/mailbox.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "transports/clock.h"
#include "transports/os/futex_waker.h"

#include "harness/testing/effort.h"
#include "harness/testing/interleave/explored_sync.h"
#include "harness/testing/interleave/explorer.h"

namespace kiln::harness::interleave {
namespace {

using transports::Duration;
using transports::Instant;

constexpr Duration kForEver = std::chrono::hours(100);

using Waker = transports::FutexWaker<ExploredSync>;
using Number = Watched<int>;

template <typename T>
void expect_clean(const Limits& limits = {.spurious = 2}) {
    const Exploration found = explore([] { return std::make_unique<T>(); }, limits);
    EXPECT_FALSE(found.violation) << *found.violation;
    std::cout << "             " << found.summary() << '\n';
}

template <typename T>
void expect_caught(const char* how, const Limits& limits = {}) {
    const Exploration found = explore([] { return std::make_unique<T>(); }, limits);
    ASSERT_TRUE(found.violation) << "this fault is not seen";
    EXPECT_NE(found.violation->find(how), std::string::npos) << *found.violation;
}

class ExploredClock final : public transports::Clock {
public:
    [[nodiscard]] Instant now() const override { return ExploredSync::now(); }
    bool wait_until(Instant deadline, transports::Waker& waker) override {
        return waker.wait_for(deadline - now());
    }
};

// --- the waker ----------------------------------------------------------------------------------

/// `kSenders` threads each leave word and wake; one looks, and sleeps where there is nothing.
template <typename W, unsigned kSenders>
class SleepAndWake : public Scenario {
public:
    [[nodiscard]] std::size_t threads() const override { return kSenders + 1; }

    void run(std::size_t thread) override {
        if (thread != 0) {
            said_.at(thread - 1).store(true);
            waker_.wake();
            return;
        }
        while (!all_said()) {
            require(waker_.wait_for(kForEver), "woken, and says that it was not");
        }
    }

private:
    bool all_said() {
        bool all = true;
        for (const auto& said : said_) {
            all = said.load() && all;
        }
        return all;
    }

    W waker_;
    std::array<Atomic<bool>, 2> said_{kSenders < 1, kSenders < 2};
};

/// Looks, and then sleeps whatever has happened since.
class SleepsWithoutLooking {
public:
    void wake() {
        if (woken_.exchange(1) == 0) {
            ExploredSync::wake_one(bell_);
        }
    }
    bool wait_for(Duration /*real*/) {
        while (woken_.exchange(0) == 0) {
            ExploredSync::sleep_while_zero(bell_, kForEver);
        }
        return true;
    }

private:
    Atomic<std::uint32_t> woken_{0};
    Atomic<std::uint32_t> bell_{0};  // never anything else
};

/// Wakes first and says so afterwards.
class WakesTooEarly {
public:
    void wake() {
        ExploredSync::wake_one(woken_);
        woken_.store(1);
    }
    bool wait_for(Duration /*real*/) {
        while (woken_.exchange(0) == 0) {
            ExploredSync::sleep_while_zero(woken_, kForEver);
        }
        return true;
    }

private:
    Atomic<std::uint32_t> woken_{0};
};

TEST(EveryInterleaving, OfSleepingAndAWake) {
    expect_clean<SleepAndWake<Waker, 1>>();
}
TEST(EveryInterleaving, OfSleepingAndTwoWakes) {
    expect_clean<SleepAndWake<Waker, 2>>();
}
TEST(EveryInterleaving, CatchesACancelLostBetweenCheckAndSleep) {
    expect_caught<SleepAndWake<SleepsWithoutLooking, 1>>("can never go on");
}
TEST(EveryInterleaving, CatchesAWakeBeforeTheWord) {
    expect_caught<SleepAndWake<WakesTooEarly, 1>>("can never go on");
}

/// A sleep with a deadline: over by a wake or by time, and a wake that comes too late is kept.
class Deadline : public Scenario {
public:
    [[nodiscard]] std::size_t threads() const override { return 2; }

    void run(std::size_t thread) override {
        if (thread == 1) {
            waker_.wake();
            return;
        }
        const Instant start = ExploredSync::now();
        const bool woken = waker_.wait_for(std::chrono::seconds(5));
        require(woken || ExploredSync::now() - start >= std::chrono::seconds(5), "ended early");
        require(woken || waker_.wait_for(kForEver), "a wake was lost");
    }

private:
    Waker waker_;
};

TEST(EveryInterleaving, OfADeadlineAndAWake) {
    expect_clean<Deadline>({.spurious = 2, .early_time_outs = 2});
}

// --- the mailbox --------------------------------------------------------------------------------

/// The device and the reader leave numbers in their order, each when the last one was taken, as the
/// runner starts each of them only then; and a third thread wakes for a reason of its own.
template <typename Box, typename W, int kOfDevice = 2, int kOfReader = 1>
class Deliveries : public Scenario {
public:
    [[nodiscard]] std::size_t threads() const override { return 4; }

    void run(std::size_t thread) override {
        switch (thread) {
            case 0:
                take_all();
                return;
            case 1:
                deliver(box_.device, device_wanted_, 1, kOfDevice);
                return;
            case 2:
                deliver(box_.reader, reader_wanted_, 11, kOfReader);
                return;
            default:
                waker_.wake();
        }
    }

    void ended() override {
        require(!box_.device.take() && !box_.reader.take(), "something came that nobody sent");
    }

private:
    void take_all() {
        int device = 0;
        int reader = 0;
        device_wanted_.store(1);
        reader_wanted_.store(1);
        while (device < kOfDevice || reader < kOfReader) {
            summarize(static_cast<std::uint64_t>(100 + device * 10 + reader));
            auto came = box_.next(clock_, Instant{} + kForEver, waker_);
            if (!came) {
                continue;
            }
            const int value = came->value();
            if (value > 10) {
                require(value == 11 + reader, "the reader's in order, each once");
                ++reader;
                reader_wanted_.store(static_cast<unsigned>(reader) + 1);
            } else {
                require(value == 1 + device, "the device's in order, each once");
                ++device;
                device_wanted_.store(static_cast<unsigned>(device) + 1);
            }
        }
    }

    template <typename Cell>
    void deliver(Cell& cell, const Atomic<unsigned>& wanted, int first, int count) {
        for (int i = 0; i < count; ++i) {
            await(wanted, static_cast<unsigned>(i) + 1);
            summarize(static_cast<std::uint64_t>(1000 + first + i));
            cell.put(Number(first + i));
            waker_.wake();
        }
    }

    Box box_;
    W waker_;
    ExploredClock clock_;
    Atomic<unsigned> device_wanted_{0};
    Atomic<unsigned> reader_wanted_{0};
};

/// Says that it is full before it is.
template <typename Value>
class FullTooEarly {
public:
    void put(Value value) {
        full_.store(true);
        value_ = std::move(value);
    }
    std::optional<Value> take() {
        if (!full_.load()) {
            return std::nullopt;
        }
        std::optional<Value> value(std::move(value_));
        full_.store(false);
        return value;
    }

private:
    Value value_{};
    Atomic<bool> full_{false};
};

/// Says that it is empty before it is, to a producer that does not wait to be asked.
template <typename Value>
class NeverEmptied {
public:
    void put(Value value) {
        value_ = std::move(value);
        full_.store(true);
    }
    std::optional<Value> take() {
        if (!full_.load()) {
            return std::nullopt;
        }
        return std::optional<Value>(std::move(value_));
    }

private:
    Value value_{};
    Atomic<bool> full_{false};
};

template <typename CellType>
class BoxOf {
public:
    CellType device;
    CellType reader;

    std::optional<Number> next(transports::Clock& clock, Instant deadline,
                               transports::Waker& waker) {
        if (auto value = take()) {
            return value;
        }
        clock.wait_until(deadline, waker);
        return take();
    }

private:
    std::optional<Number> take() {
        if (auto value = device.take()) {
            return value;
        }
        return reader.take();
    }
};

/// Sleeps first and looks afterwards: what was there already waits for the next wake.
class SleepsFirst : public stack::Mailbox<Number, ExploredSync> {
public:
    std::optional<Number> next(transports::Clock& clock, Instant deadline,
                               transports::Waker& waker) {
        clock.wait_until(deadline, waker);
        return take();
    }
};

using Mailbox = stack::Mailbox<Number, ExploredSync>;

TEST(EveryInterleaving, OfTheMailboxWithItsThreads) {
    // Failures for no reason multiply what there is to go through by thirty.
    const bool longer = testing::effort(1) > 1;
    expect_clean<Deliveries<Mailbox, Waker>>({.spurious = longer ? 1U : 0U});
    if (longer) {
        expect_clean<Deliveries<Mailbox, Waker, 2, 2>>({.spurious = 1});
    }
}
TEST(EveryInterleaving, CatchesACellThatIsFullTooEarly) {
    expect_caught<Deliveries<BoxOf<FullTooEarly<Number>>, Waker>>("a race");
}
TEST(EveryInterleaving, CatchesACellThatIsNeverEmptied) {
    expect_caught<Deliveries<BoxOf<NeverEmptied<Number>>, Waker>>("each once");
}
TEST(EveryInterleaving, CatchesAMailboxThatSleepsBeforeItLooks) {
    expect_caught<Deliveries<SleepsFirst, Waker>>("can never go on");
}

}  // namespace
}  // namespace kiln::harness::interleave

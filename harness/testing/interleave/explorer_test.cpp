// The explorer itself: what it finds, and that merging loses nothing.

#include "harness/testing/interleave/explorer.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <utility>

#include <gtest/gtest.h>

#include "transports/clock.h"

#include "harness/testing/interleave/explored_sync.h"

namespace kiln::harness::interleave {
namespace {

template <typename T>
std::unique_ptr<Scenario> make() {
    return std::make_unique<T>();
}

/// Each thread adds one by reading and writing, three times.
class LostUpdate : public Scenario {
public:
    [[nodiscard]] std::size_t threads() const override { return 2; }
    void run(std::size_t /*thread*/) override {
        for (int i = 0; i < 3; ++i) {
            number_.store(number_.load() + 1);
        }
    }
    void ended() override { sums().insert(number_.peek()); }
    static std::set<unsigned>& sums() {
        static std::set<unsigned> sums;
        return sums;
    }

private:
    Atomic<unsigned> number_{0};
};

TEST(Explorer, FindsEveryLostUpdate) {
    LostUpdate::sums().clear();
    const Exploration found = explore(make<LostUpdate>);
    EXPECT_FALSE(found.violation);
    EXPECT_EQ(LostUpdate::sums(), (std::set<unsigned>{2, 3, 4, 5, 6}));
}

TEST(Explorer, MergingLosesNoOutcomeAndCountsWhatItMerged) {
    LostUpdate::sums().clear();
    const Exploration plain = explore(make<LostUpdate>, {.merge = false});
    const auto all = LostUpdate::sums();
    LostUpdate::sums().clear();
    const Exploration merged = explore(make<LostUpdate>);
    EXPECT_EQ(LostUpdate::sums(), all);
    EXPECT_EQ(plain.runs, 924U) << "12 steps, 6 of each thread: 12! / (6! 6!)";
    EXPECT_DOUBLE_EQ(plain.interleavings, 924.0);
    EXPECT_DOUBLE_EQ(merged.interleavings, 924.0);
    EXPECT_LT(merged.runs, plain.runs);
}

class ThreeThreads : public Scenario {
public:
    [[nodiscard]] std::size_t threads() const override { return 3; }
    void run(std::size_t thread) override {
        for (unsigned i = 0; i < 2; ++i) {
            own_.at(thread).store(i);
        }
    }

private:
    std::array<Atomic<unsigned>, 3> own_{0U, 0U, 0U};
};

TEST(Explorer, CountsThreeThreads) {
    EXPECT_EQ(explore(make<ThreeThreads>, {.merge = false}).runs, 90U) << "6! / (2! 2! 2!)";
    EXPECT_DOUBLE_EQ(explore(make<ThreeThreads>).interleavings, 90.0);
}

class FailsForNoReason : public Scenario {
public:
    [[nodiscard]] std::size_t threads() const override { return 1; }
    void run(std::size_t /*thread*/) override {
        unsigned old = 0;
        unsigned tries = 1;
        while (!word_.compare_exchange_weak(old, 1)) {
            ++tries;
        }
        most() = std::max(most(), tries);
    }
    static unsigned& most() {
        static unsigned most = 0;
        return most;
    }

private:
    Atomic<unsigned> word_{0};
};

TEST(Explorer, AWeakCompareExchangeFailsForNoReasonAsOftenAsIsAllowed) {
    for (const unsigned spurious : {0U, 1U, 3U}) {
        FailsForNoReason::most() = 0;
        EXPECT_FALSE(explore(make<FailsForNoReason>, {.spurious = spurious}).violation);
        EXPECT_EQ(FailsForNoReason::most(), spurious + 1);
    }
}

/// Waits for what nobody does.
class Stuck : public Scenario {
public:
    [[nodiscard]] std::size_t threads() const override { return 2; }
    void run(std::size_t thread) override {
        if (thread == 0) {
            ExploredSync::sleep_while_zero(word_, std::chrono::hours(1));
        } else if (choose(2) == 0) {
            word_.store(1);
            ExploredSync::wake_one(word_);
        }
    }

private:
    Atomic<std::uint32_t> word_{0};
};

TEST(Explorer, FindsThatAThreadCanNeverGoOn) {
    const Exploration found = explore(make<Stuck>);
    ASSERT_TRUE(found.violation);
    EXPECT_TRUE(found.violation->starts_with("thread 0 can never go on")) << *found.violation;
}

/// Asks again and again, and does not count.
class NoEnd : public Scenario {
public:
    [[nodiscard]] std::size_t threads() const override { return 2; }
    void run(std::size_t thread) override {
        if (thread == 0) {
            other_.store(1);
            return;
        }
        while (word_.load() == 0) {
            summarize(7);
        }
    }

private:
    Atomic<std::uint32_t> word_{0};
    Atomic<std::uint32_t> other_{0};
};

TEST(Explorer, FindsAStateThatComesBack) {
    const Exploration found = explore(make<NoEnd>);
    ASSERT_TRUE(found.violation);
    EXPECT_TRUE(found.violation->starts_with("a state that was met before")) << *found.violation;
}

template <bool kGuarded>
class Race : public Scenario {
public:
    [[nodiscard]] std::size_t threads() const override { return 2; }
    void run(std::size_t thread) override {
        if (thread == 0) {
            data_ = Watched<int>(1);
            ready_.store(true);
        } else if (ready_.load() || !kGuarded) {
            Watched<int> mine(std::move(data_));
            require(mine.value() == 1 || !kGuarded, "not what was written");
        }
    }

private:
    Watched<int> data_;
    Atomic<bool> ready_{false};
};

TEST(Explorer, FindsARaceOnPlainData) {
    const Exploration found = explore(make<Race<false>>);
    ASSERT_TRUE(found.violation);
    EXPECT_TRUE(found.violation->starts_with("a race")) << *found.violation;
    EXPECT_FALSE(explore(make<Race<true>>).violation);
}

class Sleeper : public Scenario {
public:
    [[nodiscard]] std::size_t threads() const override { return 1; }
    void run(std::size_t /*thread*/) override {
        const transports::Instant start = ExploredSync::now();
        while (ExploredSync::now() - start < std::chrono::seconds(5)) {
            ExploredSync::sleep_while_zero(word_, std::chrono::seconds(5));
        }
    }
    void quiet() override { ++quiets(); }
    static unsigned& quiets() {
        static unsigned quiets = 0;
        return quiets;
    }

private:
    Atomic<std::uint32_t> word_{0};
};

TEST(Explorer, TimePassesWhenAllSleep) {
    Sleeper::quiets() = 0;
    EXPECT_FALSE(explore(make<Sleeper>, {.spurious = 0}).violation);
    EXPECT_EQ(Sleeper::quiets(), 1U);
}

}  // namespace
}  // namespace kiln::harness::interleave

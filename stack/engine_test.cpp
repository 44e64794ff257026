// The small parts of the engine: the cancel word, the ring, the recipes.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "stack/cancel_word.h"
#include "stack/facts.h"
#include "stack/outcome.h"
#include "stack/recipe.h"
#include "stack/write_window.h"

namespace kiln::stack {
namespace {

TEST(CancelWord, BeforeTheFirstWriteNothingIsRemembered) {
    AtomicCancelWord word;
    EXPECT_EQ(word.cancel_write(), HResult::WriteNotInProgress);
    EXPECT_TRUE(word.first_write_issued());
    EXPECT_FALSE(word.requested());
}

TEST(CancelWord, WhileWritingIsAcceptedAndAgain) {
    AtomicCancelWord word;
    ASSERT_TRUE(word.first_write_issued());
    EXPECT_EQ(word.cancel_write(), HResult::Ok);
    EXPECT_EQ(word.cancel_write(), HResult::Ok);
    EXPECT_EQ(word.requested(), CancelPolicy::FastestRelease);
    EXPECT_FALSE(word.last_write_issued()) << "an accepted cancel wins over the last WRITE";
}

TEST(CancelWord, FromTheLastWriteOnIsRefused) {
    AtomicCancelWord word;
    ASSERT_TRUE(word.first_write_issued());
    ASSERT_TRUE(word.last_write_issued());
    EXPECT_EQ(word.cancel_write(), HResult::WriteNotInProgress);
    EXPECT_FALSE(word.requested());
}

TEST(CancelWord, ARefusedLastWriteCanBeCancelledAgain) {
    AtomicCancelWord word;
    ASSERT_TRUE(word.first_write_issued());
    ASSERT_TRUE(word.last_write_issued());
    word.last_write_refused();
    EXPECT_EQ(word.cancel_write(), HResult::Ok);
}

TEST(CancelWord, ARequestLatchesAndOnlyEscalates) {
    AtomicCancelWord word;
    word.request(CancelPolicy::FastestRelease);
    word.request(CancelPolicy::MakeReadable);
    EXPECT_EQ(word.requested(), CancelPolicy::FastestRelease);
    EXPECT_FALSE(word.first_write_issued()) << "a latched request keeps the first WRITE back";
    word.request_or_escalate(CancelPolicy::MakeReadable);
    EXPECT_EQ(word.requested(), CancelPolicy::Emergency);
    word.request_or_escalate(CancelPolicy::MakeReadable);
    EXPECT_EQ(word.requested(), CancelPolicy::Emergency);
    word.reset();
    EXPECT_FALSE(word.requested());
}

TEST(CancelWord, TheEndOfTheWritingForgetsTheCancelButNotTheRequest) {
    AtomicCancelWord word;
    ASSERT_TRUE(word.first_write_issued());
    ASSERT_EQ(word.cancel_write(), HResult::Ok);
    word.write_ended();
    EXPECT_FALSE(word.requested());
    EXPECT_EQ(word.cancel_write(), HResult::WriteNotInProgress);
}

WriteWindow::Setup setup(std::optional<std::uint64_t> bytes, WriteRule rule = {}) {
    return {.start = mmc::Lba{100},
            .slots = 3,
            .chunk_blocks = 32,
            .rule = rule,
            .payload_bytes = bytes,
            .capacity_blocks = 1000};
}

TEST(WriteWindow, ReadsAheadUntilTheRingIsFull) {
    WriteWindow window(setup(std::nullopt));
    for (std::size_t slot = 0; slot < 3; ++slot) {
        const auto read = window.next_read();
        ASSERT_TRUE(read);
        EXPECT_EQ(read->slot, slot);
        EXPECT_FALSE(window.next_read()) << "one read at a time";
        window.filled(65536, false);
    }
    EXPECT_FALSE(window.next_read());
    const auto chunk = window.next_chunk();
    ASSERT_TRUE(chunk);
    window.accepted(*chunk);
    EXPECT_EQ(window.next_read()->slot, 0U);
}

/// Every slot is filled in turn and written in turn, whatever a read gave.
TEST(WriteWindow, OneReadFillsAQuarterOfTheRing) {
    auto of_eleven = setup(std::nullopt);
    of_eleven.slots = 11;
    WriteWindow window(of_eleven);
    std::vector<std::size_t> filled;
    std::vector<std::size_t> written;
    for (std::uint32_t turn = 0; turn < 40; ++turn) {
        if (const auto read = window.next_read()) {
            EXPECT_LE(read->bytes, 2U * 65536U);
            EXPECT_LE(read->slot + read->bytes / read->each, 11U) << "never over the ring's end";
            const std::uint64_t came = turn % 3 == 0 ? 65536 : read->bytes;
            for (std::uint64_t i = 0; i < came / 65536; ++i) {
                filled.push_back(read->slot + i);
            }
            window.filled(came, false);
        }
        ASSERT_LE(window.filled_slots(), 11U);
        const auto chunk = window.next_chunk();
        if (chunk && turn % 2 == 0) {
            written.push_back(*chunk->slot);
            window.accepted(*chunk);
        }
    }
    ASSERT_GT(filled.size(), 22U);
    for (std::size_t i = 0; i < filled.size(); ++i) {
        EXPECT_EQ(filled[i], i % 11);
    }
    ASSERT_GT(written.size(), 11U);
    filled.resize(written.size());
    EXPECT_EQ(written, filled);
}

TEST(WriteWindow, AReadWaitsForAQuarterOfTheRing) {
    auto of_eight = setup(std::nullopt);
    of_eight.slots = 8;
    WriteWindow window(of_eight);
    while (window.next_read()) {
        window.filled(2 * 65536, false);
    }
    EXPECT_EQ(window.filled_slots(), 8U);
    window.accepted(window.next_chunk().value());
    EXPECT_FALSE(window.next_read());
    window.accepted(window.next_chunk().value());
    EXPECT_EQ(window.next_read().value().bytes, 2U * 65536U);
}

TEST(WriteWindow, TheLastReadAsksForWhatIsLeft) {
    auto of_eight = setup(65536 * 3 + 5);
    of_eight.slots = 8;
    WriteWindow window(of_eight);
    ASSERT_EQ(window.next_read().value().bytes, 2U * 65536U);
    window.filled(2 * 65536, false);
    ASSERT_EQ(window.next_read().value().bytes, 65536U + 5U);
    window.filled(65536 + 5, false);
    EXPECT_EQ(window.filled_slots(), 4U);
    EXPECT_TRUE(window.source_ended());
}

TEST(WriteWindow, AStreamsChunkWaitsUntilItIsKnownWhetherItIsTheLast) {
    WriteWindow window(setup(std::nullopt));
    ASSERT_TRUE(window.next_read());
    window.filled(65536, false);
    EXPECT_FALSE(window.next_chunk());
    ASSERT_TRUE(window.next_read());
    window.filled(0, true);
    const auto chunk = window.next_chunk();
    ASSERT_TRUE(chunk);
    EXPECT_TRUE(chunk->first);
    EXPECT_TRUE(chunk->last);
    EXPECT_EQ(chunk->blocks, 32U);
}

TEST(WriteWindow, TheLastChunkIsPaddedToTheWriteUnit) {
    WriteWindow window(setup(70000, {.multiple = 16}));
    ASSERT_EQ(window.next_read()->bytes, 65536U);
    window.filled(65536, false);
    ASSERT_EQ(window.next_read()->bytes, 70000U - 65536U);
    window.filled(70000 - 65536, false);
    auto chunk = window.next_chunk();
    ASSERT_TRUE(chunk);
    EXPECT_FALSE(chunk->last);
    window.accepted(*chunk);
    chunk = window.next_chunk();
    ASSERT_TRUE(chunk);
    EXPECT_TRUE(chunk->last);
    EXPECT_EQ(chunk->payload_blocks, 3U);
    EXPECT_EQ(chunk->blocks, 16U);
    EXPECT_EQ(static_cast<std::int32_t>(chunk->lba), 132);
    window.accepted(*chunk);
    EXPECT_TRUE(window.finished());
    EXPECT_EQ(window.accepted_payload(), 35U);
    EXPECT_EQ(window.accepted_blocks(), 48U);
}

TEST(WriteWindow, AShortTrackIsFilledWithZerosToItsMinimum) {
    WriteWindow window(setup(2048, {.multiple = 1, .minimum = 300}));
    ASSERT_TRUE(window.next_read());
    window.filled(2048, false);
    std::uint64_t blocks = 0;
    std::uint64_t last = 0;
    while (const auto chunk = window.next_chunk()) {
        EXPECT_EQ(chunk->slot.has_value(), blocks == 0);
        blocks += chunk->blocks;
        last += chunk->last ? 1U : 0U;
        window.accepted(*chunk);
    }
    EXPECT_EQ(blocks, 300U);
    EXPECT_EQ(last, 1U);
}

TEST(WriteWindow, ACutDropsWhatIsReadAndPadsWhatIsWritten) {
    WriteWindow window(setup(std::nullopt, {.multiple = 16}));
    for (int i = 0; i < 2; ++i) {
        ASSERT_TRUE(window.next_read());
        window.filled(65536, false);
    }
    window.accepted(*window.next_chunk());
    window.cut(48);
    EXPECT_FALSE(window.next_read());
    const auto chunk = window.next_chunk();
    ASSERT_TRUE(chunk);
    EXPECT_FALSE(chunk->slot);
    EXPECT_EQ(chunk->blocks, 16U);
    window.accepted(*chunk);
    EXPECT_TRUE(window.finished());
    EXPECT_EQ(window.accepted_payload(), 32U);
}

TEST(WriteWindow, MoreThanFitsIsNoticed) {
    auto small = setup(std::nullopt);
    small.capacity_blocks = 40;
    WriteWindow window(small);
    ASSERT_TRUE(window.next_read());
    window.filled(65536, false);
    EXPECT_FALSE(window.overflows());
    ASSERT_TRUE(window.next_read());
    window.filled(65536, false);
    EXPECT_TRUE(window.overflows());
}

bool has(Steps steps, Op op) {
    for (const Step& step : steps) {
        if (step.op == op) {
            return true;
        }
    }
    return false;
}

TEST(Recipe, EveryOneThatWritesFlushesInItsEndingAndInEveryOrderlyCancel) {
    for (std::size_t id = 0; id < kRecipes; ++id) {
        const Recipe& it = recipe(static_cast<RecipeId>(id));
        if (!it.writes) {
            continue;
        }
        EXPECT_TRUE(has(it.finish, Op::Synchronize)) << it.name;
        for (std::size_t policy = 0; policy + 1 < kCancelPolicies; ++policy) {
            EXPECT_TRUE(has(it.on_cancel.at(policy), Op::Synchronize)) << it.name << policy;
        }
        EXPECT_TRUE(it.on_cancel.at(3).empty()) << it.name << ": emergency sends nothing more";
    }
}

TEST(Recipe, OnlySequentialOnesAskForTheirAddress) {
    for (std::size_t id = 0; id < kRecipes; ++id) {
        const Recipe& it = recipe(static_cast<RecipeId>(id));
        if (it.writes) {
            EXPECT_EQ(has(it.size, Op::ReadNextWritable), it.write.sequential) << it.name;
        }
    }
}

TEST(Recipe, OnlyACancelThatLeavesThingsReadableCloses) {
    for (std::size_t id = 0; id < kRecipes; ++id) {
        const Recipe& it = recipe(static_cast<RecipeId>(id));
        for (const auto policy : {CancelPolicy::LeaveResumable, CancelPolicy::FastestRelease}) {
            const Steps steps = it.on_cancel.at(static_cast<std::size_t>(policy));
            EXPECT_FALSE(has(steps, Op::CloseSession) || has(steps, Op::CloseTrack) ||
                         has(steps, Op::Finalize))
                << it.name;
        }
    }
}

}  // namespace
}  // namespace kiln::stack

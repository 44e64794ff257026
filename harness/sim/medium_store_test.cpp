#include "harness/sim/medium_store.h"

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace kiln::harness {
namespace {

constexpr std::uint32_t kBlock = 2048;

/// `count` blocks whose content depends on their address, and on `seed`.
std::vector<std::uint8_t> pattern(std::uint32_t first, std::uint32_t count, unsigned seed = 1) {
    std::vector<std::uint8_t> bytes(std::size_t{count} * kBlock);
    for (std::uint32_t i = 0; i < count; ++i) {
        std::uint64_t state = (std::uint64_t{first} + i) * 0x9E3779B97F4A7C15ULL + seed;
        for (std::uint32_t byte = 0; byte < kBlock; ++byte) {
            state = state * 6364136223846793005ULL + 1442695040888963407ULL;
            bytes[std::size_t{i} * kBlock + byte] = static_cast<std::uint8_t>(state >> 56U);
        }
    }
    return bytes;
}

std::vector<std::uint8_t> zeros(std::uint32_t count) {
    return std::vector<std::uint8_t>(std::size_t{count} * kBlock);
}

StoredRun run_at(const MediumStore& store, std::int32_t first, std::uint32_t count) {
    std::vector<std::uint8_t> bytes(std::size_t{count} * kBlock, 0xEE);
    const auto run = store.get(Lba{first}, bytes);
    EXPECT_TRUE(run.has_value());
    return run.value_or(StoredRun{});
}

std::vector<std::uint8_t> bytes_at(const MediumStore& store, std::int32_t first,
                                   std::uint32_t count) {
    std::vector<std::uint8_t> bytes(std::size_t{count} * kBlock, 0xEE);
    const auto run = store.get(Lba{first}, bytes);
    EXPECT_TRUE(run.has_value());
    EXPECT_EQ(*run, (StoredRun{.kind = Stored::Data, .blocks = count}));
    return bytes;
}

struct Maker {
    const char* name;
    std::unique_ptr<MediumStore> (*make)(std::uint32_t);
    friend void PrintTo(const Maker& maker, std::ostream* out) { *out << maker.name; }
};

// Beyond the blocks that a digest keeps as they are.
constexpr std::int32_t kFar = 5000;

/// Zeros are kept as a bit.
TEST(MemoryStore, ZerosAndDataReplaceEachOther) {
    const auto store = make_memory_store(kBlock);
    ASSERT_TRUE(store->put(Lba{0}, pattern(0, 3)));
    const auto copy = store->clone();
    ASSERT_TRUE(store->put(Lba{1}, zeros(1)));
    EXPECT_EQ(bytes_at(*store, 1, 1), zeros(1));
    EXPECT_EQ(store->matches(Lba{1}, zeros(1)), Match::Equal);
    EXPECT_EQ(store->matches(Lba{1}, pattern(1, 1)), Match::Differs);
    EXPECT_EQ(bytes_at(*copy, 0, 3), pattern(0, 3)) << "a copy is its own";
    const auto second = store->clone();
    ASSERT_TRUE(store->put(Lba{1}, pattern(7, 1)));
    EXPECT_EQ(bytes_at(*store, 1, 1), pattern(7, 1));
    EXPECT_EQ(bytes_at(*store, 2, 1), pattern(2, 1));
    EXPECT_EQ(bytes_at(*second, 1, 1), zeros(1));
    std::vector<std::uint8_t> nearly = zeros(1);
    nearly.back() = 1;
    ASSERT_TRUE(store->put(Lba{0}, nearly));
    EXPECT_EQ(store->matches(Lba{0}, zeros(1)), Match::Differs);
    EXPECT_EQ(bytes_at(*store, 0, 1), nearly);
    EXPECT_EQ(run_at(*store, 3, 1).kind, Stored::NotWritten);
}

class AnyStore : public testing::TestWithParam<Maker> {
protected:
    std::unique_ptr<MediumStore> store_ = GetParam().make(kBlock);
};

TEST_P(AnyStore, IsNotWrittenAtFirst) {
    EXPECT_EQ(run_at(*store_, 0, 100), (StoredRun{.kind = Stored::NotWritten, .blocks = 100}));
    EXPECT_EQ(*store_->matches(Lba{3}, zeros(1)), Match::NotWritten);
}

TEST_P(AnyStore, KnowsWhatWasPutAgain) {
    for (const auto& [first, count] :
         std::vector<std::pair<std::int32_t, std::uint32_t>>{{0, 1},
                                                             {kFar, 1},
                                                             {kFar + 31, 2},
                                                             {kFar + 100, 64},
                                                             {kFar + 320, 32},
                                                             {kFar + 999, 77}}) {
        const auto bytes = pattern(static_cast<std::uint32_t>(first), count);
        ASSERT_TRUE(store_->put(Lba{first}, bytes).has_value());
        EXPECT_EQ(*store_->matches(Lba{first}, bytes), Match::Equal) << first;
        EXPECT_NE(*store_->matches(Lba{first}, pattern(7, count, 2)), Match::Equal) << first;
    }
}

TEST_P(AnyStore, KeepsTheFirstMegabytesAsTheyAre) {
    const auto bytes = pattern(1, 100);
    ASSERT_TRUE(store_->put(Lba{kDigestKeepsBlocks - 100}, bytes).has_value());
    EXPECT_EQ(bytes_at(*store_, kDigestKeepsBlocks - 100, 100), bytes);
}

TEST_P(AnyStore, KeepsZerosEverywhere) {
    ASSERT_TRUE(store_->put(Lba{kFar}, zeros(100)).has_value());
    EXPECT_EQ(bytes_at(*store_, kFar, 100), zeros(100));
    EXPECT_EQ(*store_->matches(Lba{kFar + 3}, zeros(20)), Match::Equal);
    EXPECT_EQ(*store_->matches(Lba{kFar + 3}, pattern(0, 1)), Match::Differs);
}

TEST_P(AnyStore, TellsRunsApart) {
    ASSERT_TRUE(store_->put(Lba{10}, pattern(10, 5)).has_value());
    EXPECT_EQ(run_at(*store_, 0, 40), (StoredRun{.kind = Stored::NotWritten, .blocks = 10}));
    EXPECT_EQ(run_at(*store_, 12, 40), (StoredRun{.kind = Stored::Data, .blocks = 3}));
    EXPECT_EQ(run_at(*store_, 15, 40), (StoredRun{.kind = Stored::NotWritten, .blocks = 40}));
}

TEST_P(AnyStore, IsAsNewWhereDiscarded) {
    ASSERT_TRUE(store_->put(Lba{kFar}, zeros(200)).has_value());
    ASSERT_TRUE(store_->discard(Lba{kFar + 10}, BlockCount{100}).has_value());
    EXPECT_EQ(run_at(*store_, kFar, 200), (StoredRun{.kind = Stored::Data, .blocks = 10}));
    EXPECT_EQ(run_at(*store_, kFar + 10, 190),
              (StoredRun{.kind = Stored::NotWritten, .blocks = 100}));
    EXPECT_EQ(*store_->matches(Lba{kFar + 10}, zeros(1)), Match::NotWritten);
    EXPECT_EQ(*store_->matches(Lba{kFar + 110}, zeros(90)), Match::Equal);
    ASSERT_TRUE(store_->discard(Lba{0}, BlockCount{kFar * 2}).has_value());
    EXPECT_EQ(run_at(*store_, kFar, 200).kind, Stored::NotWritten);
}

TEST_P(AnyStore, ClonesGoTheirOwnWays) {
    ASSERT_TRUE(store_->put(Lba{0}, pattern(0, 40)).has_value());
    const auto twin = store_->clone();
    ASSERT_TRUE(twin->put(Lba{5}, pattern(5, 1, 2)).has_value());
    ASSERT_TRUE(store_->discard(Lba{20}, BlockCount{20}).has_value());
    EXPECT_EQ(bytes_at(*store_, 5, 1), pattern(5, 1));
    EXPECT_EQ(bytes_at(*twin, 5, 1), pattern(5, 1, 2));
    EXPECT_EQ(run_at(*store_, 20, 1).kind, Stored::NotWritten);
    EXPECT_EQ(bytes_at(*twin, 20, 20), pattern(20, 20));
}

TEST_P(AnyStore, RefusesWhatAreNotBlocks) {
    std::vector<std::uint8_t> odd(kBlock + 1);
    EXPECT_FALSE(store_->put(Lba{0}, odd).has_value());
    EXPECT_FALSE(store_->get(Lba{0}, odd).has_value());
    EXPECT_FALSE(store_->put(Lba{-1}, zeros(1)).has_value());
    EXPECT_FALSE(store_->discard(Lba{INT32_MAX - 1}, BlockCount{5}).has_value());
    EXPECT_EQ(store_->matches(Lba{-7}, zeros(1)).error().detail,
              "2048 bytes at block -7 are not whole blocks of 2048");
}

// The explorer takes a snapshot at each cut; that must not cost what is on the disc.
TEST_P(AnyStore, ClonesInNoTime) {
    for (std::int32_t extent = 0; extent < 4000; ++extent) {
        ASSERT_TRUE(store_->put(Lba{extent * 32}, zeros(1)).has_value());
    }
    std::vector<std::unique_ptr<MediumStore>> clones;
    for (int i = 0; i < 10; ++i) {
        clones.push_back(store_->clone());
        ASSERT_TRUE(clones.back()->put(Lba{i}, pattern(0, 1)).has_value());
    }
    EXPECT_EQ(bytes_at(*clones[3], 3, 1), pattern(0, 1));
    EXPECT_EQ(run_at(*clones[3], 4, 1).kind, Stored::NotWritten);
}

INSTANTIATE_TEST_SUITE_P(Stores, AnyStore,
                         testing::Values(Maker{"memory", make_memory_store},
                                         Maker{"digest", make_digest_store}),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(MemoryStore, GivesBackWhatWasPutInPiecesOfAnySize) {
    const auto store = make_memory_store();
    const auto all = pattern(100, 500);
    for (std::uint32_t at = 0; at < 500; at += 31) {
        const std::uint32_t count = std::min(31U, 500 - at);
        ASSERT_TRUE(
            store
                ->put(Lba{static_cast<std::int32_t>(100 + at)},
                      ByteView(all).subspan(std::size_t{at} * kBlock, std::size_t{count} * kBlock))
                .has_value());
    }
    EXPECT_EQ(bytes_at(*store, 100, 500), all);
}

TEST(MemoryStore, HasBlocksOfAnySize) {
    const auto store = make_memory_store(2352);
    const std::vector<std::uint8_t> audio(std::size_t{2352} * 40, 0x5A);
    ASSERT_TRUE(store->put(Lba{3}, audio).has_value());
    std::vector<std::uint8_t> back(audio.size());
    EXPECT_EQ(*store->get(Lba{3}, back), (StoredRun{.kind = Stored::Data, .blocks = 40}));
    EXPECT_EQ(back, audio);
}

TEST(DigestStore, KeepsDataOfTheFirstBlocksOfStartsAndOfTheLastOnly) {
    const auto store = make_digest_store();
    const auto all = pattern(0, 4096);
    ASSERT_TRUE(store->put(Lba{0}, all).has_value());
    EXPECT_EQ(bytes_at(*store, 1023, 1), pattern(1023, 1));
    EXPECT_EQ(run_at(*store, 1024, 100), (StoredRun{.kind = Stored::DigestOnly, .blocks = 100}));
    EXPECT_EQ(bytes_at(*store, 4095, 1), pattern(4095, 1));
    EXPECT_EQ(run_at(*store, 4032, 63).kind, Stored::DigestOnly);
    ASSERT_TRUE(
        store->put(Lba{4096}, std::vector<std::uint8_t>(std::size_t{320} * kBlock)).has_value());
    EXPECT_EQ(bytes_at(*store, 4095, 1), pattern(4095, 1)) << "padding pushes nothing out";
    store->mark_start();
    ASSERT_TRUE(store->put(Lba{4096}, pattern(4096, 4096)).has_value());
    EXPECT_EQ(bytes_at(*store, 4096, 32), pattern(4096, 32));
    EXPECT_EQ(run_at(*store, 4128, 100).kind, Stored::DigestOnly);
    EXPECT_EQ(run_at(*store, 4095, 1).kind, Stored::DigestOnly);
    ASSERT_TRUE(store->put(Lba{100'000}, pattern(0, 32)).has_value());
    ASSERT_TRUE(store->put(Lba{100'032}, pattern(1, 4096)).has_value());
    EXPECT_EQ(bytes_at(*store, 100'000, 32), pattern(0, 32));
    EXPECT_EQ(run_at(*store, 100'032, 1).kind, Stored::DigestOnly);
}

TEST(DigestStore, GivesBackWhatWasPutLastAtAnAddress) {
    const auto store = make_digest_store();
    ASSERT_TRUE(store->put(Lba{50'000}, pattern(0, 64)).has_value());
    EXPECT_EQ(bytes_at(*store, 50'063, 1), pattern(63, 1));
    auto padded = pattern(0, 3);
    padded.resize(std::size_t{32} * kBlock);
    ASSERT_TRUE(store->put(Lba{50'064}, padded).has_value());
    EXPECT_EQ(bytes_at(*store, 50'066, 1), pattern(2, 1)) << "zeros behind it in the same piece";
    EXPECT_EQ(run_at(*store, 50'063, 1).kind, Stored::DigestOnly);
    ASSERT_TRUE(store->put(Lba{50'066}, std::vector<std::uint8_t>(kBlock)).has_value());
    EXPECT_EQ(bytes_at(*store, 50'066, 1), std::vector<std::uint8_t>(kBlock)) << "written again";
    ASSERT_TRUE(store->put(Lba{50'066}, pattern(9, 1)).has_value());
    ASSERT_TRUE(store->discard(Lba{50'066}, BlockCount{1}).has_value());
    EXPECT_EQ(run_at(*store, 50'066, 1).kind, Stored::NotWritten);
}

TEST(DigestStore, AnswersForWholeExtentsWhoeverFilledThem) {
    const auto store = make_digest_store();
    const auto all = pattern(0, 32);
    for (const std::uint32_t at : {16U, 31U, 0U, 20U, 5U}) {
        const std::uint32_t count = at == 0 ? 5 : (at == 31 ? 1 : (at == 16 ? 4 : 11));
        ASSERT_TRUE(
            store
                ->put(Lba{static_cast<std::int32_t>(3200 + at)},
                      ByteView(all).subspan(std::size_t{at} * kBlock, std::size_t{count} * kBlock))
                .has_value());
    }
    EXPECT_EQ(*store->matches(Lba{3200}, all), Match::Equal);
    EXPECT_EQ(*store->matches(Lba{3200}, pattern(0, 32, 9)), Match::Differs);
    EXPECT_EQ(*store->matches(Lba{3201}, ByteView(all).subspan(kBlock, kBlock)), Match::Unknown);
}

TEST(DigestStore, ForgetsTheNeighboursOfABlockThatIsWrittenAgain) {
    const auto store = make_digest_store();
    ASSERT_TRUE(store->put(Lba{3200}, pattern(0, 32)).has_value());
    ASSERT_TRUE(store->put(Lba{3205}, pattern(5, 1, 2)).has_value());
    EXPECT_EQ(*store->matches(Lba{3205}, pattern(5, 1, 2)), Match::Equal);
    EXPECT_EQ(*store->matches(Lba{3205}, pattern(5, 1, 1)), Match::Differs);
    EXPECT_EQ(*store->matches(Lba{3204}, pattern(4, 1)), Match::Unknown);
    ASSERT_TRUE(store->put(Lba{3200}, pattern(0, 32)).has_value());
    EXPECT_EQ(*store->matches(Lba{3200}, pattern(0, 32)), Match::Equal);
}

TEST(PressedStore, HoldsAVolumeOverAllOfIt) {
    const auto store = make_pressed_store(1000);
    const auto descriptor = bytes_at(*store, 16, 1);
    EXPECT_EQ(std::string(descriptor.begin() + 1, descriptor.begin() + 6), "CD001");
    EXPECT_EQ(mmc::load_big_endian<std::uint32_t>(descriptor, 84, 4), 1000U);
    EXPECT_EQ(descriptor[80], 1000 & 0xFF);
    const auto root = bytes_at(*store, 20, 1);
    EXPECT_EQ(std::string(root.begin() + 68 + 33, root.begin() + 68 + 46), "NUMBERS.BIN;1");
    const auto last = bytes_at(*store, 999, 1);
    EXPECT_EQ(mmc::load_big_endian<std::uint32_t>(last, 2044, 4), 999U);
    EXPECT_EQ(run_at(*store, 990, 100), (StoredRun{.kind = Stored::Data, .blocks = 10}));
    EXPECT_EQ(run_at(*store, 1000, 100).kind, Stored::NotWritten);
    EXPECT_EQ(*store->matches(Lba{999}, last), Match::Equal);
    EXPECT_EQ(*store->clone()->matches(Lba{998}, last), Match::Differs);
}

TEST(PressedStore, CannotBeWritten) {
    const auto store = make_pressed_store(1000);
    EXPECT_EQ(store->put(Lba{0}, zeros(1)).error().detail, "a pressed disc cannot be written");
    EXPECT_FALSE(store->discard(Lba{0}, BlockCount{1}).has_value());
}

class Comparison : public testing::TestWithParam<std::uint32_t> {};

TEST_P(Comparison, FindsOneFlippedBitWhateverThePieces) {
    const std::uint32_t piece = GetParam();
    for (const auto& make : {make_memory_store, make_digest_store}) {
        const auto store = make(kBlock);
        auto all = pattern(0, 1000);
        ASSERT_TRUE(store->put(Lba{0}, all).has_value());
        const auto feed_all = [&](StoreComparison& comparison) {
            for (std::uint32_t at = 0; at < 1000; at += piece) {
                const std::uint32_t count = std::min(piece, 1000 - at);
                ASSERT_TRUE(comparison
                                .feed(Lba{static_cast<std::int32_t>(at)},
                                      ByteView(all).subspan(std::size_t{at} * kBlock,
                                                            std::size_t{count} * kBlock))
                                .has_value());
            }
            ASSERT_TRUE(comparison.finish().has_value());
        };
        StoreComparison same(*store);
        feed_all(same);
        EXPECT_EQ(same.mismatch(), std::nullopt);
        EXPECT_EQ(same.unknown(), 0U);
        all[std::size_t{777} * kBlock + 5] ^= 0x10U;
        StoreComparison other(*store);
        feed_all(other);
        EXPECT_EQ(other.mismatch(), Lba{768});
    }
}

INSTANTIATE_TEST_SUITE_P(Pieces, Comparison, testing::Values(1U, 16U, 31U, 32U, 512U));

TEST(Comparison, BeginsAnewAtAnotherAddress) {
    const auto store = make_memory_store();
    ASSERT_TRUE(store->put(Lba{0}, pattern(0, 10)).has_value());
    ASSERT_TRUE(store->put(Lba{500}, pattern(500, 10)).has_value());
    StoreComparison comparison(*store);
    ASSERT_TRUE(comparison.feed(Lba{0}, pattern(0, 10)).has_value());
    ASSERT_TRUE(comparison.feed(Lba{500}, pattern(500, 10)).has_value());
    ASSERT_TRUE(comparison.finish().has_value());
    EXPECT_EQ(comparison.mismatch(), std::nullopt);
    ASSERT_TRUE(comparison.feed(Lba{510}, pattern(510, 1)).has_value());
    ASSERT_TRUE(comparison.finish().has_value());
    EXPECT_EQ(comparison.mismatch(), Lba{510});
}

}  // namespace
}  // namespace kiln::harness

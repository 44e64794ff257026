#include "harness/testing/generated_source.h"

#include <vector>

#include <gtest/gtest.h>

#include "mmc/hex.h"

namespace kiln::harness {
namespace {

std::vector<std::uint8_t> pattern(std::uint64_t seed, std::uint64_t offset, std::size_t size) {
    std::vector<std::uint8_t> bytes(size);
    fill_pattern(seed, offset, bytes);
    return bytes;
}

TEST(Pattern, IsSplitmix64) {
    // The first two outputs for seed 1234567, as published with the generator.
    EXPECT_EQ(pattern_word(1234567, 0), 6457827717110365317U);
    EXPECT_EQ(pattern_word(1234567, 1), 3203168211198807973U);
}

TEST(Pattern, IsTheSameFromEveryOffset) {
    const auto whole = pattern(7, 0, 100);
    for (std::size_t offset = 0; offset < 40; ++offset) {
        const auto part = pattern(7, offset, 50);
        EXPECT_EQ(mmc::to_hex(part), mmc::to_hex(mmc::ByteView(whole).subspan(offset, 50)))
            << offset;
    }
}

TEST(GeneratedSource, GivesItsSizeInPiecesOfAnySize) {
    GeneratedSource source(7, 100);
    EXPECT_EQ(source.size(), 100U);
    std::vector<std::uint8_t> all;
    std::vector<std::uint8_t> buffer(13);
    while (true) {
        const auto count = source.read(buffer);
        ASSERT_TRUE(count);
        if (*count == 0) {
            break;
        }
        all.insert(all.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(*count));
    }
    EXPECT_EQ(all, pattern(7, 0, 100));
}

TEST(GeneratedSource, InterruptEndsIt) {
    GeneratedSource source(7, 100);
    source.interrupt();
    std::vector<std::uint8_t> buffer(13);
    const auto count = source.read(buffer);
    ASSERT_FALSE(count);
    EXPECT_TRUE(count.error().interrupted);
}

}  // namespace
}  // namespace kiln::harness

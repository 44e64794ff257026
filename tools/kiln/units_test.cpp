#include "tools/kiln/units.h"

#include <gtest/gtest.h>

namespace kiln::tools {
namespace {

TEST(Units, SizesComeWithAndWithoutUnits) {
    EXPECT_EQ(parse_size("25000000000"), 25'000'000'000U);
    EXPECT_EQ(parse_size("64MiB"), 64U << 20U);
    EXPECT_EQ(parse_size("64M"), 64U << 20U);
    EXPECT_EQ(parse_size("700MB"), 700'000'000U);
    EXPECT_EQ(parse_size("1.5KiB"), 1536U);
    EXPECT_EQ(parse_size("3s"), 6144U);
    EXPECT_EQ(parse_size("0"), 0U);
    EXPECT_EQ(parse_size("9223372036854775807"), 9'223'372'036'854'775'807U);
}

TEST(Units, WhatIsNoSizeIsRefused) {
    for (const char* text : {"", "MiB", "-1", "+1", "1e3", "12 MiB", "12Q", "1.2.3", ".", "0x10",
                             "9223372036854775808", "99999999999T", "nan", "inf"}) {
        EXPECT_EQ(parse_size(text), std::nullopt) << text;
    }
}

TEST(Units, ACancelComesAfterAShareAnAmountOrATime) {
    EXPECT_EQ(parse_cancel_after("37%"), CancelAfter(AfterPercent{37}));
    EXPECT_EQ(parse_cancel_after("0%"), CancelAfter(AfterPercent{0}));
    EXPECT_EQ(parse_cancel_after("100%"), CancelAfter(AfterPercent{100}));
    EXPECT_EQ(parse_cancel_after("64MiB"), CancelAfter(AfterBytes{64U << 20U}));
    EXPECT_EQ(parse_cancel_after("30s"), CancelAfter(AfterTime{std::chrono::seconds(30)}));
    EXPECT_EQ(parse_cancel_after("1.5s"), CancelAfter(AfterTime{std::chrono::milliseconds(1500)}));
    for (const char* text : {"", "%", "101%", "-1%", "s", "soon", "9999999s", "3 %"}) {
        EXPECT_EQ(parse_cancel_after(text), std::nullopt) << text;
    }
}

TEST(Units, BlocksAreAFirstAndACount) {
    EXPECT_EQ(parse_blocks("16+32"), (BlockRange{16, 32}));
    EXPECT_EQ(parse_blocks("0+2147483648"), (BlockRange{0, 0x8000'0000}));
    for (const char* text : {"", "16", "16+", "+32", "16+0", "16-32", "1+2+3", "2147483648+1",
                             "2147483647+2", "0x10+1", "a+b"}) {
        EXPECT_EQ(parse_blocks(text), std::nullopt) << text;
    }
}

TEST(Units, ASpeedIsAPositiveNumber) {
    EXPECT_EQ(parse_speed("8"), 8.0);
    EXPECT_EQ(parse_speed("8x"), 8.0);
    EXPECT_EQ(parse_speed("2.4"), 2.4);
    for (const char* text : {"", "x", "0", "-4", "8y", "10000", "1e2"}) {
        EXPECT_EQ(parse_speed(text), std::nullopt) << text;
    }
}

TEST(Units, PeopleReadRoundNumbers) {
    EXPECT_EQ(words_for_bytes(2048), "2.0 KiB");
    EXPECT_EQ(words_for_bytes(736'966'656), "703 MiB");
    EXPECT_EQ(words_for_bytes(12), "12 B");
    EXPECT_EQ(words_for_time(std::chrono::seconds(67)), "1:07");
    EXPECT_EQ(words_for_time(std::chrono::seconds(3723)), "1:02:03");
    EXPECT_EQ(words_for_time(std::chrono::milliseconds(59'999)), "0:59");
}

}  // namespace
}  // namespace kiln::tools

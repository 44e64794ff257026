#include "tools/kiln/bytes_input.h"

#include <gtest/gtest.h>

namespace kiln::tools {
namespace {

TEST(BytesInput, HexIsReadHoweverItIsGrouped) {
    const Bytes expected{0x2A, 0x08, 0x00, 0xFF};
    EXPECT_EQ(parse_hex("2a 08 00 ff"), expected);
    EXPECT_EQ(parse_hex("2A0800FF"), expected);
    EXPECT_EQ(parse_hex("0x2a, 0x08, 0x00, 0xff"), expected);
    EXPECT_EQ(parse_hex("2a:08:00:ff"), expected);
    EXPECT_EQ(parse_hex("2a 8 0 ff\n"), expected);
    EXPECT_EQ(parse_hex("2a08  00ff"), expected);
}

TEST(BytesInput, WhatIsNotHexIsWrongUsage) {
    for (const char* text : {"", "  ", "2", "zz", "2a0", "0x", "2a -1", "2a g0", "1 000"}) {
        const auto bytes = parse_hex(text);
        if (std::string_view(text) == "2") {
            EXPECT_EQ(bytes, Bytes{2});
            continue;
        }
        ASSERT_FALSE(bytes) << text;
        EXPECT_EQ(bytes.error().status, ExitStatus::WrongUsage) << text;
    }
}

TEST(BytesInput, AFileThatIsNotThereIsNamed) {
    const auto bytes = bytes_from("@/no/such/file", 10);
    ASSERT_FALSE(bytes);
    EXPECT_EQ(bytes.error().status, ExitStatus::Failed);
    EXPECT_EQ(bytes.error().line(), "reading /no/such/file: No such file or directory");
}

TEST(BytesInput, AFolderAndAnEndlessFileEnd) {
    EXPECT_EQ(bytes_from("@/", 10).error().line(), "reading /: Is a directory");
    EXPECT_EQ(bytes_from("@/dev/zero", 100).error().line(),
              "reading /dev/zero: it has more than 100 bytes");
}

TEST(BytesInput, TooManyBytesAreRefused) {
    EXPECT_EQ(bytes_from("00 01 02", 2).error().status, ExitStatus::WrongUsage);
}

TEST(BytesInput, ADumpShowsOffsetsAndLetters) {
    const Bytes bytes{'K', 'I', 'L', 'N', 0};
    EXPECT_EQ(dump(bytes), "0000  4b 49 4c 4e 00                                   KILN.\n");
    EXPECT_EQ(dump({}), "");
}

}  // namespace
}  // namespace kiln::tools

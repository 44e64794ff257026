#include "transports/bot/wrappers.h"

#include <array>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "mmc/hex.h"

#include "harness/testing/test_data.h"

namespace kiln::transports::bot {
namespace {

// Seen on the wire between Windows and a TSSTcorp SE-506CB (coastermelt, update-ts01-notes.txt).
constexpr std::string_view kInquiry =
    "55534243 00b85c06 24000000 80 00 0c 120000002400000000000000 00000000";
constexpr std::string_view kReady =
    "55534243 30b50606 00000000 00 00 0c 000000000000000000000000 00000000";
constexpr std::string_view kReadyFailed = "55534253 30b50606 00000000 01";

CommandWrapper inquiry() {
    return {.tag = 0x065CB800,
            .data_transfer_length = 36,
            .flow = Flow::In,
            .command = mmc::Cdb::copy_of(mmc::from_hex("12 00 00 00 24 00 00 00 00 00 00 00"))};
}

TEST(CommandWrapper, IsWrittenAsWindowsWritesIt) {
    EXPECT_EQ(mmc::to_hex(encode(inquiry())), mmc::to_hex(mmc::from_hex(kInquiry)));
    const CommandWrapper ready{.tag = 0x0606B530, .command = mmc::Cdb(12)};
    EXPECT_EQ(mmc::to_hex(encode(ready)), mmc::to_hex(mmc::from_hex(kReady)));
}

TEST(CommandWrapper, HasEveryFieldInItsPlace) {
    const CommandWrapper wrapper{
        .tag = 0x04030201,
        .data_transfer_length = 0x08070605,
        .flow = Flow::Out,
        .logical_unit = 0x0F,
        .command = mmc::Cdb::copy_of(mmc::from_hex("a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"))};
    const auto golden =
        mmc::from_hex("55534243 01020304 05060708 00 0f 10 a0a1a2a3a4a5a6a7a8a9aaabacadaeaf");
    EXPECT_EQ(mmc::to_hex(encode(wrapper)), mmc::to_hex(golden));
    EXPECT_EQ(decode_command(golden).value(), wrapper);
}

TEST(CommandWrapper, IsReadBack) {
    EXPECT_EQ(decode_command(mmc::from_hex(kInquiry)).value(), inquiry());
}

TEST(CommandWrapper, OfAnyOtherLengthIsInvalid) {
    auto bytes = mmc::from_hex(kInquiry);
    bytes.push_back(0);
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
        const auto decoded = decode_command(mmc::ByteView(bytes).first(size));
        EXPECT_EQ(decoded.has_value(), size == 31) << size;
    }
}

TEST(CommandWrapper, SaysWhatIsWrongWithIt) {
    struct Row {
        std::size_t offset;
        std::uint8_t value;
        CommandDefect defect;
    };
    for (const Row& row :
         {Row{3, 0x53, CommandDefect::Signature}, Row{12, 0x81, CommandDefect::Reserved},
          Row{13, 0x10, CommandDefect::Reserved}, Row{14, 0x20, CommandDefect::Reserved},
          Row{14, 0, CommandDefect::Length}, Row{14, 17, CommandDefect::Length}}) {
        auto bytes = mmc::from_hex(kInquiry);
        bytes[row.offset] = row.value;
        const auto decoded = decode_command(bytes);
        ASSERT_FALSE(decoded) << row.offset;
        EXPECT_EQ(decoded.error(), row.defect) << row.offset;
    }
}

TEST(StatusWrapper, IsWrittenAsASamsungBurnerWritesIt) {
    EXPECT_EQ(mmc::to_hex(encode(StatusWrapper{.tag = 0x0606B530, .status = kFailed})),
              mmc::to_hex(mmc::from_hex(kReadyFailed)));
    EXPECT_EQ(mmc::to_hex(encode(StatusWrapper{0x04030201, 0x08070605, 2})),
              mmc::to_hex(mmc::from_hex("55534253 01020304 05060708 02")));
}

TEST(StatusWrapper, IsValidForTheCommandItAnswers) {
    const CommandWrapper ready{.tag = 0x0606B530};
    EXPECT_EQ(decode_status(mmc::from_hex(kReadyFailed), ready).value(),
              (StatusWrapper{.tag = 0x0606B530, .status = kFailed}));
}

TEST(StatusWrapper, SaysWhatIsWrongWithIt) {
    const CommandWrapper sent{.tag = 0x0606B530, .data_transfer_length = 8, .flow = Flow::In};
    struct Row {
        std::string_view bytes;
        StatusDefect defect;
    };
    for (const Row& row :
         {Row{"", StatusDefect::Size}, Row{"55534253 30b50606 00000000", StatusDefect::Size},
          Row{"55534253 30b50606 00000000 00 00", StatusDefect::Size},
          Row{"55534243 30b50606 00000000 00", StatusDefect::Signature},
          Row{"55534253 31b50606 00000000 00", StatusDefect::Tag},
          Row{"55534253 30b50606 00000000 03", StatusDefect::Status},
          Row{"55534253 30b50606 09000000 00", StatusDefect::Residue}}) {
        const auto decoded = decode_status(mmc::from_hex(row.bytes), sent);
        ASSERT_FALSE(decoded) << row.bytes;
        EXPECT_EQ(decoded.error(), row.defect) << row.bytes;
    }
}

TEST(StatusWrapper, OfAPhaseErrorMayHaveAnyResidue) {
    const CommandWrapper sent{.tag = 1};
    EXPECT_TRUE(decode_status(mmc::from_hex("55534253 01000000 ffffffff 02"), sent));
}

TEST(StatusWrapper, IsToleratedWhereADeviceIsKnown) {
    const CommandWrapper sent{.tag = 1};
    const auto odd = mmc::from_hex("52534255 02000000 ffffffff 00");
    EXPECT_FALSE(decode_status(odd, sent, {.any_tag = true, .any_residue = true}));
    EXPECT_FALSE(decode_status(odd, sent, {.any_signature = true, .any_residue = true}));
    EXPECT_FALSE(decode_status(odd, sent, {.any_signature = true, .any_tag = true}));
    EXPECT_TRUE(
        decode_status(odd, sent, {.any_signature = true, .any_tag = true, .any_residue = true}));
}

TEST(ThirteenCases, AreNumberedAsInTheStandard) {
    using enum Flow;
    struct Row {
        Expectation host;
        Expectation device;
        int number;
        bool phase_error;
    };
    for (const Row& row :
         {Row{{}, {}, 1, false}, Row{{}, {In, 8}, 2, true}, Row{{}, {Out, 8}, 3, true},
          Row{{In, 8}, {}, 4, false}, Row{{In, 8}, {In, 4}, 5, false},
          Row{{In, 8}, {In, 8}, 6, false}, Row{{In, 8}, {In, 9}, 7, true},
          Row{{In, 8}, {Out, 8}, 8, true}, Row{{Out, 8}, {}, 9, false},
          Row{{Out, 8}, {In, 8}, 10, true}, Row{{Out, 8}, {Out, 4}, 11, false},
          Row{{Out, 8}, {Out, 8}, 12, false}, Row{{Out, 8}, {Out, 9}, 13, true}}) {
        EXPECT_EQ(case_number(row.host, row.device), row.number);
        EXPECT_EQ(is_phase_error(row.number), row.phase_error) << row.number;
    }
    EXPECT_EQ(case_number({In, 0}, {Out, 0}), 1) << "nothing to move is no direction";
}

TEST(RecordedWrappers, OfWindowsAndASamsungBurnerAreReadAndWrittenAlike) {
    if (!harness::real_data()) {
        GTEST_SKIP() << harness::kNoRealData;
    }
    int commands = 0;
    int statuses = 0;
    CommandWrapper last;
    for (const std::string& line : harness::read_lines(
             *harness::real_data() / "coastermelt-se506cb" / "bot_transcript.txt")) {
        const auto colon = line.find(": ");
        const auto bytes = colon == std::string::npos
                               ? std::nullopt
                               : harness::bytes_of(std::string_view(line).substr(colon + 2));
        if (!bytes) {
            continue;
        }
        if (line.starts_with("OUT CBW")) {
            const auto wrapper = decode_command(*bytes);
            ASSERT_TRUE(wrapper) << line;
            last = *wrapper;
            EXPECT_EQ(mmc::to_hex(encode(last)), mmc::to_hex(*bytes));
            ++commands;
        } else if (line.starts_with("IN CSW")) {
            const auto status = decode_status(*bytes, last);
            ASSERT_TRUE(status) << line;
            EXPECT_EQ(mmc::to_hex(encode(*status)), mmc::to_hex(*bytes));
            ++statuses;
        }
    }
    EXPECT_EQ(commands, 5);
    EXPECT_EQ(statuses, 5);
}

}  // namespace
}  // namespace kiln::transports::bot

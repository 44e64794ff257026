#include "mmc/commands/parameters.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "mmc/bytes.h"
#include "mmc/hex.h"
#include "mmc/layout.h"
#include "mmc/lba.h"
#include "mmc/responses/answer.h"
#include "mmc/responses/format_capacities.h"
#include "mmc/responses/toc.h"

#include "harness/testing/test_data.h"

namespace kiln::mmc {
namespace {

std::string hex_of(const Encoded& bytes) {
    return bytes ? to_hex(*bytes) : "no encoding";
}

// Every shorter length is refused, on a copy of exactly that size.
template <typename Decode>
void expect_too_short_below(std::string_view hex, Decode decode) {
    const auto bytes = from_hex(hex);
    EXPECT_TRUE(decode(ByteView(bytes)));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const harness::ExactCopy cut(ByteView(bytes).first(size));
        const auto decoded = decode(cut.view());
        ASSERT_FALSE(decoded) << size;
        EXPECT_EQ(decoded.error(), DecodeError::TooShort) << size;
    }
}

// --- FORMAT UNIT -------------------------------------------------------------------------------

// What dvd+rw-tools 7.1 sends to format a DVD+RW: IMMED, all blocks, type 26h.
constexpr std::string_view kDvdPlusRwFormat = "00 02 00 08  ff ff ff ff  98 00 00 00";

TEST(FormatList, OfADvdPlusRwIsAsDvdRwToolsSendIt) {
    EXPECT_EQ(hex_of(encode(FormatList{
                  .header = {.immediate = true},
                  .descriptor = {.number_of_blocks = BlockCount{0xFFFFFFFF},
                                 .format_type = FormatType::DvdPlusRwBasic},
              })),
              to_hex(from_hex(kDvdPlusRwFormat)));
}

TEST(FormatList, HasEachOptionAtItsBit) {
    const auto option = [](const FormatListHeader& header) {
        return hex_of(encode(FormatList{.header = header, .descriptor = {}})).substr(0, 11);
    };
    EXPECT_EQ(option({.format_options_valid = true}), "00 80 00 08");
    EXPECT_EQ(option({.disable_primary = true}), "00 40 00 08");
    EXPECT_EQ(option({.disable_certification = true}), "00 20 00 08");
    EXPECT_EQ(option({.stop_format = true}), "00 10 00 08");
    EXPECT_EQ(option({.initialization_pattern = true}), "00 08 00 08");
    EXPECT_EQ(option({.try_out = true}), "00 04 00 08");
    EXPECT_EQ(option({.immediate = true}), "00 02 00 08");
    EXPECT_EQ(option({.vendor_specific = true}), "00 01 00 08");
}

TEST(FormatList, KeepsFormatTypesAndSubTypesApart) {
    const auto list = decode_format_list(from_hex("00 82 00 08  00 ba 74 00  c9 01 02 03"));
    ASSERT_TRUE(list);
    EXPECT_TRUE(list->header.format_options_valid);
    EXPECT_TRUE(list->header.immediate);
    EXPECT_EQ(list->descriptor.number_of_blocks, BlockCount{0x00BA7400});
    EXPECT_EQ(list->descriptor.format_type, FormatType::BdRFullWithSpare);
    EXPECT_EQ(list->descriptor.sub_type, 1U);
    EXPECT_EQ(list->descriptor.type_dependent_parameter, 0x010203U);
}

TEST(FormatList, RefusesWhatDoesNotFit) {
    const auto refused = [](const FormatDescriptor& descriptor) {
        const auto bytes = encode(FormatList{.header = {}, .descriptor = descriptor});
        return !bytes && bytes.error() == EncodeError::FieldOverflow;
    };
    EXPECT_TRUE(refused({.sub_type = 4}));
    EXPECT_TRUE(refused({.format_type = std::bit_cast<FormatType>(std::uint8_t{0x40})}));
    EXPECT_TRUE(refused({.type_dependent_parameter = 0x1000000}));
    EXPECT_FALSE(refused({.sub_type = 3, .type_dependent_parameter = 0xFFFFFF}));
}

TEST(FormatList, IsTooShortAtEveryShorterLength) {
    expect_too_short_below(kDvdPlusRwFormat, decode_format_list);
}

// --- SET STREAMING -----------------------------------------------------------------------------

// What cdrskin 1.5.4 sends before it burns a BD-R at 2x.
constexpr std::string_view kStreaming =
    "00 00 00 00  00 00 00 00  00 ba 74 00  00 01 5f 39  00 00 03 e8  00 00 23 1e  00 00 03 e8";

TEST(StreamingDescriptor, IsAsCdrskinSendsIt) {
    EXPECT_EQ(hex_of(encode(StreamingDescriptor{.end_lba = Lba{12219392},
                                                .read_size = 89913,
                                                .read_time = 1000,
                                                .write_size = 8990,
                                                .write_time = 1000})),
              to_hex(from_hex(kStreaming)));
}

TEST(StreamingDescriptor, HasEachOptionAtItsBit) {
    const auto option = [](const StreamingDescriptor& descriptor) {
        return hex_of(encode(descriptor)).substr(0, 2);
    };
    EXPECT_EQ(option({.write_rotation_control = 3}), "18");
    EXPECT_EQ(option({.restore_drive_defaults = true}), "04");
    EXPECT_EQ(option({.exact = true}), "02");
    EXPECT_EQ(option({.random_access = true}), "01");
    EXPECT_EQ(hex_of(encode(StreamingDescriptor{.write_rotation_control = 4})), "no encoding");
}

TEST(StreamingDescriptor, IsTooShortAtEveryShorterLength) {
    expect_too_short_below(kStreaming, decode_streaming_descriptor);
}

// --- SEND CUE SHEET ----------------------------------------------------------------------------

TEST(CueSheet, OfOneDataTrackIsAsOtherProgramsSendIt) {
    // Lead-in, pause, track 1 at 00:02:00, lead-out at 00:10:36.
    const CueSheetEntry cue_sheet[] = {
        {.control = 4, .data_form = 0x14},
        {.control = 4, .track_number = 1, .data_form = 0x10},
        {.control = 4, .track_number = 1, .index = 1, .data_form = 0x10, .second = 2},
        {.control = 4,
         .track_number = kLeadOutTrack,
         .index = 1,
         .data_form = 0x14,
         .second = 10,
         .frame = 36},
    };
    EXPECT_EQ(hex_of(encode_cue_sheet(cue_sheet)),
              to_hex(from_hex("41 00 00 14 00 00 00 00  41 01 00 10 00 00 00 00"
                              " 41 01 01 10 00 00 02 00  41 aa 01 14 00 00 0a 24")));
}

TEST(CueSheet, TakesACatalogueNumberOf13Digits) {
    const auto entries = catalogue_number_entries("1234567890128");
    EXPECT_EQ(hex_of(encode_cue_sheet(entries.value_or(std::array<CueSheetEntry, 2>{}))),
              to_hex(from_hex("02 31 32 33 34 35 36 37  02 38 39 30 31 32 38 00")));
    EXPECT_FALSE(catalogue_number_entries("123456789012"));
    EXPECT_FALSE(catalogue_number_entries("12345678901234"));
    EXPECT_FALSE(catalogue_number_entries("123456789012x"));
}

TEST(CueSheet, TakesAnIsrcOf12LettersAndDigits) {
    const auto entries = isrc_entries(0, 1, "DEABC2001600");
    EXPECT_EQ(hex_of(encode_cue_sheet(entries.value_or(std::array<CueSheetEntry, 2>{}))),
              to_hex(from_hex("03 01 44 45 41 42 43 32  03 01 30 30 31 36 30 30")));
    EXPECT_FALSE(isrc_entries(0, 1, "DEABC200160"));
    EXPECT_FALSE(isrc_entries(0, 1, "deabc2001600"));
}

TEST(CueSheet, DecodesToItsEntries) {
    const auto cue_sheet =
        decode_cue_sheet(from_hex("90 02 03 04 05 06 07 08  41 aa 01 14 00 0a 0b 0c"));
    ASSERT_TRUE(cue_sheet);
    ASSERT_EQ(cue_sheet->size(), 2U);
    EXPECT_EQ((*cue_sheet)[0], (CueSheetEntry{.control = 9,
                                              .address_mode = 0,
                                              .track_number = 2,
                                              .index = 3,
                                              .data_form = 4,
                                              .scms = 5,
                                              .minute = 6,
                                              .second = 7,
                                              .frame = 8}));
    EXPECT_EQ((*cue_sheet)[1].track_number, kLeadOutTrack);
}

TEST(CueSheet, WithoutAnEntryOrWithAPartOfOneIsRefused) {
    const auto bytes = from_hex("41 00 00 14 00 00 00 00  41 01 00 10 00 00 00 00");
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const harness::ExactCopy cut(ByteView(bytes).first(size));
        EXPECT_EQ(static_cast<bool>(decode_cue_sheet(cut.view())), size == 8) << size;
    }
}

TEST(CueSheet, RefusesWhatDoesNotFit) {
    EXPECT_EQ(hex_of(encode_cue_sheet(std::array{CueSheetEntry{.control = 16}})), "no encoding");
    EXPECT_EQ(hex_of(encode_cue_sheet(std::array{CueSheetEntry{.address_mode = 16}})),
              "no encoding");
}

// --- SEND DISC STRUCTURE -----------------------------------------------------------------------

constexpr std::string_view kTimestamp = "00 10 00 00  32 30 30 39 30 32 31 31 31 32 35 38 30 31";

TEST(Timestamp, IsInDecimalDigits) {
    EXPECT_EQ(hex_of(encode(Timestamp{
                  .year = 2009, .month = 2, .day = 11, .hour = 12, .minute = 58, .second = 1})),
              to_hex(from_hex(kTimestamp)));
}

TEST(Timestamp, DecodesWhatItEncodes) {
    const auto timestamp = decode_timestamp(from_hex(kTimestamp));
    ASSERT_TRUE(timestamp);
    EXPECT_EQ(timestamp->year, 2009U);
    EXPECT_EQ(timestamp->second, 1U);
    EXPECT_EQ(hex_of(encode(*timestamp)), to_hex(from_hex(kTimestamp)));
}

TEST(Timestamp, RefusesNumbersWithTooManyDigitsAndBytesThatAreNone) {
    EXPECT_EQ(hex_of(encode(Timestamp{.year = 10000})), "no encoding");
    EXPECT_EQ(hex_of(encode(Timestamp{.month = 100})), "no encoding");
    auto bytes = from_hex(kTimestamp);
    bytes[7] = 0x3A;
    EXPECT_EQ(decode_timestamp(bytes).error(), DecodeError::WrongType);
}

TEST(Timestamp, IsTooShortAtEveryShorterLength) {
    expect_too_short_below(kTimestamp, decode_timestamp);
}

}  // namespace
}  // namespace kiln::mmc

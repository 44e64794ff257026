// The golden rows: answers with the values that another hand read out of them.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <tl/expected.hpp>

#include <gtest/gtest.h>

#include "mmc/bytes.h"
#include "mmc/hex.h"
#include "mmc/responses/catalog.h"
#include "mmc/result.h"

#include "harness/testing/test_data.h"

namespace kiln::mmc {
namespace {

struct GoldenRow {
    std::string name;
    std::vector<std::uint8_t> cdb;  // where the name has one
    std::vector<std::uint8_t> bytes;
    std::vector<std::pair<std::string, std::string>> expected;
};

std::vector<GoldenRow> golden_rows() {
    std::vector<GoldenRow> rows;
    const auto lines = harness::read_lines(harness::fixtures() / "golden" / "responses.csv");
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const auto parts = harness::split(lines[i], ';');
        if (parts.size() < 3) {
            continue;
        }
        GoldenRow row{
            .name = parts[0], .cdb = {}, .bytes = *harness::bytes_of(parts[1]), .expected = {}};
        if (const auto begin = row.name.find("[CDB "); begin != std::string::npos) {
            const auto hex = row.name.substr(begin + 5, row.name.find(']') - begin - 5);
            row.cdb = *harness::bytes_of(hex);
        }
        for (const std::string& pair : harness::split(parts[2], ' ')) {
            const auto equals = pair.find('=');
            row.expected.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

/// How the rows without a CDB are to be read: by the beginning of their name.
struct Reading {
    std::string_view beginning;
    std::string_view command;
};
constexpr std::array kReadings{
    Reading{"atip", "READ TOC/PMA/ATIP 4"},
    Reading{"bd-structure 09h", "READ DISC STRUCTURE BD 09"},
    Reading{"bd-structure 0Ah", "READ DISC STRUCTURE BD 0A"},
    Reading{"buffer-capacity", "READ BUFFER CAPACITY"},
    Reading{"disc-info", "READ DISC INFORMATION"},
    Reading{"dvd-structure 00h", "READ DISC STRUCTURE DVD 00"},
    Reading{"dvd-structure 01h", "READ DISC STRUCTURE DVD 01"},
    Reading{"dvd-structure 09h", "READ DISC STRUCTURE DVD 09"},
    Reading{"dvd-structure 0Ah", "READ DISC STRUCTURE DVD 0A"},
    Reading{"dvd-structure 20h", "READ DISC STRUCTURE DVD 20"},
    Reading{"dvd-structure 21h", "READ DISC STRUCTURE DVD 21"},
    Reading{"dvd-structure 22h", "READ DISC STRUCTURE DVD 22"},
    Reading{"dvd-structure C0h", "READ DISC STRUCTURE DVD C0"},
    Reading{"format-capacities", "READ FORMAT CAPACITIES"},
    Reading{"gesn", "GET EVENT STATUS NOTIFICATION"},
    Reading{"mechanism-status", "MECHANISM STATUS"},
    Reading{"mode-sense(10)", "MODE SENSE (10)"},
    Reading{"performance type 0", "GET PERFORMANCE 0"},
    Reading{"performance type 1", "GET PERFORMANCE 1"},
    Reading{"performance type 3", "GET PERFORMANCE 3"},
    Reading{"pma", "READ TOC/PMA/ATIP 3"},
    Reading{"pow-resources", "READ DISC INFORMATION"},
    Reading{"read-capacity", "READ CAPACITY (10)"},
    Reading{"report-key ASF", "REPORT KEY 05"},
    Reading{"report-key RPC", "REPORT KEY 08"},
    Reading{"send-opc", "SEND OPC INFORMATION"},
    Reading{"set-streaming", "SET STREAMING"},
    Reading{"toc format 0 MSF", "READ TOC/PMA/ATIP MSF 0"},
    Reading{"toc format 1", "READ TOC/PMA/ATIP 1"},
    Reading{"toc format 2", "READ TOC/PMA/ATIP 2"},
    Reading{"track-info", "READ TRACK INFORMATION"},
    Reading{"track-resources", "READ DISC INFORMATION"},
    Reading{"vpd 83", "INQUIRY 83"},
};

/// Two rows are a piece of a structure without its header: the missing bytes go in front.
std::vector<std::uint8_t> with_front(std::string_view front,
                                     const std::vector<std::uint8_t>& bytes) {
    auto whole = from_hex(front);
    whole.insert(whole.end(), bytes.begin(), bytes.end());
    return whole;
}

Result<Answer, ExplainError> read(const GoldenRow& row) {
    const harness::ExactCopy exact(row.bytes);
    if (!row.cdb.empty()) {
        return explain_answer(row.cdb, exact.view());
    }
    if (row.name.starts_with("feature ")) {
        return explain_feature(exact.view());
    }
    if (row.name.starts_with("mode page ")) {
        return explain_mode_page(exact.view());
    }
    if (row.name.starts_with("bd DI unit")) {
        return explain_answer("READ DISC STRUCTURE BD 00", {},
                              with_front("10 02 00 00", row.bytes));
    }
    if (row.name.starts_with("dvd-r physical format bytes 16..63")) {
        // Book type 2: where the borders stand is a matter of DVD-R and DVD-RW.
        return explain_answer(
            "READ DISC STRUCTURE DVD 00", {},
            with_front("08 02 00 00  25 0f 02 00 00 00 00 00 00 00 00 00 00 00 00 00", row.bytes));
    }
    const auto* const reading = std::ranges::find_if(
        kReadings, [&](const Reading& each) { return row.name.starts_with(each.beginning); });
    if (reading == kReadings.end()) {
        return tl::make_unexpected(ExplainError::UnknownCommand);
    }
    return explain_answer(reading->command, {}, exact.view());
}

/// Values that the rows give and our reading does not, each with the reason.
struct Disagreement {
    std::string_view row;
    std::string_view key;
    std::string_view reason;
};
constexpr std::array kDisagreements{
    Disagreement{"pow-resources asked with wrong", "bytes4_7_as_u32",
                 "what a program reads that takes the standard answer for POW resources; there is "
                 "no such field"},
    Disagreement{"performance type 0 exceptions none", "descriptors(start/perf-end/perf)",
                 "exceptions have a list of their own, descriptors(lba/time); it is empty too"},
    Disagreement{"mode page 05 SE-506CB changeable", "byte2", "a mask's whole byte, no field"},
    Disagreement{"mode page 05 SE-506CB changeable", "byte3", "a mask's whole byte, no field"},
    Disagreement{"mode page 05 SE-506CB changeable", "byte4", "a mask's whole byte, no field"},
    Disagreement{"mode page 05 SE-506CB changeable", "packet_size",
                 "the row writes the mask in hex without h; as a number it is 4294967295"},
    Disagreement{"mode page 05 SE-506CB changeable", "audio_pause",
                 "the row writes the mask in hex without h; as a number it is 65535"},
};

bool settled(const GoldenRow& row, const std::string& key) {
    return std::ranges::any_of(kDisagreements, [&](const Disagreement& each) {
        return row.name.starts_with(each.row) && key == each.key;
    });
}

std::string blanks_as_underscores(std::string text) {
    std::ranges::replace(text, ' ', '_');
    return text;
}

/// In the rows' notation: numbers are compared as numbers, whatever base the row uses.
std::string as_expected(const FieldValue& value, const std::string& expected) {
    if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
        std::string joined;
        for (const std::string& part : *list) {
            joined += (joined.empty() ? "" : "|") + part;
        }
        return joined.empty() && expected == "none" ? "none" : joined;
    }
    if (const auto* text = std::get_if<std::string>(&value)) {
        return text->empty() && expected == "(none)" ? "(none)" : blanks_as_underscores(*text);
    }
    const auto number = std::get<std::int64_t>(value);
    const bool hex = expected.ends_with('h');
    try {
        std::size_t used = 0;
        const auto wanted = std::stoll(expected, &used, hex ? 16 : 10);
        if (wanted == number && used == expected.size() - (hex ? 1U : 0U)) {
            return expected;
        }
    } catch (const std::exception&) {
        return std::to_string(number);
    }
    return std::to_string(number);
}

// What a host sends has the form of the answer: a DVD-R DL's layer boundary, a BD's time stamp.
TEST(Catalog, ParametersOfSendDiscStructureAreReadLikeTheStructure) {
    const auto boundary = explain_answer(from_hex("bf 00 00 00 00 00 00 20 00 0c 00 00"),
                                         from_hex("00 0a 00 00 80 00 00 00 00 1f d7 c0"));
    ASSERT_TRUE(boundary);
    EXPECT_EQ(std::get<std::int64_t>(find(boundary->fields, "l0_capacity")->value), 2'086'848);
    EXPECT_EQ(explain_answer("SEND DISC STRUCTURE DVD 20", {},
                             from_hex("00 0a 00 00 80 00 00 00 00 1f d7 c0"))
                  ->fields,
              boundary->fields);
}

TEST(GoldenResponses, AllRowsReadToTheExpectedValues) {
    const auto rows = golden_rows();
    ASSERT_GE(rows.size(), 204U);
    std::size_t compared = 0;
    for (const GoldenRow& row : rows) {
        const auto answer = read(row);
        ASSERT_TRUE(answer.has_value()) << row.name << ": " << words(answer.error());
        for (const auto& [key, expected] : row.expected) {
            const Field* field = find(answer->fields, key);
            if (settled(row, key)) {
                EXPECT_TRUE(field == nullptr || as_expected(field->value, expected) != expected)
                    << row.name << ": " << key << " agrees after all";
                continue;
            }
            ASSERT_NE(field, nullptr) << row.name << " has no field " << key;
            EXPECT_EQ(as_expected(field->value, expected), expected) << row.name << ": " << key;
            ++compared;
        }
    }
    EXPECT_GT(compared, 1800U);
}

TEST(GoldenResponses, SettledDisagreementsAreWhatTheyWere) {
    for (const GoldenRow& row : golden_rows()) {
        const auto answer = read(row);
        ASSERT_TRUE(answer.has_value()) << row.name;
        if (row.name.starts_with("mode page 05 SE-506CB changeable")) {
            EXPECT_EQ(row.bytes[2], 0x5F);
            EXPECT_EQ(find(answer->fields, "packet_size")->value, FieldValue(0xFFFFFFFFLL));
            EXPECT_EQ(find(answer->fields, "audio_pause")->value, FieldValue(0xFFFFLL));
        }
        if (row.name.starts_with("performance type 0 exceptions none")) {
            EXPECT_EQ(find(answer->fields, "descriptors(lba/time)")->value,
                      FieldValue(std::vector<std::string>{}));
        }
        if (row.name.starts_with("pow-resources asked with wrong")) {
            EXPECT_EQ(load_big_endian<std::uint32_t>(row.bytes, 4, 4), 16843040U);
        }
    }
}

// No truncation and no flipped byte may be read past its end; the address sanitizer sees it.
TEST(GoldenResponses, NoTruncationOrByteFlipIsReadPastItsEnd) {
    std::uint32_t random = 1;
    const auto next = [&] { return random = random * 1664525U + 1013904223U; };
    std::size_t answers = 0;
    for (GoldenRow row : golden_rows()) {
        const auto whole = row.bytes;
        for (std::size_t length = 0; length <= whole.size(); ++length) {
            for (int flips = 0; flips < 4; ++flips) {
                row.bytes.assign(whole.begin(),
                                 whole.begin() + static_cast<std::ptrdiff_t>(length));
                for (int i = 0; i < flips && length != 0; ++i) {
                    row.bytes[(next() >> 8U) % length] = static_cast<std::uint8_t>(next() >> 16U);
                }
                answers += read(row).has_value() ? 1U : 0U;
            }
        }
    }
    EXPECT_GT(answers, 0U);
}

TEST(Catalog, NamesAreReadWithoutCaseBlanksAndPunctuation) {
    const auto bytes = from_hex("00 00 00 00 00 00 08 00");
    for (const auto* name :
         {"READ CAPACITY (10)", "read capacity", "ReadCapacity10", "READ_CAPACITY"}) {
        EXPECT_EQ(explain_answer(name, {}, bytes)->name, "READ CAPACITY (10)") << name;
    }
    EXPECT_EQ(explain_answer("READ CAPACITY (16)", {}, bytes).error(), ExplainError::UnknownFormat);
    EXPECT_EQ(explain_answer("READ", {}, bytes).error(), ExplainError::UnknownCommand);
    EXPECT_EQ(explain_answer("", {}, bytes).error(), ExplainError::UnknownCommand);
}

TEST(Catalog, TheLongestNameWins) {
    const auto bytes = from_hex("00 0a 00 00 00 02 02 00 00 02 02 00");
    EXPECT_EQ(explain_answer("READ BUFFER CAPACITY", {}, bytes)->name, "READ BUFFER CAPACITY");
    EXPECT_EQ(explain_answer("READ BUFFER", {}, bytes)->name, "READ BUFFER, descriptor");
}

TEST(Catalog, AFormatInWordsGoesBehindTheCdbs) {
    const auto bytes = from_hex("00 0e 00 00 00 00 00 00 00 00 07 80 00 00 08 00");
    EXPECT_EQ(explain_answer("read disc structure, BD, format 0Ah", {}, bytes)->name, "spare area");
    EXPECT_EQ(explain_answer("read disc structure bd 0a",
                             from_hex("ad 00 00 00 00 00 00 0a 00 10 00 00"), bytes)
                  ->name,
              "DVD-RAM spare area")
        << "the CDB says DVD";
    EXPECT_EQ(explain_answer("READ DISC STRUCTURE", {}, bytes).error(),
              ExplainError::UnknownFormat);
    EXPECT_EQ(explain_answer("READ TOC/PMA/ATIP 9", {}, bytes).error(),
              ExplainError::UnknownFormat);
    EXPECT_EQ(explain_answer("READ TOC/PMA/ATIP xyz", {}, bytes).error(),
              ExplainError::UnknownFormat);
}

TEST(Catalog, AnIncompleteAnswerSaysSo) {
    const auto whole = from_hex("00 1a 01 02 00 10 01 00 00 00 00 00");
    const auto answer = explain_answer("READ TOC/PMA/ATIP", {}, whole);
    ASSERT_TRUE(answer.has_value());
    EXPECT_FALSE(answer->complete);
    EXPECT_NE(find(answer->fields, "t1_lba"), nullptr);
    EXPECT_EQ(find(answer->fields, "t2_lba"), nullptr);
}

TEST(Catalog, NumbersComeWithTheirWords) {
    const auto answer = explain_answer(
        "GET CONFIGURATION", {}, from_hex("00 00 00 0c 00 00 00 41  00 01 03 04 00 00 00 08"));
    EXPECT_EQ(find(answer->fields, "current_profile")->words, "BD-R sequential recording");
    EXPECT_EQ(find(answer->fields, "feature_0001_physical_interface")->words, "USB");
}

TEST(Catalog, EveryNameItListsIsKnown) {
    EXPECT_EQ(answered_commands().size(), 25U);
    for (const auto name : answered_commands()) {
        const auto answer = explain_answer(name, {}, {});
        ASSERT_FALSE(answer.has_value()) << name;
        EXPECT_NE(answer.error(), ExplainError::UnknownCommand) << name;
    }
}

}  // namespace
}  // namespace kiln::mmc

// Golden command descriptor blocks: made by another hand (fixtures/golden/cdbs.csv), or recorded
// from programs that are not ours (KILN_REAL_DATA).

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include <gtest/gtest.h>

#include "mmc/bytes.h"
#include "mmc/cdb.h"
#include "mmc/commands/catalog.h"
#include "mmc/hex.h"
#include "mmc/layout.h"

#include "harness/testing/test_data.h"

namespace kiln::mmc {
namespace {

struct GoldenRow {
    std::string line;  // for messages
    std::string name;
    std::vector<std::pair<std::string, std::uint64_t>> fields;
    std::vector<std::uint8_t> cdb;
};

const std::vector<GoldenRow>& golden_rows() {
    static const auto kRows = [] {
        std::vector<GoldenRow> rows;
        auto lines = harness::read_lines(harness::fixtures() / "golden" / "cdbs.csv");
        lines.erase(lines.begin(), lines.empty() ? lines.begin() : lines.begin() + 1);  // heading
        for (const auto& line : lines) {
            const auto columns = harness::split(line, ';');
            GoldenRow row{
                .line = line, .name = columns.at(0), .fields = {}, .cdb = from_hex(columns.at(2))};
            for (const auto& field : harness::split(columns.at(1), ',')) {
                const auto equals = field.find('=');
                row.fields.emplace_back(field.substr(0, equals),
                                        std::stoull(field.substr(equals + 1), nullptr, 0));
            }
            rows.push_back(std::move(row));
        }
        return rows;
    }();
    return kRows;
}

// A field's bits as the number that its member holds.
std::int64_t number_of(const Row& row, std::uint64_t bits) {
    const auto sign = std::uint64_t{1} << (row.width - 1U);
    return static_cast<std::int64_t>(row.is_signed ? (bits ^ sign) - sign : bits);
}

const Row* row_named(const Layout& layout, std::string_view name) {
    for (const Row& row : layout.rows) {
        if (row.name == name) {
            return &row;
        }
    }
    return nullptr;
}

TEST(GoldenCdbs, AreAllThereAndCoverEveryCommandOfTheStandard) {
    EXPECT_EQ(golden_rows().size(), 577U);
    std::set<std::string_view> golden;
    for (const auto& row : golden_rows()) {
        golden.insert(row.name);
    }
    std::set<std::string_view> ours;
    for (const auto& kind : all_commands()) {
        ours.insert(kind.name());
    }
    EXPECT_EQ(ours.erase("REZERO UNIT"), 1U);  // obsolete: not in MMC, only in old programs
    EXPECT_EQ(golden, ours);
}

TEST(GoldenCdbs, EncodeToTheSameBytes) {
    for (const auto& golden : golden_rows()) {
        SCOPED_TRACE(golden.line);
        const auto* kind = find_command(std::string_view(golden.name));
        ASSERT_NE(kind, nullptr);
        AnyCommand command(*kind);
        for (const auto& [name, bits] : golden.fields) {
            const auto* row = row_named(*kind->layout, name);
            ASSERT_NE(row, nullptr) << name;
            row->set(command.value(), number_of(*row, bits));
        }
        const auto cdb = command.encode();
        ASSERT_TRUE(cdb);
        EXPECT_EQ(to_hex(cdb->bytes()), to_hex(golden.cdb));
    }
}

TEST(GoldenCdbs, DecodeToTheSameFieldsInTheSameOrder) {
    for (const auto& golden : golden_rows()) {
        SCOPED_TRACE(golden.line);
        const auto words = describe(ByteView(golden.cdb));
        EXPECT_TRUE(words.known);
        EXPECT_TRUE(words.complete);
        EXPECT_EQ(words.name, golden.name);
        EXPECT_EQ(words.size, golden.cdb.size());
        std::vector<std::pair<std::string, std::uint64_t>> fields;
        fields.reserve(words.fields.size());
        for (const auto& field : words.fields) {
            fields.emplace_back(field.name, field.bits);
        }
        EXPECT_EQ(fields, golden.fields);
    }
}

void expect_fields_of(const GoldenRow& golden, const CommandWords& words) {
    for (const auto& field : words.fields) {
        const auto wanted = std::ranges::find(golden.fields, field.name, [](const auto& each) {
            return std::string_view(each.first);
        });
        ASSERT_NE(wanted, golden.fields.end()) << field.name;
        EXPECT_EQ(field.bits, wanted->second) << field.name;
    }
}

TEST(GoldenCdbs, AreTooShortAtEveryShorterLength) {
    for (const auto& golden : golden_rows()) {
        SCOPED_TRACE(golden.line);
        for (std::size_t size = 0; size < golden.cdb.size(); ++size) {
            const harness::ExactCopy cut(ByteView(golden.cdb).first(size));
            EXPECT_EQ(transfer_of(cut.view()), tl::make_unexpected(DecodeError::TooShort));
            const auto words = describe(cut.view());
            EXPECT_FALSE(words.complete);
            EXPECT_LT(words.fields.size(), golden.fields.size());
            expect_fields_of(golden, words);
        }
    }
}

TEST(GoldenCdbs, DecodeTheSameWhenAtapiPadsThemTo12Bytes) {
    for (const auto& golden : golden_rows()) {
        SCOPED_TRACE(golden.line);
        auto padded = golden.cdb;
        padded.resize(12);
        EXPECT_EQ(describe(ByteView(padded)).fields, describe(ByteView(golden.cdb)).fields);
        EXPECT_EQ(line_of(padded), line_of(golden.cdb));
    }
}

// --- what other programs send ------------------------------------------------------------------

struct Recorded {
    std::string line;
    std::string name;  // by the program that dissected the capture
    std::vector<std::uint8_t> cdb;
};

// "     0.0106  k  00 00 00 00 00 00                 Test Unit Ready               -   good"
std::optional<Recorded> recorded_command(const std::string& line) {
    if (line.empty() || line[0] == '#') {
        return std::nullopt;
    }
    std::vector<std::string> columns;
    for (std::size_t at = line.find_first_not_of(' '); at != std::string::npos;) {
        const auto end = line.find("  ", at);
        columns.push_back(line.substr(at, end - at));
        at = end == std::string::npos ? end : line.find_first_not_of(' ', end);
    }
    return Recorded{.line = line, .name = columns.at(3), .cdb = from_hex(columns.at(2))};
}

std::string letters(std::string_view name) {
    std::string text;
    for (const char character : name) {
        if (std::isalnum(static_cast<unsigned char>(character)) != 0) {
            text += static_cast<char>(std::tolower(static_cast<unsigned char>(character)));
        }
    }
    return text;
}

void expect_agreement(const Recorded& recorded) {
    const auto words = describe(ByteView(recorded.cdb));
    // The dissector leaves off "/SESSION" and some of the "(10)".
    EXPECT_TRUE(letters(words.name).starts_with(letters(recorded.name))) << words.name;
    const auto command = AnyCommand::decode(recorded.cdb);
    ASSERT_TRUE(command);
    const auto cdb = command->encode();
    ASSERT_TRUE(cdb);
    auto padded = std::vector<std::uint8_t>(cdb->bytes().begin(), cdb->bytes().end());
    padded.resize(recorded.cdb.size());  // ATAPI pads to 12 bytes
    EXPECT_EQ(to_hex(padded), to_hex(recorded.cdb));
}

TEST(RecordedCdbs, OfOtherProgramsDecodeAndEncodeToTheSameBytes) {
    const auto folder = harness::real_data();
    if (!folder) {
        GTEST_SKIP() << harness::kNoRealData;
    }
    std::size_t commands = 0;
    std::set<std::string> unknown;
    for (const auto& entry : std::filesystem::directory_iterator(*folder / "peer-burns")) {
        if (!entry.path().string().ends_with(".commands.txt")) {
            continue;
        }
        for (const auto& line : harness::read_lines(entry.path())) {
            const auto recorded = recorded_command(line);
            if (!recorded) {
                continue;
            }
            ++commands;
            SCOPED_TRACE(entry.path().filename().string() + ": " + line);
            if (find_command(ByteView(recorded->cdb)) == nullptr) {
                unknown.insert(describe(ByteView(recorded->cdb)).name);
                continue;
            }
            expect_agreement(*recorded);
        }
    }
    EXPECT_GT(commands, 7000U);
    // READ HEADER, and a vendor's: once each.
    EXPECT_EQ(unknown, (std::set<std::string>{"opcode 44", "opcode e5"}));
}

}  // namespace
}  // namespace kiln::mmc

// The table of decisions is true, complete, and what the README says.

#include "harness/testing/imapi/decisions.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "stack/hresult.h"

#include "harness/testing/imapi/engine_states.h"
#include "harness/testing/test_data.h"

namespace kiln::harness {
namespace {

using stack::HResult;

/// Of this executable: "Suite.Name".
std::set<std::string> all_tests() {
    std::set<std::string> names;
    const auto& unit = *::testing::UnitTest::GetInstance();
    for (int i = 0; i < unit.total_test_suite_count(); ++i) {
        const auto& suite = *unit.GetTestSuite(i);
        for (int j = 0; j < suite.total_test_count(); ++j) {
            names.insert(std::string(suite.name()) + "." + suite.GetTestInfo(j)->name());
        }
    }
    return names;
}

std::string words_of(const Decision& row) {
    switch (row.shown) {
        case Shown::ByTest:
            return "`" + std::string(row.test) + "`";
        case Shown::ComFace:
            return "COM face: " + std::string(row.test);
        case Shown::RawCd:
            return "RawCD";
        case Shown::CannotHappen:
            return "cannot happen: " + std::string(row.test);
    }
    return {};
}

std::string table_of(Basis basis) {
    std::string text = "| | state | call | gives | shown by |\n|---|---|---|---|---|\n";
    for (const Decision& row : decisions()) {
        if (row.basis == basis) {
            text += "| " + std::to_string(row.number) + " | " + std::string(row.state) + " | " +
                    std::string(row.call) + " | " + std::string(row.result) + " | " +
                    words_of(row) + " |\n";
        }
    }
    return text;
}

TEST(Decisions, NameTestsThatThereAre) {
    const auto tests = all_tests();
    for (const Decision& row : decisions()) {
        if (row.shown == Shown::ByTest) {
            EXPECT_TRUE(tests.contains(std::string(row.test))) << row.test;
        } else if (row.shown != Shown::RawCd) {
            EXPECT_FALSE(row.test.empty()) << row.number << " " << row.call;
        }
    }
}

TEST(Decisions, LeaveNoRowOut) {
    std::set<std::pair<Basis, unsigned>> rows;
    for (const Decision& row : decisions()) {
        rows.insert({row.basis, row.number});
    }
    for (unsigned i = 1; i <= kDocumentedRows; ++i) {
        EXPECT_TRUE(rows.contains({Basis::Documented, i})) << i;
    }
    for (unsigned i = 1; i <= kChosenRows; ++i) {
        EXPECT_TRUE(rows.contains({Basis::Chosen, i})) << i;
    }
    EXPECT_EQ(rows.size(), kDocumentedRows + kChosenRows);
}

TEST(Decisions, HoldWhereTheyAreAStateAndACall) {
    std::size_t pairs = 0;
    for (const Decision& row : decisions()) {
        if (row.pair) {
            ++pairs;
            const InState seen = StateDriver(row.pair->state, row.pair->call).run();
            ASSERT_TRUE(seen.answer) << row.state;
            EXPECT_EQ(name_of(*seen.answer), name_of(row.pair->answer))
                << row.state << ", " << row.call;
        }
    }
    EXPECT_EQ(pairs, 29U);
}

TEST(Decisions, AreInTheReadme) {
    std::ifstream file(fixtures().parent_path() / "stack/imapi/README.md", std::ios::binary);
    const std::string readme{std::istreambuf_iterator<char>(file),
                             std::istreambuf_iterator<char>()};
    for (const Basis basis : {Basis::Documented, Basis::Chosen}) {
        EXPECT_NE(readme.find(table_of(basis)), std::string::npos) << "the table is not this:\n"
                                                                   << table_of(basis);
    }
}

/// What an answer is, in a letter: the matrix below is to be seen at once.
char letter_of(HResult code) {
    switch (code) {
        case HResult::Ok:
            return 'O';
        case HResult::False:
            return 'f';
        case HResult::WriteNotInProgress:
            return 'N';
        case HResult::Fail:
            return 'F';
        case HResult::Pointer:
            return 'P';
        case HResult::InvalidArgument:
            return 'A';
        case HResult::WriteInProgress:
            return 'B';
        case HResult::RecorderRequired:
            return 'R';
        case HResult::NotImplemented:
            return 'I';
        case HResult::RequestCancelled:
            return 'C';
        default:
            return '?';
    }
}

struct MatrixRow {
    EngineCall call;
    std::string_view answers;   // by EngineState
    std::string_view sections;  // what the section ends with, from Starting on
};

// NoRecorder, NoSectorSize, Idle, Starting, Writing, Cancelling, LastIssued, LastRefused, Done
constexpr std::array kMatrix{
    MatrixRow{EngineCall::CancelWrite, "NNNNOONON", "OCCOCO"},
    MatrixRow{EngineCall::RequestCancel, "NNNOOOOON", "CCCOCO"},
    MatrixRow{EngineCall::WriteSection, "RAOBBBBBO", "OOCOOO"},
    MatrixRow{EngineCall::WriteSectionNoStream, "PPPPPPPPP", "OOCOOO"},
    MatrixRow{EngineCall::WriteSectionNoBlocks, "RAABBBBBA", "OOCOOO"},
    MatrixRow{EngineCall::WriteSectionTooFar, "RAABBBBBA", "OOCOOO"},
    MatrixRow{EngineCall::SetRecorder, "OOOFFFFFO", "OOCOOO"},
    MatrixRow{EngineCall::SetRecorderNull, "PPPPPPPPP", "OOCOOO"},
    MatrixRow{EngineCall::SetBytesPerSector, "OOOFFFFFO", "OOCOOO"},
    MatrixRow{EngineCall::SetBytesPerSectorZero, "AAAFFFFFA", "OOCOOO"},
    MatrixRow{EngineCall::SetBytesPerSectorTooLarge, "OAAFFFFFA", "OOCOOO"},
    MatrixRow{EngineCall::SetSectorsPerSecond, "OOOFFFFFO", "OOCOOO"},
    MatrixRow{EngineCall::SetSectorsPerSecondZero, "AAAFFFFFA", "OOCOOO"},
    MatrixRow{EngineCall::SetStreamingTrue, "IIIIIIIII", "OOCOOO"},
    MatrixRow{EngineCall::SetStreamingFalse, "OOOFFFFFO", "OOCOOO"},
    MatrixRow{EngineCall::WriteInProgress, "fffOOOOOf", "OOCOOO"},
};
static_assert(kMatrix.size() == kEngineCalls);

TEST(WriteEngine, EveryStateMeetsEveryCall) {
    constexpr auto kFirstWithSection = static_cast<std::size_t>(EngineState::Starting);
    for (const MatrixRow& row : kMatrix) {
        std::string answers;
        std::string sections;
        for (std::size_t state = 0; state < kEngineStates; ++state) {
            const InState seen = StateDriver(static_cast<EngineState>(state), row.call).run();
            answers += seen.answer ? letter_of(*seen.answer) : '-';
            if (state >= kFirstWithSection) {
                sections += letter_of(seen.section);
            }
        }
        EXPECT_EQ(answers, row.answers) << "call " << static_cast<int>(row.call);
        EXPECT_EQ(sections, row.sections) << "call " << static_cast<int>(row.call);
    }
}

}  // namespace
}  // namespace kiln::harness

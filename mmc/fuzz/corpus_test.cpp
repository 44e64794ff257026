// Every fuzz target's checks over its kept corpus (fixtures/fuzz), the golden rows, and seeded
// changes of both. Each input is a copy of exactly its size, so that the address sanitizer sees a
// read past its end.

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mmc/bytes.h"
#include "mmc/fuzz/checks.h"
#include "mmc/hex.h"

#include "harness/testing/effort.h"
#include "harness/testing/test_data.h"

namespace kiln::mmc {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Check = std::string (*)(ByteView);

// fixtures/fuzz/NAME: an input a line, in hex.
std::vector<Bytes> corpus(const std::string& name) {
    std::vector<Bytes> inputs;
    for (const auto& line : harness::read_lines(harness::fixtures() / "fuzz" / name)) {
        inputs.push_back(from_hex(line));
    }
    return inputs;
}

std::vector<Bytes> golden(const std::string& name, std::size_t column) {
    std::vector<Bytes> inputs;
    for (const auto& line : harness::read_lines(harness::fixtures() / "golden" / name)) {
        const auto columns = harness::split(line, ';');
        if (auto bytes =
                columns.size() > column ? harness::bytes_of(columns[column]) : std::nullopt) {
            inputs.push_back(*std::move(bytes));
        }
    }
    return inputs;
}

void expect_good(Check check, const Bytes& bytes) {
    const harness::ExactCopy exact(bytes);
    EXPECT_EQ(check(exact.view()), "");
}

void expect_good_at_every_length(Check check, const Bytes& bytes) {
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const harness::ExactCopy cut(ByteView(bytes).first(size));
        EXPECT_EQ(check(cut.view()), "") << size;
    }
}

void expect_good_when_changed(Check check, const Bytes& bytes, int times) {
    std::mt19937 random(20090211);  // NOLINT: the same changes in every run
    for (int round = 0; round < times && !bytes.empty(); ++round) {
        auto changed = bytes;
        for (auto changes = 1 + random() % 4U; changes > 0; --changes) {
            changed[random() % changed.size()] = static_cast<std::uint8_t>(random());
        }
        if (random() % 4U == 0) {
            changed.resize(random() % (2U * changed.size()), 0xFF);
        }
        expect_good(check, changed);
    }
}

TEST(FuzzCorpus, OfCdbsHoldsNothingThatIsReadWrongly) {
    const auto kept = corpus("cdb.hex");
    EXPECT_GT(kept.size(), 50U);
    for (const auto& input : kept) {
        expect_good(fuzz::check_cdb, input);
    }
}

TEST(FuzzCorpus, OfAnswersHoldsNothingThatIsReadWrongly) {
    const auto kept = corpus("answer.hex");
    EXPECT_GT(kept.size(), 200U);
    for (const auto& input : kept) {
        expect_good(fuzz::check_answer, input);
    }
}

TEST(FuzzCorpus, OfGoldenCdbsMayBeCutAndChanged) {
    const auto rows = golden("cdbs.csv", 2);
    EXPECT_EQ(rows.size(), 577U);
    for (const auto& row : rows) {
        expect_good_at_every_length(fuzz::check_cdb, row);
        expect_good_when_changed(fuzz::check_cdb, row, harness::testing::effort(20));
    }
}

TEST(FuzzCorpus, OfGoldenAnswersMayBeCutAndChanged) {
    const auto rows = golden("responses.csv", 1);
    EXPECT_GT(rows.size(), 200U);
    for (auto row : rows) {
        row.insert(row.begin(), 0);  // no CDB: every answer's name is tried
        expect_good(fuzz::check_answer, row);
        expect_good_when_changed(fuzz::check_answer, row, harness::testing::effort(3));
    }
}

}  // namespace
}  // namespace kiln::mmc

// Cases as text, and how a failing one is made small.

#include "harness/testing/explore/case_file.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/testing/checkers/checkers.h"
#include "harness/testing/explore/shrink.h"

namespace kiln::harness {
namespace {

CaseFile everything_unusual() {
    CaseFile it;
    it.scenario.name = "dvd-rw/everything";
    it.scenario.medium = MediumKind::DvdRw;
    it.scenario.personality = "pioneer-dvr-111d";
    it.scenario.options.overwrite = true;
    it.scenario.options.verify = true;
    it.scenario.holds_data = true;
    it.scenario.left_open = true;
    it.scenario.formatted = true;
    it.scenario.medium_blocks = 999;
    it.scenario.options.speed_x = 2.4;
    it.scenario.options.size = 12345;
    it.scenario.format.spare = stack::SpareAreas::Blocks;
    it.scenario.format.spare_blocks = 64;
    it.scenario.bytes = 12345;
    it.scenario.read_time = transports::Duration(7);
    it.scenario.slots = 3;
    it.trial.cut = Cut{.where = Where::DuringData, .n = 9, .percent = 90};
    it.trial.way = Way::Twice;
    it.trial.policy = stack::CancelPolicy::LeaveResumable;
    it.trial.again = Cut{.where = Where::InPause, .n = 12, .delay = transports::Duration(1500)};
    it.trial.trouble = Trouble::LostAnswer;
    it.trial.trouble_at = 10;
    return it;
}

TEST(CaseFile, WhatIsWrittenIsRead) {
    const CaseFile it = everything_unusual();
    const auto read = parse_case(to_toml(it));
    ASSERT_TRUE(read) << read.error();
    EXPECT_EQ(read->trial, it.trial);
    EXPECT_EQ(to_toml(*read), to_toml(it));
    EXPECT_EQ(read->scenario.personality, "pioneer-dvr-111d");
    EXPECT_TRUE(read->scenario.options.verify);
    EXPECT_EQ(read->scenario.options.speed_x, 2.4);
    EXPECT_EQ(read->scenario.format.spare, stack::SpareAreas::Blocks);
    EXPECT_TRUE(read->scenario.left_open);
}

TEST(CaseFile, WhatIsWrongIsSaid) {
    const std::string good = to_toml(everything_unusual());
    EXPECT_FALSE(parse_case("not toml"));
    EXPECT_FALSE(parse_case("[scenario]\n"));
    EXPECT_NE(parse_case(good + "speed = 3\n").error().find("not known"), std::string::npos);
    EXPECT_NE(parse_case(good + "[trial2]\n[trial.cut2]\n").error().find("not known"),
              std::string::npos);
    EXPECT_NE(parse_case("[scenario]\nmedium = \"dvd\"\n[trial]\n").error().find("no medium"),
              std::string::npos);
    for (const char* line : {"bytes = -1", "bytes = 99999999999999", "chunk_blocks = 0",
                             "slots = 0", "slots = 5000000000", "read_time_ns = -1"}) {
        const auto wrong = parse_case(std::string("[scenario]\n") + line + "\n[trial]\n");
        EXPECT_NE(wrong.error().find("is from"), std::string::npos) << line;
    }
    EXPECT_NE(parse_case("[scenario]\nbytes = \"many\"\n[trial]\n").error().find("another type"),
              std::string::npos);
}

/// A demand that no engine could meet: no second WRITE, once somebody cancelled.
std::vector<Violation> one_write_at_most(const Evidence& evidence) {
    const auto writes = std::count_if(evidence.commands.begin(), evidence.commands.end(),
                                      [](const SentCommand& sent) { return sent.cdb[0] == 0x2A; });
    if (evidence.cancels.empty() || writes < 2) {
        return {};
    }
    return {{.checker = "one-write", .words = "there were more"}};
}

TEST(Shrink, FindsTheSmallestCaseThatStillFails) {
    CaseFile big;
    big.scenario.options.verify = true;
    big.scenario.options.close = true;
    big.scenario.bytes = 30 * 2048;
    big.scenario.slots = 5;
    big.trial.cut = Cut{.where = Where::AfterEnd};
    big.trial.way = Way::OtherThread;
    big.trial.trouble = Trouble::NotReady;
    big.trial.trouble_at = 30;
    ASSERT_EQ(run_case(big, one_write_at_most).size(), 1U);
    const CaseFile small = shrink(big, "one-write", one_write_at_most);
    EXPECT_EQ(run_case(small, one_write_at_most).size(), 1U);
    EXPECT_EQ(small.scenario.bytes, 2048U);
    EXPECT_FALSE(small.scenario.options.verify);
    EXPECT_FALSE(small.scenario.options.close);
    EXPECT_EQ(small.scenario.slots, 2U);
    EXPECT_EQ(small.trial.trouble, Trouble::None);
    EXPECT_EQ(small.trial.way, Way::InPlace);
    EXPECT_NE(small.trial.cut->where, Where::AfterEnd) << "there are earlier ones";
}

TEST(Cases, ThatWereFoundOnceAreAsTheyShouldBe) {
    const char* const fixtures = std::getenv("KILN_FIXTURES");
    if (fixtures == nullptr) {
        GTEST_SKIP() << "KILN_FIXTURES does not say where the cases are";
    }
    std::size_t cases = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(std::filesystem::path(fixtures) / "cases")) {
        std::ifstream file(entry.path());
        const auto it = parse_case(
            std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()));
        ASSERT_TRUE(it) << entry.path() << ": " << it.error();
        for (const Violation& violation : run_case(*it, judge)) {
            ADD_FAILURE() << entry.path() << ": " << violation.checker << ": " << violation.words;
        }
        ++cases;
    }
    EXPECT_GT(cases, 0U);
}

}  // namespace
}  // namespace kiln::harness

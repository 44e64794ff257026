#include "harness/umockdev/sim_run.h"

#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/sim/sim_folder.h"
#include "harness/testing/witness.h"

namespace kiln::harness::testing {
namespace {

using ::testing::HasSubstr;

class SimRun : public ::testing::Test {
protected:
    SimRun() {
        std::string name = (std::filesystem::temp_directory_path() / "kiln-run-XXXXXX").string();
        folder_ = ::mkdtemp(name.data());
    }
    ~SimRun() override { std::filesystem::remove_all(folder_); }

    mmc::Result<int, SimError> run(const std::string& command) {
        return run_with_simulated_drive(parse_sim_address("sim:" + folder_ + "/").value(),
                                        {"sh", "-c", command + " >/dev/null 2>&1"});
    }

    std::string folder_;
};

TEST_F(SimRun, StatusIsThePrograms) {
    KILN_NEEDS("sh");
    ASSERT_TRUE(new_sim_folder(folder_, MediumKind::DvdPlusR, ""));
    EXPECT_EQ(run("exit 7").value(), 7);
    EXPECT_EQ(run("kill -9 $$").value(), 128 + 9);
}

TEST_F(SimRun, WhatOneProgramBurntTheNextOneSees) {
    KILN_NEEDS("cdrskin");
    ASSERT_TRUE(new_sim_folder(folder_, MediumKind::DvdPlusR, ""));
    EXPECT_EQ(
        run("head -c 2000000 /dev/zero | cdrskin -v dev=/dev/sr0 tsize=2000000 -data -").value(),
        0);
    EXPECT_EQ(run("cdrskin dev=/dev/sr0 -minfo | grep -q 'disk status: *complete'").value(), 0);
}

TEST_F(SimRun, FaultsReachThePrograms) {
    KILN_NEEDS("sg_turs");
    ASSERT_TRUE(new_sim_folder(folder_, MediumKind::DvdPlusR, ""));
    auto address = parse_sim_address("sim:" + folder_ + "/,fault=test-unit-ready:1:sense=4/44/00");
    ASSERT_TRUE(address) << address.error().detail;
    const std::vector<std::string> command{"sh", "-c", "sg_turs /dev/sg0 2>/dev/null"};
    EXPECT_EQ(run_with_simulated_drive(*address, command).value(), 3) << "a hardware error";
    address->faults = {"nonsense"};
    EXPECT_EQ(run_with_simulated_drive(*address, command).error().kind, SimError::Kind::Usage);
}

TEST_F(SimRun, ErrorsAreTold) {
    KILN_NEEDS("sh");
    ASSERT_TRUE(new_sim_folder(folder_, MediumKind::DvdPlusR, ""));
    const auto address = parse_sim_address("sim:" + folder_ + "/").value();
    EXPECT_EQ(run_with_simulated_drive(address, {}).error().kind, SimError::Kind::Usage);
    const auto missing_program = run_with_simulated_drive(address, {"kiln-no-such-program"});
    ASSERT_FALSE(missing_program);
    EXPECT_THAT(missing_program.error().detail,
                HasSubstr("run kiln-no-such-program: No such file"));
    const auto nowhere = parse_sim_address("sim:" + folder_ + "/nowhere/").value();
    EXPECT_EQ(run_with_simulated_drive(nowhere, {"true"}).error().kind, SimError::Kind::NoSuch);
}

}  // namespace
}  // namespace kiln::harness::testing

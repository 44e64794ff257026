// What stands behind an address: a drive in memory, and one in a folder, which outlives its
// process.

#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "mmc/hex.h"

#include "harness/sim/fake_drive.h"
#include "harness/sim/medium_store.h"
#include "harness/sim/sim_address.h"
#include "harness/sim/sim_folder.h"

namespace kiln::harness {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using transports::Completion;
using transports::Status;

constexpr std::uint32_t kBlock = 2048;
constexpr std::uint32_t kBlocks = 32;

std::unique_ptr<SimDrive> opened(const std::string& text) {
    auto address = parse_sim_address(text);
    EXPECT_TRUE(address.has_value()) << address.error().detail;
    auto drive = open_sim(*address, {});
    EXPECT_TRUE(drive.has_value()) << drive.error().detail;
    return drive ? *std::move(drive) : nullptr;
}

SimError refused(const std::string& text) {
    auto address = parse_sim_address(text);
    EXPECT_TRUE(address.has_value()) << address.error().detail;
    auto drive = open_sim(*address, {});
    EXPECT_FALSE(drive.has_value());
    return drive ? SimError{} : drive.error();
}

Completion run(SimDrive& drive, mmc::Cdb cdb, transports::DataPhase data = transports::NoData{}) {
    for (int tries = 0; tries < 1000; ++tries) {
        const auto done =
            drive.transport().execute({.cdb = cdb, .data = data, .timeout = std::chrono::hours(3)});
        EXPECT_TRUE(done.has_value()) << done.error().detail;
        if (!done) {
            return {};
        }
        const mmc::Sense& sense = done->sense;
        const bool spins_up = sense.is(mmc::SenseKey::NotReady, 0x0401);
        const bool is_full = sense.is(mmc::SenseKey::NotReady, 0x0408);
        if (!spins_up && !is_full && sense.key != mmc::SenseKey::UnitAttention) {
            return *done;
        }
        transports::OsWaker nobody;
        drive.clock().wait_until(drive.clock().now() + 100ms, nobody);
    }
    ADD_FAILURE() << "never ready: " << mmc::to_hex(cdb.bytes());
    return {};
}

mmc::Cdb transfer(std::uint8_t operation, std::uint32_t lba) {
    mmc::Cdb cdb(10);
    cdb.mutable_bytes()[0] = operation;
    mmc::store_big_endian(cdb.mutable_bytes(), 2, 4, lba);
    mmc::store_big_endian(cdb.mutable_bytes(), 7, 2, kBlocks);
    return cdb;
}
Completion write(SimDrive& drive, std::uint32_t lba, std::uint8_t value) {
    const std::vector<std::uint8_t> bytes(std::size_t{kBlocks} * kBlock, value);
    return run(drive, transfer(0x2A, lba), transports::DataOut{bytes});
}
Completion read(SimDrive& drive, std::uint32_t lba, std::vector<std::uint8_t>& bytes) {
    bytes.assign(std::size_t{kBlocks} * kBlock, 0xEE);
    return run(drive, transfer(0x28, lba), transports::DataIn{bytes});
}
Completion synchronize(SimDrive& drive) {
    return run(drive, mmc::Cdb::copy_of(mmc::from_hex("35 00 00 00 00 00 00 00 00 00")));
}

TEST(OpenSim, OpensEveryMedium) {
    for (const MediumFacts& facts : all_media()) {
        const auto drive = opened("sim:" + std::string(facts.name));
        ASSERT_NE(drive, nullptr) << facts.name;
        EXPECT_EQ(drive->medium(), facts.kind);
        EXPECT_EQ(drive->drive().view().ready, facts.kind != MediumKind::None) << facts.name;
        const Completion done = run(*drive, mmc::Cdb::copy_of(mmc::from_hex("00 00 00 00 00 00")));
        EXPECT_EQ(done.status == Status::Good, facts.kind != MediumKind::None) << facts.name;
    }
}

TEST(OpenSim, ReadsPressedDiscs) {
    for (const char* const name : {"sim:cd-rom", "sim:dvd-rom", "sim:bd-rom"}) {
        const auto drive = opened(name);
        std::vector<std::uint8_t> bytes;
        EXPECT_EQ(read(*drive, 16, bytes).status, Status::Good) << name;
        EXPECT_EQ(std::string(bytes.begin() + 1, bytes.begin() + 6), "CD001") << name;
        EXPECT_EQ(write(*drive, 16, 1).status, Status::CheckCondition) << name;
    }
}

TEST(OpenSim, RefusesDrivesThatAreNoneOrDoNotFit) {
    EXPECT_EQ(refused("sim:bd-r,drive=no-such").kind, SimError::Kind::NoSuch);
    EXPECT_EQ(refused("sim:bd-r,drive=no-such").detail,
              "no such drive personality 'no-such'; `kiln sim list` names them");
    EXPECT_EQ(refused("sim:bd-r,drive=lg-ced-8083b").detail,
              "the drive lg-ced-8083b does not take bd-r");
    EXPECT_EQ(refused("sim:/no/such/folder/").kind, SimError::Kind::NoSuch);
}

TEST(OpenSim, KeepsDigestsOfWhatIsWritten) {
    const auto drive = opened("sim:bd-r,content=digest");
    for (std::uint32_t lba = 0; lba < 2048; lba += kBlocks) {
        ASSERT_EQ(write(*drive, lba, static_cast<std::uint8_t>(lba / kBlocks + 1)).status,
                  Status::Good);
    }
    const MediumStore* const store = drive->drive().view().store;
    ASSERT_NE(store, nullptr);
    const std::vector<std::uint8_t> last(std::size_t{kBlocks} * kBlock, 64);
    EXPECT_EQ(*store->matches(Lba{2016}, last), Match::Equal);
}

// A host looks at the first and the last block of each burn, and must find them.
TEST(OpenSim, GivesBackTheEndsOfABurnFromDigests) {
    const auto drive = opened("sim:bd-r,content=digest");
    for (std::uint32_t lba = 0; lba < 8192; lba += kBlocks) {
        if (lba == 4096) {
            ASSERT_EQ(synchronize(*drive).status, Status::Good);
        }
        ASSERT_EQ(write(*drive, lba, static_cast<std::uint8_t>(lba / kBlocks + 1)).status,
                  Status::Good);
    }
    ASSERT_EQ(synchronize(*drive).status, Status::Good);
    std::vector<std::uint8_t> bytes;
    for (const std::uint32_t lba : {0U, 4096U, 8160U}) {
        EXPECT_EQ(read(*drive, lba, bytes).status, Status::Good) << lba;
        EXPECT_EQ(bytes.back(), static_cast<std::uint8_t>(lba / kBlocks + 1)) << lba;
    }
    EXPECT_TRUE(read(*drive, 6400, bytes).sense.is(mmc::SenseKey::MediumError, 0x1100));
}

TEST(OpenSim, RunsOnTheTimeThatWasAskedFor) {
    const auto fast = opened("sim:bd-r,time=100000");
    const Instant before = fast->clock().now();
    ::usleep(1000);
    EXPECT_GT(fast->clock().now() - before, 50s);
    const auto still = opened("sim:bd-r");
    const Instant then = still->clock().now();
    ::usleep(1000);
    EXPECT_EQ(still->clock().now(), then);
}

class DriveInFolder : public testing::Test {
protected:
    void SetUp() override {
        std::string name = testing::TempDir() + "kiln-drive-XXXXXX";
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        base_ = name;
        path_ = name + "/disc";
        address_ = "sim:" + path_ + "/";
    }
    void TearDown() override { fs::remove_all(base_); }
    void make(MediumKind medium) {
        const auto made = new_sim_folder(path_, medium, "");
        ASSERT_TRUE(made.has_value()) << made.error().detail;
    }
    std::string base_;
    std::string path_;
    std::string address_;
};

TEST_F(DriveInFolder, IsReadByTheNextProcess) {
    make(MediumKind::DvdPlusRw);
    Instant end;
    {
        const auto drive = opened(address_);
        ASSERT_EQ(run(*drive, mmc::Cdb::copy_of(mmc::from_hex("00 00 00 00 00 00"))).status,
                  Status::Good);
        // FORMAT UNIT, type 26h, without a wait for the background.
        const auto list = mmc::from_hex("00 82 00 08  ff ff ff ff  98 00 00 00");
        ASSERT_EQ(run(*drive, mmc::Cdb::copy_of(mmc::from_hex("04 11 00 00 00 00")),
                      transports::DataOut{list})
                      .status,
                  Status::Good);
        transports::OsWaker nobody;
        drive->clock().wait_until(drive->clock().now() + 120s, nobody);
        ASSERT_EQ(write(*drive, 64, 0xA5).status, Status::Good);
        ASSERT_EQ(synchronize(*drive).status, Status::Good);
        end = drive->clock().now();
        ASSERT_TRUE(drive->close().has_value());
    }
    const auto drive = opened(address_);
    EXPECT_GE(drive->clock().now(), end);
    std::vector<std::uint8_t> bytes;
    EXPECT_EQ(read(*drive, 64, bytes).status, Status::Good);
    EXPECT_EQ(bytes, std::vector<std::uint8_t>(std::size_t{kBlocks} * kBlock, 0xA5));
}

TEST_F(DriveInFolder, HasOneUser) {
    make(MediumKind::BdR);
    const auto drive = opened(address_);
    EXPECT_EQ(refused(address_).kind, SimError::Kind::InUse);
}

TEST_F(DriveInFolder, IsTheDriveThatItWasMadeAs) {
    make(MediumKind::BdR);
    EXPECT_EQ(refused(address_ + ",drive=lg-ced-8083b").detail,
              path_ + " holds a hl-dt-st-wh16ns40, not a lg-ced-8083b");
    EXPECT_EQ(refused(address_ + ",content=digest").kind, SimError::Kind::Usage);
    EXPECT_EQ(new_sim_folder(base_ + "/x", MediumKind::BdR, "lg-ced-8083b").error().kind,
              SimError::Kind::NoSuch);
    EXPECT_FALSE(fs::exists(base_ + "/x"));
}

// kill -9 is a power cut: what was flushed is on the disc, what was in the buffer is lost, and the
// drive goes on from what it finds.
TEST_F(DriveInFolder, LosesItsBufferWithItsProcess) {
    make(MediumKind::BdR);
    constexpr std::uint32_t kFlushed = 640;
    constexpr std::uint32_t kAccepted = 1280;
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        const auto drive = opened(address_);
        for (std::uint32_t lba = 0; lba < kAccepted; lba += kBlocks) {
            if (lba == kFlushed && synchronize(*drive).status != Status::Good) {
                ::_exit(1);
            }
            if (write(*drive, lba, static_cast<std::uint8_t>(lba / kBlocks + 1)).status !=
                Status::Good) {
                ::_exit(2);
            }
        }
        ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << WEXITSTATUS(status);

    const auto drive = opened(address_);
    const Medium* const medium = drive->drive().view().medium;
    ASSERT_NE(medium, nullptr);
    ASSERT_FALSE(medium->tracks.empty());
    const std::uint32_t recorded = medium->tracks.back().recorded;
    EXPECT_GE(recorded, kFlushed);
    EXPECT_LE(recorded, kAccepted);
    std::vector<std::uint8_t> bytes;
    for (std::uint32_t lba = 0; lba < kFlushed; lba += kBlocks) {
        ASSERT_EQ(read(*drive, lba, bytes).status, Status::Good) << lba;
        ASSERT_EQ(bytes, std::vector<std::uint8_t>(bytes.size(),
                                                   static_cast<std::uint8_t>(lba / kBlocks + 1)))
            << lba;
    }
    // And on it goes, behind what is there.
    const std::uint32_t next = (recorded + kBlocks - 1) / kBlocks * kBlocks;
    EXPECT_EQ(write(*drive, next, 0x77).status, Status::Good);
    EXPECT_EQ(synchronize(*drive).status, Status::Good);
}

TEST_F(DriveInFolder, SaysWhatIsWrongWithTheStateOfADrive) {
    make(MediumKind::BdR);
    auto state = *SimFolder::peek(path_);
    state.drive_state = R"({"tray":17})";
    ASSERT_TRUE((*SimFolder::open(path_))->put_away(state).has_value());
    const SimError error = refused(address_);
    EXPECT_EQ(error.kind, SimError::Kind::Damaged);
    EXPECT_TRUE(error.detail.starts_with(path_ + " is a damaged simulated drive: "))
        << error.detail;
    state.drive_state = "";
    state.drive = "no-such";
    ASSERT_TRUE((*SimFolder::open(path_))->put_away(state).has_value());
    EXPECT_EQ(refused(address_).kind, SimError::Kind::NoSuch);
}

}  // namespace
}  // namespace kiln::harness

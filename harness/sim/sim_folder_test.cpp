#include "harness/sim/sim_folder.h"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "mmc/hex.h"

#include "harness/sim/sim_folder_journal.h"

namespace kiln::harness {
namespace {

namespace fs = std::filesystem;
using mmc::from_hex;
using std::chrono::seconds;

constexpr std::uint32_t kBlock = 2048;

FolderState some_state() {
    return {.medium = MediumKind::BdR,
            .drive = "hl-dt-st-wh16ns40",
            .block_size = kBlock,
            .time = Instant(seconds(7)),
            .drive_state = R"({"tray":"closed"})"};
}

std::vector<std::uint8_t> blocks_of(std::uint8_t value, std::uint32_t count) {
    return std::vector<std::uint8_t>(std::size_t{count} * kBlock, value);
}

class Folder : public testing::Test {
protected:
    void SetUp() override {
        std::string name = testing::TempDir() + "kiln-folder-XXXXXX";
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        base_ = name;
        path_ = name + "/disc";
    }
    void TearDown() override { fs::remove_all(base_); }

    void make() {
        const auto made = SimFolder::create(path_, some_state());
        ASSERT_TRUE(made.has_value()) << made.error().detail;
    }
    std::unique_ptr<SimFolder> opened() {
        auto folder = SimFolder::open(path_);
        EXPECT_TRUE(folder.has_value()) << folder.error().detail;
        return folder ? *std::move(folder) : nullptr;
    }
    SimError error_of_open() {
        const auto folder = SimFolder::open(path_);
        EXPECT_FALSE(folder.has_value());
        return folder ? SimError{} : folder.error();
    }
    void overwrite(const std::string& name, const std::string& text) {
        std::ofstream(path_ + "/" + name, std::ios::binary | std::ios::trunc) << text;
    }
    std::string content(const std::string& name) {
        std::ifstream file(path_ + "/" + name, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    }

    std::string base_;
    std::string path_;
};

TEST_F(Folder, GivesBackItsState) {
    make();
    const auto folder = opened();
    EXPECT_EQ(folder->state().medium, MediumKind::BdR);
    EXPECT_EQ(folder->state().drive, "hl-dt-st-wh16ns40");
    EXPECT_EQ(folder->state().time, Instant(seconds(7)));
    EXPECT_EQ(folder->state().drive_state, R"({"tray":"closed"})");
    EXPECT_TRUE(folder->left_behind().empty());
}

TEST_F(Folder, PutsANewStateAway) {
    make();
    {
        const auto folder = opened();
        FolderState state = folder->state();
        state.time = Instant(seconds(1800));
        state.drive_state = R"({"tray":"open"})";
        ASSERT_TRUE(folder->put_away(state).has_value());
    }
    EXPECT_EQ(opened()->state().time, Instant(seconds(1800)));
    EXPECT_EQ(SimFolder::peek(path_)->drive_state, R"({"tray":"open"})");
}

TEST_F(Folder, KeepsBlocks) {
    make();
    {
        const auto store = opened()->make_store();
        ASSERT_TRUE(store->put(Lba{100}, blocks_of(0xAB, 70)).has_value());
        ASSERT_TRUE(store->put(Lba{12'000'000}, blocks_of(0xCD, 1)).has_value());
        ASSERT_TRUE(store->discard(Lba{110}, BlockCount{10}).has_value());
    }
    const auto store = opened()->make_store();
    std::vector<std::uint8_t> back(std::size_t{100} * kBlock);
    EXPECT_EQ(*store->get(Lba{100}, back), (StoredRun{.kind = Stored::Data, .blocks = 10}));
    EXPECT_EQ(back[10 * kBlock - 1], 0xAB);
    EXPECT_EQ(*store->get(Lba{110}, back), (StoredRun{.kind = Stored::NotWritten, .blocks = 10}));
    EXPECT_EQ(*store->get(Lba{120}, back), (StoredRun{.kind = Stored::Data, .blocks = 50}));
    EXPECT_EQ(*store->matches(Lba{12'000'000}, blocks_of(0xCD, 1)), Match::Equal);
    EXPECT_EQ(*store->matches(Lba{12'000'000}, blocks_of(0xCE, 1)), Match::Differs);
    EXPECT_EQ(*store->matches(Lba{12'000'000}, blocks_of(0xCD, 2)), Match::NotWritten);
}

TEST_F(Folder, TakesNoSpaceForWhatIsNotWritten) {
    make();
    const auto store = opened()->make_store();
    ASSERT_TRUE(store->put(Lba{48'000'000}, blocks_of(1, 1)).has_value());
    struct stat status = {};
    ASSERT_EQ(::stat((path_ + "/blocks").c_str(), &status), 0);
    EXPECT_LT(status.st_blocks * 512, 1 << 20);
}

TEST_F(Folder, IsNotTouchedByAClone) {
    make();
    const auto folder = opened();
    const auto store = folder->make_store();
    ASSERT_TRUE(store->put(Lba{0}, blocks_of(1, 40)).has_value());
    const auto clone = store->clone();
    ASSERT_TRUE(clone->put(Lba{5}, blocks_of(2, 1)).has_value());
    ASSERT_TRUE(clone->discard(Lba{20}, BlockCount{100}).has_value());
    const auto second = clone->clone();
    EXPECT_EQ(*clone->matches(Lba{5}, blocks_of(2, 1)), Match::Equal);
    EXPECT_EQ(*second->matches(Lba{5}, blocks_of(2, 1)), Match::Equal);
    EXPECT_EQ(*second->matches(Lba{6}, blocks_of(1, 14)), Match::Equal);
    EXPECT_EQ(*second->matches(Lba{20}, blocks_of(1, 1)), Match::NotWritten);
    EXPECT_EQ(*store->matches(Lba{0}, blocks_of(1, 40)), Match::Equal);
}

TEST_F(Folder, HasOneUserAtATime) {
    make();
    const auto folder = opened();
    const SimError second = error_of_open();
    EXPECT_EQ(second.kind, SimError::Kind::InUse);
    EXPECT_TRUE(second.detail.starts_with(path_ + " is in use by ")) << second.detail;
    EXPECT_TRUE(second.detail.ends_with(" (process " + std::to_string(::getpid()) +
                                        "); wait for its end, or end it"))
        << second.detail;
    EXPECT_TRUE(SimFolder::peek(path_).has_value());
}

TEST_F(Folder, KeepsTheCommandsOfAUserThatIsGone) {
    make();
    const auto write = from_hex("2a 00 00 00 00 20 00 00 20 00");
    const auto close = from_hex("5b 01 02 00 00 00 00 00 00 00");
    const auto mode = from_hex("55 10 00 00 00 00 00 00 04 00");
    const auto parameters = from_hex("00 01 02 03");
    {
        const auto folder = opened();
        ASSERT_TRUE(
            folder->record(write, blocks_of(1, 32), 0, Instant(seconds(8)), Instant(seconds(9)))
                .has_value());
        ASSERT_TRUE(folder->record(mode, parameters, 0, Instant(seconds(9)), Instant(seconds(10)))
                        .has_value());
    }
    {
        const auto folder = opened();
        ASSERT_EQ(folder->left_behind().size(), 2U);
        const JournalEntry& first = folder->left_behind()[0];
        EXPECT_EQ(first.cdb, write);
        EXPECT_TRUE(first.sent.empty());
        EXPECT_EQ(first.sent_size, 65536U);
        EXPECT_EQ(first.start, Instant(seconds(8)));
        EXPECT_EQ(first.end, Instant(seconds(9)));
        EXPECT_EQ(folder->left_behind()[1].sent, parameters);
        ASSERT_TRUE(
            folder->record(close, {}, 7, Instant(seconds(10)), Instant(seconds(11))).has_value());
    }
    const auto folder = opened();
    ASSERT_EQ(folder->left_behind().size(), 3U);
    EXPECT_EQ(folder->left_behind()[2].received_size, 7U);
    ASSERT_TRUE(folder->put_away(folder->state()).has_value());
    EXPECT_TRUE(folder->left_behind().empty());
}

TEST_F(Folder, IgnoresWhatIsTornAtTheEndOfItsJournal) {
    make();
    const auto command = from_hex("00 00 00 00 00 00");
    {
        const auto folder = opened();
        for (int i = 0; i < 3; ++i) {
            ASSERT_TRUE(folder->record(command, {}, 0, Instant{}, Instant{}).has_value());
        }
    }
    const std::string whole = content("journal.1");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        overwrite("journal.1", whole.substr(0, size));
        const auto folder = opened();
        ASSERT_EQ(folder->left_behind().size(), size / (whole.size() / 3)) << size;
        ASSERT_TRUE(folder->record(command, {}, 0, Instant{}, Instant{}).has_value());
    }
    std::string flipped = whole;
    flipped[whole.size() / 2] = static_cast<char>(flipped[whole.size() / 2] ^ 0x40);
    overwrite("journal.1", flipped);
    EXPECT_EQ(opened()->left_behind().size(), 1U);
}

// The real thing: the process is killed between two system calls of its burn, wherever that is.
TEST_F(Folder, OpensAgainAfterKill9) {
    make();
    for (int round = 0; round < 5; ++round) {
        int ready[2];
        ASSERT_EQ(::pipe(ready), 0);
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            const auto folder = SimFolder::open(path_);
            if (!folder) {
                ::_exit(1);
            }
            const auto store = (*folder)->make_store();
            for (std::int32_t at = 0;; at += 32) {
                const auto cdb = from_hex("2a 00 00 00 00 00 00 00 20 00");
                const auto bytes = blocks_of(static_cast<std::uint8_t>(at / 32 % 250 + 1), 32);
                (void)store->put(Lba{at % 100'000}, bytes);
                (void)(*folder)->record(cdb, bytes, 0, Instant(seconds(at)), Instant(seconds(at)));
                if (at == 32 * 20) {
                    (void)!::write(ready[1], "x", 1);
                }
            }
        }
        ::close(ready[1]);
        char byte = 0;
        ASSERT_EQ(::read(ready[0], &byte, 1), 1);
        ::close(ready[0]);
        ::usleep(static_cast<useconds_t>(1000 * round));
        ASSERT_EQ(::kill(child, SIGKILL), 0);
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFSIGNALED(status));

        const auto folder = opened();
        ASSERT_NE(folder, nullptr);
        ASSERT_GE(folder->left_behind().size(), 20U);
        const auto store = folder->make_store();
        // Whatever the host was told was written is there.
        for (const JournalEntry& entry : folder->left_behind()) {
            const auto at = static_cast<std::int32_t>(
                std::chrono::duration_cast<seconds>(entry.start.time_since_epoch()).count());
            std::vector<std::uint8_t> back(std::size_t{32} * kBlock);
            ASSERT_EQ(*store->get(Lba{at % 100'000}, back),
                      (StoredRun{.kind = Stored::Data, .blocks = 32}));
        }
        ASSERT_TRUE(folder->put_away(folder->state()).has_value());
    }
}

TEST_F(Folder, DoesNotHearOfAReplay) {
    make();
    const auto folder = opened();
    const auto store = folder->make_store();
    ASSERT_TRUE(store->put(Lba{0}, blocks_of(1, 1)).has_value());
    folder->set_replaying(true);
    ASSERT_TRUE(store->put(Lba{0}, blocks_of(2, 2)).has_value());
    ASSERT_TRUE(store->discard(Lba{0}, BlockCount{1}).has_value());
    folder->set_replaying(false);
    EXPECT_EQ(*store->matches(Lba{0}, blocks_of(1, 1)), Match::Equal);
    EXPECT_EQ(*store->matches(Lba{1}, blocks_of(2, 1)), Match::NotWritten);
}

TEST_F(Folder, IsNotMadeWhereSomethingIs) {
    make();
    const auto again = SimFolder::create(path_, some_state());
    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(again.error().kind, SimError::Kind::Exists);
    EXPECT_EQ(again.error().detail, path_ +
                                        " exists already; a new simulated drive needs a new name "
                                        "or an empty folder");
    const auto nowhere = SimFolder::create(base_ + "/no/such", some_state());
    ASSERT_FALSE(nowhere.has_value());
    EXPECT_EQ(nowhere.error().detail, "make " + base_ + "/no/such: No such file or directory");
    fs::create_directory(base_ + "/empty");
    EXPECT_TRUE(SimFolder::create(base_ + "/empty", some_state()).has_value());
}

TEST_F(Folder, SaysThatThereIsNone) {
    EXPECT_EQ(error_of_open().kind, SimError::Kind::NoSuch);
    EXPECT_EQ(error_of_open().detail, "there is no folder " + path_ + "; `kiln sim new` makes one");
    fs::create_directory(path_);
    EXPECT_EQ(error_of_open().kind, SimError::Kind::NoSuch);
    EXPECT_TRUE(fs::is_empty(path_));
}

TEST_F(Folder, SaysThatItIsDamaged) {
    make();
    const std::string state = content("kiln-sim.json");
    const auto replaced = [&](const std::string& from, const std::string& to) {
        std::string text = state;
        const std::size_t at = text.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        return text.replace(at, from.size(), to);
    };
    for (const std::string& text :
         {std::string(), std::string("{"), std::string("[1]"), std::string(100, '\0'),
          replaced("\"version\": 1", "\"version\": 2"), replaced("bd-r", "bd-q"),
          replaced("2048", "-2048"), replaced("7000000000", "\"now\""),
          replaced("kiln simulated", "another"),
          replaced("\"generation\": 1", "\"generation\": {}"), state.substr(0, state.size() / 2)}) {
        overwrite("kiln-sim.json", text);
        const SimError error = error_of_open();
        EXPECT_EQ(error.kind, SimError::Kind::Damaged) << text;
        EXPECT_TRUE(error.detail.starts_with(path_ + " is a damaged simulated drive: "))
            << error.detail;
    }
    overwrite("kiln-sim.json", replaced("\"version\": 1", "\"version\": 2"));
    EXPECT_EQ(error_of_open().detail,
              path_ +
                  " is a damaged simulated drive: kiln-sim.json: version 2, and this program "
                  "knows 1 only");
    overwrite("kiln-sim.json", state);
    overwrite("written", "abc");
    EXPECT_EQ(error_of_open().kind, SimError::Kind::Damaged);
    overwrite("written", "");
    fs::remove(path_ + "/blocks");
    EXPECT_EQ(error_of_open().kind, SimError::Kind::Damaged);
}

TEST_F(Folder, SaysThatItMayNotBeWritten) {
    if (::geteuid() == 0) {
        GTEST_SKIP() << "root may write everywhere";
    }
    make();
    fs::permissions(path_ + "/lock", fs::perms::none);
    EXPECT_EQ(error_of_open().kind, SimError::Kind::NotPermitted);
}

TEST(Journal, ReadsNothingFromNonsense) {
    EXPECT_TRUE(read_records({}).empty());
    EXPECT_TRUE(read_records(std::vector<std::uint8_t>(1000, 0xFF)).empty());
    EXPECT_TRUE(read_records(std::vector<std::uint8_t>(1000, 0x00)).empty());
}

TEST(Journal, LeavesOutUserDataOnly) {
    EXPECT_TRUE(writes_blocks(from_hex("2a 00")));
    EXPECT_TRUE(writes_blocks(from_hex("aa 00")));
    EXPECT_TRUE(writes_blocks(from_hex("2e 00")));
    EXPECT_FALSE(writes_blocks(from_hex("55 00")));
    EXPECT_FALSE(writes_blocks({}));
}

}  // namespace
}  // namespace kiln::harness

// What programs that were not written for it send to a burner (recorded from real ones), sent to
// the fake drive: it must let them burn, and it must end every command.

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "harness/testing/medium_tables.h"
#include "harness/testing/test_data.h"

namespace kiln::harness {
namespace {

using namespace std::chrono_literals;
using testing::Host;

struct Recorded {
    std::string cdb;
    std::string name;
    std::string out;  // parameter data, as hex
    bool good = true;
    bool writes = false;
};

std::filesystem::path recordings() {
    const auto folder = real_data();
    return folder ? *folder / "peer-burns" : std::filesystem::path{};
}

/// One line a command: time, who, CDB (44 columns), name, direction and length, status, ..., data.
std::vector<Recorded> read_recording(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::vector<Recorded> commands;
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line[0] == '#') {
            continue;
        }
        std::istringstream words(line);
        std::string time;
        std::string who;
        words >> time >> who;
        Recorded command;
        std::string word;
        while (words >> word && word.find_first_not_of("0123456789abcdef") == std::string::npos) {
            command.cdb += word + " ";
        }
        command.name = word;
        command.good = line.find(" good ") != std::string::npos;
        command.writes = command.cdb.starts_with("2a");
        const bool sends = line.find(" out ") != std::string::npos;
        std::string last;
        while (words >> word) {
            last = word;
        }
        const bool hex = last.size() % 2 == 0 && last.size() >= 8 &&
                         last.find_first_not_of("0123456789abcdef") == std::string::npos;
        if (sends && hex) {
            command.out = last;
        }
        commands.push_back(command);
    }
    return commands;
}

/// The data of a WRITE: each block holds its address.
std::vector<std::uint8_t> block_data(mmc::ByteView cdb) {
    const auto lba = mmc::load_big_endian<std::uint32_t>(cdb, 2, 4);
    const auto count = mmc::load_big_endian<std::uint32_t>(cdb, 7, 2);
    std::vector<std::uint8_t> data(std::size_t{count} * 2048);
    for (std::uint32_t i = 0; i < count; ++i) {
        mmc::store_big_endian<std::uint32_t>(data, std::size_t{i} * 2048, 4, lba + i);
    }
    return data;
}

/// Sends it, and what the program does not show in the recording: it waits for what it started.
std::string replay(Host& host, const Recorded& command) {
    const std::vector<std::uint8_t> cdb = mmc::from_hex(command.cdb);
    std::string status;
    for (int tries = 0; tries < 2000; ++tries) {
        status = command.writes ? host.send(command.cdb, block_data(cdb))
                                : host.send_hex(command.cdb, command.out);
        if (!status.starts_with("2/04/0")) {
            break;
        }
        host.wait(1s);
    }
    return status;
}

struct Burn {
    const char* recording;
    MediumKind kind;
    const char* drive;
    const char* disc;  // afterwards
};

TEST(PeerPrograms, BurnOntoTheFakeDrive) {
    if (recordings().empty()) {
        GTEST_SKIP() << "KILN_REAL_DATA is not set: no recordings to replay";
    }
    const Burn burns[] = {
        {"cdrskin-tao-cdr", MediumKind::CdR, "tsstcorp-se-506cb", "2/3"},
        {"cdrskin-tao-cdr", MediumKind::CdR, "plextor-px-w4824a", "2/3"},
        {"wodim-tao-cdr", MediumKind::CdR, "tsstcorp-se-506cb", "2/3"},
        {"cdrskin-dvdplusr", MediumKind::DvdPlusR, "pioneer-dvr-111d", "2/3"},
        {"wodim-dvdplusr", MediumKind::DvdPlusR, "pioneer-dvr-111d", "1/0"},
        {"growisofs-dvdplusr", MediumKind::DvdPlusR, "hl-dt-st-gsa-h22n", "1/0"},
        {"cdrskin-bdr", MediumKind::BdR, "hl-dt-st-wh16ns40", "2/3"},
        {"wodim-bdr", MediumKind::BdR, "hl-dt-st-wh16ns40", "1/0"},
        {"growisofs-bdr", MediumKind::BdR, "pioneer-bdr-209m", "1/0"},
    };
    for (const Burn& burn : burns) {
        SCOPED_TRACE(std::string(burn.recording) + " on " + burn.drive);
        auto personality = find_personality(burn.drive);
        ASSERT_TRUE(personality.has_value()) << personality.error().detail;
        Host host(burn.kind, *personality);
        const auto commands =
            read_recording(recordings() / (std::string(burn.recording) + ".commands.txt"));
        ASSERT_GT(commands.size(), 50U);
        // Up to the close: programs that burn a second disc, or eject it, go on behind it.
        for (const Recorded& command : commands) {
            const std::string status = replay(host, command);
            const std::string opcode = command.cdb.substr(0, 2);
            const bool matters = opcode == "2a" || opcode == "35" || opcode == "5b" ||
                                 opcode == "53" || opcode == "bb" || opcode == "51" ||
                                 opcode == "52" || opcode == "46" || opcode == "5c" ||
                                 opcode == "12" || opcode == "1e" || opcode == "5a";
            if (matters && command.good) {
                EXPECT_EQ(status, "good") << command.cdb << command.name;
            }
        }
        host.wait(100s);
        EXPECT_EQ(host.disc(), burn.disc);
        ASSERT_EQ(host.read(0, 636), "good");
        for (std::uint32_t lba = 0; lba < 636; ++lba) {
            ASSERT_EQ(mmc::load_big_endian<std::uint32_t>(host.in(), std::size_t{lba} * 2048, 4),
                      lba);
        }
    }
}

TEST(PeerPrograms, GetAnEndToEveryCommandOnAnyMedium) {
    if (recordings().empty()) {
        GTEST_SKIP() << "KILN_REAL_DATA is not set: no recordings to replay";
    }
    std::vector<Recorded> all;
    std::set<std::string> seen;
    for (const auto& entry : std::filesystem::directory_iterator(recordings())) {
        if (entry.path().string().ends_with(".commands.txt")) {
            for (const Recorded& command : read_recording(entry.path())) {
                if (seen.insert(command.cdb + command.out).second) {
                    all.push_back(command);
                }
            }
        }
    }
    ASSERT_GT(all.size(), 300U);
    for (const MediumFacts& facts : all_media()) {
        SCOPED_TRACE(facts.name);
        const auto personality = default_personality(facts.kind);
        ASSERT_TRUE(personality.has_value()) << personality.error().detail;
        Host host(facts.kind, *personality);
        for (const Recorded& command : all) {
            const Instant before = host.now();
            EXPECT_FALSE(replay(host, command).empty());
            EXPECT_LT(host.now() - before, 3h) << command.cdb << command.name;
        }
    }
}

}  // namespace
}  // namespace kiln::harness

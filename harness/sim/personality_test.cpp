#include "harness/sim/personality.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "harness/sim/personality_embedded.h"

namespace kiln::harness {
namespace {

constexpr const char* kLeast = R"(
summary = "x"
buffer_bytes = 1000
[identity]
vendor = "KILN"
product = "TEST"
[link]
interface = "usb"
bytes_per_second = 1_000_000
max_transfer = 65536
[configuration]
profiles = ["0009"]
features = ["00 01 0b 08  00 00 00 08 01 00 00 00"]
[mode_pages.2a]
defaults = "2a 02 01 02"
[media.cd-r]
writes = true
write = [{ kbps = 706 }]
read = [{ kbps = 7056, curve = "cav", start_kbps = 2905 }]
)";

std::string with(const std::string& from, const std::string& to) {
    std::string text = kLeast;
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

std::string error_of(const std::string& text) {
    const auto drive = parse_personality("test", text);
    return drive ? "no error" : drive.error().detail;
}

TEST(Personality, IsReadFromTheLeastText) {
    const auto drive = parse_personality("test", kLeast);
    ASSERT_TRUE(drive.has_value()) << drive.error().detail;
    EXPECT_EQ(drive->name, "test");
    EXPECT_EQ(drive->link.physical_interface, 8U);
    ASSERT_NE(drive->feature(1), nullptr);
    EXPECT_EQ(drive->feature(1)->version, 2);
    EXPECT_TRUE(drive->feature(1)->persistent);
    EXPECT_EQ(drive->feature(1)->data.size(), 8U);
    ASSERT_NE(drive->mode_page(0x2A), nullptr);
    EXPECT_EQ(drive->mode_page(0x2A)->changeable, (std::vector<std::uint8_t>{0x2A, 2, 0, 0}));
    EXPECT_EQ(drive->support_for(MediumKind::BdR), nullptr);
    ASSERT_NE(drive->support_for(MediumKind::CdR), nullptr);
    EXPECT_EQ(drive->support_for(MediumKind::CdR)->read_speeds[0].kind, CurveKind::Cav);
}

TEST(Personality, SaysInOneLineWhatIsWrongAndWhere) {
    EXPECT_EQ(error_of(with("profiles = [\"0009\"]", "profiles = [\"9\"]")),
              "test.toml: configuration.profiles[0]: '9' is not a profile like \"0041\"");
    EXPECT_EQ(error_of(with("\"cav\"", "\"fast\"")),
              "test.toml: media.cd-r.read[0].curve: 'fast' is none of clv, zclv, cav, pcav");
    EXPECT_EQ(error_of(with("[media.cd-r]", "[media.cd-q]")),
              "test.toml: media.cd-q: no such medium");
    EXPECT_EQ(error_of(with("max_transfer = 65536", "max_transfer = -1")),
              "test.toml: link.max_transfer: -1 is not in 0..16777216");
    EXPECT_EQ(error_of(with("vendor = \"KILN\"", "vendor = \"KILN LTD.\"")),
              "test.toml: identity.vendor: 'KILN LTD.' is longer than 8 characters");
    EXPECT_EQ(error_of(with("summary = \"x\"", "sumary = \"x\"")), "test.toml: summary: missing");
    EXPECT_EQ(error_of(with("summary = \"x\"", "summary = \"x\"\ncolour = \"black\"")),
              "test.toml: colour: no such key");
    EXPECT_EQ(error_of(with("summary = \"x\"", "summary = 7")), "test.toml: summary: not a string");
    EXPECT_EQ(error_of(with("2a 02 01 02", "2a 03 01 02")),
              "test.toml: mode_pages.2a.defaults: not the whole of mode page 2ah");
    EXPECT_EQ(error_of(with("2a 02 01 02", "2a 02 01 0")),
              "test.toml: mode_pages.2a.defaults: '2a 02 01 0' are not bytes like \"00 1f\"");
    EXPECT_EQ(error_of(with("00 01 0b 08", "00 01 0b 09")),
              "test.toml: configuration.features[0]: '00 01 0b 09  00 00 00 08 01 00 00 00' is not "
              "a feature descriptor");
    EXPECT_EQ(error_of(with("start_kbps = 2905", "start_kbps = 9905")),
              "test.toml: media.cd-r.read[0].start_kbps: 9905 is not in 0..7056");
    EXPECT_EQ(
        error_of(with("write = [{ kbps = 706 }]", "")),
        "test.toml: media.cd-r.write: belongs to media that the drive writes, and only there");
}

TEST(Personality, SaysWhereTheTextIsNotToml) {
    EXPECT_TRUE(error_of("summary = \n").starts_with("test.toml: line 1: "));
    EXPECT_EQ(error_of("\n\n[x\n").substr(0, 18), "test.toml: line 3:");
    EXPECT_NE(error_of(std::string(1000, '\0')), "no error");
    EXPECT_NE(error_of(std::string(5000, '[')), "no error");
}

TEST(Personality, IsNeverReadFromATruncatedText) {
    const std::string whole = kLeast;
    for (std::size_t size = 0; size + 60 < whole.size(); ++size) {
        EXPECT_NE(error_of(whole.substr(0, size)), "no error") << size;
    }
}

TEST(Personality, CountsSpeedsOfCdsInRawBlocks) {
    EXPECT_NEAR(static_cast<double>(user_bytes_per_second(MediumKind::CdR, 706)), 4 * 153600.0,
                700);
    EXPECT_EQ(user_bytes_per_second(MediumKind::BdR, 4496), 4'496'000U);
}

// Every one that is built in; what holds for all drives of fixtures/drives.
class EachDrive : public testing::Test {
protected:
    static std::vector<Personality> all() {
        std::vector<Personality> drives;
        for (const EmbeddedText& text : embedded_personalities()) {
            auto drive = parse_personality(text.name, text.text);
            EXPECT_TRUE(drive.has_value()) << drive.error().detail;
            if (drive) {
                drives.push_back(*std::move(drive));
            }
        }
        return drives;
    }
};

TEST_F(EachDrive, CanBeRead) {
    EXPECT_GE(all().size(), 8U);
}

TEST_F(EachDrive, HasTheProfilesOfItsMedia) {
    for (const Personality& drive : all()) {
        for (const MediumSupport& medium : drive.media) {
            const std::uint16_t profile = facts_of(medium.kind).profile;
            EXPECT_TRUE(std::ranges::find(drive.profiles, profile) != drive.profiles.end())
                << drive.name << " " << facts_of(medium.kind).name;
        }
    }
}

TEST_F(EachDrive, HasTheModePagesThatHostsAskFor) {
    for (const Personality& drive : all()) {
        for (const int code : {0x01, 0x05, 0x08, 0x1A, 0x1C, 0x1D, 0x2A}) {
            EXPECT_NE(drive.mode_page(static_cast<std::uint8_t>(code)), nullptr)
                << drive.name << " " << code;
        }
    }
}

TEST_F(EachDrive, ListsItsSpeedsFastestFirstAndReachesThem) {
    for (const Personality& drive : all()) {
        for (const MediumSupport& medium : drive.media) {
            for (const auto* speeds : {&medium.write_speeds, &medium.read_speeds}) {
                std::uint32_t last = UINT32_MAX;
                for (const SpeedEntry& speed : *speeds) {
                    EXPECT_LT(speed.kilobytes_per_second, last) << drive.name;
                    last = speed.kilobytes_per_second;
                    const auto curve = curve_of(speed, medium.kind, facts_of(medium.kind).blocks);
                    EXPECT_EQ(curve.fastest(),
                              user_bytes_per_second(medium.kind, speed.kilobytes_per_second))
                        << drive.name << " " << facts_of(medium.kind).name;
                }
            }
        }
    }
}

TEST_F(EachDrive, SaysHowLongThingsTakeOnWhatItWrites) {
    for (const Personality& drive : all()) {
        for (const MediumSupport& medium : drive.media) {
            const MediumTimings& timings = medium.timings;
            EXPECT_GT(timings.spin_up, Duration::zero()) << drive.name;
            EXPECT_GT(timings.media_error, Duration::zero()) << drive.name;
            if (medium.writes) {
                EXPECT_GT(timings.close_session, Duration::zero())
                    << drive.name << " " << facts_of(medium.kind).name;
            }
            if (facts_of(medium.kind).rewritable) {
                EXPECT_GT(timings.format_full, timings.format_quick)
                    << drive.name << " " << facts_of(medium.kind).name;
            }
        }
    }
}

TEST_F(EachDrive, HasNoRealSerialNumber) {
    for (const Personality& drive : all()) {
        EXPECT_TRUE(drive.identity.serial.empty() || drive.identity.serial.starts_with("KILN"))
            << drive.name;
        if (const FeatureEntry* const serial = drive.feature(0x0108)) {
            const std::string text(serial->data.begin(), serial->data.end());
            EXPECT_TRUE(text.starts_with(drive.identity.serial)) << drive.name;
        }
    }
}

TEST_F(EachDrive, IsTheDefaultForMediaThatNoOtherIs) {
    std::set<MediumKind> seen;
    for (const Personality& drive : all()) {
        for (const MediumKind kind : drive.default_for) {
            EXPECT_TRUE(seen.insert(kind).second) << drive.name << " " << facts_of(kind).name;
        }
    }
    EXPECT_EQ(seen.size(), kMediumKinds);
}

TEST(FindPersonality, HasADefaultForEveryMedium) {
    for (const MediumFacts& facts : all_media()) {
        const auto drive = default_personality(facts.kind);
        ASSERT_TRUE(drive.has_value()) << facts.name;
        EXPECT_TRUE(facts.kind == MediumKind::None || drive->support_for(facts.kind) != nullptr);
    }
}

TEST(FindPersonality, FindsThoseThatItNames) {
    const auto names = personality_names();
    EXPECT_TRUE(std::ranges::is_sorted(names));
    for (const std::string& name : names) {
        EXPECT_TRUE(find_personality(name).has_value()) << name;
    }
}

TEST(FindPersonality, RefusesNamesThatAreNone) {
    for (const char* const name :
         {"", "no-such-drive", "../drives/lg-ced-8083b", "/etc/passwd", ".", "LG-CED-8083B"}) {
        const auto drive = find_personality(name);
        ASSERT_FALSE(drive.has_value()) << name;
        EXPECT_EQ(drive.error().detail, "no such drive personality '" + std::string(name) +
                                            "'; `kiln sim list` names them");
    }
}

TEST(FindPersonality, PrefersTheFolderOfTheEnvironment) {
    const auto folder = std::filesystem::path(testing::TempDir()) / "kiln-fixtures";
    std::filesystem::create_directories(folder / "drives");
    std::ofstream(folder / "drives" / "my-own.toml") << kLeast;
    ASSERT_EQ(setenv("KILN_FIXTURES", folder.c_str(), 1), 0);
    const auto drive = find_personality("my-own");
    const auto names = personality_names();
    ASSERT_EQ(unsetenv("KILN_FIXTURES"), 0);
    std::filesystem::remove_all(folder);
    ASSERT_TRUE(drive.has_value());
    EXPECT_EQ(drive->identity.product, "TEST");
    EXPECT_TRUE(std::ranges::binary_search(names, "my-own"));
    EXPECT_FALSE(find_personality("my-own").has_value());
}

}  // namespace
}  // namespace kiln::harness

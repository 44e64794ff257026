// Real drives' answers, and what other programs were told, are what is known of them.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "mmc/bytes.h"
#include "mmc/features.h"
#include "mmc/hex.h"
#include "mmc/mode_pages.h"
#include "mmc/profiles.h"
#include "mmc/responses/atip.h"
#include "mmc/responses/catalog.h"
#include "mmc/responses/cd_text.h"
#include "mmc/responses/configuration.h"
#include "mmc/responses/inquiry.h"
#include "mmc/responses/round_trip_test_support.h"

#include "harness/testing/test_data.h"
#include "harness/testing/usbmon_answers.h"

namespace kiln::mmc {
namespace {

/// Every distinct (CDB, answer) of the captures of other programs.
std::set<std::pair<Bytes, Bytes>> peers_answers(const std::filesystem::path& folder) {
    std::set<std::pair<Bytes, Bytes>> answers;
    for (const auto& file : std::filesystem::directory_iterator(folder / "peer-burns")) {
        if (file.path().extension() != ".pcap") {
            continue;
        }
        for (const auto& each : harness::recorded_answers(file.path())) {
            if (each.data_in && each.good && !each.cdb.empty() && !each.data.empty()) {
                answers.emplace(each.cdb, each.data);
            }
        }
    }
    return answers;
}

/// The emulated drive's own slips, which are not to be written again.
bool emulators_slip(const Bytes& cdb) {
    // An ISRC's bytes where the position stands.
    const bool position = cdb[0] == 0x42;
    // Physical format information whose addresses stand one byte early.
    const bool physical_format = cdb[0] == 0xAD && cdb[1] == 0 && cdb[7] == 0;
    return position || physical_format;
}

TEST(RealAnswers, OfRecordedBurnsAreReadWithoutErrorAndWrittenAsTheyWere) {
    const auto folder = harness::real_data();
    if (!folder) {
        GTEST_SKIP() << harness::kNoRealData;
    }
    std::size_t read = 0;
    std::size_t written = 0;
    std::set<std::uint8_t> opcodes;
    for (const auto& [cdb, data] : peers_answers(*folder)) {
        const harness::ExactCopy exact(data);
        const auto answer = explain_answer(cdb, exact.view());
        const std::string where = to_hex(cdb) + ": " + to_hex(data);
        if (!answer && answer.error() == ExplainError::UnknownCommand) {
            EXPECT_TRUE(cdb[0] == 0x28 || cdb[0] == 0x44 || cdb[0] == 0xE5 || cdb[0] == 0xBE)
                << where;
            continue;
        }
        if (!answer) {
            // The host asked for the length alone, or little more.
            EXPECT_EQ(answer.error(), ExplainError::TooShort) << where;
            EXPECT_LT(data.size(), 28U) << where;
            continue;
        }
        ++read;
        opcodes.insert(cdb[0]);
        if (answer->complete && !emulators_slip(cdb)) {
            ++written;
            EXPECT_EQ(answer_difference(answer->name, exact.view()), "") << where;
        }
    }
    EXPECT_GT(read, 200U);
    EXPECT_GT(written, 100U);
    EXPECT_GE(opcodes.size(), 14U);
}

TEST(RealAnswers, NoTruncationOrByteFlipIsReadPastItsEnd) {
    const auto folder = harness::real_data();
    if (!folder) {
        GTEST_SKIP() << harness::kNoRealData;
    }
    std::uint32_t random = 3;
    const auto next = [&] { return random = random * 1664525U + 1013904223U; };
    std::size_t answers = 0;
    for (const auto& [cdb, data] : peers_answers(*folder)) {
        if (cdb[0] == 0x28 || cdb[0] == 0xBE) {
            continue;
        }
        const std::size_t step = data.size() > 256 ? 61 : 1;
        for (std::size_t length = 0; length <= data.size(); length += step) {
            Bytes bytes(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(length));
            if (length != 0) {
                bytes[(next() >> 8U) % length] = static_cast<std::uint8_t>(next() >> 16U);
            }
            const harness::ExactCopy exact(bytes);
            answers += explain_answer(cdb, exact.view()).has_value() ? 1U : 0U;
        }
    }
    EXPECT_GT(answers, 1000U);
}

TEST(RealAnswers, OfASamsungBdBurner) {
    const auto folder = harness::real_data();
    if (!folder) {
        GTEST_SKIP() << harness::kNoRealData;
    }
    const auto drive = *folder / "coastermelt-se506cb";
    const auto inquiry = decode_inquiry(harness::read_bytes(drive / "inquiry96.bin"));
    ASSERT_TRUE(inquiry.has_value());
    EXPECT_EQ(inquiry->vendor, "TSSTcorp");
    EXPECT_EQ(inquiry->product, "BDDVDW SE-506CB");
    EXPECT_EQ(inquiry->device_type, kMultimediaDevice);
    EXPECT_TRUE(inquiry->removable);

    const auto bytes =
        harness::read_bytes(drive / "get_configuration_rt0_nodisc_reconstructed.bin");
    const auto configuration = decode_configuration(bytes);
    ASSERT_TRUE(configuration.has_value());
    EXPECT_TRUE(configuration->extent.complete());
    EXPECT_EQ(configuration->current_profile, Profile::None);
    EXPECT_EQ(configuration->get<ProfileListFeature>()->profiles.size(), 18U);
    EXPECT_EQ(configuration->get<CoreFeature>()->physical_interface, PhysicalInterface::Usb);
    EXPECT_EQ(configuration->get<BdReadFeature>()->rewritable[0], 0x000E) << "versions 1 to 3";
    EXPECT_EQ(configuration->get<CdMasteringFeature>()->max_cue_sheet_length, 3328U);
    EXPECT_EQ(configuration->find(FeatureCode::Ossc), nullptr);
    EXPECT_EQ(to_hex(*encode(*configuration)), to_hex(bytes));
    for (const Feature& feature : configuration->features) {
        EXPECT_EQ(typed_feature_difference(feature), "") << std::string(words(feature.code));
    }
}

TEST(RealAnswers, ModePagesOfASamsungBdBurner) {
    const auto folder = harness::real_data();
    if (!folder) {
        GTEST_SKIP() << harness::kNoRealData;
    }
    // Pages back to back as they lie in the drive's memory; 30h is a vendor's own.
    const std::vector<unsigned> expected{0x01, 0x05, 0x08, 0x0D, 0x0E, 0x18,
                                         0x1A, 0x1C, 0x1D, 0x2A, 0x30};
    for (const auto* name : {"mode_pages_current.bin", "mode_pages_default.bin"}) {
        Bytes bytes(8);
        const auto pages = harness::read_bytes(*folder / "coastermelt-se506cb" / name);
        bytes.insert(bytes.end(), pages.begin(), pages.end());
        bytes[1] = static_cast<std::uint8_t>(bytes.size() - 2);
        const auto parameters = decode_mode_parameters(bytes);
        ASSERT_TRUE(parameters.has_value()) << name;
        std::vector<unsigned> codes;
        for (const ModePage& page : parameters->pages) {
            codes.push_back(static_cast<unsigned>(page.code));
            EXPECT_EQ(typed_page_difference(page), "") << name;
            EXPECT_TRUE(page.complete()) << name;
        }
        EXPECT_EQ(codes, expected) << name;
        EXPECT_EQ(parameters->get<TimeoutProtectPage>()->group1_seconds, 7);
        EXPECT_EQ(parameters->get<CapabilitiesPage>()->buffer_kib, 4096);
        EXPECT_EQ(to_hex(*encode(*parameters)), to_hex(bytes)) << name;
    }
}

TEST(RealAnswers, ProfileListsKeepTheDrivesOrder) {
    const auto folder = harness::real_data();
    if (!folder) {
        GTEST_SKIP() << harness::kNoRealData;
    }
    // profile_lists.json has one line `"profiles": "2B 1B 11* ..."` a drive.
    std::set<std::string> known;
    for (const auto& line : harness::read_lines(*folder / "profile-lists" / "profile_lists.json")) {
        const auto parts = harness::split(line, '"');
        if (parts.size() >= 5 && parts[1] == "profiles") {
            std::string list = parts[3];
            std::erase(list, '?');  // a doubt about the name, not about the number
            known.insert(list);
        }
    }
    std::size_t drives = 0;
    for (const auto& file : std::filesystem::directory_iterator(*folder / "profile-lists")) {
        if (file.path().extension() != ".bin") {
            continue;
        }
        const auto feature = decode_feature(harness::read_bytes(file.path()));
        ASSERT_TRUE(feature.has_value()) << file.path();
        std::string text;
        const auto list = feature_as<ProfileListFeature>(*feature);
        ASSERT_TRUE(list.has_value()) << file.path();
        for (const ProfileEntry& entry : list->profiles) {
            constexpr std::string_view kDigits = "0123456789ABCDEF";
            const auto number = static_cast<unsigned>(entry.profile);
            text += text.empty() ? "" : " ";
            text += kDigits[number >> 4U & 0xFU];
            text += kDigits[number & 0xFU];
            text += entry.current ? "*" : "";
            EXPECT_NE(words(entry.profile), "unknown") << number;
        }
        EXPECT_TRUE(known.contains(text)) << file.path() << ": " << text;
        ++drives;
    }
    EXPECT_GE(drives, 6U);
}

/// The numbers of `"KEY": [ 1, 2 ]` behind `"n": "NAME"` in drives.json, which is one value a line.
std::vector<unsigned> numbers_of(const std::vector<std::string>& lines, const std::string& name,
                                 const std::string& key) {
    std::vector<unsigned> numbers;
    bool in_drive = false;
    bool in_list = false;
    for (const auto& line : lines) {
        const auto parts = harness::split(line, '"');
        if (parts.size() >= 4 && parts[1] == "n") {
            in_drive = parts[3] == name;
        } else if (in_drive && parts.size() >= 3 && parts[1] == key) {
            if (line.find(']') != std::string::npos) {
                return numbers;
            }
            in_list = true;
        } else if (in_list && line.find(']') != std::string::npos) {
            return numbers;
        } else if (in_list) {
            numbers.push_back(static_cast<unsigned>(std::stoul(line)));
        }
    }
    return numbers;
}

TEST(RealAnswers, CapabilityPagesHaveTheSpeedsThatWerePrinted) {
    const auto folder = harness::real_data();
    if (!folder) {
        GTEST_SKIP() << harness::kNoRealData;
    }
    const auto lines = harness::read_lines(*folder / "page2a-from-prcap" / "drives.json");
    std::size_t speeds = 0;
    for (const auto& file : std::filesystem::directory_iterator(*folder / "page2a-from-prcap")) {
        if (file.path().extension() != ".bin") {
            continue;
        }
        const auto page = decode_mode_page(harness::read_bytes(file.path()));
        ASSERT_TRUE(page.has_value()) << file.path();
        const auto capabilities = page_as<CapabilitiesPage>(*page);
        ASSERT_TRUE(capabilities.has_value()) << file.path();
        std::vector<unsigned> read;
        for (const WriteSpeed& speed : capabilities->write_speeds) {
            read.push_back(speed.speed_kb_s);
        }
        EXPECT_EQ(read, numbers_of(lines, file.path().stem().string(), "speeds")) << file.path();
        EXPECT_EQ(typed_page_difference(*page), "") << file.path().string();
        speeds += read.size();
    }
    EXPECT_GT(speeds, 15U);
}

TEST(RealAnswers, AtipsArePlausible) {
    const auto folder = harness::real_data();
    if (!folder) {
        GTEST_SKIP() << harness::kNoRealData;
    }
    std::size_t media = 0;
    for (const auto& file : std::filesystem::directory_iterator(*folder / "atip-rebuilt")) {
        if (file.path().extension() == ".bin") {
            const auto bytes = harness::read_bytes(file.path());
            const auto atip = decode_atip(bytes);
            ASSERT_TRUE(atip.has_value()) << file.path();
            EXPECT_TRUE(atip->plausible()) << file.path();
            EXPECT_EQ(atip->rewritable, file.path().stem().string().starts_with("cdrw"));
            EXPECT_EQ(to_hex(*encode(*atip)), to_hex(bytes)) << file.path();
            ++media;
        }
    }
    EXPECT_GE(media, 12U);
}

TEST(RealAnswers, CdTextPacksHaveTheirCrcAndTheirTexts) {
    const auto folder = harness::real_data();
    if (!folder) {
        GTEST_SKIP() << harness::kNoRealData;
    }
    const std::map<std::string, std::string> first_titles{
        {"cdtext.cdt", "Joyful Nights"},
        {"cdtext-krosis.cdt", "A Memoir of Free Will"},
        {"cdtext-libburnia.cdt", "Night Cats II"},
    };
    for (const auto& [name, title] : first_titles) {
        CdText text;
        const auto bytes = harness::read_bytes(*folder / "cdtext" / name);
        for (ByteView rest = bytes; rest.size() >= 18; rest = rest.subspan(18)) {
            text.packs.push_back(*decode_cd_text_pack(rest));
            EXPECT_NE(text.packs.back().crc, 0) << name;
            EXPECT_TRUE(crc_holds(text.packs.back())) << name << " pack " << text.packs.size();
        }
        const auto strings = strings_of(text);
        ASSERT_FALSE(strings.empty()) << name;
        EXPECT_EQ(strings[0].text, title) << name;
        EXPECT_EQ(strings[0].track, 0) << name;
    }
}

}  // namespace
}  // namespace kiln::mmc

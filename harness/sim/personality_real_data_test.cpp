// Personalities beside what was captured from the drives that they are made after.

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mmc/hex.h"

#include "harness/sim/personality.h"

namespace kiln::harness {
namespace {

class RealDrive : public testing::Test {
protected:
    void SetUp() override {
        const char* const folder = std::getenv("KILN_REAL_DATA");
        if (folder == nullptr) {
            GTEST_SKIP() << "KILN_REAL_DATA does not say where the captures of real drives are";
        }
        folder_ = folder;
    }
    std::vector<std::uint8_t> bytes_of(const std::string& name) {
        std::ifstream file(folder_ + "/" + name, std::ios::binary);
        EXPECT_TRUE(file.is_open()) << name;
        return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    }
    static Personality drive(const char* name) { return *find_personality(name); }

    std::string folder_;
};

TEST_F(RealDrive, HasThePage2AThatWasPrinted) {
    const std::pair<const char*, const char*> drives[] = {
        {"lg-ced-8083b", "lg_ced-8083b_1.09"},
        {"plextor-px-w4824a", "plextor_px-w4824a_1.04"},
        {"hl-dt-st-gsa-h22n", "hl-dt-st_gsa-4163b_a101"}};
    for (const auto& [name, file] : drives) {
        EXPECT_EQ(mmc::to_hex(drive(name).mode_page(0x2A)->defaults),
                  mmc::to_hex(bytes_of("page2a-from-prcap/" + std::string(file) + ".bin")))
            << name;
    }
}

TEST_F(RealDrive, HasTheProfilesThatWereListed) {
    const std::pair<const char*, const char*> drives[] = {
        {"hl-dt-st-gsa-h22n", "hl_dt_st_dvd_ram_gsa_h22n_1_01"},
        {"plextor-px-w4824a", "teac_cd_w552e_1_05"},
        {"asmedia-asm105x", "slimtype_dvd_a_ds8a1h_wh66"}};
    for (const auto& [name, file] : drives) {
        const auto bytes = bytes_of("profile-lists/" + std::string(file) + "_feature0000.bin");
        std::vector<std::uint16_t> profiles;
        for (std::size_t at = 4; at + 4 <= bytes.size(); at += 4) {
            profiles.push_back(mmc::load_big_endian<std::uint16_t>(bytes, at, 2));
        }
        EXPECT_EQ(drive(name).profiles, profiles) << name;
    }
}

// All of it but the serial number, and what is zero only because no disc was in.
TEST_F(RealDrive, IsTheSe506cbThatWasReadOut) {
    const Personality se = drive("tsstcorp-se-506cb");
    const auto configuration =
        bytes_of("coastermelt-se506cb/get_configuration_rt0_nodisc_reconstructed.bin");
    std::size_t index = 0;
    for (std::size_t at = 8; at + 4 <= configuration.size();) {
        const mmc::ByteView descriptor =
            mmc::ByteView(configuration).subspan(at, 4U + configuration[at + 3]);
        const auto code = mmc::load_big_endian<std::uint16_t>(descriptor, 0, 2);
        at += descriptor.size();
        if (code == 0) {
            continue;
        }
        // 0109h is media serial numbers, which this drive's fake does not have.
        if (code == 0x0109 && index < se.features.size() && se.features[index].code != code) {
            continue;
        }
        ASSERT_LT(index, se.features.size());
        const FeatureEntry& feature = se.features[index++];
        ASSERT_EQ(feature.code, code);
        EXPECT_EQ(feature.version, descriptor[2] >> 2U & 0x0FU) << code;
        EXPECT_EQ(feature.persistent, (descriptor[2] & 2U) != 0) << code;
        if (code != 0x0108 && code != 0x0021 && code != 0x0023) {
            EXPECT_EQ(mmc::to_hex(feature.data), mmc::to_hex(descriptor.subspan(4))) << code;
        }
    }
    EXPECT_EQ(index, se.features.size());

    const auto pages = bytes_of("coastermelt-se506cb/mode_pages_default.bin");
    for (std::size_t at = 0; at + 2 <= pages.size(); at += 2U + pages[at + 1]) {
        const ModePage* const page = se.mode_page(pages[at]);
        ASSERT_NE(page, nullptr) << int{pages[at]};
        EXPECT_EQ(mmc::to_hex(page->defaults),
                  mmc::to_hex(mmc::ByteView(pages).subspan(at, 2U + pages[at + 1])));
    }

    const auto inquiry = bytes_of("coastermelt-se506cb/inquiry96.bin");
    EXPECT_EQ(std::string(inquiry.begin() + 8, inquiry.begin() + 16), se.identity.vendor);
    EXPECT_EQ(std::string(inquiry.begin() + 16, inquiry.begin() + 31), se.identity.product);
    EXPECT_EQ(inquiry[3], se.identity.byte3_upper | se.identity.response_data_format);
    EXPECT_EQ(inquiry[4], se.identity.additional_length);
}

}  // namespace
}  // namespace kiln::harness

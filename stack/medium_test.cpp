#include "stack/medium.h"

#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mmc/features.h"
#include "mmc/lba.h"
#include "mmc/mode_pages.h"
#include "mmc/responses/bd_structures.h"
#include "mmc/responses/disc_information.h"
#include "mmc/responses/disc_structure.h"
#include "mmc/responses/dvd_structures.h"
#include "mmc/responses/format_capacities.h"
#include "mmc/responses/track_information.h"
#include "mmc/sense.h"

#include "stack/drive.h"
#include "stack/facts.h"
#include "stack/failure.h"
#include "stack/outcome.h"

#include "harness/sim/virtual_clock.h"
#include "harness/testing/paper_drive.h"
#include "harness/testing/scripted_device.h"

namespace kiln::stack {
namespace {

using mmc::BlockCount;
using mmc::Lba;
using ::testing::ElementsAre;

mmc::DiscInformation disc_of(mmc::DiscStatus status, mmc::SessionState last,
                             std::uint16_t sessions = 1, std::uint16_t last_track = 1) {
    mmc::DiscInformation disc;
    disc.disc_status = status;
    disc.state_of_last_session = last;
    disc.sessions = sessions;
    disc.first_track_in_last_session = last_track;
    disc.last_track_in_last_session = last_track;
    return disc;
}

mmc::TrackInformation invisible_track(std::int32_t start, std::int32_t next, std::uint32_t free) {
    mmc::TrackInformation track;
    track.track = 1;
    track.session = 1;
    track.track_mode = mmc::TrackMode::DataUninterrupted;
    track.blank = true;
    track.start = Lba{start};
    track.next_writable_address_valid = true;
    track.next_writable_address = Lba{next};
    track.free_blocks = BlockCount{free};
    track.track_size = BlockCount{free};
    return track;
}

mmc::TrackInformation closed_track(std::int32_t start, std::uint32_t size) {
    mmc::TrackInformation track;
    track.track = 1;
    track.session = 1;
    track.track_mode = mmc::TrackMode::DataUninterrupted;
    track.reserved_track = true;
    track.start = Lba{start};
    track.track_size = BlockCount{size};
    return track;
}

class MediumTest : public ::testing::Test {
protected:
    Medium detect() {
        auto medium = detect_medium(drive);
        EXPECT_TRUE(medium) << (medium ? "" : medium.error().message());
        return medium ? *medium : Medium{};
    }
    void blank_cd() {
        device.profile(0x0009, {0x0009, 0x0008});
        device.add(mmc::CdTrackAtOnceFeature{.buffer_underrun_free = true, .test_write = true});
        device.disc = disc_of(mmc::DiscStatus::Empty, mmc::SessionState::Empty);
        device.tracks[1] = invisible_track(0, 0, 359'849);
    }

    harness::VirtualClock clock;
    harness::HandWaker waker;
    harness::PaperDrive device;
    Drive drive{device, clock, waker};
};

TEST_F(MediumTest, ABlankCdIsWrittenFromItsStart) {
    blank_cd();
    const auto medium = detect();
    EXPECT_EQ(medium.family, MediumFamily::CdR);
    EXPECT_EQ(medium.status, DiscStatus::Blank);
    EXPECT_EQ(medium.next_writable, Lba{0});
    EXPECT_EQ(medium.free, BlockCount{359'849});
    EXPECT_EQ(medium.capacity, BlockCount{359'849});
    EXPECT_EQ(medium.complete_sessions, 0);
    EXPECT_TRUE(medium.is_appendable());
    EXPECT_TRUE(medium.abilities.track_at_once);
    EXPECT_TRUE(medium.abilities.test_write);
    EXPECT_TRUE(medium.abilities.underrun_protection);
    EXPECT_FALSE(holds_data(drive, medium).value());
}

// BDR-205, LTR-48125S.
TEST_F(MediumTest, ABlankCdWhoseNextAddressIsBeforeZeroIsTheSame) {
    blank_cd();
    device.tracks[1] = invisible_track(-150, -150, 359'849);
    EXPECT_EQ(detect().next_writable, Lba{0});
}

// NWA_V depends on the write type in page 05h on some drives.
TEST_F(MediumTest, ABlankCdCanBeWrittenWhateverNwaVSays) {
    blank_cd();
    device.tracks[1].next_writable_address_valid = false;
    const auto medium = detect();
    EXPECT_EQ(medium.next_writable, Lba{0});
    EXPECT_EQ(medium.free, BlockCount{359'849});
}

TEST_F(MediumTest, AnAppendableCdIsFoundByTheInvisibleTracksNumber) {
    blank_cd();
    device.disc = disc_of(mmc::DiscStatus::Incomplete, mmc::SessionState::Empty, 2, 2);
    device.tracks[1] = closed_track(0, 5002);
    device.tracks[0xFF] = invisible_track(16'402, 16'402, 343'000);
    device.tracks[0xFF].track = 2;
    const auto medium = detect();
    EXPECT_EQ(medium.next_writable, Lba{16'402});
    EXPECT_EQ(medium.complete_sessions, 1);
    ASSERT_NE(medium.track(2), nullptr);
    EXPECT_EQ(medium.open_track(), medium.track(2));
    EXPECT_TRUE(holds_data(drive, medium).value());
}

TEST_F(MediumTest, ACompleteDiscHasNoNextAddress) {
    blank_cd();
    device.disc = disc_of(mmc::DiscStatus::Finalized, mmc::SessionState::Complete);
    device.tracks[1] = closed_track(0, 357'730);
    device.capacity = mmc::Capacity{.last_lba = 357'729};
    const auto medium = detect();
    EXPECT_EQ(medium.next_writable, std::nullopt);
    EXPECT_FALSE(medium.is_appendable());
    EXPECT_EQ(medium.readable, BlockCount{357'730});
    EXPECT_EQ(medium.capacity, BlockCount{357'730});
}

TEST_F(MediumTest, ADamagedTrackWithoutNextAddressCannotBeContinued) {
    device.profile(0x0011, {0x0011});
    device.disc = disc_of(mmc::DiscStatus::Incomplete, mmc::SessionState::Incomplete);
    device.tracks[1] = closed_track(0, 20'000);
    device.tracks[1].reserved_track = false;
    device.tracks[1].damage = true;
    const auto medium = detect();
    EXPECT_FALSE(medium.is_appendable());
    EXPECT_TRUE(medium.has_open_session());
    EXPECT_TRUE(holds_data(drive, medium).value());
}

TEST_F(MediumTest, ADamagedTrackWithANextAddressCan) {
    device.profile(0x0011, {0x0011});
    device.disc = disc_of(mmc::DiscStatus::Incomplete, mmc::SessionState::Incomplete);
    device.tracks[1] = invisible_track(0, 2'048, 2'000'000);
    device.tracks[1].blank = false;
    device.tracks[1].damage = true;
    EXPECT_TRUE(detect().is_appendable());
}

// Seen on DVD-RW: the empty session of an appendable disc, and the last one of a complete disc, are
// "reserved or damaged".
TEST_F(MediumTest, ADamagedSessionWithNothingInItIsNotAnOpenOne) {
    device.profile(0x0014, {0x0014});
    device.disc = disc_of(mmc::DiscStatus::Incomplete, mmc::SessionState::Damaged, 2, 2);
    device.tracks[1] = closed_track(0, 20'000);
    device.tracks[2] = invisible_track(30'000, 30'000, 2'000'000);
    device.tracks[2].track = 2;
    const auto medium = detect();
    EXPECT_FALSE(medium.has_open_session());
    EXPECT_TRUE(medium.is_appendable());
    EXPECT_EQ(medium.complete_sessions, 1);
}

TEST_F(MediumTest, ADamagedSessionOfACompleteDiscCounts) {
    device.profile(0x0014, {0x0014});
    device.disc = disc_of(mmc::DiscStatus::Finalized, mmc::SessionState::Damaged);
    device.tracks[1] = closed_track(0, 20'000);
    const auto medium = detect();
    EXPECT_FALSE(medium.has_open_session());
    EXPECT_EQ(medium.complete_sessions, 1);
}

TEST_F(MediumTest, ADvdRwBetweenQuickFormatAndCloseTakesWhatItCouldBeFormattedTo) {
    device.profile(0x0013, {0x0013});
    device.disc = disc_of(mmc::DiscStatus::Incomplete, mmc::SessionState::Incomplete);
    mmc::FormatCapacities formats;
    formats.descriptor_type = mmc::CapacityType::NoMedium;
    formats.formattable.push_back({2'297'888, mmc::FormatType::CdRwDvdRwFull, 0, 16});
    device.formats = formats;
    const auto medium = detect();
    EXPECT_EQ(medium.format_state, FormatState::Unknown);
    EXPECT_EQ(medium.capacity, BlockCount{2'297'888});
    EXPECT_EQ(medium.next_writable, Lba{0});
}

TEST_F(MediumTest, AnUnusableDvdThatShowsNoProfileIsAnUnknownMediumNotNone) {
    device.profile(0x0000, {});
    device.disc = disc_of(mmc::DiscStatus::Finalized, mmc::SessionState::Complete);
    const auto medium = detect();
    EXPECT_EQ(medium.family, MediumFamily::Unknown);
    EXPECT_FALSE(medium.is_appendable());
}

TEST_F(MediumTest, OfTwoCurrentProfilesTheOneThatNamesTheMediumCounts) {
    device.profile(0x0002, {0x0002, 0x0012});
    device.disc = disc_of(mmc::DiscStatus::Other, mmc::SessionState::Complete);
    const auto medium = detect();
    EXPECT_EQ(medium.family, MediumFamily::DvdRam);
    EXPECT_EQ(medium.profile, 0x0002);
    EXPECT_THAT(medium.current_profiles, ElementsAre(0x0002, 0x0012));
}

TEST_F(MediumTest, AClosedBdRIsOneThoughItShowsAsBdRom) {
    device.profile(0x0040, {0x0040});
    device.disc = disc_of(mmc::DiscStatus::Finalized, mmc::SessionState::Complete);
    mmc::BdDiscInformation information;
    mmc::BdDiscInformationUnit unit;
    unit.disc_type = "BDR";
    unit.layers = 1;
    unit.manufacturer = "VERBAT";
    unit.media_type = "IMe";
    information.units.push_back(unit);
    device.structures[0x00] = mmc::encode(information).value();
    const auto medium = detect();
    EXPECT_EQ(medium.family, MediumFamily::BdR);
    EXPECT_EQ(medium.media_id, "VERBAT/IMe");
    EXPECT_FALSE(medium.is_appendable());
}

TEST_F(MediumTest, AFormattedBdRThatWasNeverWrittenHoldsNothing) {
    device.profile(0x0041, {0x0041});
    device.disc = disc_of(mmc::DiscStatus::Incomplete, mmc::SessionState::Empty);
    device.tracks[1] = invisible_track(0, 0, 11'826'176);
    device.tracks[1].blank = false;
    const auto medium = detect();
    EXPECT_TRUE(medium.is_appendable());
    EXPECT_FALSE(holds_data(drive, medium).value());
}

TEST_F(MediumTest, PseudoOverwriteIsSeen) {
    device.profile(0x0041, {0x0041});
    mmc::Feature pow;
    pow.code = mmc::FeatureCode::BdRPseudoOverwrite;
    pow.current = true;
    device.configuration->features.push_back(pow);
    EXPECT_TRUE(detect().pseudo_overwrite);
}

TEST_F(MediumTest, ABdReIsOverwritableOnceFormatted) {
    device.profile(0x0043, {0x0043});
    device.disc = disc_of(mmc::DiscStatus::Finalized, mmc::SessionState::Complete);
    mmc::FormatCapacities formats;
    formats.blocks = 11'826'176;
    formats.descriptor_type = mmc::CapacityType::Formatted;
    formats.block_length = 2048;
    formats.formattable.push_back({11'826'176, mmc::FormatType::BdReFullWithSpare, 0, 12'288});
    device.formats = formats;
    device.capacity = mmc::Capacity{.last_lba = 11'826'175};
    const auto medium = detect();
    EXPECT_EQ(medium.format_state, FormatState::Formatted);
    EXPECT_EQ(medium.next_writable, Lba{0});
    EXPECT_EQ(medium.free, BlockCount{11'826'176});
    ASSERT_EQ(medium.formats.size(), 1U);
    EXPECT_EQ(medium.formats[0].type, 0x30);
    EXPECT_EQ(medium.formats[0].parameter, 12'288U);
}

TEST_F(MediumTest, AnUnformattedBdReCannotBeWrittenYet) {
    device.profile(0x0043, {0x0043});
    device.disc = disc_of(mmc::DiscStatus::Empty, mmc::SessionState::Empty);
    mmc::FormatCapacities formats;
    formats.blocks = 12'219'392;
    formats.descriptor_type = mmc::CapacityType::Unformatted;
    device.formats = formats;
    const auto medium = detect();
    EXPECT_EQ(medium.format_state, FormatState::Unformatted);
    EXPECT_EQ(medium.next_writable, std::nullopt);
    EXPECT_EQ(medium.capacity, BlockCount{12'219'392});
    EXPECT_FALSE(holds_data(drive, medium).value());
}

TEST_F(MediumTest, TheLayersOfADualLayerDiscAreKnown) {
    device.profile(0x002B, {0x002B});
    device.disc = disc_of(mmc::DiscStatus::Empty, mmc::SessionState::Empty);
    device.tracks[1] = invisible_track(0, 0, 4'173'824);
    device.structures[0x20] = mmc::encode(mmc::LayerCapacity{.l0_capacity = 2'086'912}).value();
    const auto medium = detect();
    EXPECT_EQ(medium.layers, 2);
    EXPECT_EQ(medium.first_layer, BlockCount{2'086'912});
}

TEST_F(MediumTest, AWriteProtectTabIsNamed) {
    device.profile(0x0012, {0x0012});
    device.add(mmc::WriteProtectFeature{});
    device.structures[0xC0] = mmc::encode(mmc::WriteProtectionStatus{.cartridge = true}).value();
    const auto medium = detect();
    EXPECT_TRUE(medium.write_protected);
    EXPECT_EQ(medium.write_protection, "the cartridge's write protect tab");
    EXPECT_FALSE(medium.is_appendable());
}

// A CD writer of the nineties: no GET CONFIGURATION, page 2Ah and ATIP instead.
TEST_F(MediumTest, ADriveWithoutFeaturesIsAskedForCapabilitiesAndAtip) {
    mmc::CapabilitiesPage page;
    page.cd_r_write = true;
    page.cd_rw_write = true;
    page.test_write = true;
    device.page(page);
    mmc::Atip atip;
    atip.rewritable = true;
    atip.lead_in_start = {97, 27, 18};
    atip.last_possible_lead_out_start = {74, 43, 0};
    device.atip = atip;
    device.disc = disc_of(mmc::DiscStatus::Empty, mmc::SessionState::Empty);
    device.tracks[1] = invisible_track(0, 0, 336'225);
    const auto medium = detect();
    EXPECT_EQ(medium.family, MediumFamily::CdRw);
    EXPECT_TRUE(medium.abilities.track_at_once);
    EXPECT_TRUE(medium.abilities.test_write);
    EXPECT_EQ(medium.media_id, "97m27s18f");
    EXPECT_EQ(medium.next_writable, Lba{0});
}

// Else one failed GET CONFIGURATION makes a BD-R the CD-R of an old drive.
TEST_F(MediumTest, ADriveThatFailsToTellItsFeaturesIsAskedAgain) {
    blank_cd();
    device.failures = {{0x46, 1}};
    EXPECT_EQ(detect().family, MediumFamily::CdR);
}

TEST_F(MediumTest, AFailedAnswerIsNotTakenForAnUnknownCommand) {
    constexpr std::array<std::uint8_t, 2> kCommands{0x46, 0x51};
    for (const std::uint8_t command : kCommands) {
        blank_cd();
        device.failures = {{command, 2}};
        const auto medium = detect_medium(drive);
        ASSERT_FALSE(medium);
        EXPECT_EQ(medium.error().sense->additional(), 0x4400);
    }
}

TEST_F(MediumTest, APressedDiscInADriveWithoutFeaturesIsNotWritable) {
    mmc::CapabilitiesPage page;
    page.cd_r_write = true;
    device.page(page);
    device.disc = disc_of(mmc::DiscStatus::Finalized, mmc::SessionState::Complete);
    device.tracks[1] = closed_track(0, 300'000);
    const auto medium = detect();
    EXPECT_EQ(medium.family, MediumFamily::CdRom);
    EXPECT_FALSE(medium.abilities.track_at_once);
}

TEST_F(MediumTest, NoMediumIsAFailureOfItsOwnKind) {
    device.not_ready = mmc::make_sense(mmc::SenseKey::NotReady, 0x3A01);
    const auto medium = detect_medium(drive);
    ASSERT_FALSE(medium);
    EXPECT_EQ(medium.error().kind, FailureKind::NoMedium);
    EXPECT_EQ(medium.error().doing, "reading the state of the medium");
}

TEST_F(MediumTest, ADriveThatClaimsTenThousandTracksIsNotAskedForAllOfThem) {
    blank_cd();
    device.disc->last_track_in_last_session = 60'000;
    (void)detect_medium(drive);
    EXPECT_LT(device.sent.size(), 1100U);
}

// ---- Holds data
// -----------------------------------------------------------------------------------

class HoldsDataTest : public MediumTest {
protected:
    HoldsDataTest() {
        medium.family = MediumFamily::DvdPlusRw;
        medium.format_state = FormatState::Formatted;
        medium.readable = BlockCount{2'295'104};
        device.block = [this](std::int32_t lba) -> std::optional<std::vector<std::uint8_t>> {
            if (lba >= readable_to) {
                return std::nullopt;
            }
            std::vector<std::uint8_t> block(2048);
            block[2047] = lba == data_at ? 1 : 0;
            return block;
        };
    }
    bool holds() { return holds_data(drive, medium).value(); }

    Medium medium;
    std::int32_t data_at = -1;
    std::int32_t readable_to = 2'295'104;
};

TEST_F(HoldsDataTest, ZerosAreNothing) {
    EXPECT_FALSE(holds());
}

TEST_F(HoldsDataTest, AnythingInTheFirstTwoMegabytesIsData) {
    data_at = 0;
    EXPECT_TRUE(holds());
    data_at = 1023;
    EXPECT_TRUE(holds());
}

TEST_F(HoldsDataTest, AnythingInTheLastTwoMegabytesIsData) {
    data_at = 2'295'103;
    EXPECT_TRUE(holds());
    data_at = 2'295'104 - 1024;
    EXPECT_TRUE(holds());
}

TEST_F(HoldsDataTest, WhatIsInBetweenIsNotLookedAt) {
    data_at = 1024;
    EXPECT_FALSE(holds());
}

TEST_F(HoldsDataTest, UnreadableBlocksHoldNothingAndAreNotTriedForEver) {
    readable_to = 0;
    EXPECT_FALSE(holds());
    EXPECT_LT(device.sent.size(), 20U);
}

TEST_F(HoldsDataTest, ATinyMediumIsLookedAtWhole) {
    medium.readable = BlockCount{10};
    data_at = 9;
    EXPECT_TRUE(holds());
}

}  // namespace
}  // namespace kiln::stack

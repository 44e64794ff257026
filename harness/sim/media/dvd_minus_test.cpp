#include "harness/sim/media/dvd_minus.h"

#include "harness/testing/medium_tables.h"

namespace kiln::harness {
namespace {

using testing::burn;
using testing::Host;
using testing::StateRow;

/// Incremental, as growisofs selects it: BUFE, LS_V, link 16, FP 16.
void incremental(Host& host, bool more = true) {
    ASSERT_EQ(host.select(0x60, more ? 0xE5 : 0x25, 8, 16), "good");
}
void disc_at_once(Host& host) {
    ASSERT_EQ(host.select(0x42, 0x05), "good");
}

void blank(Host& host) {
    incremental(host);
}
void open_rzone(Host& host) {
    incremental(host);
    burn(host, 0, 640);
}
void open_border(Host& host) {
    open_rzone(host);
    ASSERT_EQ(host.send(testing::kCloseTrack), "good");
}
void appendable(Host& host) {
    open_border(host);
    ASSERT_EQ(host.send(testing::kCloseSession), "good");
}
void complete(Host& host) {
    open_border(host);
    incremental(host, false);
    ASSERT_EQ(host.send(testing::kCloseSession), "good");
}

TEST(DvdR, IsTheTableOfItsHeader) {
    const StateRow rows[] = {
        {"blank", blank, "0/0", "good", "5/21/02", "5/24/00", "good", "good"},
        {"open RZone", open_rzone, "1/1", "good", "5/21/02", "good", "5/72/03", "5/2c/00"},
        {"open border", open_border, "1/1", "good", "5/21/02", "good", "good", "good"},
        {"appendable", appendable, "1/0", "good", "5/21/02", "good", "good", "good"},
        {"complete", complete, "2/3", "5/30/05", "5/30/05", "5/27/00", "5/27/00", "5/27/00"},
    };
    testing::expect_table(MediumKind::DvdR, rows);
}

TEST(DvdR, BlankGivesItsUsableBlocks) {
    Host host(MediumKind::DvdR);
    incremental(host);
    EXPECT_EQ(host.next_writable(1), 0);
    EXPECT_EQ(host.bytes(5, 3), "04 61 01");  // blank, incremental, invisible
    EXPECT_EQ(host.number(16, 4), 2297888U);
    EXPECT_EQ(host.number(20, 4), 16U);
}

TEST(DvdR, NextBorderBeginsBehindTheFirstOnesZone) {
    Host host(MediumKind::DvdR);
    appendable(host);
    EXPECT_EQ(host.next_writable(2), 640 + 28672);
    EXPECT_EQ(host.send(testing::kCapacity), "good");
    EXPECT_EQ(host.number(0, 4), 639U);
    EXPECT_EQ(host.read(0, 32), "good");
}

TEST(DvdR, DiscAtOnceNeedsItsSizeAndEndsWithIt) {
    Host host(MediumKind::DvdR);
    disc_at_once(host);
    EXPECT_EQ(host.write(0, 16), "5/2c/00");
    EXPECT_EQ(host.send("53 00 00 00 00 00 00 02 7c 00"), "good");  // 636: 640
    EXPECT_EQ(host.write(16, 16), "5/21/02");
    burn(host, 0, 624);
    EXPECT_EQ(host.write(624, 32), "5/63/00");
    EXPECT_EQ(host.send(testing::kCloseSession), "5/72/04");
    EXPECT_EQ(host.write(624, 16), "good");
    const Instant before = host.now();
    EXPECT_EQ(host.send(testing::kSync), "good");
    EXPECT_GT(host.now() - before, std::chrono::seconds(60));  // filled up to 30 mm
    EXPECT_EQ(host.disc(), "2/3");
    EXPECT_EQ(host.send(testing::kCapacity), "good");
    EXPECT_EQ(host.number(0, 4), 639U);
}

// libburn reserves and writes what it has, and only flushes then.
TEST(DvdR, DiscAtOnceMayEndInsideAnEccBlock) {
    Host host(MediumKind::DvdR);
    disc_at_once(host);
    EXPECT_EQ(host.send("53 00 00 00 00 00 00 02 7c 00"), "good");  // 636
    burn(host, 0, 624);
    EXPECT_EQ(host.write(624, 12), "good");
    EXPECT_EQ(host.send(testing::kSync), "good");
    EXPECT_EQ(host.disc(), "2/3");
    EXPECT_EQ(host.send(testing::kCapacity), "good");
    EXPECT_EQ(host.number(0, 4), 639U);
    EXPECT_EQ(host.read(624, 16), "good");
}

TEST(DvdR, CloseTrackPadsADiscAtOnceThatWasBrokenOff) {
    Host host(MediumKind::DvdR);
    disc_at_once(host);
    ASSERT_EQ(host.send("53 00 00 00 00 00 00 04 00 00"), "good");
    burn(host, 0, 64);
    EXPECT_EQ(host.send(testing::kSync), "good");
    EXPECT_EQ(host.disc(), "1/1");
    EXPECT_EQ(host.send(testing::kCloseTrack), "good");
    EXPECT_EQ(host.disc(), "2/3");
    EXPECT_EQ(host.read(1000, 24), "good");
}

TEST(DvdR, TakesNoOtherWriteTypeInAnOpenTrack) {
    Host host(MediumKind::DvdR);
    open_rzone(host);
    disc_at_once(host);
    EXPECT_EQ(host.write(640, 16), "5/64/00");
}

TEST(DvdR, ReservesTwoRZonesAtMost) {
    Host host(MediumKind::DvdR);
    incremental(host);
    EXPECT_EQ(host.send(testing::kReserve), "good");
    EXPECT_EQ(host.send(testing::kReserve), "good");
    EXPECT_EQ(host.send(testing::kReserve), "5/72/05");
    EXPECT_EQ(host.next_writable(2), 1024);
    EXPECT_EQ(host.bytes(6, 1), "e1");  // reserved, blank, incremental
    EXPECT_EQ(host.send(testing::kCloseSession), "5/72/04");
}

TEST(DvdRw, AfterAMinimalBlankTakesDiscAtOnceOnlyAndLies) {
    Host host(MediumKind::DvdRw);
    complete(host);
    ASSERT_EQ(host.send(testing::kBlankMinimal), "good");
    EXPECT_EQ(host.disc(), "0/0");
    incremental(host);
    EXPECT_EQ(host.write(0, 16), "5/64/00");
    EXPECT_EQ(host.send("46 02 00 21 00 00 00 00 20 00"), "good");
    EXPECT_EQ(host.bytes(10, 1), "0c");  // version 3, not current: this drive is honest
    disc_at_once(host);
    ASSERT_EQ(host.send("53 00 00 00 00 00 00 00 40 00"), "good");
    burn(host, 0, 64);
    ASSERT_EQ(host.send(testing::kSync), "good");
    EXPECT_EQ(host.disc(), "2/3");
    ASSERT_EQ(host.send(testing::kBlankAll), "good");
    incremental(host);
    burn(host, 0, 64);
}

TEST(DvdRw, ADriveMayKeepFeature21CurrentAfterAMinimalBlank) {
    Personality liar = testing::test_personality();
    liar.behaviour.feature_21_lies = true;
    Host host(MediumKind::DvdRw, liar);
    ASSERT_EQ(host.send(testing::kBlankMinimal), "good");
    EXPECT_EQ(host.send("46 02 00 21 00 00 00 00 20 00"), "good");
    EXPECT_EQ(host.bytes(10, 1), "0d");
    incremental(host);
    EXPECT_EQ(host.write(0, 16), "5/64/00");
}

TEST(DvdRDl, HasOneSession) {
    Host host(MediumKind::DvdRDl);
    appendable(host);
    EXPECT_EQ(host.disc(), "2/3");
    EXPECT_EQ(host.send("46 02 00 00 00 00 00 00 08 00"), "good");
    EXPECT_EQ(host.bytes(6, 2), "00 15");
}

// --- restricted overwrite

TEST(DvdRwRestrictedOverwrite, QuickFormatGrowsByWritingAndIsClosed) {
    Host host(MediumKind::DvdRw);
    ASSERT_EQ(testing::format(host, "00 00 00 00 54 00 00 10"), "good");
    EXPECT_EQ(host.send("46 02 00 00 00 00 00 00 08 00"), "good");
    EXPECT_EQ(host.bytes(6, 2), "00 13");
    EXPECT_EQ(host.disc(), "1/1");
    EXPECT_EQ(host.send(testing::kFormats), "good");
    EXPECT_EQ(host.bytes(8, 1), "03");
    EXPECT_EQ(host.write(8, 16), "5/21/02");
    EXPECT_EQ(host.write(0, 8), "5/21/02");
    EXPECT_EQ(host.write(64, 16), "5/21/02");
    burn(host, 0, 64);
    burn(host, 32, 64);
    EXPECT_EQ(host.send(testing::kCloseSession), "good");
    EXPECT_EQ(host.disc(), "2/3");
    EXPECT_EQ(host.send(testing::kFormats), "good");
    EXPECT_EQ(host.bytes(4, 5), "00 00 00 60 02");
    EXPECT_EQ(host.write(96, 16), "5/21/00");
    // Quick grow, then on.
    EXPECT_EQ(testing::format(host, "00 00 00 20 4c 00 00 10"), "good");
    EXPECT_EQ(host.write(96, 32), "good");
    EXPECT_EQ(host.send(testing::kCloseSession), "good");
    EXPECT_EQ(host.send(testing::kCapacity), "good");
    EXPECT_EQ(host.number(0, 4), 127U);
}

TEST(DvdRwRestrictedOverwrite, IsSequentialAgainAfterBlank) {
    Host host(MediumKind::DvdRwRestrictedOverwrite);
    EXPECT_EQ(host.write(2297888 - 16, 16), "good");
    EXPECT_EQ(host.write(2297888, 16), "5/21/00");
    EXPECT_EQ(host.send(testing::kSync), "good");
    EXPECT_EQ(host.send(testing::kBlankAll), "good");
    EXPECT_EQ(host.send("46 02 00 00 00 00 00 00 08 00"), "good");
    EXPECT_EQ(host.bytes(6, 2), "00 14");
    EXPECT_EQ(testing::format(host, "00 23 10 20 00 00 00 10"), "good");
    EXPECT_EQ(testing::format(host, "00 23 10 20 98 00 00 00"), "5/26/00");
    EXPECT_EQ(testing::format(host, "ff 23 10 20 00 00 00 10"), "5/26/00");
    EXPECT_EQ(host.read(1000, 16), "good");
}

}  // namespace
}  // namespace kiln::harness

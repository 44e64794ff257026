#include "harness/sim/media/bd_r.h"
#include "harness/sim/media/bd_re.h"
#include "harness/testing/medium_tables.h"

namespace kiln::harness {
namespace {

using namespace std::chrono_literals;
using testing::burn;
using testing::Host;
using testing::StateRow;

void blank(Host&) {}
void formatted(Host& host) {
    ASSERT_EQ(testing::format(host, "00 b4 73 e0 01 00 30 00"), "good");
}
void open_track(Host& host) {
    burn(host, 0, 640);
}
void open_session(Host& host) {
    open_track(host);
    ASSERT_EQ(host.send(testing::kCloseTrack), "good");
}
void appendable(Host& host) {
    open_session(host);
    ASSERT_EQ(host.send(testing::kCloseSession), "good");
}
void complete(Host& host) {
    open_session(host);
    ASSERT_EQ(host.send(testing::kFinalize), "good");
}

constexpr StateRow kRows[] = {
    {"blank", blank, "0/0", "good", "5/21/02", "good", "good", "good"},
    {"formatted", formatted, "1/0", "good", "5/21/02", "good", "good", "good"},
    {"track open", open_track, "1/1", "good", "5/21/02", "good", "good", "5/2c/00"},
    {"session open", open_session, "1/1", "good", "5/21/02", "good", "good", "good"},
    {"appendable", appendable, "1/0", "good", "5/21/02", "good", "good", "good"},
    {"complete", complete, "2/3", "5/30/05", "5/30/05", "5/27/00", "5/27/00", "5/27/00"},
};

TEST(BdR, IsTheTableOfItsHeader) {
    testing::expect_table(MediumKind::BdR, kRows);
}

TEST(BdR, BurnsAndAppendsWithoutAGap) {
    Host host(MediumKind::BdR);
    EXPECT_EQ(host.send("52 01 00 00 00 01 00 00 24 00"), "good");
    EXPECT_EQ(
        host.bytes(0, 28),
        "00 2e 01 01 00 04 41 01 00 00 00 00 00 00 00 00 00 ba 74 00 00 00 00 00 00 ba 74 00");
    burn(host, 0, 636);
    ASSERT_EQ(host.send(testing::kSync), "good");
    ASSERT_EQ(host.send(testing::kCloseTrack), "good");
    ASSERT_EQ(host.send(testing::kCloseSession), "good");
    EXPECT_EQ(host.next_writable(2), 640);
    EXPECT_EQ(host.send(testing::kCapacity), "good");
    EXPECT_EQ(host.number(0, 4), 639U);
    burn(host, 640, 64);
    ASSERT_EQ(host.send(testing::kCloseSession), "good");
    EXPECT_EQ(host.next_writable(3), 704);
    EXPECT_EQ(host.read(0, 704), "good");
    EXPECT_EQ(host.in()[636 * 2048], 0);
    EXPECT_EQ(host.in()[640 * 2048], 0x5A);
    EXPECT_EQ(host.read(704, 1), "5/21/00");
}

TEST(BdR, ListsItsFormatsAsDrivesDo) {
    Host host(MediumKind::BdR);
    EXPECT_EQ(host.send(testing::kFormats), "good");
    EXPECT_EQ(host.bytes(0, 44),
              "00 00 00 28 00 ba 74 00 01 00 08 00 00 b4 74 00 00 00 30 00 "
              "00 b4 74 00 c8 00 00 00 00 58 74 00 c8 00 00 00 00 b8 74 00 c8 00 00 00");
    EXPECT_EQ(testing::format(host, "00 b4 74 00 c9 00 00 00"), "good");
    EXPECT_EQ(testing::format(host, "00 b4 74 00 c9 00 00 00"), "5/2c/00");
    EXPECT_EQ(host.next_writable(1), 0);
    EXPECT_EQ(host.number(16, 4), 11826176U);
    EXPECT_EQ(host.send(testing::kCapacity), "good");
    EXPECT_EQ(host.number(0, 4), 0U);
}

TEST(BdR, RefusesRandomModeAndSizesOutsideItsRange) {
    Host host(MediumKind::BdR);
    EXPECT_EQ(testing::format(host, "00 b4 74 00 c2 00 00 00"), "5/26/00");
    EXPECT_EQ(testing::format(host, "00 ba 74 00 c9 00 00 00"), "5/26/00");
    EXPECT_EQ(testing::format(host, "00 10 00 00 c9 00 00 00"), "5/26/00");
    EXPECT_EQ(testing::format(host, "00 b4 74 00 98 00 00 00"), "5/26/00");
}

TEST(BdR, PseudoOverwriteUsesUpClustersAtTheEnd) {
    Host host(MediumKind::BdR);
    ASSERT_EQ(testing::format(host, "00 b4 74 00 00 00 30 00"), "good");
    burn(host, 0, 64);
    ASSERT_EQ(host.write(0, 16, 0x11), "good");
    ASSERT_EQ(host.send(testing::kSync), "good");
    EXPECT_EQ(host.next_writable(1), 96);
    EXPECT_EQ(host.read(0, 32), "good");
    EXPECT_EQ(host.in()[0], 0x11);
    EXPECT_EQ(host.in()[16 * 2048], 0x5A);
    EXPECT_EQ(host.write(128, 32), "5/21/02");
}

TEST(BdR, OtherSizesHaveTheirOwnSpares) {
    EXPECT_EQ(bd_default_size(12219392), 11826176U);
    EXPECT_EQ(bd_default_size(24438784), 23652352U);
    EXPECT_EQ(bd_default_size(48878592), 47305728U);
    EXPECT_EQ(bd_default_size(62500864), 60403712U);
}

TEST(BdRe, NeedsItsFormatFirst) {
    Host host(MediumKind::BdRe);
    EXPECT_EQ(host.write(0, 32), "5/30/10");
    EXPECT_EQ(testing::format(host, "00 b4 74 00 00 00 30 00"), "good");
    EXPECT_EQ(host.disc(), "2/3");
    EXPECT_EQ(host.write(1000001, 3), "good");
    EXPECT_EQ(host.write(11826176, 1), "5/21/00");
    EXPECT_EQ(host.read(1000000, 5), "good");
    EXPECT_EQ(host.in()[0], 0);
    EXPECT_EQ(host.in()[2048], 0x5A);
    EXPECT_EQ(host.send(testing::kCloseSession), "5/24/00");
    EXPECT_EQ(host.send(testing::kReserve), "5/30/05");
    EXPECT_EQ(host.send(testing::kBlankAll), "5/30/05");
    EXPECT_EQ(testing::format(host, "00 ba 74 00 c4 00 08 00"), "good");
    EXPECT_EQ(host.send(testing::kCapacity), "good");
    EXPECT_EQ(host.number(0, 4), 12219391U);
    EXPECT_EQ(host.read(1000001, 1), "good");
    EXPECT_EQ(host.in()[0], 0);  // the format took it
}

TEST(BdRe, FullCertificationTakesLongAndTellsHowFarItIs) {
    Host host(MediumKind::BdRe);
    ASSERT_EQ(testing::format(host, "00 b4 74 00 c2 00 30 00", true), "good");
    host.wait(1800s);
    EXPECT_EQ(host.send(testing::kReady), "2/04/04");
    ASSERT_TRUE(host.ending().sense.progress.has_value());
    EXPECT_NEAR(*host.ending().sense.progress, 32768, 64);
    host.wait(1801s);
    EXPECT_EQ(host.send(testing::kReady), "good");
}

TEST(BdRe, PutsASpareInPlaceOfABadBlock) {
    Host host(MediumKind::None);
    Medium medium = fresh_medium(MediumKind::BdRe);
    medium.defects = {{.first = 70, .count = 1, .on_write = true}};
    host.drive().insert_ready(medium, make_memory_store(), host.now());
    ASSERT_EQ(testing::format(host, "00 b4 74 00 00 00 30 00"), "good");
    EXPECT_EQ(host.write(64, 32), "good");
    EXPECT_EQ(host.read(64, 32), "good");
    EXPECT_EQ(host.medium().spares_left, 393216U - 32U);
}

TEST(DvdRam, IsWrittenAnywhereAndFormattedToListedSizes) {
    Host host(MediumKind::DvdRam);
    EXPECT_EQ(host.disc(), "3/3");
    EXPECT_EQ(host.send(testing::kCapacity), "good");
    EXPECT_EQ(host.number(0, 4), 2236703U);
    EXPECT_EQ(host.write(1234567, 1), "good");
    EXPECT_EQ(host.write(2236704, 1), "5/21/00");
    EXPECT_EQ(host.send(testing::kCloseSession), "5/24/00");
    EXPECT_EQ(testing::format(host, "00 10 00 00 00 00 08 00"), "5/26/00");
    EXPECT_EQ(testing::format(host, "00 23 05 20 00 00 08 00"), "good");
    EXPECT_EQ(host.send(testing::kCapacity), "good");
    EXPECT_EQ(host.number(0, 4), 2295071U);
    EXPECT_EQ(host.send(testing::kFormats), "good");
    EXPECT_EQ(host.bytes(28, 8), "00 22 21 20 04 00 08 00");
}

TEST(Pressed, IsReadAndNothingElse) {
    for (const MediumKind kind : {MediumKind::CdRom, MediumKind::DvdRom, MediumKind::BdRom}) {
        Host host(kind);
        const std::uint32_t blocks = facts_of(kind).blocks;
        EXPECT_EQ(host.disc(), "2/3");
        EXPECT_EQ(host.send(testing::kCapacity), "good");
        EXPECT_EQ(host.number(0, 4), blocks - 1);
        EXPECT_EQ(host.read(static_cast<std::int32_t>(blocks) - 1, 1), "good");
        EXPECT_EQ(host.read(static_cast<std::int32_t>(blocks), 1), "5/21/00");
        EXPECT_EQ(host.write(0, 1), "5/30/05");
        EXPECT_EQ(host.send(testing::kBlankAll), "5/30/05");
        EXPECT_EQ(host.send(testing::kReserve), "5/30/05");
        EXPECT_EQ(host.send(testing::kCloseSession), "5/30/05");
        EXPECT_EQ(testing::format(host, "00 00 00 00 00 00 00 00"), "5/30/05");
    }
}

}  // namespace
}  // namespace kiln::harness

#include "harness/sim/media/cd.h"

#include <gtest/gtest.h>

#include "harness/testing/host.h"

namespace kiln::harness {
namespace {

using testing::Host;

constexpr auto kCloseTrack = "5b 00 01 00 00 01 00 00 00 00";
constexpr auto kCloseSession = "5b 00 02 00 00 00 00 00 00 00";
constexpr auto kSync = "35 00 00 00 00 00 00 00 00 00";

void burn(Host& host, std::int32_t lba, std::uint32_t blocks) {
    while (blocks > 0) {
        const std::uint32_t count = std::min(blocks, 32U);
        ASSERT_EQ(host.write(lba, count), "good");
        lba += static_cast<std::int32_t>(count);
        blocks -= count;
    }
}

TEST(CdR, BlankSaysSo) {
    Host host(MediumKind::CdR);
    EXPECT_EQ(host.disc(), "0/0");
    // 79:59:74 is the last possible lead-out of this disc.
    EXPECT_EQ(host.bytes(0, 24),
              "00 20 00 01 01 01 01 20 00 00 00 00 00 00 00 00 00 61 1b 00 00 4f 3b 4a");
    EXPECT_EQ(host.next_writable(0xFF), 0);
    EXPECT_EQ(host.number(16, 4), 359847U);
    EXPECT_EQ(host.send("25 00 00 00 00 00 00 00 00 00"), "good");
    EXPECT_EQ(host.bytes(0, 8), "00 00 00 00 00 00 08 00");
    EXPECT_EQ(host.send("43 00 00 00 00 00 00 00 0c 00"), "5/24/00");
    EXPECT_EQ(host.read(0, 1), "5/64/00");
    EXPECT_EQ(host.send("46 02 00 00 00 00 00 00 08 00"), "good");
    EXPECT_EQ(host.bytes(6, 2), "00 09");
    EXPECT_EQ(host.send("43 00 04 00 00 00 00 00 1c 00"), "good");
    EXPECT_EQ(host.bytes(2, 13), "00 00 c0 00 80 00 61 1b 00 00 4f 3b 4a");
}

TEST(CdR, BurnsATrackAtOnceAndClosesTheDisc) {
    Host host(MediumKind::CdR);
    ASSERT_EQ(host.select(0x41, 0x04), "good");
    burn(host, 0, 636);
    EXPECT_EQ(host.disc(), "1/1");
    EXPECT_EQ(host.next_writable(1), 636);
    EXPECT_EQ(host.send(kCloseSession), "5/72/03");
    EXPECT_EQ(host.send(kSync), "good");
    EXPECT_EQ(host.next_writable(0xFF), 638 + 150);
    EXPECT_EQ(host.send(kCloseSession), "good");
    EXPECT_EQ(host.disc(), "2/3");
    EXPECT_EQ(host.send("25 00 00 00 00 00 00 00 00 00"), "good");
    EXPECT_EQ(host.number(0, 4), 637U);  // the two run-out blocks are counted
    EXPECT_EQ(host.read(0, 636), "good");
    EXPECT_EQ(host.read(636, 1), "3/11/05");
    EXPECT_EQ(host.write(638, 1), "5/30/05");
    EXPECT_EQ(host.send(kCloseSession), "5/27/00");
    EXPECT_EQ(host.send("43 02 02 00 00 00 00 00 ff 00"), "good");
    // A0, A1, A2 at 638 = 00:10:38, track 1 at 00:02:00, B0 final, C0.
    EXPECT_EQ(host.bytes(4, 55),
              "01 14 00 a0 00 00 00 00 01 00 00 "
              "01 14 00 a1 00 00 00 00 01 00 00 "
              "01 14 00 a2 00 00 00 00 00 0a 26 "
              "01 14 00 01 00 00 00 00 00 02 00 "
              "01 54 00 b0 ff ff ff 02 4f 3b 4a");
}

TEST(CdR, AppendsASessionWhereTheFirstOneLeftRoom) {
    Host host(MediumKind::CdR);
    ASSERT_EQ(host.select(0x41, 0xC4), "good");
    burn(host, 0, 636);
    ASSERT_EQ(host.send(kSync), "good");
    ASSERT_EQ(host.send(kCloseSession), "good");
    EXPECT_EQ(host.disc(), "1/0");
    EXPECT_EQ(host.next_writable(0xFF), 638 + 11400);
    burn(host, 12038, 203);
    ASSERT_EQ(host.send(kSync), "good");
    ASSERT_EQ(host.send(kCloseSession), "good");
    // 203 blocks were padded to 300; later sessions are 6900 apart.
    EXPECT_EQ(host.next_writable(0xFF), 12038 + 302 + 6900);
    EXPECT_EQ(host.send("43 00 01 00 00 00 00 00 0c 00"), "good");
    EXPECT_EQ(host.bytes(0, 12), "00 0a 01 02 00 14 02 00 00 00 2f 06");
    EXPECT_EQ(host.read(12038, 300), "good");
    EXPECT_EQ(host.in()[203 * 2048], 0);
    EXPECT_EQ(host.read(700, 1), "3/11/05");
}

TEST(CdR, WritesOnlyAtTheNextWritableAddress) {
    Host host(MediumKind::CdR);
    EXPECT_EQ(host.write(16, 16), "5/21/02");
    burn(host, 0, 32);
    EXPECT_EQ(host.write(0, 16), "5/21/02");
    EXPECT_EQ(host.write(64, 16), "5/21/02");
    EXPECT_EQ(host.write(359849, 16), "5/21/00");
    EXPECT_EQ(host.write(-150, 16), "5/21/02");
    EXPECT_EQ(host.write(32, 16), "good");
}

/// One row of the table in cd.h: how to get there, and what each command says there.
struct Row {
    const char* state;
    void (*reach)(Host&);
    const char* disc;
    const char* write_elsewhere;
    const char* sync;
    const char* close_track;
    const char* close_session;
    const char* reserve;
};

void reach_blank(Host&) {}
void reach_open(Host& host) {
    burn(host, 0, 320);
}
void reach_session_open(Host& host) {
    reach_open(host);
    ASSERT_EQ(host.send(kSync), "good");
}
void reach_appendable(Host& host) {
    reach_session_open(host);
    ASSERT_EQ(host.send(kCloseSession), "good");
}
void reach_complete(Host& host) {
    ASSERT_EQ(host.select(0x41, 0x04), "good");
    reach_appendable(host);
}

TEST(CdR, IsTheTableOfItsHeader) {
    const Row rows[] = {
        {"blank", reach_blank, "0/0", "5/21/02", "good", "good", "5/2c/04", "good"},
        {"track open", reach_open, "1/1", "5/21/02", "good", "good", "5/72/03", "5/2c/00"},
        {"session open", reach_session_open, "1/1", "5/21/02", "good", "good", "good", "good"},
        {"appendable", reach_appendable, "1/0", "5/21/02", "good", "good", "good", "good"},
        {"complete", reach_complete, "2/3", "5/30/05", "good", "5/27/00", "5/27/00", "5/27/00"},
    };
    for (const Row& row : rows) {
        SCOPED_TRACE(row.state);
        Host reached(MediumKind::CdR);
        row.reach(reached);
        EXPECT_EQ(Host(reached).disc(), row.disc);
        EXPECT_EQ(Host(reached).write(77777, 1), row.write_elsewhere);
        EXPECT_EQ(Host(reached).send(kSync), row.sync);
        EXPECT_EQ(Host(reached).send(kCloseTrack), row.close_track);
        EXPECT_EQ(Host(reached).send(kCloseSession), row.close_session);
        EXPECT_EQ(Host(reached).send("53 00 00 00 00 00 00 04 00 00"), row.reserve);
        EXPECT_EQ(Host(reached).send("5b 00 06 00 00 00 00 00 00 00"), "5/24/00");
        EXPECT_EQ(Host(reached).send("a1 01 00 00 00 00 00 00 00 00 00 00"), "5/30/05");
    }
}

TEST(CdRw, IsBlankAgainAfterBlank) {
    Host host(MediumKind::CdRw);
    ASSERT_EQ(host.select(0x41, 0x04), "good");
    burn(host, 0, 320);
    ASSERT_EQ(host.send(kSync), "good");
    ASSERT_EQ(host.send(kCloseSession), "good");
    const Instant before = host.now();
    EXPECT_EQ(host.send("a1 01 00 00 00 00 00 00 00 00 00 00"), "good");
    EXPECT_EQ(host.now() - before, std::chrono::seconds(30));
    EXPECT_EQ(host.disc(), "0/0");
    EXPECT_EQ(host.send("a1 06 00 00 00 00 00 00 00 00 00 00"), "5/24/00");
    burn(host, 0, 32);
}

TEST(CdR, SimulatesWithoutATrace) {
    Host host(MediumKind::CdR);
    ASSERT_EQ(host.select(0x51, 0x04), "good");
    burn(host, 0, 320);
    EXPECT_EQ(host.next_writable(0xFF), 320);
    EXPECT_EQ(host.send(kSync), "good");
    EXPECT_EQ(host.send(kCloseSession), "good");
    EXPECT_EQ(host.disc(), "0/0");
    ASSERT_EQ(host.select(0x41, 0x04), "good");
    burn(host, 0, 320);
    EXPECT_EQ(host.send(kSync), "good");
    EXPECT_EQ(host.send(kCloseSession), "good");
    EXPECT_EQ(host.disc(), "2/3");
}

}  // namespace
}  // namespace kiln::harness

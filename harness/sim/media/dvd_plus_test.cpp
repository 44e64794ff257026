#include "harness/sim/media/dvd_plus_r.h"
#include "harness/sim/media/dvd_plus_rw.h"
#include "harness/testing/medium_tables.h"

namespace kiln::harness {
namespace {

using namespace std::chrono_literals;
using testing::burn;
using testing::Host;
using testing::StateRow;

void blank(Host&) {}
void open_fragment(Host& host) {
    burn(host, 0, 640);
}
void open_session(Host& host) {
    open_fragment(host);
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
    {"fragment open", open_fragment, "1/1", "good", "5/21/02", "good", "5/72/03", "5/2c/00"},
    {"session open", open_session, "1/1", "good", "5/21/02", "good", "good", "good"},
    {"appendable", appendable, "1/0", "good", "5/21/02", "good", "good", "good"},
    {"complete", complete, "2/3", "5/30/05", "5/30/05", "5/27/00", "5/27/00", "5/27/00"},
};

TEST(DvdPlusR, IsTheTableOfItsHeader) {
    testing::expect_table(MediumKind::DvdPlusR, kRows);
}

TEST(DvdPlusRDl, IsTheSameTable) {
    testing::expect_table(MediumKind::DvdPlusRDl, kRows);
}

TEST(DvdPlusR, NextSessionIs2048BlocksBehind) {
    Host host(MediumKind::DvdPlusR);
    burn(host, 0, 636);
    ASSERT_EQ(host.send(testing::kSync), "good");
    EXPECT_EQ(host.next_writable(0xFF), 640);  // the unit was filled up
    ASSERT_EQ(host.send(testing::kCloseTrack), "good");
    ASSERT_EQ(host.send(testing::kCloseSession), "good");
    EXPECT_EQ(host.next_writable(0xFF), 640 + 2048);
    EXPECT_EQ(host.read(636, 4), "good");
    EXPECT_EQ(host.send("5b 00 00 00 00 00 00 00 00 00"), "5/24/00");
    EXPECT_EQ(host.send("5b 00 03 00 00 00 00 00 00 00"), "5/24/00");
}

TEST(DvdPlusR, AReservedFragmentIsDoneWhenItIsFull) {
    Host host(MediumKind::DvdPlusR);
    ASSERT_EQ(host.send("53 00 00 00 00 00 00 02 7c 00"), "good");  // 636: 640
    EXPECT_EQ(host.next_writable(1), 0);
    EXPECT_EQ(host.bytes(5, 3), "04 c1 01");  // reserved and blank
    burn(host, 0, 636);
    EXPECT_EQ(host.write(636, 16), "5/63/00");
    ASSERT_EQ(host.send(testing::kSync), "good");
    EXPECT_EQ(host.send(testing::kCloseSession), "good");
    EXPECT_EQ(host.disc(), "1/0");
}

TEST(DvdPlusR, FragmentsOfAClosedSessionAreOneTrack) {
    Host host(MediumKind::DvdPlusR);
    open_session(host);
    burn(host, 640, 64);
    ASSERT_EQ(host.send("5b 00 01 00 00 02 00 00 00 00"), "good");
    ASSERT_EQ(host.send(testing::kCloseSession), "good");
    ASSERT_EQ(host.send(testing::kDiscInformation), "good");
    EXPECT_EQ(host.bytes(3, 4), "01 02 02 02");
    EXPECT_EQ(host.next_writable(2), 704 + 2048);
    EXPECT_EQ(host.send("52 01 00 00 00 01 00 00 24 00"), "good");
    EXPECT_EQ(host.number(24, 4), 704U);
}

TEST(DvdPlusR, ReservesFifteenFragmentsAtMost) {
    Host host(MediumKind::DvdPlusR);
    for (int i = 0; i < 15; ++i) {
        EXPECT_EQ(host.send(testing::kReserve), "good");
    }
    EXPECT_EQ(host.send(testing::kReserve), "5/72/05");
}

TEST(DvdPlusRDl, TakesALayerBreakOnceBeforeTheFirstWrite) {
    Host host(MediumKind::DvdPlusRDl);
    ASSERT_EQ(host.send("ad 00 00 00 00 00 00 20 00 0c 00 00"), "good");
    EXPECT_EQ(host.bytes(0, 12), "00 0a 00 00 00 00 00 00 00 1f d8 00");
    EXPECT_EQ(
        host.send_hex("bf 00 00 00 00 00 00 20 00 0c 00 00", "00 0a 00 00 00 00 00 00 00 10 00 00"),
        "good");
    EXPECT_EQ(
        host.send_hex("bf 00 00 00 00 00 00 20 00 0c 00 00", "00 0a 00 00 00 00 00 00 00 10 00 00"),
        "5/2c/00");
    EXPECT_EQ(host.next_writable(1), 0);
    EXPECT_EQ(host.number(16, 4), 0x200000U);
}

// --- DVD+RW

constexpr auto kNew = "00 23 05 40 98 00 00 00";
constexpr auto kRestart = "00 23 05 40 98 00 00 01";

TEST(DvdPlusRw, NeedsItsFormatFirst) {
    Host host(MediumKind::DvdPlusRw);
    EXPECT_EQ(host.disc(), "0/0");
    EXPECT_EQ(host.write(0, 16), "5/30/10");
    EXPECT_EQ(host.read(0, 16), "5/30/10");
    EXPECT_EQ(host.send(testing::kCloseSession), "5/30/10");
    EXPECT_EQ(testing::format(host, kRestart), "5/26/00");
    EXPECT_EQ(host.send(testing::kFormats), "good");
    EXPECT_EQ(host.bytes(0, 20), "00 00 00 10 00 23 05 40 01 00 08 00 00 23 05 40 98 00 00 00");
}

TEST(DvdPlusRw, FormatsInTheBackgroundWhileItIsWritten) {
    Host host(MediumKind::DvdPlusRw);
    ASSERT_EQ(testing::format(host, kNew, true), "good");
    EXPECT_EQ(host.send(testing::kReady), "2/04/04");
    EXPECT_EQ(host.send(testing::kDiscInformation), "2/04/04");
    host.wait(41s);
    EXPECT_EQ(host.send(testing::kReady), "good");
    EXPECT_EQ(host.send("03 00 00 00 12 00"), "good");
    EXPECT_EQ(host.bytes(0, 3), "70 00 00");
    EXPECT_EQ(host.bytes(12, 4), "04 04 00 80");
    EXPECT_EQ(host.send(testing::kDiscInformation), "good");
    EXPECT_EQ(host.bytes(7, 1), "22");  // URU, running
    EXPECT_EQ(host.send(testing::kCapacity), "good");
    EXPECT_EQ(host.bytes(0, 8), "00 23 05 3f 00 00 08 00");
    EXPECT_EQ(host.write(2000000, 1), "good");
    EXPECT_EQ(testing::format(host, kNew), "5/2c/00");
    EXPECT_EQ(host.send("5b 00 00 00 00 00 00 00 00 00"), "good");
    host.wait(60s);
    EXPECT_EQ(host.send(testing::kDiscInformation), "good");
    EXPECT_EQ(host.bytes(7, 1), "21");  // stopped
    EXPECT_EQ(host.write(1500000, 16), "5/21/02");
    EXPECT_EQ(host.write(0, 16), "good");
    EXPECT_EQ(testing::format(host, kRestart), "good");
    host.wait(4000s);
    EXPECT_EQ(host.send(testing::kDiscInformation), "good");
    EXPECT_EQ(host.bytes(7, 1), "23");
    EXPECT_EQ(host.send("4a 01 00 00 10 00 00 00 08 00"), "good");
    EXPECT_EQ(host.bytes(4, 2), "05 02");  // background format completed
    EXPECT_EQ(host.send(testing::kCloseSession), "good");
    EXPECT_EQ(host.write(1500000, 16), "good");
}

TEST(DvdPlusRw, StopsItsFormatWhenPowerGoes) {
    Host host(MediumKind::DvdPlusRw);
    ASSERT_EQ(testing::format(host, kNew), "good");
    ASSERT_EQ(host.write(0, 16), "good");
    ASSERT_EQ(host.send(testing::kSync), "good");
    host.drive().power_cut(host.now());
    EXPECT_EQ(host.drive().view().medium->background, BackgroundFormat::Stopped);
}

}  // namespace
}  // namespace kiln::harness

#include "harness/testing/medium_tables.h"

namespace kiln::harness {
namespace {

using namespace std::chrono_literals;
using testing::burn;
using testing::Host;
using testing::test_personality;

Personality answering_full_buffer() {
    Personality drive = test_personality();
    drive.behaviour.buffer_full = BufferFull::Answers020408;
    return drive;
}

/// Writes until the drive has no room; how many blocks it took at once.
std::uint32_t fill_buffer(Host& host) {
    std::uint32_t blocks = 0;
    while (blocks < 100000 && host.write(static_cast<std::int32_t>(blocks), 32) == "good") {
        blocks += 32;
    }
    return blocks;
}

TEST(DriveBufferFull, Answers020408OnSequentialMedia) {
    Host host(MediumKind::DvdPlusR, answering_full_buffer());
    EXPECT_EQ(fill_buffer(host), 512U);  // 1 MiB, and no time has passed
    EXPECT_EQ(host.write(512, 32), "2/04/08");
    EXPECT_EQ(host.send("5c 00 00 00 00 00 00 00 0c 00"), "good");
    EXPECT_EQ(host.bytes(0, 12), "00 0a 00 00 00 10 00 00 00 00 00 00");
    host.wait(4s);  // calibration and lead-in are over, and it drains at 11 MB/s
    EXPECT_EQ(host.write(512, 32), "good");
}

TEST(DriveBufferFull, HoldsTheCommandOnOverwritableMedia) {
    Host host(MediumKind::DvdRam, answering_full_buffer());
    for (std::int32_t lba = 0; lba < 2048; lba += 32) {
        ASSERT_EQ(host.write(lba, 32), "good");
    }
    EXPECT_GT(host.now(), Instant(2s));
}

TEST(DriveBufferFull, HoldsTheCommandWhereTheDriveDoesSo) {
    Host host(MediumKind::DvdPlusR);
    for (std::int32_t lba = 0; lba < 512; lba += 32) {
        ASSERT_EQ(host.write(lba, 32), "good");
    }
    const Instant before = host.now();
    ASSERT_EQ(host.write(512, 32), "good");
    EXPECT_GE(host.intent().ready - before, 3s - 1ms);  // OPC 2 s, lead-in 1 s
}

TEST(WriteSpeed, ABurnTakesAsLongAsTheSpeedSays) {
    Host host(MediumKind::BdR);
    const std::uint32_t blocks = 65536;  // 128 MiB at 4 x 4496 kB/s
    ASSERT_EQ(host.send("bb 00 ff ff 46 40 00 00 00 00 00 00"), "good");
    const Instant start = host.now();
    burn(host, 0, blocks);
    ASSERT_EQ(host.send(testing::kSync), "good");
    const double seconds = std::chrono::duration<double>(host.now() - start).count();
    EXPECT_NEAR(seconds, blocks * 2048.0 / (4 * 4496e3) + 3.5, 0.1);
}

TEST(Underrun, IsCountedAndLinkedWithProtection) {
    Host host(MediumKind::CdR);
    burn(host, 0, 480);
    host.wait(60s);
    EXPECT_EQ(host.write(480, 32), "good");
    EXPECT_EQ(host.drive().view().underruns, 1U);
}

TEST(Underrun, LosesTheTrackWithoutProtection) {
    Host host(MediumKind::CdR);
    ASSERT_EQ(host.select(0x01, 0x04), "good");
    burn(host, 0, 480);
    host.wait(60s);
    EXPECT_EQ(host.write(480, 32), "3/0c/09");
    EXPECT_EQ(host.write(480, 32), "5/30/05");
    EXPECT_EQ(host.next_writable(1), -1);
}

TEST(LongOperations, CloseIsPolledByImmed) {
    Host host(MediumKind::DvdPlusR);
    burn(host, 0, 640);
    ASSERT_EQ(host.send(testing::kSync), "good");
    ASSERT_EQ(host.send(testing::kCloseTrack), "good");
    const Instant start = host.now();
    ASSERT_EQ(host.send("5b 01 02 00 00 00 00 00 00 00"), "good");
    EXPECT_EQ(host.now(), start);
    EXPECT_EQ(host.send(testing::kReady), "2/04/07");
    EXPECT_EQ(host.disc(), "2/04/07");
    EXPECT_EQ(host.send("1b 00 00 00 02 00"), "2/04/07");
    EXPECT_EQ(host.send("12 00 00 00 24 00"), "good");
    host.wait(19s);
    EXPECT_EQ(host.send(testing::kReady), "2/04/07");
    ASSERT_TRUE(host.ending().sense.progress.has_value());
    EXPECT_NEAR(*host.ending().sense.progress, 65536.0 * 19 / 20, 2);
    host.wait(1s);
    EXPECT_EQ(host.send(testing::kReady), "good");
    EXPECT_EQ(host.disc(), "1/0");
}

TEST(LongOperations, SomeDrivesSayReadyWhileTheyClose) {
    Personality pioneer = test_personality();
    pioneer.behaviour.test_unit_ready_while_closing = ReadyWhileClosing::Good;
    Host host(MediumKind::DvdPlusR, pioneer);
    burn(host, 0, 640);
    ASSERT_EQ(host.send("35 02 00 00 00 00 00 00 00 00"), "good");
    EXPECT_EQ(host.send(testing::kReady), "good");
    EXPECT_EQ(host.disc(), "2/04/07");
    EXPECT_EQ(host.write(640, 16), "2/04/08");
}

TEST(LongOperations, DrivesWithoutImmedHoldTheCommand) {
    Personality old = test_personality();
    old.behaviour.immed = false;
    Host host(MediumKind::CdRw, old);
    const Instant start = host.now();
    ASSERT_EQ(host.send("a1 11 00 00 00 00 00 00 00 00 00 00"), "good");
    EXPECT_EQ(host.now() - start, 30s);
}

TEST(LongOperations, AResetWhileClosingCostsTheDisc) {
    Host host(MediumKind::DvdPlusR);
    burn(host, 0, 640);
    ASSERT_EQ(host.send(testing::kCloseTrack), "good");
    ASSERT_EQ(host.send("5b 01 06 00 00 00 00 00 00 00"), "good");
    host.wait(5s);
    host.drive().reset(Reset::Device, host.now());
    EXPECT_EQ(host.send(testing::kReady), "6/29/00");
    EXPECT_EQ(host.disc(), "1/2");
    EXPECT_EQ(host.next_writable(2), -1);
}

TEST(Faults, AHardWriteErrorStaysOne) {
    Host host(MediumKind::BdR);
    host.drive().inject({.kind = DriveFault::Kind::WriteError, .lba = 40, .delay = 7s});
    ASSERT_EQ(host.write(0, 32), "good");
    const Instant before = host.now();
    EXPECT_EQ(host.write(32, 32), "3/0c/00");
    EXPECT_GE(host.now() - before, 7s);
    EXPECT_EQ(host.ending().sense.information, 40U);
    const Instant after = host.now();
    EXPECT_EQ(host.write(32, 32), "5/30/05");
    EXPECT_EQ(host.now(), after);
}

TEST(Faults, ADeferredErrorComesWithTheNextCommand) {
    Host host(MediumKind::DvdPlusR);
    host.drive().inject({.kind = DriveFault::Kind::DeferredError, .lba = 5});
    ASSERT_EQ(host.write(0, 32), "good");
    EXPECT_EQ(host.write(32, 32), "3/0c/00");
    EXPECT_EQ(mmc::to_hex(host.ending().sense.bytes().first(7)), "f1 00 03 00 00 00 05");
    EXPECT_EQ(host.write(32, 32), "good");
    EXPECT_EQ(host.read(0, 16), "3/11/05");  // and the block is not on the disc
    EXPECT_EQ(host.in().size(), 5U * 2048U);
}

TEST(Faults, CalibrationCloseAndServoFailAfterTheirTime) {
    Host host(MediumKind::CdR);
    host.drive().inject({.kind = DriveFault::Kind::CalibrationError, .lba = 0, .delay = 5s});
    EXPECT_EQ(host.send("54 01 00 00 00 00 00 00 00 00"), "3/73/03");
    EXPECT_EQ(host.now(), Instant(5s));
    burn(host, 0, 320);
    host.drive().inject({.kind = DriveFault::Kind::TrackingError, .lba = 0, .delay = 40s});
    EXPECT_EQ(host.send(testing::kSync), "4/09/00");
    EXPECT_EQ(host.send(testing::kSync), "good");
    host.drive().inject({.kind = DriveFault::Kind::CloseError, .lba = 0, .delay = 28s});
    EXPECT_EQ(host.send("5b 01 02 00 00 00 00 00 00 00"), "good");
    host.wait(28s);
    EXPECT_EQ(host.send(testing::kReady), "3/72/00");
    EXPECT_TRUE(host.ending().sense.deferred);
    EXPECT_EQ(host.disc(), "1/1");
}

TEST(Faults, ASilentDriveLeavesTheDiscAsItWas) {
    Host host(MediumKind::BdR);
    host.drive().inject({.kind = DriveFault::Kind::SilentSuccess});
    burn(host, 0, 640);
    EXPECT_EQ(host.send(testing::kSync), "good");
    EXPECT_EQ(host.send(testing::kCloseTrack), "good");
    EXPECT_EQ(host.send(testing::kFinalize), "good");
    EXPECT_EQ(host.disc(), "0/0");
}

TEST(Defects, EndAReadWhereTheyAre) {
    Host host(MediumKind::None);
    Medium medium = fresh_medium(MediumKind::DvdRom);
    medium.defects = {{.first = 100, .count = 2}};
    host.drive().insert_ready(medium, make_memory_store(), host.now());
    EXPECT_EQ(host.read(90, 32), "3/11/05");
    EXPECT_EQ(host.in().size(), 10U * 2048U);
    EXPECT_EQ(host.ending().sense.information, 100U);
    EXPECT_EQ(host.read(102, 32), "good");
}

TEST(State, GoesThroughJsonUnharmed) {
    for (const MediumFacts& facts : all_media()) {
        if (facts.kind == MediumKind::None) {
            continue;
        }
        SCOPED_TRACE(facts.name);
        Host host(facts.kind);
        host.select(0x41, 0xC4);
        host.write(0, 32);
        host.send(testing::kSync);
        const auto personality = std::make_shared<const Personality>(test_personality());
        host.drive().run_until(host.now());
        const std::string text = host.drive().to_json();
        auto back = FakeDrive::from_json(text, personality, make_memory_store());
        ASSERT_TRUE(back.has_value()) << back.error();
        EXPECT_EQ(back->to_json(), text);
        EXPECT_EQ(*back->view().medium, *host.drive().view().medium);
    }
}

TEST(State, DamagedJsonIsAnErrorAndNothingElse) {
    Host host(MediumKind::DvdPlusR);
    host.write(0, 32);
    const auto personality = std::make_shared<const Personality>(test_personality());
    const std::string text = host.drive().to_json();
    for (std::size_t size = 0; size < text.size(); ++size) {
        EXPECT_FALSE(FakeDrive::from_json(text.substr(0, size), personality, make_memory_store()));
    }
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::string broken = text;
        broken[at] = broken[at] == '9' ? '-' : '9';
        auto drive = FakeDrive::from_json(broken, personality, make_memory_store());
        if (drive) {  // another number, and one that a drive may have got into
            drive->begin(mmc::from_hex("2a 00 00 00 00 20 00 00 20 00"), host.now());
            drive->end(host.now());
        }
    }
}

}  // namespace
}  // namespace kiln::harness

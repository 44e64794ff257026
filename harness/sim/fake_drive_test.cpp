#include "harness/sim/fake_drive.h"

#include <gtest/gtest.h>

#include "harness/sim/media/track_list.h"
#include "harness/testing/host.h"

namespace kiln::harness {
namespace {

using testing::Host;
using testing::test_personality;
using namespace std::chrono_literals;

TEST(FakeDrive, RefusesUnknownOpcodes) {
    Host host(MediumKind::CdR);
    EXPECT_EQ(host.send("3c 02 00 00 00 00 00 00 00 00"), "5/20/00");
    EXPECT_EQ(host.send("e5 00 00 00 00 00 00 00 00 00"), "5/20/00");
    EXPECT_EQ(host.send("44 00 00 00 00 00 00 00 00 00"), "5/20/00");
}

TEST(FakeDrive, RefusesAnyTruncationOfACommandWithoutHarm) {
    const std::vector<std::uint8_t> whole(16, 0);
    for (unsigned opcode = 0; opcode < 256; ++opcode) {
        Host host(MediumKind::BdR);
        for (std::size_t size = 0; size <= whole.size(); ++size) {
            std::vector<std::uint8_t> cdb(whole.begin(), whole.begin() + static_cast<long>(size));
            if (size > 0) {
                cdb[0] = static_cast<std::uint8_t>(opcode);
            }
            const std::string status = host.send(mmc::to_hex(cdb));
            EXPECT_FALSE(size == 0 && status == "good");
        }
    }
}

TEST(FakeDrive, RefusesReservedBitsAndForgivesTheOldLun) {
    Host host(MediumKind::CdRom);
    EXPECT_EQ(host.send("28 00 00 00 00 00 01 00 01 00"), "5/24/00");
    EXPECT_EQ(host.send("43 00 00 00 00 01 00 00 0c 00"), "5/24/00");
    EXPECT_EQ(host.send("28 20 00 00 00 00 00 00 01 00"), "good");
    EXPECT_EQ(host.send("51 10 00 00 00 00 00 00 22 00"), "good");
    EXPECT_EQ(host.send("28 01 00 00 00 00 00 00 01 00"), "5/24/00");  // RelAdr
}

TEST(FakeDrive, TellsPowerOnOnceAndTheMediumOnce) {
    FakeDrive drive(std::make_shared<const Personality>(test_personality()));
    const auto test_unit_ready = [&](Instant at) {
        drive.begin(mmc::from_hex("00 00 00 00 00 00"), at);
        return drive.end(at).sense;
    };
    const Instant start{};
    EXPECT_TRUE(test_unit_ready(start).is(mmc::SenseKey::UnitAttention, 0x2900));
    EXPECT_TRUE(test_unit_ready(start).is(mmc::SenseKey::NotReady, 0x3A01));
    drive.insert(fresh_medium(MediumKind::CdR), make_memory_store(), start);
    EXPECT_TRUE(test_unit_ready(start + 1s).is(mmc::SenseKey::NotReady, 0x0401));
    EXPECT_TRUE(test_unit_ready(start + 6s).is(mmc::SenseKey::UnitAttention, 0x2800));
    EXPECT_TRUE(test_unit_ready(start + 6s).is(mmc::SenseKey::NoSense, 0x0000));
}

TEST(FakeDrive, KeepsAnAttentionThroughInquiryConfigurationAndEvents) {
    Host host(MediumKind::CdR);
    host.drive().reset(Reset::Bus, host.now());
    EXPECT_EQ(host.send("12 00 00 00 24 00"), "good");
    EXPECT_EQ(host.send("46 00 00 00 00 00 00 00 08 00"), "good");
    EXPECT_EQ(host.send("4a 01 00 00 10 00 00 00 08 00"), "good");
    EXPECT_EQ(host.send("51 00 00 00 00 00 00 00 22 00"), "6/29/00");
    EXPECT_EQ(host.send("51 00 00 00 00 00 00 00 22 00"), "good");
}

TEST(FakeDrive, GivesAnAttentionToRequestSenseAndClearsIt) {
    Host host(MediumKind::CdR);
    host.drive().reset(Reset::Bus, host.now());
    EXPECT_EQ(host.send("03 00 00 00 12 00"), "good");
    EXPECT_EQ(host.bytes(0, 18), "70 00 06 00 00 00 00 0a 00 00 00 00 29 00 00 00 00 00");
    EXPECT_EQ(host.send("03 00 00 00 12 00"), "good");
    EXPECT_EQ(host.bytes(2, 1), "00");
    EXPECT_EQ(host.send("00 00 00 00 00 00"), "good");
}

TEST(FakeDrive, KeepsTheTrayShutWhileLocked) {
    Host host(MediumKind::CdR);
    EXPECT_EQ(host.send("1e 00 00 00 01 00"), "good");
    EXPECT_EQ(host.send("1b 00 00 00 02 00"), "5/53/02");
    host.drive().press_eject(host.now());
    EXPECT_EQ(host.drive().view().tray, TrayState::Closed);
    EXPECT_EQ(host.send("4a 01 00 00 10 00 00 00 08 00"), "good");
    EXPECT_EQ(host.bytes(0, 8), "00 06 04 5e 01 02 00 00");
    EXPECT_EQ(host.send("4a 01 00 00 10 00 00 00 08 00"), "good");
    EXPECT_EQ(host.bytes(4, 2), "00 02");
    EXPECT_EQ(host.send("1e 00 00 00 00 00"), "good");
    EXPECT_EQ(host.send("1b 00 00 00 02 00"), "good");
    EXPECT_EQ(host.send("00 00 00 00 00 00"), "2/3a/02");
    EXPECT_EQ(host.send("1b 00 00 00 03 00"), "good");
    EXPECT_EQ(host.send("00 00 00 00 00 00"), "6/28/00");
    EXPECT_EQ(host.send("00 00 00 00 00 00"), "good");
}

TEST(FakeDrive, AnswersInquiryAsThePersonalitySays) {
    Host host(MediumKind::None);
    EXPECT_EQ(host.send("12 00 00 00 24 00"), "good");
    EXPECT_EQ(host.bytes(0, 36),
              "05 80 00 02 1f 00 00 00 4b 49 4c 4e 20 20 20 20 54 45 53 54 20 44 52 49 56 45 20 20 "
              "20 20 20 20 31 2e 30 30");
    EXPECT_EQ(host.send("12 01 80 00 ff 00"), "good");
    EXPECT_EQ(host.bytes(0, 12), "05 80 00 08 4b 49 4c 4e 30 30 30 31");
    EXPECT_EQ(host.send("12 01 b1 00 ff 00"), "5/24/00");
}

TEST(FakeDrive, MasksWhatItCannotDo) {
    Host host(MediumKind::CdR);
    EXPECT_EQ(host.send("46 02 00 2e 00 00 00 00 20 00"), "good");
    EXPECT_EQ(host.in().size(), 8U);  // session at once: the header alone
    EXPECT_EQ(host.send("46 02 00 2d 00 00 00 00 20 00"), "good");
    EXPECT_EQ(host.bytes(8, 8), "00 2d 09 04 46 00 01 00");
    EXPECT_EQ(host.send("46 02 00 00 00 00 00 00 ff 00"), "good");
    EXPECT_EQ(mmc::to_hex(host.in()).find("00 42 00 00"), std::string::npos);
    EXPECT_EQ(host.send("5a 00 2a 00 00 00 00 00 ff 00"), "good");
    EXPECT_EQ(host.bytes(8, 8), "aa 26 3f 37 d0 00 29 00");
    EXPECT_EQ(host.select(0x02, 0x00, 0), "5/26/00");
}

TEST(FakeDrive, ListsWriteSpeedsOfTheMedium) {
    Host host(MediumKind::CdR);
    EXPECT_EQ(host.send("ac 00 00 00 00 00 00 00 00 08 03 00"), "good");
    EXPECT_EQ(host.bytes(0, 24),
              "00 00 00 24 00 00 00 00 00 00 00 00 00 05 7d a8 00 00 05 80 00 00 05 80");
    EXPECT_EQ(host.send("bb 00 ff ff 02 c0 00 00 00 00 00 00"), "good");
    EXPECT_EQ(host.drive().view().write_kilobytes_per_second, 704U);
}

TEST(FakeDrive, AnswersTheOldFormOfReadToc) {
    Host host(MediumKind::CdRom);
    EXPECT_EQ(host.send("43 00 00 00 00 00 00 00 0c 40"), "good");
    EXPECT_EQ(host.bytes(0, 12), "00 0a 01 01 00 14 01 00 00 00 00 00");
    EXPECT_EQ(host.send("43 00 00 00 00 00 aa 00 0c 00"), "good");
    EXPECT_EQ(host.bytes(0, 12), "00 0a 01 01 00 14 aa 00 00 00 20 00");
}

TEST(FakeDrive, TakesCommandsPaddedToTwelveBytes) {
    Host host(MediumKind::CdRom);
    EXPECT_EQ(host.send("5a 00 3f 00 00 00 00 00 08 00 00 00"), "good");
    EXPECT_EQ(host.send("12 00 00 00 24 00 00 00 00 00 00 00"), "good");
}

TEST(FakeDrive, IsACopyOfItselfThatGoesItsOwnWay) {
    Host host(MediumKind::BdR);
    EXPECT_EQ(host.write(0, 32), "good");
    const FakeDrive copy = host.drive();
    EXPECT_EQ(host.write(32, 32), "good");
    EXPECT_EQ(host.drive().view().medium->tracks[0].recorded, 64U);
    EXPECT_EQ(copy.view().medium->tracks[0].recorded, 32U);
}

TEST(FakeDrive, LosesWhatIsInTheBufferWhenPowerGoes) {
    Host host(MediumKind::BdR);
    ASSERT_EQ(host.write(0, 32), "good");
    ASSERT_EQ(host.write(32, 32), "good");
    host.drive().power_cut(host.now());  // calibration and lead-in: nothing is on the disc yet
    EXPECT_EQ(host.drive().view().medium->tracks[0].recorded, 0U);
    host.wait(10s);
    EXPECT_EQ(host.send("00 00 00 00 00 00"), "6/29/00");
    EXPECT_EQ(host.send("00 00 00 00 00 00"), "6/28/00");
    EXPECT_EQ(host.next_writable(1), 0);
}

TEST(FakeDrive, WritesInPiecesOfAnySize) {
    Host host(MediumKind::BdR);
    std::vector<std::uint8_t> data(32 * 2048);
    for (std::size_t i = 0; i < data.size(); ++i) {
        data[i] = static_cast<std::uint8_t>((i * 7 + i / 256) & 0xFF);
    }
    FakeDrive& drive = host.drive();
    drive.begin(mmc::from_hex("2a 00 00 00 00 00 00 00 20 00"), host.now());
    std::size_t at = 0;
    for (std::size_t size = 1; at < data.size(); size = size * 3 % 5003 + 1) {
        const std::size_t piece = std::min(size, data.size() - at);
        drive.take(mmc::ByteView(data).subspan(at, piece));
        at += piece;
    }
    ASSERT_EQ(drive.end(host.now()).status, transports::Status::Good);
    drive.begin(mmc::from_hex("28 00 00 00 00 00 00 00 20 00"), host.now() + 10s);
    std::vector<std::uint8_t> back(data.size());
    at = 0;
    for (std::size_t size = 1; at < back.size(); size = size * 5 % 4099 + 1) {
        const std::size_t piece = std::min(size, back.size() - at);
        const std::size_t given = drive.give(mmc::MutableByteView(back).subspan(at, piece));
        ASSERT_EQ(given, piece);
        at += given;
    }
    EXPECT_EQ(back, data);
}

/// Numbers that look random and are the same every time.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : state_(seed * 2654435761U + 1) {}
    std::uint32_t next() {
        state_ = state_ * 6364136223846793005U + 1442695040888963407U;
        return static_cast<std::uint32_t>(state_ >> 33U);
    }

private:
    std::uint64_t state_;
};

/// A command with an opcode the drive knows, small numbers in it, and now and then any bits.
std::vector<std::uint8_t> throw_command(Dice& dice) {
    constexpr std::uint8_t kOpcodes[] = {0x00, 0x01, 0x03, 0x04, 0x12, 0x1A, 0x1B, 0x1E, 0x23, 0x25,
                                         0x28, 0x2A, 0x2A, 0x2A, 0x2B, 0x2E, 0x2F, 0x35, 0x42, 0x43,
                                         0x46, 0x4A, 0x51, 0x52, 0x53, 0x54, 0x55, 0x58, 0x5A, 0x5B,
                                         0x5B, 0x5C, 0x5D, 0xA0, 0xA1, 0xA4, 0xA7, 0xA8, 0xAA, 0xAB,
                                         0xAC, 0xAD, 0xB6, 0xB9, 0xBB, 0xBD, 0xBE, 0xBF};
    std::vector<std::uint8_t> cdb(16);
    cdb[0] = kOpcodes[dice.next() % std::size(kOpcodes)];
    for (std::size_t i = 1; i < 12; ++i) {
        const std::uint32_t kind = dice.next() % 8;
        cdb[i] = static_cast<std::uint8_t>(kind < 4   ? 0
                                           : kind < 7 ? dice.next() % 4
                                                      : dice.next() & 0xFFU);
    }
    if (dice.next() % 4 == 0) {
        cdb[5] = static_cast<std::uint8_t>(dice.next() % 3 * 16);
        cdb[8] = 16;
    }
    return cdb;
}

TEST(FakeDrive, StaysSaneWhateverIsThrownAtIt) {
    for (const MediumFacts& facts : all_media()) {
        SCOPED_TRACE(facts.name);
        Dice dice(static_cast<std::uint64_t>(facts.kind));
        Host host(facts.kind);
        FakeDrive& drive = host.drive();
        Instant now = host.now();
        std::vector<std::uint8_t> data(65536);
        for (int i = 0; i < 4000; ++i) {
            const std::vector<std::uint8_t> cdb = throw_command(dice);
            const Intent intent = drive.begin(cdb, now);
            ASSERT_GE(intent.ready, now);
            for (std::uint8_t& byte : std::span(data).first(64)) {
                byte = static_cast<std::uint8_t>(dice.next() % 3 == 0 ? dice.next() : 0);
            }
            std::size_t moved = 0;
            const std::size_t most = dice.next() % 8 == 0 ? 100 : data.size();
            if (intent.direction == Direction::Out) {
                drive.take(std::span(data).first(std::min<std::size_t>(intent.bytes, most)));
            } else if (intent.direction == Direction::In) {
                moved = drive.give(std::span(data).first(most));
                ASSERT_LE(moved, intent.bytes);
            }
            const Ending ending = drive.end(intent.ready);
            ASSERT_GE(ending.at, intent.ready);
            ASSERT_LT(ending.at - now, std::chrono::hours(4)) << mmc::to_hex(cdb);
            now = ending.at + std::chrono::milliseconds(dice.next() % 1000);
            if (dice.next() % 500 == 0) {
                drive.power_cut(now);
            }
            if (const Medium* const medium = drive.view().medium) {
                for (const Track& track : medium->tracks) {
                    ASSERT_LE(track.recorded, track.size) << mmc::to_hex(cdb);
                    ASSERT_LE(end_of(track), static_cast<std::int32_t>(medium->unformatted));
                }
            }
        }
    }
}

}  // namespace
}  // namespace kiln::harness

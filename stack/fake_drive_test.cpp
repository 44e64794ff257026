// The drive's operations against simulated drives: every medium, blank, written, blanked,
// formatted.

#include "harness/sim/fake_drive.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mmc/commands/parameters.h"
#include "mmc/commands/write.h"
#include "mmc/lba.h"
#include "mmc/mode_pages.h"

#include "transports/transport.h"

#include "stack/drive.h"
#include "stack/facts.h"
#include "stack/failure.h"
#include "stack/medium.h"
#include "stack/outcome.h"
#include "stack/read_disc.h"
#include "stack/speeds.h"

#include "harness/sim/medium_kind.h"
#include "harness/sim/medium_store.h"
#include "harness/sim/personality.h"
#include "harness/sim/sim_transport.h"
#include "harness/sim/virtual_clock.h"
#include "harness/testing/mock_device.h"
#include "harness/testing/scripted_device.h"

namespace kiln::stack {
namespace {

using harness::MediumKind;
using harness::MockDevice;
using harness::Opcode;
using mmc::BlockCount;
using mmc::Lba;
using ::testing::_;
using ::testing::ElementsAre;
using ::testing::NiceMock;

// A simulated drive that takes this kind of medium, with a new one in it, behind a mock.
class Bench {
public:
    explicit Bench(MediumKind kind) : Bench(kind, harness::default_personality(kind).value()) {}
    Bench(MediumKind kind, harness::Personality personality)
        : personality_(std::make_shared<const harness::Personality>(std::move(personality))),
          fake(personality_),
          sim_({.drive = &fake, .clock = &clock, .waker = &waker}, personality_->link),
          device(sim_),
          drive(device, clock, waker) {
        auto store = harness::facts_of(kind).writable
                         ? harness::make_memory_store()
                         : harness::make_pressed_store(harness::facts_of(kind).blocks);
        fake.insert_ready(harness::fresh_medium(kind), std::move(store), clock.now());
    }

    Medium detect() {
        auto medium = detect_medium(drive);
        EXPECT_TRUE(medium) << (medium ? "" : medium.error().message());
        return medium ? *medium : Medium{};
    }

    void expect(const Result<void, Failure>& done) {
        EXPECT_TRUE(done) << (done ? "" : done.error().message());
    }

    // Page 05h as the families that obey it want it.
    void prepare(const Medium& medium) {
        if (!medium.facts().uses_write_parameters) {
            return;
        }
        auto page = *mmc::page_as<mmc::WriteParametersPage>(
            drive.mode_page(mmc::PageCode::WriteParameters).value());
        const bool cd = medium.facts().medium_class == MediumClass::Cd;
        page.write_type = cd ? mmc::WriteType::TrackAtOnce : mmc::WriteType::PacketIncremental;
        page.multi_session = mmc::MultiSession::Allowed;
        page.track_mode = cd ? 4 : 5;
        page.data_block_type = mmc::DataBlockType::Mode1;
        page.fixed_packet = !cd;
        page.packet_size = cd ? 0 : 16;
        page.link_size_valid = !cd;
        page.link_size = cd ? 0 : 16;
        page.test_write = false;
        expect(drive.select_mode_page(mmc::make_page(page).value()));
    }

    // `count` blocks from `first` on, each with `fill` in every byte.
    void write(std::int32_t first, std::uint32_t count, std::uint8_t fill) {
        constexpr std::uint32_t kPiece = 32;
        for (std::uint32_t done = 0; done < count; done += kPiece) {
            const std::uint32_t blocks = std::min(kPiece, count - done);
            const std::vector<std::uint8_t> data(std::size_t{blocks} * kBlockSize, fill);
            mmc::Write10 command;
            command.logical_block_address =
                static_cast<Lba>(first + static_cast<std::int32_t>(done));
            command.transfer_length = BlockCount{blocks};
            How how;
            how.role = Role::SequentialWrite;
            how.poll = poll_for(LongOperation::Write, MediumFamily::Unknown);
            const auto written = drive.run(command, transports::DataOut{data}, how);
            ASSERT_TRUE(written) << written.error().message();
        }
    }

    // A whole session: write, flush, close track and session as the medium wants it.
    void burn(std::uint32_t count, std::uint8_t fill) {
        const auto medium = detect();
        prepare(medium);
        write(static_cast<std::int32_t>(medium.next_writable.value()), count, fill);
        expect(drive.synchronize_cache());
        if (medium.is_overwritable()) {
            return;
        }
        if (medium.facts().medium_class != MediumClass::Cd) {
            expect(drive.close(mmc::CloseFunction::Track, medium.last_track));
        }
        expect(drive.close(mmc::CloseFunction::Session));
    }

    // What `kiln read` reads.
    std::vector<std::uint8_t> read(const BlockExtent& extent) {
        struct Bytes final : BlockSink {
            Result<void, Failure> take(Lba, mmc::ByteView bytes) override {
                all.insert(all.end(), bytes.begin(), bytes.end());
                return {};
            }
            std::vector<std::uint8_t> all;
        } bytes;
        ReadJob job;
        job.extent = extent;
        const auto result = read_disc(drive, job, bytes);
        EXPECT_FALSE(result.failure) << result.failure->message();
        return bytes.all;
    }

private:
    std::shared_ptr<const harness::Personality> personality_;

public:
    harness::VirtualClock clock;
    harness::HandWaker waker;
    harness::FakeDrive fake;

private:
    harness::SimTransport sim_;

public:
    NiceMock<MockDevice> device;
    Drive drive;
};

struct Known {
    MediumKind kind;
    MediumFamily family;
    std::uint16_t profile;
};

constexpr Known kKnown[] = {
    {MediumKind::CdRom, MediumFamily::CdRom, 0x0008},
    {MediumKind::DvdRom, MediumFamily::DvdRom, 0x0010},
    {MediumKind::BdRom, MediumFamily::BdRom, 0x0040},
    {MediumKind::CdR, MediumFamily::CdR, 0x0009},
    {MediumKind::CdRw, MediumFamily::CdRw, 0x000A},
    {MediumKind::DvdR, MediumFamily::DvdR, 0x0011},
    {MediumKind::DvdRw, MediumFamily::DvdRw, 0x0014},
    {MediumKind::DvdRwRestrictedOverwrite, MediumFamily::DvdRwOverwrite, 0x0013},
    {MediumKind::DvdRDl, MediumFamily::DvdRDl, 0x0015},
    {MediumKind::DvdPlusR, MediumFamily::DvdPlusR, 0x001B},
    {MediumKind::DvdPlusRw, MediumFamily::DvdPlusRw, 0x001A},
    {MediumKind::DvdPlusRDl, MediumFamily::DvdPlusRDl, 0x002B},
    {MediumKind::DvdRam, MediumFamily::DvdRam, 0x0012},
    {MediumKind::BdR, MediumFamily::BdR, 0x0041},
    {MediumKind::BdRDl, MediumFamily::BdR, 0x0041},
    {MediumKind::BdRXl, MediumFamily::BdR, 0x0041},
    {MediumKind::BdRe, MediumFamily::BdRe, 0x0043},
    {MediumKind::BdReDl, MediumFamily::BdRe, 0x0043},
    {MediumKind::BdReXl, MediumFamily::BdRe, 0x0043},
};

TEST(EveryMedium, IsRecognisedNew) {
    for (const auto& known : kKnown) {
        SCOPED_TRACE(harness::facts_of(known.kind).name);
        Bench bench(known.kind);
        const auto medium = bench.detect();
        EXPECT_EQ(medium.family, known.family);
        EXPECT_EQ(medium.profile, known.profile);
        EXPECT_FALSE(medium.write_protected) << medium.write_protection;
    }
}

TEST(EveryMedium, ThatIsSequentialCanBeWrittenFromItsStartWhenNew) {
    for (const auto& known : kKnown) {
        SCOPED_TRACE(harness::facts_of(known.kind).name);
        Bench bench(known.kind);
        const auto medium = bench.detect();
        if (!medium.facts().writable || medium.is_overwritable()) {
            continue;
        }
        EXPECT_EQ(medium.status, DiscStatus::Blank);
        EXPECT_EQ(medium.next_writable, Lba{0});
        EXPECT_GT(static_cast<std::uint32_t>(medium.free), 300'000U);
        EXPECT_EQ(medium.capacity, medium.free);
        EXPECT_FALSE(holds_data(bench.drive, medium).value());
    }
}

TEST(EveryMedium, HoldsDataOncePressed) {
    for (const auto kind : {MediumKind::CdRom, MediumKind::DvdRom, MediumKind::BdRom}) {
        SCOPED_TRACE(harness::facts_of(kind).name);
        Bench bench(kind);
        const auto medium = bench.detect();
        EXPECT_FALSE(medium.is_appendable());
        EXPECT_TRUE(holds_data(bench.drive, medium).value());
        EXPECT_GT(recorded_extents(bench.drive, medium)->blocks(), 1000U);
    }
}

TEST(EveryMedium, ThatCanBeWrittenHasSpeedsAndTakesTheNearestOne) {
    for (const auto& known : kKnown) {
        SCOPED_TRACE(harness::facts_of(known.kind).name);
        Bench bench(known.kind);
        const auto medium = bench.detect();
        if (!medium.facts().writable) {
            continue;
        }
        const auto speeds = read_speeds(bench.drive, medium).value();
        ASSERT_FALSE(speeds.empty());
        const auto slowest = set_write_speed(bench.drive, medium, speeds, 0.5).value();
        EXPECT_EQ(slowest, speeds.list.back());
        const auto fastest = set_write_speed(bench.drive, medium, speeds, std::nullopt).value();
        EXPECT_EQ(fastest, speeds.list.front());
    }
}

TEST(EveryPersonality, IsIdentifiedAndRecognisesItsMedia) {
    const auto names = harness::personality_names();
    ASSERT_GE(names.size(), 8U);
    for (const auto& name : names) {
        const auto personality = harness::find_personality(name).value();
        for (const auto& support : personality.media) {
            SCOPED_TRACE(name + " " + std::string(harness::facts_of(support.kind).name));
            Bench bench(support.kind, personality);
            const auto identity = bench.drive.identify().value();
            EXPECT_TRUE(identity.is_optical);
            EXPECT_FALSE(identity.profiles.empty());
            const auto medium = bench.detect();
            EXPECT_EQ(
                medium.facts().medium_class,
                facts_of(family_of_profile(harness::facts_of(support.kind).profile)).medium_class);
            EXPECT_TRUE(read_speeds(bench.drive, medium));
            EXPECT_EQ(identity.is_writer() && support.writes,
                      medium.is_appendable() || medium.format_state == FormatState::Unformatted);
        }
    }
}

TEST(WrittenDisc, ATrackAtOnceCdIsReadBackWithoutRunOut) {
    Bench bench(MediumKind::CdR);
    bench.burn(1'000, 0x41);
    const auto medium = bench.detect();
    EXPECT_EQ(medium.status, DiscStatus::Appendable);
    EXPECT_EQ(medium.complete_sessions, 1);
    EXPECT_TRUE(holds_data(bench.drive, medium).value());
    const auto found = recorded_extents(bench.drive, medium).value();
    ASSERT_THAT(found.extents, ElementsAre(BlockExtent{Lba{0}, 1'000}));
    EXPECT_EQ(bench.read(found.extents[0]),
              std::vector<std::uint8_t>(std::size_t{1'000} * kBlockSize, 0x41));
}

TEST(WrittenDisc, EachSessionIsReadBack) {
    for (const auto kind :
         {MediumKind::CdR, MediumKind::DvdR, MediumKind::DvdPlusR, MediumKind::BdR}) {
        SCOPED_TRACE(harness::facts_of(kind).name);
        Bench bench(kind);
        bench.burn(640, 0x41);
        const auto first = bench.detect();
        ASSERT_TRUE(first.is_appendable());
        bench.burn(320, 0x42);
        const auto medium = bench.detect();
        EXPECT_EQ(medium.complete_sessions, 2);
        const auto one = track_extent(bench.drive, medium, 1).value();
        const auto two = track_extent(bench.drive, medium, 2).value();
        EXPECT_EQ(one, (BlockExtent{Lba{0}, 640}));
        EXPECT_EQ(two, (BlockExtent{*first.next_writable, 320}));
        EXPECT_EQ(bench.read(two), std::vector<std::uint8_t>(320 * kBlockSize, 0x42));
    }
}

TEST(WrittenDisc, AnUnclosedTrackIsOpenAndCanBeContinued) {
    for (const auto kind : {MediumKind::DvdPlusR, MediumKind::BdR}) {
        SCOPED_TRACE(harness::facts_of(kind).name);
        Bench bench(kind);
        bench.write(0, 640, 0x41);
        bench.expect(bench.drive.synchronize_cache());
        const auto medium = bench.detect();
        EXPECT_TRUE(medium.has_open_session());
        EXPECT_TRUE(holds_data(bench.drive, medium).value());
        EXPECT_EQ(medium.next_writable, Lba{640});
        EXPECT_THAT(recorded_extents(bench.drive, medium)->extents,
                    ElementsAre(BlockExtent{Lba{0}, 640}));
    }
}

TEST(OverwritableDisc, HoldsDataOnceSomethingButZerosIsWritten) {
    Bench bench(MediumKind::DvdRam);
    const auto medium = bench.detect();
    EXPECT_FALSE(holds_data(bench.drive, medium).value());
    bench.write(0, 32, 0x00);
    bench.expect(bench.drive.synchronize_cache());
    EXPECT_FALSE(holds_data(bench.drive, medium).value());
    bench.write(992, 32, 0x41);
    bench.expect(bench.drive.synchronize_cache());
    EXPECT_TRUE(holds_data(bench.drive, medium).value());
}

TEST(OverwritableDisc, ADvdPlusRwIsFormattedOnceAndThenWrittenAnywhere) {
    Bench bench(MediumKind::DvdPlusRw);
    const auto fresh = bench.detect();
    EXPECT_EQ(fresh.next_writable, std::nullopt);
    mmc::FormatList list;
    list.descriptor.number_of_blocks = BlockCount{0xFFFF'FFFF};
    list.descriptor.format_type = mmc::FormatType::DvdPlusRwBasic;
    list.header.format_options_valid = true;
    bench.expect(bench.drive.format(list, LongOperation::FormatFast));
    const auto medium = bench.detect();
    EXPECT_EQ(medium.next_writable, Lba{0});
    EXPECT_EQ(medium.background_format, BackgroundFormat::Running);
    bench.write(160, 32, 0x41);
    bench.expect(bench.drive.synchronize_cache());
    EXPECT_TRUE(holds_data(bench.drive, medium).value());
}

TEST(RewritableDisc, IsBlankAgainAfterABlank) {
    for (const auto kind : {MediumKind::CdRw, MediumKind::DvdRw}) {
        SCOPED_TRACE(harness::facts_of(kind).name);
        Bench bench(kind);
        bench.burn(640, 0x41);
        EXPECT_TRUE(holds_data(bench.drive, bench.detect()).value());
        unsigned reports = 0;
        bench.expect(bench.drive.blank(mmc::BlankingType::Minimal,
                                       [&](std::optional<double>) { ++reports; }));
        const auto medium = bench.detect();
        EXPECT_EQ(medium.status, DiscStatus::Blank);
        EXPECT_EQ(medium.next_writable, Lba{0});
        EXPECT_FALSE(holds_data(bench.drive, medium).value());
        EXPECT_GT(reports, 10U);
    }
}

TEST(Tray, AnEjectedMediumIsGoneAndALoadedOneIsBack) {
    Bench bench(MediumKind::DvdPlusR);
    bench.detect();
    bench.expect(bench.drive.prevent_removal());
    bench.expect(bench.drive.eject());
    const auto none = detect_medium(bench.drive);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().kind, FailureKind::NoMedium);
    bench.expect(bench.drive.load());
}

TEST(LongOperation, AFlushThatTheDriveRefusesIsRepeatedBeforeTheClose) {
    Bench bench(MediumKind::DvdPlusR);
    bench.write(0, 640, 0x41);
    EXPECT_CALL(bench.device, execute(_)).Times(::testing::AnyNumber());
    EXPECT_CALL(bench.device, execute(Opcode(0x35)))
        .WillOnce(::testing::Return(harness::Check(0x2, 0x0408)))
        .WillOnce(::testing::Return(harness::Check(0x2, 0x0408)))
        .WillRepeatedly(::testing::DoDefault());
    bench.expect(bench.drive.synchronize_cache());
    bench.expect(bench.drive.close(mmc::CloseFunction::Track, 1));
    bench.expect(bench.drive.close(mmc::CloseFunction::Session));
    EXPECT_EQ(bench.detect().complete_sessions, 1);
}

TEST(LongOperation, ADriveThatVanishesInAFlushIsGoneNotReady) {
    Bench bench(MediumKind::DvdPlusR);
    bench.write(0, 640, 0x41);
    EXPECT_CALL(bench.device, execute(_)).Times(::testing::AnyNumber());
    EXPECT_CALL(bench.device, execute(Opcode(0x00)))
        .WillRepeatedly(::testing::Return(harness::Broken(transports::TransportError::Kind::Gone)));
    const auto flushed = bench.drive.synchronize_cache();
    ASSERT_FALSE(flushed);
    EXPECT_EQ(flushed.error().kind, FailureKind::Gone);
}

}  // namespace
}  // namespace kiln::stack

#include "stack/read_disc.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mmc/bytes.h"
#include "mmc/lba.h"
#include "mmc/sense.h"

#include "stack/drive.h"
#include "stack/facts.h"
#include "stack/failure.h"
#include "stack/medium.h"

#include "harness/sim/virtual_clock.h"
#include "harness/testing/paper_drive.h"
#include "harness/testing/scripted_device.h"

namespace kiln::stack {
namespace {

using mmc::BlockCount;
using mmc::Lba;
using ::testing::ElementsAre;

// Each block carries its address.
std::vector<std::uint8_t> block_of(std::int32_t lba) {
    std::vector<std::uint8_t> block(2048);
    mmc::store_big_endian<std::uint32_t>(block, 0, 4, static_cast<std::uint32_t>(lba));
    return block;
}

class Collector final : public BlockSink {
public:
    Result<void, Failure> take(Lba first, mmc::ByteView bytes) override {
        if (!wrong && bytes.size() / 2048 > 0 && full_after != 0 && blocks >= full_after) {
            return tl::make_unexpected(make_failure(FailureKind::Failed, "writing", "disk full"));
        }
        for (std::size_t i = 0; i < bytes.size(); i += 2048) {
            const auto want =
                static_cast<std::uint32_t>(first) + static_cast<std::uint32_t>(i / 2048);
            wrong = wrong || mmc::load_big_endian<std::uint32_t>(bytes, i, 4) != want;
            ++blocks;
        }
        return {};
    }
    std::uint64_t blocks = 0;
    std::uint64_t full_after = 0;
    bool wrong = false;
};

Track data_track(std::uint16_t number, std::int32_t start, std::uint32_t size) {
    Track track;
    track.number = number;
    track.start = Lba{start};
    track.size = BlockCount{size};
    track.track_mode = 4;
    track.reserved = true;
    return track;
}

class ReadDiscTest : public ::testing::Test {
protected:
    ReadDiscTest() {
        device.block = [this](std::int32_t lba) -> std::optional<std::vector<std::uint8_t>> {
            return bad.contains(lba) ? std::nullopt : std::optional(block_of(lba));
        };
    }
    ReadResult read(std::int32_t first, std::uint64_t blocks) {
        ReadJob job;
        job.extent = {Lba{first}, blocks};
        job.stop = stop;
        return read_disc(drive, job, sink);
    }

    harness::VirtualClock clock;
    harness::HandWaker waker;
    harness::PaperDrive device;
    Drive drive{device, clock, waker};
    Collector sink;
    StopReading stop;
    std::set<std::int32_t> bad;
    Medium medium;
};

TEST_F(ReadDiscTest, ReadsAnExtentInPieces) {
    const auto result = read(100, 1000);
    EXPECT_EQ(result.blocks, 1000U);
    EXPECT_FALSE(result.failure);
    EXPECT_EQ(sink.blocks, 1000U);
    EXPECT_FALSE(sink.wrong);
    EXPECT_EQ(device.sent.size(), 32U);
    EXPECT_EQ(device.sent.front(), "28 00 00 00 00 64 00 00 20 00");
}

TEST_F(ReadDiscTest, GivesEverythingBeforeTheFirstUnreadableBlockAndNamesIt) {
    bad = {150};
    const auto result = read(100, 1000);
    EXPECT_EQ(result.blocks, 50U);
    EXPECT_EQ(sink.blocks, 50U);
    ASSERT_TRUE(result.failure);
    EXPECT_EQ(result.failure->lba, Lba{150});
    EXPECT_EQ(result.failure->kind, FailureKind::Failed);
    EXPECT_EQ(result.failure->doing, "reading the disc");
}

TEST_F(ReadDiscTest, GoesOnWhenThePieceReadsBlockByBlock) {
    bool failed = false;
    device.block = [&](std::int32_t lba) -> std::optional<std::vector<std::uint8_t>> {
        if (lba == 140 && !failed) {
            failed = true;
            return std::nullopt;
        }
        return block_of(lba);
    };
    const auto result = read(100, 1000);
    EXPECT_EQ(result.blocks, 1000U);
    EXPECT_FALSE(result.failure);
    EXPECT_FALSE(sink.wrong);
}

/// A bridge that breaks the transport's protocol where a command moves more than it can.
class NarrowBridge final : public transports::Transport {
public:
    NarrowBridge(transports::Transport& below, std::size_t most) : below_(&below), most_(most) {}
    transports::Result<transports::Completion, transports::TransportError> execute(
        const transports::Request& request) override {
        const auto* in = std::get_if<transports::DataIn>(&request.data);
        if (in != nullptr && in->buffer.size() > most_) {
            ++refused;
            return tl::make_unexpected(
                transports::TransportError{.kind = transports::TransportError::Kind::Protocol});
        }
        return below_->execute(request);
    }
    void interrupt() noexcept override {}
    transports::Result<void, transports::TransportError> recover(transports::Rung) override {
        return {};
    }
    [[nodiscard]] transports::Limits limits() const override { return below_->limits(); }

    int refused = 0;

private:
    transports::Transport* below_;
    std::size_t most_;
};

TEST_F(ReadDiscTest, ABridgeThatCannotDoSoMuchIsReadWithLess) {
    NarrowBridge bridge(device, 32 * 1024);
    Drive narrow(bridge, clock, waker);
    const auto result = read_disc(narrow, {.extent = {Lba{100}, 1000}}, sink);
    EXPECT_FALSE(result.failure) << result.failure->message();
    EXPECT_EQ(sink.blocks, 1000U);
    EXPECT_FALSE(sink.wrong);
    EXPECT_EQ(bridge.refused, 1) << "it is remembered";
}

TEST_F(ReadDiscTest, ABridgeThatDoesNotEvenDoLittleFails) {
    NarrowBridge bridge(device, 2048);
    Drive narrow(bridge, clock, waker);
    const auto result = read_disc(narrow, {.extent = {Lba{100}, 1000}}, sink);
    ASSERT_TRUE(result.failure);
    EXPECT_EQ(result.failure->kind, FailureKind::Failed);
    EXPECT_EQ(bridge.refused, 2);
    EXPECT_EQ(sink.blocks, 0U);
}

TEST_F(ReadDiscTest, CanBeResumedBehindWhatWasRead) {
    bad = {150};
    const auto first = read(100, 1000);
    bad.clear();
    const auto rest = read(100 + static_cast<std::int32_t>(first.blocks), 1000 - first.blocks);
    EXPECT_EQ(first.blocks + rest.blocks, 1000U);
    EXPECT_FALSE(sink.wrong);
}

TEST_F(ReadDiscTest, StopsBetweenTwoReads) {
    stop = [this] { return sink.blocks >= 64; };
    const auto result = read(0, 1000);
    EXPECT_TRUE(result.stopped);
    EXPECT_EQ(result.blocks, 64U);
    EXPECT_FALSE(result.failure);
}

TEST_F(ReadDiscTest, StopsWhileLookingForTheBadBlock) {
    bad = {40};
    int asked = 0;
    stop = [&] { return ++asked > 5; };
    const auto result = read(32, 32);
    EXPECT_TRUE(result.stopped);
    EXPECT_LT(result.blocks, 8U);
    EXPECT_EQ(sink.blocks, result.blocks);
}

TEST_F(ReadDiscTest, EndsWhenTheSinkIsFull) {
    sink.full_after = 32;
    const auto result = read(0, 1000);
    ASSERT_TRUE(result.failure);
    EXPECT_EQ(result.failure->detail, "disk full");
    EXPECT_EQ(result.blocks, 32U);
}

TEST_F(ReadDiscTest, ReadsNothingOfAnEmptyExtent) {
    EXPECT_TRUE(read(0, 0).complete({Lba{0}, 0}));
    EXPECT_TRUE(device.sent.empty());
}

// ---- What is recorded
// -----------------------------------------------------------------------------

TEST_F(ReadDiscTest, ATrackAtOnceTrackIsReadWithoutItsRunOut) {
    medium.family = MediumFamily::CdR;
    medium.tracks = {data_track(1, 0, 357'730)};
    bad = {357'728, 357'729};
    const auto found = recorded_extents(drive, medium).value();
    EXPECT_EQ(found.source, ExtentSource::Tracks);
    EXPECT_THAT(found.extents, ElementsAre(BlockExtent{Lba{0}, 357'728}));
}

TEST_F(ReadDiscTest, ASessionAtOnceTrackHasNoRunOut) {
    medium.family = MediumFamily::CdR;
    medium.tracks = {data_track(1, 0, 357'730)};
    EXPECT_EQ(recorded_extents(drive, medium)->blocks(), 357'730U);
}

TEST_F(ReadDiscTest, AnOpenTrackIsReadUpToItsNextAddress) {
    medium.family = MediumFamily::DvdPlusR;
    auto track = data_track(1, 0, 2'295'104);
    track.next_writable = Lba{5'008};
    medium.tracks = {track};
    EXPECT_THAT(recorded_extents(drive, medium)->extents, ElementsAre(BlockExtent{Lba{0}, 5'008}));
}

TEST_F(ReadDiscTest, TwoSessionsAreTwoExtents) {
    medium.family = MediumFamily::DvdPlusR;
    medium.tracks = {data_track(1, 0, 5'008), data_track(2, 7'056, 320)};
    const auto found = recorded_extents(drive, medium).value();
    EXPECT_THAT(found.extents,
                ElementsAre(BlockExtent{Lba{0}, 5'008}, BlockExtent{Lba{7'056}, 320}));
    EXPECT_EQ(found.blocks(), 5'328U);
}

TEST_F(ReadDiscTest, TracksThatTouchAreOneExtent) {
    medium.family = MediumFamily::DvdR;
    medium.tracks = {data_track(1, 0, 32), data_track(2, 32, 32)};
    EXPECT_THAT(recorded_extents(drive, medium)->extents, ElementsAre(BlockExtent{Lba{0}, 64}));
}

TEST_F(ReadDiscTest, APregapBeforeZeroIsNotRead) {
    medium.family = MediumFamily::DvdR;
    medium.tracks = {data_track(1, -150, 250)};
    EXPECT_THAT(recorded_extents(drive, medium)->extents, ElementsAre(BlockExtent{Lba{0}, 100}));
}

TEST_F(ReadDiscTest, ABlankDiscHasNothingToRead) {
    medium.family = MediumFamily::CdR;
    auto track = data_track(1, 0, 359'849);
    track.blank = true;
    medium.tracks = {track};
    const auto found = recorded_extents(drive, medium);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().kind, FailureKind::Unsuitable);
    EXPECT_EQ(found.error().detail, "the disc is blank");
}

TEST_F(ReadDiscTest, AnAudioDiscIsNamedAsOne) {
    medium.family = MediumFamily::CdR;
    auto track = data_track(1, 0, 20'000);
    track.track_mode = 0;
    medium.tracks = {track};
    EXPECT_EQ(recorded_extents(drive, medium).error().detail,
              "there are only audio tracks on the disc");
    EXPECT_FALSE(track_extent(drive, medium, 1));
    EXPECT_FALSE(track_extent(drive, medium, 2));
}

TEST_F(ReadDiscTest, OneTrackIsFoundByItsNumber) {
    medium.family = MediumFamily::DvdPlusR;
    medium.tracks = {data_track(1, 0, 5'008), data_track(2, 7'056, 320)};
    EXPECT_EQ(track_extent(drive, medium, 2).value(), (BlockExtent{Lba{7'056}, 320}));
}

TEST_F(ReadDiscTest, AnOverwritableMediumIsReadAsFarAsItsVolumeReaches) {
    medium.family = MediumFamily::DvdPlusRw;
    medium.readable = BlockCount{2'295'104};
    device.block = [](std::int32_t lba) -> std::optional<std::vector<std::uint8_t>> {
        std::vector<std::uint8_t> block(2048);
        if (lba == 16) {
            constexpr std::string_view kStart(
                "\x01"
                "CD001"
                "\x01",
                7);
            std::copy(kStart.begin(), kStart.end(), block.begin());
            mmc::store_big_endian<std::uint32_t>(block, 84, 4, 4711);
            mmc::store_big_endian<std::uint32_t>(block, 130, 2, 2048);
        }
        return block;
    };
    const auto found = recorded_extents(drive, medium).value();
    EXPECT_EQ(found.source, ExtentSource::FileSystem);
    EXPECT_EQ(found.blocks(), 4711U);
}

TEST_F(ReadDiscTest, AVolumeLargerThanTheMediumIsNotBelieved) {
    medium.family = MediumFamily::DvdPlusRw;
    medium.readable = BlockCount{1000};
    device.block = [](std::int32_t lba) -> std::optional<std::vector<std::uint8_t>> {
        std::vector<std::uint8_t> block(2048);
        if (lba == 16) {
            constexpr std::string_view kStart(
                "\x01"
                "CD001"
                "\x01",
                7);
            std::copy(kStart.begin(), kStart.end(), block.begin());
            mmc::store_big_endian<std::uint32_t>(block, 84, 4, 0xFFFF'FFFF);
            mmc::store_big_endian<std::uint32_t>(block, 130, 2, 2048);
        }
        return block;
    };
    EXPECT_EQ(recorded_extents(drive, medium)->blocks(), 1000U);
}

TEST_F(ReadDiscTest, AnOverwritableMediumWithoutAVolumeIsReadWhole) {
    medium.family = MediumFamily::BdRe;
    medium.readable = BlockCount{11'826'176};
    device.block = [](std::int32_t) { return std::optional(std::vector<std::uint8_t>(2048)); };
    const auto found = recorded_extents(drive, medium).value();
    EXPECT_EQ(found.source, ExtentSource::Capacity);
    EXPECT_EQ(found.blocks(), 11'826'176U);
}

}  // namespace
}  // namespace kiln::stack

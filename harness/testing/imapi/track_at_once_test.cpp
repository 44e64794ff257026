// IMAPI2's track-at-once layer, over a drive on paper: the simulated ones write no audio yet. Bytes
// by hand.

#include "stack/imapi/track_at_once.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "mmc/bytes.h"
#include "mmc/hex.h"
#include "mmc/sense.h"

#include "transports/transport.h"

#include "stack/hresult.h"
#include "stack/imapi/recorder.h"
#include "stack/imapi/write_engine.h"

#include "harness/testing/imapi/engine_world.h"

namespace kiln::harness {
namespace {

using stack::HResult;
using stack::imapi::Recorder;
using stack::imapi::TrackAtOnce;
using stack::imapi::VariantBool;
using stack::imapi::WriteEngine;
using Bytes = std::vector<std::uint8_t>;

constexpr std::uint64_t kSector = 2352;

/// A blank CD-R of 1000 sectors.
class AudioDrive {
public:
    explicit AudioDrive(std::uint8_t profile = 0x09, std::uint8_t disc_status = 0x0C)
        : profile_(profile), disc_status_(disc_status) {
        world.on_other = [this](const transports::Request& request) { return answer(request); };
        (void)layer.set_recorder(&world.recorder);
        (void)layer.set_client_name("kiln test");
        world.events.clock = &world.clock;
        layer.advise(&world.events);
    }

    EngineWorld world;
    TrackAtOnce layer;
    Bytes modes;                     // what MODE SELECT was last sent
    std::vector<std::string> ended;  // SYNCHRONIZE CACHE, CLOSE
    std::uint32_t next = 0;
    std::uint32_t free = 1000;
    std::function<void(std::uint8_t opcode)> before;

private:
    std::optional<EngineWorld::Answer> answer(const transports::Request& request) {
        const auto cdb = request.cdb.bytes();
        if (before) {
            before(cdb[0]);
        }
        switch (cdb[0]) {
            case 0x46:  // profile list, and the current profile
                return give(request,
                            {0, 0, 0, 12, 0, 0, 0, profile_, 0, 0, 3, 4, 0, profile_, 1, 0});
            case 0x51: {
                Bytes disc(34, 0);
                disc[1] = 32;
                disc[2] = disc_status_;
                disc[3] = disc[4] = disc[5] = disc[6] = 1;
                return give(request, disc);
            }
            case 0x52:
                return give(request, track());
            case 0x55: {
                const auto out = std::get<transports::DataOut>(request.data).buffer;
                modes.assign(out.begin(), out.end());
                return std::nullopt;
            }
            case 0x35:
            case 0x5B:
                ended.push_back(mmc::to_hex(cdb.first(3)));
                return std::nullopt;
            case 0x00:
            case 0x1E:
                return std::nullopt;
            default:
                return EngineWorld::check(mmc::SenseKey::IllegalRequest, 0x2000);
        }
    }

    [[nodiscard]] Bytes track() const {
        Bytes bytes(36, 0);
        bytes[1] = 34;
        bytes[2] = 1;
        bytes[3] = 1;
        bytes[6] = 0x40;  // blank
        bytes[7] = 0x01;  // NWA_V
        mmc::store_big_endian(mmc::MutableByteView(bytes), 12, 4, next);
        mmc::store_big_endian(mmc::MutableByteView(bytes), 16, 4, free);
        mmc::store_big_endian(mmc::MutableByteView(bytes), 24, 4, free);
        return bytes;
    }

    static EngineWorld::Answer give(const transports::Request& request, const Bytes& bytes) {
        const auto in = std::get<transports::DataIn>(request.data).buffer;
        transports::Completion completion;
        completion.moved = static_cast<std::uint32_t>(std::min(bytes.size(), in.size()));
        std::copy_n(bytes.begin(), completion.moved, in.begin());
        return completion;
    }

    std::uint8_t profile_;
    std::uint8_t disc_status_;
};

TEST(TrackAtOnce, WritesTracksAndClosesTheSession) {
    AudioDrive drive;
    EXPECT_EQ(drive.layer.prepare_media(), HResult::Ok);
    EXPECT_EQ(drive.world.access.owner(), "kiln test") << "until it is released";
    CountingStream first(60 * kSector);
    EXPECT_EQ(drive.layer.add_audio_track(&first), HResult::Ok);
    ASSERT_EQ(drive.world.writes.size(), 3U);
    EXPECT_EQ(drive.world.writes[0].blocks, 27U);
    EXPECT_EQ(drive.world.writes[2].lba, 54);
    EXPECT_EQ(drive.world.writes[2].data.size(), 6 * kSector);
    // Header; page 05h: BUFE and write type 1, multi-session and track mode 0, block type 0.
    EXPECT_EQ(mmc::to_hex(mmc::ByteView(drive.modes).first(13)),
              "00 00 00 00 00 00 00 00 05 32 41 c0 00");
    EXPECT_EQ(mmc::to_hex(mmc::ByteView(drive.modes).subspan(22, 2)), "00 96") << "a pause of 2 s";
    EXPECT_EQ(drive.ended, (std::vector<std::string>{"35 02 00"}));
    drive.next = 212;
    CountingStream second(30 * kSector);
    EXPECT_EQ(drive.layer.add_audio_track(&second), HResult::Ok);
    EXPECT_EQ(drive.world.writes.back().lba, 239);
    EXPECT_EQ(drive.layer.number_of_existing_tracks(), 2U);
    EXPECT_EQ(drive.layer.release_media(), HResult::Ok);
    EXPECT_EQ(drive.ended, (std::vector<std::string>{"35 02 00", "35 02 00", "5b 01 02"}));
    EXPECT_EQ(drive.world.access.owner(), "");
}

TEST(TrackAtOnce, LeavesTheSessionOpenWhereThatIsWanted) {
    AudioDrive drive;
    EXPECT_EQ(drive.layer.set_do_not_finalize_media(VariantBool::True), HResult::Ok);
    EXPECT_EQ(drive.layer.prepare_media(), HResult::Ok);
    CountingStream stream(60 * kSector);
    EXPECT_EQ(drive.layer.add_audio_track(&stream), HResult::Ok);
    EXPECT_EQ(drive.layer.release_media(), HResult::Ok);
    EXPECT_EQ(drive.ended.size(), 1U);
}

TEST(TrackAtOnce, NotPreparedRefusesTracksAndRelease) {
    AudioDrive drive;
    CountingStream stream(kSector);
    EXPECT_EQ(drive.layer.release_media(), HResult::TaoMediaNotPrepared);
    EXPECT_EQ(drive.layer.add_audio_track(&stream), HResult::TaoMediaNotPrepared);
    EXPECT_EQ(drive.layer.cancel_add_track(), HResult::TaoWriteNotInProgress);
    EXPECT_EQ(drive.layer.prepare_media(), HResult::Ok);
    EXPECT_EQ(drive.layer.cancel_add_track(), HResult::TaoWriteNotInProgress);
    EXPECT_EQ(drive.layer.release_media(), HResult::Ok);
    EXPECT_EQ(drive.layer.release_media(), HResult::TaoMediaNotPrepared);
}

TEST(TrackAtOnce, PreparedRefusesTheSetters) {
    AudioDrive drive;
    ASSERT_EQ(drive.layer.prepare_media(), HResult::Ok);
    EXPECT_EQ(drive.layer.prepare_media(), HResult::TaoMediaPrepared);
    EXPECT_EQ(drive.layer.set_recorder(nullptr), HResult::TaoMediaPrepared);
    EXPECT_EQ(drive.layer.set_client_name("x"), HResult::TaoMediaPrepared);
    EXPECT_EQ(drive.layer.set_do_not_finalize_media(VariantBool::True), HResult::TaoMediaPrepared);
    EXPECT_EQ(drive.layer.do_not_finalize_media(), VariantBool::False);
    EXPECT_EQ(drive.layer.release_media(), HResult::Ok);
    EXPECT_EQ(drive.layer.set_recorder(nullptr), HResult::Ok);
}

TEST(TrackAtOnce, WhileWritingRefusesEverythingElse) {
    AudioDrive drive;
    ASSERT_EQ(drive.layer.prepare_media(), HResult::Ok);
    CountingStream stream(60 * kSector);
    drive.world.during = [&](std::size_t /*number*/) {
        EXPECT_EQ(drive.layer.release_media(), HResult::TaoWriteInProgress);
        EXPECT_EQ(drive.layer.prepare_media(), HResult::TaoWriteInProgress);
        EXPECT_EQ(drive.layer.add_audio_track(&stream), HResult::TaoWriteInProgress);
        EXPECT_EQ(drive.layer.set_recorder(nullptr), HResult::TaoWriteInProgress);
        EXPECT_EQ(drive.layer.set_client_name("x"), HResult::TaoWriteInProgress);
    };
    EXPECT_EQ(drive.layer.add_audio_track(&stream), HResult::Ok);
    EXPECT_EQ(drive.world.writes.size(), 3U);
}

TEST(TrackAtOnce, IsCancelledAndFlushed) {
    AudioDrive drive;
    ASSERT_EQ(drive.layer.prepare_media(), HResult::Ok);
    drive.world.during = [&](std::size_t number) {
        if (number == 2) {
            EXPECT_EQ(drive.layer.cancel_add_track(), HResult::Ok);
        }
    };
    CountingStream stream(600 * kSector);
    EXPECT_EQ(drive.layer.add_audio_track(&stream), HResult::RequestCancelled);
    EXPECT_EQ(drive.world.writes.size(), 2U);
    EXPECT_EQ(drive.ended, (std::vector<std::string>{"35 02 00"})) << "stage 5 is the layer's";
    EXPECT_EQ(drive.layer.number_of_existing_tracks(), 1U) << "what was accepted is a track";
    EXPECT_EQ(drive.layer.cancel_add_track(), HResult::TaoWriteNotInProgress);
    drive.world.during = {};
    CountingStream next(60 * kSector);
    EXPECT_EQ(drive.layer.add_audio_track(&next), HResult::Ok) << "usable at once";
}

/// Before the section, in its first Update: the engine itself would not remember it.
TEST(TrackAtOnce, RemembersACancelThatComesEarly) {
    for (const std::uint8_t opcode : std::array<std::uint8_t, 2>{0x55, 0x52}) {
        AudioDrive drive;
        ASSERT_EQ(drive.layer.prepare_media(), HResult::Ok);
        drive.before = [&](std::uint8_t sent) {
            if (sent == opcode) {
                EXPECT_EQ(drive.layer.cancel_add_track(), HResult::Ok);
            }
        };
        CountingStream stream(60 * kSector);
        EXPECT_EQ(drive.layer.add_audio_track(&stream), HResult::RequestCancelled);
        EXPECT_EQ(drive.world.writes.size(), 0U);
    }
    AudioDrive drive;
    ASSERT_EQ(drive.layer.prepare_media(), HResult::Ok);
    drive.world.events.act = [&](WriteEngine& /*engine*/, std::size_t number) {
        if (number == 1) {
            EXPECT_EQ(drive.layer.cancel_add_track(), HResult::Ok);
        }
    };
    CountingStream stream(60 * kSector);
    EXPECT_EQ(drive.layer.add_audio_track(&stream), HResult::RequestCancelled);
    EXPECT_EQ(drive.world.writes.size(), 0U);
    EXPECT_EQ(drive.layer.number_of_existing_tracks(), 0U);
}

TEST(TrackAtOnce, RefusesOtherMedia) {
    AudioDrive dvd(0x11);
    EXPECT_EQ(dvd.layer.prepare_media(), HResult::TaoMediaNotSupported);
    AudioDrive written(0x09, 0x01);
    EXPECT_EQ(written.layer.prepare_media(), HResult::TaoMediaNotBlank);
    EXPECT_EQ(written.world.access.owner(), "");
}

TEST(TrackAtOnce, RefusesStreamsThatAreNoTrack) {
    AudioDrive drive;
    ASSERT_EQ(drive.layer.prepare_media(), HResult::Ok);
    EXPECT_EQ(drive.layer.add_audio_track(nullptr), HResult::Pointer);
    CountingStream odd(60 * kSector + 1);
    EXPECT_EQ(drive.layer.add_audio_track(&odd), HResult::TaoStreamNotSupported);
    CountingStream unknown;
    EXPECT_EQ(drive.layer.add_audio_track(&unknown), HResult::TaoStreamNotSupported);
    CountingStream large(1001 * kSector);
    EXPECT_EQ(drive.layer.add_audio_track(&large), HResult::TaoNotEnoughSpace);
    EXPECT_EQ(drive.world.writes.size(), 0U);
}

TEST(TrackAtOnce, NeedsARecorderAndAName) {
    EngineWorld world;
    TrackAtOnce layer;
    EXPECT_EQ(layer.prepare_media(), HResult::TaoNoRecorder);
    EXPECT_EQ(layer.set_recorder(&world.recorder), HResult::Ok);
    EXPECT_EQ(layer.prepare_media(), HResult::TaoClientNameNotValid);
    EXPECT_EQ(layer.set_client_name("(x)"), HResult::TaoClientNameNotValid);
}

TEST(TrackAtOnce, TakesNinetyNineTracks) {
    AudioDrive drive;
    ASSERT_EQ(drive.layer.prepare_media(), HResult::Ok);
    for (int i = 0; i < 99; ++i) {
        CountingStream stream(kSector);
        ASSERT_EQ(drive.layer.add_audio_track(&stream), HResult::Ok) << i;
    }
    CountingStream stream(kSector);
    EXPECT_EQ(drive.layer.add_audio_track(&stream), HResult::TaoTrackLimitReached);
}

}  // namespace
}  // namespace kiln::harness

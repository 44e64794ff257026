// What a write engine sends, reads and tells. Its cancel is in write_engine_cancel_test.cpp.

#include "stack/imapi/write_engine.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "mmc/sense.h"

#include "transports/clock.h"
#include "transports/error.h"

#include "stack/hresult.h"
#include "stack/imapi/recorder.h"

#include "harness/testing/imapi/engine_world.h"

namespace kiln::harness {
namespace {

using mmc::SenseKey;
using stack::HResult;
using stack::imapi::VariantBool;
using stack::imapi::WriteEngineEventArgs;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Every block of every WRITE is the stream's, in order.
void expect_stream_bytes(const EngineWorld& world, std::uint64_t from = 0) {
    std::uint64_t offset = from;
    for (const SeenWrite& write : world.writes) {
        std::size_t wrong = 0;
        for (const std::uint8_t byte : write.data) {
            wrong += byte == CountingStream::byte_at(offset++) ? 0U : 1U;
        }
        EXPECT_EQ(wrong, 0U) << "WRITE at " << write.lba;
    }
}

TEST(WriteEngine, WritesAllBlocksInWholeTransfers) {
    EngineWorld world;
    world.ready();
    CountingStream stream;
    EXPECT_EQ(world.engine.write_section(&stream, 1000, 70), HResult::Ok);
    ASSERT_EQ(world.writes.size(), 3U);
    EXPECT_EQ(world.writes[0].opcode, 0x2A);
    EXPECT_EQ(world.writes[0].lba, 1000);
    EXPECT_EQ(world.writes[0].blocks, 32U);
    EXPECT_EQ(world.writes[1].lba, 1032);
    EXPECT_EQ(world.writes[2].lba, 1064);
    EXPECT_EQ(world.writes[2].blocks, 6U);
    EXPECT_EQ(world.writes[2].data.size(), 6U * 2048);
    expect_stream_bytes(world);
    EXPECT_EQ(world.transport.cdbs.size(), 3U) << "stage 4 only: WRITE and nothing else";
}

TEST(WriteEngine, SendsAsManyBlocksAsFitOfAnySize) {
    struct Row {
        std::int32_t bytes;
        std::uint32_t blocks;
    };
    for (const Row row :
         {Row{2048, 32}, {2352, 27}, {2448, 26}, {65536, 1}, {40000, 1}, {1, 65535}}) {
        EngineWorld world;
        world.ready(row.bytes);
        CountingStream stream;
        const auto count = static_cast<std::int32_t>(row.blocks) + 1;
        EXPECT_EQ(world.engine.write_section(&stream, 0, count), HResult::Ok) << row.bytes;
        ASSERT_EQ(world.writes.size(), 2U) << row.bytes;
        EXPECT_EQ(world.writes[0].blocks, row.blocks) << row.bytes;
        EXPECT_EQ(world.writes[0].data.size(), row.blocks * static_cast<std::size_t>(row.bytes));
        expect_stream_bytes(world);
    }
}

TEST(WriteEngine, WritesBeforeTheUserDataArea) {
    EngineWorld world;
    world.ready(2352);
    CountingStream stream;
    EXPECT_EQ(world.engine.write_section(&stream, -150, 152), HResult::Ok);
    ASSERT_EQ(world.writes.size(), 6U);
    EXPECT_EQ(world.writes[0].lba, -150);
    EXPECT_EQ(world.writes[5].lba, -15);
    EXPECT_EQ(world.events.updates.front().last_written_lba, -151);
    EXPECT_EQ(world.events.updates.back().last_written_lba, 1);
}

TEST(WriteEngine, ReadsOnAfterAShortRead) {
    EngineWorld world;
    world.ready();
    CountingStream stream;
    stream.piece = 1000;
    EXPECT_EQ(world.engine.write_section(&stream, 0, 33), HResult::Ok);
    ASSERT_EQ(world.writes.size(), 2U);
    expect_stream_bytes(world);
}

TEST(WriteEngine, ReadsForwardFromWhereTheStreamIs) {
    EngineWorld world;
    world.ready();
    CountingStream stream;
    EXPECT_EQ(world.engine.write_section(&stream, 0, 33), HResult::Ok);
    EXPECT_EQ(stream.given, 33U * 2048) << "not a byte more than the section has";
    EXPECT_EQ(world.engine.write_section(&stream, 33, 5), HResult::Ok);
    EXPECT_EQ(world.writes.back().lba, 33);
    expect_stream_bytes(world);
}

TEST(WriteEngine, PassesTheStreamsOwnErrorThrough) {
    constexpr auto kAccessDenied = static_cast<HResult>(0x80030005U);  // STG_E_ACCESSDENIED
    for (const std::uint64_t at : {0U, 1000U, 65536U, 70000U}) {
        EngineWorld world;
        world.ready();
        CountingStream stream;
        stream.fails_at = at;
        stream.failure = kAccessDenied;
        EXPECT_EQ(world.engine.write_section(&stream, 0, 96), kAccessDenied) << at;
        ASSERT_TRUE(world.engine.failure());
        EXPECT_EQ(world.engine.failure()->doing, "reading the stream");
        EXPECT_LE(world.writes.size(), 1U);
    }
}

TEST(WriteEngine, NeverPadsAStreamThatEndsEarly) {
    EngineWorld world;
    world.ready();
    CountingStream stream(40U * 2048 + 1);
    EXPECT_EQ(world.engine.write_section(&stream, 0, 64), HResult::Fail);
    EXPECT_LE(world.writes.size(), 1U) << "nothing that is not whole";
    ASSERT_TRUE(world.engine.failure());
    EXPECT_EQ(world.engine.failure()->detail, "it ended after 40 of 64 blocks of 2048 bytes");
    EXPECT_EQ(world.events.updates.back().last_read_lba, 39);
}

TEST(WriteEngine, TellsOnceBeforeAndOnceAfterAndEveryHalfSecond) {
    EngineWorld world;
    world.ready();
    world.write_takes = milliseconds(200);
    CountingStream stream;
    EXPECT_EQ(world.engine.write_section(&stream, 0, 32 * 10), HResult::Ok);  // 2 s
    ASSERT_EQ(world.events.updates.size(), 5U);
    for (std::size_t i = 1; i < 4; ++i) {
        EXPECT_EQ(world.events.at[i] - world.events.at[0], milliseconds(500) * i);
    }
    EXPECT_EQ(world.events.at[4] - world.events.at[0], seconds(2));
    EXPECT_EQ(world.events.in_progress, (std::vector<bool>{true, true, true, true, false}));
}

TEST(WriteEngine, TellsWhileOneWriteBlocksForHalfAMinute) {
    EngineWorld world;
    world.ready();
    world.write_takes = seconds(30);
    CountingStream stream;
    EXPECT_EQ(world.engine.write_section(&stream, 0, 1), HResult::Ok);
    ASSERT_GE(world.events.updates.size(), 61U);
    EXPECT_LE(world.events.updates.size(), 62U);
    for (std::size_t i = 1; i < 60; ++i) {
        EXPECT_EQ(world.events.at[i] - world.events.at[i - 1], milliseconds(500));
    }
}

TEST(WriteEngine, AShortSectionHasTheUpdatesBeforeAndAfterOnly) {
    EngineWorld world;
    world.ready();
    CountingStream stream;
    EXPECT_EQ(world.engine.write_section(&stream, 7, 2), HResult::Ok);
    ASSERT_EQ(world.events.updates.size(), 2U);
    const WriteEngineEventArgs& before = world.events.updates[0];
    EXPECT_EQ(before.start_lba, 7);
    EXPECT_EQ(before.sector_count, 2);
    EXPECT_EQ(before.last_read_lba, 6);
    EXPECT_EQ(before.last_written_lba, 6);
    EXPECT_EQ(before.total_system_buffer, 4 * 65536);
    EXPECT_EQ(before.used_system_buffer, 0);
    EXPECT_EQ(world.events.updates[1].last_written_lba, 8);
}

TEST(WriteEngine, ItsUpdatesAddUpAndNeverGoBack) {
    EngineWorld world;
    world.ready(2352);
    world.write_takes = milliseconds(333);
    CountingStream stream;
    EXPECT_EQ(world.engine.write_section(&stream, -10, 27 * 9), HResult::Ok);
    const WriteEngineEventArgs* last = nullptr;
    for (const WriteEngineEventArgs& it : world.events.updates) {
        EXPECT_EQ(it.used_system_buffer + it.free_system_buffer, it.total_system_buffer);
        EXPECT_EQ(it.used_system_buffer, (it.last_read_lba - it.last_written_lba) * 2352);
        EXPECT_LE(it.last_written_lba, it.last_read_lba);
        if (last != nullptr) {
            EXPECT_LE(last->last_written_lba, it.last_written_lba);
            EXPECT_LE(last->last_read_lba, it.last_read_lba);
        }
        last = &it;
    }
    EXPECT_EQ(last->used_system_buffer, 0);
}

TEST(WriteEngine, IgnoresWhatAnUpdateReturns) {
    EngineWorld world;
    world.ready();
    world.events.answer = HResult::Fail;
    CountingStream stream;
    EXPECT_EQ(world.engine.write_section(&stream, 0, 64), HResult::Ok);
    EXPECT_EQ(world.writes.size(), 2U);
}

TEST(WriteEngine, SendsABusyDriveTheSameWriteAgain) {
    for (const mmc::AdditionalSense busy : std::array<mmc::AdditionalSense, 2>{0x0407, 0x0408}) {
        EngineWorld world;
        world.ready();
        world.on_write = [&](std::size_t number) -> std::optional<EngineWorld::Answer> {
            if (number < 2 || number > 11) {
                return std::nullopt;
            }
            return EngineWorld::check(SenseKey::NotReady, busy);
        };
        CountingStream stream;
        EXPECT_EQ(world.engine.write_section(&stream, 0, 96), HResult::Ok);
        ASSERT_EQ(world.writes.size(), 13U);
        for (std::size_t i = 1; i < 12; ++i) {
            EXPECT_EQ(world.writes[i].lba, 32);
            EXPECT_EQ(world.writes[i].data, world.writes[1].data);
        }
        EXPECT_GT(world.writes[11].at - world.writes[1].at, milliseconds(500)) << "with pauses";
    }
}

TEST(WriteEngine, GivesABusyDriveUpAtTheDeadline) {
    EngineWorld world;
    world.ready();
    world.on_write = [](std::size_t /*number*/) {
        return std::optional(EngineWorld::check(SenseKey::NotReady, 0x0408));
    };
    CountingStream stream;
    EXPECT_EQ(world.engine.write_section(&stream, 0, 1), HResult::MediaBusy);
    EXPECT_GE(world.writes.back().at - world.writes.front().at, seconds(199));
    EXPECT_LE(world.writes.back().at - world.writes.front().at, seconds(201));
    EXPECT_LT(world.writes.size(), 2000U);
}

TEST(WriteEngine, EstimatesOfTheSpeedChooseThePauses) {
    // 128 KiB at 75, 150 and 600 sectors of 2048 bytes a second: buffer_full_pause() of that.
    struct Row {
        std::int32_t starting;
        std::int32_t ending;
        milliseconds least;
        milliseconds most;
    };
    for (const Row row : {Row{600, 600, milliseconds(105), milliseconds(108)},
                          Row{-1, 600, milliseconds(105), milliseconds(108)},
                          Row{75, -1, milliseconds(220), milliseconds(220)},
                          Row{100'000, 100'000, milliseconds(4), milliseconds(4)},
                          Row{400, 800, milliseconds(105), milliseconds(108)}}) {
        EngineWorld world;
        world.ready();
        (void)world.engine.set_starting_sectors_per_second(row.starting);
        (void)world.engine.set_ending_sectors_per_second(row.ending);
        world.on_write = [](std::size_t number) -> std::optional<EngineWorld::Answer> {
            if (number != 2) {
                return std::nullopt;
            }
            return EngineWorld::check(SenseKey::NotReady, 0x0408);
        };
        CountingStream stream;
        EXPECT_EQ(world.engine.write_section(&stream, 0, 64), HResult::Ok);
        ASSERT_EQ(world.writes.size(), 3U);
        const auto pause = world.writes[2].at - world.writes[1].at;
        EXPECT_GE(pause, row.least) << row.starting << " " << row.ending;
        EXPECT_LE(pause, row.most) << row.starting << " " << row.ending;
    }
}

TEST(WriteEngine, NeverRepeatsAWriteThatAUnitAttentionCameTo) {
    for (const mmc::AdditionalSense news :
         std::array<mmc::AdditionalSense, 4>{0x2900, 0x2800, 0x2A01, 0x2E00}) {
        EngineWorld world;
        world.ready();
        world.on_write = [&](std::size_t number) -> std::optional<EngineWorld::Answer> {
            if (number != 2) {
                return std::nullopt;
            }
            return EngineWorld::check(SenseKey::UnitAttention, news);
        };
        CountingStream stream;
        EXPECT_EQ(world.engine.write_section(&stream, 0, 96), HResult::UnexpectedResponse);
        EXPECT_EQ(world.writes.size(), 2U);
    }
}

TEST(WriteEngine, SaysWhatTheDriveSays) {
    struct Row {
        SenseKey key;
        mmc::AdditionalSense additional;
        HResult code;
    };
    for (const Row row : {Row{SenseKey::NotReady, 0x3A00, HResult::NoMedia},
                          {SenseKey::IllegalRequest, 0x3005, HResult::MediaIncompatible},
                          {SenseKey::DataProtect, 0x2700, HResult::MediaWriteProtected},
                          {SenseKey::MediumError, 0x0C09, HResult::LossOfStreaming},
                          {SenseKey::MediumError, 0x0C00, HResult::UnexpectedResponse},
                          {SenseKey::IllegalRequest, 0x2102, HResult::UnexpectedResponse}}) {
        EngineWorld world;
        world.ready();
        world.on_write = [&](std::size_t /*number*/) {
            return std::optional(EngineWorld::check(row.key, row.additional));
        };
        CountingStream stream;
        EXPECT_EQ(world.engine.write_section(&stream, 0, 96), row.code);
        EXPECT_EQ(world.writes.size(), 1U);
        EXPECT_EQ(world.events.updates.size(), 2U) << "an Update after it also where it failed";
    }
}

TEST(WriteEngine, SaysWhatTheTransportSays) {
    using Kind = transports::TransportError::Kind;
    struct Row {
        Kind kind;
        HResult code;
    };
    for (const Row row : {Row{Kind::TimedOut, HResult::CommandTimeout},
                          {Kind::Gone, HResult::DeviceNotExist},
                          {Kind::HostFailure, HResult::UnexpectedResponse}}) {
        EngineWorld world;
        world.ready();
        world.on_write = [&](std::size_t /*number*/) {
            return std::optional(EngineWorld::broken(row.kind));
        };
        CountingStream stream;
        EXPECT_EQ(world.engine.write_section(&stream, 0, 96), row.code);
    }
}

TEST(WriteEngine, IsUsableAtOnceAfterAFailure) {
    EngineWorld world;
    world.ready();
    world.on_write = [](std::size_t number) -> std::optional<EngineWorld::Answer> {
        if (number != 2) {
            return std::nullopt;
        }
        return EngineWorld::check(SenseKey::MediumError, 0x0C00);
    };
    CountingStream first;
    EXPECT_EQ(world.engine.write_section(&first, 0, 96), HResult::UnexpectedResponse);
    CountingStream second;
    EXPECT_EQ(world.engine.write_section(&second, 32, 64), HResult::Ok);
    EXPECT_EQ(world.engine.write_in_progress(), VariantBool::False);
    EXPECT_FALSE(world.engine.failure());
    EXPECT_EQ(world.access.owner(), "");
}

}  // namespace
}  // namespace kiln::harness

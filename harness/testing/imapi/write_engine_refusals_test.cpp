// What a write engine refuses: arguments, states, values; and the defaults of its properties.

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

#include <gtest/gtest.h>

#include "stack/hresult.h"
#include "stack/imapi/recorder.h"
#include "stack/imapi/write_engine.h"

#include "harness/testing/imapi/engine_world.h"

namespace kiln::harness {
namespace {

using stack::HResult;
using stack::imapi::Extensions;
using stack::imapi::Recorder;
using stack::imapi::VariantBool;
using stack::imapi::WriteEngine;

TEST(WriteEngineProperty, HasItsDefault) {
    const WriteEngine engine;
    EXPECT_EQ(engine.recorder(), nullptr);
    EXPECT_EQ(engine.bytes_per_sector(), -1);
    EXPECT_EQ(engine.starting_sectors_per_second(), -1);
    EXPECT_EQ(engine.ending_sectors_per_second(), -1);
    EXPECT_EQ(engine.use_streaming_write_12(), VariantBool::False);
    EXPECT_EQ(engine.write_in_progress(), VariantBool::False);
}

TEST(WriteEngineProperty, SectorSizeIsBetweenOneAndTheRecordersLimit) {
    EngineWorld world;
    EXPECT_EQ(world.engine.set_bytes_per_sector(0), HResult::InvalidArgument);
    EXPECT_EQ(world.engine.set_bytes_per_sector(-1), HResult::InvalidArgument);
    EXPECT_EQ(world.engine.set_bytes_per_sector(65537), HResult::Ok) << "no recorder knows better";
    EXPECT_EQ(world.engine.set_recorder(&world.recorder), HResult::Ok);
    EXPECT_EQ(world.engine.set_bytes_per_sector(65537), HResult::InvalidArgument);
    EXPECT_EQ(world.engine.set_bytes_per_sector(65536), HResult::Ok);
    EXPECT_EQ(world.engine.set_bytes_per_sector(1), HResult::Ok);
    EXPECT_EQ(world.engine.bytes_per_sector(), 1) << "what was last put";
}

TEST(WriteEngineProperty, SpeedsAreMinusOneOrPositive) {
    EngineWorld world;
    for (const std::int32_t bad : {0, -2, std::numeric_limits<std::int32_t>::min()}) {
        EXPECT_EQ(world.engine.set_starting_sectors_per_second(bad), HResult::InvalidArgument);
        EXPECT_EQ(world.engine.set_ending_sectors_per_second(bad), HResult::InvalidArgument);
    }
    EXPECT_EQ(world.engine.set_starting_sectors_per_second(75), HResult::Ok);
    EXPECT_EQ(world.engine.set_ending_sectors_per_second(3600), HResult::Ok);
    EXPECT_EQ(world.engine.starting_sectors_per_second(), 75);
    EXPECT_EQ(world.engine.ending_sectors_per_second(), 3600);
    EXPECT_EQ(world.engine.set_starting_sectors_per_second(-1), HResult::Ok);
}

TEST(WriteEngineProperty, RecorderIsNotNull) {
    EngineWorld world;
    world.ready();
    EXPECT_EQ(world.engine.set_recorder(nullptr), HResult::Pointer);
    EXPECT_EQ(world.engine.recorder(), &world.recorder);
}

TEST(WriteEngineProperty, RecorderOfADriveThatAnotherHasIsLocked) {
    EngineWorld world;
    Recorder other(world.recorder.device());
    EXPECT_EQ(other.acquire_exclusive_access(VariantBool::False, "other"), HResult::Ok);
    EXPECT_EQ(world.engine.set_recorder(&world.recorder), HResult::Locked);
    EXPECT_EQ(world.recorder.exclusive_access_owner(), "other");
    EXPECT_EQ(other.release_exclusive_access(), HResult::Ok);
    EXPECT_EQ(world.engine.set_recorder(&world.recorder), HResult::Ok);
}

TEST(WriteEngineProperty, StreamingIsNotImplemented) {
    EngineWorld world;
    world.ready();
    EXPECT_EQ(world.engine.set_use_streaming_write_12(VariantBool::True), HResult::NotImplemented);
    EXPECT_EQ(world.engine.use_streaming_write_12(), VariantBool::False);
    EXPECT_EQ(world.engine.set_use_streaming_write_12(VariantBool::False), HResult::Ok);
    EXPECT_EQ(world.transport.cdbs.size(), 0U) << "no drive is asked";
}

/// GET CONFIGURATION's answer with feature 0107h alone; byte 4 bit 0: SW.
std::optional<EngineWorld::Answer> real_time_streaming(const transports::Request& request,
                                                       bool current, bool stream_writing) {
    if (request.cdb.bytes()[0] != 0x46) {
        return std::nullopt;
    }
    const std::array<std::uint8_t, 16> bytes = {0,
                                                0,
                                                0,
                                                12,
                                                0,
                                                0,
                                                0,
                                                0x43,
                                                0x01,
                                                0x07,
                                                static_cast<std::uint8_t>(current ? 0x11 : 0x10),
                                                4,
                                                static_cast<std::uint8_t>(stream_writing ? 1 : 0),
                                                0,
                                                0,
                                                0};
    const auto& in = std::get<transports::DataIn>(request.data);
    std::copy(bytes.begin(), bytes.end(), in.buffer.begin());
    transports::Completion completion;
    completion.moved = static_cast<std::uint32_t>(bytes.size());
    return completion;
}

TEST(WriteEngineProperty, StreamingAsAnExtensionNeedsTheFeature) {
    struct Row {
        bool current;
        bool stream_writing;
        HResult code;
    };
    for (const Row row : {Row{true, true, HResult::Ok},
                          {true, false, HResult::NotImplemented},
                          {false, true, HResult::NotImplemented}}) {
        EngineWorld world(Extensions::On);
        EXPECT_EQ(world.engine.set_use_streaming_write_12(VariantBool::True),
                  HResult::NotImplemented)
            << "no recorder";
        world.ready();
        world.on_other = [&](const transports::Request& request) {
            return real_time_streaming(request, row.current, row.stream_writing);
        };
        EXPECT_EQ(world.engine.set_use_streaming_write_12(VariantBool::True), row.code);
        CountingStream stream;
        EXPECT_EQ(world.engine.write_section(&stream, 5, 33), HResult::Ok);
        const bool streams = row.code == HResult::Ok;
        EXPECT_EQ(world.writes.at(0).opcode, streams ? 0xAA : 0x2A);
        EXPECT_EQ(world.writes.at(0).streaming, streams);
        EXPECT_EQ(world.writes.at(1).lba, 37);
        EXPECT_EQ(world.writes.at(1).blocks, 1U);
    }
}

TEST(WriteEngineProperty, StreamingHoldsForTheRecorderItWasSetFor) {
    EngineWorld world(Extensions::On);
    world.ready();
    world.on_other = [](const transports::Request& request) {
        return real_time_streaming(request, true, true);
    };
    EXPECT_EQ(world.engine.set_use_streaming_write_12(VariantBool::True), HResult::Ok);
    Recorder other(world.recorder.device());
    EXPECT_EQ(world.engine.set_recorder(&other), HResult::Ok);
    CountingStream stream;
    EXPECT_EQ(world.engine.write_section(&stream, 0, 1), HResult::InvalidArgument);
}

TEST(WriteSection, RefusesWhatCannotBeWritten) {
    constexpr std::int32_t kMost = std::numeric_limits<std::int32_t>::max();
    struct Row {
        std::int32_t start;
        std::int32_t count;
    };
    for (const Row row : {Row{0, 0}, {0, -1}, {kMost, 1}, {1, kMost}, {0, -kMost - 1}}) {
        EngineWorld world;
        world.ready();
        CountingStream stream;
        EXPECT_EQ(world.engine.write_section(&stream, row.start, row.count),
                  HResult::InvalidArgument);
        EXPECT_EQ(world.events.updates.size(), 0U) << "the operation never began";
        EXPECT_EQ(world.writes.size(), 0U);
    }
}

TEST(WriteSection, TakesTheLastAddressThereIs) {
    constexpr std::int32_t kMost = std::numeric_limits<std::int32_t>::max();
    EngineWorld world;
    world.ready();
    CountingStream stream;
    EXPECT_EQ(world.engine.write_section(&stream, kMost - 1, 1), HResult::Ok);
    EXPECT_EQ(world.writes.at(0).lba, kMost - 1);
}

TEST(WriteSection, NeedsAStream) {
    EngineWorld world;
    world.ready();
    EXPECT_EQ(world.engine.write_section(nullptr, 0, 1), HResult::Pointer);
    EXPECT_EQ(world.events.updates.size(), 0U);
}

TEST(WriteSection, NeedsARecorder) {
    EngineWorld world;
    (void)world.engine.set_bytes_per_sector(2048);
    CountingStream stream;
    EXPECT_EQ(world.engine.write_section(&stream, 0, 1), HResult::RecorderRequired);
    EXPECT_EQ(world.events.updates.size(), 0U);
}

TEST(WriteSection, NeedsASectorSize) {
    EngineWorld world;
    (void)world.engine.set_recorder(&world.recorder);
    CountingStream stream;
    EXPECT_EQ(world.engine.write_section(&stream, 0, 1), HResult::InvalidArgument);
    EXPECT_EQ(world.events.updates.size(), 0U);
}

TEST(WriteSection, RefusesASectorSizeThatItsRecorderCannotTake) {
    EngineWorld world;
    EXPECT_EQ(world.engine.set_bytes_per_sector(65537), HResult::Ok);
    EXPECT_EQ(world.engine.set_recorder(&world.recorder), HResult::Ok);
    CountingStream stream;
    EXPECT_EQ(world.engine.write_section(&stream, 0, 1), HResult::InvalidArgument);
    EXPECT_EQ(world.events.updates.size(), 0U);
}

TEST(WriteSection, OnADriveThatAnotherHasIsLocked) {
    EngineWorld world;
    world.ready();
    Recorder other(world.recorder.device());
    EXPECT_EQ(other.acquire_exclusive_access(VariantBool::True, "other"), HResult::Ok);
    CountingStream stream;
    EXPECT_EQ(world.engine.write_section(&stream, 0, 1), HResult::Locked);
    EXPECT_EQ(world.events.updates.size(), 0U);
    EXPECT_EQ(world.engine.write_in_progress(), VariantBool::False);
    EXPECT_EQ(world.writes.size(), 0U);
}

TEST(WriteSection, InsideASectionIsInProgress) {
    EngineWorld world;
    world.ready();
    CountingStream stream;
    world.events.act = [&](WriteEngine& engine, std::size_t number) {
        if (number == 1) {
            EXPECT_EQ(engine.write_section(&stream, 0, 1), HResult::WriteInProgress);
        }
    };
    world.during = [&](std::size_t /*number*/) {
        EXPECT_EQ(world.engine.write_section(&stream, 0, 1), HResult::WriteInProgress);
    };
    EXPECT_EQ(world.engine.write_section(&stream, 0, 64), HResult::Ok);
    EXPECT_EQ(world.writes.size(), 2U);
    EXPECT_EQ(world.events.updates.size(), 2U);
}

TEST(WriteSection, FromTheUpdateAfterIsTheNextOne) {
    EngineWorld world;
    world.ready();
    CountingStream stream;
    HResult nested = HResult::Fail;
    world.events.act = [&](WriteEngine& engine, std::size_t number) {
        if (number == 2) {
            nested = engine.write_section(&stream, 64, 32);
        }
    };
    EXPECT_EQ(world.engine.write_section(&stream, 0, 64), HResult::Ok);
    EXPECT_EQ(nested, HResult::Ok);
    EXPECT_EQ(world.writes.size(), 3U);
    EXPECT_EQ(world.events.updates.size(), 4U);
}

TEST(WriteSection, HasTheDriveToItself) {
    EngineWorld world;
    world.ready();
    Recorder other(world.recorder.device());
    world.during = [&](std::size_t /*number*/) {
        EXPECT_EQ(other.acquire_exclusive_access(VariantBool::True, "other"), HResult::Locked);
        EXPECT_FALSE(other.writes_streams());
        EXPECT_EQ(other.exclusive_access_owner(), "kiln write engine");
    };
    CountingStream stream;
    EXPECT_EQ(world.engine.write_section(&stream, 0, 1), HResult::Ok);
    EXPECT_EQ(world.transport.cdbs.size(), 1U);
    EXPECT_EQ(other.acquire_exclusive_access(VariantBool::True, "other"), HResult::Ok);
}

TEST(WriteEngineSetter, WhileWritingFailsAndChangesNothing) {
    EngineWorld world;
    world.ready();
    (void)world.engine.set_starting_sectors_per_second(150);
    Recorder other(world.recorder.device());
    world.events.act = [&](WriteEngine& engine, std::size_t number) {
        if (number != 1) {
            return;
        }
        EXPECT_EQ(engine.set_recorder(&other), HResult::Fail);
        for (const std::int32_t value : {2352, 0}) {
            EXPECT_EQ(engine.set_bytes_per_sector(value), HResult::Fail);
            EXPECT_EQ(engine.set_starting_sectors_per_second(value), HResult::Fail);
            EXPECT_EQ(engine.set_ending_sectors_per_second(value), HResult::Fail);
        }
        EXPECT_EQ(engine.set_use_streaming_write_12(VariantBool::False), HResult::Fail);
        EXPECT_EQ(engine.set_use_streaming_write_12(VariantBool::True), HResult::NotImplemented);
    };
    CountingStream stream;
    EXPECT_EQ(world.engine.write_section(&stream, 0, 64), HResult::Ok);
    EXPECT_EQ(world.engine.recorder(), &world.recorder);
    EXPECT_EQ(world.engine.bytes_per_sector(), 2048);
    EXPECT_EQ(world.engine.starting_sectors_per_second(), 150);
    EXPECT_EQ(world.engine.ending_sectors_per_second(), -1);
    EXPECT_EQ(world.engine.set_bytes_per_sector(2352), HResult::Ok);
}

}  // namespace
}  // namespace kiln::harness

// The write engine on simulated drives: what is on the medium is what was reported, and the track
// is left to the caller.

#include <cstddef>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "mmc/commands/primary.h"
#include "mmc/commands/track.h"
#include "mmc/mode_pages.h"
#include "mmc/responses/track_information.h"

#include "stack/drive.h"
#include "stack/facts.h"
#include "stack/hresult.h"
#include "stack/imapi/data_format.h"
#include "stack/imapi/recorder.h"
#include "stack/imapi/stream.h"
#include "stack/imapi/write_engine.h"
#include "stack/medium.h"

#include "harness/sim/medium_kind.h"
#include "harness/testing/generated_source.h"
#include "harness/testing/imapi/engine_world.h"
#include "harness/testing/imapi/sim_world.h"

namespace kiln::harness {
namespace {

using stack::HResult;
using stack::imapi::DataFormat;
using stack::imapi::Recorder;
using stack::imapi::SourceStream;
using stack::imapi::WriteEngine;

std::vector<std::uint8_t> pattern(std::uint64_t seed, std::uint64_t blocks) {
    std::vector<std::uint8_t> expected(blocks * 2048);
    fill_pattern(seed, 0, expected);
    return expected;
}

/// Stage 1 for a CD: track at once, mode 1, the session stays open.
void set_write_parameters(Recorder& recorder) {
    mmc::WriteParametersPage page;
    page.buffer_underrun_free = true;
    page.write_type = mmc::WriteType::TrackAtOnce;
    page.multi_session = mmc::MultiSession::Allowed;
    page.track_mode = 4;
    page.data_block_type = mmc::DataBlockType::Mode1;
    const auto bytes = mmc::encode(mmc::make_page(page).value()).value();
    ASSERT_EQ(recorder.set_mode_page(mmc::PageControl::Current, bytes), HResult::Ok);
}

/// Stage 2.
std::int32_t next_writable(Recorder& recorder) {
    const auto bytes = recorder.track_information(0xFF, mmc::TrackAddressType::Track).value();
    return static_cast<std::int32_t>(
        mmc::decode_track_information(bytes).value().next_writable_address);
}

TEST(WriteEngineOnADrive, OverwritesASectionOfARewritableMedium) {
    SimWorld world(MediumKind::DvdPlusRw);
    DataFormat format;
    (void)format.set_recorder(&world.recorder());
    (void)format.set_client_name("kiln");
    GeneratedSource first(1, std::uint64_t{1024} * 2048);
    SourceStream image(first);
    ASSERT_EQ(format.write(&image), HResult::Ok);

    WriteEngine engine;
    ASSERT_EQ(engine.set_recorder(&world.recorder()), HResult::Ok);
    ASSERT_EQ(engine.set_bytes_per_sector(2048), HResult::Ok);
    GeneratedSource other(2, std::uint64_t{256} * 2048);
    SourceStream section(other);
    EXPECT_EQ(engine.write_section(&section, 512, 256), HResult::Ok);
    EXPECT_EQ(world.on_medium(512, 256), pattern(2, 256));
    const auto around = pattern(1, 1024);
    const auto before = world.on_medium(0, 512);
    EXPECT_TRUE(std::equal(before.begin(), before.end(), around.begin()));
    const auto behind = world.on_medium(768, 256);
    EXPECT_TRUE(std::equal(behind.begin(), behind.end(), around.begin() + 768 * 2048));
}

/// Cancelled after some WRITEs: the track is open, the caller flushes and closes, and the disc has
/// what was reported as written.
TEST(WriteEngineOnADrive, LeavesTheTrackToTheCallerAfterACancel) {
    SimWorld world(MediumKind::CdR);
    set_write_parameters(world.recorder());
    const std::int32_t start = next_writable(world.recorder());
    WriteEngine engine;
    (void)engine.set_recorder(&world.recorder());
    (void)engine.set_bytes_per_sector(2048);
    RecordingEvents events;
    std::size_t writes = 0;
    HResult answer = HResult::Fail;
    world.before_each([&](std::uint8_t opcode) {
        writes += opcode == 0x2A ? 1U : 0U;
        if (writes == 20 && answer == HResult::Fail) {
            answer = engine.cancel_write();
        }
    });
    engine.advise(&events);
    GeneratedSource data(3, std::uint64_t{3200} * 2048);
    SourceStream stream(data);
    EXPECT_EQ(engine.write_section(&stream, start, 3200), HResult::RequestCancelled);
    EXPECT_EQ(answer, HResult::Ok);
    const auto& last = events.updates.back();
    const auto blocks = static_cast<std::uint32_t>(last.last_written_lba - last.start_lba + 1);
    EXPECT_EQ(blocks, engine.sectors_written());
    EXPECT_GT(blocks, 0U);
    EXPECT_EQ(world.count_of(0x35), 0U) << "no flush";
    EXPECT_EQ(world.count_of(0x5B), 0U) << "no close";

    world.before_each({});
    const auto& device = world.recorder().device();
    stack::Drive drive(device.transport, device.clock, device.waker);
    drive.assume(stack::MediumFamily::CdR, mmc::BlockCount{0});
    EXPECT_TRUE(drive.synchronize_cache()) << "no wake is left over that would end this";
    EXPECT_TRUE(drive.close(mmc::CloseFunction::Session));
    EXPECT_EQ(world.on_medium(start, blocks), pattern(3, blocks));
    const auto medium = stack::detect_medium(drive);
    ASSERT_TRUE(medium);
    EXPECT_TRUE(medium->is_appendable());
}

TEST(WriteEngineOnADrive, SaysThatAnAddressIsNotTheNextOne) {
    SimWorld world(MediumKind::CdR);
    set_write_parameters(world.recorder());
    WriteEngine engine;
    (void)engine.set_recorder(&world.recorder());
    (void)engine.set_bytes_per_sector(2048);
    GeneratedSource data(3, std::uint64_t{32} * 2048);
    SourceStream stream(data);
    EXPECT_EQ(engine.write_section(&stream, 5000, 32), HResult::UnexpectedResponse);
    ASSERT_TRUE(engine.failure());
    EXPECT_EQ(engine.failure()->message().substr(0, 34), "writing: WRITE (10) lba=5000 n=32:");
}

TEST(RecorderOnADrive, AnswersWithWhatTheDriveSays) {
    SimWorld world(MediumKind::CdR);
    Recorder& it = world.recorder();
    EXPECT_EQ(it.disc_information().value().size(), 34U);
    EXPECT_GT(it.supported_feature_pages(stack::imapi::VariantBool::False).value().size(), 10U);
    EXPECT_GT(it.supported_profiles(stack::imapi::VariantBool::False).value().size(), 1U);
    EXPECT_FALSE(it.supported_mode_pages(mmc::PageControl::Current).value().empty());
    EXPECT_EQ(
        it.mode_page(mmc::PageCode::WriteParameters, mmc::PageControl::Current).value().at(0) &
            0x3F,
        0x05);
    EXPECT_FALSE(it.adapter_descriptor().value().empty());
    EXPECT_GT(it.device_descriptor().value().size(), 72U);
    EXPECT_EQ(it.read_dvd_structure(0, 0, 0, 0).has_value(), false) << "not of a CD";
}

}  // namespace
}  // namespace kiln::harness

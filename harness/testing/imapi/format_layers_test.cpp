// IMAPI2's data and erase layers on simulated drives: codes, refusals, defaults, and that discs are
// really burned.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "mmc/commands/primary.h"
#include "mmc/mode_pages.h"

#include "stack/hresult.h"
#include "stack/imapi/data_format.h"
#include "stack/imapi/erase.h"
#include "stack/imapi/recorder.h"
#include "stack/imapi/stream.h"
#include "stack/outcome.h"

#include "harness/sim/medium_kind.h"
#include "harness/testing/generated_source.h"
#include "harness/testing/imapi/sim_world.h"

namespace kiln::harness {
namespace {

using stack::HResult;
using stack::Phase;
using stack::imapi::DataEventArgs;
using stack::imapi::DataEvents;
using stack::imapi::DataFormat;
using stack::imapi::Erase;
using stack::imapi::EraseEvents;
using stack::imapi::Recorder;
using stack::imapi::SourceStream;
using stack::imapi::VariantBool;

constexpr std::uint8_t kWrite = 0x2A;
constexpr std::uint8_t kBlank = 0xA1;
constexpr std::uint64_t kMegabytes = 3 * 1024 * 1024;

class RecordingDataEvents final : public DataEvents {
public:
    HResult update(DataFormat& object, const DataEventArgs& progress) override {
        updates.push_back(progress);
        if (act) {
            act(object, progress);
        }
        return HResult::Fail;
    }
    std::vector<DataEventArgs> updates;
    std::function<void(DataFormat&, const DataEventArgs&)> act;
};

/// A layer that has what it needs, and a stream of `bytes`.
struct Burning {
    explicit Burning(MediumKind kind, std::uint64_t bytes = kMegabytes, std::uint32_t blocks = 0)
        : world(kind, blocks), source(1, bytes), stream(source) {
        (void)format.set_recorder(&world.recorder());
        (void)format.set_client_name("kiln test");
        format.advise(&events);
    }
    SimWorld world;
    GeneratedSource source;
    SourceStream stream;
    RecordingDataEvents events;
    DataFormat format;
};

std::vector<std::uint8_t> pattern(std::uint64_t bytes) {
    std::vector<std::uint8_t> expected(bytes);
    fill_pattern(1, 0, expected);
    return expected;
}

TEST(DataFormat, BurnsTheStream) {
    for (const MediumKind kind : {MediumKind::CdR, MediumKind::DvdPlusR, MediumKind::BdRe}) {
        Burning it(kind);
        EXPECT_EQ(it.format.write(&it.stream), HResult::Ok);
        EXPECT_EQ(it.world.on_medium(0, kMegabytes / 2048), pattern(kMegabytes));
        EXPECT_EQ(it.world.access().owner(), "") << "released";
        EXPECT_FALSE(it.world.fake().view().locked);
        ASSERT_FALSE(it.events.updates.empty());
        EXPECT_EQ(it.events.updates.back().current_action, Phase::Completed);
    }
}

TEST(DataFormat, AppendsAPostgapToACdUnlessTheImageHasIt) {
    for (const VariantBool in_image : {VariantBool::False, VariantBool::True}) {
        Burning it(MediumKind::CdR);
        EXPECT_EQ(it.format.set_postgap_already_in_image(in_image), HResult::Ok);
        EXPECT_EQ(it.format.write(&it.stream), HResult::Ok);
        const std::uint64_t postgap = in_image == VariantBool::False ? 150 : 0;
        EXPECT_EQ(it.format.report()->written_blocks, kMegabytes / 2048 + postgap);
        EXPECT_EQ(it.world.on_medium(kMegabytes / 2048, 150),
                  std::vector<std::uint8_t>(150 * 2048));
    }
    Burning dvd(MediumKind::DvdPlusRw);
    EXPECT_EQ(dvd.format.write(&dvd.stream), HResult::Ok);
    EXPECT_EQ(dvd.format.report()->written_blocks, kMegabytes / 2048);
}

// Mode page 05h, byte 2: BUFE is bit 6.
TEST(DataFormat, SwitchesUnderrunProtectionOffOnCdAlone) {
    for (const auto& [kind, disabled, bufe] :
         {std::tuple{MediumKind::CdR, VariantBool::False, 0x40},
          std::tuple{MediumKind::CdR, VariantBool::True, 0x00},
          std::tuple{MediumKind::DvdR, VariantBool::True, 0x40}}) {
        Burning it(kind);
        EXPECT_EQ(it.format.set_buffer_underrun_free_disabled(disabled), HResult::Ok);
        EXPECT_EQ(it.format.buffer_underrun_free_disabled(), disabled);
        EXPECT_EQ(it.format.write(&it.stream), HResult::Ok);
        const auto page = it.world.recorder().mode_page(mmc::PageCode::WriteParameters,
                                                        mmc::PageControl::Current);
        ASSERT_TRUE(page);
        EXPECT_EQ((*page)[2] & 0x40, bufe);
    }
}

TEST(DataFormat, ClosesADiscThatIsFull) {
    constexpr std::uint32_t kBlocks = 8192;
    for (const std::uint32_t left : {160U, 512U}) {
        Burning it(MediumKind::BdR, std::uint64_t{kBlocks - left} * 2048, kBlocks);
        EXPECT_EQ(it.format.write(&it.stream), HResult::Ok)
            << (it.format.report()->failure ? it.format.report()->failure->message() : "");
        EXPECT_EQ(it.format.report()->disc.appendable, left * 50 > kBlocks) << left;
    }
}

TEST(DataFormat, WithoutAWriteHasNothingToCancel) {
    Burning it(MediumKind::CdR);
    EXPECT_EQ(it.format.cancel_write(), HResult::DataWriteNotInProgress);
    EXPECT_FALSE(succeeded(it.format.cancel_write())) << "an error here, other than the engine's";
    EXPECT_EQ(it.format.write(&it.stream), HResult::Ok);
    EXPECT_EQ(it.format.cancel_write(), HResult::DataWriteNotInProgress);
}

TEST(DataFormat, IsCancelledAndUsableAtOnce) {
    Burning it(MediumKind::CdR, 20 * kMegabytes);
    it.events.act = [](DataFormat& format, const DataEventArgs& progress) {
        if (progress.current_action == Phase::WritingData &&
            progress.write.last_written_lba > 500) {
            EXPECT_EQ(format.cancel_write(), HResult::Ok);
        }
    };
    EXPECT_EQ(it.format.write(&it.stream), HResult::RequestCancelled);
    ASSERT_TRUE(it.format.report());
    EXPECT_TRUE(it.format.report()->as_predicted);
    EXPECT_EQ(it.world.access().owner(), "");
    it.events.act = {};
    GeneratedSource next(1, kMegabytes);
    SourceStream stream(next);
    EXPECT_EQ(it.format.write(&stream), HResult::Ok) << "appended";
}

TEST(DataFormat, CancelledBeforeAnythingIsWrittenLeavesTheDiscBlank) {
    Burning it(MediumKind::CdR);
    it.events.act = [](DataFormat& format, const DataEventArgs& progress) {
        if (progress.current_action == Phase::ValidatingMedia) {
            EXPECT_EQ(format.cancel_write(), HResult::Ok);
        }
    };
    EXPECT_EQ(it.format.write(&it.stream), HResult::RequestCancelled);
    EXPECT_EQ(it.world.count_of(kWrite), 0U);
}

TEST(DataFormat, WhileWritingRefusesWhatThePagesSay) {
    Burning it(MediumKind::CdR);
    Recorder other(it.world.recorder().device());
    int updates = 0;
    it.events.act = [&](DataFormat& format, const DataEventArgs& /*progress*/) {
        ++updates;
        EXPECT_EQ(format.write(&it.stream), HResult::WriteInProgress);
        EXPECT_EQ(format.set_recorder(&it.world.recorder()), HResult::WriteInProgress);
        EXPECT_EQ(format.set_recorder(nullptr), HResult::WriteInProgress);
        EXPECT_EQ(format.set_client_name("x"), HResult::WriteInProgress);
        EXPECT_EQ(format.set_force_media_to_be_closed(VariantBool::True), HResult::WriteInProgress);
        EXPECT_EQ(format.set_buffer_underrun_free_disabled(VariantBool::True),
                  HResult::WriteInProgress);
        EXPECT_EQ(format.set_postgap_already_in_image(VariantBool::True), HResult::WriteInProgress);
        EXPECT_EQ(format.set_disable_consumer_dvd_compatibility_mode(VariantBool::True),
                  HResult::WriteInProgress);
        EXPECT_EQ(format.set_force_overwrite(VariantBool::True), HResult::Ok) << "none listed";
        EXPECT_EQ(format.set_write_speed(-1, VariantBool::False), HResult::Locked);
        EXPECT_EQ(other.acquire_exclusive_access(VariantBool::True, "other"), HResult::Locked);
        EXPECT_EQ(other.exclusive_access_owner(), "kiln test");
    };
    EXPECT_EQ(it.format.write(&it.stream), HResult::Ok);
    EXPECT_GT(updates, 3);
    EXPECT_EQ(it.format.force_media_to_be_closed(), VariantBool::False) << "unchanged";
}

TEST(DataFormat, HasItsDefaults) {
    const DataFormat format;
    EXPECT_EQ(format.recorder(), nullptr);
    EXPECT_EQ(format.client_name(), "");
    EXPECT_EQ(format.force_media_to_be_closed(), VariantBool::False);
    EXPECT_EQ(format.buffer_underrun_free_disabled(), VariantBool::False);
    EXPECT_EQ(format.postgap_already_in_image(), VariantBool::False);
    EXPECT_EQ(format.disable_consumer_dvd_compatibility_mode(), VariantBool::False);
    EXPECT_EQ(format.force_overwrite(), VariantBool::False);
    EXPECT_EQ(format.requested_write_speed(), -1);
    EXPECT_EQ(format.requested_rotation_type_is_pure_cav(), VariantBool::False);
}

TEST(DataFormat, NeedsAStreamARecorderAndAName) {
    SimWorld world(MediumKind::CdR);
    GeneratedSource source(1, kMegabytes);
    SourceStream stream(source);
    DataFormat format;
    EXPECT_EQ(format.write(nullptr), HResult::Pointer);
    EXPECT_EQ(format.write(&stream), HResult::RecorderRequired);
    EXPECT_EQ(format.set_recorder(&world.recorder()), HResult::Ok);
    EXPECT_EQ(format.write(&stream), HResult::DataClientNameNotValid);
    EXPECT_EQ(format.set_client_name("a/b"), HResult::DataClientNameNotValid);
    EXPECT_EQ(format.set_client_name("kiln"), HResult::Ok);
    EXPECT_EQ(format.set_recorder(nullptr), HResult::Ok) << "clears it";
    EXPECT_EQ(format.write(&stream), HResult::RecorderRequired);
}

TEST(DataFormat, NeedsASizeThatIsAMultipleOf2048) {
    for (const std::uint64_t bytes : {std::uint64_t{0}, std::uint64_t{2047}, kMegabytes + 1}) {
        Burning it(MediumKind::CdR, bytes);
        EXPECT_EQ(it.format.write(&it.stream), HResult::DataStreamNotSupported) << bytes;
        EXPECT_EQ(it.world.count_of(kWrite), 0U);
    }
}

TEST(DataFormat, SaysWhatIsWrongWithTheMedium) {
    Burning full(MediumKind::CdR);
    EXPECT_EQ(full.format.set_force_media_to_be_closed(VariantBool::True), HResult::Ok);
    EXPECT_EQ(full.format.write(&full.stream), HResult::Ok);
    GeneratedSource more(2, kMegabytes);
    SourceStream second(more);
    EXPECT_EQ(full.format.write(&second), HResult::DataInvalidMediaState) << "closed";

    Burning large(MediumKind::CdR, std::uint64_t{2048} * 500'000);
    EXPECT_EQ(large.format.write(&large.stream), HResult::DataStreamTooLarge);

    Burning rewritable(MediumKind::BdRe);
    EXPECT_EQ(rewritable.format.write(&rewritable.stream), HResult::Ok);
    GeneratedSource other(3, kMegabytes);
    SourceStream third(other);
    EXPECT_EQ(rewritable.format.write(&third), HResult::DataMediaNotBlank);
    EXPECT_EQ(rewritable.format.set_force_overwrite(VariantBool::True), HResult::Ok);
    EXPECT_EQ(rewritable.format.write(&third), HResult::Ok);
}

/// The table of the page: only with compatibility off and nothing forced a DVD+R stays open.
TEST(DataFormat, ClosesDvdPlusRUnlessCompatibilityIsOff) {
    struct Row {
        MediumKind kind;
        VariantBool disable;
        VariantBool force;
        bool appendable;
    };
    constexpr auto kOff = VariantBool::False;
    constexpr auto kOn = VariantBool::True;
    for (const Row row : {Row{MediumKind::DvdPlusR, kOff, kOff, false},
                          {MediumKind::DvdPlusR, kOn, kOff, true},
                          {MediumKind::DvdPlusR, kOn, kOn, false},
                          {MediumKind::DvdPlusRDl, kOn, kOff, false},
                          {MediumKind::CdR, kOff, kOff, true},
                          {MediumKind::CdR, kOff, kOn, false}}) {
        Burning it(row.kind);
        EXPECT_EQ(it.format.set_disable_consumer_dvd_compatibility_mode(row.disable), HResult::Ok);
        EXPECT_EQ(it.format.set_force_media_to_be_closed(row.force), HResult::Ok);
        EXPECT_EQ(it.format.write(&it.stream), HResult::Ok);
        EXPECT_EQ(it.format.report()->disc.appendable, row.appendable);
    }
}

TEST(DataFormat, TakesTheNearestSpeedAndSaysSo) {
    Burning it(MediumKind::CdR);
    EXPECT_EQ(it.format.set_write_speed(0, VariantBool::False), HResult::InvalidArgument);
    EXPECT_EQ(it.format.set_write_speed(-1, VariantBool::False), HResult::Ok);
    EXPECT_EQ(it.format.set_write_speed(-1, VariantBool::True), HResult::RotationAdjusted);
    EXPECT_EQ(it.format.set_write_speed(1, VariantBool::False), HResult::SpeedAdjusted);
    EXPECT_EQ(it.format.set_write_speed(1, VariantBool::True), HResult::BothAdjusted);
    EXPECT_EQ(it.format.requested_write_speed(), 1);
    DataFormat nothing;
    EXPECT_EQ(nothing.set_write_speed(-1, VariantBool::False), HResult::RecorderRequired);
}

TEST(DataFormat, OnADriveThatAnotherHasIsLocked) {
    Burning it(MediumKind::CdR);
    Recorder other(it.world.recorder().device());
    ASSERT_EQ(other.acquire_exclusive_access(VariantBool::True, "other"), HResult::Ok);
    EXPECT_EQ(it.format.write(&it.stream), HResult::Locked);
    EXPECT_EQ(it.format.set_recorder(&it.world.recorder()), HResult::Locked);
}

class RecordingEraseEvents final : public EraseEvents {
public:
    HResult update(Erase& object, std::int32_t elapsed_seconds,
                   std::int32_t /*estimated_total_seconds*/) override {
        last_elapsed = elapsed_seconds;
        ++updates;
        if (act) {
            act(object);
        }
        return HResult::Fail;
    }
    std::function<void(Erase&)> act;
    std::int32_t last_elapsed = 0;
    int updates = 0;
};

TEST(EraseMedia, BlanksARewritableDisc) {
    SimWorld world(MediumKind::CdRw);
    DataFormat format;
    (void)format.set_recorder(&world.recorder());
    (void)format.set_client_name("kiln");
    GeneratedSource source(1, kMegabytes);
    SourceStream stream(source);
    ASSERT_EQ(format.write(&stream), HResult::Ok);
    Erase erase;
    EXPECT_EQ(erase.full_erase(), VariantBool::False);
    EXPECT_EQ(erase.erase_media(), HResult::RecorderRequired);
    EXPECT_EQ(erase.set_recorder(&world.recorder()), HResult::Ok);
    EXPECT_EQ(erase.erase_media(), HResult::EraseClientNameNotValid);
    EXPECT_EQ(erase.set_client_name("kiln"), HResult::Ok);
    EXPECT_EQ(erase.erase_media(), HResult::Ok);
    EXPECT_EQ(world.count_of(kBlank), 1U);
    EXPECT_EQ(world.access().owner(), "");
}

TEST(EraseMedia, WhileRunningRefusesRecorderAndName) {
    SimWorld world(MediumKind::CdRw);
    Erase erase;
    (void)erase.set_recorder(&world.recorder());
    (void)erase.set_client_name("kiln");
    RecordingEraseEvents events;
    events.act = [&](Erase& object) {
        EXPECT_EQ(object.set_recorder(&world.recorder()), HResult::EraseRecorderInUse);
        EXPECT_EQ(object.set_recorder(nullptr), HResult::EraseRecorderInUse);
        EXPECT_EQ(object.set_client_name("x"), HResult::EraseRecorderInUse);
        EXPECT_EQ(object.erase_media(), HResult::EraseRecorderInUse);
    };
    erase.advise(&events);
    EXPECT_EQ(erase.set_full_erase(VariantBool::True), HResult::Ok);
    EXPECT_EQ(erase.erase_media(), HResult::Ok);
    EXPECT_GT(events.updates, 2);
    EXPECT_GT(events.last_elapsed, 10);
}

TEST(EraseMedia, HasOneRecorderAtATime) {
    SimWorld world(MediumKind::CdRw);
    Recorder other(world.recorder().device());
    Erase erase;
    EXPECT_EQ(erase.set_recorder(&world.recorder()), HResult::Ok);
    EXPECT_EQ(erase.set_recorder(&world.recorder()), HResult::Ok) << "the same";
    EXPECT_EQ(erase.set_recorder(&other), HResult::EraseOnlyOneRecorder);
    EXPECT_EQ(erase.set_recorder(nullptr), HResult::Ok);
    EXPECT_EQ(erase.set_recorder(&other), HResult::Ok);
}

TEST(EraseMedia, RefusesWhatCannotBeErased) {
    SimWorld world(MediumKind::CdR);
    Erase erase;
    (void)erase.set_recorder(&world.recorder());
    (void)erase.set_client_name("kiln");
    EXPECT_EQ(erase.erase_media(), HResult::EraseMediaNotErasable);
    EXPECT_EQ(world.count_of(kBlank), 0U);
}

}  // namespace
}  // namespace kiln::harness

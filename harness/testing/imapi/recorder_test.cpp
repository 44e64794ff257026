// IDiscRecorder2Ex: commands as they are sent, answers as they come. Bytes by hand.

#include "stack/imapi/recorder.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "mmc/bytes.h"
#include "mmc/commands/primary.h"
#include "mmc/commands/track.h"
#include "mmc/feature_codes.h"
#include "mmc/hex.h"
#include "mmc/mode_pages.h"
#include "mmc/profiles.h"
#include "mmc/sense.h"

#include "transports/error.h"
#include "transports/transport.h"

#include "stack/hresult.h"

#include "harness/testing/imapi/engine_world.h"

namespace kiln::harness {
namespace {

using mmc::SenseKey;
using stack::HResult;
using stack::imapi::Recorder;
using stack::imapi::VariantBool;
using Bytes = std::vector<std::uint8_t>;

/// A drive that has one answer, cut at what is asked for.
struct OneAnswer {
    explicit OneAnswer(Bytes bytes) : answer(std::move(bytes)) {
        world.on_other = [this](const transports::Request& request) { return give(request); };
    }
    std::optional<EngineWorld::Answer> give(const transports::Request& request) {
        cdbs.push_back(mmc::to_hex(request.cdb.bytes()));
        transports::Completion completion;
        if (const auto* in = std::get_if<transports::DataIn>(&request.data)) {
            const std::size_t size = std::min(answer.size(), in->buffer.size());
            std::copy_n(answer.begin(), size, in->buffer.begin());
            completion.moved = static_cast<std::uint32_t>(size);
        } else if (const auto* out = std::get_if<transports::DataOut>(&request.data)) {
            sent.assign(out->buffer.begin(), out->buffer.end());
        }
        return completion;
    }

    Bytes answer;
    Bytes sent;
    std::vector<std::string> cdbs;
    EngineWorld world;
};

/// A drive that refuses everything with one sense.
struct Refusal {
    Refusal(SenseKey key, mmc::AdditionalSense additional) {
        world.on_other = [=](const transports::Request& /*request*/) {
            return std::optional(EngineWorld::check(key, additional));
        };
    }
    EngineWorld world;
};

TEST(CdbLength, FollowsTheGroupOfTheOperationCode) {
    struct Row {
        std::uint8_t opcode;
        std::vector<std::size_t> fits;
    };
    const std::vector<std::size_t> any = {6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    const Row rows[] = {
        {0x00, {6}},  {0x1F, {6}}, {0x25, {10}}, {0x2A, {10}}, {0x3F, {10}}, {0x40, {10}},
        {0x5F, {10}}, {0x60, any}, {0x7F, any},  {0x80, {16}}, {0x9F, {16}}, {0xA0, {12}},
        {0xBF, {12}}, {0xC0, any}, {0xFF, any},  {0x02, any},  {0x10, any},  {0x19, any},
        {0x20, any},  {0x24, any}, {0x27, any},  {0x2D, any},  {0x2B, {10}}, {0x03, {6}},
    };
    for (const Row& row : rows) {
        for (std::size_t size = 0; size <= 20; ++size) {
            Bytes cdb(size, 0);
            if (!cdb.empty()) {
                cdb[0] = row.opcode;
            }
            const bool fits = std::find(row.fits.begin(), row.fits.end(), size) != row.fits.end();
            EXPECT_EQ(stack::imapi::cdb_length_fits(cdb), fits) << int{row.opcode} << " " << size;
        }
    }
}

constexpr std::array<std::uint8_t, 6> kTestUnitReady{};

TEST(SendCommand, GivesTheSenseOfACommandThatFailedWithACodeOfSuccess) {
    Refusal drive(SenseKey::NotReady, 0x3A01);
    Recorder::SenseBuffer sense{};
    const HResult code = drive.world.recorder.send_command_no_data(kTestUnitReady, sense, 7);
    EXPECT_EQ(code, HResult::CommandHasSenseData);
    EXPECT_TRUE(succeeded(code)) << "as documented";
    EXPECT_EQ(mmc::to_hex(sense), "70 00 02 00 00 00 00 0a 00 00 00 00 3a 01 00 00 00 00");
    EXPECT_EQ(drive.world.transport.last_timeout, std::chrono::seconds(7));
    EXPECT_EQ(drive.world.transport.cdbs.size(), 1U) << "once, whatever it says";
}

TEST(SendCommand, ClearsTheSenseOfOneThatDidNot) {
    OneAnswer drive({});
    Recorder::SenseBuffer sense{};
    sense.fill(0xEE);
    EXPECT_EQ(drive.world.recorder.send_command_no_data(kTestUnitReady, sense, 7), HResult::Ok);
    EXPECT_EQ(sense, Recorder::SenseBuffer{});
}

TEST(SendCommand, MovesDataBothWays) {
    OneAnswer drive({1, 2, 3});
    Recorder::SenseBuffer sense{};
    const std::array<std::uint8_t, 6> inquiry = {0x12, 0, 0, 0, 8, 0};
    Bytes buffer(8);
    std::size_t fetched = 99;
    EXPECT_EQ(
        drive.world.recorder.send_command_get_data_from_device(inquiry, sense, 7, buffer, fetched),
        HResult::Ok);
    EXPECT_EQ(fetched, 3U);
    EXPECT_EQ(buffer, (Bytes{1, 2, 3, 0, 0, 0, 0, 0}));
    const std::array<std::uint8_t, 10> select = {0x55, 0x10, 0, 0, 0, 0, 0, 0, 2, 0};
    EXPECT_EQ(drive.world.recorder.send_command_send_data_to_device(select, sense, 7, Bytes{8, 9}),
              HResult::Ok);
    EXPECT_EQ(drive.sent, (Bytes{8, 9}));
}

TEST(SendCommand, RefusesWhatDoesNotFit) {
    OneAnswer drive({});
    EngineWorld& world = drive.world;
    world.transport.values = {.max_transfer = 16, .alignment = 4};
    Recorder::SenseBuffer sense{};
    std::size_t fetched = 0;
    const std::array<std::uint8_t, 7> too_long{};
    const std::array<std::uint8_t, 6> inquiry = {0x12, 0, 0, 0, 8, 0};
    alignas(4) std::array<std::uint8_t, 32> room{};
    const mmc::MutableByteView all(room);
    Recorder& it = world.recorder;
    const auto get = [&](mmc::MutableByteView buffer) {
        return it.send_command_get_data_from_device(inquiry, sense, 7, buffer, fetched);
    };
    EXPECT_EQ(it.send_command_no_data(too_long, sense, 7), HResult::InvalidArgument);
    EXPECT_EQ(it.send_command_no_data(kTestUnitReady, sense, 0), HResult::InvalidArgument);
    EXPECT_EQ(get(all.first(0)), HResult::InvalidArgument) << "no buffer";
    EXPECT_EQ(get(all.first(17)), HResult::InvalidArgument) << "too long";
    EXPECT_EQ(get(all.subspan(1, 4)), HResult::InvalidArgument) << "not aligned";
    EXPECT_EQ(world.transport.cdbs.size(), 0U);
    EXPECT_EQ(get(all.subspan(4, 16)), HResult::Ok);
}

TEST(SendCommand, SaysWhyACommandDidNotComplete) {
    using Kind = transports::TransportError::Kind;
    struct Row {
        Kind kind;
        HResult code;
    };
    for (const Row row : {Row{Kind::TimedOut, HResult::CommandTimeout},
                          {Kind::Gone, HResult::DeviceNotExist},
                          {Kind::InUse, HResult::Locked},
                          {Kind::NotPermitted, HResult::AccessDenied}}) {
        EngineWorld world;
        world.on_other = [&](const transports::Request& /*request*/) {
            return std::optional(EngineWorld::broken(row.kind));
        };
        Recorder::SenseBuffer sense{};
        EXPECT_EQ(world.recorder.send_command_no_data(kTestUnitReady, sense, 7), row.code);
        EXPECT_EQ(world.recorder.disc_information().error(), row.code);
    }
}

TEST(Recorder, OfALockedDriveGetsNoCommandThrough) {
    OneAnswer drive({0, 32});
    Recorder other(drive.world.recorder.device());
    ASSERT_EQ(other.acquire_exclusive_access(VariantBool::True, "other"), HResult::Ok);
    Recorder& it = drive.world.recorder;
    Recorder::SenseBuffer sense{};
    EXPECT_EQ(it.send_command_no_data(kTestUnitReady, sense, 7), HResult::Locked);
    EXPECT_EQ(it.disc_information().error(), HResult::Locked);
    EXPECT_EQ(it.set_mode_page(mmc::PageControl::Current, Bytes{5, 0}), HResult::Locked);
    EXPECT_EQ(it.send_dvd_structure(4, Bytes{1}), HResult::Locked);
    EXPECT_EQ(drive.world.transport.cdbs.size(), 0U);
    EXPECT_TRUE(it.adapter_descriptor()) << "that is the host's";
}

TEST(Recorder, HasTheTransportsLimits) {
    EngineWorld world;
    world.transport.values = {.max_transfer = 524288, .alignment = 512};
    EXPECT_EQ(world.recorder.byte_alignment_mask(), 512U) << "not a mask, whatever its name";
    EXPECT_EQ(world.recorder.maximum_page_aligned_transfer_size(), 524288U);
    EXPECT_EQ(world.recorder.maximum_non_page_aligned_transfer_size(), 524288U);
}

TEST(Recorder, GivesDiscInformationAsItCame) {
    Bytes raw(34, 0);
    raw[1] = 32;
    raw[2] = 0x0E;
    OneAnswer drive(raw);
    EXPECT_EQ(drive.world.recorder.disc_information().value(), raw);
    EXPECT_EQ(drive.cdbs, (std::vector<std::string>{"51 00 00 00 00 00 00 00 22 00"}));
    // With OPC tables the answer is longer, and asked for whole.
    Bytes longer(42, 7);
    longer[0] = 0;
    longer[1] = 40;
    OneAnswer with_tables(longer);
    EXPECT_EQ(with_tables.world.recorder.disc_information().value(), longer);
    EXPECT_EQ(with_tables.cdbs.back(), "51 00 00 00 00 00 00 00 2a 00");
}

TEST(Recorder, GivesTrackInformationByAddressTrackAndSession) {
    Bytes raw(36, 1);
    raw[0] = 0;
    raw[1] = 34;
    OneAnswer drive(raw);
    Recorder& it = drive.world.recorder;
    EXPECT_EQ(it.track_information(1, mmc::TrackAddressType::Track).value(), raw);
    EXPECT_TRUE(it.track_information(0x01020304, mmc::TrackAddressType::LogicalBlockAddress));
    EXPECT_TRUE(it.track_information(2, mmc::TrackAddressType::Session));
    EXPECT_EQ(drive.cdbs, (std::vector<std::string>{"52 01 00 00 00 01 00 00 24 00",
                                                    "52 00 01 02 03 04 00 00 24 00",
                                                    "52 02 00 00 00 02 00 00 24 00"}));
}

// Feature 0010h, current, 8 bytes of its own.
const Bytes kRandomReadable = {0,    0, 0, 16, 0, 0, 0, 0x43, 0x00, 0x10,
                               0x01, 8, 0, 0,  8, 0, 0, 1,    1,    0};

TEST(Recorder, GivesOneFeatureWithoutTheHeader) {
    OneAnswer drive(kRandomReadable);
    const auto page =
        drive.world.recorder.feature_page(mmc::FeatureCode::RandomReadable, VariantBool::True);
    EXPECT_EQ(page.value(), Bytes(kRandomReadable.begin() + 8, kRandomReadable.end()));
    EXPECT_EQ(drive.cdbs, (std::vector<std::string>{"46 02 00 10 00 00 00 01 0c 00"}));
}

TEST(Recorder, TellsAFeatureThatIsAbsentFromOneThatIsNotCurrent) {
    const Bytes none = {0, 0, 0, 4, 0, 0, 0, 0x43};
    OneAnswer absent(none);
    EXPECT_EQ(
        absent.world.recorder.feature_page(mmc::FeatureCode::RandomReadable, VariantBool::False)
            .error(),
        HResult::NoSuchFeature);
    Bytes bytes = kRandomReadable;
    bytes[10] = 0x00;
    OneAnswer present(bytes);
    Recorder& it = present.world.recorder;
    EXPECT_TRUE(it.feature_page(mmc::FeatureCode::RandomReadable, VariantBool::False));
    EXPECT_EQ(it.feature_page(mmc::FeatureCode::RandomReadable, VariantBool::True).error(),
              HResult::FeatureNotCurrent);
    Refusal old(SenseKey::IllegalRequest, 0x2000);
    EXPECT_EQ(old.world.recorder.feature_page(mmc::FeatureCode::Core, VariantBool::False).error(),
              HResult::NoGetConfiguration);
}

TEST(Recorder, ListsFeaturesAndProfiles) {
    const Bytes raw = {0, 0, 0, 24,   0, 0, 0, 0x43, 0,    0, 0x03, 8,    0,    0x43,
                       1, 0, 0, 0x08, 0, 0, 0, 1,    0x0B, 0, 0,    0x40, 0x00, 0};
    OneAnswer drive(raw);
    Recorder& it = drive.world.recorder;
    using mmc::FeatureCode;
    using mmc::Profile;
    EXPECT_EQ(it.supported_feature_pages(VariantBool::False).value(),
              (std::vector<FeatureCode>{FeatureCode::ProfileList, FeatureCode::Core,
                                        static_cast<FeatureCode>(0x0040)}));
    EXPECT_EQ(it.supported_feature_pages(VariantBool::True).value(),
              (std::vector<FeatureCode>{FeatureCode::ProfileList, FeatureCode::Core}));
    EXPECT_EQ(it.supported_profiles(VariantBool::False).value(),
              (std::vector<Profile>{static_cast<Profile>(0x43), static_cast<Profile>(0x08)}));
    EXPECT_EQ(it.supported_profiles(VariantBool::True).value(),
              (std::vector<Profile>{static_cast<Profile>(0x43)}));
}

// Header, a block descriptor, page 05h of 4 bytes, page 2Ah of 2 bytes.
const Bytes kModes = {0, 24, 0, 0,    0, 0, 0, 8, 9, 9,    9, 9, 9,
                      9, 9,  9, 0x85, 4, 1, 2, 3, 4, 0x2A, 2, 5, 6};

TEST(Recorder, GivesOneModePageWithoutWhatStandsBefore) {
    OneAnswer drive(kModes);
    Recorder& it = drive.world.recorder;
    EXPECT_EQ(it.mode_page(mmc::PageCode::WriteParameters, mmc::PageControl::Default).value(),
              (Bytes{0x85, 4, 1, 2, 3, 4}));
    EXPECT_EQ(it.mode_page(mmc::PageCode::Capabilities, mmc::PageControl::Current).value(),
              (Bytes{0x2A, 2, 5, 6}));
    EXPECT_EQ(it.mode_page(mmc::PageCode::Caching, mmc::PageControl::Current).error(),
              HResult::NoSuchModePage)
        << "GOOD, and another page";
    EXPECT_EQ(it.mode_page(static_cast<mmc::PageCode>(0x3F), mmc::PageControl::Current).error(),
              HResult::InvalidArgument);
    EXPECT_EQ(drive.cdbs[0], "5a 00 85 00 00 00 00 00 08 00");
    EXPECT_EQ(drive.cdbs[1], "5a 00 85 00 00 00 00 00 1a 00");
    EXPECT_EQ(
        it.supported_mode_pages(mmc::PageControl::Current).value(),
        (std::vector<mmc::PageCode>{mmc::PageCode::WriteParameters, mmc::PageCode::Capabilities}));
    Refusal none(SenseKey::IllegalRequest, 0x2400);
    EXPECT_EQ(none.world.recorder.mode_page(mmc::PageCode::Mrw, mmc::PageControl::Current).error(),
              HResult::NoSuchModePage);
}

TEST(Recorder, SetsOneModePage) {
    OneAnswer drive({});
    Recorder& it = drive.world.recorder;
    EXPECT_EQ(it.set_mode_page(mmc::PageControl::Current, Bytes{0x85, 2, 7, 8}), HResult::Ok);
    EXPECT_EQ(drive.sent, (Bytes{0, 0, 0, 0, 0, 0, 0, 0, 0x05, 2, 7, 8}));
    EXPECT_EQ(it.set_mode_page(mmc::PageControl::Saved, Bytes{0x05, 2, 7, 8}), HResult::Ok);
    EXPECT_EQ(drive.cdbs, (std::vector<std::string>{"55 10 00 00 00 00 00 00 0c 00",
                                                    "55 11 00 00 00 00 00 00 0c 00"}));
    EXPECT_EQ(it.set_mode_page(mmc::PageControl::Default, Bytes{0x05, 2, 7, 8}),
              HResult::InvalidArgument);
    EXPECT_EQ(it.set_mode_page(mmc::PageControl::Current, Bytes{0x05, 3, 7, 8}),
              HResult::InvalidArgument);
    Refusal refuses(SenseKey::IllegalRequest, 0x2600);
    EXPECT_EQ(refuses.world.recorder.set_mode_page(mmc::PageControl::Current, Bytes{0x05, 0}),
              HResult::InvalidModeParameters);
}

TEST(Recorder, ReadsAndSendsADvdStructure) {
    OneAnswer drive({0, 6, 0, 0, 1, 2, 3, 4});
    Recorder& it = drive.world.recorder;
    EXPECT_EQ(it.read_dvd_structure(0x0E, 0x11223344, 1, 2).value(), (Bytes{1, 2, 3, 4}));
    EXPECT_EQ(drive.cdbs, (std::vector<std::string>{"ad 00 11 22 33 44 01 0e 00 04 80 00",
                                                    "ad 00 11 22 33 44 01 0e 00 08 80 00"}));
    EXPECT_EQ(it.read_dvd_structure(0x100, 0, 0, 0).error(), HResult::InvalidArgument);
    EXPECT_EQ(it.read_dvd_structure(0, 0, 0x100, 0).error(), HResult::InvalidArgument);
    EXPECT_EQ(it.read_dvd_structure(0, 0, 0, 4).error(), HResult::InvalidArgument);
    Refusal none(SenseKey::IllegalRequest, 0x2400);
    EXPECT_EQ(none.world.recorder.read_dvd_structure(0, 0, 0, 0).error(), HResult::NoDvdStructure);
    EXPECT_EQ(it.send_dvd_structure(0x04, Bytes{7, 8, 9}), HResult::Ok);
    EXPECT_EQ(drive.cdbs.back(), "bf 00 00 00 00 00 00 04 00 07 00 00");
    EXPECT_EQ(drive.sent, (Bytes{0, 5, 0, 0, 7, 8, 9}));
    EXPECT_EQ(it.send_dvd_structure(0x04, Bytes{}), HResult::InvalidArgument);
}

TEST(Recorder, DescribesAdapterAndDevice) {
    Bytes inquiry(36, ' ');
    inquiry[0] = 0x05;
    inquiry[1] = 0x80;
    inquiry[4] = 31;
    const std::string names = "KILN    SIMULATED DRIVE 1.00";
    std::copy(names.begin(), names.end(), inquiry.begin() + 8);
    OneAnswer drive(inquiry);
    drive.world.transport.values = {.max_transfer = 65536, .alignment = 4};
    const Bytes device = drive.world.recorder.device_descriptor().value();
    EXPECT_EQ(mmc::to_hex(mmc::ByteView(device).first(12)), "28 00 00 00 67 00 00 00 05 00 01 00");
    EXPECT_EQ(device.size(), 0x67U);
    const auto text_at = [&](std::size_t offset) {
        std::string text;
        for (std::size_t i = device.at(offset); device.at(i) != 0; ++i) {
            text += static_cast<char>(device.at(i));
        }
        return text;
    };
    EXPECT_EQ(text_at(12).substr(0, 4), "KILN");
    EXPECT_EQ(text_at(20), "1.00");
    EXPECT_EQ(Bytes(device.begin() + 36, device.begin() + 72), inquiry);
    // Feature 0001h says USB (8): BusTypeUsb is 7.
    OneAnswer usb({0, 0, 0, 12, 0, 0, 0, 0, 0, 1, 0x0B, 4, 0, 0, 0, 8});
    usb.world.transport.values = {.max_transfer = 65536, .alignment = 4};
    EXPECT_EQ(mmc::to_hex(usb.world.recorder.adapter_descriptor().value()),
              "20 00 00 00 20 00 00 00 00 00 01 00 11 00 00 00 03 00 00 00 00 00 00 00 07 00 00 00 "
              "00 00 00 00");
}

TEST(Recorder, AsksAgainAfterAUnitAttentionAndNotABusyDrive) {
    Bytes raw(34, 0);
    raw[1] = 32;
    OneAnswer drive(raw);
    int news = 2;
    drive.world.on_other = [&](const transports::Request& request) {
        return news-- > 0 ? std::optional(EngineWorld::check(SenseKey::UnitAttention, 0x2900))
                          : drive.give(request);
    };
    EXPECT_EQ(drive.world.recorder.disc_information().value(), raw);
    Refusal becoming(SenseKey::NotReady, 0x0401);
    EXPECT_EQ(becoming.world.recorder.disc_information().error(), HResult::MediaBecomingReady);
    EXPECT_EQ(becoming.world.transport.cdbs.size(), 1U);
}

TEST(Recorder, SaysThatAnAnswerIsTooShort) {
    OneAnswer drive({0, 32, 0x0E});
    EXPECT_EQ(drive.world.recorder.disc_information().error(), HResult::InvalidResponse);
    EXPECT_EQ(drive.world.recorder.feature_page(mmc::FeatureCode::Core, VariantBool::False).error(),
              HResult::InvalidResponse);
}

}  // namespace
}  // namespace kiln::harness

// Both machines, one against the other: the thirteen cases by number, and a host that survives a
// device which breaks each rule.

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "mmc/hex.h"

#include "harness/sim/sim_address.h"
#include "harness/usb/bot_device.h"
#include "harness/usb/bot_pump.h"

namespace kiln::transports::bot {
namespace {

using harness::BotDevice;
using harness::BotFault;
using Fault = BotFault::Kind;
using Stage = BotFault::Stage;
using std::chrono::seconds;

constexpr std::size_t kChunk = std::size_t{32} * 2048;

class HostAndDevice : public ::testing::Test {
protected:
    void connect(BotDevice::Setup setup = {}, HostMachine::Settings settings = {}) {
        sim_ = harness::open_sim(harness::parse_sim_address("sim:bd-r").value(), {}).value();
        device_ =
            std::make_unique<BotDevice>(sim_->drive(), sim_->personality().link, std::move(setup));
        clock_ = std::make_unique<harness::VirtualClock>();
        pump_ = std::make_unique<harness::BotPump>(*device_, *clock_, settings);
    }
    void connect(const BotFault& fault) { connect({.faults = {fault}}); }

    Result<Completion, TransportError> run(std::string_view cdb, DataPhase data = NoData{},
                                           Guard guard = Guard::MayReset) {
        return pump_->run({.cdb = mmc::Cdb::copy_of(mmc::from_hex(cdb)),
                           .data = data,
                           .timeout = seconds(30),
                           .guard = guard});
    }
    DataIn in(std::size_t size) { return {mmc::MutableByteView(buffer_).first(size)}; }
    DataOut out(std::size_t size) { return {mmc::ByteView(buffer_).first(size)}; }
    static std::string said(const Result<Completion, TransportError>& outcome) {
        if (!outcome) {
            return outcome.error().detail;
        }
        return outcome->status == Status::Good ? "moved " + std::to_string(outcome->moved)
                                               : mmc::describe(outcome->sense).substr(0, 8);
    }
    /// The device takes the next command as if nothing had been.
    void expect_usable(std::string_view why) {
        EXPECT_EQ(said(run(kInquiry36, in(36))), "moved 36") << why;
        EXPECT_EQ(pump_->trace(), "CDS") << why;
    }

    static constexpr std::string_view kReady = "00 00 00 00 00 00";
    static constexpr std::string_view kInquiry36 = "12 00 00 00 24 00";
    static constexpr std::string_view kInquiry96 = "12 00 00 00 60 00";
    static constexpr std::string_view kWrite = "2a 00 00000000 00 0020 00";
    static constexpr std::string_view kRefused = "2a 00 00100000 00 0020 00";  // 5/21/02

    std::unique_ptr<harness::SimDrive> sim_;
    std::unique_ptr<BotDevice> device_;
    std::unique_ptr<harness::VirtualClock> clock_;
    std::unique_ptr<harness::BotPump> pump_;
    std::vector<std::uint8_t> buffer_ = std::vector<std::uint8_t>(2 * kChunk);
};

TEST_F(HostAndDevice, TheThirteenCases) {
    enum class Way : std::uint8_t { None, In, Out };
    struct Row {
        int number;
        std::string_view cdb;
        Way way;
        std::size_t bytes;
        std::string_view said;
        std::string_view trace;
    };
    constexpr std::string_view kPhase = "the device reports a phase error";
    for (const Row& row :
         {Row{1, kReady, Way::None, 0, "moved 0", "CS"},
          Row{2, kInquiry36, Way::None, 0, kPhase, "CSRio"},
          Row{3, kWrite, Way::None, 0, kPhase, "CSRio"},
          Row{4, kReady, Way::In, 8, "moved 0", "CDiS"},
          Row{5, kInquiry36, Way::In, 255, "moved 36", "CDSiS"},
          Row{6, kInquiry36, Way::In, 36, "moved 36", "CDS"},
          Row{7, kInquiry96, Way::In, 36, kPhase, "CDSRio"},
          Row{8, kWrite, Way::In, kChunk, kPhase, "CDiSRio"},
          Row{9, kReady, Way::Out, 8, "the device took 0 of 8 bytes and says that it is done",
              "CDoS"},
          Row{10, kInquiry36, Way::Out, 36, kPhase, "CDoSRio"},
          Row{11, kWrite, Way::Out, 2 * kChunk,
              "the device took 65536 of 131072 bytes and says that it is done", "CDoS"},
          Row{12, kWrite, Way::Out, kChunk, "moved 65536", "CDS"},
          Row{13, kWrite, Way::Out, kChunk / 2, kPhase, "CDSRio"}}) {
        connect();
        const DataPhase data = row.way == Way::In    ? DataPhase(in(row.bytes))
                               : row.way == Way::Out ? DataPhase(out(row.bytes))
                                                     : DataPhase(NoData{});
        EXPECT_EQ(said(run(row.cdb, data)), row.said) << row.number;
        EXPECT_EQ(device_->last_case(), row.number);
        EXPECT_EQ(pump_->trace(), row.trace) << row.number;
        expect_usable(std::to_string(row.number));
    }
}

TEST_F(HostAndDevice, AFailedCommandAndItsSenseAreOneOperation) {
    connect();
    EXPECT_EQ(said(run(kRefused, out(kChunk))), "05/21/02");
    EXPECT_EQ(pump_->trace(), "CDoSCDS");
    expect_usable("after it");
}

TEST_F(HostAndDevice, ShortDataEndAsThreeKindsOfDeviceEndThem) {
    for (const auto& [way, trace] : {std::pair{BotDevice::ShortData::Stall, "CDSiS"},
                                     std::pair{BotDevice::ShortData::ShortPacket, "CDS"},
                                     std::pair{BotDevice::ShortData::Pad, "CDS"}}) {
        connect({.short_data = way});
        EXPECT_EQ(said(run(kInquiry36, in(255))), "moved 36");
        EXPECT_EQ(pump_->trace(), trace);
        EXPECT_EQ(said(run(kReady, in(8))), "moved 0") << trace;
        expect_usable(trace);
    }
}

struct Broken {
    std::string_view name;
    BotFault fault;
    std::string_view said;
    std::string_view trace;
};

/// What an INQUIRY of 36 bytes meets.
const std::array kBrokenRules = std::to_array<Broken>(
    {{"CBW refused", {.kind = Fault::StallCommand}, "sending the command: refused (stall)", "CRio"},
     {"data stalled", {.kind = Fault::StallData, .value = 8}, "moved 8", "CDSiS"},
     {"data cut", {.kind = Fault::CutData, .value = 8}, "moved 8", "CDSiS"},
     {"data skipped", {.kind = Fault::SkipData}, "moved 0", "CD"},
     {"too much data",
      {.kind = Fault::TooMuchData},
      "the device sent more than the 36 bytes asked for",
      "CDS"},
     {"status stalled", {.kind = Fault::StallStatus}, "moved 36", "CDSiS"},
     {"status stalled twice",
      {.kind = Fault::StallStatus, .value = 2},
      "receiving the status: refused (stall)",
      "CDSiSRio"},
     {"status empty", {.kind = Fault::EmptyStatus}, "moved 36", "CDSS"},
     {"status empty twice",
      {.kind = Fault::EmptyStatus, .value = 2},
      "the status wrapper has a wrong length",
      "CDSSRio"},
     {"status short",
      {.kind = Fault::ShortStatus, .value = 12},
      "the status wrapper has a wrong length",
      "CDSRio"},
     {"status long",
      {.kind = Fault::LongStatus},
      "receiving the status: more bytes than asked for",
      "CDSRio"},
     {"status never",
      {.kind = Fault::NoStatus},
      "receiving the status: no answer in time",
      "CDSRio"},
     {"status late", {.kind = Fault::LateStatus, .delay = seconds(29)}, "moved 36", "CDS"},
     {"status too late",
      {.kind = Fault::LateStatus, .delay = seconds(31)},
      "receiving the status: no answer in time",
      "CDSRio"},
     {"signature",
      {.kind = Fault::WrongSignature},
      "the status wrapper has a wrong signature",
      "CDSRio"},
     {"tag", {.kind = Fault::WrongTag}, "the status wrapper has another command's tag", "CDSRio"},
     {"residue",
      {.kind = Fault::WrongResidue, .value = 37},
      "the status wrapper has a residue larger than the transfer",
      "CDSRio"},
     {"residue of all", {.kind = Fault::WrongResidue, .value = 36}, "moved 0", "CDS"},
     {"status code",
      {.kind = Fault::WrongStatus, .value = 3},
      "the status wrapper has a status that there is not",
      "CDSRio"},
     {"phase error",
      {.kind = Fault::WrongStatus, .value = 2},
      "the device reports a phase error",
      "CDSRio"},
     {"deaf",
      {.kind = Fault::Silence, .stage = Stage::Command},
      "sending the command: no answer in time",
      "CRio"},
     {"mute",
      {.kind = Fault::Silence, .value = 0, .stage = Stage::Data},
      "receiving data: no answer in time",
      "CDRio"},
     {"no handshake for the command",
      {.kind = Fault::NoHandshake, .stage = Stage::Command},
      "sending the command: failed on the bus",
      "CRio"},
     {"no handshake for data",
      {.kind = Fault::NoHandshake, .value = 0, .stage = Stage::Data},
      "receiving data: failed on the bus",
      "CDRio"},
     {"no handshake for the status",
      {.kind = Fault::NoHandshake},
      "receiving the status: failed on the bus",
      "CDSRio"}});

TEST_F(HostAndDevice, EveryBrokenRuleOfADataInCommand) {
    for (const Broken& row : kBrokenRules) {
        connect(row.fault);
        EXPECT_EQ(said(run(kInquiry36, in(36))), row.said) << row.name;
        EXPECT_EQ(pump_->trace(), row.trace) << row.name;
        EXPECT_LE(clock_->now().time_since_epoch(), seconds(31)) << row.name;
        if (row.name != "deaf" && row.name != "no handshake for the command") {
            // Those two stay so until the command has arrived.
            expect_usable(row.name);
        }
    }
}

TEST_F(HostAndDevice, ADeviceThatVanishesIsGoneAtEveryStage) {
    for (const Stage stage : {Stage::Command, Stage::Data, Stage::Status}) {
        connect({.kind = Fault::Vanish, .value = 0, .stage = stage});
        const auto outcome = run(kWrite, out(kChunk));
        ASSERT_FALSE(outcome);
        EXPECT_EQ(outcome.error().kind, TransportError::Kind::Gone);
        EXPECT_EQ(pump_->machine().state(), HostMachine::State::OutOfStep);
    }
}

TEST_F(HostAndDevice, ANeverResetCommandIsNeverAnsweredByAReset) {
    constexpr std::string_view kFlush = "35 00 00000000 00 0000 00";
    for (const Fault kind :
         {Fault::StallCommand, Fault::NoStatus, Fault::ShortStatus, Fault::WrongTag,
          Fault::WrongSignature, Fault::Silence, Fault::NoHandshake, Fault::LongStatus}) {
        connect({.kind = kind, .value = 2});
        EXPECT_FALSE(run(kFlush, NoData{}, Guard::NeverReset));
        EXPECT_EQ(pump_->trace().find('R'), std::string::npos);
        EXPECT_EQ(device_->resets(), 0U);
    }
}

TEST_F(HostAndDevice, AFlushThatOutlastsItsTimeIsFoundAgain) {
    connect({.kind = Fault::LateStatus, .delay = seconds(100)});
    EXPECT_EQ(said(run("35 00 00000000 00 0000 00", NoData{}, Guard::NeverReset)),
              "no answer in time; the drive may go on");
    EXPECT_EQ(pump_->machine().state(), HostMachine::State::Behind);
    pump_->run_from(pump_->machine().resume(), {.timeout = seconds(5)});
    EXPECT_EQ(pump_->machine().state(), HostMachine::State::Behind);
    pump_->run_from(pump_->machine().resume(), {.timeout = seconds(100)});
    EXPECT_EQ(pump_->machine().state(), HostMachine::State::Ready);
    EXPECT_EQ(device_->resets(), 0U);
    expect_usable("afterwards");
}

TEST_F(HostAndDevice, KnownOdditiesAreLivedWith) {
    struct Row {
        Fault fault;
        std::uint32_t value;
        Quirk quirk;
    };
    for (const Row& row : {Row{Fault::WrongResidue, 0xFFFFFFFF, Quirk::IgnoreResidue},
                           Row{Fault::WrongTag, 1, Quirk::IgnoreTag},
                           Row{Fault::WrongSignature, 1, Quirk::AnyStatusSignature}}) {
        const BotFault fault{.kind = row.fault, .value = row.value};
        connect({.faults = {fault}}, {.quirks = {row.quirk}});
        EXPECT_EQ(said(run(kInquiry36, in(36))), "moved 36") << name_of(row.quirk);
        EXPECT_EQ(pump_->trace(), "CDS");
        connect({.faults = {fault}});
        EXPECT_FALSE(run(kInquiry36, in(36))) << "without " << name_of(row.quirk);
    }
    connect({}, {.quirks = {Quirk::PadCommandTo12}});
    EXPECT_EQ(said(run(kReady)), "moved 0");
    EXPECT_EQ(pump_->machine().wrapper().command.bytes().size(), 12U);
}

// The device by itself, as the USB-IF's mass storage tests ask (peers' list: 1.3, 1.4, 1.19).

TEST_F(HostAndDevice, AnInvalidWrapperHaltsBothPipesUntilResetRecovery) {
    auto bad = encode(CommandWrapper{.command = mmc::Cdb(6)});
    const std::vector<std::uint8_t> good(bad.begin(), bad.end());
    bad[0] = 0;
    std::vector<std::uint8_t> longer = good;
    longer.push_back(0);
    for (const mmc::ByteView bytes :
         {mmc::ByteView(bad), mmc::ByteView(good).first(30), mmc::ByteView(longer)}) {
        connect();
        EXPECT_EQ(device_->out(bytes, {}).kind, harness::PipeReply::Kind::Stalled);
        EXPECT_TRUE(device_->in_halted());
        EXPECT_TRUE(device_->out_halted());
        pump_->run_from(pump_->machine().resynchronise(HostMachine::Reset::Forbidden), {});
        EXPECT_EQ(device_->out(good, {}).kind, harness::PipeReply::Kind::Stalled)
            << "clearing the halts is not enough";
        pump_->run_from(pump_->machine().resynchronise(HostMachine::Reset::Allowed), {});
        expect_usable("after Reset Recovery");
    }
}

TEST_F(HostAndDevice, MalformedClassRequestsAreStalled) {
    connect();
    struct Row {
        std::string_view request;
        bool good;
    };
    for (const Row& row :
         {Row{"a1 fe 0000 0000 0100", true}, Row{"a1 fe 0100 0000 0100", false},
          Row{"a1 fe 0000 0500 0100", false}, Row{"a1 fe 0000 0000 0000", false},
          Row{"21 fe 0000 0000 0100", false}, Row{"21 ff 0000 0000 0000", true},
          Row{"21 ff 0100 0000 0000", false}, Row{"21 ff 0000 0500 0000", false},
          Row{"21 ff 0000 0000 0100", false}, Row{"a1 ff 0000 0000 0000", false}}) {
        std::array<std::uint8_t, 1> answer{0xEE};
        const auto reply = device_->control(mmc::from_hex(row.request), answer, {});
        EXPECT_EQ(reply.kind == harness::PipeReply::Kind::Done, row.good) << row.request;
    }
}

TEST_F(HostAndDevice, BytesBehindTheCommandAreIgnored) {
    connect();
    auto bytes = encode(CommandWrapper{.tag = 9,
                                       .data_transfer_length = 36,
                                       .flow = Flow::In,
                                       .command = mmc::Cdb::copy_of(mmc::from_hex(kInquiry36))});
    std::fill(bytes.begin() + 21, bytes.end(), std::uint8_t{0xAA});
    EXPECT_EQ(device_->out(bytes, {}).bytes, 31U);
    EXPECT_EQ(device_->last_case(), 6);
}

TEST_F(HostAndDevice, HaltsOutlastAResetOfTheInterface) {
    connect();
    (void)run(kReady);
    const auto bytes =
        encode(CommandWrapper{.data_transfer_length = 8, .flow = Flow::In, .command = mmc::Cdb(6)});
    EXPECT_EQ(device_->out(bytes, {}).bytes, 31U);
    std::array<std::uint8_t, 8> space{};
    EXPECT_EQ(device_->in(space, {}).kind, harness::PipeReply::Kind::Stalled);
    (void)device_->control(mmc::from_hex("21 ff 0000 0000 0000"), {}, {});
    EXPECT_TRUE(device_->in_halted());
    device_->bus_reset({});
    EXPECT_FALSE(device_->in_halted());
}

}  // namespace
}  // namespace kiln::transports::bot

// The SG_IO code and the fake drive in one process: what a host sees of a drive, errors included.

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "mmc/hex.h"

#include "transports/faults/fault_transport.h"
#include "transports/os/os_clock.h"
#include "transports/sg_io/sg_transport.h"

#include "harness/scsi/scsi_node.h"
#include "harness/shim/drive_shim.h"
#include "harness/sim/sim_address.h"
#include "harness/testing/generated_source.h"

namespace kiln::transports {
namespace {

using harness::fill_pattern;

constexpr std::size_t kBytes = std::size_t{32} * 2048;

class SgFakeDriveTest : public ::testing::Test {
protected:
    void connect(std::string_view address, std::vector<Fault> faults = {}) {
        sim_ = harness::open_sim(harness::parse_sim_address(address).value(), {}).value();
        faulty_ = std::make_unique<FaultTransport>(
            FaultTransport::Parts{
                .below = &sim_->transport(), .clock = &sim_->clock(), .waker = &waker_},
            std::move(faults));
        node_ = std::make_unique<harness::ScsiNode>(*faulty_);
        shim_.add_drive({}, [this](unsigned long request, void* argument) {
            return node_->ioctl(request, argument);
        });
        auto opened = SgTransport::open("/dev/sr0", clock_);
        ASSERT_TRUE(opened) << opened.error().detail;
        transport_ = *std::move(opened);
        buffers_ = transport_->make_buffers(2, kBytes);
    }
    Result<Completion, TransportError> run(std::string_view cdb, DataPhase data = NoData{}) {
        return transport_->execute({.cdb = mmc::Cdb::copy_of(mmc::from_hex(cdb)), .data = data});
    }
    static std::string sense_of(const Result<Completion, TransportError>& outcome) {
        return !outcome                          ? outcome.error().detail
               : outcome->status == Status::Good ? "GOOD"
                                                 : mmc::describe(outcome->sense).substr(0, 8);
    }

    harness::DriveShim shim_;
    OsClock clock_;
    OsWaker waker_;
    std::unique_ptr<harness::SimDrive> sim_;
    std::unique_ptr<FaultTransport> faulty_;
    std::unique_ptr<harness::ScsiNode> node_;
    std::unique_ptr<SgTransport> transport_;
    Buffers buffers_;
};

constexpr std::string_view kWrite = "2a 00 00000000 00 0020 00";
constexpr std::string_view kRead = "28 00 00000000 00 0020 00";
constexpr std::string_view kFlush = "35 00 00000000 00 0000 00";

TEST_F(SgFakeDriveTest, WhatIsWrittenIsRead) {
    connect("sim:bd-r");
    fill_pattern(1, 0, buffers_[0]);
    EXPECT_EQ(sense_of(run(kWrite, DataOut{buffers_[0]})), "GOOD");
    EXPECT_EQ(sense_of(run(kFlush)), "GOOD");
    const auto read = run(kRead, DataIn{buffers_[1]});
    EXPECT_EQ(sense_of(read), "GOOD");
    EXPECT_EQ(read->moved, kBytes);
    EXPECT_TRUE(std::ranges::equal(buffers_[0], buffers_[1]));
    EXPECT_EQ(node_->changed_buffers(), 0U);
}

TEST_F(SgFakeDriveTest, WhatTheDriveRefusesArrivesAsItsSense) {
    connect("sim:bd-r");
    EXPECT_EQ(sense_of(run("2a 00 00100000 00 0020 00", DataOut{buffers_[0]})), "05/21/02")
        << "not at the next writable address";
    EXPECT_EQ(sense_of(run("d8 00 00000000 00 0000 00")), "05/20/00");
}

TEST_F(SgFakeDriveTest, ADriveWithoutAMediumSaysSo) {
    connect("sim:none");
    EXPECT_EQ(sense_of(run("00 00 00 00 00 00")), "06/29/00") << "power on";
    const auto outcome = run("00 00 00 00 00 00");
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->sense.key, mmc::SenseKey::NotReady);
    EXPECT_EQ(outcome->sense.additional_sense_code, 0x3A);
}

TEST_F(SgFakeDriveTest, ADriveThatVanishesIsGone) {
    connect("sim:bd-r", {parse_fault("write10:2+:vanish").value()});
    EXPECT_EQ(sense_of(run(kWrite, DataOut{buffers_[0]})), "GOOD");
    const auto outcome = run("2a 00 00000020 00 0020 00", DataOut{buffers_[0]});
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, TransportError::Kind::Gone);
    EXPECT_EQ(run("00 00 00 00 00 00").error().kind, TransportError::Kind::Gone);
}

TEST_F(SgFakeDriveTest, ADriveThatDoesNotAnswerIsTimedOut) {
    connect("sim:bd-r", {parse_fault("write10:1:stall").value()});
    const auto outcome = run(kWrite, DataOut{buffers_[0]});
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, TransportError::Kind::TimedOut);
    EXPECT_EQ(outcome.error().host_status, 3U);
    EXPECT_GE(sim_->clock().now().time_since_epoch(), std::chrono::seconds(30))
        << "in the drive's time, not in ours";
}

}  // namespace
}  // namespace kiln::transports

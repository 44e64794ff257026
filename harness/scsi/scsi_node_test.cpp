#include "harness/scsi/scsi_node.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "mmc/hex.h"

#include "transports/sg_io/sg_exchange.h"

#include "harness/testing/scripted_transport.h"

namespace kiln::harness {
namespace {

using transports::Completion;
using transports::Request;
using transports::Status;
using transports::TransportError;

class ScsiNodeTest : public ::testing::Test {
protected:
    /// `data_` in or out, by the header's direction.
    int run(std::string_view cdb, int direction, unsigned length = 2048) {
        cdb_ = mmc::from_hex(cdb);
        header_ = {};
        header_.interface_id = 'S';
        header_.dxfer_direction = direction;
        header_.cmd_len = static_cast<unsigned char>(cdb_.size());
        header_.cmdp = cdb_.data();
        header_.dxfer_len = length;
        header_.dxferp = data_.data();
        header_.mx_sb_len = static_cast<unsigned char>(sense_.size());
        header_.sbp = sense_.data();
        header_.timeout = 5000;
        return node_.ioctl(SG_IO, &header_);
    }
    void fail_with(const TransportError& error) {
        drive_.answer = [=](const Request&) -> ScriptedTransport::Outcome {
            return tl::make_unexpected(error);
        };
    }

    ScriptedTransport drive_;
    ScsiNode node_{drive_};
    sg_io_hdr header_{};
    std::vector<std::uint8_t> cdb_;
    std::array<std::uint8_t, 2048> data_{};
    std::array<std::uint8_t, 32> sense_{};
};

TEST_F(ScsiNodeTest, AGoodCommandHasResidualAndDuration) {
    drive_.answer = [](const Request&) {
        Completion completion;
        completion.moved = 2000;
        completion.end = completion.start + std::chrono::milliseconds(17);
        return ScriptedTransport::Outcome(completion);
    };
    EXPECT_EQ(run("28 00 00000000 00 0001 00", SG_DXFER_FROM_DEV), 0);
    EXPECT_EQ(header_.status, 0);
    EXPECT_EQ(header_.resid, 48);
    EXPECT_EQ(header_.duration, 17U);
    EXPECT_EQ(header_.info & 1U, 0U);
    EXPECT_EQ(drive_.last_timeout, std::chrono::seconds(5));
}

TEST_F(ScsiNodeTest, SenseIsCutAtTheRoomForIt) {
    drive_.answer = [](const Request&) {
        Completion completion;
        completion.status = Status::CheckCondition;
        completion.sense = mmc::make_sense(mmc::SenseKey::MediumError, 0x0C00);
        return ScriptedTransport::Outcome(completion);
    };
    EXPECT_EQ(run("28 00 00000000 00 0001 00", SG_DXFER_FROM_DEV), 0);
    EXPECT_EQ(header_.status, 2);
    EXPECT_EQ(header_.masked_status, 1);
    EXPECT_EQ(header_.driver_status, 8);
    EXPECT_EQ(header_.sb_len_wr, 18);
    EXPECT_EQ(sense_[12], 0x0C);
    EXPECT_EQ(header_.info & 1U, 1U);
    sense_ = {};
    header_.mx_sb_len = 8;
    EXPECT_EQ(node_.ioctl(SG_IO, &header_), 0);
    EXPECT_EQ(header_.sb_len_wr, 8);
    EXPECT_EQ(sense_[12], 0x00);
}

TEST_F(ScsiNodeTest, ErrorsAreErrnoOrHostStatusAsInTheKernel) {
    using Kind = TransportError::Kind;
    for (const auto& [kind, result] :
         std::vector<std::pair<Kind, int>>{{Kind::Gone, -ENODEV},
                                           {Kind::NotPermitted, -EPERM},
                                           {Kind::InUse, -EBUSY},
                                           {Kind::TooLarge, -ENOMEM},
                                           {Kind::Interrupted, -EINTR}}) {
        fail_with({.kind = kind, .detail = {}});
        EXPECT_EQ(run("00 00 00 00 00 00", SG_DXFER_NONE), result);
    }
    fail_with({.kind = Kind::TimedOut, .detail = {}});
    EXPECT_EQ(run("28 00 00000000 00 0001 00", SG_DXFER_FROM_DEV), 0);
    EXPECT_EQ(header_.host_status, 3);
    EXPECT_EQ(header_.driver_status, 6);
    EXPECT_EQ(header_.resid, 2048);
    fail_with({.kind = Kind::HostFailure, .detail = {}});
    EXPECT_EQ(run("28 00 00000000 00 0001 00", SG_DXFER_FROM_DEV), 0);
    EXPECT_EQ(header_.host_status, 7);
}

TEST_F(ScsiNodeTest, MalformedHeadersAreRefused) {
    EXPECT_EQ(run("00 00", SG_DXFER_NONE), -EMSGSIZE);
    header_.interface_id = 'Q';
    EXPECT_EQ(node_.ioctl(SG_IO, &header_), -ENOSYS);
    header_.interface_id = 'S';
    header_.iovec_count = 1;
    EXPECT_EQ(node_.ioctl(SG_IO, &header_), -EINVAL);
    EXPECT_TRUE(drive_.cdbs.empty());
}

TEST_F(ScsiNodeTest, ABufferThatChangesUnderTheDriveIsCounted) {
    drive_.answer = [this](const Request& request) {
        data_[7] ^= 1U;
        return ScriptedTransport::good(request);
    };
    EXPECT_EQ(run("2a 00 00000000 00 0001 00", SG_DXFER_TO_DEV), 0);
    EXPECT_EQ(node_.changed_buffers(), 1U);
}

TEST_F(ScsiNodeTest, ResetsGoToTheTransport) {
    int how = SG_SCSI_RESET_DEVICE | transports::kResetWithoutEscalation;
    EXPECT_EQ(node_.ioctl(SG_SCSI_RESET, &how), 0);
    how = SG_SCSI_RESET_BUS;
    EXPECT_EQ(node_.ioctl(SG_SCSI_RESET, &how), 0);
    how = SG_SCSI_RESET_NOTHING;
    EXPECT_EQ(node_.ioctl(SG_SCSI_RESET, &how), 0);
    EXPECT_EQ(drive_.rungs,
              (std::vector{transports::Rung::ResetTransport, transports::Rung::ResetDevice}));
}

TEST_F(ScsiNodeTest, OtherIoctls) {
    int value = 0;
    EXPECT_EQ(node_.ioctl(SG_GET_VERSION_NUM, &value), 0);
    EXPECT_GE(value, 30000);
    value = 1234;
    EXPECT_EQ(node_.ioctl(SG_SET_TIMEOUT, &value), 0);
    EXPECT_EQ(node_.ioctl(SG_GET_TIMEOUT, nullptr), 1234);
    EXPECT_EQ(node_.ioctl(0xDEAD, &value), -ENOTTY);
}

}  // namespace
}  // namespace kiln::harness

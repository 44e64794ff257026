#include <cerrno>
#include <chrono>
#include <string>

#include <fcntl.h>
#include <scsi/sg.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "transports/os/os_clock.h"
#include "transports/sg_io/sg_transport.h"

#include "harness/shim/shim_test_drive.h"
#include "harness/sim/virtual_clock.h"

namespace kiln::transports {
namespace {

using ::testing::HasSubstr;
using Kind = TransportError::Kind;

/// Opening waits for nothing but time, so virtual time is enough to the end of a claim; the INQUIRY
/// on the helper thread needs the real one.
class SgOpenTest : public ::testing::Test {
protected:
    TransportError error_of(const std::string& path) {
        const auto opened = SgTransport::open(path, virtual_clock_);
        EXPECT_FALSE(opened);
        return opened ? TransportError{} : opened.error();
    }

    harness::ShimTestDrive test_;
    OsClock clock_;
    harness::VirtualClock virtual_clock_;
};

TEST_F(SgOpenTest, ClaimIsHeldOnSrAndCommandsGoThroughSg) {
    for (const char* path : {"/dev/sr0", "/dev/sg0"}) {
        const auto transport = SgTransport::open(path, clock_);
        ASSERT_TRUE(transport) << transport.error().detail;
        EXPECT_EQ((*transport)->nodes().sg, "/dev/sg0");
        EXPECT_EQ(test_.shim.open_descriptors("/dev/sr0"), 1U);
        EXPECT_EQ(test_.shim.open_flags("/dev/sr0"), O_RDONLY | O_EXCL | O_NONBLOCK | O_CLOEXEC);
        EXPECT_EQ(test_.shim.open_descriptors("/dev/sg0"), 1U);
        EXPECT_EQ(test_.shim.open_flags("/dev/sg0"), O_RDWR | O_NONBLOCK | O_CLOEXEC);
    }
    EXPECT_EQ(test_.shim.open_descriptors("/dev/sr0"), 0U);
    EXPECT_EQ(test_.shim.open_descriptors("/dev/sg0"), 0U);
}

TEST_F(SgOpenTest, OneNodeAloneIsClaimedItself) {
    test_.add(test_.shim, {.number = 1, .has_sg = false});
    test_.add(test_.shim, {.number = 2, .has_sr = false});
    for (const char* path : {"/dev/sr1", "/dev/sg2"}) {
        const auto transport = SgTransport::open(path, clock_);
        ASSERT_TRUE(transport) << transport.error().detail;
        EXPECT_EQ(test_.shim.open_flags(path), O_RDWR | O_EXCL | O_NONBLOCK | O_CLOEXEC);
    }
}

TEST_F(SgOpenTest, ASecondUserIsToldWhoTheFirstIs) {
    const auto first = SgTransport::open("/dev/sr0", clock_);
    ASSERT_TRUE(first);
    test_.shim.write_file("/proc/4242/comm", "growisofs\n");
    test_.shim.make_link("/proc/4242/fd/3", "/dev/sr0");
    const TransportError error = error_of("/dev/sr0");
    EXPECT_EQ(error.kind, Kind::InUse);
    EXPECT_EQ(error.os_code, EBUSY);
    EXPECT_EQ(error.detail,
              "open /dev/sr0: Device or resource busy; in use by growisofs (process 4242)");
    EXPECT_GE(virtual_clock_.now(), Instant(std::chrono::seconds(5))) << "udev would be waited for";
}

TEST_F(SgOpenTest, AClaimThatIsGivenBackIsTaken) {
    test_.shim.fail_open("/dev/sr0", EBUSY, 3);
    const auto transport = SgTransport::open("/dev/sr0", clock_);
    ASSERT_TRUE(transport) << transport.error().detail;
    EXPECT_EQ(test_.shim.opens("/dev/sr0"), 4);
}

TEST_F(SgOpenTest, PermissionErrorsSayWhatToDo) {
    for (const char* node : {"/dev/sr0", "/dev/sg0"}) {
        test_.shim.fail_open(node, EACCES);
        const TransportError error = error_of("/dev/sr0");
        EXPECT_EQ(error.kind, Kind::NotPermitted);
        EXPECT_THAT(error.detail, HasSubstr("open " + std::string(node) + ": Permission denied; "));
        EXPECT_THAT(error.detail, HasSubstr("cdrom"));
        EXPECT_EQ(virtual_clock_.now(), Instant{}) << "nothing to wait for";
        test_.shim.fail_open(node, 0, 0);
    }
    EXPECT_EQ(test_.shim.open_descriptors("/dev/sr0"), 0U);
}

TEST_F(SgOpenTest, WhatIsNotThereIsNoSuchDevice) {
    EXPECT_EQ(error_of("/dev/sr9").kind, Kind::NoSuchDevice);
    EXPECT_EQ(error_of("/dev/sr9").detail, "open /dev/sr9: No such file or directory");
    test_.shim.fail_open("/dev/sr0", ENXIO);
    EXPECT_EQ(error_of("/dev/sr0").kind, Kind::NoSuchDevice);
}

TEST_F(SgOpenTest, WhatTakesNoScsiCommandsIsNotADrive) {
    EXPECT_EQ(error_of("/dev/null").kind, Kind::NotADrive);
    EXPECT_EQ(error_of("/dev/null").detail,
              "/dev/null does not take SCSI commands: it is not an optical drive");
    EXPECT_EQ(error_of("/tmp").kind, Kind::NotADrive);
}

TEST_F(SgOpenTest, ADiskIsNotAnOpticalDrive) {
    test_.drive.type = 0x00;
    const auto opened = SgTransport::open("/dev/sg0", clock_);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, Kind::NotADrive);
    EXPECT_EQ(opened.error().detail,
              "/dev/sg0 is a disk (peripheral device type 00h), not an optical drive");
    EXPECT_EQ(test_.shim.open_descriptors("/dev/sr0"), 0U) << "the claim is given back";
}

TEST_F(SgOpenTest, AnOldSgDriverIsRefused) {
    test_.on_ioctl = [](unsigned long request, void* argument) {
        if (request == SG_GET_VERSION_NUM) {
            *static_cast<int*>(argument) = 20135;
            return 0;
        }
        return -ENOTTY;
    };
    EXPECT_EQ(error_of("/dev/sr0").kind, Kind::Unsupported);
}

TEST_F(SgOpenTest, LimitsComeFromTheQueue) {
    const auto limit = [this] {
        const auto transport = SgTransport::open("/dev/sr0", clock_);
        return transport ? (*transport)->limits().max_transfer : 0;
    };
    EXPECT_EQ(limit(), 512U * 1024);
    test_.shim.write_file("/sys/class/block/sr0/queue/max_sectors_kb", "120\n");
    EXPECT_EQ(limit(), 120U * 1024);
    test_.shim.write_file("/sys/class/block/sr0/queue/max_segments", "16\n");
    EXPECT_EQ(limit(), 64U * 1024) << "16 pages that are no neighbours";
    test_.shim.write_file("/sys/class/block/sr0/queue/max_sectors_kb", "1\n");
    EXPECT_EQ(limit(), 32U * 1024) << "no drive works with less";
    test_.shim.write_file("/sys/class/block/sr0/queue/max_sectors_kb", "nonsense\n");
    EXPECT_EQ(limit(), 64U * 1024);
}

}  // namespace
}  // namespace kiln::transports

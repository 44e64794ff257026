#include "transports/sg_io/drive_nodes.h"

#include <cerrno>
#include <string>

#include <grp.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/shim/drive_shim.h"

namespace kiln::transports {
namespace {

using harness::DriveShim;
using ::testing::HasSubstr;

int no_ioctl(unsigned long /*request*/, void* /*argument*/) {
    return -ENOTTY;
}

class DriveNodesTest : public ::testing::Test {
protected:
    DriveShim shim_;
};

TEST_F(DriveNodesTest, EitherNodeLeadsToBoth) {
    shim_.add_drive({.number = 3}, no_ioctl);
    for (const char* path : {"/dev/sg3", "/dev/sr3"}) {
        const DriveNodes nodes = find_nodes(path);
        EXPECT_EQ(nodes.sg, "/dev/sg3") << path;
        EXPECT_EQ(nodes.sr, "/dev/sr3") << path;
        EXPECT_EQ(nodes.vendor, "KILN");
        EXPECT_EQ(nodes.product, "SIMULATED BD-RE");
        EXPECT_EQ(nodes.revision, "1.00");
    }
}

TEST_F(DriveNodesTest, ALinkIsFollowed) {
    shim_.add_drive({}, no_ioctl);
    shim_.make_link("/sys/cdrom", "sr0");
    EXPECT_EQ(find_nodes("/sys/cdrom").sg, "/dev/sg0");
}

TEST_F(DriveNodesTest, LinksInACircleEnd) {
    shim_.make_link("/sys/a", "/sys/b");
    shim_.make_link("/sys/b", "/sys/a");
    EXPECT_EQ(find_nodes("/sys/a").sg, "");
}

TEST_F(DriveNodesTest, ADriverThatIsNotLoadedHasNoNode) {
    shim_.add_drive({.number = 0, .has_sg = false}, no_ioctl);
    shim_.add_drive({.number = 1, .has_sr = false}, no_ioctl);
    EXPECT_EQ(find_nodes("/dev/sr0").sg, "");
    EXPECT_EQ(find_nodes("/dev/sr0").sr, "/dev/sr0");
    EXPECT_EQ(find_nodes("/dev/sg1").sr, "");
}

TEST_F(DriveNodesTest, UnknownNamesHaveNone) {
    EXPECT_EQ(find_nodes("/dev/sr7").sr, "");
    EXPECT_EQ(find_nodes("").sr, "");
    EXPECT_EQ(find_nodes("/").sr, "");
}

TEST_F(DriveNodesTest, ListHasOpticalDrivesInOrder) {
    shim_.add_drive({.number = 10}, no_ioctl);
    shim_.add_drive({.number = 2, .product = "SECOND"}, no_ioctl);
    shim_.add_drive({.number = 1, .type = "0", .has_sr = false}, no_ioctl);
    shim_.add_drive({.number = 5, .has_sg = false}, no_ioctl);
    const auto drives = list_drives();
    ASSERT_EQ(drives.size(), 3U);
    EXPECT_EQ(drives[0].nodes.sg, "/dev/sg2");
    EXPECT_EQ(drives[0].nodes.product, "SECOND");
    EXPECT_EQ(drives[0].obstacle, std::nullopt);
    EXPECT_EQ(drives[1].nodes.sg, "/dev/sg10");
    EXPECT_EQ(drives[2].nodes.sr, "/dev/sr5");
}

TEST_F(DriveNodesTest, WithoutDrivesTheListIsEmpty) {
    EXPECT_TRUE(list_drives().empty());
}

TEST_F(DriveNodesTest, ListSaysWhyADriveCannotBeOpened) {
    shim_.add_drive({}, no_ioctl);
    shim_.fail_open("/dev/sg0", EACCES);
    const auto drives = list_drives();
    ASSERT_EQ(drives.size(), 1U);
    ASSERT_TRUE(drives[0].obstacle);
    EXPECT_EQ(drives[0].obstacle->kind, TransportError::Kind::NotPermitted);
    EXPECT_THAT(drives[0].obstacle->detail, HasSubstr("/dev/sg0: Permission denied; "));
    EXPECT_EQ(shim_.opens("/dev/sg0"), 0) << "a listing opens nothing";
}

TEST_F(DriveNodesTest, AdviceNamesTheGroupOfTheNode) {
    shim_.add_drive({}, no_ioctl);
    const group* cdrom = ::getgrnam("cdrom");
    if (cdrom == nullptr) {
        GTEST_SKIP() << "this machine has no group cdrom";
    }
    shim_.set_permissions("/dev/sg0", cdrom->gr_gid, 0660);
    EXPECT_EQ(permission_advice("/dev/sg0"),
              "join the group cdrom (sudo usermod -aG cdrom $USER) and log in again");
}

TEST_F(DriveNodesTest, AdviceIsAUdevRuleWhereNoGroupMay) {
    shim_.add_drive({}, no_ioctl);
    shim_.set_permissions("/dev/sg0", 0, 0600);
    EXPECT_THAT(permission_advice("/dev/sg0"), HasSubstr("SUBSYSTEM==\"scsi_generic\""));
    shim_.set_permissions("/dev/sg0", 24, 0600);
    EXPECT_THAT(permission_advice("/dev/sg0"), HasSubstr("udev rule"));
}

TEST_F(DriveNodesTest, HolderIsTheMountOrTheProgram) {
    shim_.add_drive({}, no_ioctl);
    const DriveNodes nodes = find_nodes("/dev/sr0");
    EXPECT_EQ(holder_of(nodes), "");
    shim_.write_file("/proc/4242/comm", "vlc\n");
    shim_.make_link("/proc/4242/fd/0", "/dev/null");
    shim_.make_link("/proc/4242/fd/7", "/dev/sr0");
    EXPECT_EQ(holder_of(nodes), "in use by vlc (process 4242)");
    shim_.write_file("/proc/self/mounts",
                     "proc /proc proc rw 0 0\n/dev/sr0 /media/disc iso9660 ro 0 0\n");
    EXPECT_EQ(holder_of(nodes), "mounted on /media/disc; `umount /dev/sr0` gives it back");
    ASSERT_EQ(list_drives().size(), 1U);
    EXPECT_EQ(list_drives()[0].obstacle->kind, TransportError::Kind::InUse);
}

}  // namespace
}  // namespace kiln::transports

#include "harness/shim/drive_shim.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "transports/os/unique_fd.h"

namespace kiln::harness {
namespace {

using transports::UniqueFd;

int forty_two(unsigned long /*request*/, void* /*argument*/) {
    return 42;
}

TEST(DriveShim, SharedLibrariesFindTheseFunctionsToo) {
    for (const char* name : {"open", "open64", "ioctl", "opendir", "readlink", "access", "stat"}) {
        Dl_info found{};
        ASSERT_NE(::dladdr(::dlsym(RTLD_DEFAULT, name), &found), 0) << name;
        Dl_info here{};
        ASSERT_NE(::dladdr(reinterpret_cast<const void*>(&forty_two), &here), 0);
        EXPECT_EQ(found.dli_fbase, here.dli_fbase)
            << name << ": link with -rdynamic, and this file without -flto";
    }
}

TEST(DriveShim, NodesAnswerAndOtherFilesAreTheSystems) {
    DriveShim shim;
    shim.add_drive({}, forty_two);
    const UniqueFd node(::open("/dev/sg0", O_RDWR));
    ASSERT_TRUE(node.open());
    EXPECT_EQ(::ioctl(node.get(), 1, nullptr), 42);
    const UniqueFd null(::open("/dev/null", O_RDWR));
    ASSERT_TRUE(null.open());
    EXPECT_EQ(::ioctl(null.get(), 1, nullptr), -1);
    EXPECT_EQ(errno, ENOTTY);
}

TEST(DriveShim, ADescriptorNumberThatIsUsedAgainIsNotOurs) {
    DriveShim shim;
    shim.add_drive({}, forty_two);
    int number = -1;
    {
        const UniqueFd node(::open("/dev/sg0", O_RDWR));
        number = node.get();
    }
    const UniqueFd null(::open("/dev/null", O_RDWR));
    ASSERT_EQ(null.get(), number);
    EXPECT_EQ(::ioctl(number, 1, nullptr), -1);
}

TEST(DriveShim, AClaimExcludesOthersUntilItIsClosed) {
    DriveShim shim;
    shim.add_drive({}, forty_two);
    {
        const UniqueFd claim(::open("/dev/sr0", O_RDONLY | O_EXCL));
        EXPECT_TRUE(claim.open());
        EXPECT_TRUE(UniqueFd(::open("/dev/sr0", O_RDONLY)).open());
        EXPECT_FALSE(UniqueFd(::open("/dev/sr0", O_RDONLY | O_EXCL)).open());
        EXPECT_EQ(errno, EBUSY);
    }
    EXPECT_TRUE(UniqueFd(::open("/dev/sr0", O_RDONLY | O_EXCL)).open());
}

TEST(DriveShim, SysIsItsOwn) {
    {
        DriveShim shim;
        shim.write_file("/sys/kiln/here", "text");
        const UniqueFd file(::open("/sys/kiln/here", O_RDONLY));
        EXPECT_TRUE(file.open());
        DIR* folder = ::opendir("/sys/kiln");
        ASSERT_NE(folder, nullptr);
        ::closedir(folder);
        EXPECT_FALSE(UniqueFd(::open("/sys/kernel", O_RDONLY)).open());
    }
    EXPECT_FALSE(UniqueFd(::open("/sys/kiln/here", O_RDONLY)).open());
}

TEST(DriveShim, FilesCanStillBeMade) {
    const DriveShim shim;
    const std::string path =
        (std::filesystem::temp_directory_path() / ("kiln-" + std::to_string(::getpid()))).string();
    {
        const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0640));
        ASSERT_TRUE(file.open());
    }
    struct ::stat status{};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0700U, 0600U) << "the third argument of open is passed on";
    std::filesystem::remove(path);
}

}  // namespace
}  // namespace kiln::harness

#include "transports/os/bounced_io.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

namespace kiln::transports {
namespace {

/// A file system that takes no buffer of the device's, and the calls that it had.
struct PickyFileSystem {
    mmc::MutableByteView device;
    std::vector<std::uint8_t> file;
    std::size_t position = 0;
    int refused = 0;
    int calls = 0;

    bool refuses(const void* buffer) {
        ++calls;
        const auto* const at = static_cast<const std::uint8_t*>(buffer);
        const bool is_device = at >= device.data() && at < device.data() + device.size();
        refused += is_device ? 1 : 0;
        errno = is_device ? EFAULT : 0;
        return is_device;
    }
};
PickyFileSystem* picky = nullptr;

ssize_t picky_read(int /*fd*/, void* space, std::size_t size) {
    if (picky->refuses(space)) {
        return -1;
    }
    const std::size_t count = std::min(size, picky->file.size() - picky->position);
    std::copy_n(picky->file.begin() + static_cast<std::ptrdiff_t>(picky->position), count,
                static_cast<std::uint8_t*>(space));
    picky->position += count;
    return static_cast<ssize_t>(count);
}

ssize_t picky_write(int /*fd*/, const void* bytes, std::size_t size) {
    if (picky->refuses(bytes)) {
        return -1;
    }
    const auto* const from = static_cast<const std::uint8_t*>(bytes);
    picky->file.insert(picky->file.end(), from, from + size);
    return static_cast<ssize_t>(size);
}

ssize_t nothing_works(int /*fd*/, void* /*space*/, std::size_t /*size*/) {
    errno = EFAULT;
    return -1;
}

ssize_t full(int /*fd*/, const void* /*bytes*/, std::size_t /*size*/) {
    errno = ENOSPC;
    return -1;
}

class BouncedIoTest : public ::testing::Test {
protected:
    BouncedIoTest() {
        system_.device = device_;
        picky = &system_;
    }
    ~BouncedIoTest() override { picky = nullptr; }

    std::vector<std::uint8_t> device_ = std::vector<std::uint8_t>(200'000);
    PickyFileSystem system_;
    BouncedIo io_{BouncedIo::Calls{.read = picky_read, .write = picky_write}};
};

TEST_F(BouncedIoTest, WhatAFileSystemRefusesGoesThroughOrdinaryMemory) {
    std::iota(device_.begin(), device_.end(), std::uint8_t{1});
    for (mmc::ByteView left(device_); !left.empty();) {
        const ssize_t written = io_.write(3, left);
        ASSERT_GT(written, 0);
        left = left.subspan(static_cast<std::size_t>(written));
    }
    EXPECT_TRUE(std::ranges::equal(system_.file, device_));
    EXPECT_TRUE(io_.bounces());
    EXPECT_EQ(system_.refused, 1) << "once, and remembered";
}

TEST_F(BouncedIoTest, WhatIsReadArrives) {
    system_.file.resize(150'000);
    std::iota(system_.file.begin(), system_.file.end(), std::uint8_t{1});
    std::size_t come = 0;
    while (come < system_.file.size()) {
        const ssize_t count = io_.read(3, mmc::MutableByteView(device_).subspan(come));
        ASSERT_GT(count, 0);
        come += static_cast<std::size_t>(count);
    }
    EXPECT_TRUE(std::equal(system_.file.begin(), system_.file.end(), device_.begin()));
    EXPECT_EQ(system_.refused, 1);
    EXPECT_EQ(io_.read(3, device_), 0) << "the end";
}

TEST_F(BouncedIoTest, OrdinaryMemoryIsNotCopied) {
    const std::vector<std::uint8_t> bytes(100'000, 7);
    EXPECT_EQ(io_.write(3, bytes), 100'000);
    EXPECT_EQ(system_.calls, 1);
    EXPECT_FALSE(io_.bounces());
}

TEST_F(BouncedIoTest, OtherErrorsStayWhatTheyAre) {
    BouncedIo broken(BouncedIo::Calls{.read = nothing_works, .write = full});
    EXPECT_EQ(broken.write(3, device_), -1);
    EXPECT_EQ(errno, ENOSPC);
    EXPECT_FALSE(broken.bounces());
    EXPECT_EQ(broken.read(3, device_), -1);
    EXPECT_EQ(errno, EFAULT) << "also of ordinary memory";
}

}  // namespace
}  // namespace kiln::transports

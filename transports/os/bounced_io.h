/// \file
/// read(2) and write(2) for buffers that may be a device's memory.

#pragma once

#include <vector>

#include <sys/types.h>

#include "mmc/bytes.h"

namespace kiln::transports {

/// Memory that a device's driver maps (usbfs, for libusb) is no page of the system's: file systems
/// and O_DIRECT that look for the pages of a buffer (9p, some FUSE) refuse it with EFAULT, though
/// the program may use it. From the first EFAULT on the bytes go through ordinary memory.
///
/// Thread:  one
class BouncedIo {
public:
    /// The system's, unless a test has others.
    struct Calls {
        ssize_t (*read)(int fd, void* space, std::size_t size) = nullptr;
        ssize_t (*write)(int fd, const void* bytes, std::size_t size) = nullptr;
    };
    BouncedIo();
    explicit BouncedIo(const Calls& calls) : calls_(calls) {}

    // As the system's, errno included.

    ssize_t read(int fd, mmc::MutableByteView space);
    ssize_t write(int fd, mmc::ByteView bytes);

    [[nodiscard]] bool bounces() const { return !bounce_.empty(); }

private:
    [[nodiscard]] mmc::MutableByteView bounce_for(std::size_t size);

    Calls calls_;
    std::vector<std::uint8_t> bounce_;  // made at the first EFAULT
};

}  // namespace kiln::transports

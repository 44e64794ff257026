#include "transports/os/bounced_io.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include <unistd.h>

namespace kiln::transports {
namespace {

/// As a slot of the ring; what is larger comes in several pieces, as from every read and write.
constexpr std::size_t kBounceSize = 65536;

}  // namespace

BouncedIo::BouncedIo() : calls_{.read = ::read, .write = ::write} {}

mmc::MutableByteView BouncedIo::bounce_for(std::size_t size) {
    bounce_.resize(kBounceSize);
    return mmc::MutableByteView(bounce_).first(std::min(size, bounce_.size()));
}

ssize_t BouncedIo::read(int fd, mmc::MutableByteView space) {
    if (!bounces()) {
        const ssize_t count = calls_.read(fd, space.data(), space.size());
        if (count >= 0 || errno != EFAULT) {
            return count;
        }
    }
    const auto bounce = bounce_for(space.size());
    const ssize_t count = calls_.read(fd, bounce.data(), bounce.size());
    if (count > 0) {
        std::copy_n(bounce.begin(), count, space.begin());
    }
    return count;
}

ssize_t BouncedIo::write(int fd, mmc::ByteView bytes) {
    if (!bounces()) {
        const ssize_t count = calls_.write(fd, bytes.data(), bytes.size());
        if (count >= 0 || errno != EFAULT) {
            return count;
        }
    }
    const auto bounce = bounce_for(bytes.size());
    std::copy_n(bytes.begin(), bounce.size(), bounce.begin());
    return calls_.write(fd, bounce.data(), bounce.size());
}

}  // namespace kiln::transports

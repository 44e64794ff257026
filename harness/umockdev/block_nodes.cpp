// Preloaded beside libumockdev-preload into programs that run with a simulated drive. Older
// versions of it (up to 0.19.1) show the drive's node as a block device to stat(), but as the plain
// file that it is to fstat(): programs that look after they opened it (dvd+rw-mediainfo, growisofs)
// refuse it. Here fstat() says of such a file what stat() says.
//
// Of the C library alone, and without what needs more of C++ (a guarded static, say): it must fit
// into any program.

// The plain names and those for 64-bit offsets are both defined below.
#undef _FILE_OFFSET_BITS
#undef _FORTIFY_SOURCE

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <dlfcn.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace {

enum class Node { None, Block, Character };

/// What the program knows the file behind `fd` as: $UMOCKDEV_DIR/dev/sr0 is /dev/sr0.
Node node_of(int fd) {
    const char* folder = std::getenv("UMOCKDEV_DIR");
    if (folder == nullptr) {
        return Node::None;
    }
    std::array<char, 64> link{};
    std::snprintf(link.data(), link.size(), "/proc/self/fd/%d", fd);
    std::array<char, 4096> target{};
    const ssize_t length = ::readlink(link.data(), target.data(), target.size() - 1);
    if (length <= 0) {
        return Node::None;
    }
    // The preloaded readlink() may have taken its folder off already.
    const std::size_t prefix = std::strlen(folder);
    const bool inside = std::strncmp(target.data(), folder, prefix) == 0;
    const char* name = target.data() + (inside ? prefix : 0);
    return std::strcmp(name, "/dev/sr0") == 0   ? Node::Block
           : std::strcmp(name, "/dev/sg0") == 0 ? Node::Character
                                                : Node::None;
}

template <typename Status>
int shown(int result, int fd, Status* status) {
    if (result != 0 || !S_ISREG(status->st_mode)) {
        return result;
    }
    const int before = errno;
    const Node node = node_of(fd);
    if (node != Node::None) {
        const bool block = node == Node::Block;
        const mode_t permissions = status->st_mode & 0777U;
        status->st_mode = permissions | (block ? mode_t{S_IFBLK} : mode_t{S_IFCHR});
        status->st_rdev = block ? makedev(11, 0) : makedev(21, 0);
        status->st_size = 0;
    }
    errno = before;
    return 0;
}

template <typename Function>
Function* next(Function*& known, const char* name) {
    if (known == nullptr) {
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): a function by its name
        known = reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
    }
    return known;
}

int (*real_fstat)(int, struct stat*);
int (*real_fstat64)(int, struct stat64*);
int (*real_fxstat)(int, int, struct stat*);
int (*real_fxstat64)(int, int, struct stat64*);

}  // namespace

extern "C" {

int fstat(int fd, struct stat* status) noexcept {
    return shown(next(real_fstat, "fstat")(fd, status), fd, status);
}

int fstat64(int fd, struct stat64* status) noexcept {
    return shown(next(real_fstat64, "fstat64")(fd, status), fd, status);
}

// What programs that were built before glibc 2.33 call.
int __fxstat(int version, int fd, struct stat* status);
int __fxstat(int version, int fd, struct stat* status) {
    return shown(next(real_fxstat, "__fxstat")(version, fd, status), fd, status);
}

int __fxstat64(int version, int fd, struct stat64* status);
int __fxstat64(int version, int fd, struct stat64* status) {
    return shown(next(real_fxstat64, "__fxstat64")(version, fd, status), fd, status);
}

}  // extern "C"

// The C library's functions that DriveShim answers for. A definition in the executable comes before
// every library's; dlsym(RTLD_NEXT) finds the one behind it, which may be a sanitizer's.

// The plain names and those for 64-bit offsets are the same functions here, and both are defined
// below: the headers must not rename or wrap either.
#undef _FILE_OFFSET_BITS
#undef _FORTIFY_SOURCE

#include <cerrno>
#include <cstdarg>
#include <string>

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/shim/drive_shim.h"

namespace {

using kiln::harness::DriveShim;

template <typename Function>
Function* next(const char* name) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): a function by its name
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

/// A negative errno as the C library says it.
int result_of(int value) {
    if (value < 0) {
        errno = -value;
        return -1;
    }
    return value;
}

int open_anything(const char* path, int flags, mode_t mode) {
    static auto* const real = next<int(const char*, int, ...)>("open");
    DriveShim* shim = DriveShim::active();
    if (shim == nullptr) {
        return real(path, flags, mode);
    }
    const int ours = shim->open_node(path, flags);
    if (ours != DriveShim::kNotOurs) {
        return result_of(ours);
    }
    const std::string elsewhere = shim->redirected(path);
    return real(elsewhere.empty() ? path : elsewhere.c_str(), flags, mode);
}

mode_t mode_of(int flags, va_list arguments) {
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : mode_t{0};
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return open_anything(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return open_anything(path, flags, mode);
}

// What a program built with _FORTIFY_SOURCE calls.
int __open_2(const char* path, int flags);
int __open_2(const char* path, int flags) {
    return open_anything(path, flags, 0);
}
int __open64_2(const char* path, int flags);
int __open64_2(const char* path, int flags) {
    return open_anything(path, flags, 0);
}

int ioctl(int fd, unsigned long request, ...) noexcept {
    static auto* const real = next<int(int, unsigned long, ...)>("ioctl");
    va_list arguments;
    va_start(arguments, request);
    void* argument = va_arg(arguments, void*);
    va_end(arguments);
    if (DriveShim* shim = DriveShim::active(); shim != nullptr) {
        const int answer = shim->ioctl_of(fd, request, argument);
        if (answer != DriveShim::kNotOurs) {
            return result_of(answer);
        }
    }
    return real(fd, request, argument);
}

DIR* opendir(const char* path) {
    static auto* const real = next<DIR*(const char*)>("opendir");
    DriveShim* shim = DriveShim::active();
    const std::string elsewhere = shim == nullptr ? std::string() : shim->redirected(path);
    return real(elsewhere.empty() ? path : elsewhere.c_str());
}

ssize_t readlink(const char* path, char* target, size_t size) noexcept {
    static auto* const real = next<ssize_t(const char*, char*, size_t)>("readlink");
    DriveShim* shim = DriveShim::active();
    const std::string elsewhere = shim == nullptr ? std::string() : shim->redirected(path);
    return real(elsewhere.empty() ? path : elsewhere.c_str(), target, size);
}

int access(const char* path, int mode) noexcept {
    static auto* const real = next<int(const char*, int)>("access");
    if (DriveShim* shim = DriveShim::active(); shim != nullptr) {
        const int answer = shim->access_node(path);
        if (answer != DriveShim::kNotOurs) {
            return result_of(answer);
        }
    }
    return real(path, mode);
}

int stat(const char* path, struct stat* status) noexcept {
    static auto* const real = next<int(const char*, struct stat*)>("stat");
    DriveShim* shim = DriveShim::active();
    return shim != nullptr && shim->stat_node(path, *status) ? 0 : real(path, status);
}

// The same layout on every 64-bit Linux, under another name.
static_assert(sizeof(struct stat) == sizeof(struct stat64));
int stat64(const char* path, struct stat64* status) noexcept {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): one layout, two names
    return ::stat(path, reinterpret_cast<struct stat*>(status));
}

}  // extern "C"

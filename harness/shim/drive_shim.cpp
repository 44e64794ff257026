#include "harness/shim/drive_shim.h"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace kiln::harness {
namespace {

std::atomic<DriveShim*> the_one{nullptr};

/// 0 if `fd` is closed. By statx(), for the thread sanitizer takes fstat() beside another thread's
/// close() for a race, and here it is none: close() is not hooked, a descriptor is ours as long as
/// its number still leads to our inode.
std::uint64_t inode_of(int fd) {
    struct ::statx status{};
    const bool is_open = ::statx(fd, "", AT_EMPTY_PATH, STATX_INO, &status) == 0;
    return is_open ? status.stx_ino : 0;
}

}  // namespace

DriveShim::DriveShim() {
    std::string name = (std::filesystem::temp_directory_path() / "kiln-shim-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    std::filesystem::create_directories(folder_ + "/sys/class/scsi_generic");
    std::filesystem::create_directories(folder_ + "/sys/class/block");
    std::filesystem::create_directories(folder_ + "/proc");
    [[maybe_unused]] DriveShim* before = the_one.exchange(this);
    assert(before == nullptr);
}

DriveShim::~DriveShim() {
    the_one = nullptr;
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

DriveShim* DriveShim::active() {
    return the_one;
}

std::string DriveShim::redirected(const char* path) const {
    const std::string_view name(path);
    return name.starts_with("/sys/") || name == "/proc" || name.starts_with("/proc/")
               ? folder_ + std::string(name)
               : std::string();
}

void DriveShim::add_drive(const Drive& drive, Ioctl ioctl) {
    const std::string number = std::to_string(drive.number);
    const std::string sg = "sg" + number;
    const std::string sr = "sr" + number;
    const auto describe = [&](const std::string& device) {
        write_file(device + "/type", drive.type + "\n");
        write_file(device + "/vendor", drive.vendor + "    \n");
        write_file(device + "/model", drive.product + " \n");
        write_file(device + "/rev", "1.00\n");
        if (drive.has_sr) {
            write_file(device + "/block/" + sr + "/size", "0\n");
        }
        if (drive.has_sg) {
            write_file(device + "/scsi_generic/" + sg + "/dev", "21:" + number + "\n");
        }
    };
    if (drive.has_sg) {
        describe("/sys/class/scsi_generic/" + sg + "/device");
        add_node("/dev/" + sg, S_IFCHR, ioctl);
    }
    if (drive.has_sr) {
        describe("/sys/class/block/" + sr + "/device");
        write_file("/sys/class/block/" + sr + "/queue/max_sectors_kb", "512\n");
        add_node("/dev/" + sr, S_IFBLK, std::move(ioctl));
    }
}

void DriveShim::add_node(const std::string& path, mode_t type, Ioctl ioctl, Open open) {
    const std::scoped_lock lock(mutex_);
    Node& node = nodes_[path];
    node.type = type;
    node.ioctl = std::move(ioctl);
    node.open = std::move(open);
}

void DriveShim::add_node(const std::string& path, mode_t type, Ioctl ioctl) {
    add_node(path, type, std::move(ioctl), {});
}

void DriveShim::remove(const std::string& path) {
    const std::scoped_lock lock(mutex_);
    nodes_.erase(path);
    if (const std::string kept = redirected(path.c_str()); !kept.empty()) {
        std::filesystem::remove_all(kept);
    }
}

void DriveShim::write_file(const std::string& path, const std::string& content) {
    const std::filesystem::path file = redirected(path.c_str());
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << content;
}

void DriveShim::make_link(const std::string& path, const std::string& target) {
    const std::filesystem::path file = redirected(path.c_str());
    std::filesystem::create_directories(file.parent_path());
    std::filesystem::create_symlink(target, file);
}

void DriveShim::fail_open(const std::string& path, int os_code, int times) {
    const std::scoped_lock lock(mutex_);
    nodes_.at(path).open_error = os_code;
    nodes_.at(path).open_errors_left = times;
}

void DriveShim::set_permissions(const std::string& path, gid_t group, mode_t bits) {
    const std::scoped_lock lock(mutex_);
    nodes_.at(path).group = group;
    nodes_.at(path).bits = bits;
}

void DriveShim::forget_closed(Node& node) {
    std::erase_if(node.descriptors, [](const Descriptor& descriptor) {
        return inode_of(descriptor.number) != descriptor.inode;
    });
}

std::size_t DriveShim::open_descriptors(const std::string& path) {
    const std::scoped_lock lock(mutex_);
    forget_closed(nodes_.at(path));
    return nodes_.at(path).descriptors.size();
}

int DriveShim::opens(const std::string& path) {
    const std::scoped_lock lock(mutex_);
    return nodes_.at(path).opens;
}

int DriveShim::open_flags(const std::string& path) {
    const std::scoped_lock lock(mutex_);
    return nodes_.at(path).descriptors.empty() ? 0 : nodes_.at(path).descriptors.back().flags;
}

int DriveShim::open_node(const char* path, int flags) {
    const std::scoped_lock lock(mutex_);
    const auto found = nodes_.find(path);
    if (found == nodes_.end()) {
        return kNotOurs;
    }
    Node& node = found->second;
    ++node.opens;
    if (node.open_errors_left > 0) {
        --node.open_errors_left;
        return -node.open_error;
    }
    forget_closed(node);
    // A claim excludes other claims; on sg also plain opens.
    const bool claimed = std::ranges::any_of(
        node.descriptors, [](const Descriptor& other) { return (other.flags & O_EXCL) != 0; });
    const bool wants_claim = (flags & O_EXCL) != 0;
    const bool character = node.type == S_IFCHR;
    if ((claimed && (wants_claim || character)) ||
        (character && wants_claim && !node.descriptors.empty())) {
        return -EBUSY;
    }
    const int fd = node.open ? node.open() : ::memfd_create("kiln-shim", MFD_CLOEXEC);
    if (fd < 0) {
        return node.open ? fd : -errno;
    }
    node.descriptors.push_back({.number = fd, .inode = inode_of(fd), .flags = flags});
    return fd;
}

bool DriveShim::stat_node(const char* path, struct ::stat& status) {
    const std::scoped_lock lock(mutex_);
    const auto found = nodes_.find(path);
    if (found == nodes_.end()) {
        return false;
    }
    status = {};
    status.st_mode = found->second.type | found->second.bits;
    status.st_gid = found->second.group;
    return true;
}

int DriveShim::access_node(const char* path) {
    const std::scoped_lock lock(mutex_);
    const auto found = nodes_.find(path);
    if (found == nodes_.end()) {
        return kNotOurs;
    }
    const Node& node = found->second;
    const bool denied = node.open_error == EACCES && node.open_errors_left > 0;
    return denied ? -EACCES : 0;
}

int DriveShim::ioctl_of(int fd, unsigned long request, void* argument) {
    Ioctl answer;
    {
        const std::scoped_lock lock(mutex_);
        for (const auto& [path, node] : nodes_) {
            for (const Descriptor& descriptor : node.descriptors) {
                if (descriptor.number == fd && inode_of(fd) == descriptor.inode) {
                    answer = node.ioctl;
                }
            }
        }
    }
    // Without the lock: this one may never return, and others go on.
    return answer ? answer(request, argument) : kNotOurs;
}

}  // namespace kiln::harness

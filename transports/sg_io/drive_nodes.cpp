#include "transports/sg_io/drive_nodes.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <limits>
#include <string_view>
#include <system_error>

#include <fmt/format.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "transports/os/small_files.h"

namespace kiln::transports {
namespace {

constexpr std::string_view kOptical = "5";  // peripheral device type, as sysfs prints it

std::string first_name_in(const std::string& folder) {
    const auto names = names_in(folder);
    return names.empty() ? std::string() : names.front();
}

std::string device_path(const std::string& name) {
    return name.empty() ? name : "/dev/" + name;
}

/// Follows links by hand: one reads as what it names, "/dev/cdrom" as "sr0".
std::string resolved_name(std::string path) {
    constexpr int kMostLinks = 8;
    for (int i = 0; i < kMostLinks; ++i) {
        const std::string target = link_target(path);
        if (target.empty()) {
            break;
        }
        path = target;
    }
    return path.substr(path.rfind('/') + 1);
}

void read_identity(const std::string& device, DriveNodes& nodes) {
    nodes.vendor = line_of_file(device + "/vendor");
    nodes.product = line_of_file(device + "/model");
    nodes.revision = line_of_file(device + "/rev");
}

DriveNodes nodes_of_sg(const std::string& name) {
    const std::string device = "/sys/class/scsi_generic/" + name + "/device";
    DriveNodes nodes{.sg = device_path(name), .sr = device_path(first_name_in(device + "/block"))};
    read_identity(device, nodes);
    return nodes;
}

DriveNodes nodes_of_sr(const std::string& name) {
    const std::string device = "/sys/class/block/" + name + "/device";
    DriveNodes nodes{.sg = device_path(first_name_in(device + "/scsi_generic")),
                     .sr = device_path(name)};
    read_identity(device, nodes);
    return nodes;
}

bool is_listed(const std::string& folder, const std::string& name) {
    return std::ranges::binary_search(names_in(folder), name);
}

/// "/dev/sg10" to 10; what has no number comes last.
unsigned number_at_end(std::string_view name) {
    const auto digits = name.find_first_of("0123456789");
    unsigned value = std::numeric_limits<unsigned>::max();
    if (digits != std::string_view::npos) {
        std::from_chars(name.data() + digits, name.data() + name.size(), value);
    }
    return value;
}

std::optional<TransportError> obstacle_to(const DriveNodes& nodes) {
    for (const std::string& node : {nodes.sg, nodes.sr}) {
        if (!node.empty() && ::access(node.c_str(), R_OK | W_OK) != 0) {
            const int code = errno;
            const bool missing = code == ENOENT;
            const std::string words = std::generic_category().message(code);
            return TransportError{.kind = missing ? TransportError::Kind::NoSuchDevice
                                                  : TransportError::Kind::NotPermitted,
                                  .os_code = code,
                                  .detail = missing ? fmt::format("{}: {}", node, words)
                                                    : fmt::format("{}: {}; {}", node, words,
                                                                  permission_advice(node))};
        }
    }
    if (std::string holder = holder_of(nodes); !holder.empty()) {
        return TransportError{.kind = TransportError::Kind::InUse, .detail = std::move(holder)};
    }
    return std::nullopt;
}

/// Where /proc/self/mounts says that `node` is mounted.
std::string mount_point_of(const std::string& node) {
    const std::string table = content_of_file("/proc/self/mounts");
    std::string_view rest = table;
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        if (line.starts_with(node + " ")) {
            const std::string_view where = line.substr(node.size() + 1);
            return std::string(where.substr(0, where.find(' ')));
        }
    }
    return {};
}

bool is_same_file(const std::string& one, const std::string& other) {
    struct stat first{};
    struct stat second{};
    return ::stat(one.c_str(), &first) == 0 && ::stat(other.c_str(), &second) == 0 &&
           first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/// By its name, or by another one: in a container a node may be bound to some other place.
bool process_has_open(const std::string& process, const DriveNodes& nodes) {
    const std::string folder = "/proc/" + process + "/fd/";
    const auto descriptors = names_in(folder);
    return std::ranges::any_of(descriptors, [&](const std::string& descriptor) {
        const std::string target = link_target(folder + descriptor);
        const auto is_open = [&](const std::string& node) {
            return !node.empty() && (target == node || (target.starts_with('/') &&
                                                        is_same_file(folder + descriptor, node)));
        };
        return is_open(nodes.sg) || is_open(nodes.sr);
    });
}

}  // namespace

DriveNodes find_nodes(const std::string& path) {
    const std::string name = resolved_name(path);
    if (is_listed("/sys/class/scsi_generic", name)) {
        return nodes_of_sg(name);
    }
    if (is_listed("/sys/class/block", name)) {
        return nodes_of_sr(name);
    }
    return {};
}

std::vector<ListedDrive> list_drives() {
    std::vector<ListedDrive> drives;
    for (const std::string& name : names_in("/sys/class/scsi_generic")) {
        if (line_of_file("/sys/class/scsi_generic/" + name + "/device/type") == kOptical) {
            drives.push_back({.nodes = nodes_of_sg(name), .obstacle = std::nullopt});
        }
    }
    for (const std::string& name : names_in("/sys/class/block")) {
        if (!name.starts_with("sr")) {
            continue;
        }
        DriveNodes nodes = nodes_of_sr(name);
        if (nodes.sg.empty()) {  // else it is there already
            drives.push_back({.nodes = std::move(nodes), .obstacle = std::nullopt});
        }
    }
    std::ranges::stable_sort(
        drives, {}, [](const ListedDrive& drive) { return number_at_end(drive.nodes.sg); });
    for (ListedDrive& drive : drives) {
        drive.obstacle = obstacle_to(drive.nodes);
    }
    return drives;
}

std::string holder_of(const DriveNodes& nodes) {
    if (!nodes.sr.empty()) {
        if (const std::string where = mount_point_of(nodes.sr); !where.empty()) {
            return fmt::format("mounted on {}; `umount {}` gives it back", where, nodes.sr);
        }
    }
    const std::string self = std::to_string(::getpid());
    for (const std::string& process : names_in("/proc")) {
        if (process == self || std::isdigit(static_cast<unsigned char>(process[0])) == 0) {
            continue;
        }
        if (process_has_open(process, nodes)) {
            return fmt::format("in use by {} (process {})",
                               line_of_file("/proc/" + process + "/comm"), process);
        }
    }
    return {};
}

std::string permission_advice(const std::string& node) {
    struct stat status{};
    if (::stat(node.c_str(), &status) == 0 && status.st_gid != 0 &&
        (status.st_mode & (S_IRGRP | S_IWGRP)) == (S_IRGRP | S_IWGRP)) {
        group entry{};
        group* found = nullptr;
        std::array<char, 4096> room{};
        ::getgrgid_r(status.st_gid, &entry, room.data(), room.size(), &found);
        const std::string name =
            found != nullptr ? std::string(entry.gr_name) : std::to_string(status.st_gid);
        return fmt::format("join the group {} (sudo usermod -aG {} $USER) and log in again", name,
                           name);
    }
    return "a udev rule can give it to the group cdrom: SUBSYSTEM==\"scsi_generic\", "
           "ATTRS{type}==\"5\", GROUP=\"cdrom\", MODE=\"0660\"";
}

}  // namespace kiln::transports

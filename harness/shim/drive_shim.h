/// \file
/// Device nodes, /sys and /proc that exist for this process only.
///
/// The executable that this is linked into defines open, ioctl and their like itself, so that code
/// which talks to /dev/sg0 reaches a ScsiNode instead, whatever library it stands in; everything
/// else goes on to the C library. Linked whole (its objects, not a library of them) into test
/// executables only: in a program it would hide the real devices.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include <sys/stat.h>

#include "harness/scsi/scsi_node.h"

namespace kiln::harness {

/// While one lives, paths under /sys and /proc are looked up in a folder of its own, and the device
/// nodes that were added can be opened. One at a time.
///
/// Thread:  any, but for its construction and end
class DriveShim {
public:
    /// Answers an ioctl on an open node: 0 or more, or a negative errno.
    using Ioctl = std::function<int(unsigned long request, void* argument)>;

    DriveShim();
    DriveShim(const DriveShim&) = delete;
    DriveShim& operator=(const DriveShim&) = delete;
    ~DriveShim();

    struct Drive {
        int number = 0;  // of sgN and srN
        std::string type = "5";
        std::string vendor = "KILN";
        std::string product = "SIMULATED BD-RE";
        bool has_sg = true;
        bool has_sr = true;
    };
    /// Adds /dev/sgN and /dev/srN with what /sys says about them.
    void add_drive(const Drive& drive, Ioctl ioctl);
    void add_node(const std::string& path, mode_t type, Ioctl ioctl);
    /// Gives the descriptor of each open of a node, or a negative errno. Without one it is good for
    /// ioctl() alone.
    using Open = std::function<int()>;
    void add_node(const std::string& path, mode_t type, Ioctl ioctl, Open open);
    /// The node, and what was written or linked at and under `path`, are gone.
    void remove(const std::string& path);
    /// Under /sys or /proc; folders come with it.
    void write_file(const std::string& path, const std::string& content);
    void make_link(const std::string& path, const std::string& target);

    /// The next `times` opens of `path` fail so; 0 lets them through again.
    void fail_open(const std::string& path, int os_code, int times = 1 << 30);
    /// Owner and mode bits that stat() shows.
    void set_permissions(const std::string& path, gid_t group, mode_t bits);

    [[nodiscard]] std::size_t open_descriptors(const std::string& path);
    [[nodiscard]] int opens(const std::string& path);
    /// The flags of the last open.
    [[nodiscard]] int open_flags(const std::string& path);

    // For the functions that stand in for the C library's.

    /// The one that lives, or null.
    static DriveShim* active();
    /// Where a path under /sys or /proc is kept; empty for others.
    [[nodiscard]] std::string redirected(const char* path) const;
    /// A descriptor, -errno, or kNotOurs.
    int open_node(const char* path, int flags);
    bool stat_node(const char* path, struct ::stat& status);
    int access_node(const char* path);
    int ioctl_of(int fd, unsigned long request, void* argument);
    static constexpr int kNotOurs = -100000;

private:
    struct Descriptor {
        int number = -1;
        std::uint64_t inode = 0;
        int flags = 0;
    };
    struct Node {
        mode_t type = S_IFCHR;
        mode_t bits = 0660;
        gid_t group = 0;
        Ioctl ioctl;
        Open open;
        int open_error = 0;
        int open_errors_left = 0;
        int opens = 0;
        std::vector<Descriptor> descriptors;
    };
    static void forget_closed(Node& node);

    std::string folder_;
    std::mutex mutex_;
    std::map<std::string, Node> nodes_;
};

}  // namespace kiln::harness

/// \file
/// Which device nodes belong to an optical drive, and who uses them.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "transports/error.h"

namespace kiln::transports {

/// The two nodes of one drive: commands go through sg, the claim of exclusive use is held on sr.
/// (An SG_IO on sr holds the kernel's lock on that node: a second command could not be sent while
/// one is under way, and older kernels had one lock for all drives. But sg knows no claim that
/// mount, udev and the other burning programs look at.)
struct DriveNodes {
    std::string sg{};  // "/dev/sg0"; empty where the sg driver is not loaded
    std::string sr{};  // "/dev/sr0"; empty where the sr driver does not have it
    std::string vendor{};
    std::string product{};
    std::string revision{};
};

/// The nodes of the drive that `path` names: either node, or a link to one. What cannot be found
/// stays empty; of a name that the kernel does not list as a drive both do.
[[nodiscard]] DriveNodes find_nodes(const std::string& path);

/// A drive that this machine has.
struct ListedDrive {
    DriveNodes nodes;
    /// Why it cannot be opened now and what to do, as far as that shows without opening it.
    std::optional<TransportError> obstacle;
};

/// Every optical drive that the kernel lists, in the order of their sg numbers. Opens none.
[[nodiscard]] std::vector<ListedDrive> list_drives();

/// "mounted on /media/disc; umount /dev/sr0 gives it back", "in use by vlc (process 123)"; empty if
/// nobody can be seen to use it. Sees other users' programs only as root.
[[nodiscard]] std::string holder_of(const DriveNodes& nodes);

/// "join the group cdrom (sudo usermod -aG cdrom $USER) and log in again", or which udev rule
/// gives the permission.
[[nodiscard]] std::string permission_advice(const std::string& node);

}  // namespace kiln::transports

/// \file
/// The umockdev testbed that holds one drive.

#pragma once

#include <memory>
#include <string>

#include "mmc/result.h"

#include "harness/scsi/scsi_node.h"
#include "harness/umockdev/guest.h"

namespace kiln::harness {

/// /dev/sr0, /dev/sg0 and their /sys, in a folder of their own that $UMOCKDEV_DIR names. One in a
/// process at a time.
///
/// Thread:  ioctls come on a thread of umockdev's, one at a time
class Testbed {
public:
    Testbed() = default;
    Testbed(const Testbed&) = delete;
    Testbed& operator=(const Testbed&) = delete;
    virtual ~Testbed() = default;

    /// `node` answers; it must outlive this.
    static mmc::Result<std::unique_ptr<Testbed>, std::string> make(const GuestDrive& drive,
                                                                   ScsiNode& node);
    [[nodiscard]] virtual std::string folder() const = 0;
};

}  // namespace kiln::harness

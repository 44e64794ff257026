/// \file
/// A device node that takes SCSI commands, as the kernel's sg and sr drivers offer it, over any
/// transport: what the in-process shim and `kiln sim run` put before a simulated drive.

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <scsi/sg.h>

#include "mmc/bytes.h"

#include "transports/transport.h"

namespace kiln::harness {

/// Answers as the kernel does: 0 or more, or a negative errno.
///
/// Thread:  as the transport below
class ScsiNode {
public:
    explicit ScsiNode(transports::Transport& below) : below_(&below) {}

    /// SG_IO with the caller's pointers replaced by what they point to. Writes the answer's fields
    /// of `header`, `data` and `sense`; of a data-in phase no more than moved.
    ///
    /// Errors:  -ENODEV Gone, -EPERM NotPermitted, -EBUSY InUse, -ENOMEM TooLarge, -EINTR
    ///          Interrupted, or the error's own os_code; TimedOut and HostFailure are answers with
    ///          host and driver status
    int sg_io(sg_io_hdr& header, mmc::ByteView cdb, mmc::MutableByteView data,
              mmc::MutableByteView sense);

    /// Any ioctl of this process: SG_IO with the header's own pointers, and the others that
    /// programs send to sg and sr (versions, time-outs, sizes, the reset).
    int ioctl(unsigned long request, void* argument);

    /// Data-out buffers that were not the same at the end of their command as at its start.
    [[nodiscard]] std::uint64_t changed_buffers() const { return changed_buffers_; }

private:
    int sg_io_here(sg_io_hdr& header);
    int reset(int how);

    transports::Transport* below_;
    std::vector<std::uint8_t> snapshot_;
    std::uint64_t changed_buffers_ = 0;
    int timeout_ticks_ = 6000;  // SG_SET_TIMEOUT, in hundredths of a second
    int reserved_bytes_ = 32768;
};

}  // namespace kiln::harness

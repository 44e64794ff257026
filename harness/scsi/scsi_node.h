/// \file
/// A device node that takes SCSI commands, as the kernel's sg and sr drivers offer it, over any
/// transport: what the in-process shim and `kiln sim run` put before a simulated drive.

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <linux/cdrom.h>
#include <scsi/sg.h>

#include "mmc/bytes.h"
#include "mmc/cdb.h"
#include "mmc/sense.h"

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
    /// programs send to sg and sr. `argument` is a pointer or a number, as the request has it.
    int ioctl(unsigned long request, void* argument);
    /// CDROM_SEND_PACKET with its pointers followed.
    int send_packet(cdrom_generic_command& packet, mmc::MutableByteView data,
                    mmc::MutableByteView sense);

    /// Data-out buffers that were not the same at the end of their command as at its start.
    [[nodiscard]] std::uint64_t changed_buffers() const { return changed_buffers_; }

private:
    int sg_io_here(sg_io_hdr& header);
    int sg_ioctl(unsigned long request, void* argument);
    int block_ioctl(unsigned long request, void* argument);
    int cdrom_ioctl(unsigned long request, void* argument);
    int reset(int how);
    /// A command of the kernel's own: what moved, or a negative errno; `sense` is kept.
    int command(const mmc::Cdb& cdb, transports::DataPhase data);
    int drive_status();
    int toc_header(cdrom_tochdr& header);
    int toc_entry(cdrom_tocentry& entry);
    int multi_session(cdrom_multisession& session);
    int blocks_on_disc(std::uint64_t& blocks);

    transports::Transport* below_;
    mmc::Sense sense_;  // of the last command()
    std::vector<std::uint8_t> snapshot_;
    std::uint64_t changed_buffers_ = 0;
    int timeout_ticks_ = 6000;  // SG_SET_TIMEOUT, in hundredths of a second
    int reserved_bytes_ = 32768;
};

}  // namespace kiln::harness

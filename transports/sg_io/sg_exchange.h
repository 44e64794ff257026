/// \file
/// One command as Linux SG_IO takes it, and what the answer means. No system call in here.

#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <scsi/sg.h>

#include "mmc/cdb.h"

#include "transports/error.h"
#include "transports/transport.h"

namespace kiln::transports {

/// The bit of SG_SCSI_RESET that says: this reset and no stronger one after it. In the kernel's
/// <scsi/sg.h>, not in glibc's.
inline constexpr int kResetWithoutEscalation = 0x100;

/// Everything the kernel reads and writes for one command: it belongs to the thread that sends it,
/// which may be left behind with it.
struct SgExchange {
    mmc::Cdb cdb;
    std::array<std::uint8_t, 64> sense{};
    /// The data phase where the caller's buffer may go away before the kernel is done with it.
    std::vector<std::uint8_t> bounce;
    /// Keeps the caller's buffer where it is one of ours.
    std::shared_ptr<const void> keep;
    sg_io_hdr header{};
    int os_code = 0;  // errno of the ioctl, 0 if it went through
};

/// The kernel's own time-out of a command. When that passes, the kernel resets the drive, then the
/// bus: so a command that must not be reset gets one that never passes, and whoever waits gives up
/// by a clock of its own.
[[nodiscard]] std::chrono::milliseconds kernel_timeout(const Request& request);

/// Fills everything but `bounce` and `keep`; `data` is where the bytes are.
void prepare(SgExchange& exchange, const Request& request, void* data, std::uint32_t size);

/// What a finished exchange says: status and sense, or why the command did not complete. Start and
/// end are left to the caller.
///
/// Errors:  Gone, TimedOut, HostFailure by host and driver status; by errno also NotPermitted,
///          InUse, TooLarge, NotADrive. `node` is for the words
[[nodiscard]] Result<Completion, TransportError> outcome_of(const SgExchange& exchange,
                                                            const std::string& node);

}  // namespace kiln::transports

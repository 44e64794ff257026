/// \file
/// Runs any program with a simulated drive as its /dev/sr0 and /dev/sg0.
///
///     this process                                the program
///     transport <- ScsiNode <- socket <--------- ioctl(/dev/sg0), by libumockdev-preload
///
/// The program is not changed, needs no root and sees no other drive; the simulated one stays in
/// this process.

#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "mmc/result.h"

#include "transports/clock.h"
#include "transports/transport.h"

namespace kiln::harness {

struct GuestDrive {
    transports::Transport* transport = nullptr;
    /// The drive's clock. What passes in the real world between two commands passes on it too;
    /// while the drive says that it is busy (02/04/xx) so many times faster, so that a program that
    /// polls need not wait as long as a real disc takes. 1 with a clock that runs by itself.
    transports::Clock* clock = nullptr;
    bool clock_runs_by_itself = false;
    unsigned haste = 50;
    // INQUIRY's words, for /sys.
    std::string vendor = "KILN";
    std::string product = "SIMULATED";
    std::string revision = "1.00";
};

/// Runs `command` (found along PATH) to its end, with this process's standard streams. The drive's
/// transport is used by one other thread meanwhile. Interrupt and quit keys are the program's.
///
/// Blocks:  until the program ends
/// Returns: its exit status, 128 + N after signal N
/// Errors:  in words: umockdev or the program is not there
[[nodiscard]] mmc::Result<int, std::string> run_guest(const GuestDrive& drive,
                                                      const std::vector<std::string>& command);

}  // namespace kiln::harness

/// \file
/// The one place that chooses a transport.

#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "transports/clock.h"
#include "transports/stop.h"
#include "transports/transport.h"

#include "stack/ports.h"

#include "tools/libkiln/address.h"

namespace kiln::tools {

/// A drive with all it stands on. Its end releases the drive; close() does and can tell.
class OpenDrive {
public:
    OpenDrive() = default;
    OpenDrive(const OpenDrive&) = delete;
    OpenDrive& operator=(const OpenDrive&) = delete;
    virtual ~OpenDrive() = default;

    [[nodiscard]] virtual transports::Transport& transport() = 0;
    /// The drive's time: all that waits for this drive waits on it.
    [[nodiscard]] virtual transports::Clock& clock() = 0;
    /// The clock stands still while anything real is awaited.
    [[nodiscard]] virtual bool time_is_virtual() const = 0;
    /// Ports for a burn; `top` is transport() or wraps it, and outlives them.
    [[nodiscard]] virtual std::unique_ptr<stack::Ports> make_ports(transports::Transport& top) = 0;
    /// Once; nothing else may be called after it.
    virtual Result<void, OpenError> close() = 0;
};

/// What a drive needs from the program. All of it outlives the drive.
struct Surroundings {
    transports::Clock& clock;          // the operating system's
    transports::Waker& waker;          // ends every wait for the drive
    transports::Stop* stop = nullptr;  // ends the opening early too, where that can take long
};

/// Opens the drive at `address`.
///
/// Blocks:  a simulated drive: no; USB: 60 s at most; SG_IO: as long as opening the device file
/// does Errors:  OpenError Thread:  the drive's thread from now on
[[nodiscard]] Result<std::unique_ptr<OpenDrive>, OpenError> open_drive(
    std::string_view address, const Surroundings& surroundings);

/// Ports with a device thread and a reader thread, for every drive whose time is real.
[[nodiscard]] std::unique_ptr<stack::Ports> make_real_ports(transports::Transport& top,
                                                            transports::Clock& clock,
                                                            transports::Waker& waker);

/// One drive of this machine.
struct FoundDrive {
    std::string address;  // "sg:/dev/sr0"
    std::string vendor;
    std::string product;
    std::string revision;
    bool can_open = false;
    std::string why_not;  // and what to do
    /// Opening it for a look takes it from nobody.
    bool is_free = true;
};

}  // namespace kiln::tools

/// \file
/// Listening for clients, and nothing else: what of this machine may be reached is decided here.

#pragma once

#include <cstdint>
#include <string>

#include "mmc/result.h"

#include "transports/os/unique_fd.h"

#include "harness/sim/sim_address.h"

namespace kiln::harness::usbip {

struct Listener {
    transports::UniqueFd fd;
    std::string where;  // "127.0.0.1:3240", "[::1]:3240"
};

/// `address` is a numeric one, of either family; `port` 0 is any that is free.
///
/// Errors:  Usage where it is none; InUse, NotPermitted, Failed
[[nodiscard]] mmc::Result<Listener, SimError> listen_at(const std::string& address,
                                                        std::uint16_t port);

/// Not open where nobody is there any more.
[[nodiscard]] transports::UniqueFd accept_from(int listener);

void set_nonblocking(int fd);

}  // namespace kiln::harness::usbip

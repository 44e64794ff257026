#include "harness/umockdev/sim_run.h"

#include <utility>

#if KILN_WITH_UMOCKDEV
#include "transports/faults/fault_transport.h"
#include "transports/os/os_clock.h"

#include "harness/umockdev/guest.h"
#endif

namespace kiln::harness {
namespace {

auto refused(SimError::Kind kind, std::string detail) {
    return tl::make_unexpected(SimError{.kind = kind, .detail = std::move(detail)});
}

#if KILN_WITH_UMOCKDEV
mmc::Result<std::vector<transports::Fault>, SimError> faults_of(const SimAddress& address) {
    std::vector<transports::Fault> faults;
    for (const std::string& text : address.faults) {
        auto fault = transports::parse_fault(text);
        if (!fault) {
            return refused(SimError::Kind::Usage, std::move(fault).error());
        }
        faults.push_back(*std::move(fault));
    }
    return faults;
}
#endif

}  // namespace

mmc::Result<int, SimError> run_with_simulated_drive(const SimAddress& address,
                                                    const std::vector<std::string>& command) {
    if (command.empty()) {
        return refused(SimError::Kind::Usage, "sim run: no command to run");
    }
#if KILN_WITH_UMOCKDEV
    KILN_ASSIGN_OR_RETURN(auto faults, faults_of(address));
    KILN_ASSIGN_OR_RETURN(const auto drive, open_sim(address, {}));
    transports::OsWaker waker;
    transports::FaultTransport transport(
        {.below = &drive->transport(), .clock = &drive->clock(), .waker = &waker},
        std::move(faults));
    const Identity& identity = drive->personality().identity;
    const GuestDrive guest{.transport = &transport,
                           .clock = &drive->clock(),
                           .clock_runs_by_itself = address.time_factor > 0,
                           .vendor = identity.vendor,
                           .product = identity.product,
                           .revision = identity.revision};
    auto status = run_guest(guest, command);
    KILN_RETURN_IF_ERROR(drive->close());
    if (!status) {
        return refused(SimError::Kind::Failed, std::move(status).error());
    }
    return *status;
#else
    (void)address;
    return refused(SimError::Kind::Failed,
                   "sim run: this kiln was built without umockdev (package libumockdev-dev)");
#endif
}

}  // namespace kiln::harness

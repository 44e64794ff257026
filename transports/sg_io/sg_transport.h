/// \file
/// Optical drives through Linux SG_IO.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "transports/clock.h"
#include "transports/os/os_clock.h"
#include "transports/os/unique_fd.h"
#include "transports/sg_io/drive_nodes.h"
#include "transports/sg_io/helper_thread.h"
#include "transports/sg_io/sg_exchange.h"
#include "transports/transport.h"

namespace kiln::transports {

/// Each command runs on a helper thread, so that one that never returns can be left behind:
///
///     ready --execute()--> under way --answer--> ready
///                              |
///                              +--interrupt(), or the deadline--> left behind
///     left behind: every execute() is InUse, until the kernel gives the command back -> ready
///
/// The kernel's time-out resets the drive; Guard::NeverReset commands therefore get none, and end
/// by this side's clock alone. A command that is left behind keeps its memory and the claim of the
/// drive, also past the end of this object: the drive is still at it.
///
/// Thread:  as Transport
class SgTransport final : public Transport {
public:
    struct Options {
        /// How long somebody else's claim is waited for: udev looks at a new disc for a second or
        /// two, with the claim held.
        Duration claim_patience = std::chrono::seconds(5);
        /// What a kernel that resets a drive may take longer than the command's time-out.
        Duration recovery_patience = std::chrono::seconds(60);
    };

    /// Claims the drive that `path` (its sg or sr node, or a link to one) names.
    ///
    /// Blocks:  up to options.claim_patience, then for an INQUIRY
    /// Errors:  NoSuchDevice, NotPermitted (with what to do), InUse (with who holds it, where that
    ///          can be seen), NotADrive; as execute()
    static Result<std::unique_ptr<SgTransport>, TransportError> open(const std::string& path,
                                                                     Clock& clock);
    static Result<std::unique_ptr<SgTransport>, TransportError> open(const std::string& path,
                                                                     Clock& clock,
                                                                     const Options& options);
    ~SgTransport() override;
    SgTransport(const SgTransport&) = delete;
    SgTransport& operator=(const SgTransport&) = delete;

    Result<Completion, TransportError> execute(const Request& request) override;
    /// Leaves the command behind; the drive goes on with it.
    void interrupt() noexcept override;
    /// ResetTransport is the kernel's device reset, ResetDevice its bus reset (with usb-storage: a
    /// Bulk-Only reset, a port reset). Both need CAP_SYS_RAWIO and an sg node.
    ///
    /// Blocks:  at most options.recovery_patience
    /// Errors:  Unsupported for ClearHalt; NotPermitted; TimedOut
    Result<void, TransportError> recover(Rung rung) override;
    [[nodiscard]] Limits limits() const override { return limits_; }
    /// Bytes in these go to the kernel as they are; those elsewhere are copied.
    [[nodiscard]] Buffers make_buffers(std::size_t count, std::size_t each) override;

    [[nodiscard]] const DriveNodes& nodes() const { return nodes_; }

private:
    /// Descriptors that a command left behind keeps open.
    struct Descriptors {
        UniqueFd claim;    // the sr node; not open where commands go there themselves
        UniqueFd command;  // the sg node
    };
    struct Block {
        std::weak_ptr<const void> keep;
        mmc::MutableByteView bytes;
    };
    enum class Ending : std::uint8_t { Done, TimedOut, Interrupted };

    SgTransport(std::string path, Clock& clock, const Options& options);

    Result<void, TransportError> open_nodes();
    Result<UniqueFd, TransportError> open_node(const std::string& node, int flags);
    [[nodiscard]] TransportError open_error(const std::string& node, int os_code) const;
    Result<void, TransportError> check_sg_io();
    void find_limits();
    Result<void, TransportError> check_type();
    Result<void, TransportError> check_ready(const Request& request);
    std::shared_ptr<SgExchange> make_exchange(const Request& request);
    Result<Completion, TransportError> finish(const SgExchange& exchange, const Request& request,
                                              Instant start);
    TransportError leave_behind(const Request& request, Ending ending, Instant start);
    Ending run(HelperThread& thread, std::function<void()> task, Instant deadline);

    std::string path_;  // as it was given
    Clock* clock_;
    Options options_;
    DriveNodes nodes_;
    std::string command_node_;
    std::shared_ptr<Descriptors> descriptors_ = std::make_shared<Descriptors>();
    Limits limits_;
    std::vector<Block> blocks_;

    std::shared_ptr<OsWaker> waker_ = std::make_shared<OsWaker>();
    std::unique_ptr<HelperThread> thread_;
    std::string behind_;  // what was left behind, for the message; empty: nothing

    std::uint64_t commands_ = 0;
    /// Number of the command under way, 0 between commands; and of the last one interrupted. So an
    /// interrupt() that comes too late does not end the next command.
    std::atomic<std::uint64_t> under_way_{0};
    std::atomic<std::uint64_t> interrupted_{0};
};

}  // namespace kiln::transports

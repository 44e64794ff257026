// How SgTransport finds and claims its drive.

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>

#include "mmc/commands/primary.h"

#include "transports/os/small_files.h"
#include "transports/sg_io/sg_transport.h"

namespace kiln::transports {
namespace {

using Kind = TransportError::Kind;

constexpr std::uint8_t kOpticalType = 0x05;
constexpr int kOldestVersion = 30000;  // SG_IO as used here came with version 3 of sg

std::uint64_t number_in(const std::string& path) {
    const std::string line = line_of_file(path);
    std::uint64_t value = 0;
    std::from_chars(line.data(), line.data() + line.size(), value);
    return value;
}

std::string_view name_of_type(unsigned type) {
    switch (type) {
        case 0x00:
            return "a disk";
        case 0x01:
            return "a tape drive";
        case 0x07:
            return "an optical memory device";
        case 0x08:
            return "a medium changer";
        case 0x0D:
            return "an enclosure";
        default:
            return "something else";
    }
}

}  // namespace

Result<std::unique_ptr<SgTransport>, TransportError> SgTransport::open(const std::string& path,
                                                                       Clock& clock) {
    return open(path, clock, Options());
}

Result<std::unique_ptr<SgTransport>, TransportError> SgTransport::open(const std::string& path,
                                                                       Clock& clock,
                                                                       const Options& options) {
    std::unique_ptr<SgTransport> transport(new SgTransport(path, clock, options));
    KILN_RETURN_IF_ERROR(transport->open_nodes());
    KILN_RETURN_IF_ERROR(transport->check_sg_io());
    transport->find_limits();
    try {
        transport->thread_ = std::make_unique<HelperThread>(transport->waker_);
    } catch (const std::system_error& error) {
        return tl::make_unexpected(TransportError{
            .kind = Kind::HostFailure,
            .os_code = error.code().value(),
            .detail = fmt::format("start a thread for {}: {}", path, error.code().message())});
    }
    KILN_RETURN_IF_ERROR(transport->check_type());
    return transport;
}

Result<void, TransportError> SgTransport::open_nodes() {
    nodes_ = find_nodes(path_);
    if (!nodes_.sg.empty() && !nodes_.sr.empty()) {
        // Reading is enough for a claim.
        KILN_ASSIGN_OR_RETURN(descriptors_->claim, open_node(nodes_.sr, O_RDONLY | O_EXCL));
        command_node_ = nodes_.sg;
        KILN_ASSIGN_OR_RETURN(descriptors_->command, open_node(nodes_.sg, O_RDWR));
        return {};
    }
    // One node alone, listed or not, is both.
    command_node_ = !nodes_.sg.empty() ? nodes_.sg : !nodes_.sr.empty() ? nodes_.sr : path_;
    KILN_ASSIGN_OR_RETURN(descriptors_->command, open_node(command_node_, O_RDWR | O_EXCL));
    return {};
}

Result<UniqueFd, TransportError> SgTransport::open_node(const std::string& node, int flags) {
    constexpr auto kBetween = std::chrono::milliseconds(100);
    const Instant deadline = clock_->now() + options_.claim_patience;
    while (true) {
        // O_NONBLOCK: else sr wants a readable disc, and sg waits for a claim without an end.
        UniqueFd fd(::open(node.c_str(), flags | O_NONBLOCK | O_CLOEXEC));
        int os_code = errno;
        if (fd.open()) {
            // The lock keeps udev from probing the drive while it writes; udev itself holds one of
            // the other kind while it probes (systemd, "Locking Block Device Access").
            const bool claims = (flags & O_EXCL) != 0;
            if (!claims || ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) {
                return fd;
            }
            os_code = EBUSY;
        }
        const Instant now = clock_->now();
        if (os_code != EBUSY || now >= deadline) {
            return tl::make_unexpected(open_error(node, os_code));
        }
        clock_->wait_until(std::min(deadline, now + kBetween), *waker_);
    }
}

TransportError SgTransport::open_error(const std::string& node, int os_code) const {
    TransportError error{
        .kind = Kind::HostFailure,
        .os_code = os_code,
        .detail = fmt::format("open {}: {}", node, std::generic_category().message(os_code))};
    switch (os_code) {
        case ENOENT:
        case ENODEV:
        case ENXIO:
        case ENOTDIR:
            error.kind = Kind::NoSuchDevice;
            break;
        case EISDIR:
            error.kind = Kind::NotADrive;
            break;
        case EACCES:
        case EPERM:
            error.kind = Kind::NotPermitted;
            error.detail += "; " + permission_advice(node);
            break;
        case EBUSY: {
            error.kind = Kind::InUse;
            const std::string holder = holder_of(nodes_);
            error.detail += "; " + (holder.empty() ? "in use by another program" : holder);
            break;
        }
        default:
            break;
    }
    return error;
}

Result<void, TransportError> SgTransport::check_sg_io() {
    int version = 0;
    if (::ioctl(descriptors_->command.get(), SG_GET_VERSION_NUM, &version) != 0) {
        return tl::make_unexpected(TransportError{
            .kind = Kind::NotADrive,
            .os_code = errno,
            .detail =
                fmt::format("{} does not take SCSI commands: it is not an optical drive", path_)});
    }
    if (version < kOldestVersion) {
        return tl::make_unexpected(TransportError{
            .kind = Kind::Unsupported,
            .detail = fmt::format("{}: version {} of the sg driver is too old for SG_IO", path_,
                                  version)});
    }
    return {};
}

/// What fits into one command: the queue's limit, and the pages that the host takes in one list
/// where none of them are neighbours.
void SgTransport::find_limits() {
    constexpr std::size_t kDefault = 65536;
    constexpr std::size_t kLeast = 32768;  // a CD block of 2352 bytes and a DVD's ECC block
    constexpr std::size_t kMost = std::size_t{4} << 20U;
    constexpr std::size_t kPage = 4096;
    std::size_t most = kDefault;
    const std::string name = nodes_.sr.substr(nodes_.sr.rfind('/') + 1);
    const std::string queue = "/sys/class/block/" + name + "/queue";
    if (const std::uint64_t kilobytes = number_in(queue + "/max_sectors_kb"); kilobytes != 0) {
        most = static_cast<std::size_t>(kilobytes) * 1024;
        if (const std::uint64_t segments = number_in(queue + "/max_segments"); segments != 0) {
            most = std::min(most, static_cast<std::size_t>(segments) * kPage);
        }
    } else if (int reserved = 0;
               ::ioctl(descriptors_->command.get(), SG_GET_RESERVED_SIZE, &reserved) == 0 &&
               reserved > 0) {
        most = std::max(most, static_cast<std::size_t>(reserved));
    }
    limits_.max_transfer = std::clamp(most, kLeast, kMost);
}

Result<void, TransportError> SgTransport::check_type() {
    std::array<std::uint8_t, 36> answer{};
    mmc::Inquiry inquiry;
    inquiry.allocation_length = answer.size();
    const auto cdb = mmc::encode(inquiry);
    const Request request{
        .cdb = cdb.value(), .data = DataIn{answer}, .timeout = std::chrono::seconds(10)};
    KILN_ASSIGN_OR_RETURN(const Completion completion, execute(request));
    if (completion.status != Status::Good || completion.moved < 8) {
        return tl::make_unexpected(TransportError{
            .kind = Kind::Protocol,
            .detail =
                fmt::format("{} does not answer INQUIRY: status {:02x}h, {} bytes", command_node_,
                            static_cast<unsigned>(completion.status), completion.moved)});
    }
    const unsigned type = answer[0] & 0x1FU;
    if (type != kOpticalType) {
        return tl::make_unexpected(TransportError{
            .kind = Kind::NotADrive,
            .detail = fmt::format("{} is {} (peripheral device type {:02x}h), not an optical "
                                  "drive",
                                  path_, name_of_type(type), type)});
    }
    return {};
}

}  // namespace kiln::transports

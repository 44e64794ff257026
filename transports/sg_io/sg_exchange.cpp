#include "transports/sg_io/sg_exchange.h"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "mmc/sense.h"

#include "transports/sg_io/drive_nodes.h"

namespace kiln::transports {
namespace {

using Kind = TransportError::Kind;

// host_status, from the kernel's include/scsi/scsi_status.h; glibc's <scsi/scsi.h> lacks them.
enum class HostStatus : std::uint16_t {
    NoConnect = 0x01,
    BusBusy = 0x02,
    TimeOut = 0x03,
    BadTarget = 0x04,
    Abort = 0x05,
    Parity = 0x06,
    Error = 0x07,
    Reset = 0x08,
    SoftError = 0x0b,
    TransportDisrupted = 0x0e,
    // Kernels before 6.1 mark these beside a status that tells more.
    TargetFailure = 0x10,
    NexusFailure = 0x11,
    AllocFailure = 0x12,
    MediumError = 0x13,
};

constexpr unsigned kDriverCodes = 0x0F;  // the suggestions above them ended with Linux 2.6
constexpr unsigned kDriverBusy = 0x01;
constexpr unsigned kDriverTimeout = 0x06;
constexpr unsigned kDriverSense = 0x08;

constexpr std::uint8_t kStatusBits = 0x3E;  // SAM-1 left bits 0, 6 and 7 to vendors

std::string_view words_of(HostStatus status) {
    switch (status) {
        case HostStatus::NoConnect:
            return "no connection to the drive";
        case HostStatus::BusBusy:
            return "the bus stayed busy";
        case HostStatus::TimeOut:
            return "the kernel's time-out passed";
        case HostStatus::BadTarget:
            return "no such target";
        case HostStatus::Abort:
            return "the host aborted the command";
        case HostStatus::Parity:
            return "parity error on the bus";
        case HostStatus::Error:
            return "the host adapter or bridge failed";
        case HostStatus::Reset:
            return "the bus was reset";
        case HostStatus::SoftError:
            return "the host asks for a retry";
        case HostStatus::TransportDisrupted:
            return "the transport was disrupted";
        default:
            return "the host failed";
    }
}

Kind kind_of(HostStatus status) {
    switch (status) {
        case HostStatus::NoConnect:
        case HostStatus::BadTarget:
            return Kind::Gone;
        case HostStatus::TimeOut:
            return Kind::TimedOut;
        default:
            return Kind::HostFailure;
    }
}

Kind kind_of_os_code(int os_code) {
    switch (os_code) {
        case ENODEV:
        case ENXIO:
            return Kind::Gone;
        case EPERM:
        case EACCES:
            return Kind::NotPermitted;
        case EBUSY:
        case EAGAIN:
        case EDOM:
            return Kind::InUse;  // EDOM: sg has 16 commands of this descriptor queued
        case ENOMEM:
            return Kind::TooLarge;
        case EINTR:
            return Kind::Interrupted;
        case ENOTTY:
            return Kind::NotADrive;
        case ENOSYS:
            return Kind::Unsupported;
        case ETIMEDOUT:
            return Kind::TimedOut;
        default:
            return Kind::HostFailure;
    }
}

TransportError ioctl_error(const SgExchange& exchange, const std::string& node) {
    std::string detail =
        fmt::format("SG_IO on {}: {}", node, std::generic_category().message(exchange.os_code));
    switch (exchange.os_code) {
        case ENODEV:
        case ENXIO:
            detail += " (unplugged?)";
            break;
        case EPERM:
        case EACCES:
            detail += "; " + permission_advice(node);
            break;
        case ENOMEM:
            detail +=
                fmt::format(" for {} bytes; fewer at a time may pass", exchange.header.dxfer_len);
            break;
        default:
            break;
    }
    return {.kind = kind_of_os_code(exchange.os_code),
            .os_code = exchange.os_code,
            .host_status = 0,
            .driver_status = 0,
            .detail = std::move(detail)};
}

mmc::Sense sense_of(const SgExchange& exchange) {
    const auto written = std::min<std::size_t>(exchange.header.sb_len_wr, exchange.sense.size());
    return mmc::decode_sense(mmc::ByteView(exchange.sense).first(written));
}

/// Bytes that moved; a residual that cannot be is taken for the nearest that can (bridges exist
/// that report more than was asked for).
std::uint32_t moved_of(const sg_io_hdr& header) {
    const std::int64_t asked = header.dxfer_len;
    return static_cast<std::uint32_t>(std::clamp(asked - header.resid, std::int64_t{0}, asked));
}

/// Kernels before 5.14 sometimes report sense with status 0 (the status byte was lost on the way):
/// sense of a real error counts.
bool sense_without_status(const SgExchange& exchange) {
    if ((exchange.header.driver_status & kDriverCodes) != kDriverSense) {
        return false;
    }
    const auto key = sense_of(exchange).key;
    return key != mmc::SenseKey::NoSense && key != mmc::SenseKey::RecoveredError;
}

bool host_status_is_an_echo(std::uint16_t host_status) {
    return host_status >= static_cast<std::uint16_t>(HostStatus::TargetFailure) &&
           host_status <= static_cast<std::uint16_t>(HostStatus::MediumError);
}

TransportError status_error(const sg_io_hdr& header, const std::string& node, Kind kind,
                            std::string_view words) {
    return {.kind = kind,
            .os_code = 0,
            .host_status = header.host_status,
            .driver_status = header.driver_status,
            .detail = fmt::format("SG_IO on {}: {}", node, words)};
}

}  // namespace

std::chrono::milliseconds kernel_timeout(const Request& request) {
    using std::chrono::milliseconds;
    constexpr milliseconds kNever = std::chrono::hours(24 * 7);
    if (request.guard == Guard::NeverReset) {
        return kNever;
    }
    return std::clamp(std::chrono::ceil<milliseconds>(request.timeout), milliseconds(1), kNever);
}

void prepare(SgExchange& exchange, const Request& request, void* data, std::uint32_t size) {
    exchange.cdb = request.cdb;
    sg_io_hdr& header = exchange.header;
    header = {};
    header.interface_id = 'S';
    header.dxfer_direction = std::holds_alternative<DataIn>(request.data)    ? SG_DXFER_FROM_DEV
                             : std::holds_alternative<DataOut>(request.data) ? SG_DXFER_TO_DEV
                                                                             : SG_DXFER_NONE;
    header.cmd_len = static_cast<unsigned char>(exchange.cdb.bytes().size());
    header.cmdp = exchange.cdb.mutable_bytes().data();
    header.mx_sb_len = static_cast<unsigned char>(exchange.sense.size());
    header.sbp = exchange.sense.data();
    header.dxfer_len = size;
    header.dxferp = data;
    header.timeout = static_cast<unsigned>(kernel_timeout(request).count());
}

Result<Completion, TransportError> outcome_of(const SgExchange& exchange, const std::string& node) {
    if (exchange.os_code != 0) {
        return tl::make_unexpected(ioctl_error(exchange, node));
    }
    const sg_io_hdr& header = exchange.header;
    const auto status = static_cast<std::uint8_t>(header.status & kStatusBits);
    const bool echo = status != 0 && host_status_is_an_echo(header.host_status);
    if (header.host_status != 0 && !echo) {
        const auto host = static_cast<HostStatus>(header.host_status);
        return tl::make_unexpected(status_error(header, node, kind_of(host), words_of(host)));
    }
    const unsigned driver = header.driver_status & kDriverCodes;
    if (status == 0 && driver != 0 && driver != kDriverSense) {
        const Kind kind = driver == kDriverTimeout ? Kind::TimedOut : Kind::HostFailure;
        return tl::make_unexpected(status_error(header, node, kind,
                                                driver == kDriverTimeout ? "the driver timed out"
                                                : driver == kDriverBusy  ? "the driver is busy"
                                                                         : "the driver failed"));
    }
    Completion completion;
    completion.status = static_cast<Status>(status);
    completion.moved = moved_of(header);
    if (status == 0 && sense_without_status(exchange)) {
        completion.status = Status::CheckCondition;
    }
    if (completion.status == Status::CheckCondition) {
        completion.sense = sense_of(exchange);
    }
    return completion;
}

}  // namespace kiln::transports

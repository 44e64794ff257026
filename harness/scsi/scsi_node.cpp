#include "harness/scsi/scsi_node.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>

#include <scsi/scsi.h>

#include "mmc/cdb.h"

#include "transports/sg_io/sg_exchange.h"

namespace kiln::harness {
namespace {

using transports::Completion;
using transports::Request;
using transports::TransportError;
using Kind = TransportError::Kind;

constexpr int kSgVersion = 30536;                // of every kernel since 2.6
constexpr unsigned long kGetBusNumber = 0x5386;  // SCSI_IOCTL_GET_BUS_NUMBER
constexpr int kOpticalType = 0x05;               // peripheral device type
constexpr unsigned char kInfoCheck = 0x01;       // SG_INFO_CHECK
constexpr unsigned short kHostTimeOut = 0x03;
constexpr unsigned short kHostError = 0x07;
constexpr unsigned short kDriverTimeout = 0x06;
constexpr unsigned short kDriverSense = 0x08;

int os_code_of(const TransportError& error) {
    if (error.os_code != 0) {
        return error.os_code;
    }
    switch (error.kind) {
        case Kind::Gone:
        case Kind::NoSuchDevice:
            return ENODEV;
        case Kind::NotPermitted:
            return EPERM;
        case Kind::InUse:
            return EBUSY;
        case Kind::TooLarge:
            return ENOMEM;
        case Kind::Interrupted:
            return EINTR;
        case Kind::NotADrive:
        case Kind::Unsupported:
            return ENOTTY;
        default:
            return 0;
    }
}

/// An answer without a status: what the kernel's error handling makes of a lost command.
int answer(sg_io_hdr& header, const TransportError& error) {
    if (const int os_code = os_code_of(error); os_code != 0) {
        return -os_code;
    }
    const bool late = error.kind == Kind::TimedOut;
    header.host_status = late ? kHostTimeOut : kHostError;
    header.driver_status = late ? kDriverTimeout : 0;
    if (error.host_status != 0 || error.driver_status != 0) {
        header.host_status = static_cast<unsigned short>(error.host_status);
        header.driver_status = static_cast<unsigned short>(error.driver_status);
    }
    header.resid = static_cast<int>(header.dxfer_len);
    header.info |= kInfoCheck;
    return 0;
}

int answer(sg_io_hdr& header, const Completion& completion, mmc::MutableByteView sense) {
    header.status = static_cast<unsigned char>(completion.status);
    header.masked_status = static_cast<unsigned char>((header.status >> 1U) & 0x1FU);
    header.resid = static_cast<int>(header.dxfer_len) - static_cast<int>(completion.moved);
    header.duration = static_cast<unsigned>(
        std::chrono::duration_cast<std::chrono::milliseconds>(completion.end - completion.start)
            .count());
    if (completion.status == transports::Status::CheckCondition) {
        const auto bytes = completion.sense.bytes();
        const auto count = std::min(bytes.size(), sense.size());
        std::copy_n(bytes.begin(), count, sense.begin());
        header.sb_len_wr = static_cast<unsigned char>(count);
        header.driver_status = kDriverSense;
    }
    if (header.status != 0) {
        header.info |= kInfoCheck;
    }
    return 0;
}

void clear_answer(sg_io_hdr& header) {
    header.status = 0;
    header.masked_status = 0;
    header.msg_status = 0;
    header.sb_len_wr = 0;
    header.host_status = 0;
    header.driver_status = 0;
    header.resid = 0;
    header.duration = 0;
    header.info = 0;
}

int give(void* argument, int value) {
    *static_cast<int*>(argument) = value;
    return 0;
}

}  // namespace

int ScsiNode::sg_io(sg_io_hdr& header, mmc::ByteView cdb, mmc::MutableByteView data,
                    mmc::MutableByteView sense) {
    if (cdb.size() < 6 || cdb.size() > mmc::Cdb::kMaxSize) {
        return -EMSGSIZE;
    }
    clear_answer(header);
    Request request{.cdb = mmc::Cdb::copy_of(cdb), .data = transports::NoData{}};
    const bool out = header.dxfer_direction == SG_DXFER_TO_DEV;
    if (out && !data.empty()) {
        // Read whole at the start and looked at again at the end: a buffer that is too short, or
        // reused while the drive still takes from it, shows.
        snapshot_.assign(data.begin(), data.end());
        request.data = transports::DataOut{snapshot_};
    } else if (!data.empty() && header.dxfer_direction != SG_DXFER_NONE) {
        request.data = transports::DataIn{data};
    }
    request.timeout = header.timeout == 0 ? std::chrono::milliseconds(timeout_ticks_ * 10)
                                          : std::chrono::milliseconds(header.timeout);
    const auto outcome = below_->execute(request);
    if (out && !std::ranges::equal(snapshot_, data)) {
        ++changed_buffers_;
    }
    return outcome ? answer(header, *outcome, sense) : answer(header, outcome.error());
}

int ScsiNode::sg_io_here(sg_io_hdr& header) {
    if (header.interface_id != 'S') {
        return -ENOSYS;
    }
    if (header.iovec_count != 0) {
        return -EINVAL;  // nothing that is tested here sends lists
    }
    return sg_io(header, mmc::ByteView(header.cmdp, header.cmd_len),
                 mmc::MutableByteView(static_cast<std::uint8_t*>(header.dxferp), header.dxfer_len),
                 mmc::MutableByteView(header.sbp, header.mx_sb_len));
}

int ScsiNode::reset(int how) {
    const int what = how & ~transports::kResetWithoutEscalation;
    if (what == SG_SCSI_RESET_NOTHING) {
        return 0;
    }
    const auto rung = what == SG_SCSI_RESET_DEVICE ? transports::Rung::ResetTransport
                                                   : transports::Rung::ResetDevice;
    const auto outcome = below_->recover(rung);
    if (outcome) {
        return 0;
    }
    const int os_code = os_code_of(outcome.error());
    return os_code == 0 ? -EIO : -os_code;
}

int ScsiNode::ioctl(unsigned long request, void* argument) {
    int result = sg_ioctl(request, argument);
    if (result == -ENOTTY) {
        result = cdrom_ioctl(request, argument);
    }
    return result == -ENOTTY ? block_ioctl(request, argument) : result;
}

int ScsiNode::sg_ioctl(unsigned long request, void* argument) {
    switch (request) {
        case SG_IO:
            return sg_io_here(*static_cast<sg_io_hdr*>(argument));
        case SG_GET_VERSION_NUM:
            return give(argument, kSgVersion);
        case SG_SET_TIMEOUT:
            timeout_ticks_ = *static_cast<int*>(argument);
            return 0;
        case SG_GET_TIMEOUT:
            return timeout_ticks_;
        case SG_GET_RESERVED_SIZE:
            return give(argument, reserved_bytes_);
        case SG_SET_RESERVED_SIZE:
            reserved_bytes_ = *static_cast<int*>(argument);
            return 0;
        case SG_EMULATED_HOST:
        case kGetBusNumber:
            return give(argument, 0);
        case SCSI_IOCTL_GET_IDLUN:  // host, channel, target and unit 0; no unique number
            *static_cast<std::array<int, 2>*>(argument) = {};
            return 0;
        case SG_GET_SCSI_ID:
            *static_cast<sg_scsi_id*>(argument) = {};
            static_cast<sg_scsi_id*>(argument)->scsi_type = kOpticalType;
            return 0;
        case SG_SCSI_RESET:
            return reset(*static_cast<int*>(argument));
        default:
            return -ENOTTY;
    }
}

}  // namespace kiln::harness

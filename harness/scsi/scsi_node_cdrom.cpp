// The ioctls of the kernel's sr and block layers, done with the commands that the kernel sends.

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

#include <linux/cdrom.h>
#include <linux/fs.h>
#include <scsi/scsi.h>

#include "mmc/bytes.h"
#include "mmc/cdb.h"

#include "harness/scsi/scsi_node.h"

namespace kiln::harness {
namespace {

using transports::Completion;
using transports::DataIn;
using transports::DataPhase;
using transports::NoData;
using transports::Status;

constexpr int kCapabilities = CDC_CLOSE_TRAY | CDC_OPEN_TRAY | CDC_LOCK | CDC_SELECT_SPEED |
                              CDC_MULTI_SESSION | CDC_MEDIA_CHANGED | CDC_PLAY_AUDIO | CDC_RESET |
                              CDC_DRIVE_STATUS | CDC_GENERIC_PACKET | CDC_CD_R | CDC_CD_RW |
                              CDC_DVD | CDC_DVD_R | CDC_MRW | CDC_RAM;
constexpr unsigned kSectorShift = 9;  // the block layer counts 512 bytes
constexpr std::uint64_t kBlock = 2048;

mmc::Cdb cdb_of(std::initializer_list<std::uint8_t> bytes) {
    return mmc::Cdb::copy_of(mmc::ByteView(bytes.begin(), bytes.size()));
}

/// READ TOC/PMA/ATIP as the kernel sends it: 43 00/02 00 .. first track, length.
mmc::Cdb read_toc(bool in_msf, std::uint8_t format, std::uint8_t track, std::uint8_t length) {
    return cdb_of({0x43, static_cast<std::uint8_t>(in_msf ? 0x02 : 0x00), format, 0, 0, 0, track, 0,
                   length, 0});
}

cdrom_addr address_of(mmc::ByteView field, bool in_msf) {
    cdrom_addr address{};
    if (in_msf) {
        address.msf = {.minute = field[1], .second = field[2], .frame = field[3]};
    } else {
        address.lba = static_cast<int>(mmc::load_big_endian<std::uint32_t>(field, 0, 4));
    }
    return address;
}

}  // namespace

int ScsiNode::command(const mmc::Cdb& cdb, DataPhase data) {
    sense_ = {};
    const auto outcome = below_->execute({.cdb = cdb, .data = data});
    if (!outcome) {
        return -EIO;
    }
    if (outcome->status != Status::Good) {
        sense_ = outcome->sense;
        return -EIO;
    }
    return static_cast<int>(outcome->moved);
}

int ScsiNode::send_packet(cdrom_generic_command& packet, mmc::MutableByteView data,
                          mmc::MutableByteView sense) {
    sg_io_hdr header{};
    header.dxfer_len = static_cast<unsigned>(data.size());
    header.timeout = packet.timeout > 0 ? static_cast<unsigned>(packet.timeout) * 10 : 0;
    header.dxfer_direction = packet.data_direction == CGC_DATA_WRITE  ? SG_DXFER_TO_DEV
                             : packet.data_direction == CGC_DATA_READ ? SG_DXFER_FROM_DEV
                                                                      : SG_DXFER_NONE;
    const int result = sg_io(header, mmc::ByteView(packet.cmd, CDROM_PACKET_SIZE), data, sense);
    packet.stat = header.status;
    packet.buflen -= static_cast<unsigned>(std::max(header.resid, 0));
    return result == 0 && (header.status != 0 || header.host_status != 0) ? -EIO : result;
}

int ScsiNode::drive_status() {
    for (int attempt = 0; attempt < 3; ++attempt) {
        if (command(mmc::Cdb(6), NoData{}) >= 0) {
            return CDS_DISC_OK;
        }
        if (sense_.key != mmc::SenseKey::UnitAttention) {
            break;
        }
    }
    if (sense_.additional_sense_code == 0x3A) {
        return sense_.additional_sense_code_qualifier == 2 ? CDS_TRAY_OPEN : CDS_NO_DISC;
    }
    return CDS_DRIVE_NOT_READY;
}

int ScsiNode::toc_header(cdrom_tochdr& header) {
    std::array<std::uint8_t, 12> answer{};
    const int moved = command(read_toc(false, 0, 0, answer.size()), DataIn{answer});
    if (moved < 4) {
        return -EIO;
    }
    header = {.cdth_trk0 = answer[2], .cdth_trk1 = answer[3]};
    return 0;
}

int ScsiNode::toc_entry(cdrom_tocentry& entry) {
    const bool in_msf = entry.cdte_format == CDROM_MSF;
    std::array<std::uint8_t, 12> answer{};
    const int moved = command(read_toc(in_msf, 0, entry.cdte_track, answer.size()), DataIn{answer});
    if (moved < 12) {
        return -EINVAL;
    }
    entry.cdte_adr = static_cast<unsigned char>((answer[5] >> 4U) & 0xFU);
    entry.cdte_ctrl = static_cast<unsigned char>(answer[5] & 0xFU);
    entry.cdte_datamode = (answer[5] & 0x4U) != 0 ? 1 : 0;
    entry.cdte_addr = address_of(mmc::ByteView(answer).subspan(8), in_msf);
    return 0;
}

int ScsiNode::multi_session(cdrom_multisession& session) {
    const bool in_msf = session.addr_format == CDROM_MSF;
    std::array<std::uint8_t, 12> answer{};
    const int moved = command(read_toc(in_msf, 1, 0, answer.size()), DataIn{answer});
    if (moved < 12) {
        return -EIO;
    }
    session.addr = address_of(mmc::ByteView(answer).subspan(8), in_msf);
    session.xa_flag = answer[3] > answer[2] ? 1 : 0;
    return 0;
}

int ScsiNode::blocks_on_disc(std::uint64_t& blocks) {
    std::array<std::uint8_t, 8> answer{};
    const int moved = command(cdb_of({0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0}), DataIn{answer});
    blocks = moved < 8 ? 0 : mmc::load_big_endian<std::uint64_t>(answer, 0, 4) + 1;
    return 0;
}

int ScsiNode::cdrom_ioctl(unsigned long request, void* argument) {
    const auto ok = [](int result) { return std::min(result, 0); };
    const auto start_stop = [&](std::uint8_t what) {
        return ok(command(cdb_of({0x1B, 0, 0, 0, what, 0}), NoData{}));
    };
    switch (request) {
        case CDROM_GET_CAPABILITY:
            return kCapabilities;
        case CDROM_DRIVE_STATUS:
            return drive_status();
        case CDROM_DISC_STATUS:
            return drive_status() == CDS_DISC_OK ? CDS_DATA_1 : CDS_NO_DISC;
        case CDROM_MEDIA_CHANGED:
        case CDROM_SET_OPTIONS:
        case CDROM_CLEAR_OPTIONS:
            return 0;
        case CDROM_LOCKDOOR: {
            const auto lock = static_cast<std::uint8_t>(argument == nullptr ? 0 : 1);
            return ok(command(cdb_of({0x1E, 0, 0, 0, lock, 0}), NoData{}));
        }
        case CDROMEJECT:
            return start_stop(0x02);
        case CDROMCLOSETRAY:
            return start_stop(0x03);
        case CDROMSTART:
            return start_stop(0x01);
        case CDROMSTOP:
            return start_stop(0x00);
        case CDROMREADTOCHDR:
            return toc_header(*static_cast<cdrom_tochdr*>(argument));
        case CDROMREADTOCENTRY:
            return toc_entry(*static_cast<cdrom_tocentry*>(argument));
        case CDROMMULTISESSION:
            return multi_session(*static_cast<cdrom_multisession*>(argument));
        case CDROM_SEND_PACKET: {
            auto& packet = *static_cast<cdrom_generic_command*>(argument);
            constexpr std::size_t kSenseBytes = 18;
            // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): sense is bytes
            return send_packet(packet, {packet.buffer, packet.buflen},
                               {reinterpret_cast<std::uint8_t*>(packet.sense),
                                packet.sense == nullptr ? 0 : kSenseBytes});
        }
        default:
            return -ENOTTY;
    }
}

int ScsiNode::block_ioctl(unsigned long request, void* argument) {
    constexpr unsigned short kSectorsInOne = 1024;
    std::uint64_t blocks = 0;
    switch (request) {
        case BLKSSZGET:
            *static_cast<int*>(argument) = kBlock;
            return 0;
        case BLKROGET:
            *static_cast<int*>(argument) = 0;
            return 0;
        case BLKSECTGET:
            *static_cast<unsigned short*>(argument) = kSectorsInOne;
            return 0;
        case BLKFLSBUF:
            return 0;
        case BLKGETSIZE64:
            blocks_on_disc(blocks);
            *static_cast<std::uint64_t*>(argument) = blocks * kBlock;
            return 0;
        case BLKGETSIZE:
            blocks_on_disc(blocks);
            *static_cast<unsigned long*>(argument) = (blocks * kBlock) >> kSectorShift;
            return 0;
        default:
            return -ENOTTY;
    }
}

}  // namespace kiln::harness

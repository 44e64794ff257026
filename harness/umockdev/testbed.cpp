#include "harness/umockdev/testbed.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <linux/cdrom.h>
#include <linux/fs.h>
#include <scsi/scsi.h>
#include <scsi/sg.h>
#include <umockdev.h>

namespace kiln::harness {
namespace {

struct DataUnref {
    void operator()(UMockdevIoctlData* data) const { umockdev_ioctl_data_unref(data); }
};
using Data = std::unique_ptr<UMockdevIoctlData, DataUnref>;

/// The memory that the pointer at `offset` of `data` leads to in the program; null if there is
/// none, or the program is gone.
Data follow(UMockdevIoctlData* data, std::size_t offset, std::size_t size) {
    if (size == 0) {
        return nullptr;
    }
    GError* error = nullptr;
    Data found(umockdev_ioctl_data_resolve(data, offset, size, &error));
    g_clear_error(&error);
    return found;
}

mmc::MutableByteView bytes_of(const Data& data) {
    return data == nullptr
               ? mmc::MutableByteView()
               : mmc::MutableByteView(data->data, static_cast<std::size_t>(data->data_len));
}

/// Bytes behind the argument of an ioctl that has a plain structure; 0: the argument is a number
/// or nothing.
std::optional<std::size_t> argument_size(unsigned long request) {
    constexpr unsigned long kGetBusNumber = 0x5386;  // SCSI_IOCTL_GET_BUS_NUMBER
    switch (request) {
        case SG_GET_VERSION_NUM:
        case SG_SET_TIMEOUT:
        case SG_GET_RESERVED_SIZE:
        case SG_SET_RESERVED_SIZE:
        case SG_EMULATED_HOST:
        case SG_SCSI_RESET:
        case BLKSSZGET:
        case BLKROGET:
        case kGetBusNumber:
            return sizeof(int);
        case SCSI_IOCTL_GET_IDLUN:
            return 2 * sizeof(int);
        case SG_GET_SCSI_ID:
            return sizeof(sg_scsi_id);
        case CDROMREADTOCHDR:
            return sizeof(cdrom_tochdr);
        case CDROMREADTOCENTRY:
            return sizeof(cdrom_tocentry);
        case CDROMMULTISESSION:
            return sizeof(cdrom_multisession);
        case BLKSECTGET:
            return sizeof(unsigned short);
        case BLKGETSIZE:
        case BLKGETSIZE64:
            return sizeof(std::uint64_t);
        case SG_GET_TIMEOUT:
        case BLKFLSBUF:
        case CDROM_GET_CAPABILITY:
        case CDROM_DRIVE_STATUS:
        case CDROM_DISC_STATUS:
        case CDROM_MEDIA_CHANGED:
        case CDROM_SET_OPTIONS:
        case CDROM_CLEAR_OPTIONS:
        case CDROM_LOCKDOOR:
        case CDROMEJECT:
        case CDROMCLOSETRAY:
        case CDROMSTART:
        case CDROMSTOP:
            return 0;
        default:
            return std::nullopt;
    }
}

int sg_io(ScsiNode& node, UMockdevIoctlData* argument) {
    const Data header_data = follow(argument, 0, sizeof(sg_io_hdr));
    if (header_data == nullptr) {
        return -EFAULT;
    }
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes of the program
    auto& header = *reinterpret_cast<sg_io_hdr*>(header_data->data);
    if (header.interface_id != 'S') {
        return -ENOSYS;
    }
    if (header.iovec_count != 0) {
        return -EINVAL;
    }
    const Data cdb = follow(header_data.get(), offsetof(sg_io_hdr, cmdp), header.cmd_len);
    const Data data = follow(header_data.get(), offsetof(sg_io_hdr, dxferp), header.dxfer_len);
    const Data sense = follow(header_data.get(), offsetof(sg_io_hdr, sbp), header.mx_sb_len);
    return node.sg_io(header, bytes_of(cdb), bytes_of(data), bytes_of(sense));
}

int send_packet(ScsiNode& node, UMockdevIoctlData* argument) {
    constexpr std::size_t kSenseBytes = 18;
    const Data packet_data = follow(argument, 0, sizeof(cdrom_generic_command));
    if (packet_data == nullptr) {
        return -EFAULT;
    }
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes of the program
    auto& packet = *reinterpret_cast<cdrom_generic_command*>(packet_data->data);
    const Data data =
        follow(packet_data.get(), offsetof(cdrom_generic_command, buffer), packet.buflen);
    const Data sense =
        packet.sense == nullptr
            ? nullptr
            : follow(packet_data.get(), offsetof(cdrom_generic_command, sense), kSenseBytes);
    return node.send_packet(packet, bytes_of(data), bytes_of(sense));
}

int answer(ScsiNode& node, unsigned long request, UMockdevIoctlData* argument) {
    if (request == SG_IO) {
        return sg_io(node, argument);
    }
    if (request == CDROM_SEND_PACKET) {
        return send_packet(node, argument);
    }
    const auto size = argument_size(request);
    if (!size) {
        return -ENOTTY;
    }
    if (*size == 0) {
        // The number itself stands where a pointer would.
        void* number = nullptr;
        std::copy_n(
            argument->data,
            std::min<std::size_t>(sizeof number, static_cast<std::size_t>(argument->data_len)),
            reinterpret_cast<guint8*>(&number));
        return node.ioctl(request, number);
    }
    const Data value = follow(argument, 0, *size);
    return value == nullptr ? -EFAULT : node.ioctl(request, value->data);
}

std::string description_of(const GuestDrive& drive) {
    constexpr std::string_view kDevice =
        "/devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0";
    return fmt::format(
        "P: {0}\n"
        "E: SUBSYSTEM=scsi\nE: DEVTYPE=scsi_device\nE: DRIVER=sr\n"
        "A: type=5\\n\nA: vendor={1:<8}\\n\nA: model={2:<16}\\n\nA: rev={3:<4}\\n\n"
        "A: state=running\\n\nA: scsi_level=6\\n\nA: device_blocked=0\\n\n"
        "\n"
        "P: {0}/block/sr0\nN: sr0\n"
        "E: SUBSYSTEM=block\nE: DEVTYPE=disk\nE: DEVNAME=/dev/sr0\nE: MAJOR=11\nE: MINOR=0\n"
        "E: ID_CDROM=1\nE: ID_TYPE=cd\n"
        "A: dev=11:0\\n\nA: removable=1\\n\nA: ro=0\\n\nA: size=0\\n\n"
        "A: queue/max_sectors_kb=512\\n\n"
        "L: device=../../../0:0:0:0\n"
        "\n"
        "P: {0}/scsi_generic/sg0\nN: sg0=00\n"
        "E: SUBSYSTEM=scsi_generic\nE: DEVNAME=/dev/sg0\nE: MAJOR=21\nE: MINOR=0\n"
        "A: dev=21:0\\n\n"
        "L: device=../../../0:0:0:0\n",
        kDevice, drive.vendor, drive.product, drive.revision);
}

class UmockdevTestbed final : public Testbed {
public:
    explicit UmockdevTestbed(ScsiNode& node) : node_(&node), bed_(umockdev_testbed_new()) {}
    UmockdevTestbed(const UmockdevTestbed&) = delete;
    UmockdevTestbed& operator=(const UmockdevTestbed&) = delete;
    ~UmockdevTestbed() override {
        g_clear_object(&sr_);
        g_clear_object(&sg_);
        g_clear_object(&bed_);
    }

    mmc::Result<void, std::string> fill(const GuestDrive& drive) {
        // Before the nodes are there: a node that has no handler when it is made gets none.
        sr_ = attach("/dev/sr0");
        sg_ = attach("/dev/sg0");
        GError* error = nullptr;
        if (!umockdev_testbed_add_from_string(bed_, description_of(drive).c_str(), &error)) {
            const std::string words = error == nullptr ? "unknown" : error->message;
            g_clear_error(&error);
            return tl::make_unexpected("umockdev: " + words);
        }
        return {};
    }

    [[nodiscard]] std::string folder() const override {
        gchar* path = umockdev_testbed_get_root_dir(bed_);
        std::string result(path);
        g_free(path);
        return result;
    }

private:
    UMockdevIoctlBase* attach(const char* path) {
        UMockdevIoctlBase* handler = umockdev_ioctl_base_new();
        g_signal_connect(handler, "handle-ioctl", G_CALLBACK(&UmockdevTestbed::on_ioctl), this);
        GError* error = nullptr;
        umockdev_testbed_attach_ioctl(bed_, path, handler, &error);
        g_clear_error(&error);
        return handler;
    }

    static gboolean on_ioctl(UMockdevIoctlBase* /*handler*/, UMockdevIoctlClient* client,
                             gpointer self) {
        auto& bed = *static_cast<UmockdevTestbed*>(self);
        UMockdevIoctlData* argument = umockdev_ioctl_client_get_arg(client);  // not ours to unref
        const unsigned long request = umockdev_ioctl_client_get_request(client);
        int result = 0;
        {
            const std::scoped_lock lock(bed.mutex_);
            result = answer(*bed.node_, request, argument);
        }
        umockdev_ioctl_client_complete(client, result < 0 ? -1 : result, result < 0 ? -result : 0);
        return TRUE;
    }

    ScsiNode* node_;
    std::mutex mutex_;
    UMockdevTestbed* bed_;
    UMockdevIoctlBase* sr_ = nullptr;
    UMockdevIoctlBase* sg_ = nullptr;
};

}  // namespace

mmc::Result<std::unique_ptr<Testbed>, std::string> Testbed::make(const GuestDrive& drive,
                                                                 ScsiNode& node) {
    auto bed = std::make_unique<UmockdevTestbed>(node);
    KILN_RETURN_IF_ERROR(bed->fill(drive));
    return bed;
}

}  // namespace kiln::harness

/// \file
/// The kernel's usbfs for one device, as far as libusb uses it: a node that URBs are submitted to
/// and reaped from, in front of a Bulk-Only device.
///
/// As in the kernel: a queue an endpoint, in order; data-in are copied when they are reaped; a
/// discarded URB is -ENOENT; after an error on a pipe what was split off the same transfer is
/// refused (-EREMOTEIO) or cancelled (-ECONNRESET); a device that is gone ends all with -ESHUTDOWN,
/// and the node with POLLERR.

#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <linux/usbdevice_fs.h>

#include "transports/clock.h"

#include "harness/usb/bot_device.h"
#include "harness/usb/usb_descriptors.h"

namespace kiln::harness {

/// Trouble with one URB, by its number in the order of submission from 1.
struct UrbFault {
    enum class Kind : std::uint8_t {
        Stall,        // -EPIPE; the device has not seen it, the halt is real
        NoHandshake,  // -EPROTO, the device has not seen it
        LostAnswer,   // -EPROTO, after the device has done it
        TooMuch,      // -EOVERFLOW, after the device has done it
        Half,         // half of what moved is lost, and nobody says so
        Never,        // does not complete
        Refused,      // -ENOMEM when it is submitted
        Vanish,       // the device is gone with it
    };
    std::uint64_t urb = 1;
    Kind kind = Kind::Stall;
};

/// Thread:  any
class Usbfs {
public:
    /// Whether the calling thread is in here: what is allocated then is the kernel's.
    [[nodiscard]] static bool is_inside();

    static constexpr std::uint32_t kScatterGather =
        USBDEVFS_CAP_ZERO_PACKET | USBDEVFS_CAP_BULK_CONTINUATION |
        USBDEVFS_CAP_NO_PACKET_SIZE_LIM | USBDEVFS_CAP_BULK_SCATTER_GATHER |
        USBDEVFS_CAP_REAP_AFTER_DISCONNECT;
    /// Transfers come in pieces of 16 KiB.
    static constexpr std::uint32_t kPieces = USBDEVFS_CAP_ZERO_PACKET |
                                             USBDEVFS_CAP_BULK_CONTINUATION |
                                             USBDEVFS_CAP_REAP_AFTER_DISCONNECT;

    /// `device` outlives it, and is not touched by anybody else.
    Usbfs(BotDevice& device, UsbIdentityCard card, std::uint32_t capabilities = kScatterGather);
    Usbfs(const Usbfs&) = delete;
    Usbfs& operator=(const Usbfs&) = delete;
    ~Usbfs();

    // For the functions that stand in for the C library's.

    /// A descriptor whose poll() levels are those of the node, or -errno.
    int open();
    /// 0 or more, or -errno.
    int ioctl(unsigned long request, void* argument);

    // Time.

    /// The device answers what it can as of `now`.
    void run_until(transports::Instant now);
    /// When something may change by itself; max: never.
    [[nodiscard]] transports::Instant next_change();

    // The laboratory.

    void fail(const UrbFault& fault);
    /// Bytes of buffers that may be under way together (usbfs_memory_mb); more is -ENOMEM.
    void limit_memory(std::size_t bytes);
    /// Of the next opens.
    void fail_open(int os_code);
    void unplug();
    /// Calls the driver that the interface is bound to: "usb-storage", "usbfs", "" for none.
    void bind(const std::string& driver);
    [[nodiscard]] std::string driver();
    [[nodiscard]] std::uint64_t urbs();
    [[nodiscard]] std::size_t waiting();
    [[nodiscard]] std::uint64_t port_resets();
    [[nodiscard]] std::uint64_t halts_cleared();
    /// URBs whose data-out were changed while they were under way.
    [[nodiscard]] std::uint64_t changed_buffers();
    [[nodiscard]] const UsbIdentityCard& card() const { return card_; }

private:
    struct Urb {
        usbdevfs_urb* user = nullptr;
        std::uint64_t number = 0;
        std::uint8_t endpoint = 0;
        std::uint8_t type = 0;
        bool continuation = false;
        bool short_is_error = false;
        BotDevice::Queued queued = BotDevice::Queued::Alone;
        std::vector<std::uint8_t> bytes;  // data-out as submitted; room for data-in
        std::vector<std::uint8_t> setup;
        int status = 0;
        int moved = 0;
    };

    int submit(usbdevfs_urb* user);
    int reap(void** user);
    int discard(usbdevfs_urb* user);
    int claim(unsigned interface);
    int disconnect_claim(const usbdevfs_disconnect_claim& what);
    int driver_ioctl(const usbdevfs_ioctl& what);
    int clear_halt(unsigned endpoint);
    int reset();
    bool process_one(std::size_t index);
    void process();
    PipeReply ask_device(Urb& urb);
    void complete(Urb urb, int status, std::size_t moved);
    void cancel_continuations(std::uint8_t endpoint);
    void end_everything(int status);
    void vanish();
    void show_level();
    [[nodiscard]] std::optional<UrbFault::Kind> fault_of(const Urb& urb) const;
    PipeReply control(Urb& urb);

    BotDevice* device_;
    UsbIdentityCard card_;
    std::uint32_t capabilities_;
    std::mutex mutex_;
    std::deque<Urb> queue_;
    std::deque<Urb> ended_;
    std::vector<UrbFault> faults_;
    std::vector<std::uint8_t> refused_endpoints_;
    transports::Instant now_{};
    transports::Instant next_change_ = transports::Instant::max();
    std::string driver_ = "usb-storage";
    int open_error_ = 0;
    std::size_t memory_ = std::size_t{16} << 20U;
    bool gone_ = false;
    int level_out_ = -1;  // our copy of what libusb has
    int level_in_ = -1;
    bool level_full_ = false;
    std::uint64_t urbs_ = 0;
    std::uint64_t port_resets_ = 0;
    std::uint64_t halts_cleared_ = 0;
    std::uint64_t changed_buffers_ = 0;
};

}  // namespace kiln::harness

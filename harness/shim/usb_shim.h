/// \file
/// USB devices that exist for this process only: their nodes, what sysfs says of them, and the news
/// that udev gives of their coming and going. libusb runs on them as it is.

#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "harness/shim/drive_shim.h"
#include "harness/usb/usbfs.h"

namespace kiln::harness {

/// Thread:  any, but for its construction and end; one at a time
class UsbShim {
public:
    explicit UsbShim(DriveShim& shim);
    UsbShim(const UsbShim&) = delete;
    UsbShim& operator=(const UsbShim&) = delete;
    ~UsbShim();

    /// At `port` ("1-2", "1-2.3"), as device number `address` of bus 1, with the hubs on the way.
    /// `usbfs` outlives this.
    void plug(const std::string& port, int address, Usbfs& usbfs);
    void unplug(const std::string& port);
    /// What the kernel says of the unit behind a device whose interface its driver has.
    void describe_unit(const std::string& port, const std::string& type, const std::string& block);

    [[nodiscard]] static std::string node(int address);

    // For the functions that stand in for libudev's.

    static UsbShim* active();
    /// Readable while there is news.
    [[nodiscard]] int news() const { return news_out_; }
    struct News {
        std::string path;
        std::string action;  // "add", "remove"
    };
    /// The oldest; an empty path where there is none.
    News take_news();
    [[nodiscard]] std::vector<std::string> paths();
    /// The node of the device at a path of sysfs; empty where there is none.
    [[nodiscard]] std::string node_at(const std::string& path);

private:
    struct Device {
        int address = 0;
        Usbfs* usbfs = nullptr;
    };
    void write_hub(const std::string& name, int address);
    void tell(const std::string& port, const std::string& action);

    DriveShim* shim_;
    std::mutex mutex_;
    std::map<std::string, Device> devices_;
    std::map<std::string, std::string> gone_nodes_;  // udev still knows those it tells of
    std::deque<News> queue_;
    int news_out_ = -1;
    int news_in_ = -1;
};

}  // namespace kiln::harness

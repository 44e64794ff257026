#include "harness/shim/usb_shim.h"

#include <array>
#include <atomic>
#include <cassert>
#include <cstdint>
#include <string_view>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace kiln::harness {
namespace {

std::atomic<UsbShim*> the_one{nullptr};

constexpr std::string_view kDevices = "/sys/bus/usb/devices/";

std::string text_of(const std::vector<std::uint8_t>& bytes) {
    return {bytes.begin(), bytes.end()};
}

std::string descriptors_of(const UsbIdentityCard& card) {
    return text_of(device_descriptor(card)) + text_of(configuration_descriptor(card));
}

const char* speed_of(UsbIdentityCard::Speed speed) {
    return speed == UsbIdentityCard::Speed::Full   ? "12"
           : speed == UsbIdentityCard::Speed::High ? "480"
                                                   : "5000";
}

}  // namespace

UsbShim::UsbShim(DriveShim& shim) : shim_(&shim) {
    std::array<int, 2> ends{-1, -1};
    [[maybe_unused]] const int made = ::pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC);
    assert(made == 0);
    news_out_ = ends[0];
    news_in_ = ends[1];
    [[maybe_unused]] const UsbShim* before = the_one.exchange(this);
    assert(before == nullptr);
}

UsbShim::~UsbShim() {
    the_one = nullptr;
    ::close(news_in_);
    ::close(news_out_);
}

UsbShim* UsbShim::active() {
    return the_one;
}

std::string UsbShim::node(int address) {
    return fmt::format("/dev/bus/usb/001/{:03}", address);
}

void UsbShim::write_hub(const std::string& name, int address) {
    const UsbIdentityCard hub{
        .vendor = 0x1D6B, .product = 0x0002, .device_class = 0x09, .interface_class = 0x09};
    const std::string folder = std::string(kDevices) + name;
    shim_->write_file(folder + "/busnum", "1\n");
    shim_->write_file(folder + "/devnum", fmt::format("{}\n", address));
    shim_->write_file(folder + "/speed", "480\n");
    shim_->write_file(folder + "/bConfigurationValue", "1\n");
    shim_->write_file(folder + "/descriptors", descriptors_of(hub));
}

void UsbShim::plug(const std::string& port, int address, Usbfs& usbfs) {
    constexpr int kFirstHub = 100;
    write_hub("usb1", 1);
    int hubs = kFirstHub;
    for (auto dot = port.find('.'); dot != std::string::npos; dot = port.find('.', dot + 1)) {
        write_hub(port.substr(0, dot), hubs++);
    }
    const UsbIdentityCard& card = usbfs.card();
    const std::string folder = std::string(kDevices) + port;
    const auto write = [&](const char* name, const std::string& value) {
        shim_->write_file(folder + "/" + name, value);
    };
    write("busnum", "1\n");
    write("devnum", fmt::format("{}\n", address));
    write("speed", fmt::format("{}\n", speed_of(card.speed)));
    write("bConfigurationValue", "1\n");
    write("descriptors", descriptors_of(card));
    write("manufacturer", card.manufacturer + "\n");
    write("product", card.name + "\n");
    write("serial", card.serial + "\n");
    shim_->add_node(
        node(address), S_IFCHR,
        [&usbfs](unsigned long request, void* argument) { return usbfs.ioctl(request, argument); },
        [&usbfs] { return usbfs.open(); });
    {
        const std::scoped_lock lock(mutex_);
        devices_[port] = {.address = address, .usbfs = &usbfs};
    }
    tell(port, "add");
}

void UsbShim::unplug(const std::string& port) {
    Device device;
    {
        const std::scoped_lock lock(mutex_);
        device = devices_.at(port);
        devices_.erase(port);
        gone_nodes_[std::string(kDevices) + port] = node(device.address);
    }
    device.usbfs->unplug();
    shim_->remove(std::string(kDevices) + port);
    tell(port, "remove");
}

void UsbShim::describe_unit(const std::string& port, const std::string& type,
                            const std::string& block) {
    const std::string folder =
        fmt::format("{0}{1}/{1}:1.0/host4/target4:0:0/4:0:0:0", kDevices, port);
    shim_->write_file(folder + "/type", type + "\n");
    if (!block.empty()) {
        shim_->write_file(folder + "/block/" + block + "/size", "0\n");
    }
}

void UsbShim::tell(const std::string& port, const std::string& action) {
    const std::scoped_lock lock(mutex_);
    queue_.push_back({.path = std::string(kDevices) + port, .action = action});
    const std::array<char, 1> byte{};
    [[maybe_unused]] const ssize_t written = ::write(news_in_, byte.data(), 1);
}

UsbShim::News UsbShim::take_news() {
    const std::scoped_lock lock(mutex_);
    std::array<char, 1> byte{};
    if (queue_.empty() || ::read(news_out_, byte.data(), 1) != 1) {
        return {};
    }
    News news = queue_.front();
    queue_.pop_front();
    return news;
}

std::vector<std::string> UsbShim::paths() {
    const std::scoped_lock lock(mutex_);
    std::vector<std::string> all;
    for (const auto& [port, device] : devices_) {
        all.push_back(std::string(kDevices) + port);
    }
    return all;
}

std::string UsbShim::node_at(const std::string& path) {
    const std::scoped_lock lock(mutex_);
    const auto found = devices_.find(path.substr(path.rfind('/') + 1));
    if (found != devices_.end()) {
        return node(found->second.address);
    }
    const auto gone = gone_nodes_.find(path);
    return gone == gone_nodes_.end() ? std::string() : gone->second;
}

}  // namespace kiln::harness

#include "transports/usb/usb_learnt.h"

#include <limits>
#include <map>
#include <mutex>

#include <fmt/format.h>

namespace kiln::transports {
namespace {

struct Memory {
    std::mutex mutex;
    std::map<std::string, std::size_t> most_bytes;
};

Memory& memory() {
    static Memory one;
    return one;
}

std::string name_of(const UsbFound& device) {
    return fmt::format("{:04x}:{:04x}:{}", device.vendor, device.product,
                       device.serial.empty() ? "at " + device.port : device.serial);
}

}  // namespace

std::size_t UsbLearnt::most_bytes(const UsbFound& device) {
    const std::lock_guard lock(memory().mutex);
    const auto found = memory().most_bytes.find(name_of(device));
    return found == memory().most_bytes.end() ? std::numeric_limits<std::size_t>::max()
                                              : found->second;
}

void UsbLearnt::set_most_bytes(const UsbFound& device, std::size_t bytes) {
    const std::lock_guard lock(memory().mutex);
    memory().most_bytes[name_of(device)] = bytes;
}

void UsbLearnt::forget_all() {
    const std::lock_guard lock(memory().mutex);
    memory().most_bytes.clear();
}

}  // namespace kiln::transports

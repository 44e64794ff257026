// The functions of libudev that libusb calls, and statfs(), answered for UsbShim. As in
// libc_functions.cpp a definition in the executable comes before every library's; and all of
// libudev's must be here, for an object of ours would mean nothing to the real ones.

#undef _FILE_OFFSET_BITS
#undef _FORTIFY_SOURCE

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <dlfcn.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include "harness/shim/usb_shim.h"

// The names that libudev's header gives to its objects.
struct udev {
    int unused = 0;
};
struct udev_monitor {
    int unused = 0;
};
struct udev_list_entry {
    std::string name;
    udev_list_entry* next = nullptr;
};
struct udev_enumerate {
    std::vector<std::unique_ptr<udev_list_entry>> entries;
};
struct udev_device {
    std::string path;
    std::string name;
    std::string node;
    std::string action;
};

namespace {

using kiln::harness::UsbShim;

udev_device* make_device(const std::string& path, const std::string& action) {
    UsbShim* const shim = UsbShim::active();
    if (shim == nullptr || shim->node_at(path).empty()) {
        return nullptr;
    }
    return std::make_unique<udev_device>(udev_device{.path = path,
                                                     .name = path.substr(path.rfind('/') + 1),
                                                     .node = shim->node_at(path),
                                                     .action = action})
        .release();
}

}  // namespace

extern "C" {

// NOLINTBEGIN(readability-identifier-naming): libudev's names
udev* udev_new();
udev* udev_unref(udev* context);
udev_monitor* udev_monitor_new_from_netlink(udev* context, const char* name);
int udev_monitor_filter_add_match_subsystem_devtype(udev_monitor* monitor, const char* subsystem,
                                                    const char* type);
int udev_monitor_enable_receiving(udev_monitor* monitor);
int udev_monitor_get_fd(udev_monitor* monitor);
udev_device* udev_monitor_receive_device(udev_monitor* monitor);
udev_monitor* udev_monitor_unref(udev_monitor* monitor);
udev_enumerate* udev_enumerate_new(udev* context);
int udev_enumerate_add_match_subsystem(udev_enumerate* list, const char* subsystem);
int udev_enumerate_add_match_property(udev_enumerate* list, const char* name, const char* value);
int udev_enumerate_scan_devices(udev_enumerate* list);
udev_list_entry* udev_enumerate_get_list_entry(udev_enumerate* list);
udev_enumerate* udev_enumerate_unref(udev_enumerate* list);
udev_list_entry* udev_list_entry_get_next(udev_list_entry* entry);
const char* udev_list_entry_get_name(udev_list_entry* entry);
udev_device* udev_device_new_from_syspath(udev* context, const char* path);
const char* udev_device_get_devnode(udev_device* device);
const char* udev_device_get_sysname(udev_device* device);
const char* udev_device_get_action(udev_device* device);
udev_device* udev_device_unref(udev_device* device);

udev* udev_new() {
    return std::make_unique<udev>().release();
}
udev* udev_unref(udev* context) {
    const std::unique_ptr<udev> owned(context);
    return nullptr;
}

udev_monitor* udev_monitor_new_from_netlink(udev* /*context*/, const char* /*name*/) {
    return std::make_unique<udev_monitor>().release();
}
int udev_monitor_filter_add_match_subsystem_devtype(udev_monitor* /*monitor*/,
                                                    const char* /*subsystem*/,
                                                    const char* /*type*/) {
    return 0;
}
int udev_monitor_enable_receiving(udev_monitor* /*monitor*/) {
    return 0;
}
int udev_monitor_get_fd(udev_monitor* /*monitor*/) {
    const UsbShim* const shim = UsbShim::active();
    return shim == nullptr ? -1 : shim->news();
}
udev_device* udev_monitor_receive_device(udev_monitor* /*monitor*/) {
    UsbShim* const shim = UsbShim::active();
    if (shim == nullptr) {
        return nullptr;
    }
    const UsbShim::News news = shim->take_news();
    return news.path.empty() ? nullptr : make_device(news.path, news.action);
}
udev_monitor* udev_monitor_unref(udev_monitor* monitor) {
    const std::unique_ptr<udev_monitor> owned(monitor);
    return nullptr;
}

udev_enumerate* udev_enumerate_new(udev* /*context*/) {
    return std::make_unique<udev_enumerate>().release();
}
int udev_enumerate_add_match_subsystem(udev_enumerate* /*list*/, const char* /*subsystem*/) {
    return 0;
}
int udev_enumerate_add_match_property(udev_enumerate* /*list*/, const char* /*name*/,
                                      const char* /*value*/) {
    return 0;
}
int udev_enumerate_scan_devices(udev_enumerate* list) {
    UsbShim* const shim = UsbShim::active();
    list->entries.clear();
    for (const std::string& path : shim == nullptr ? std::vector<std::string>() : shim->paths()) {
        auto entry = std::make_unique<udev_list_entry>(udev_list_entry{.name = path});
        if (!list->entries.empty()) {
            list->entries.back()->next = entry.get();
        }
        list->entries.push_back(std::move(entry));
    }
    return 0;
}
udev_list_entry* udev_enumerate_get_list_entry(udev_enumerate* list) {
    return list->entries.empty() ? nullptr : list->entries.front().get();
}
udev_enumerate* udev_enumerate_unref(udev_enumerate* list) {
    const std::unique_ptr<udev_enumerate> owned(list);
    return nullptr;
}
udev_list_entry* udev_list_entry_get_next(udev_list_entry* entry) {
    return entry->next;
}
const char* udev_list_entry_get_name(udev_list_entry* entry) {
    return entry->name.c_str();
}

udev_device* udev_device_new_from_syspath(udev* /*context*/, const char* path) {
    return make_device(path, "");
}
const char* udev_device_get_devnode(udev_device* device) {
    return device->node.c_str();
}
const char* udev_device_get_sysname(udev_device* device) {
    return device->name.c_str();
}
const char* udev_device_get_action(udev_device* device) {
    return device->action.empty() ? nullptr : device->action.c_str();
}
udev_device* udev_device_unref(udev_device* device) {
    const std::unique_ptr<udev_device> owned(device);
    return nullptr;
}
// NOLINTEND(readability-identifier-naming)

// libusb reads /sys only where it is a sysfs; the shim's is a folder.
int statfs(const char* path, struct statfs* status) noexcept {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): a function by its name
    static auto* const real =
        reinterpret_cast<int (*)(const char*, struct statfs*)>(::dlsym(RTLD_NEXT, "statfs"));
    if (UsbShim::active() != nullptr && std::string_view(path) == "/sys") {
        *status = {};
        status->f_type = SYSFS_MAGIC;
        return 0;
    }
    return real(path, status);
}

}  // extern "C"

#include "transports/usb/usb_bus.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "transports/os/small_files.h"
#include "transports/usb/quirk_table.h"

namespace kiln::transports {
namespace {

using Kind = TransportError::Kind;

constexpr std::uint8_t kMassStorage = 0x08;
constexpr std::uint8_t kBulkOnly = 0x50;
constexpr std::array<std::uint8_t, 3> kSubclasses{0x02, 0x05, 0x06};
constexpr unsigned kOpticalType = 0x05;
constexpr const char* kDevices = "/sys/bus/usb/devices/";

struct ConfigEnd {
    void operator()(libusb_config_descriptor* config) const {
        libusb_free_config_descriptor(config);
    }
};

std::string port_name(libusb_device* device) {
    constexpr int kDeepest = 7;  // hubs in a row, by the standard
    std::array<std::uint8_t, kDeepest> ports{};
    const int count = libusb_get_port_numbers(device, ports.data(), kDeepest);
    std::string name = std::to_string(libusb_get_bus_number(device));
    for (int i = 0; i < count; ++i) {
        name += (i == 0 ? "-" : ".") + std::to_string(ports.at(static_cast<std::size_t>(i)));
    }
    return name;
}

bool speaks_bulk_only(const libusb_interface_descriptor& setting, Quirks quirks) {
    if (setting.bInterfaceClass != kMassStorage) {
        return false;
    }
    return quirks.has(Quirk::ForceBulkOnly) ||
           (setting.bInterfaceProtocol == kBulkOnly &&
            std::ranges::find(kSubclasses, setting.bInterfaceSubClass) != kSubclasses.end());
}

std::optional<UsbInterface> bulk_only(const libusb_interface_descriptor& setting, Quirks quirks) {
    if (!speaks_bulk_only(setting, quirks)) {
        return std::nullopt;
    }
    UsbInterface found{.number = setting.bInterfaceNumber,
                       .alternate = setting.bAlternateSetting,
                       .subclass = setting.bInterfaceSubClass};
    for (int i = 0; i < setting.bNumEndpoints; ++i) {
        const libusb_endpoint_descriptor& endpoint = setting.endpoint[i];
        const bool bulk = (endpoint.bmAttributes & LIBUSB_TRANSFER_TYPE_MASK) ==
                          static_cast<unsigned>(LIBUSB_TRANSFER_TYPE_BULK);
        const bool in = (endpoint.bEndpointAddress & LIBUSB_ENDPOINT_DIR_MASK) != 0;
        if (bulk && (in ? found.in : found.out) == 0) {
            (in ? found.in : found.out) = endpoint.bEndpointAddress;
        }
    }
    return found.in != 0 && found.out != 0 ? std::optional(found) : std::nullopt;
}

/// The first interface, in its first setting, that is one.
std::optional<UsbInterface> bulk_only_interface(libusb_device* device, Quirks quirks) {
    libusb_config_descriptor* raw = nullptr;
    if (libusb_get_active_config_descriptor(device, &raw) != 0) {
        return std::nullopt;
    }
    const std::unique_ptr<libusb_config_descriptor, ConfigEnd> config(raw);
    for (int i = 0; i < config->bNumInterfaces; ++i) {
        const libusb_interface& one = config->interface[i];
        for (int k = 0; k < one.num_altsetting; ++k) {
            if (auto found = bulk_only(one.altsetting[k], quirks)) {
                found->choices = one.num_altsetting;
                return found;
            }
        }
    }
    return std::nullopt;
}

/// What the kernel's driver, where it has the interface, says about the unit behind it:
/// 1-2:1.0/host4/target4:0:0/4:0:0:0/{type,block/sr0}.
void look_at_kernel(UsbFound& found) {
    const std::string interface =
        fmt::format("{0}{1}/{1}:1.{2}", kDevices, found.port, found.interface.number);
    for (const std::string& host : names_in(interface)) {
        if (!host.starts_with("host")) {
            continue;
        }
        for (const std::string& target : names_in(interface + "/" + host)) {
            if (!target.starts_with("target")) {
                continue;
            }
            const std::string folder = interface + "/" + host + "/" + target;
            for (const std::string& unit : names_in(folder)) {
                const std::string type = line_of_file(folder + "/" + unit + "/type");
                if (type.size() == 1 && type.front() >= '0' && type.front() <= '9') {
                    found.type = static_cast<unsigned>(type.front() - '0');
                    const auto blocks = names_in(folder + "/" + unit + "/block");
                    found.block = blocks.empty() ? std::string() : blocks.front();
                }
            }
        }
    }
}

}  // namespace

std::optional<UsbFound> look_at_usb_device(libusb_device* device) {
    libusb_device_descriptor descriptor{};
    if (libusb_get_device_descriptor(device, &descriptor) != 0) {
        return std::nullopt;
    }
    const Quirks quirks =
        quirks_of(descriptor.idVendor, descriptor.idProduct, descriptor.bcdDevice);
    const auto interface = bulk_only_interface(device, quirks);
    if (!interface) {
        return std::nullopt;
    }
    UsbFound found{.device = UsbDevicePtr(libusb_ref_device(device)),
                   .interface = *interface,
                   .port = port_name(device),
                   .node = fmt::format("/dev/bus/usb/{:03}/{:03}", libusb_get_bus_number(device),
                                       libusb_get_device_address(device)),
                   .vendor = descriptor.idVendor,
                   .product = descriptor.idProduct,
                   .revision = descriptor.bcdDevice,
                   .quirks = quirks,
                   .speed = libusb_get_device_speed(device)};
    const std::string folder = kDevices + found.port;
    found.serial = line_of_file(folder + "/serial");
    found.manufacturer = line_of_file(folder + "/manufacturer");
    found.name = line_of_file(folder + "/product");
    look_at_kernel(found);
    return found;
}

UsbGuess guess_of(const UsbFound& found) {
    constexpr std::uint8_t kScsi = 0x06;
    if (found.type) {
        return *found.type == kOpticalType ? UsbGuess::Burner : UsbGuess::SomethingElse;
    }
    return found.interface.subclass == kScsi ? UsbGuess::NotYetKnown : UsbGuess::Burner;
}

namespace {

bool fits(const UsbFound& found, const UsbSelector& selector) {
    if (const auto* port = std::get_if<UsbPort>(&selector.which)) {
        return found.port == port->name;
    }
    const auto& identity = std::get<UsbIdentity>(selector.which);
    return found.vendor == identity.vendor && found.product == identity.product &&
           (identity.serial.empty() || found.serial == identity.serial);
}

/// Every Bulk-Only device, whatever is behind it.
Result<std::vector<UsbFound>, TransportError> find_all(libusb_context& context) {
    libusb_device** list = nullptr;
    const ssize_t count = libusb_get_device_list(&context, &list);
    if (count < 0) {
        return tl::make_unexpected(usb_error(static_cast<int>(count), "list the USB devices"));
    }
    std::vector<UsbFound> all;
    for (ssize_t i = 0; i < count; ++i) {
        if (auto found = look_at_usb_device(list[i])) {
            all.push_back(*std::move(found));
        }
    }
    libusb_free_device_list(list, 1);
    std::ranges::sort(all, {}, &UsbFound::port);
    return all;
}

}  // namespace

Result<UsbContext, TransportError> open_usb_context() {
    libusb_context* context = nullptr;
    const int code = libusb_init(&context);
    if (code != 0) {
        return tl::make_unexpected(usb_error(code, "start libusb"));
    }
    return UsbContext(context);
}

Result<std::vector<UsbFound>, TransportError> find_usb_burners(libusb_context& context) {
    KILN_ASSIGN_OR_RETURN(auto all, find_all(context));
    // Where nobody knows better, it is a stick.
    std::erase_if(all, [](const UsbFound& one) { return guess_of(one) != UsbGuess::Burner; });
    return all;
}

Result<UsbFound, TransportError> find_usb_device(libusb_context& context,
                                                 const UsbSelector& selector) {
    KILN_ASSIGN_OR_RETURN(auto all, find_all(context));
    std::erase_if(all, [&](const UsbFound& one) { return !fits(one, selector); });
    if (all.empty()) {
        return tl::make_unexpected(TransportError{
            .kind = Kind::NoSuchDevice,
            .detail = "no such USB mass storage device is plugged in (kiln drives lists them)"});
    }
    if (all.size() > 1) {
        return tl::make_unexpected(TransportError{
            .kind = Kind::NoSuchDevice,
            .detail = fmt::format("{} such devices are plugged in, at {} and {}: name the port",
                                  all.size(), all[0].port, all[1].port)});
    }
    UsbFound found = std::move(all.front());
    found.quirks.add(selector.added);
    for (const Quirk quirk : kAllQuirks) {
        if (selector.removed.has(quirk)) {
            found.quirks.remove(quirk);
        }
    }
    return found;
}

std::optional<TransportError> obstacle_to(const UsbFound& found) {
    if (::access(found.node.c_str(), R_OK | W_OK) == 0 || errno != EACCES) {
        return std::nullopt;
    }
    return TransportError{
        .kind = Kind::NotPermitted,
        .os_code = EACCES,
        .detail = fmt::format("{} may not be opened; {}", found.node, permission_advice_for_usb())};
}

std::string_view permission_advice_for_usb() {
    return "install kiln's udev rule (70-kiln-usb.rules) and plug the drive in again, or run kiln "
           "as root";
}

TransportError usb_error(int code, const std::string& doing) {
    TransportError error{.kind = Kind::HostFailure,
                         .os_code = code,
                         .detail = fmt::format("{}: {}", doing, libusb_strerror(code))};
    switch (code) {
        case LIBUSB_ERROR_ACCESS:
            error.kind = Kind::NotPermitted;
            break;
        case LIBUSB_ERROR_NO_DEVICE:
            error.kind = Kind::Gone;
            break;
        case LIBUSB_ERROR_NOT_FOUND:
            error.kind = Kind::NoSuchDevice;
            break;
        case LIBUSB_ERROR_BUSY:
            error.kind = Kind::InUse;
            break;
        case LIBUSB_ERROR_TIMEOUT:
            error.kind = Kind::TimedOut;
            break;
        case LIBUSB_ERROR_NOT_SUPPORTED:
            error.kind = Kind::Unsupported;
            break;
        default:
            break;
    }
    return error;
}

}  // namespace kiln::transports

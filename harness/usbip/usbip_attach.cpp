#include "harness/usbip/usbip_attach.h"

#include <array>
#include <cerrno>
#include <sstream>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

namespace kiln::harness::usbip {
namespace {

using transports::UniqueFd;
using Kind = SimError::Kind;

constexpr std::uint32_t kNothingOnIt = 4;  // VDEV_ST_NULL

auto refused(Kind kind, std::string detail) {
    return tl::make_unexpected(SimError{.kind = kind, .detail = std::move(detail)});
}

auto os_error(const std::string& doing, int code) {
    const std::string words = std::generic_category().message(code);
    switch (code) {
        case ENOENT:
            return refused(Kind::NoSuch, fmt::format("{}: there is no vhci_hcd in this kernel; as "
                                                     "root: modprobe vhci_hcd",
                                                     doing));
        case EACCES:
        case EPERM:
            return refused(Kind::NotPermitted, fmt::format("{}: only root may", doing));
        default:
            return refused(Kind::Failed, fmt::format("{}: {}", doing, words));
    }
}

mmc::Result<std::string, SimError> read_file(const std::string& path) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): its face
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    std::array<char, 8192> bytes{};
    const ssize_t size = fd.open() ? ::read(fd.get(), bytes.data(), bytes.size()) : -1;
    if (size < 0) {
        return os_error("read " + path, errno);
    }
    return std::string(bytes.data(), static_cast<std::size_t>(size));
}

}  // namespace

std::optional<std::uint32_t> free_port(std::string_view status, UsbIdentityCard::Speed speed) {
    const std::string wanted = speed == UsbIdentityCard::Speed::Super ? "ss" : "hs";
    std::istringstream lines{std::string(status)};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string hub;
        std::uint32_t port = 0;
        std::uint32_t state = 0;
        if (words >> hub >> std::dec >> port >> state && hub == wanted && state == kNothingOnIt) {
            return port;
        }
    }
    return std::nullopt;
}

mmc::Result<UniqueFd, SimError> attach(const std::string& vhci, const ExportedDevice& device) {
    KILN_ASSIGN_OR_RETURN(const std::string status, read_file(vhci + "/status"));
    const auto port = free_port(status, device.card.speed);
    if (!port) {
        return refused(Kind::InUse, fmt::format("{}: no port of this speed is free", vhci));
    }
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return os_error("socketpair", errno);
    }
    UniqueFd ours(ends[0]);
    const UniqueFd theirs(ends[1]);  // the kernel keeps one of its own
    const std::string order = fmt::format("{} {} {} {}", *port, theirs.get(), device.id(),
                                          speed_number(device.card.speed));
    const std::string path = vhci + "/attach";
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): its face
    const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file.open() || ::write(file.get(), order.data(), order.size()) < 0) {
        return os_error("write " + path, errno);
    }
    return ours;
}

}  // namespace kiln::harness::usbip

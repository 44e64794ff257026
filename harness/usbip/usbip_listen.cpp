#include "harness/usbip/usbip_listen.h"

#include <array>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace kiln::harness::usbip {
namespace {

using transports::UniqueFd;
using Kind = SimError::Kind;

auto refused(Kind kind, std::string detail) {
    return tl::make_unexpected(SimError{.kind = kind, .detail = std::move(detail)});
}

auto os_error(const std::string& where, int code) {
    const Kind kind = code == EADDRINUSE      ? Kind::InUse
                      : code == EACCES        ? Kind::NotPermitted
                      : code == EADDRNOTAVAIL ? Kind::NoSuch
                                              : Kind::Failed;
    return refused(kind,
                   fmt::format("listen at {}: {}", where, std::generic_category().message(code)));
}

void switch_on(int fd, int level, int option) {
    const int on = 1;
    (void)::setsockopt(fd, level, option, &on, sizeof(on));
}

std::string name_of(int fd) {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    auto* const generic = static_cast<sockaddr*>(static_cast<void*>(&address));
    std::array<char, 64> host{};
    std::array<char, 16> service{};
    if (::getsockname(fd, generic, &size) != 0 ||
        ::getnameinfo(generic, size, host.data(), host.size(), service.data(), service.size(),
                      NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        return "?";
    }
    return address.ss_family == AF_INET6 ? fmt::format("[{}]:{}", host.data(), service.data())
                                         : fmt::format("{}:{}", host.data(), service.data());
}

}  // namespace

mmc::Result<Listener, SimError> listen_at(const std::string& address, std::uint16_t port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
    addrinfo* found = nullptr;
    if (::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) {
        return refused(Kind::Usage, fmt::format("'{}' is not the number of an address", address));
    }
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> all(found, &::freeaddrinfo);
    UniqueFd fd(::socket(all->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    constexpr int kWaiting = 8;
    switch_on(fd.get(), SOL_SOCKET, SO_REUSEADDR);
    if (!fd.open() || ::bind(fd.get(), all->ai_addr, all->ai_addrlen) != 0 ||
        ::listen(fd.get(), kWaiting) != 0) {
        return os_error(fmt::format("{} port {}", address, port), errno);
    }
    std::string where = name_of(fd.get());
    return Listener{.fd = std::move(fd), .where = std::move(where)};
}

UniqueFd accept_from(int listener) {
    UniqueFd fd(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (fd.open()) {
        switch_on(fd.get(), IPPROTO_TCP, TCP_NODELAY);
        switch_on(fd.get(), SOL_SOCKET, SO_KEEPALIVE);
    }
    return fd;
}

void set_nonblocking(int fd) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): its face
    (void)::fcntl(fd, F_SETFL, O_NONBLOCK);
}

}  // namespace kiln::harness::usbip

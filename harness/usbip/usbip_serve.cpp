#include "harness/usbip/usbip_serve.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <list>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "transports/os/unique_fd.h"

#include "harness/sim/fake_drive.h"
#include "harness/usb/bot_device.h"
#include "harness/usb/usb_function.h"
#include "harness/usbip/served_time.h"
#include "harness/usbip/usbip_attach.h"
#include "harness/usbip/usbip_connection.h"
#include "harness/usbip/usbip_listen.h"

namespace kiln::harness::usbip {
namespace {

using transports::Instant;
using transports::UniqueFd;

/// Who only connects and says nothing is let go when that many others are there.
constexpr std::size_t kMostClients = 16;

struct Client {
    Client(UniqueFd with, Port& port) : fd(std::move(with)), connection(port) {}
    UniqueFd fd;
    Connection connection;
    bool gone = false;
};

UsbIdentityCard card_of(const SimDrive& drive, UsbIdentityCard::Speed speed) {
    UsbIdentityCard card;
    card.manufacturer = drive.personality().identity.vendor;
    card.name = drive.personality().identity.product;
    card.speed = speed;
    return card;
}

class Server {
public:
    Server(SimDrive& drive, const ServeHow& how, ServeObserver& observer)
        : drive_(&drive),
          how_(&how),
          observer_(&observer),
          time_(drive, how.time_factor),
          device_(drive.drive(), drive.personality().link,
                  {.packet = packet_size(how.speed), .faults = {}}),
          function_(device_, card_of(drive, how.speed)),
          port_(function_, {}),
          orders_(how.orders),
          buffer_(std::size_t{1} << 18U) {
        if (CommandJournal* const journal = drive.journal(); journal != nullptr) {
            device_.keep(*journal);
        }
    }

    mmc::Result<void, SimError> run() {
        KILN_RETURN_IF_ERROR(begin());
        while (!stopped_) {
            serve_clients();
            if (device_.trouble_with_journal()) {
                return tl::make_unexpected(
                    SimError{.kind = SimError::Kind::Failed,
                             .detail = device_.trouble_with_journal()->detail});
            }
            wait();
        }
        return {};
    }

private:
    mmc::Result<void, SimError> begin() {
        if (!how_->attach_to.empty()) {
            KILN_RETURN_IF_ERROR(attach_now());
            observer_->on_ready(how_->attach_to, port_.device().bus_id);
            return {};
        }
        KILN_ASSIGN_OR_RETURN(Listener listener, listen_at(how_->listen, how_->port));
        listener_ = std::move(listener.fd);
        observer_->on_ready(listener.where, port_.device().bus_id);
        return {};
    }

    mmc::Result<void, SimError> attach_now() {
        KILN_ASSIGN_OR_RETURN(UniqueFd fd, attach(how_->attach_to, port_.device()));
        set_nonblocking(fd.get());
        clients_.emplace_back(std::move(fd), port_);
        (void)clients_.back().connection.import_now(time_.now());
        return {};
    }

    /// Until nothing is left that can be said without waiting.
    void serve_clients() {
        bool again = true;
        while (again) {
            next_ = Instant::max();
            for (Client& client : clients_) {
                client.connection.run_until(time_.now());
                next_ = std::min(next_, client.connection.next_change());
            }
            again = time_.skip_to(next_);
        }
        for (Client& client : clients_) {
            send_to(client);
        }
        for (Client& client : clients_) {
            const bool is_over = client.connection.is_over() && client.connection.output().empty();
            if (client.gone || is_over) {
                say_goodbye(client);
            }
        }
        clients_.remove_if([](const Client& client) { return client.gone; });
    }

    void say_goodbye(Client& client) {
        if (!client.connection.complaint().empty()) {
            observer_->on_warning("a client was let go: " + client.connection.complaint());
        }
        // The kernel has let go of what was attached to it, and nobody unplugged it.
        stopped_ = stopped_ || (!listener_.open() && port_.plugged());
        client.gone = true;
    }

    void send_to(Client& client) {
        while (!client.gone && !client.connection.output().empty()) {
            const mmc::ByteView bytes = client.connection.output();
            const ssize_t sent =
                ::send(client.fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent < 0) {
                client.gone = errno != EAGAIN && errno != EINTR;
                return;
            }
            client.connection.sent(static_cast<std::size_t>(sent));
        }
    }

    void receive_from(Client& client) {
        const ssize_t size = ::recv(client.fd.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
        if (size > 0) {
            client.connection.receive(mmc::ByteView(buffer_).first(static_cast<std::size_t>(size)),
                                      time_.now());
        } else {
            client.gone = size == 0 || (errno != EAGAIN && errno != EINTR);
        }
    }

    void wait() {
        std::vector<pollfd> fds;
        const auto watch = [&fds](int fd, bool wanted, short events) {
            fds.push_back({.fd = wanted ? fd : -1, .events = events, .revents = 0});
        };
        watch(how_->stop, true, POLLIN);
        watch(orders_, true, POLLIN);
        watch(listener_.get(), true, POLLIN);
        for (const Client& client : clients_) {
            const bool talks = !client.connection.output().empty();
            const auto events = static_cast<short>((client.connection.takes_more() ? POLLIN : 0) |
                                                   (talks ? POLLOUT : 0));
            watch(client.fd.get(), true, events);
        }
        const auto pause = time_.real_time_until(next_);
        if (stopped_ || ::ppoll(fds.data(), fds.size(), pause ? &*pause : nullptr, nullptr) <= 0) {
            return;
        }
        stopped_ = fds[0].revents != 0;
        auto fd = fds.begin() + 3;
        for (Client& client : clients_) {
            if ((fd->revents & POLLIN) != 0) {
                receive_from(client);
            } else if ((fd->revents & (POLLERR | POLLHUP)) != 0) {
                client.gone = true;
            }
            ++fd;
        }
        if (fds[2].revents != 0) {
            accept_one();
        }
        if (fds[1].revents != 0) {
            take_orders();
        }
    }

    void accept_one() {
        UniqueFd fd = accept_from(listener_.get());
        if (!fd.open()) {
            return;
        }
        if (clients_.size() >= kMostClients) {
            const auto idle = std::ranges::find_if(
                clients_, [](const Client& client) { return !client.connection.has_device(); });
            clients_.erase(idle);
        }
        clients_.emplace_back(std::move(fd), port_);
    }

    void take_orders() {
        std::array<char, 256> bytes{};
        const ssize_t size = ::read(orders_, bytes.data(), bytes.size());
        if (size <= 0) {
            orders_ = -1;
            return;
        }
        for (const char letter : std::string(bytes.data(), static_cast<std::size_t>(size))) {
            if (letter != '\n') {
                order_ += letter;
                continue;
            }
            obey(std::exchange(order_, {}));
        }
        if (order_.size() > bytes.size()) {
            order_.clear();
        }
    }

    void obey(const std::string& order) {
        const Instant now = time_.now();
        if (order == "unplug") {
            port_.unplug();
        } else if (order == "plug" && !port_.plugged()) {
            plug();
        } else if (order == "silence" || order == "speak") {
            function_.be_silent(order == "silence");
        } else if (order == "eject") {
            drive_->drive().press_eject(now);
        } else if (order == "power-cut") {
            port_.unplug();
            drive_->drive().power_cut(now);
        } else if (order == "quit") {
            stopped_ = true;
        } else if (!order.empty() && order != "plug") {
            observer_->on_warning(
                fmt::format("no such order: '{}' (there are {})", order.substr(0, 40), kOrders));
        }
    }

    void plug() {
        port_.plug();
        if (how_->attach_to.empty()) {
            return;
        }
        if (const auto attached = attach_now(); !attached) {
            port_.unplug();
            observer_->on_warning(attached.error().detail);
        }
    }

    SimDrive* drive_;
    const ServeHow* how_;
    ServeObserver* observer_;
    ServedTime time_;
    BotDevice device_;
    UsbFunction function_;
    Port port_;
    UniqueFd listener_;
    std::list<Client> clients_;
    Instant next_ = Instant::max();
    int orders_;
    std::string order_;
    std::vector<std::uint8_t> buffer_;
    bool stopped_ = false;
};

}  // namespace

mmc::Result<void, SimError> serve(SimDrive& drive, const ServeHow& how, ServeObserver& observer) {
    return Server(drive, how, observer).run();
}

}  // namespace kiln::harness::usbip

/// \file
/// kiln sim serve: a simulated burner as a USB device of any machine.

#include <csignal>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "transports/os/unique_fd.h"

#include "harness/sim/sim_address.h"
#include "harness/usbip/usbip_attach.h"
#include "harness/usbip/usbip_serve.h"

#include "tools/kiln/drive_session.h"
#include "tools/kiln/problem.h"
#include "tools/kiln/sim_path.h"
#include "tools/kiln/verbs.h"
#include "tools/libkiln/address.h"

namespace kiln::tools {
namespace {

namespace usbip = harness::usbip;

class ServeAnswer final : public Answer {
public:
    ServeAnswer(const SimServeArguments& arguments, std::string where, std::string bus_id)
        : arguments_(&arguments), where_(std::move(where)), bus_id_(std::move(bus_id)) {}

    [[nodiscard]] std::string event() const override { return "sim-serve"; }
    [[nodiscard]] JsonObject json() const override {
        JsonObject json;
        json.set("path", arguments_->path)
            .set("where", where_)
            .set("bus_id", bus_id_)
            .set("speed", speed())
            .set("attached", arguments_->attach);
        return json;
    }
    [[nodiscard]] std::string text() const override {
        const auto colon = where_.rfind(':');
        const std::string how =
            arguments_->attach
                ? std::string("it is plugged into this machine")
                : fmt::format("usbip --tcp-port {} attach --remote {} --busid {}",
                              where_.substr(colon + 1), where_.substr(0, colon), bus_id_);
        return fmt::format("serving {} at {}, {} speed\n  {}\n  orders on standard input: {}\n",
                           arguments_->path, where_, speed(), how, usbip::kOrders);
    }

private:
    [[nodiscard]] std::string speed() const { return arguments_->super_speed ? "super" : "high"; }

    const SimServeArguments* arguments_;
    std::string where_;
    std::string bus_id_;
};

class Teller final : public usbip::ServeObserver {
public:
    Teller(Reporter& reporter, const SimServeArguments& arguments)
        : reporter_(&reporter), arguments_(&arguments) {}
    void on_ready(const std::string& where, const std::string& bus_id) override {
        (void)reporter_->answer(ServeAnswer(*arguments_, where, bus_id));
    }
    void on_warning(const std::string& text) override { reporter_->on_warning(text); }

private:
    Reporter* reporter_;
    const SimServeArguments* arguments_;
};

/// Readable when one of the signals came that would else end the program; they stay blocked.
transports::UniqueFd signals_that_end() {
    sigset_t ends{};
    ::sigemptyset(&ends);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
        ::sigaddset(&ends, number);
    }
    ::sigprocmask(SIG_BLOCK, &ends, nullptr);
    return transports::UniqueFd(::signalfd(-1, &ends, SFD_CLOEXEC));
}

}  // namespace

ExitStatus run(const Context& context, const SimServeArguments& arguments) {
    const std::string doing = "sim serve " + arguments.path;
    const auto failed = [&](const harness::SimError& error) {
        return context.reporter.failed(problem_from(doing, open_error_from(error)));
    };
    std::string text = sim_address_of(arguments.path);
    if (text.find(",time=") == std::string::npos) {
        text += ",time=real";
    }
    const auto address = harness::parse_sim_address(text);
    if (!address) {
        return failed(address.error());
    }
    if (!address->faults.empty()) {
        return context.reporter.failed(
            wrong_usage(doing + ": fault= is for kiln's own commands, not for a USB device"));
    }
    const transports::UniqueFd stop = signals_that_end();
    const auto drive = harness::open_sim(*address, {});
    if (!drive) {
        return failed(drive.error());
    }
    using Speed = harness::UsbIdentityCard::Speed;
    const usbip::ServeHow how{
        .listen = arguments.listen,
        .port = arguments.port,
        .attach_to = arguments.attach ? std::string(usbip::kVhci) : std::string(),
        .speed = arguments.super_speed ? Speed::Super : Speed::High,
        .time_factor = address->time_factor,
        .stop = stop.get(),
        .orders = STDIN_FILENO};
    Teller teller(context.reporter, arguments);
    const auto served = usbip::serve(**drive, how, teller);
    const auto closed = (*drive)->close();
    if (!served || !closed) {
        return failed(served ? closed.error() : served.error());
    }
    return ExitStatus::Done;
}

}  // namespace kiln::tools

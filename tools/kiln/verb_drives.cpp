/// \file
/// kiln drives: the drives of this machine.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include "stack/medium.h"

#include "tools/kiln/drive_session.h"
#include "tools/kiln/verbs.h"
#include "tools/libkiln/open_sg.h"
#include "tools/libkiln/open_usb.h"

namespace kiln::tools {
namespace {

struct Listed {
    FoundDrive drive;
    std::optional<std::string> medium;  // in words; none where we could not look
};

class DriveList final : public Answer {
public:
    explicit DriveList(std::vector<Listed> drives) : drives_(std::move(drives)) {}

    [[nodiscard]] std::string event() const override { return "drives"; }
    [[nodiscard]] JsonObject json() const override {
        std::vector<JsonObject> drives;
        for (const auto& [drive, medium] : drives_) {
            JsonObject one;
            one.set("address", drive.address)
                .set("vendor", drive.vendor)
                .set("product", drive.product)
                .set("revision", drive.revision)
                .set("medium", medium)
                .set("can_open", drive.can_open)
                .set("why_not", drive.why_not);
            drives.push_back(std::move(one));
        }
        JsonObject json;
        json.set("drives", drives);
        return json;
    }
    [[nodiscard]] std::string text() const override {
        if (drives_.empty()) {
            return "no optical drive was found (simulated ones: kiln sim list)\n";
        }
        std::string text;
        for (const auto& [drive, medium] : drives_) {
            text += fmt::format("{:<16} {} {} {}  {}\n", drive.address, drive.vendor, drive.product,
                                drive.revision, medium.value_or("?"));
            text += drive.can_open ? "" : fmt::format("{:<16} {}\n", "", drive.why_not);
        }
        return text;
    }

private:
    std::vector<Listed> drives_;
};

/// Opens the drive for a look at its medium. Whatever is in the way becomes its why_not.
Listed look_at(const Context& context, FoundDrive drive) {
    Listed listed{.drive = std::move(drive), .medium = std::nullopt};
    if (!listed.drive.can_open || !listed.drive.is_free) {
        return listed;
    }
    auto session = DriveSession::open(context, listed.drive.address);
    if (!session) {
        listed.drive.can_open = false;
        listed.drive.why_not = session.error().message;
        return listed;
    }
    const auto medium = stack::detect_medium((*session)->drive());
    if (medium) {
        listed.medium = fmt::format("{}, {}", medium->facts().name, name_of(medium->status));
    } else if (medium.error().kind == stack::FailureKind::NoMedium) {
        listed.medium = "no medium";
    }
    return listed;
}

class NewsAnswer final : public Answer {
public:
    explicit NewsAnswer(const DriveNews& news) : news_(&news) {}

    [[nodiscard]] std::string event() const override {
        return news_->kind == DriveNews::Kind::Arrived ? "drive-arrived" : "drive-left";
    }
    [[nodiscard]] JsonObject json() const override {
        const FoundDrive& drive = news_->drive;
        JsonObject json;
        json.set("address", drive.address)
            .set("vendor", drive.vendor)
            .set("product", drive.product)
            .set("revision", drive.revision);
        if (news_->kind == DriveNews::Kind::Arrived) {
            json.set("can_open", drive.can_open).set("why_not", drive.why_not);
        }
        return json;
    }
    [[nodiscard]] std::string text() const override {
        const FoundDrive& drive = news_->drive;
        const bool arrived = news_->kind == DriveNews::Kind::Arrived;
        const bool obstructed = arrived && !drive.can_open;
        return fmt::format("{} {:<14} {} {} {}\n{}", arrived ? '+' : '-', drive.address,
                           drive.vendor, drive.product, drive.revision,
                           obstructed ? fmt::format("{:<16} {}\n", "", drive.why_not) : "");
    }

private:
    const DriveNews* news_;
};

/// Whoever read standard output has seen enough.
bool nobody_reads() {
    pollfd output{.fd = STDOUT_FILENO, .events = 0, .revents = 0};
    return poll(&output, 1, 0) > 0 && (output.revents & POLLERR) != 0;
}

ExitStatus watch_drives(const Context& context) {
    const auto watch = watch_usb_drives(context.clock);
    if (!watch) {
        return context.reporter.failed(problem_from("watching the drives", watch.error()));
    }
    transports::Stop stop((*watch)->waker());
    const SignalGuard guard(stop, SignalWords::Watching);
    while (!stop.requested() && !nobody_reads()) {
        if (const auto news = (*watch)->next()) {
            const ExitStatus told = context.reporter.answer(NewsAnswer(*news));
            if (told != ExitStatus::Done) {
                return told;
            }
        }
    }
    return ExitStatus::Done;
}

}  // namespace

ExitStatus run(const Context& context, const DrivesArguments& arguments) {
    if (arguments.watch) {
        return watch_drives(context);
    }
    std::vector<Listed> drives;
    for (FoundDrive& drive : find_sg_drives()) {
        drives.push_back(look_at(context, std::move(drive)));
    }
    for (FoundDrive& drive : find_usb_drives()) {
        drives.push_back(look_at(context, std::move(drive)));
    }
    return context.reporter.answer(DriveList(std::move(drives)));
}

}  // namespace kiln::tools

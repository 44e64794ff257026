#include "tools/libkiln/open_usb.h"

#include <utility>

#include <fmt/format.h>

#include "transports/usb/usb_bus.h"
#include "transports/usb/usb_transport.h"
#include "transports/usb/usb_watch.h"

#include "tools/libkiln/real_drive.h"

namespace kiln::tools {

Result<std::unique_ptr<OpenDrive>, OpenError> open_usb(const UsbAddress& address,
                                                       const Surroundings& surroundings) {
    auto transport =
        transports::UsbTransport::open(address.selector, surroundings.clock, surroundings.stop);
    if (!transport) {
        return tl::make_unexpected(open_error_from(transport.error()));
    }
    return make_real_drive(std::move(*transport), surroundings);
}

namespace {

FoundDrive drive_of(const transports::UsbFound& one) {
    const auto obstacle = transports::obstacle_to(one);
    return {.address = "usb:" + one.port,
            .vendor = one.manufacturer,
            .product = one.name,
            .revision = fmt::format("{:x}.{:02x}", one.revision >> 8U, one.revision & 0xFFU),
            .can_open = !obstacle,
            .why_not = obstacle ? obstacle->detail : std::string(),
            .is_free = one.block.empty()};
}

class UsbDriveWatch final : public DriveWatch, private transports::Waker {
public:
    explicit UsbDriveWatch(std::unique_ptr<transports::UsbWatch> watch)
        : watch_(std::move(watch)) {}

    std::optional<DriveNews> next() override {
        const auto news = watch_->next(transports::Instant::max());
        if (!news) {
            return std::nullopt;
        }
        const bool arrived = news->kind == transports::UsbNews::Kind::Arrived;
        return DriveNews{.kind = arrived ? DriveNews::Kind::Arrived : DriveNews::Kind::Left,
                         .drive = drive_of(news->found)};
    }
    transports::Waker& waker() override { return *this; }

private:
    void wake() noexcept override { watch_->wake(); }
    bool wait_for(transports::Duration /*real*/) override { return false; }

    std::unique_ptr<transports::UsbWatch> watch_;
};

}  // namespace

std::vector<FoundDrive> find_usb_drives() {
    const auto context = transports::open_usb_context();
    if (!context) {
        return {};
    }
    const auto all = transports::find_usb_burners(**context);
    if (!all) {
        return {};
    }
    std::vector<FoundDrive> found;
    for (const transports::UsbFound& one : *all) {
        found.push_back(drive_of(one));
    }
    return found;
}

Result<std::unique_ptr<DriveWatch>, OpenError> watch_usb_drives(transports::Clock& clock) {
    auto watch = transports::UsbWatch::start(clock);
    if (!watch) {
        return tl::make_unexpected(open_error_from(watch.error()));
    }
    return std::make_unique<UsbDriveWatch>(std::move(*watch));
}

}  // namespace kiln::tools

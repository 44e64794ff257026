#include "tools/libkiln/open_sg.h"

#include <utility>

#include <fmt/format.h>

#include "transports/sg_io/drive_nodes.h"
#include "transports/sg_io/sg_transport.h"

namespace kiln::tools {
namespace {

OpenError open_error_from(const SgAddress& address, const transports::TransportError& error) {
    using From = transports::TransportError::Kind;
    const std::string detail = fmt::format("{}: {}", address.path, error.detail);
    switch (error.kind) {
        case From::NoSuchDevice:
        case From::NotADrive:
        case From::Gone:
            return {OpenError::Kind::NoSuch, detail};
        case From::NotPermitted:
            return {OpenError::Kind::NotPermitted, detail};
        case From::InUse:
            return {OpenError::Kind::InUse, detail};
        case From::TimedOut:
        case From::Interrupted:
        case From::TooLarge:
        case From::HostFailure:
        case From::Protocol:
        case From::Unsupported:
            break;
    }
    return {OpenError::Kind::Failed, detail};
}

class OpenedSg final : public OpenDrive {
public:
    OpenedSg(std::unique_ptr<transports::SgTransport> transport, const Surroundings& surroundings)
        : surroundings_(surroundings), transport_(std::move(transport)) {}

    transports::Transport& transport() override { return *transport_; }
    transports::Clock& clock() override { return surroundings_.clock; }
    [[nodiscard]] bool time_is_virtual() const override { return false; }
    std::unique_ptr<stack::Ports> make_ports(transports::Transport& top) override {
        return make_real_ports(top, surroundings_.clock, surroundings_.waker);
    }
    Result<void, OpenError> close() override {
        transport_.reset();
        return {};
    }

private:
    Surroundings surroundings_;
    std::unique_ptr<transports::SgTransport> transport_;
};

}  // namespace

Result<std::unique_ptr<OpenDrive>, OpenError> open_sg(const SgAddress& address,
                                                      const Surroundings& surroundings) {
    auto transport = transports::SgTransport::open(address.path, surroundings.clock);
    if (!transport) {
        return tl::make_unexpected(open_error_from(address, transport.error()));
    }
    return std::unique_ptr<OpenDrive>(new OpenedSg(std::move(*transport), surroundings));
}

std::vector<FoundDrive> find_sg_drives() {
    std::vector<FoundDrive> found;
    for (const transports::ListedDrive& listed : transports::list_drives()) {
        const transports::DriveNodes& nodes = listed.nodes;
        FoundDrive drive{.address = "sg:" + (nodes.sr.empty() ? nodes.sg : nodes.sr),
                         .vendor = nodes.vendor,
                         .product = nodes.product,
                         .revision = nodes.revision,
                         .can_open = !listed.obstacle,
                         .why_not = listed.obstacle ? listed.obstacle->detail : std::string()};
        found.push_back(std::move(drive));
    }
    return found;
}

}  // namespace kiln::tools

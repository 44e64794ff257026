#include "tools/libkiln/real_drive.h"

#include <utility>

namespace kiln::tools {
namespace {

class RealDrive final : public OpenDrive {
public:
    RealDrive(std::unique_ptr<transports::Transport> transport, const Surroundings& surroundings)
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
    std::unique_ptr<transports::Transport> transport_;
};

}  // namespace

std::unique_ptr<OpenDrive> make_real_drive(std::unique_ptr<transports::Transport> transport,
                                           const Surroundings& surroundings) {
    return std::make_unique<RealDrive>(std::move(transport), surroundings);
}

OpenError open_error_from(const transports::TransportError& error) {
    using From = transports::TransportError::Kind;
    switch (error.kind) {
        case From::NoSuchDevice:
        case From::NotADrive:
        case From::Gone:
            return {OpenError::Kind::NoSuch, error.detail};
        case From::NotPermitted:
            return {OpenError::Kind::NotPermitted, error.detail};
        case From::InUse:
            return {OpenError::Kind::InUse, error.detail};
        case From::TimedOut:
        case From::Interrupted:
        case From::TooLarge:
        case From::HostFailure:
        case From::Protocol:
        case From::Unsupported:
            break;
    }
    return {OpenError::Kind::Failed, error.detail};
}

}  // namespace kiln::tools

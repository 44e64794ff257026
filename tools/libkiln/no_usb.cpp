#include <fmt/format.h>

#include "tools/libkiln/open_usb.h"

namespace kiln::tools {

Result<std::unique_ptr<OpenDrive>, OpenError> open_usb(const UsbAddress& address,
                                                       const Surroundings& /*surroundings*/) {
    return tl::make_unexpected(
        OpenError{OpenError::Kind::NoSuch,
                  fmt::format("usb:{}: this build has no usb transport", address.text)});
}

std::vector<FoundDrive> find_usb_drives() {
    return {};
}

Result<std::unique_ptr<DriveWatch>, OpenError> watch_usb_drives(transports::Clock& /*clock*/) {
    return tl::make_unexpected(
        OpenError{OpenError::Kind::Failed, "this build has no usb transport"});
}

}  // namespace kiln::tools

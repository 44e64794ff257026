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

}  // namespace kiln::tools

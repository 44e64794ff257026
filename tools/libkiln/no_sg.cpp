#include <fmt/format.h>

#include "tools/libkiln/open_sg.h"

namespace kiln::tools {

Result<std::unique_ptr<OpenDrive>, OpenError> open_sg(const SgAddress& address,
                                                      const Surroundings& /*surroundings*/) {
    return tl::make_unexpected(
        OpenError{OpenError::Kind::NoSuch,
                  fmt::format("sg:{}: this build has no sg transport", address.path)});
}

std::vector<FoundDrive> find_sg_drives() {
    return {};
}

}  // namespace kiln::tools

#include "tools/libkiln/open_sg.h"

#include <utility>

#include "transports/sg_io/drive_nodes.h"
#include "transports/sg_io/sg_transport.h"

#include "tools/libkiln/real_drive.h"

namespace kiln::tools {
Result<std::unique_ptr<OpenDrive>, OpenError> open_sg(const SgAddress& address,
                                                      const Surroundings& surroundings) {
    auto transport = transports::SgTransport::open(address.path, surroundings.clock);
    if (!transport) {
        return tl::make_unexpected(open_error_from(transport.error()));
    }
    return make_real_drive(std::move(*transport), surroundings);
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

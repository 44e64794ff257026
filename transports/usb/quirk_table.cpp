#include "transports/usb/quirk_table.h"

namespace kiln::transports {

Quirks quirks_of(std::uint16_t vendor, std::uint16_t product, std::uint16_t revision) {
    Quirks quirks;
    for (const QuirkEntry& entry : quirk_table()) {
        if (entry.vendor == vendor && entry.product == product &&
            revision >= entry.first_revision && revision <= entry.last_revision) {
            quirks.add(entry.quirks);
        }
    }
    return quirks;
}

}  // namespace kiln::transports

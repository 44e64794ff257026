/// \file
/// Who a drive is and what it can do without a medium: a plain value.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kiln::stack {

/// Spec:    SPC, INQUIRY and page 80h; MMC-6, GET CONFIGURATION, mode page 2Ah
struct DriveIdentity {
    std::string vendor;       // trimmed; may be empty
    std::string product;      // trimmed
    std::string revision;     // trimmed
    std::string serial;       // feature 0108h or VPD page 80h; may be empty
    bool is_optical = false;  // peripheral device type 5

    /// Profiles the drive has, in its own order. From page 2Ah on drives without features.
    std::vector<std::uint16_t> profiles;
    bool has_features = false;          // knows GET CONFIGURATION
    bool has_write_parameters = false;  // mode page 05h
    bool locks = false;                 // PREVENT does something
    bool ejects = false;
    bool has_tray = true;                   // not a slot, caddy or changer
    std::uint32_t buffer_bytes = 0;         // page 2Ah; 0: not told
    std::uint32_t max_write_kilobytes = 0;  // page 2Ah; 0: not told

    [[nodiscard]] bool has_profile(std::uint16_t profile) const;
    /// Can write something.
    [[nodiscard]] bool is_writer() const;
};

}  // namespace kiln::stack

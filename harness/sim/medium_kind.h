/// \file
/// The media a simulated drive can hold, by the names of the command line.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace kiln::harness {

enum class MediumKind : std::uint8_t {
    None,
    CdRom,
    DvdRom,
    BdRom,
    CdR,
    CdRw,
    DvdR,
    DvdRw,
    DvdRwRestrictedOverwrite,
    DvdRDl,
    DvdPlusR,
    DvdPlusRw,
    DvdPlusRDl,
    DvdRam,
    BdR,
    BdRDl,
    BdRXl,
    BdRe,
    BdReDl,
    BdReXl,
};
inline constexpr std::size_t kMediumKinds = 20;

enum class MediumFamily : std::uint8_t { None, Cd, Dvd, Bd };

/// What holds for every piece of a kind of medium.
struct MediumFacts {
    MediumKind kind = MediumKind::None;
    std::string_view name;     // "bd-r"
    std::string_view caption;  // "BD-R"
    MediumFamily family = MediumFamily::None;
    std::uint16_t profile = 0;  // the one that is current with this medium, as sold, in the drive
    std::uint32_t blocks = 0;   // of user data at most, unformatted size where there are two
    bool writable = false;
    bool rewritable = false;
};

/// Every kind, in the order of the enumeration.
[[nodiscard]] std::span<const MediumFacts> all_media();
[[nodiscard]] const MediumFacts& facts_of(MediumKind kind);
/// "dvd+r-dl" to its kind; nothing for a name that is none.
[[nodiscard]] std::optional<MediumKind> medium_named(std::string_view name);

}  // namespace kiln::harness

/// \file
/// What is true of each kind of medium, whatever drive it is in: rates, alignments, minimum sizes.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace kiln::stack {

/// What a recipe is chosen by. Layers, spare areas and pseudo-overwrite are properties of a Medium,
/// not families of their own, except where the commands differ.
enum class MediumFamily : std::uint8_t {
    None,     // nothing in the drive
    Unknown,  // something that the drive has no profile for, or we have no recipe for
    CdRom,
    CdR,
    CdRw,
    DvdRom,
    DvdR,            // 0011h
    DvdRDl,          // 0015h, 0016h
    DvdRw,           // 0014h, sequential
    DvdRwOverwrite,  // 0013h, restricted overwrite
    DvdRam,
    DvdPlusR,
    DvdPlusRDl,
    DvdPlusRw,
    BdRom,
    BdR,        // 0041h: SRM, with or without pseudo-overwrite
    BdRRandom,  // 0042h: RRM
    BdRe,
};
inline constexpr std::size_t kMediumFamilies = static_cast<std::size_t>(MediumFamily::BdRe) + 1;

/// What the block layout, the 1x rate and the alignment follow.
enum class MediumClass : std::uint8_t { None, Cd, Dvd, Bd };

/// One row per family.
struct FamilyFacts {
    MediumFamily family;
    MediumClass medium_class;
    std::string_view name;       // "DVD-R DL"
    std::string_view slug;       // "dvd-r-dl", as in sim: addresses
    bool writable;               // not pressed
    bool rewritable;             // may be blanked, formatted or overwritten
    bool overwritable;           // random writes: there is no next writable address to keep to
    bool uses_write_parameters;  // mode page 05h is obeyed
    std::uint32_t alignment;     // blocks of a whole write unit: what a burn is padded to
};

[[nodiscard]] const FamilyFacts& facts_of(MediumFamily family);

/// Thousands of bytes in a second at 1x, in the unit that drives count in: raw 2352-byte sectors
/// on CD (176.4), user data on DVD (1385) and BD (4495.5).
[[nodiscard]] double one_x_kilobytes(MediumClass medium_class);

/// Bytes of user data in a second at a drive's `kilobytes` per second.
[[nodiscard]] double payload_bytes_per_second(MediumClass medium_class, std::uint32_t kilobytes);

inline constexpr std::uint32_t kBlockSize = 2048;
/// A CD track shorter than 4 s is padded by the drive, or refused.
inline constexpr std::uint32_t kCdMinimumTrack = 300;
/// TAO ends a track with two run-out blocks, which count and do not read back.
inline constexpr std::uint32_t kCdRunOut = 2;

/// The family of a profile number; Unknown where there is none for it, None for 0000h.
[[nodiscard]] MediumFamily family_of_profile(std::uint16_t profile);

}  // namespace kiln::stack

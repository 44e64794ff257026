/// \file
/// Profiles: what a drive is at the moment, mostly a name for the medium in it.

#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace kiln::mmc {

/// Numbers that are not named here stay numbers.
enum class Profile : std::uint16_t {
    None = 0x0000,
    NonRemovableDisk = 0x0001,
    RemovableDisk = 0x0002,
    MoErasable = 0x0003,
    MoWriteOnce = 0x0004,
    AsMo = 0x0005,
    CdRom = 0x0008,
    CdR = 0x0009,
    CdRw = 0x000A,
    DvdRom = 0x0010,
    DvdRSequential = 0x0011,
    DvdRam = 0x0012,
    DvdRwRestrictedOverwrite = 0x0013,
    DvdRwSequential = 0x0014,
    DvdRDualLayerSequential = 0x0015,
    DvdRDualLayerJump = 0x0016,
    DvdRwDualLayer = 0x0017,
    DvdDownload = 0x0018,
    DvdPlusRw = 0x001A,
    DvdPlusR = 0x001B,
    DdcdRom = 0x0020,
    DdcdR = 0x0021,
    DdcdRw = 0x0022,
    DvdPlusRwDualLayer = 0x002A,
    DvdPlusRDualLayer = 0x002B,
    BdRom = 0x0040,
    BdRSequential = 0x0041,  // SRM
    BdRRandom = 0x0042,      // RRM
    BdRe = 0x0043,
    HdDvdRom = 0x0050,
    HdDvdR = 0x0051,
    HdDvdRam = 0x0052,
    HdDvdRw = 0x0053,
    HdDvdRDualLayer = 0x0058,
    HdDvdRwDualLayer = 0x005A,
    NonConforming = 0xFFFF,
};

struct ProfileName {
    Profile profile = Profile::None;
    std::string_view text;
};

/// All that have a name, in ascending order.
[[nodiscard]] std::span<const ProfileName> all_profiles();

/// "BD-R sequential recording"; "unknown" for a number without a name.
[[nodiscard]] std::string_view words(Profile profile);

/// By its number's range, so that it also holds for profiles to come.
[[nodiscard]] constexpr bool is_cd(Profile profile) {
    return profile >= Profile::CdRom && profile <= Profile::CdRw;
}
[[nodiscard]] constexpr bool is_dvd(Profile profile) {
    return profile >= Profile::DvdRom && profile <= Profile::DvdPlusRDualLayer &&
           !(profile >= Profile::DdcdRom && profile <= Profile::DdcdRw);
}
[[nodiscard]] constexpr bool is_bd(Profile profile) {
    return profile >= Profile::BdRom && profile <= Profile::BdRe;
}

}  // namespace kiln::mmc

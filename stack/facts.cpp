#include "stack/facts.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace kiln::stack {
namespace {

using enum MediumFamily;
constexpr auto kCd = MediumClass::Cd;
constexpr auto kDvd = MediumClass::Dvd;
constexpr auto kBd = MediumClass::Bd;

// Alignment: 16 blocks (32 KiB) is the ECC block of DVD, 32 (64 KiB) the cluster of BD. On CD any
// block; a track has its own minimum. Page 05h: drive-behaviour chapters 2 to 8.
constexpr std::array<FamilyFacts, kMediumFamilies> kFacts{{
    // family, class, name, slug, writable, rewritable, overwritable, page 05h, alignment
    {MediumFamily::None, MediumClass::None, "no medium", "none", false, false, false, false, 1},
    {Unknown, MediumClass::None, "unknown medium", "unknown", false, false, false, false, 1},
    {CdRom, kCd, "CD-ROM", "cd-rom", false, false, false, false, 1},
    {CdR, kCd, "CD-R", "cd-r", true, false, false, true, 1},
    {CdRw, kCd, "CD-RW", "cd-rw", true, true, false, true, 1},
    {DvdRom, kDvd, "DVD-ROM", "dvd-rom", false, false, false, false, 16},
    {DvdR, kDvd, "DVD-R", "dvd-r", true, false, false, true, 16},
    {DvdRDl, kDvd, "DVD-R DL", "dvd-r-dl", true, false, false, true, 16},
    {DvdRw, kDvd, "DVD-RW", "dvd-rw", true, true, false, true, 16},
    {DvdRwOverwrite, kDvd, "DVD-RW (restricted overwrite)", "dvd-rw-ro", true, true, true, false,
     16},
    {DvdRam, kDvd, "DVD-RAM", "dvd-ram", true, true, true, false, 16},
    {DvdPlusR, kDvd, "DVD+R", "dvd+r", true, false, false, false, 16},
    {DvdPlusRDl, kDvd, "DVD+R DL", "dvd+r-dl", true, false, false, false, 16},
    {DvdPlusRw, kDvd, "DVD+RW", "dvd+rw", true, true, true, false, 16},
    {BdRom, kBd, "BD-ROM", "bd-rom", false, false, false, false, 32},
    {BdR, kBd, "BD-R", "bd-r", true, false, false, false, 32},
    {BdRRandom, kBd, "BD-R (random recording)", "bd-r-rrm", true, false, false, false, 32},
    {BdRe, kBd, "BD-RE", "bd-re", true, true, true, false, 32},
}};

constexpr bool in_order() {
    for (std::size_t i = 0; i < kFacts.size(); ++i) {
        if (static_cast<std::size_t>(kFacts[i].family) != i) {
            return false;
        }
    }
    return true;
}
static_assert(in_order());

struct ProfileFamily {
    std::uint16_t profile;
    MediumFamily family;
};

// MMC-6 profile list. 0002h (removable disk) is how DVD-RAM and formatted CD-RW may also appear,
// and says nothing about the medium; DDCD and HD DVD have no recipe here.
constexpr std::array kProfiles{
    ProfileFamily{0x0000, MediumFamily::None},
    ProfileFamily{0x0008, CdRom},
    ProfileFamily{0x0009, CdR},
    ProfileFamily{0x000A, CdRw},
    ProfileFamily{0x0010, DvdRom},
    ProfileFamily{0x0011, DvdR},
    ProfileFamily{0x0012, DvdRam},
    ProfileFamily{0x0013, DvdRwOverwrite},
    ProfileFamily{0x0014, DvdRw},
    ProfileFamily{0x0015, DvdRDl},
    ProfileFamily{0x0016, DvdRDl},
    ProfileFamily{0x001A, DvdPlusRw},
    ProfileFamily{0x001B, DvdPlusR},
    ProfileFamily{0x002B, DvdPlusRDl},
    ProfileFamily{0x0040, BdRom},
    ProfileFamily{0x0041, BdR},
    ProfileFamily{0x0042, BdRRandom},
    ProfileFamily{0x0043, BdRe},
};

}  // namespace

const FamilyFacts& facts_of(MediumFamily family) {
    const auto index = static_cast<std::size_t>(family);
    return kFacts[index < kFacts.size() ? index : static_cast<std::size_t>(Unknown)];
}

double one_x_kilobytes(MediumClass medium_class) {
    switch (medium_class) {
        case MediumClass::Cd:
            return 176.4;  // 75 sectors of 2352 bytes
        case MediumClass::Dvd:
            return 1385.0;
        case MediumClass::Bd:
            return 4495.5;
        case MediumClass::None:
            break;
    }
    return 176.4;
}

double payload_bytes_per_second(MediumClass medium_class, std::uint32_t kilobytes) {
    const double bytes = 1000.0 * kilobytes;
    return medium_class == MediumClass::Cd ? bytes * kBlockSize / 2352.0 : bytes;
}

MediumFamily family_of_profile(std::uint16_t profile) {
    for (const auto& row : kProfiles) {
        if (row.profile == profile) {
            return row.family;
        }
    }
    return Unknown;
}

}  // namespace kiln::stack

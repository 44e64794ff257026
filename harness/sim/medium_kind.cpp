#include "harness/sim/medium_kind.h"

#include <algorithm>
#include <array>

namespace kiln::harness {

namespace {

using K = MediumKind;
using F = MediumFamily;

// Capacities: CD 359849 is what an 80 minute CD-R reports (DiskSizeLogs of cdrecord); DVD-R and
// DVD-RW 2298496 is their last lead-out; the rest are sizes that dvd+rw-mediainfo prints and that
// dvdisaster (dvdisaster.h) and K3b (k3bglobals.h) know. The pressed discs are
// small, so that making one costs nothing.
constexpr std::array<MediumFacts, kMediumKinds> kFacts = {{
    {K::None, "none", "no medium", F::None, 0x0000, 0, false, false},
    {K::CdRom, "cd-rom", "CD-ROM", F::Cd, 0x0008, 8192, false, false},
    {K::DvdRom, "dvd-rom", "DVD-ROM", F::Dvd, 0x0010, 16384, false, false},
    {K::BdRom, "bd-rom", "BD-ROM", F::Bd, 0x0040, 32768, false, false},
    {K::CdR, "cd-r", "CD-R", F::Cd, 0x0009, 359849, true, false},
    {K::CdRw, "cd-rw", "CD-RW", F::Cd, 0x000A, 359849, true, true},
    {K::DvdR, "dvd-r", "DVD-R", F::Dvd, 0x0011, 2298496, true, false},
    {K::DvdRw, "dvd-rw", "DVD-RW", F::Dvd, 0x0014, 2298496, true, true},
    {K::DvdRwRestrictedOverwrite, "dvd-rw-ro", "DVD-RW restricted overwrite", F::Dvd, 0x0013,
     2297888, true, true},
    {K::DvdRDl, "dvd-r-dl", "DVD-R DL", F::Dvd, 0x0015, 4171712, true, false},
    {K::DvdPlusR, "dvd+r", "DVD+R", F::Dvd, 0x001B, 2295104, true, false},
    {K::DvdPlusRw, "dvd+rw", "DVD+RW", F::Dvd, 0x001A, 2295104, true, true},
    {K::DvdPlusRDl, "dvd+r-dl", "DVD+R DL", F::Dvd, 0x002B, 4173824, true, false},
    {K::DvdRam, "dvd-ram", "DVD-RAM", F::Dvd, 0x0012, 2236704, true, true},
    {K::BdR, "bd-r", "BD-R", F::Bd, 0x0041, 12219392, true, false},
    {K::BdRDl, "bd-r-dl", "BD-R DL", F::Bd, 0x0041, 24438784, true, false},
    {K::BdRXl, "bd-r-xl", "BD-R XL", F::Bd, 0x0041, 48878592, true, false},
    {K::BdRe, "bd-re", "BD-RE", F::Bd, 0x0043, 12219392, true, true},
    {K::BdReDl, "bd-re-dl", "BD-RE DL", F::Bd, 0x0043, 24438784, true, true},
    {K::BdReXl, "bd-re-xl", "BD-RE XL", F::Bd, 0x0043, 48878592, true, true},
}};

}  // namespace

std::span<const MediumFacts> all_media() {
    return kFacts;
}

const MediumFacts& facts_of(MediumKind kind) {
    return kFacts.at(static_cast<std::size_t>(kind));
}

std::optional<MediumKind> medium_named(std::string_view name) {
    const auto* const found = std::ranges::find(kFacts, name, &MediumFacts::name);
    if (found == kFacts.end()) {
        return std::nullopt;
    }
    return found->kind;
}

}  // namespace kiln::harness

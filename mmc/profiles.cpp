#include "mmc/profiles.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace kiln::mmc {
namespace {

constexpr std::array kProfiles{
    ProfileName{Profile::None, "no medium"},
    ProfileName{Profile::NonRemovableDisk, "non-removable disk"},
    ProfileName{Profile::RemovableDisk, "removable disk"},
    ProfileName{Profile::MoErasable, "MO erasable"},
    ProfileName{Profile::MoWriteOnce, "MO write once"},
    ProfileName{Profile::AsMo, "AS-MO"},
    ProfileName{Profile::CdRom, "CD-ROM"},
    ProfileName{Profile::CdR, "CD-R"},
    ProfileName{Profile::CdRw, "CD-RW"},
    ProfileName{Profile::DvdRom, "DVD-ROM"},
    ProfileName{Profile::DvdRSequential, "DVD-R sequential recording"},
    ProfileName{Profile::DvdRam, "DVD-RAM"},
    ProfileName{Profile::DvdRwRestrictedOverwrite, "DVD-RW restricted overwrite"},
    ProfileName{Profile::DvdRwSequential, "DVD-RW sequential recording"},
    ProfileName{Profile::DvdRDualLayerSequential, "DVD-R dual layer sequential recording"},
    ProfileName{Profile::DvdRDualLayerJump, "DVD-R dual layer jump recording"},
    ProfileName{Profile::DvdRwDualLayer, "DVD-RW dual layer"},
    ProfileName{Profile::DvdDownload, "DVD-Download"},
    ProfileName{Profile::DvdPlusRw, "DVD+RW"},
    ProfileName{Profile::DvdPlusR, "DVD+R"},
    ProfileName{Profile::DdcdRom, "DDCD-ROM"},
    ProfileName{Profile::DdcdR, "DDCD-R"},
    ProfileName{Profile::DdcdRw, "DDCD-RW"},
    ProfileName{Profile::DvdPlusRwDualLayer, "DVD+RW dual layer"},
    ProfileName{Profile::DvdPlusRDualLayer, "DVD+R dual layer"},
    ProfileName{Profile::BdRom, "BD-ROM"},
    ProfileName{Profile::BdRSequential, "BD-R sequential recording"},
    ProfileName{Profile::BdRRandom, "BD-R random recording"},
    ProfileName{Profile::BdRe, "BD-RE"},
    ProfileName{Profile::HdDvdRom, "HD DVD-ROM"},
    ProfileName{Profile::HdDvdR, "HD DVD-R"},
    ProfileName{Profile::HdDvdRam, "HD DVD-RAM"},
    ProfileName{Profile::HdDvdRw, "HD DVD-RW"},
    ProfileName{Profile::HdDvdRDualLayer, "HD DVD-R dual layer"},
    ProfileName{Profile::HdDvdRwDualLayer, "HD DVD-RW dual layer"},
    ProfileName{Profile::NonConforming, "no standard profile"},
};

}  // namespace

std::span<const ProfileName> all_profiles() {
    return kProfiles;
}

std::string_view words(Profile profile) {
    const auto* const found = std::ranges::find(kProfiles, profile, &ProfileName::profile);
    return found == kProfiles.end() ? "unknown" : found->text;
}

}  // namespace kiln::mmc

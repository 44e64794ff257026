#include "mmc/feature_codes.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace kiln::mmc {
namespace {

struct Name {
    FeatureCode code;
    std::string_view text;
};

constexpr std::array kNames{
    Name{FeatureCode::ProfileList, "Profile List"},
    Name{FeatureCode::Core, "Core"},
    Name{FeatureCode::Morphing, "Morphing"},
    Name{FeatureCode::RemovableMedium, "Removable Medium"},
    Name{FeatureCode::WriteProtect, "Write Protect"},
    Name{FeatureCode::RandomReadable, "Random Readable"},
    Name{FeatureCode::MultiRead, "Multi-Read"},
    Name{FeatureCode::CdRead, "CD Read"},
    Name{FeatureCode::DvdRead, "DVD Read"},
    Name{FeatureCode::RandomWritable, "Random Writable"},
    Name{FeatureCode::IncrementalStreamingWritable, "Incremental Streaming Writable"},
    Name{FeatureCode::SectorErasable, "Sector Erasable"},
    Name{FeatureCode::Formattable, "Formattable"},
    Name{FeatureCode::HardwareDefectManagement, "Hardware Defect Management"},
    Name{FeatureCode::WriteOnce, "Write Once"},
    Name{FeatureCode::RestrictedOverwrite, "Restricted Overwrite"},
    Name{FeatureCode::CdRwCavWrite, "CD-RW CAV Write"},
    Name{FeatureCode::Mrw, "MRW"},
    Name{FeatureCode::EnhancedDefectReporting, "Enhanced Defect Reporting"},
    Name{FeatureCode::DvdPlusRw, "DVD+RW"},
    Name{FeatureCode::DvdPlusR, "DVD+R"},
    Name{FeatureCode::RigidRestrictedOverwrite, "Rigid Restricted Overwrite"},
    Name{FeatureCode::CdTrackAtOnce, "CD Track at Once"},
    Name{FeatureCode::CdMastering, "CD Mastering"},
    Name{FeatureCode::DvdMinusWrite, "DVD-R/-RW Write"},
    Name{FeatureCode::DdcdRead, "DDCD Read"},
    Name{FeatureCode::DdcdRWrite, "DDCD-R Write"},
    Name{FeatureCode::DdcdRwWrite, "DDCD-RW Write"},
    Name{FeatureCode::LayerJumpRecording, "Layer Jump Recording"},
    Name{FeatureCode::LayerJumpRigidRestrictedOverwrite, "LJ Rigid Restricted Overwrite"},
    Name{FeatureCode::StopLongOperation, "Stop Long Operation"},
    Name{FeatureCode::CdRwMediaWriteSupport, "CD-RW Media Write Support"},
    Name{FeatureCode::BdRPseudoOverwrite, "BD-R POW"},
    Name{FeatureCode::DvdPlusRwDualLayer, "DVD+RW Dual Layer"},
    Name{FeatureCode::DvdPlusRDualLayer, "DVD+R Dual Layer"},
    Name{FeatureCode::BdRead, "BD Read"},
    Name{FeatureCode::BdWrite, "BD Write"},
    Name{FeatureCode::TimelySafeRecording, "TSR"},
    Name{FeatureCode::HdDvdRead, "HD DVD Read"},
    Name{FeatureCode::HdDvdWrite, "HD DVD Write"},
    Name{FeatureCode::HdDvdRwFragmentRecording, "HD DVD-RW Fragment Recording"},
    Name{FeatureCode::HybridDisc, "Hybrid Disc"},
    Name{FeatureCode::PowerManagement, "Power Management"},
    Name{FeatureCode::Smart, "SMART"},
    Name{FeatureCode::EmbeddedChanger, "Embedded Changer"},
    Name{FeatureCode::CdAudioExternalPlay, "CD Audio External Play"},
    Name{FeatureCode::FirmwareUpgrade, "Firmware Upgrade"},
    Name{FeatureCode::TimeOut, "Time-out"},
    Name{FeatureCode::DvdCss, "DVD CSS"},
    Name{FeatureCode::RealTimeStreaming, "Real Time Streaming"},
    Name{FeatureCode::DriveSerialNumber, "Drive Serial Number"},
    Name{FeatureCode::MediaSerialNumber, "Media Serial Number"},
    Name{FeatureCode::DiscControlBlocks, "Disc Control Blocks"},
    Name{FeatureCode::DvdCprm, "DVD CPRM"},
    Name{FeatureCode::FirmwareInformation, "Firmware Information"},
    Name{FeatureCode::Aacs, "AACS"},
    Name{FeatureCode::DvdCssManagedRecording, "DVD CSS Managed Recording"},
    Name{FeatureCode::Vcps, "VCPS"},
    Name{FeatureCode::SecurDisc, "SecurDisc"},
    Name{FeatureCode::BdCps, "BD CPS"},
    Name{FeatureCode::Ossc, "OSSC"},
};

}  // namespace

std::string_view words(FeatureCode code) {
    const auto* const found = std::ranges::find(kNames, code, &Name::code);
    return found == kNames.end() ? "unknown" : found->text;
}

}  // namespace kiln::mmc

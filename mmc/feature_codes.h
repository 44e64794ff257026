/// \file
/// The codes of the features that GET CONFIGURATION tells of.

#pragma once

#include <cstdint>
#include <string_view>

namespace kiln::mmc {

/// Numbers that are not named here stay numbers.
enum class FeatureCode : std::uint16_t {
    ProfileList = 0x0000,
    Core = 0x0001,
    Morphing = 0x0002,
    RemovableMedium = 0x0003,
    WriteProtect = 0x0004,
    RandomReadable = 0x0010,
    MultiRead = 0x001D,
    CdRead = 0x001E,
    DvdRead = 0x001F,
    RandomWritable = 0x0020,
    IncrementalStreamingWritable = 0x0021,
    SectorErasable = 0x0022,
    Formattable = 0x0023,
    HardwareDefectManagement = 0x0024,
    WriteOnce = 0x0025,
    RestrictedOverwrite = 0x0026,
    CdRwCavWrite = 0x0027,
    Mrw = 0x0028,
    EnhancedDefectReporting = 0x0029,
    DvdPlusRw = 0x002A,
    DvdPlusR = 0x002B,
    RigidRestrictedOverwrite = 0x002C,
    CdTrackAtOnce = 0x002D,
    CdMastering = 0x002E,
    DvdMinusWrite = 0x002F,
    DdcdRead = 0x0030,
    DdcdRWrite = 0x0031,
    DdcdRwWrite = 0x0032,
    LayerJumpRecording = 0x0033,
    LayerJumpRigidRestrictedOverwrite = 0x0034,
    StopLongOperation = 0x0035,
    CdRwMediaWriteSupport = 0x0037,
    BdRPseudoOverwrite = 0x0038,
    DvdPlusRwDualLayer = 0x003A,
    DvdPlusRDualLayer = 0x003B,
    BdRead = 0x0040,
    BdWrite = 0x0041,
    TimelySafeRecording = 0x0042,
    HdDvdRead = 0x0050,
    HdDvdWrite = 0x0051,
    HdDvdRwFragmentRecording = 0x0052,
    HybridDisc = 0x0080,
    PowerManagement = 0x0100,
    Smart = 0x0101,
    EmbeddedChanger = 0x0102,
    CdAudioExternalPlay = 0x0103,
    FirmwareUpgrade = 0x0104,
    TimeOut = 0x0105,
    DvdCss = 0x0106,
    RealTimeStreaming = 0x0107,
    DriveSerialNumber = 0x0108,
    MediaSerialNumber = 0x0109,
    DiscControlBlocks = 0x010A,
    DvdCprm = 0x010B,
    FirmwareInformation = 0x010C,
    Aacs = 0x010D,
    DvdCssManagedRecording = 0x010E,
    Vcps = 0x0110,
    SecurDisc = 0x0113,
    BdCps = 0x0120,
    Ossc = 0x0142,
};

/// "BD Write"; "unknown" for a number without a name.
[[nodiscard]] std::string_view words(FeatureCode code);

}  // namespace kiln::mmc

/// \file
/// Commands about the medium as a whole: blank, format, structures, keys.
///
/// Spec:    MMC-6 r02g, the command of the struct's name; rows in media.cpp

#pragma once

#include <cstdint>

#include "mmc/layout.h"
#include "mmc/lba.h"

namespace kiln::mmc {

enum class BlankingType : std::uint8_t {
    Disc = 0,
    Minimal = 1,  // PMA, first TOC, pre-gap
    Track = 2,
    UnreserveTrack = 3,
    TrackTail = 4,
    UncloseLastSession = 5,
    LastSession = 6,
};

/// BLANK, A1h. No data.
struct Blank {
    bool immediate = false;  // IMMED: bit 4 here
    BlankingType blanking_type = BlankingType::Disc;
    /// Track number for Track and UnreserveTrack, logical block address for TrackTail.
    std::uint32_t address_or_number = 0;
    std::uint8_t control = 0;
    bool operator==(const Blank&) const = default;
};
template <>
const Layout LayoutOf<Blank>::kLayout;

/// FORMAT UNIT, 04h. Data out with format_data: FormatListHeader and one FormatDescriptor
/// (mmc/commands/parameters.h).
struct FormatUnit {
    bool format_data = true;     // FmtData
    bool complete_list = false;  // CmpList
    std::uint8_t format_code = 1;
    std::uint16_t interleave_value = 0;
    std::uint8_t control = 0;
    bool operator==(const FormatUnit&) const = default;
};
template <>
const Layout LayoutOf<FormatUnit>::kLayout;

/// READ FORMAT CAPACITIES, 23h. Data in.
struct ReadFormatCapacities {
    std::uint32_t allocation_length = 252;
    std::uint8_t control = 0;
    bool operator==(const ReadFormatCapacities&) const = default;
};
template <>
const Layout LayoutOf<ReadFormatCapacities>::kLayout;

/// Whose table the format codes of READ and SEND DISC STRUCTURE come from.
enum class StructureMedia : std::uint8_t { Dvd = 0, Bd = 1 };

/// Format codes of READ and SEND DISC STRUCTURE.
enum class StructureFormat : std::uint8_t {
    // DVD
    DvdPhysical = 0x00,
    DvdCopyright = 0x01,
    DvdDiscKey = 0x02,
    DvdBurstCuttingArea = 0x03,
    DvdManufacturing = 0x04,
    DvdCopyrightManagement = 0x05,
    DvdMediaIdentifierOfCprm = 0x06,
    DvdMediaKeyBlock = 0x07,
    DvdRamDefinition = 0x08,
    DvdRamMediumStatus = 0x09,
    DvdRamSpareArea = 0x0A,
    DvdRamRecordingType = 0x0B,
    DvdBorderOutRmd = 0x0C,
    DvdRmd = 0x0D,
    DvdPreRecordedLeadIn = 0x0E,
    DvdMediaIdentifier = 0x0F,  // SEND: timestamp
    DvdPhysicalOfLeadIn = 0x10,
    DvdAdip = 0x11,
    HdDvdCopyright = 0x12,
    DvdDualLayerDataAllocation = 0x15,
    HdDvdMediumStatus = 0x19,
    HdDvdRmd = 0x1A,
    DvdLayerCapacity = 0x20,  // SEND: layer boundary
    DvdMiddleZoneStart = 0x21,
    DvdJumpIntervalSize = 0x22,
    DvdManualLayerJumpAddress = 0x23,
    DvdRemappingAddress = 0x24,
    DiscControlBlock = 0x30,
    DvdMtaEccBlock = 0x31,
    // any medium
    AacsVolumeIdentifier = 0x80,
    AacsMediaSerialNumber = 0x81,
    AacsMediaIdentifier = 0x82,
    AacsMediaKeyBlock = 0x83,
    AacsDataKeys = 0x84,
    AacsLbaExtents = 0x85,
    CprmMediaKeyBlock = 0x86,
    RecognizedFormatLayers = 0x90,
    WriteProtection = 0xC0,
    List = 0xFF,
    // BD: the same numbers, another table
    BdDiscInformation = 0x00,
    BdBurstCuttingArea = 0x03,
    BdDefinition = 0x08,
    BdCartridgeStatus = 0x09,
    BdSpareArea = 0x0A,
    BdDefectList = 0x12,
    BdPhysicalAccessControl = 0x30,
};

/// READ DISC STRUCTURE, ADh. Data in.
struct ReadDiscStructure {
    StructureMedia media_type = StructureMedia::Dvd;
    std::uint32_t address = 0;
    std::uint8_t layer_number = 0;
    StructureFormat format_code = StructureFormat::DvdPhysical;
    std::uint32_t allocation_length = 4;
    std::uint8_t authentication_grant_id = 0;  // AGID
    std::uint8_t control = 0;
    bool operator==(const ReadDiscStructure&) const = default;
};
template <>
const Layout LayoutOf<ReadDiscStructure>::kLayout;

/// SEND DISC STRUCTURE, BFh. Data out (payloads: mmc/commands/parameters.h).
struct SendDiscStructure {
    StructureMedia media_type = StructureMedia::Dvd;
    StructureFormat format_code = StructureFormat::DvdPhysical;
    std::uint32_t structure_data_length = 0;
    std::uint8_t authentication_grant_id = 0;  // AGID
    std::uint8_t control = 0;
    bool operator==(const SendDiscStructure&) const = default;
};
template <>
const Layout LayoutOf<SendDiscStructure>::kLayout;

/// Whose key formats REPORT KEY means.
enum class KeyClass : std::uint8_t { CssCppmCprm = 0, RewritableSecurityServices = 1, Aacs = 2 };

/// Key formats of KeyClass::CssCppmCprm.
enum class KeyFormat : std::uint8_t {
    AgidForCss = 0x00,
    Challenge = 0x01,
    Key1 = 0x02,
    TitleKey = 0x04,
    AuthenticationSuccess = 0x05,
    RpcState = 0x08,
    AgidForCprm = 0x11,
    InvalidateAgid = 0x3F,  // no data
};

/// REPORT KEY, A4h. Data in.
struct ReportKey {
    Lba logical_block_address{};  // of the title, with TitleKey
    KeyClass key_class = KeyClass::CssCppmCprm;
    std::uint32_t allocation_length = 8;
    std::uint8_t authentication_grant_id = 0;  // AGID
    KeyFormat key_format = KeyFormat::RpcState;
    std::uint8_t control = 0;
    bool operator==(const ReportKey&) const = default;
};
template <>
const Layout LayoutOf<ReportKey>::kLayout;

}  // namespace kiln::mmc

#include "mmc/commands/media.h"

#include "mmc/layout.h"

namespace kiln::mmc {
namespace {

constexpr Word kBlankingTypes[] = {
    {0, "whole disc"},      {1, "minimal"},    {2, "track"},
    {3, "unreserve track"}, {4, "track tail"}, {5, "unclose last session"},
    {6, "last session"},
};
constexpr Row kBlank[] = {
    bits<&Blank::immediate>("immed", 1, 4, 4),
    bits<&Blank::blanking_type>("blanking_type", 1, 2, 0, kBlankingTypes),
    number<&Blank::address_or_number>("start_address_track_number", 2, 5),
    number<&Blank::control>("control", 11, 11),
};

constexpr Row kFormatUnit[] = {
    bits<&FormatUnit::format_data>("fmtdata", 1, 4, 4),
    bits<&FormatUnit::complete_list>("cmplist", 1, 3, 3),
    bits<&FormatUnit::format_code>("format_code", 1, 2, 0),
    number<&FormatUnit::interleave_value>("interleave_value", 3, 4),
    number<&FormatUnit::control>("control", 5, 5),
};

constexpr Row kReadFormatCapacities[] = {
    number<&ReadFormatCapacities::allocation_length>("allocation_length", 7, 8),
    number<&ReadFormatCapacities::control>("control", 9, 9),
};

constexpr Word kStructureMedia[] = {
    {0, "DVD"},
    {1, "BD"},
};
// Where the two media types differ, both are named: the row's value alone does not say which.
constexpr Word kStructureFormats[] = {
    {0x00, "physical format (DVD), disc information (BD)"},
    {0x01, "copyright"},
    {0x02, "disc key"},
    {0x03, "burst cutting area"},
    {0x04, "manufacturing"},
    {0x05, "copyright management"},
    {0x06, "media identifier"},
    {0x07, "media key block"},
    {0x08, "disc definition structure"},
    {0x09, "medium status (DVD), cartridge status (BD)"},
    {0x0A, "spare area"},
    {0x0B, "recording type"},
    {0x0C, "RMD of the last border-out"},
    {0x0D, "RMD"},
    {0x0E, "pre-recorded lead-in"},
    {0x0F, "media identifier, timestamp"},
    {0x10, "physical format of the lead-in"},
    {0x11, "ADIP"},
    {0x12, "copyright (HD DVD), defect list (BD)"},
    {0x15, "AACS (HD DVD)"},
    {0x19, "medium status (HD DVD-R)"},
    {0x1A, "RMD (HD DVD-R)"},
    {0x20, "layer boundary"},
    {0x21, "shifted middle area start"},
    {0x22, "jump interval size"},
    {0x23, "manual layer jump address"},
    {0x24, "remapping address"},
    {0x30, "disc control block (DVD), physical access control (BD)"},
    {0x31, "MTA ECC block"},
    {0x80, "AACS volume identifier"},
    {0x81, "AACS media serial number"},
    {0x82, "AACS media identifier"},
    {0x83, "AACS media key block"},
    {0x84, "AACS data keys"},
    {0x85, "AACS LBA extents"},
    {0x86, "CPRM media key block"},
    {0x90, "recognised format layers"},
    {0xC0, "write protection"},
    {0xFF, "list of structures"},
};
constexpr Row kReadDiscStructure[] = {
    bits<&ReadDiscStructure::media_type>("media_type", 1, 3, 0, kStructureMedia),
    number<&ReadDiscStructure::address>("address", 2, 5),
    number<&ReadDiscStructure::layer_number>("layer_number", 6, 6),
    number<&ReadDiscStructure::format_code>("format_code", 7, 7, kStructureFormats),
    number<&ReadDiscStructure::allocation_length>("allocation_length", 8, 9),
    bits<&ReadDiscStructure::authentication_grant_id>("agid", 10, 7, 6),
    number<&ReadDiscStructure::control>("control", 11, 11),
};

constexpr Row kSendDiscStructure[] = {
    bits<&SendDiscStructure::media_type>("media_type", 1, 3, 0, kStructureMedia),
    number<&SendDiscStructure::format_code>("format_code", 7, 7, kStructureFormats),
    number<&SendDiscStructure::structure_data_length>("structure_data_length", 8, 9),
    bits<&SendDiscStructure::authentication_grant_id>("agid", 10, 7, 6),
    number<&SendDiscStructure::control>("control", 11, 11),
};

constexpr Word kKeyClasses[] = {
    {0, "CSS, CPPM, CPRM"},
    {1, "rewritable security services"},
    {2, "AACS"},
};
constexpr Word kKeyFormats[] = {
    {0x00, "AGID for CSS and CPPM"},
    {0x01, "challenge"},
    {0x02, "key 1"},
    {0x04, "title key"},
    {0x05, "authentication success flag"},
    {0x08, "RPC state"},
    {0x11, "AGID for CPRM"},
    {0x3F, "invalidate AGID"},
};
constexpr Row kReportKey[] = {
    number<&ReportKey::logical_block_address>("logical_block_address", 2, 5),
    number<&ReportKey::key_class>("key_class", 7, 7, kKeyClasses),
    number<&ReportKey::allocation_length>("allocation_length", 8, 9),
    bits<&ReportKey::authentication_grant_id>("agid", 10, 7, 6),
    bits<&ReportKey::key_format>("key_format", 10, 5, 0, kKeyFormats),
    number<&ReportKey::control>("control", 11, 11),
};

}  // namespace

template <>
constinit const Layout LayoutOf<Blank>::kLayout{"BLANK", 0xA1, 12, kBlank};
template <>
constinit const Layout LayoutOf<FormatUnit>::kLayout{"FORMAT UNIT", 0x04, 6, kFormatUnit};
template <>
constinit const Layout LayoutOf<ReadFormatCapacities>::kLayout{"READ FORMAT CAPACITIES", 0x23, 10,
                                                               kReadFormatCapacities};
template <>
constinit const Layout LayoutOf<ReadDiscStructure>::kLayout{"READ DISC STRUCTURE", 0xAD, 12,
                                                            kReadDiscStructure};
template <>
constinit const Layout LayoutOf<SendDiscStructure>::kLayout{"SEND DISC STRUCTURE", 0xBF, 12,
                                                            kSendDiscStructure};
template <>
constinit const Layout LayoutOf<ReportKey>::kLayout{"REPORT KEY", 0xA4, 12, kReportKey};

}  // namespace kiln::mmc

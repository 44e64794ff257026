#include "mmc/commands/read.h"

#include "mmc/layout.h"

namespace kiln::mmc {
namespace {

constexpr Row kReadCapacity10[] = {
    bits<&ReadCapacity10::relative_address>("reladr", 1, 0, 0),
    number<&ReadCapacity10::logical_block_address>("logical_block_address", 2, 5),
    bits<&ReadCapacity10::partial_medium_indicator>("pmi", 8, 0, 0),
    number<&ReadCapacity10::control>("control", 9, 9),
};

constexpr Row kRead10[] = {
    bits<&Read10::disable_page_out>("dpo", 1, 4, 4),
    bits<&Read10::force_unit_access>("fua", 1, 3, 3),
    bits<&Read10::relative_address>("reladr", 1, 0, 0),
    number<&Read10::logical_block_address>("logical_block_address", 2, 5),
    number<&Read10::transfer_length>("transfer_length", 7, 8),
    number<&Read10::control>("control", 9, 9),
};

constexpr Row kRead12[] = {
    bits<&Read12::disable_page_out>("dpo", 1, 4, 4),
    bits<&Read12::force_unit_access>("fua", 1, 3, 3),
    bits<&Read12::relative_address>("reladr", 1, 0, 0),
    number<&Read12::logical_block_address>("logical_block_address", 2, 5),
    number<&Read12::transfer_length>("transfer_length", 6, 9),
    bits<&Read12::streaming>("streaming", 10, 7, 7),
    number<&Read12::control>("control", 11, 11),
};

constexpr Row kVerify10[] = {
    bits<&Verify10::disable_page_out>("dpo", 1, 4, 4),
    bits<&Verify10::byte_check>("bytchk", 1, 1, 1),
    bits<&Verify10::relative_address>("reladr", 1, 0, 0),
    number<&Verify10::logical_block_address>("logical_block_address", 2, 5),
    number<&Verify10::number_of_blocks>("number_of_blocks", 7, 8),
    number<&Verify10::control>("control", 9, 9),
};

constexpr Row kSeek10[] = {
    number<&Seek10::logical_block_address>("logical_block_address", 2, 5),
    number<&Seek10::control>("control", 9, 9),
};

constexpr Word kTocFormats[] = {
    {0, "TOC"},     {1, "session information"}, {2, "full TOC"}, {3, "PMA"}, {4, "ATIP"},
    {5, "CD-TEXT"},
};
constexpr Row kReadTocPmaAtip[] = {
    bits<&ReadTocPmaAtip::time>("time", 1, 1, 1),
    bits<&ReadTocPmaAtip::format>("format", 2, 3, 0, kTocFormats),
    number<&ReadTocPmaAtip::track_session_number>("track_session_number", 6, 6),
    number<&ReadTocPmaAtip::allocation_length>("allocation_length", 7, 8),
    number<&ReadTocPmaAtip::control>("control", 9, 9),
};

constexpr Word kSectorTypes[] = {
    {0, "any"},           {1, "CD-DA"},         {2, "mode 1"}, {3, "mode 2 formless"},
    {4, "mode 2 form 1"}, {5, "mode 2 form 2"},
};
constexpr Word kHeaderCodes[] = {
    {0, "none"},
    {1, "header"},
    {2, "subheader"},
    {3, "header and subheader"},
};
constexpr Word kC2ErrorInformation[] = {
    {0, "none"},
    {1, "C2 pointers"},
    {2, "C2 pointers and block error byte"},
};
constexpr Word kSubChannelSelections[] = {
    {0, "none"},
    {1, "raw P-W"},
    {2, "Q"},
    {4, "corrected R-W"},
};
constexpr Row kReadCd[] = {
    bits<&ReadCd::expected_sector_type>("expected_sector_type", 1, 4, 2, kSectorTypes),
    bits<&ReadCd::digital_audio_play>("dap", 1, 1, 1),
    bits<&ReadCd::relative_address>("reladr", 1, 0, 0),
    number<&ReadCd::starting_logical_block_address>("starting_logical_block_address", 2, 5),
    number<&ReadCd::transfer_length>("transfer_length", 6, 8),
    bits<&ReadCd::sync>("sync", 9, 7, 7),
    bits<&ReadCd::header_codes>("header_codes", 9, 6, 5, kHeaderCodes),
    bits<&ReadCd::user_data>("user_data", 9, 4, 4),
    bits<&ReadCd::edc_and_ecc>("edc_and_ecc", 9, 3, 3),
    bits<&ReadCd::c2_error_information>("c2_error_information", 9, 2, 1, kC2ErrorInformation),
    bits<&ReadCd::sub_channel_selection>("sub_channel_selection", 10, 2, 0, kSubChannelSelections),
    number<&ReadCd::control>("control", 11, 11),
};

constexpr Row kReadCdMsf[] = {
    bits<&ReadCdMsf::expected_sector_type>("expected_sector_type", 1, 4, 2, kSectorTypes),
    bits<&ReadCdMsf::digital_audio_play>("dap", 1, 1, 1),
    number<&ReadCdMsf::starting_minute>("starting_m", 3, 3),
    number<&ReadCdMsf::starting_second>("starting_s", 4, 4),
    number<&ReadCdMsf::starting_frame>("starting_f", 5, 5),
    number<&ReadCdMsf::ending_minute>("ending_m", 6, 6),
    number<&ReadCdMsf::ending_second>("ending_s", 7, 7),
    number<&ReadCdMsf::ending_frame>("ending_f", 8, 8),
    bits<&ReadCdMsf::sync>("sync", 9, 7, 7),
    bits<&ReadCdMsf::header_codes>("header_codes", 9, 6, 5, kHeaderCodes),
    bits<&ReadCdMsf::user_data>("user_data", 9, 4, 4),
    bits<&ReadCdMsf::edc_and_ecc>("edc_and_ecc", 9, 3, 3),
    bits<&ReadCdMsf::c2_error_information>("c2_error_information", 9, 2, 1, kC2ErrorInformation),
    bits<&ReadCdMsf::sub_channel_selection>("sub_channel_selection", 10, 2, 0,
                                            kSubChannelSelections),
    number<&ReadCdMsf::control>("control", 11, 11),
};

constexpr Word kSubChannelParameters[] = {
    {1, "current position"},
    {2, "media catalogue number"},
    {3, "ISRC"},
};
constexpr Row kReadSubChannel[] = {
    bits<&ReadSubChannel::time>("time", 1, 1, 1),
    bits<&ReadSubChannel::sub_q>("subq", 2, 6, 6),
    number<&ReadSubChannel::sub_channel_parameter_list>("sub_channel_parameter_list", 3, 3,
                                                        kSubChannelParameters),
    number<&ReadSubChannel::track_number>("track_number", 6, 6),
    number<&ReadSubChannel::allocation_length>("allocation_length", 7, 8),
    number<&ReadSubChannel::control>("control", 9, 9),
};

constexpr Row kReadMediaSerialNumber[] = {
    bits<&ReadMediaSerialNumber::service_action>("service_action", 1, 4, 0),
    number<&ReadMediaSerialNumber::allocation_length>("allocation_length", 6, 9),
    number<&ReadMediaSerialNumber::control>("control", 11, 11),
};

}  // namespace

template <>
constinit const Layout LayoutOf<ReadCapacity10>::kLayout{"READ CAPACITY (10)", 0x25, 10,
                                                         kReadCapacity10};
template <>
constinit const Layout LayoutOf<Read10>::kLayout{"READ (10)", 0x28, 10, kRead10};
template <>
constinit const Layout LayoutOf<Read12>::kLayout{"READ (12)", 0xA8, 12, kRead12};
template <>
constinit const Layout LayoutOf<Verify10>::kLayout{"VERIFY (10)", 0x2F, 10, kVerify10};
template <>
constinit const Layout LayoutOf<Seek10>::kLayout{"SEEK (10)", 0x2B, 10, kSeek10};
template <>
constinit const Layout LayoutOf<ReadTocPmaAtip>::kLayout{"READ TOC/PMA/ATIP", 0x43, 10,
                                                         kReadTocPmaAtip};
template <>
constinit const Layout LayoutOf<ReadCd>::kLayout{"READ CD", 0xBE, 12, kReadCd};
template <>
constinit const Layout LayoutOf<ReadCdMsf>::kLayout{"READ CD MSF", 0xB9, 12, kReadCdMsf};
template <>
constinit const Layout LayoutOf<ReadSubChannel>::kLayout{"READ SUB-CHANNEL", 0x42, 10,
                                                         kReadSubChannel};
template <>
constinit const Layout LayoutOf<ReadMediaSerialNumber>::kLayout{"READ MEDIA SERIAL NUMBER", 0xAB,
                                                                12, kReadMediaSerialNumber};

}  // namespace kiln::mmc

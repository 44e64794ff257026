/// \file
/// Commands that read or check what is on the medium.
///
/// Spec:    MMC-6 r02g, the command of the struct's name; rows in read.cpp

#pragma once

#include <cstdint>

#include "mmc/layout.h"
#include "mmc/lba.h"

namespace kiln::mmc {

/// READ CAPACITY (10), 25h. Data in, 8 bytes.
struct ReadCapacity10 {
    bool relative_address = false;          // RelAdr; obsolete
    Lba logical_block_address{};            // with partial_medium_indicator; not in MMC
    bool partial_medium_indicator = false;  // PMI; not in MMC
    std::uint8_t control = 0;
    bool operator==(const ReadCapacity10&) const = default;
};
template <>
const Layout LayoutOf<ReadCapacity10>::kLayout;

/// READ (10), 28h. Data in, blocks.
struct Read10 {
    bool disable_page_out = false;   // DPO
    bool force_unit_access = false;  // FUA
    bool relative_address = false;   // RelAdr; obsolete
    Lba logical_block_address{};
    BlockCount transfer_length{};
    std::uint8_t control = 0;
    bool operator==(const Read10&) const = default;
};
template <>
const Layout LayoutOf<Read10>::kLayout;

/// READ (12), A8h. Data in, blocks.
struct Read12 {
    bool disable_page_out = false;   // DPO
    bool force_unit_access = false;  // FUA
    bool relative_address = false;   // RelAdr; obsolete
    Lba logical_block_address{};
    BlockCount transfer_length{};
    bool streaming = false;
    std::uint8_t control = 0;
    bool operator==(const Read12&) const = default;
};
template <>
const Layout LayoutOf<Read12>::kLayout;

/// VERIFY (10), 2Fh. No data, or data out with byte_check.
struct Verify10 {
    bool disable_page_out = false;  // DPO
    bool byte_check = false;        // BytChk
    bool relative_address = false;  // RelAdr; obsolete
    Lba logical_block_address{};
    BlockCount number_of_blocks{};
    std::uint8_t control = 0;
    bool operator==(const Verify10&) const = default;
};
template <>
const Layout LayoutOf<Verify10>::kLayout;

/// SEEK (10), 2Bh. No data.
struct Seek10 {
    Lba logical_block_address{};
    std::uint8_t control = 0;
    bool operator==(const Seek10&) const = default;
};
template <>
const Layout LayoutOf<Seek10>::kLayout;

enum class TocFormat : std::uint8_t {
    Toc = 0,
    SessionInformation = 1,
    FullToc = 2,
    Pma = 3,
    Atip = 4,
    CdText = 5,
};

/// READ TOC/PMA/ATIP, 43h. Data in. The legacy form has the format in bits 7 and 6 of control.
struct ReadTocPmaAtip {
    bool time = false;  // MSF instead of LBA
    TocFormat format = TocFormat::Toc;
    std::uint8_t track_session_number = 0;
    std::uint32_t allocation_length = 0;
    std::uint8_t control = 0;
    bool operator==(const ReadTocPmaAtip&) const = default;
};
template <>
const Layout LayoutOf<ReadTocPmaAtip>::kLayout;

enum class ExpectedSectorType : std::uint8_t {
    Any = 0,
    CdDa = 1,
    Mode1 = 2,
    Mode2Formless = 3,
    Mode2Form1 = 4,
    Mode2Form2 = 5,
};
enum class HeaderCodes : std::uint8_t { None = 0, Header = 1, SubHeader = 2, Both = 3 };
enum class C2ErrorInformation : std::uint8_t { None = 0, Pointers = 1, PointersAndBlockError = 2 };
enum class SubChannelSelection : std::uint8_t { None = 0, Raw = 1, Q = 2, CorrectedRToW = 4 };

/// READ CD, BEh. Data in.
struct ReadCd {
    ExpectedSectorType expected_sector_type = ExpectedSectorType::Any;
    bool digital_audio_play = false;  // DAP
    bool relative_address = false;    // RelAdr; obsolete
    Lba starting_logical_block_address{};
    BlockCount transfer_length{};
    bool sync = false;
    HeaderCodes header_codes = HeaderCodes::None;
    bool user_data = false;
    bool edc_and_ecc = false;
    C2ErrorInformation c2_error_information = C2ErrorInformation::None;
    SubChannelSelection sub_channel_selection = SubChannelSelection::None;
    std::uint8_t control = 0;
    bool operator==(const ReadCd&) const = default;
};
template <>
const Layout LayoutOf<ReadCd>::kLayout;

/// READ CD MSF, B9h. Data in. Addresses are binary, not BCD; the ending one is the first sector
/// that is not read.
struct ReadCdMsf {
    ExpectedSectorType expected_sector_type = ExpectedSectorType::Any;
    bool digital_audio_play = false;  // DAP
    std::uint8_t starting_minute = 0;
    std::uint8_t starting_second = 0;
    std::uint8_t starting_frame = 0;
    std::uint8_t ending_minute = 0;
    std::uint8_t ending_second = 0;
    std::uint8_t ending_frame = 0;
    bool sync = false;
    HeaderCodes header_codes = HeaderCodes::None;
    bool user_data = false;
    bool edc_and_ecc = false;
    C2ErrorInformation c2_error_information = C2ErrorInformation::None;
    SubChannelSelection sub_channel_selection = SubChannelSelection::None;
    std::uint8_t control = 0;
    bool operator==(const ReadCdMsf&) const = default;
};
template <>
const Layout LayoutOf<ReadCdMsf>::kLayout;

enum class SubChannelParameter : std::uint8_t {
    None = 0,
    CurrentPosition = 1,
    MediaCatalogueNumber = 2,
    Isrc = 3,
};

/// READ SUB-CHANNEL, 42h. Data in.
struct ReadSubChannel {
    bool time = false;  // MSF instead of LBA
    bool sub_q = false;
    SubChannelParameter sub_channel_parameter_list = SubChannelParameter::None;
    std::uint8_t track_number = 0;  // for Isrc only
    std::uint32_t allocation_length = 0;
    std::uint8_t control = 0;
    bool operator==(const ReadSubChannel&) const = default;
};
template <>
const Layout LayoutOf<ReadSubChannel>::kLayout;

/// READ MEDIA SERIAL NUMBER, ABh with service action 01h. Data in.
struct ReadMediaSerialNumber {
    std::uint8_t service_action = 1;
    std::uint32_t allocation_length = 0;
    std::uint8_t control = 0;
    bool operator==(const ReadMediaSerialNumber&) const = default;
};
template <>
const Layout LayoutOf<ReadMediaSerialNumber>::kLayout;

}  // namespace kiln::mmc

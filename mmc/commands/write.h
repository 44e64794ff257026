/// \file
/// Commands of a burn's data: writing, the drive's cache and buffer, cue sheet, laser power.
///
/// Spec:    MMC-6 r02g, the command of the struct's name; rows in write.cpp

#pragma once

#include <cstdint>

#include "mmc/layout.h"
#include "mmc/lba.h"

namespace kiln::mmc {

/// WRITE (10), 2Ah. Data out, blocks.
struct Write10 {
    bool disable_page_out = false;       // DPO
    bool force_unit_access = false;      // FUA
    bool timely_safe_recording = false;  // TSR; EBP before MMC-5
    bool relative_address = false;       // RelAdr; obsolete
    Lba logical_block_address{};
    BlockCount transfer_length{};
    std::uint8_t control = 0;
    bool operator==(const Write10&) const = default;
};
template <>
const Layout LayoutOf<Write10>::kLayout;

/// WRITE (12), AAh. Data out, blocks.
struct Write12 {
    bool disable_page_out = false;       // DPO
    bool force_unit_access = false;      // FUA
    bool timely_safe_recording = false;  // TSR; EBP before MMC-5
    bool relative_address = false;       // RelAdr; obsolete
    Lba logical_block_address{};
    BlockCount transfer_length{};
    bool streaming = false;
    std::uint8_t control = 0;
    bool operator==(const Write12&) const = default;
};
template <>
const Layout LayoutOf<Write12>::kLayout;

/// WRITE AND VERIFY (10), 2Eh. Data out, blocks.
struct WriteAndVerify10 {
    bool disable_page_out = false;  // DPO
    bool byte_check = false;        // BytChk
    bool relative_address = false;  // RelAdr; obsolete
    Lba logical_block_address{};
    BlockCount transfer_length{};
    std::uint8_t control = 0;
    bool operator==(const WriteAndVerify10&) const = default;
};
template <>
const Layout LayoutOf<WriteAndVerify10>::kLayout;

/// SYNCHRONIZE CACHE (10), 35h. No data. Address and count zero: the whole cache.
struct SynchronizeCache10 {
    bool immediate = false;         // IMMED
    bool relative_address = false;  // RelAdr; obsolete
    Lba logical_block_address{};
    BlockCount number_of_blocks{};
    std::uint8_t control = 0;
    bool operator==(const SynchronizeCache10&) const = default;
};
template <>
const Layout LayoutOf<SynchronizeCache10>::kLayout;

/// READ BUFFER CAPACITY, 5Ch. Data in, 12 bytes.
struct ReadBufferCapacity {
    bool block = false;  // capacity in blocks instead of bytes
    std::uint32_t allocation_length = 12;
    std::uint8_t control = 0;
    bool operator==(const ReadBufferCapacity&) const = default;
};
template <>
const Layout LayoutOf<ReadBufferCapacity>::kLayout;

/// SEND CUE SHEET, 5Dh. Data out, 8 bytes an entry.
struct SendCueSheet {
    std::uint32_t cue_sheet_size = 0;  // bytes
    std::uint8_t control = 0;
    bool operator==(const SendCueSheet&) const = default;
};
template <>
const Layout LayoutOf<SendCueSheet>::kLayout;

/// SEND OPC INFORMATION, 54h. Data out, 8 bytes an entry, none with perform_opc.
struct SendOpcInformation {
    bool perform_opc = false;      // DoOpc
    bool exclude_layer_1 = false;  // Exclude1
    bool exclude_layer_0 = false;  // Exclude0
    std::uint32_t parameter_list_length = 0;
    std::uint8_t control = 0;
    bool operator==(const SendOpcInformation&) const = default;
};
template <>
const Layout LayoutOf<SendOpcInformation>::kLayout;

}  // namespace kiln::mmc

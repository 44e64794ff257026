/// \file
/// Commands of SPC as MMC drives take them: identity, modes, readiness, the tray, buffers.
///
/// Spec:    MMC-6 r02g and SPC, the command of the struct's name; rows in primary.cpp

#pragma once

#include <cstdint>

#include "mmc/layout.h"

namespace kiln::mmc {

/// TEST UNIT READY, 00h. No data.
struct TestUnitReady {
    std::uint8_t control = 0;
    bool operator==(const TestUnitReady&) const = default;
};
template <>
const Layout LayoutOf<TestUnitReady>::kLayout;

/// REZERO UNIT, 01h, obsolete: programs of the CD era still send it. No data.
struct RezeroUnit {
    std::uint8_t control = 0;
    bool operator==(const RezeroUnit&) const = default;
};
template <>
const Layout LayoutOf<RezeroUnit>::kLayout;

/// REQUEST SENSE, 03h. Data in.
struct RequestSense {
    bool descriptor_format = false;  // DESC; MMC drives: false
    std::uint32_t allocation_length = 18;
    std::uint8_t control = 0;
    bool operator==(const RequestSense&) const = default;
};
template <>
const Layout LayoutOf<RequestSense>::kLayout;

/// INQUIRY, 12h. Data in. Lengths above 255 mislead drives that read byte 4 alone.
struct Inquiry {
    bool enable_vital_product_data = false;  // EVPD
    std::uint8_t page_code = 0;              // 00h list, 80h serial number, 83h identification
    std::uint32_t allocation_length = 36;
    std::uint8_t control = 0;
    bool operator==(const Inquiry&) const = default;
};
template <>
const Layout LayoutOf<Inquiry>::kLayout;

/// Which values of a mode page are meant.
enum class PageControl : std::uint8_t { Current = 0, Changeable = 1, Default = 2, Saved = 3 };

/// MODE SENSE (10), 5Ah. Data in.
struct ModeSense10 {
    bool long_lba_accepted = false;          // LLBAA; not in MMC
    bool disable_block_descriptors = false;  // DBD
    PageControl page_control = PageControl::Current;
    std::uint8_t page_code = 0;  // 3Fh: all pages
    std::uint8_t subpage_code = 0;
    std::uint32_t allocation_length = 0;
    std::uint8_t control = 0;
    bool operator==(const ModeSense10&) const = default;
};
template <>
const Layout LayoutOf<ModeSense10>::kLayout;

/// MODE SELECT (10), 55h. Data out: header, block descriptors, pages.
struct ModeSelect10 {
    bool page_format = true;  // PF; always set in MMC
    bool save_pages = false;  // SP
    std::uint32_t parameter_list_length = 0;
    std::uint8_t control = 0;
    bool operator==(const ModeSelect10&) const = default;
};
template <>
const Layout LayoutOf<ModeSelect10>::kLayout;

enum class PowerCondition : std::uint8_t { None = 0, Active = 1, Idle = 2, Standby = 3, Sleep = 5 };

/// START STOP UNIT, 1Bh. No data. With a power condition, load_eject and start mean nothing.
struct StartStopUnit {
    bool immediate = false;                // IMMED
    std::uint8_t format_layer_number = 0;  // with select_format_layer
    PowerCondition power_condition = PowerCondition::None;
    bool select_format_layer = false;  // FL
    bool load_eject = false;           // LoEj: eject without start, load with it
    bool start = false;
    std::uint8_t control = 0;
    bool operator==(const StartStopUnit&) const = default;
};
template <>
const Layout LayoutOf<StartStopUnit>::kLayout;

/// PREVENT ALLOW MEDIUM REMOVAL, 1Eh. No data.
struct PreventAllowMediumRemoval {
    bool persistent = false;
    bool prevent = false;
    std::uint8_t control = 0;
    bool operator==(const PreventAllowMediumRemoval&) const = default;
};
template <>
const Layout LayoutOf<PreventAllowMediumRemoval>::kLayout;

/// Modes of READ BUFFER and WRITE BUFFER.
enum class BufferMode : std::uint8_t {
    Combined = 0x00,
    Vendor = 0x01,
    Data = 0x02,
    Descriptor = 0x03,            // READ BUFFER only
    Microcode = 0x04,             // WRITE BUFFER only, as all of 04h to 07h
    MicrocodeAndSave = 0x05,      // reprograms the drive
    MicrocodeWithOffsets = 0x06,  // reprograms the drive
    MicrocodeWithOffsetsAndSave = 0x07,
    Echo = 0x0A,
    EchoDescriptor = 0x0B,  // READ BUFFER only
    MicrocodeDeferredSelect = 0x0D,
    MicrocodeDeferred = 0x0E,
    ActivateDeferredMicrocode = 0x0F,
    ErrorHistory = 0x1C,  // READ BUFFER only
};

/// READ BUFFER, 3Ch. Data in.
struct ReadBuffer {
    BufferMode mode = BufferMode::Data;
    std::uint8_t buffer_id = 0;
    std::uint32_t buffer_offset = 0;
    std::uint32_t allocation_length = 0;
    std::uint8_t control = 0;
    bool operator==(const ReadBuffer&) const = default;
};
template <>
const Layout LayoutOf<ReadBuffer>::kLayout;

/// WRITE BUFFER, 3Bh. Data out. Most modes load firmware: never send those to a real drive.
struct WriteBuffer {
    std::uint8_t mode_specific = 0;
    BufferMode mode = BufferMode::Data;
    std::uint8_t buffer_id = 0;
    std::uint32_t buffer_offset = 0;
    std::uint32_t parameter_list_length = 0;
    std::uint8_t control = 0;
    bool operator==(const WriteBuffer&) const = default;
};
template <>
const Layout LayoutOf<WriteBuffer>::kLayout;

/// REPORT LUNS, A0h. Data in; at least 16 bytes.
struct ReportLuns {
    std::uint8_t select_report = 0;
    std::uint32_t allocation_length = 16;
    std::uint8_t control = 0;
    bool operator==(const ReportLuns&) const = default;
};
template <>
const Layout LayoutOf<ReportLuns>::kLayout;

}  // namespace kiln::mmc

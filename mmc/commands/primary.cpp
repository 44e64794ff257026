#include "mmc/commands/primary.h"

#include "mmc/layout.h"

namespace kiln::mmc {
namespace {

constexpr Row kTestUnitReady[] = {
    number<&TestUnitReady::control>("control", 5, 5),
};

constexpr Row kRezeroUnit[] = {
    number<&RezeroUnit::control>("control", 5, 5),
};

constexpr Row kRequestSense[] = {
    bits<&RequestSense::descriptor_format>("desc", 1, 0, 0),
    number<&RequestSense::allocation_length>("allocation_length", 4, 4),
    number<&RequestSense::control>("control", 5, 5),
};

constexpr Row kInquiry[] = {
    bits<&Inquiry::enable_vital_product_data>("evpd", 1, 0, 0),
    number<&Inquiry::page_code>("page_code", 2, 2),
    number<&Inquiry::allocation_length>("allocation_length", 3, 4),
    number<&Inquiry::control>("control", 5, 5),
};

constexpr Word kPageControls[] = {
    {0, "current values"},
    {1, "changeable values"},
    {2, "default values"},
    {3, "saved values"},
};
constexpr Word kModePages[] = {
    {0x01, "read/write error recovery"},
    {0x03, "MRW"},
    {0x05, "write parameters"},
    {0x08, "caching"},
    {0x0E, "CD audio control"},
    {0x1A, "power condition"},
    {0x1C, "informational exceptions"},
    {0x1D, "time-out and protect"},
    {0x2A, "capabilities and mechanical status"},
    {0x3F, "all pages"},
};
constexpr Row kModeSense10[] = {
    bits<&ModeSense10::long_lba_accepted>("llbaa", 1, 4, 4),
    bits<&ModeSense10::disable_block_descriptors>("dbd", 1, 3, 3),
    bits<&ModeSense10::page_control>("pc", 2, 7, 6, kPageControls),
    bits<&ModeSense10::page_code>("page_code", 2, 5, 0, kModePages),
    number<&ModeSense10::subpage_code>("subpage_code", 3, 3),
    number<&ModeSense10::allocation_length>("allocation_length", 7, 8),
    number<&ModeSense10::control>("control", 9, 9),
};

constexpr Row kModeSelect10[] = {
    bits<&ModeSelect10::page_format>("pf", 1, 4, 4),
    bits<&ModeSelect10::save_pages>("sp", 1, 0, 0),
    number<&ModeSelect10::parameter_list_length>("parameter_list_length", 7, 8),
    number<&ModeSelect10::control>("control", 9, 9),
};

constexpr Word kPowerConditions[] = {
    {1, "active"},
    {2, "idle"},
    {3, "standby"},
    {5, "sleep"},
};
constexpr Row kStartStopUnit[] = {
    bits<&StartStopUnit::immediate>("immed", 1, 0, 0),
    bits<&StartStopUnit::format_layer_number>("format_layer_number", 3, 1, 0),
    bits<&StartStopUnit::power_condition>("power_conditions", 4, 7, 4, kPowerConditions),
    bits<&StartStopUnit::select_format_layer>("fl", 4, 2, 2),
    bits<&StartStopUnit::load_eject>("loej", 4, 1, 1),
    bits<&StartStopUnit::start>("start", 4, 0, 0),
    number<&StartStopUnit::control>("control", 5, 5),
};

constexpr Row kPreventAllowMediumRemoval[] = {
    bits<&PreventAllowMediumRemoval::persistent>("persistent", 4, 1, 1),
    bits<&PreventAllowMediumRemoval::prevent>("prevent", 4, 0, 0),
    number<&PreventAllowMediumRemoval::control>("control", 5, 5),
};

constexpr Word kBufferModes[] = {
    {0x00, "combined header and data"},
    {0x01, "vendor specific"},
    {0x02, "data"},
    {0x03, "descriptor"},
    {0x04, "download microcode"},
    {0x05, "download microcode and save"},
    {0x06, "download microcode with offsets"},
    {0x07, "download microcode with offsets and save"},
    {0x0A, "echo buffer"},
    {0x0B, "echo buffer descriptor"},
    {0x0D, "download microcode with offsets, select activation, save, defer"},
    {0x0E, "download microcode with offsets, save, defer"},
    {0x0F, "activate deferred microcode"},
    {0x1C, "error history"},
};
constexpr Row kReadBuffer[] = {
    bits<&ReadBuffer::mode>("mode", 1, 4, 0, kBufferModes),
    number<&ReadBuffer::buffer_id>("buffer_id", 2, 2),
    number<&ReadBuffer::buffer_offset>("buffer_offset", 3, 5),
    number<&ReadBuffer::allocation_length>("allocation_length", 6, 8),
    number<&ReadBuffer::control>("control", 9, 9),
};

constexpr Row kWriteBuffer[] = {
    bits<&WriteBuffer::mode_specific>("mode_specific", 1, 7, 5),
    bits<&WriteBuffer::mode>("mode", 1, 4, 0, kBufferModes),
    number<&WriteBuffer::buffer_id>("buffer_id", 2, 2),
    number<&WriteBuffer::buffer_offset>("buffer_offset", 3, 5),
    number<&WriteBuffer::parameter_list_length>("parameter_list_length", 6, 8),
    number<&WriteBuffer::control>("control", 9, 9),
};

constexpr Word kSelectReports[] = {
    {0x00, "logical units"},
    {0x01, "well known logical units"},
    {0x02, "all logical units"},
};
constexpr Row kReportLuns[] = {
    number<&ReportLuns::select_report>("select_report", 2, 2, kSelectReports),
    number<&ReportLuns::allocation_length>("allocation_length", 6, 9),
    number<&ReportLuns::control>("control", 11, 11),
};

}  // namespace

template <>
constinit const Layout LayoutOf<TestUnitReady>::kLayout{"TEST UNIT READY", 0x00, 6, kTestUnitReady};
template <>
constinit const Layout LayoutOf<RezeroUnit>::kLayout{"REZERO UNIT", 0x01, 6, kRezeroUnit};
template <>
constinit const Layout LayoutOf<RequestSense>::kLayout{"REQUEST SENSE", 0x03, 6, kRequestSense};
template <>
constinit const Layout LayoutOf<Inquiry>::kLayout{"INQUIRY", 0x12, 6, kInquiry};
template <>
constinit const Layout LayoutOf<ModeSense10>::kLayout{"MODE SENSE (10)", 0x5A, 10, kModeSense10};
template <>
constinit const Layout LayoutOf<ModeSelect10>::kLayout{"MODE SELECT (10)", 0x55, 10, kModeSelect10};
template <>
constinit const Layout LayoutOf<StartStopUnit>::kLayout{"START STOP UNIT", 0x1B, 6, kStartStopUnit};
template <>
constinit const Layout LayoutOf<PreventAllowMediumRemoval>::kLayout{
    "PREVENT ALLOW MEDIUM REMOVAL", 0x1E, 6, kPreventAllowMediumRemoval};
template <>
constinit const Layout LayoutOf<ReadBuffer>::kLayout{"READ BUFFER", 0x3C, 10, kReadBuffer};
template <>
constinit const Layout LayoutOf<WriteBuffer>::kLayout{"WRITE BUFFER", 0x3B, 10, kWriteBuffer};
template <>
constinit const Layout LayoutOf<ReportLuns>::kLayout{"REPORT LUNS", 0xA0, 12, kReportLuns};

}  // namespace kiln::mmc

#include "mmc/mode_page_tables.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "mmc/layout.h"
#include "mmc/mode_pages.h"
#include "mmc/responses/codec.h"

namespace kiln::mmc {
namespace {

using detail::element;

constexpr std::array kPageWords{
    Word{0x01, "read/write error recovery"},
    Word{0x03, "MRW"},
    Word{0x05, "write parameters"},
    Word{0x08, "caching"},
    Word{0x0D, "CD device parameters"},
    Word{0x0E, "CD audio control"},
    Word{0x18, "feature set support and version"},
    Word{0x1A, "power condition"},
    Word{0x1C, "fault/failure reporting"},
    Word{0x1D, "time-out and protect"},
    Word{0x2A, "capabilities and mechanical status"},
    Word{0x2C, "MRW (old code)"},
};
constexpr std::array kWriteTypeWords{
    Word{0, "packet/incremental"}, Word{1, "track at once"},
    Word{2, "session at once"},    Word{3, "raw"},
    Word{4, "layer jump"},
};
constexpr std::array kMultiSessionWords{
    Word{0, "next session not allowed, no B0 pointer"},
    Word{1, "next session not allowed, B0 pointer"},
    Word{3, "next session allowed"},
};
constexpr std::array kDataBlockTypeWords{
    Word{0, "raw, 2352 bytes"},
    Word{1, "raw with P and Q, 2368 bytes"},
    Word{2, "raw with packed P-W, 2448 bytes"},
    Word{3, "raw with raw P-W, 2448 bytes"},
    Word{8, "mode 1, 2048 bytes"},
    Word{9, "mode 2, 2336 bytes"},
    Word{10, "mode 2 form 1, 2048 bytes"},
    Word{11, "mode 2 form 1 with sub-header, 2056 bytes"},
    Word{12, "mode 2 form 2, 2324 bytes"},
    Word{13, "mode 2 mixed, 2332 bytes"},
};
constexpr std::array kMechanismWords{
    Word{0, "caddy or slot"},
    Word{1, "tray"},
    Word{2, "pop-up"},
    Word{4, "changer with individual discs"},
    Word{5, "changer with a magazine"},
};

constexpr std::array kErrorRecovery{
    bits<&ErrorRecoveryPage::automatic_write_reallocation>("awre", 2, 7, 7),
    bits<&ErrorRecoveryPage::automatic_read_reallocation>("arre", 2, 6, 6),
    bits<&ErrorRecoveryPage::transfer_block>("tb", 2, 5, 5),
    bits<&ErrorRecoveryPage::read_continuous>("rc", 2, 4, 4),
    bits<&ErrorRecoveryPage::post_error>("per", 2, 2, 2),
    bits<&ErrorRecoveryPage::disable_transfer_on_error>("dte", 2, 1, 1),
    bits<&ErrorRecoveryPage::disable_correction>("dcr", 2, 0, 0),
    number<&ErrorRecoveryPage::read_retry_count>("read_retry", 3, 3),
    bits<&ErrorRecoveryPage::enhanced_media_certification>("emcdr", 7, 1, 0),
    number<&ErrorRecoveryPage::write_retry_count>("write_retry", 8, 8),
    number<&ErrorRecoveryPage::recovery_time_limit>("recovery_time_limit", 10, 11),
};
constexpr std::array kMrw{
    bits<&MrwPage::general_application_area>("lba_space", 3, 0, 0),
};

using Write = WriteParametersPage;
constexpr std::array kWriteParameters{
    bits<&Write::buffer_underrun_free>("bufe", 2, 6, 6),
    bits<&Write::link_size_valid>("ls_v", 2, 5, 5),
    bits<&Write::test_write>("test_write", 2, 4, 4),
    bits<&Write::write_type>("write_type", 2, 3, 0, kWriteTypeWords),
    bits<&Write::multi_session>("multi_session", 3, 7, 6, kMultiSessionWords),
    bits<&Write::fixed_packet>("fp", 3, 5, 5),
    bits<&Write::copy>("copy", 3, 4, 4),
    bits<&Write::track_mode>("track_mode", 3, 3, 0),
    bits<&Write::data_block_type>("data_block_type", 4, 3, 0, kDataBlockTypeWords),
    number<&Write::link_size>("link_size", 5, 5),
    bits<&Write::host_application_code>("app_code", 7, 5, 0),
    number<&Write::session_format>("session_format", 8, 8),
    number<&Write::packet_size>("packet_size", 10, 13),
    number<&Write::audio_pause_length>("audio_pause", 14, 15),
    bits<&Write::catalogue_number_valid>("mcval", 16, 7, 7),
    bits<&Write::isrc_valid>("tcval", 32, 7, 7),
    number<&Write::sub_header>("sub_header", 48, 51),
};
constexpr std::array kCaching{
    bits<&CachingPage::write_cache>("wce", 2, 2, 2),
    bits<&CachingPage::multiplication_factor>("mf", 2, 1, 1),
    bits<&CachingPage::read_cache_disabled>("rcd", 2, 0, 0),
};
constexpr std::array kCdDeviceParameters{
    bits<&CdDeviceParametersPage::inactivity_multiplier>("inactivity", 3, 3, 0),
    number<&CdDeviceParametersPage::seconds_per_minute>("s_per_m", 4, 5),
    number<&CdDeviceParametersPage::frames_per_second>("f_per_s", 6, 7),
};
constexpr std::array kAudioControl{
    bits<&AudioControlPage::immediate>("immed", 2, 2, 2),
    bits<&AudioControlPage::stop_on_track_crossing>("sotc", 2, 1, 1),
    number<&AudioControlPage::blocks_per_second>("blocks_per_second", 6, 7),
    bits<&AudioControlPage::port0_channel>("port0_channel", 8, 3, 0),
    number<&AudioControlPage::port0_volume>("port0_volume", 9, 9),
    bits<&AudioControlPage::port1_channel>("port1_channel", 10, 3, 0),
    number<&AudioControlPage::port1_volume>("port1_volume", 11, 11),
    bits<&AudioControlPage::port2_channel>("port2_channel", 12, 3, 0),
    number<&AudioControlPage::port2_volume>("port2_volume", 13, 13),
    bits<&AudioControlPage::port3_channel>("port3_channel", 14, 3, 0),
    number<&AudioControlPage::port3_volume>("port3_volume", 15, 15),
};
constexpr std::array kFeatureSet{
    element<&FeatureSetPage::sets, 0>("set0", 2, 3),
    element<&FeatureSetPage::sets, 1>("set1", 4, 5),
    element<&FeatureSetPage::sets, 2>("set2", 6, 7),
    element<&FeatureSetPage::sets, 3>("set3", 8, 9),
    element<&FeatureSetPage::sets, 4>("set4", 10, 11),
    element<&FeatureSetPage::sets, 5>("set5", 12, 13),
    element<&FeatureSetPage::sets, 6>("set6", 14, 15),
    element<&FeatureSetPage::sets, 7>("set7", 16, 17),
    element<&FeatureSetPage::sets, 8>("set8", 18, 19),
    element<&FeatureSetPage::sets, 9>("set9", 20, 21),
    element<&FeatureSetPage::sets, 10>("set10", 22, 23),
};
constexpr std::array kPowerCondition{
    bits<&PowerConditionPage::idle>("idle", 3, 1, 1),
    bits<&PowerConditionPage::standby>("standby", 3, 0, 0),
    number<&PowerConditionPage::idle_timer>("idle_timer", 4, 7),
    number<&PowerConditionPage::standby_timer>("standby_timer", 8, 11),
};
constexpr std::array kFaultFailureReporting{
    bits<&FaultFailureReportingPage::performance>("perf", 2, 7, 7),
    bits<&FaultFailureReportingPage::enable_background_function>("ebf", 2, 5, 5),
    bits<&FaultFailureReportingPage::enable_warning>("ewasc", 2, 4, 4),
    bits<&FaultFailureReportingPage::disable_exception_control>("dexcpt", 2, 3, 3),
    bits<&FaultFailureReportingPage::test>("test", 2, 2, 2),
    bits<&FaultFailureReportingPage::log_errors>("log_err", 2, 0, 0),
    bits<&FaultFailureReportingPage::reporting_method>("mrie", 3, 3, 0),
    number<&FaultFailureReportingPage::interval_timer>("interval", 4, 7),
    number<&FaultFailureReportingPage::report_count>("report_count", 8, 11),
};
constexpr std::array kTimeoutProtect{
    bits<&TimeoutProtectPage::group3_enable>("g3_enable", 4, 3, 3),
    bits<&TimeoutProtectPage::time_out_enable>("tmoe", 4, 2, 2),
    bits<&TimeoutProtectPage::disable_until_power_cycle>("disp", 4, 1, 1),
    bits<&TimeoutProtectPage::software_write_protect>("swpp", 4, 0, 0),
    number<&TimeoutProtectPage::group1_seconds>("group1_s", 6, 7),
    number<&TimeoutProtectPage::group2_seconds>("group2_s", 8, 9),
    number<&TimeoutProtectPage::group3_seconds>("group3_s", 10, 11),
};

using Caps = CapabilitiesPage;
constexpr std::array kCapabilities{
    bits<&Caps::cd_r_read>("cdr_read", 2, 0, 0),
    bits<&Caps::cd_rw_read>("cdrw_read", 2, 1, 1),
    bits<&Caps::method2>("method2", 2, 2, 2),
    bits<&Caps::dvd_rom_read>("dvdrom_read", 2, 3, 3),
    bits<&Caps::dvd_r_read>("dvdr_read", 2, 4, 4),
    bits<&Caps::dvd_ram_read>("dvdram_read", 2, 5, 5),
    bits<&Caps::cd_r_write>("cdr_write", 3, 0, 0),
    bits<&Caps::cd_rw_write>("cdrw_write", 3, 1, 1),
    bits<&Caps::test_write>("test_write", 3, 2, 2),
    bits<&Caps::dvd_r_write>("dvdr_write", 3, 4, 4),
    bits<&Caps::dvd_ram_write>("dvdram_write", 3, 5, 5),
    bits<&Caps::audio_play>("audio_play", 4, 0, 0),
    bits<&Caps::composite>("composite", 4, 1, 1),
    bits<&Caps::digital_port1>("digital_port1", 4, 2, 2),
    bits<&Caps::digital_port2>("digital_port2", 4, 3, 3),
    bits<&Caps::mode2_form1>("mode2form1", 4, 4, 4),
    bits<&Caps::mode2_form2>("mode2form2", 4, 5, 5),
    bits<&Caps::multi_session>("multi_session", 4, 6, 6),
    bits<&Caps::buffer_underrun_free>("buf", 4, 7, 7),
    bits<&Caps::cd_da>("cd_da", 5, 0, 0),
    bits<&Caps::cd_da_accurate>("accurate", 5, 1, 1),
    bits<&Caps::rw_supported>("rw", 5, 2, 2),
    bits<&Caps::rw_deinterleaved>("rw_deint", 5, 3, 3),
    bits<&Caps::c2_pointers>("c2", 5, 4, 4),
    bits<&Caps::isrc>("isrc", 5, 5, 5),
    bits<&Caps::upc>("upc", 5, 6, 6),
    bits<&Caps::bar_code>("bar_code", 5, 7, 7),
    bits<&Caps::lock>("lock", 6, 0, 0),
    bits<&Caps::lock_state>("lock_state", 6, 1, 1),
    bits<&Caps::prevent_jumper>("prevent_jumper", 6, 2, 2),
    bits<&Caps::eject>("eject", 6, 3, 3),
    bits<&Caps::mechanism>("mechanism", 6, 7, 5, kMechanismWords),
    bits<&Caps::separate_volume>("sep_volume", 7, 0, 0),
    bits<&Caps::separate_mute>("sep_mute", 7, 1, 1),
    bits<&Caps::disc_present_reported>("sdp", 7, 2, 2),
    bits<&Caps::slot_selection>("sss", 7, 3, 3),
    bits<&Caps::side_change>("side_change", 7, 4, 4),
    bits<&Caps::pw_in_lead_in>("pw_in_leadin", 7, 5, 5),
    number<&Caps::max_read_speed>("max_read", 8, 9),
    number<&Caps::volume_levels>("volume_levels", 10, 11),
    number<&Caps::buffer_kib>("buffer_kib", 12, 13),
    number<&Caps::current_read_speed>("cur_read", 14, 15),
    number<&Caps::digital_output_flags>("digital_output", 17, 17),
    number<&Caps::max_write_speed>("max_write", 18, 19),
    number<&Caps::current_write_speed_old>("cur_write_old", 20, 21),
    number<&Caps::copy_management_revision>("copy_mgmt", 22, 23),
    bits<&Caps::rotation_control_selected>("rotation", 27, 1, 0),
    number<&Caps::current_write_speed>("cur_write", 28, 29),
    number<&Caps::write_speed_count>("descriptors", 30, 31),
};

using tables::PageTable;

constexpr std::array kPages{
    PageTable{PageCode::ErrorRecovery, 12, kErrorRecovery},
    PageTable{PageCode::Mrw, 8, kMrw},
    PageTable{PageCode::WriteParameters, 52, kWriteParameters},
    PageTable{PageCode::Caching, 12, kCaching},
    PageTable{PageCode::CdDeviceParameters, 8, kCdDeviceParameters},
    PageTable{PageCode::AudioControl, 16, kAudioControl},
    PageTable{PageCode::FeatureSet, 24, kFeatureSet},
    PageTable{PageCode::PowerCondition, 12, kPowerCondition},
    PageTable{PageCode::FaultFailureReporting, 12, kFaultFailureReporting},
    PageTable{PageCode::TimeoutProtect, 12, kTimeoutProtect},
    PageTable{PageCode::Capabilities, 32, kCapabilities},
    PageTable{PageCode::MrwDeprecated, 8, kMrw},
};

}  // namespace

const PageTable& tables::page(PageCode code) {
    static constexpr PageTable kUnknown{};
    const auto* const found = std::ranges::find(kPages, code, &PageTable::code);
    return found == kPages.end() ? kUnknown : *found;
}

std::string_view words(PageCode code) {
    return detail::word_in(kPageWords, static_cast<std::int64_t>(code));
}
std::string_view words(WriteType type) {
    return detail::word_in(kWriteTypeWords, static_cast<std::int64_t>(type));
}
std::string_view words(MultiSession multi_session) {
    return detail::word_in(kMultiSessionWords, static_cast<std::int64_t>(multi_session));
}
std::string_view words(DataBlockType type) {
    return detail::word_in(kDataBlockTypeWords, static_cast<std::int64_t>(type));
}

}  // namespace kiln::mmc

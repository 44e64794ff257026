#include "mmc/feature_tables.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "mmc/feature_codes.h"
#include "mmc/features.h"
#include "mmc/layout.h"
#include "mmc/responses/codec.h"

namespace kiln::mmc {
namespace {

using detail::element;

constexpr std::array kInterfaceWords{
    Word{1, "SCSI"},         Word{2, "ATAPI"},         Word{3, "IEEE 1394"},
    Word{4, "IEEE 1394A"},   Word{5, "Fibre Channel"}, Word{6, "IEEE 1394B"},
    Word{7, "Serial ATAPI"}, Word{8, "USB"},           Word{0xFFFF, "vendor specific"},
};
constexpr std::array kMechanismWords{
    Word{0, "caddy or slot"},
    Word{1, "tray"},
    Word{2, "pop-up"},
    Word{4, "changer with individual discs"},
    Word{5, "changer with a magazine"},
};

constexpr std::array kCore{
    number<&CoreFeature::physical_interface>("physical_interface", 4, 7, kInterfaceWords),
    bits<&CoreFeature::inquiry2>("inq2", 8, 1, 1),
    bits<&CoreFeature::device_busy_events>("dbe", 8, 0, 0),
};
constexpr std::array kMorphing{
    bits<&MorphingFeature::operational_change_events>("ocevent", 4, 1, 1),
    bits<&MorphingFeature::asynchronous>("async", 4, 0, 0),
};
constexpr std::array kRemovableMedium{
    bits<&RemovableMediumFeature::mechanism>("mechanism", 4, 7, 5, kMechanismWords),
    bits<&RemovableMediumFeature::load>("load", 4, 4, 4),
    bits<&RemovableMediumFeature::eject>("eject", 4, 3, 3),
    bits<&RemovableMediumFeature::prevent_jumper>("pvnt_jmpr", 4, 2, 2),
    bits<&RemovableMediumFeature::bus_media_lock>("dbml", 4, 1, 1),
    bits<&RemovableMediumFeature::lock>("lock", 4, 0, 0),
};
constexpr std::array kWriteProtect{
    bits<&WriteProtectFeature::disc_write_protect_pac>("dwp", 4, 3, 3),
    bits<&WriteProtectFeature::write_inhibit_disc_control_block>("wdcb", 4, 2, 2),
    bits<&WriteProtectFeature::persistent_write_protect>("spwp", 4, 1, 1),
    bits<&WriteProtectFeature::software_write_protect>("sswpp", 4, 0, 0),
};
constexpr std::array kRandomReadable{
    number<&RandomReadableFeature::block_size>("block_size", 4, 7),
    number<&RandomReadableFeature::blocking>("blocking", 8, 9),
    bits<&RandomReadableFeature::page_present>("pp", 10, 0, 0),
};
constexpr std::array kCdRead{
    bits<&CdReadFeature::digital_audio_play>("dap", 4, 7, 7),
    bits<&CdReadFeature::c2_flags>("c2", 4, 1, 1),
    bits<&CdReadFeature::cd_text>("cd_text", 4, 0, 0),
};
constexpr std::array kDvdRead{
    bits<&DvdReadFeature::multi110>("multi110", 4, 0, 0),
    bits<&DvdReadFeature::dual_rw>("dual_rw", 6, 1, 1),
    bits<&DvdReadFeature::dual_r>("dual_r", 6, 0, 0),
};
constexpr std::array kRandomWritable{
    number<&RandomWritableFeature::last_lba>("last_lba", 4, 7),
    number<&RandomWritableFeature::block_size>("block_size", 8, 11),
    number<&RandomWritableFeature::blocking>("blocking", 12, 13),
    bits<&RandomWritableFeature::page_present>("pp", 14, 0, 0),
};
constexpr std::array kIncrementalStreamingWritable{
    number<&IncrementalStreamingWritableFeature::data_block_types>("data_types", 4, 5),
    bits<&IncrementalStreamingWritableFeature::track_resources>("trio", 6, 2, 2),
    bits<&IncrementalStreamingWritableFeature::address_reservation>("arsv", 6, 1, 1),
    bits<&IncrementalStreamingWritableFeature::buffer_underrun_free>("buf", 6, 0, 0),
};
constexpr std::array kFormattable{
    bits<&FormattableFeature::reassign_no_spare>("renosa", 4, 3, 3),
    bits<&FormattableFeature::expand>("expand", 4, 2, 2),
    bits<&FormattableFeature::quick_certify>("qcert", 4, 1, 1),
    bits<&FormattableFeature::certify>("cert", 4, 0, 0),
    bits<&FormattableFeature::random_recording_mode>("rrm", 8, 0, 0),
};
constexpr std::array kHardwareDefectManagement{
    bits<&HardwareDefectManagementFeature::spare_area_information>("ssa", 4, 7, 7),
};
constexpr std::array kWriteOnce{
    number<&WriteOnceFeature::block_size>("block_size", 4, 7),
    number<&WriteOnceFeature::blocking>("blocking", 8, 9),
    bits<&WriteOnceFeature::page_present>("pp", 10, 0, 0),
};
constexpr std::array kMrw{
    bits<&MrwFeature::dvd_plus_write>("dvdplus_write", 4, 2, 2),
    bits<&MrwFeature::dvd_plus_read>("dvdplus_read", 4, 1, 1),
    bits<&MrwFeature::write>("write", 4, 0, 0),
};
constexpr std::array kEnhancedDefectReporting{
    bits<&EnhancedDefectReportingFeature::drive_defect_management>("drt_dm", 4, 0, 0),
    number<&EnhancedDefectReportingFeature::dbi_cache_zones>("dbi_cache_zones", 5, 5),
    number<&EnhancedDefectReportingFeature::entries>("entries", 6, 7),
};
constexpr std::array kDvdPlusRw{
    bits<&DvdPlusRwFeature::write>("write", 4, 0, 0),
    bits<&DvdPlusRwFeature::quick_start>("quick_start", 5, 1, 1),
    bits<&DvdPlusRwFeature::close_only>("close_only", 5, 0, 0),
};
constexpr std::array kDvdPlusR{
    bits<&DvdPlusRFeature::write>("write", 4, 0, 0),
};
constexpr std::array kRigidRestrictedOverwrite{
    bits<&RigidRestrictedOverwriteFeature::defect_status_generate>("dsdg", 4, 3, 3),
    bits<&RigidRestrictedOverwriteFeature::defect_status_read>("dsdr", 4, 2, 2),
    bits<&RigidRestrictedOverwriteFeature::intermediate>("intermediate", 4, 1, 1),
    bits<&RigidRestrictedOverwriteFeature::blank>("blank", 4, 0, 0),
};
constexpr std::array kCdTrackAtOnce{
    bits<&CdTrackAtOnceFeature::buffer_underrun_free>("buf", 4, 6, 6),
    bits<&CdTrackAtOnceFeature::rw_raw>("rw_raw", 4, 4, 4),
    bits<&CdTrackAtOnceFeature::rw_pack>("rw_pack", 4, 3, 3),
    bits<&CdTrackAtOnceFeature::test_write>("test_write", 4, 2, 2),
    bits<&CdTrackAtOnceFeature::cd_rw>("cd_rw", 4, 1, 1),
    bits<&CdTrackAtOnceFeature::rw_sub_code>("rw_subcode", 4, 0, 0),
    number<&CdTrackAtOnceFeature::data_types>("data_types", 6, 7),
};
constexpr std::array kCdMastering{
    bits<&CdMasteringFeature::buffer_underrun_free>("buf", 4, 6, 6),
    bits<&CdMasteringFeature::session_at_once>("sao", 4, 5, 5),
    bits<&CdMasteringFeature::raw_multi_session>("raw_ms", 4, 4, 4),
    bits<&CdMasteringFeature::raw>("raw", 4, 3, 3),
    bits<&CdMasteringFeature::test_write>("test_write", 4, 2, 2),
    bits<&CdMasteringFeature::cd_rw>("cd_rw", 4, 1, 1),
    bits<&CdMasteringFeature::rw_sub_channel>("rw", 4, 0, 0),
    number<&CdMasteringFeature::max_cue_sheet_length>("max_cue_sheet", 5, 7),
};
constexpr std::array kDvdMinusWrite{
    bits<&DvdMinusWriteFeature::buffer_underrun_free>("buf", 4, 6, 6),
    bits<&DvdMinusWriteFeature::dual_layer>("rdl", 4, 3, 3),
    bits<&DvdMinusWriteFeature::test_write>("test_write", 4, 2, 2),
    bits<&DvdMinusWriteFeature::dvd_rw>("dvd_rw", 4, 1, 1),
};
constexpr std::array kDdcdRWrite{
    bits<&DdcdRWriteFeature::test_write>("test_write", 4, 2, 2),
};
constexpr std::array kDdcdRwWrite{
    bits<&DdcdRwWriteFeature::intermediate>("intermediate", 4, 1, 1),
    bits<&DdcdRwWriteFeature::blank>("blank", 4, 0, 0),
};
constexpr std::array kLayerJumpRigid{
    bits<&LayerJumpRigidRestrictedOverwriteFeature::close_layer_jump_block>("cljb", 4, 0, 0),
    number<&LayerJumpRigidRestrictedOverwriteFeature::buffer_block_size>("buffer_block_size", 7, 7),
};
constexpr std::array kCdRwMediaWriteSupport{
    number<&CdRwMediaWriteSupportFeature::sub_types>("subtypes", 5, 5),
};
constexpr std::array kDvdPlusRwDualLayer{
    bits<&DvdPlusRwDualLayerFeature::write>("write", 4, 0, 0),
    bits<&DvdPlusRwDualLayerFeature::quick_start>("quick_start", 5, 1, 1),
    bits<&DvdPlusRwDualLayerFeature::close_only>("close_only", 5, 0, 0),
};
constexpr std::array kDvdPlusRDualLayer{
    bits<&DvdPlusRDualLayerFeature::write>("write", 4, 0, 0),
};
constexpr std::array kBdRead{
    bits<&BdReadFeature::burst_cutting_area>("bca", 4, 0, 0),
    element<&BdReadFeature::rewritable, 0>("re_class0", 8, 9),
    element<&BdReadFeature::rewritable, 1>("re_class1", 10, 11),
    element<&BdReadFeature::rewritable, 2>("re_class2", 12, 13),
    element<&BdReadFeature::rewritable, 3>("re_class3", 14, 15),
    element<&BdReadFeature::recordable, 0>("r_class0", 16, 17),
    element<&BdReadFeature::recordable, 1>("r_class1", 18, 19),
    element<&BdReadFeature::recordable, 2>("r_class2", 20, 21),
    element<&BdReadFeature::recordable, 3>("r_class3", 22, 23),
    element<&BdReadFeature::read_only, 0>("rom_class0", 24, 25),
    element<&BdReadFeature::read_only, 1>("rom_class1", 26, 27),
    element<&BdReadFeature::read_only, 2>("rom_class2", 28, 29),
    element<&BdReadFeature::read_only, 3>("rom_class3", 30, 31),
};
constexpr std::array kBdWrite{
    bits<&BdWriteFeature::verify_not_required>("svnr", 4, 0, 0),
    element<&BdWriteFeature::rewritable, 0>("re_class0", 8, 9),
    element<&BdWriteFeature::rewritable, 1>("re_class1", 10, 11),
    element<&BdWriteFeature::rewritable, 2>("re_class2", 12, 13),
    element<&BdWriteFeature::rewritable, 3>("re_class3", 14, 15),
    element<&BdWriteFeature::recordable, 0>("r_class0", 16, 17),
    element<&BdWriteFeature::recordable, 1>("r_class1", 18, 19),
    element<&BdWriteFeature::recordable, 2>("r_class2", 20, 21),
    element<&BdWriteFeature::recordable, 3>("r_class3", 22, 23),
};
constexpr std::array kHdDvdRead{
    bits<&HdDvdReadFeature::hd_dvd_r>("hddvd_r", 4, 0, 0),
    bits<&HdDvdReadFeature::hd_dvd_ram>("hddvd_ram", 6, 0, 0),
};
constexpr std::array kHdDvdWrite{
    bits<&HdDvdWriteFeature::hd_dvd_r>("hddvd_r", 4, 0, 0),
    bits<&HdDvdWriteFeature::hd_dvd_ram>("hddvd_ram", 6, 0, 0),
};
constexpr std::array kHdDvdRwFragment{
    bits<&HdDvdRwFragmentRecordingFeature::background_padding>("bgp", 4, 0, 0),
};
constexpr std::array kHybridDisc{
    bits<&HybridDiscFeature::reset_immunity>("ri", 4, 0, 0),
};
constexpr std::array kSmart{
    bits<&SmartFeature::page_present>("pp", 4, 0, 0),
};
constexpr std::array kEmbeddedChanger{
    bits<&EmbeddedChangerFeature::side_change>("scc", 4, 4, 4),
    bits<&EmbeddedChangerFeature::disc_present_reported>("sdp", 4, 2, 2),
    bits<&EmbeddedChangerFeature::highest_slot>("highest_slot", 7, 4, 0),
};
constexpr std::array kCdAudioExternalPlay{
    bits<&CdAudioExternalPlayFeature::scan>("scan", 4, 2, 2),
    bits<&CdAudioExternalPlayFeature::separate_mute>("scm", 4, 1, 1),
    bits<&CdAudioExternalPlayFeature::separate_volume>("sv", 4, 0, 0),
    number<&CdAudioExternalPlayFeature::volume_levels>("volume_levels", 6, 7),
};
constexpr std::array kFirmwareUpgrade{
    bits<&FirmwareUpgradeFeature::mode5>("m5", 4, 0, 0),
};
constexpr std::array kTimeOut{
    bits<&TimeOutFeature::group3>("group3", 4, 0, 0),
    number<&TimeOutFeature::unit_length>("unit_length", 6, 7),
};
constexpr std::array kDvdCss{
    number<&DvdCssFeature::css_version>("css_version", 7, 7),
};
constexpr std::array kRealTimeStreaming{
    bits<&RealTimeStreamingFeature::set_minimum_performance>("smp", 4, 5, 5),
    bits<&RealTimeStreamingFeature::read_buffer_capacity_block>("rbcb", 4, 4, 4),
    bits<&RealTimeStreamingFeature::set_cd_speed>("scs", 4, 3, 3),
    bits<&RealTimeStreamingFeature::mode_page_2a_speeds>("mp2a", 4, 2, 2),
    bits<&RealTimeStreamingFeature::write_speed_descriptors>("wspd", 4, 1, 1),
    bits<&RealTimeStreamingFeature::stream_writing>("sw", 4, 0, 0),
};
constexpr std::array kDvdCprm{
    number<&DvdCprmFeature::cprm_version>("cprm_version", 7, 7),
};
constexpr std::array kAacs{
    bits<&AacsFeature::read_drive_certificate>("rdc", 4, 4, 4),
    bits<&AacsFeature::read_media_key_block_cpr_mac>("rmc", 4, 3, 3),
    bits<&AacsFeature::write_bus_encryption>("wbe", 4, 2, 2),
    bits<&AacsFeature::bus_encryption_capable>("bec", 4, 1, 1),
    bits<&AacsFeature::binding_nonce_generation>("bng", 4, 0, 0),
    number<&AacsFeature::binding_nonce_blocks>("binding_nonce_blocks", 5, 5),
    bits<&AacsFeature::agids>("agids", 6, 3, 0),
    number<&AacsFeature::aacs_version>("aacs_version", 7, 7),
};
constexpr std::array kDvdCssManagedRecording{
    number<&DvdCssManagedRecordingFeature::max_scramble_extents>("max_scramble_extents", 4, 4),
};
constexpr std::array kBdCps{
    bits<&BdCpsFeature::major_version>("major_version", 5, 7, 4),
    bits<&BdCpsFeature::minor_version>("minor_version", 5, 3, 0),
    bits<&BdCpsFeature::max_open_sacs>("max_open_sacs", 6, 1, 0),
};
constexpr std::array kOssc{
    bits<&OsscFeature::per_sector_unit>("psau", 4, 7, 7),
    bits<&OsscFeature::link_object_blocks>("lospb", 4, 6, 6),
    bits<&OsscFeature::mode_enabled>("me", 4, 0, 0),
};

using tables::FeatureTable;
using enum FeatureCode;

// Code, version in MMC-6, bytes of the fixed part with the header, rows. In ascending order.
constexpr std::array kFeatures{
    FeatureTable{ProfileList, 0, 4},
    FeatureTable{Core, 2, 12, kCore},
    FeatureTable{Morphing, 1, 8, kMorphing},
    FeatureTable{RemovableMedium, 2, 8, kRemovableMedium},
    FeatureTable{WriteProtect, 2, 8, kWriteProtect},
    FeatureTable{RandomReadable, 0, 12, kRandomReadable},
    FeatureTable{MultiRead, 0, 4},
    FeatureTable{CdRead, 2, 8, kCdRead},
    FeatureTable{DvdRead, 2, 8, kDvdRead},
    FeatureTable{RandomWritable, 1, 16, kRandomWritable},
    FeatureTable{IncrementalStreamingWritable, 3, 8, kIncrementalStreamingWritable},
    FeatureTable{SectorErasable, 0, 4},
    FeatureTable{Formattable, 2, 12, kFormattable},
    FeatureTable{HardwareDefectManagement, 1, 8, kHardwareDefectManagement},
    FeatureTable{WriteOnce, 0, 12, kWriteOnce},
    FeatureTable{RestrictedOverwrite, 0, 4},
    FeatureTable{CdRwCavWrite, 0, 8},
    FeatureTable{Mrw, 1, 8, kMrw},
    FeatureTable{EnhancedDefectReporting, 0, 8, kEnhancedDefectReporting},
    FeatureTable{DvdPlusRw, 1, 8, kDvdPlusRw},
    FeatureTable{DvdPlusR, 0, 8, kDvdPlusR},
    FeatureTable{RigidRestrictedOverwrite, 0, 8, kRigidRestrictedOverwrite},
    FeatureTable{CdTrackAtOnce, 2, 8, kCdTrackAtOnce},
    FeatureTable{CdMastering, 1, 8, kCdMastering},
    FeatureTable{DvdMinusWrite, 2, 8, kDvdMinusWrite},
    FeatureTable{DdcdRead, 0, 4},
    FeatureTable{DdcdRWrite, 0, 8, kDdcdRWrite},
    FeatureTable{DdcdRwWrite, 0, 8, kDdcdRwWrite},
    FeatureTable{LayerJumpRecording, 0, 8},
    FeatureTable{LayerJumpRigidRestrictedOverwrite, 0, 8, kLayerJumpRigid},
    FeatureTable{StopLongOperation, 0, 4},
    FeatureTable{CdRwMediaWriteSupport, 0, 8, kCdRwMediaWriteSupport},
    FeatureTable{BdRPseudoOverwrite, 0, 8},
    FeatureTable{DvdPlusRwDualLayer, 0, 8, kDvdPlusRwDualLayer},
    FeatureTable{DvdPlusRDualLayer, 0, 8, kDvdPlusRDualLayer},
    FeatureTable{BdRead, 2, 32, kBdRead},
    FeatureTable{BdWrite, 2, 24, kBdWrite},
    FeatureTable{TimelySafeRecording, 0, 4},
    FeatureTable{HdDvdRead, 0, 8, kHdDvdRead},
    FeatureTable{HdDvdWrite, 0, 8, kHdDvdWrite},
    FeatureTable{HdDvdRwFragmentRecording, 0, 8, kHdDvdRwFragment},
    FeatureTable{HybridDisc, 0, 8, kHybridDisc},
    FeatureTable{PowerManagement, 0, 4},
    FeatureTable{Smart, 0, 8, kSmart},
    FeatureTable{EmbeddedChanger, 0, 8, kEmbeddedChanger},
    FeatureTable{CdAudioExternalPlay, 0, 8, kCdAudioExternalPlay},
    FeatureTable{FirmwareUpgrade, 1, 8, kFirmwareUpgrade},
    FeatureTable{TimeOut, 1, 8, kTimeOut},
    FeatureTable{DvdCss, 0, 8, kDvdCss},
    FeatureTable{RealTimeStreaming, 5, 8, kRealTimeStreaming},
    FeatureTable{DriveSerialNumber, 0, 4},
    FeatureTable{MediaSerialNumber, 0, 4},
    FeatureTable{DiscControlBlocks, 0, 4},
    FeatureTable{DvdCprm, 0, 8, kDvdCprm},
    FeatureTable{FirmwareInformation, 0, 20},
    FeatureTable{Aacs, 2, 8, kAacs},
    FeatureTable{DvdCssManagedRecording, 0, 8, kDvdCssManagedRecording},
    FeatureTable{Vcps, 0, 8},
    FeatureTable{SecurDisc, 0, 8},
    FeatureTable{BdCps, 0, 8, kBdCps},
    FeatureTable{Ossc, 0, 8, kOssc},
};

}  // namespace

const FeatureTable& tables::feature(FeatureCode code) {
    static constexpr FeatureTable kUnknown{};
    const auto* const found = std::ranges::find(kFeatures, code, &FeatureTable::code);
    return found == kFeatures.end() ? kUnknown : *found;
}

std::string_view words(PhysicalInterface interface) {
    return detail::word_in(kInterfaceWords, static_cast<std::int64_t>(interface));
}

std::string_view words(LoadingMechanism mechanism) {
    return detail::word_in(kMechanismWords, static_cast<std::int64_t>(mechanism));
}

}  // namespace kiln::mmc

/// \file
/// Feature descriptors of GET CONFIGURATION: what a drive can do, and what it can do now.
///
/// A descriptor is kept as the bytes that came; feature_as() reads it as one of the structs below.
/// Offsets in the tables behind them count from the descriptor's byte 0, as the standard prints
/// them. Real drives give longer and shorter bodies than the standard: what is missing keeps its
/// default, what is more is kept in Feature::body.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mmc/bytes.h"
#include "mmc/feature_codes.h"
#include "mmc/layout.h"
#include "mmc/profiles.h"
#include "mmc/result.h"

namespace kiln::mmc {

/// One feature descriptor as it came.
struct Feature {
    static constexpr std::size_t kHeaderSize = 4;

    FeatureCode code = FeatureCode::ProfileList;
    std::uint8_t version = 0;
    bool persistent = false;
    bool current = false;
    std::uint8_t additional_length = 0;  // as announced; `body` is shorter if the answer was cut
    std::vector<std::uint8_t> body;      // what follows the header

    [[nodiscard]] bool complete() const { return body.size() >= additional_length; }
    friend bool operator==(const Feature&, const Feature&) = default;
};

struct ProfileEntry {
    Profile profile = Profile::None;
    bool current = false;  // several may be

    friend constexpr bool operator==(const ProfileEntry&, const ProfileEntry&) = default;
};

/// In the drive's own order, which is not sorted.
struct ProfileListFeature {
    static constexpr auto kCode = FeatureCode::ProfileList;
    std::vector<ProfileEntry> profiles;
};

enum class PhysicalInterface : std::uint32_t {
    Scsi = 1,
    Atapi = 2,
    Ieee1394 = 3,
    Ieee1394a = 4,
    FibreChannel = 5,
    Ieee1394b = 6,
    SerialAtapi = 7,
    Usb = 8,
    Vendor = 0xFFFF,
};
[[nodiscard]] std::string_view words(PhysicalInterface interface);

struct CoreFeature {
    static constexpr auto kCode = FeatureCode::Core;
    PhysicalInterface physical_interface{};
    bool inquiry2 = false;            // INQ2
    bool device_busy_events = false;  // DBE
};

struct MorphingFeature {
    static constexpr auto kCode = FeatureCode::Morphing;
    bool operational_change_events = false;  // OCEvent
    bool asynchronous = false;               // ASYNC
};

/// Also in mode page 2Ah.
enum class LoadingMechanism : std::uint8_t {
    Caddy = 0,
    Tray = 1,
    PopUp = 2,
    ChangerDiscs = 4,
    ChangerMagazine = 5,
};
[[nodiscard]] std::string_view words(LoadingMechanism mechanism);

struct RemovableMediumFeature {
    static constexpr auto kCode = FeatureCode::RemovableMedium;
    LoadingMechanism mechanism{};
    bool load = false;
    bool eject = false;
    bool prevent_jumper = false;  // Pvnt Jmpr
    bool bus_media_lock = false;  // DBML
    bool lock = false;
};

struct WriteProtectFeature {
    static constexpr auto kCode = FeatureCode::WriteProtect;
    bool disc_write_protect_pac = false;            // DWP
    bool write_inhibit_disc_control_block = false;  // WDCB
    bool persistent_write_protect = false;          // SPWP
    bool software_write_protect = false;            // SSWPP
};

struct RandomReadableFeature {
    static constexpr auto kCode = FeatureCode::RandomReadable;
    std::uint32_t block_size = 0;
    std::uint16_t blocking = 0;  // 1 CD, 16 DVD, 32 BD
    bool page_present = false;   // PP
};

struct CdReadFeature {
    static constexpr auto kCode = FeatureCode::CdRead;
    bool digital_audio_play = false;  // DAP
    bool c2_flags = false;
    bool cd_text = false;
};

struct DvdReadFeature {
    static constexpr auto kCode = FeatureCode::DvdRead;
    bool multi110 = false;
    bool dual_rw = false;
    bool dual_r = false;
};

struct RandomWritableFeature {
    static constexpr auto kCode = FeatureCode::RandomWritable;
    std::uint32_t last_lba = 0;
    std::uint32_t block_size = 0;
    std::uint16_t blocking = 0;
    bool page_present = false;
};

struct IncrementalStreamingWritableFeature {
    static constexpr auto kCode = FeatureCode::IncrementalStreamingWritable;
    std::uint16_t data_block_types = 0;  // bit n: data block type n
    bool track_resources = false;        // TRIO
    bool address_reservation = false;    // ARSV
    bool buffer_underrun_free = false;   // BUF
    std::vector<std::uint8_t> link_sizes;
};

struct FormattableFeature {
    static constexpr auto kCode = FeatureCode::Formattable;
    bool reassign_no_spare = false;  // RENoSA
    bool expand = false;
    bool quick_certify = false;          // QCert
    bool certify = false;                // Cert
    bool random_recording_mode = false;  // RRM, BD-R
};

struct HardwareDefectManagementFeature {
    static constexpr auto kCode = FeatureCode::HardwareDefectManagement;
    bool spare_area_information = false;  // SSA
};

struct WriteOnceFeature {
    static constexpr auto kCode = FeatureCode::WriteOnce;
    std::uint32_t block_size = 0;
    std::uint16_t blocking = 0;
    bool page_present = false;
};

struct MrwFeature {
    static constexpr auto kCode = FeatureCode::Mrw;
    bool dvd_plus_write = false;
    bool dvd_plus_read = false;
    bool write = false;  // on CD-RW
};

struct EnhancedDefectReportingFeature {
    static constexpr auto kCode = FeatureCode::EnhancedDefectReporting;
    bool drive_defect_management = false;  // DRT-DM
    std::uint8_t dbi_cache_zones = 0;
    std::uint16_t entries = 0;
};

struct DvdPlusRwFeature {
    static constexpr auto kCode = FeatureCode::DvdPlusRw;
    bool write = false;
    bool quick_start = false;
    bool close_only = false;
};

struct DvdPlusRFeature {
    static constexpr auto kCode = FeatureCode::DvdPlusR;
    bool write = false;
};

struct RigidRestrictedOverwriteFeature {
    static constexpr auto kCode = FeatureCode::RigidRestrictedOverwrite;
    bool defect_status_generate = false;  // DSDG
    bool defect_status_read = false;      // DSDR
    bool intermediate = false;
    bool blank = false;
};

struct CdTrackAtOnceFeature {
    static constexpr auto kCode = FeatureCode::CdTrackAtOnce;
    bool buffer_underrun_free = false;  // BUF
    bool rw_raw = false;                // R-W sub-channel
    bool rw_pack = false;
    bool test_write = false;
    bool cd_rw = false;
    bool rw_sub_code = false;
    std::uint16_t data_types = 0;  // bit n: data block type n
};

struct CdMasteringFeature {
    static constexpr auto kCode = FeatureCode::CdMastering;
    bool buffer_underrun_free = false;  // BUF
    bool session_at_once = false;       // SAO
    bool raw_multi_session = false;     // RAW MS
    bool raw = false;
    bool test_write = false;
    bool cd_rw = false;
    bool rw_sub_channel = false;  // R-W
    std::uint32_t max_cue_sheet_length = 0;
};

struct DvdMinusWriteFeature {
    static constexpr auto kCode = FeatureCode::DvdMinusWrite;
    bool buffer_underrun_free = false;  // BUF
    bool dual_layer = false;            // RDL
    bool test_write = false;
    bool dvd_rw = false;
};

struct DdcdRWriteFeature {
    static constexpr auto kCode = FeatureCode::DdcdRWrite;
    bool test_write = false;
};

struct DdcdRwWriteFeature {
    static constexpr auto kCode = FeatureCode::DdcdRwWrite;
    bool intermediate = false;
    bool blank = false;
};

struct LayerJumpRecordingFeature {
    static constexpr auto kCode = FeatureCode::LayerJumpRecording;
    std::vector<std::uint8_t> link_sizes;
};

struct LayerJumpRigidRestrictedOverwriteFeature {
    static constexpr auto kCode = FeatureCode::LayerJumpRigidRestrictedOverwrite;
    bool close_layer_jump_block = false;  // CLJB
    std::uint8_t buffer_block_size = 0;
};

struct CdRwMediaWriteSupportFeature {
    static constexpr auto kCode = FeatureCode::CdRwMediaWriteSupport;
    std::uint8_t sub_types = 0;  // bits: standard, high, ultra, ultra+ speed
};

struct DvdPlusRwDualLayerFeature {
    static constexpr auto kCode = FeatureCode::DvdPlusRwDualLayer;
    bool write = false;
    bool quick_start = false;
    bool close_only = false;
};

struct DvdPlusRDualLayerFeature {
    static constexpr auto kCode = FeatureCode::DvdPlusRDualLayer;
    bool write = false;
};

/// Versions supported per class 0 to 3; bit n: version n.
using BdClasses = std::array<std::uint16_t, 4>;

struct BdReadFeature {
    static constexpr auto kCode = FeatureCode::BdRead;
    bool burst_cutting_area = false;  // BCA
    BdClasses rewritable{};           // BD-RE
    BdClasses recordable{};           // BD-R
    BdClasses read_only{};            // BD-ROM
};

struct BdWriteFeature {
    static constexpr auto kCode = FeatureCode::BdWrite;
    bool verify_not_required = false;  // SVNR
    BdClasses rewritable{};
    BdClasses recordable{};
};

struct HdDvdReadFeature {
    static constexpr auto kCode = FeatureCode::HdDvdRead;
    bool hd_dvd_r = false;
    bool hd_dvd_ram = false;
};

struct HdDvdWriteFeature {
    static constexpr auto kCode = FeatureCode::HdDvdWrite;
    bool hd_dvd_r = false;
    bool hd_dvd_ram = false;
};

struct HdDvdRwFragmentRecordingFeature {
    static constexpr auto kCode = FeatureCode::HdDvdRwFragmentRecording;
    bool background_padding = false;  // BGP
};

struct HybridDiscFeature {
    static constexpr auto kCode = FeatureCode::HybridDisc;
    bool reset_immunity = false;  // RI
};

struct SmartFeature {
    static constexpr auto kCode = FeatureCode::Smart;
    bool page_present = false;  // PP: mode page 1Ch
};

struct EmbeddedChangerFeature {
    static constexpr auto kCode = FeatureCode::EmbeddedChanger;
    bool side_change = false;            // SCC
    bool disc_present_reported = false;  // SDP
    std::uint8_t highest_slot = 0;
};

struct CdAudioExternalPlayFeature {
    static constexpr auto kCode = FeatureCode::CdAudioExternalPlay;
    bool scan = false;
    bool separate_mute = false;    // SCM
    bool separate_volume = false;  // SV
    std::uint16_t volume_levels = 0;
};

struct FirmwareUpgradeFeature {
    static constexpr auto kCode = FeatureCode::FirmwareUpgrade;
    bool mode5 = false;  // M5: WRITE BUFFER mode 5
};

struct TimeOutFeature {
    static constexpr auto kCode = FeatureCode::TimeOut;
    bool group3 = false;
    std::uint16_t unit_length = 0;
};

struct DvdCssFeature {
    static constexpr auto kCode = FeatureCode::DvdCss;
    std::uint8_t css_version = 0;
};

struct RealTimeStreamingFeature {
    static constexpr auto kCode = FeatureCode::RealTimeStreaming;
    bool set_minimum_performance = false;     // SMP
    bool read_buffer_capacity_block = false;  // RBCB
    bool set_cd_speed = false;                // SCS
    bool mode_page_2a_speeds = false;         // MP2A
    bool write_speed_descriptors = false;     // WSPD
    bool stream_writing = false;              // SW
};

struct DriveSerialNumberFeature {
    static constexpr auto kCode = FeatureCode::DriveSerialNumber;
    std::string serial_number;  // trailing blanks gone
};

struct DiscControlBlocksFeature {
    static constexpr auto kCode = FeatureCode::DiscControlBlocks;
    std::vector<std::uint32_t> tags;  // "FDC" and a version byte ...
};

struct DvdCprmFeature {
    static constexpr auto kCode = FeatureCode::DvdCprm;
    std::uint8_t cprm_version = 0;
};

struct FirmwareInformationFeature {
    static constexpr auto kCode = FeatureCode::FirmwareInformation;
    std::string date;  // yyyymmdd
    std::string time;  // hhmmss
};

struct AacsFeature {
    static constexpr auto kCode = FeatureCode::Aacs;
    bool read_drive_certificate = false;        // RDC
    bool read_media_key_block_cpr_mac = false;  // RMC
    bool write_bus_encryption = false;          // WBE
    bool bus_encryption_capable = false;        // BEC
    bool binding_nonce_generation = false;      // BNG
    std::uint8_t binding_nonce_blocks = 0;
    std::uint8_t agids = 0;
    std::uint8_t aacs_version = 0;
};

struct DvdCssManagedRecordingFeature {
    static constexpr auto kCode = FeatureCode::DvdCssManagedRecording;
    std::uint8_t max_scramble_extents = 0;
};

struct BdCpsFeature {
    static constexpr auto kCode = FeatureCode::BdCps;
    std::uint8_t major_version = 0;
    std::uint8_t minor_version = 0;
    std::uint8_t max_open_sacs = 0;
};

struct OsscFeature {
    static constexpr auto kCode = FeatureCode::Ossc;
    bool per_sector_unit = false;     // PSAU
    bool link_object_blocks = false;  // LOSPB
    bool mode_enabled = false;        // ME
    std::vector<Profile> profiles;
};

/// Reads the descriptor at the beginning of `bytes`; its body may be cut.
///
/// Errors:  TooShort below the 4-byte header
[[nodiscard]] Result<Feature, DecodeError> decode_feature(ByteView bytes);

/// Appends header and body; `additional_length` is the body's size.
///
/// Errors:  FieldOverflow: version above 15 or a body above 255 bytes
[[nodiscard]] Result<void, EncodeError> append_feature(const Feature& feature,
                                                       std::vector<std::uint8_t>& bytes);

/// The table of a feature's fixed part; empty for unknown codes and those without fields.
[[nodiscard]] std::span<const Row> rows_of(FeatureCode code);

/// `feature` read as T, or nothing if it is another feature.
///
/// Instances are in features.cpp, for every struct of this file.
template <typename T>
[[nodiscard]] std::optional<T> feature_as(const Feature& feature);

/// The other way, with the version and body length of MMC-6; persistent and current are for the
/// caller to set.
///
/// Errors:  FieldOverflow
template <typename T>
[[nodiscard]] Result<Feature, EncodeError> make_feature(const T& value);

/// A feature that is only its header, or reserved bytes: MultiRead, TimelySafeRecording ...
[[nodiscard]] Feature make_feature(FeatureCode code);

}  // namespace kiln::mmc

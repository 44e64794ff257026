/// \file
/// Mode parameters: the answer of MODE SENSE (10) and the parameter list of MODE SELECT (10).
///
/// A page is kept as the bytes that came; page_as() reads it as one of the structs below. Offsets
/// in the tables behind them count from the page's byte 0.

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
#include "mmc/features.h"
#include "mmc/layout.h"
#include "mmc/responses/answer.h"
#include "mmc/result.h"

namespace kiln::mmc {

/// Numbers that are not named here stay numbers.
enum class PageCode : std::uint8_t {
    ErrorRecovery = 0x01,
    Mrw = 0x03,
    WriteParameters = 0x05,
    Caching = 0x08,
    CdDeviceParameters = 0x0D,
    AudioControl = 0x0E,
    FeatureSet = 0x18,
    PowerCondition = 0x1A,
    FaultFailureReporting = 0x1C,
    TimeoutProtect = 0x1D,
    Capabilities = 0x2A,
    MrwDeprecated = 0x2C,
};

/// One page as it came.
struct ModePage {
    static constexpr std::size_t kHeaderSize = 2;

    PageCode code = PageCode::ErrorRecovery;
    bool savable = false;   // PS; reserved in MODE SELECT
    bool sub_page = false;  // SPF; the body then begins with the sub-page code and a 2-byte length
    std::uint16_t page_length = 0;  // as announced; `body` is shorter if the answer was cut
    std::vector<std::uint8_t> body;

    [[nodiscard]] bool complete() const { return body.size() >= page_length; }
    friend bool operator==(const ModePage&, const ModePage&) = default;
};

/// Spec:    SPC and MMC-6, mode parameter list of MODE SENSE (10)
struct ModeParameters {
    Extent extent{};
    std::uint16_t mode_data_length = 0;  // as it came: 0 in a MODE SELECT list
    std::uint8_t medium_type = 0;
    std::uint8_t device_specific = 0;
    bool long_lba = false;
    std::vector<std::uint8_t> block_descriptors;
    std::vector<ModePage> pages;

    [[nodiscard]] const ModePage* find(PageCode code) const;

    template <typename T>
    [[nodiscard]] std::optional<T> get() const;

    friend bool operator==(const ModeParameters&, const ModeParameters&) = default;
};

[[nodiscard]] std::string_view words(PageCode code);

struct ErrorRecoveryPage {
    static constexpr auto kCode = PageCode::ErrorRecovery;
    bool automatic_write_reallocation = false;  // AWRE
    bool automatic_read_reallocation = false;   // ARRE
    bool transfer_block = false;                // TB
    bool read_continuous = false;               // RC
    bool post_error = false;                    // PER
    bool disable_transfer_on_error = false;     // DTE
    bool disable_correction = false;            // DCR
    std::uint8_t read_retry_count = 0;
    std::uint8_t enhanced_media_certification = 0;  // EMCDR, MRW
    std::uint8_t write_retry_count = 0;
    std::uint16_t recovery_time_limit = 0;

    friend constexpr bool operator==(const ErrorRecoveryPage&, const ErrorRecoveryPage&) = default;
};

struct MrwPage {
    static constexpr auto kCode = PageCode::Mrw;
    bool general_application_area = false;  // LBA Space: 0 defect-managed, 1 GAA

    friend constexpr bool operator==(const MrwPage&, const MrwPage&) = default;
};

enum class WriteType : std::uint8_t {
    PacketIncremental = 0,
    TrackAtOnce = 1,
    SessionAtOnce = 2,  // disc-at-once on DVD
    Raw = 3,
    LayerJump = 4,
};
[[nodiscard]] std::string_view words(WriteType type);

enum class MultiSession : std::uint8_t {
    NotAllowed = 0,  // no B0 pointer
    Final = 1,       // B0 = FF:FF:FF
    Reserved = 2,
    Allowed = 3,
};
[[nodiscard]] std::string_view words(MultiSession multi_session);

enum class DataBlockType : std::uint8_t {
    Raw2352 = 0,
    RawPq2368 = 1,
    RawPw2448 = 2,
    RawPwRaw2448 = 3,
    Mode1 = 8,
    Mode2 = 9,
    XaForm1 = 10,
    XaForm1SubHeader = 11,
    XaForm2 = 12,
    XaMixed = 13,
};
[[nodiscard]] std::string_view words(DataBlockType type);

/// How the next track or session is to be written.
struct WriteParametersPage {
    static constexpr auto kCode = PageCode::WriteParameters;
    bool buffer_underrun_free = false;  // BUFE
    bool link_size_valid = false;       // LS_V
    bool test_write = false;
    WriteType write_type = WriteType::PacketIncremental;
    MultiSession multi_session = MultiSession::NotAllowed;
    bool fixed_packet = false;    // FP
    bool copy = false;            // SCMS, for this track
    std::uint8_t track_mode = 0;  // a TrackMode
    DataBlockType data_block_type = DataBlockType::Raw2352;
    std::uint8_t link_size = 0;
    std::uint8_t host_application_code = 0;
    std::uint8_t session_format = 0;  // 00h CD-DA or CD-ROM, 10h CD-I, 20h CD-ROM XA
    std::uint32_t packet_size = 0;    // blocks, with fixed_packet
    std::uint16_t audio_pause_length = 0;
    bool catalogue_number_valid = false;  // MCVAL
    std::string catalogue_number;         // MCN: 13 digits, or empty
    bool isrc_valid = false;              // TCVAL
    std::string isrc;                     // 12 characters, or empty
    std::uint32_t sub_header = 0;

    friend bool operator==(const WriteParametersPage&, const WriteParametersPage&) = default;
};

struct CachingPage {
    static constexpr auto kCode = PageCode::Caching;
    bool write_cache = false;            // WCE
    bool multiplication_factor = false;  // MF
    bool read_cache_disabled = false;    // RCD

    friend constexpr bool operator==(const CachingPage&, const CachingPage&) = default;
};

struct CdDeviceParametersPage {
    static constexpr auto kCode = PageCode::CdDeviceParameters;
    std::uint8_t inactivity_multiplier = 0;
    std::uint16_t seconds_per_minute = 60;
    std::uint16_t frames_per_second = 75;

    friend constexpr bool operator==(const CdDeviceParametersPage&,
                                     const CdDeviceParametersPage&) = default;
};

struct AudioControlPage {
    static constexpr auto kCode = PageCode::AudioControl;
    bool immediate = false;                // IMMED
    bool stop_on_track_crossing = false;   // SOTC
    std::uint16_t blocks_per_second = 75;  // obsolete; audio playback
    std::uint8_t port0_channel = 0;
    std::uint8_t port0_volume = 0;
    std::uint8_t port1_channel = 0;
    std::uint8_t port1_volume = 0;
    std::uint8_t port2_channel = 0;
    std::uint8_t port2_volume = 0;
    std::uint8_t port3_channel = 0;
    std::uint8_t port3_volume = 0;

    friend constexpr bool operator==(const AudioControlPage&, const AudioControlPage&) = default;
};

/// Old, before GET CONFIGURATION.
struct FeatureSetPage {
    static constexpr auto kCode = PageCode::FeatureSet;
    std::array<std::uint16_t, 11> sets{};  // support and version of each

    friend constexpr bool operator==(const FeatureSetPage&, const FeatureSetPage&) = default;
};

/// Units:   timers of 100 ms
struct PowerConditionPage {
    static constexpr auto kCode = PageCode::PowerCondition;
    bool idle = false;
    bool standby = false;
    std::uint32_t idle_timer = 0;
    std::uint32_t standby_timer = 0;

    friend constexpr bool operator==(const PowerConditionPage&,
                                     const PowerConditionPage&) = default;
};

struct FaultFailureReportingPage {
    static constexpr auto kCode = PageCode::FaultFailureReporting;
    bool performance = false;                 // PERF
    bool enable_background_function = false;  // EBF
    bool enable_warning = false;              // EWASC
    bool disable_exception_control = false;   // DEXCPT
    bool test = false;
    bool log_errors = false;            // LOGERR
    std::uint8_t reporting_method = 0;  // MRIE
    std::uint32_t interval_timer = 0;
    std::uint32_t report_count = 0;

    friend constexpr bool operator==(const FaultFailureReportingPage&,
                                     const FaultFailureReportingPage&) = default;
};

/// Units:   minimum time-outs in seconds
struct TimeoutProtectPage {
    static constexpr auto kCode = PageCode::TimeoutProtect;
    bool group3_enable = false;              // G3Enable, old
    bool time_out_enable = false;            // TMOE
    bool disable_until_power_cycle = false;  // DISP
    bool software_write_protect = false;     // SWPP
    std::uint16_t group1_seconds = 0;
    std::uint16_t group2_seconds = 0;
    std::uint16_t group3_seconds = 0;

    friend constexpr bool operator==(const TimeoutProtectPage&,
                                     const TimeoutProtectPage&) = default;
};

struct WriteSpeed {
    std::uint8_t rotation_control = 0;  // 0 CLV or PCAV, 1 CAV
    std::uint16_t speed_kb_s = 0;

    friend constexpr bool operator==(const WriteSpeed&, const WriteSpeed&) = default;
};

/// CD/DVD capabilities and mechanical status. Fields after byte 21 are not in MMC-1's page.
///
/// Units:   speeds in kB/s (1000 bytes), the buffer in KiB
struct CapabilitiesPage {
    static constexpr auto kCode = PageCode::Capabilities;
    bool cd_r_read = false;
    bool cd_rw_read = false;
    bool method2 = false;
    bool dvd_rom_read = false;
    bool dvd_r_read = false;
    bool dvd_ram_read = false;
    bool cd_r_write = false;
    bool cd_rw_write = false;
    bool test_write = false;
    bool dvd_r_write = false;
    bool dvd_ram_write = false;
    bool audio_play = false;
    bool composite = false;
    bool digital_port1 = false;
    bool digital_port2 = false;
    bool mode2_form1 = false;
    bool mode2_form2 = false;
    bool multi_session = false;
    bool buffer_underrun_free = false;  // BUF
    bool cd_da = false;
    bool cd_da_accurate = false;
    bool rw_supported = false;
    bool rw_deinterleaved = false;
    bool c2_pointers = false;
    bool isrc = false;
    bool upc = false;
    bool bar_code = false;
    bool lock = false;
    bool lock_state = false;
    bool prevent_jumper = false;
    bool eject = false;
    LoadingMechanism mechanism{};
    bool separate_volume = false;
    bool separate_mute = false;
    bool disc_present_reported = false;  // SDP
    bool slot_selection = false;         // SSS
    bool side_change = false;
    bool pw_in_lead_in = false;
    std::uint16_t max_read_speed = 0;
    std::uint16_t volume_levels = 0;
    std::uint16_t buffer_kib = 0;
    std::uint16_t current_read_speed = 0;
    std::uint8_t digital_output_flags = 0;  // byte 17: length, LSBF, RCK, BCKF
    std::uint16_t max_write_speed = 0;
    std::uint16_t current_write_speed_old = 0;
    std::uint16_t copy_management_revision = 0;
    std::uint8_t rotation_control_selected = 0;
    std::uint16_t current_write_speed = 0;
    std::uint16_t write_speed_count = 0;  // as announced; some drives announce more than they give
    std::vector<WriteSpeed> write_speeds;

    friend bool operator==(const CapabilitiesPage&, const CapabilitiesPage&) = default;
};

/// Errors:  TooShort below the header of 8 bytes. A length of 0 with more bytes behind it is a MODE
///          SELECT list and is read to its end
[[nodiscard]] Result<ModeParameters, DecodeError> decode_mode_parameters(ByteView bytes);

/// Reads the page at the beginning of `bytes`; it may be cut.
///
/// Errors:  TooShort below the header of 2 bytes
[[nodiscard]] Result<ModePage, DecodeError> decode_mode_page(ByteView bytes);

/// As MODE SENSE (10) gives it.
[[nodiscard]] Encoded encode(const ModeParameters& value);
/// As MODE SELECT (10) takes it: mode data length 0, PS 0.
[[nodiscard]] Encoded encode_mode_select(const ModeParameters& value);
[[nodiscard]] Encoded encode(const ModePage& page);

/// `page` read as T, or nothing if it is another page. Instances are in mode_pages.cpp.
template <typename T>
[[nodiscard]] std::optional<T> page_as(const ModePage& page);

/// The other way, with the page length of MMC-6.
///
/// Errors:  FieldOverflow
template <typename T>
[[nodiscard]] Result<ModePage, EncodeError> make_page(const T& value);

/// The table of a page's fixed part; empty for unknown pages.
[[nodiscard]] std::span<const Row> rows_of(PageCode code);

template <typename T>
std::optional<T> ModeParameters::get() const {
    const ModePage* page = find(T::kCode);
    return page == nullptr ? std::nullopt : page_as<T>(*page);
}

}  // namespace kiln::mmc

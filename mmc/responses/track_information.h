/// \file
/// The answer of READ TRACK INFORMATION.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "mmc/bytes.h"
#include "mmc/layout.h"
#include "mmc/lba.h"
#include "mmc/responses/answer.h"
#include "mmc/result.h"

namespace kiln::mmc {

/// LJRS, on DVD-R DL.
enum class LayerJumpRecording : std::uint8_t {
    Incremental = 0,
    Unspecified = 1,
    Manual = 2,
    RegularInterval = 3,
};

/// The Q sub-channel's control nibble. Every bit pattern is one.
enum class TrackMode : std::uint8_t {
    Audio = 0x0,
    AudioPreEmphasis = 0x1,
    AudioCopyPermitted = 0x2,
    AudioPreEmphasisCopyPermitted = 0x3,
    DataUninterrupted = 0x4,
    DataIncremental = 0x5,
    DataUninterruptedCopyPermitted = 0x6,
    DataIncrementalCopyPermitted = 0x7,  // what many drives say of a DVD
};

enum class DataMode : std::uint8_t { Mode1 = 0x1, Mode2 = 0x2, Unknown = 0xF };

/// Spec:    MMC-6, READ TRACK INFORMATION
/// Units:   addresses and sizes in blocks
struct TrackInformation {
    /// Bytes of the answer in the version this drive speaks: 28 (MMC-1), 36, 40 or 48.
    static constexpr std::size_t kSize = 48;

    Extent extent{};
    std::size_t size = kSize;  // of the whole answer; encode() writes so many
    std::uint16_t track = 0;
    std::uint16_t session = 0;
    LayerJumpRecording layer_jump_recording = LayerJumpRecording::Incremental;  // LJRS
    bool damage = false;
    bool copy = false;
    TrackMode track_mode = TrackMode::Audio;
    bool reserved_track = false;  // RT
    bool blank = false;
    bool packet_incremental = false;  // Packet/Inc
    bool fixed_packet = false;        // FP
    DataMode data_mode = DataMode::Mode1;
    bool last_recorded_address_valid = false;  // LRA_V
    bool next_writable_address_valid = false;  // NWA_V
    Lba start{};                               // real drives 0, emulated ones -150 for track 1
    Lba next_writable_address{};
    BlockCount free_blocks{};
    BlockCount fixed_packet_size{};
    BlockCount track_size{};
    Lba last_recorded_address{};    // from 32 bytes
    Lba read_compatibility_lba{};   // from 40 bytes
    Lba next_layer_jump_address{};  // from 48 bytes
    Lba last_layer_jump_address{};

    friend constexpr bool operator==(const TrackInformation&, const TrackInformation&) = default;
};

/// Errors:  TooShort below 28 bytes
[[nodiscard]] Result<TrackInformation, DecodeError> decode_track_information(ByteView bytes);

[[nodiscard]] Encoded encode(const TrackInformation& value);

[[nodiscard]] std::string_view words(LayerJumpRecording recording);
[[nodiscard]] std::string_view words(TrackMode mode);
[[nodiscard]] std::string_view words(DataMode mode);

/// "complete", "blank", "invisible", "reserved" ...: what reserved track, blank and packet say
/// together. `plus` for DVD+R, where only the first two count.
[[nodiscard]] std::string_view state_in_words(const TrackInformation& track, bool plus);

}  // namespace kiln::mmc

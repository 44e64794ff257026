#include "mmc/responses/track_information.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <tl/expected.hpp>

#include "mmc/bytes.h"
#include "mmc/layout.h"
#include "mmc/responses/answer.h"
#include "mmc/responses/codec.h"
#include "mmc/responses/tables.h"
#include "mmc/result.h"

namespace kiln::mmc {
namespace {

using detail::high_byte;
using detail::low_byte;

constexpr std::size_t kMinimum = 28;  // all that MMC-1 has

constexpr std::array kLayerJumpWords{
    Word{0, "incremental"},
    Word{1, "unspecified"},
    Word{2, "manual"},
    Word{3, "regular interval"},
};
constexpr std::array kTrackModeWords{
    Word{0x0, "audio"},
    Word{0x1, "audio with pre-emphasis"},
    Word{0x2, "audio, copy permitted"},
    Word{0x3, "audio with pre-emphasis, copy permitted"},
    Word{0x4, "data, uninterrupted"},
    Word{0x5, "data, incremental"},
    Word{0x6, "data, uninterrupted, copy permitted"},
    Word{0x7, "data, incremental, copy permitted"},
    Word{0x8, "four-channel audio"},
    Word{0x9, "four-channel audio with pre-emphasis"},
    Word{0xA, "four-channel audio, copy permitted"},
    Word{0xB, "four-channel audio with pre-emphasis, copy permitted"},
};
constexpr std::array kDataModeWords{
    Word{0x1, "mode 1"},
    Word{0x2, "mode 2"},
    Word{0xF, "not known"},
};

using Track = TrackInformation;
constexpr std::array kRows{
    low_byte<&Track::track>("track", 2),
    low_byte<&Track::session>("session", 3),
    bits<&Track::layer_jump_recording>("ljrs", 5, 7, 6, kLayerJumpWords),
    bits<&Track::damage>("damage", 5, 5, 5),
    bits<&Track::copy>("copy", 5, 4, 4),
    bits<&Track::track_mode>("track_mode", 5, 3, 0, kTrackModeWords),
    bits<&Track::reserved_track>("rt", 6, 7, 7),
    bits<&Track::blank>("blank", 6, 6, 6),
    bits<&Track::packet_incremental>("packet_inc", 6, 5, 5),
    bits<&Track::fixed_packet>("fp", 6, 4, 4),
    bits<&Track::data_mode>("data_mode", 6, 3, 0, kDataModeWords),
    bits<&Track::last_recorded_address_valid>("lra_v", 7, 1, 1),
    bits<&Track::next_writable_address_valid>("nwa_v", 7, 0, 0),
    number<&Track::start>("start", 8, 11),
    number<&Track::next_writable_address>("nwa", 12, 15),
    number<&Track::free_blocks>("free_blocks", 16, 19),
    number<&Track::fixed_packet_size>("fixed_packet", 20, 23),
    number<&Track::track_size>("track_size", 24, 27),
    number<&Track::last_recorded_address>("last_recorded", 28, 31),
    high_byte<&Track::track>("track_msb", 32),
    high_byte<&Track::session>("session_msb", 33),
    number<&Track::read_compatibility_lba>("read_compat_lba", 36, 39),
    number<&Track::next_layer_jump_address>("next_layer_jump", 40, 43),
    number<&Track::last_layer_jump_address>("last_layer_jump", 44, 47),
};

// By reserved track, blank and packet, as dvd+rw-mediainfo names them.
constexpr std::array<std::string_view, 8> kStates{
    "complete", "complete incremental", "blank",    "invisible incremental",
    "partial",  "partial incremental",  "reserved", "reserved incremental",
};
constexpr std::array<std::string_view, 4> kPlusStates{"invisible", "blank", "complete", "reserved"};

}  // namespace

std::span<const Row> tables::track_information() {
    return kRows;
}

Result<TrackInformation, DecodeError> decode_track_information(ByteView bytes) {
    auto track = detail::decode_rows<TrackInformation>(kRows, detail::honour(bytes, {}, kMinimum));
    if (track) {
        track->size = track->extent.announced;
    }
    return track;
}

Encoded encode(const TrackInformation& value) {
    if (value.size < kMinimum) {
        return tl::make_unexpected(EncodeError::BufferTooSmall);
    }
    detail::Writer writer(std::max(value.size, TrackInformation::kSize));
    writer.rows(kRows, &value);
    writer.resize(value.size);
    return writer.finish({});
}

std::string_view words(LayerJumpRecording recording) {
    return detail::word_in(kLayerJumpWords, static_cast<std::int64_t>(recording));
}
std::string_view words(TrackMode mode) {
    return detail::word_in(kTrackModeWords, static_cast<std::int64_t>(mode));
}
std::string_view words(DataMode mode) {
    return detail::word_in(kDataModeWords, static_cast<std::int64_t>(mode));
}

std::string_view state_in_words(const TrackInformation& track, bool plus) {
    const std::size_t upper = (track.reserved_track ? 2U : 0U) | (track.blank ? 1U : 0U);
    if (plus) {
        return kPlusStates[upper];
    }
    if (track.damage) {
        return track.next_writable_address_valid ? "not closed properly" : "damaged";
    }
    const std::size_t state = upper << 1U | (track.packet_incremental ? 1U : 0U);
    return state == 1 && track.next_writable_address_valid ? "incomplete" : kStates[state];
}

}  // namespace kiln::mmc

#include "mmc/responses/disc_information.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <tl/expected.hpp>

#include "mmc/bytes.h"
#include "mmc/commands/track.h"
#include "mmc/layout.h"
#include "mmc/responses/answer.h"
#include "mmc/responses/codec.h"
#include "mmc/responses/tables.h"
#include "mmc/result.h"

namespace kiln::mmc {
namespace {

using detail::high_byte;
using detail::low_byte;

// Standard disc information ends at 34; OPC entries follow. Old drives (MMC-1) leave 9 to 11 zero.
constexpr std::size_t kFixedSize = 34;
constexpr std::size_t kMinimum = 8;
constexpr std::size_t kOpcEntrySize = 8;
constexpr std::size_t kOpcCount = 33;

constexpr std::array kDiscStatusWords{
    Word{0, "empty"},
    Word{1, "appendable"},
    Word{2, "finalized"},
    Word{3, "randomly writable"},
};
constexpr std::array kSessionStateWords{
    Word{0, "empty"},
    Word{1, "incomplete"},
    Word{2, "damaged"},
    Word{3, "complete"},
};
constexpr std::array kBackgroundFormatWords{
    Word{0, "none"},
    Word{1, "stopped"},
    Word{2, "running"},
    Word{3, "complete"},
};

using Disc = DiscInformation;
constexpr std::array kDiscRows{
    bits<&Disc::data_type>("data_type", 2, 7, 5),
    bits<&Disc::erasable>("erasable", 2, 4, 4),
    bits<&Disc::state_of_last_session>("state_of_last_session", 2, 3, 2, kSessionStateWords),
    bits<&Disc::disc_status>("disc_status", 2, 1, 0, kDiscStatusWords),
    number<&Disc::first_track>("first_track", 3, 3),
    low_byte<&Disc::sessions>("sessions", 4),
    low_byte<&Disc::first_track_in_last_session>("first_track_last_session", 5),
    low_byte<&Disc::last_track_in_last_session>("last_track_last_session", 6),
    bits<&Disc::disc_identification_valid>("did_v", 7, 7, 7),
    bits<&Disc::disc_bar_code_valid>("dbc_v", 7, 6, 6),
    bits<&Disc::unrestricted_use>("uru", 7, 5, 5),
    bits<&Disc::disc_application_code_valid>("dac_v", 7, 4, 4),
    bits<&Disc::defect_table_dirty>("dirty", 7, 2, 2),
    bits<&Disc::background_format>("bg_format", 7, 1, 0, kBackgroundFormatWords),
    number<&Disc::disc_type>("disc_type", 8, 8),
    high_byte<&Disc::sessions>("sessions_msb", 9),
    high_byte<&Disc::first_track_in_last_session>("first_track_last_session_msb", 10),
    high_byte<&Disc::last_track_in_last_session>("last_track_last_session_msb", 11),
    number<&Disc::disc_identification>("disc_id", 12, 15),
    number<&Disc::last_session_lead_in_start>("last_lead_in", 16, 19),
    number<&Disc::last_possible_lead_out_start>("last_lead_out", 20, 23),
    number<&Disc::disc_bar_code>("bar_code", 24, 31),
    number<&Disc::disc_application_code>("app_code", 32, 32),
};

constexpr std::array kTrackResourcesRows{
    number<&TrackResources::max_tracks>("max_tracks", 4, 5),
    number<&TrackResources::assigned_tracks>("assigned_tracks", 6, 7),
    number<&TrackResources::max_appendable_tracks>("max_appendable_tracks", 8, 9),
    number<&TrackResources::appendable_tracks>("appendable_tracks", 10, 11),
};

constexpr std::array kPowResourcesRows{
    number<&PowResources::remaining_pow_replacements>("remaining_pow_replacements", 4, 7),
    number<&PowResources::remaining_pow_reallocation_map_entries>(
        "remaining_pow_reallocation_map_entries", 8, 11),
    number<&PowResources::remaining_pow_updates>("remaining_pow_updates", 12, 15),
};

constexpr std::array kOpcRows{
    number<&OpcEntry::speed_kb_s>("speed", 0, 1),
};

Result<detail::Honoured, DecodeError> honour_type(ByteView bytes, DiscInformationType type,
                                                  std::size_t minimum) {
    auto honoured = detail::honour(bytes, {}, minimum);
    if (honoured && honoured->bytes[2] >> 5U != static_cast<unsigned>(type)) {
        return tl::make_unexpected(DecodeError::WrongType);
    }
    return honoured;
}

}  // namespace

std::span<const Row> tables::disc_information() {
    return kDiscRows;
}
std::span<const Row> tables::track_resources() {
    return kTrackResourcesRows;
}
std::span<const Row> tables::pow_resources() {
    return kPowResourcesRows;
}

Result<OpcEntry, DecodeError> decode_opc_entry(ByteView bytes) {
    if (bytes.size() < kOpcEntrySize) {
        return tl::make_unexpected(DecodeError::TooShort);
    }
    OpcEntry entry;
    decode_present(kOpcRows, bytes, &entry);
    std::ranges::copy(bytes.subspan(2, entry.values.size()), entry.values.begin());
    return entry;
}

Result<DiscInformation, DecodeError> decode_disc_information(ByteView bytes) {
    const auto honoured = honour_type(bytes, DiscInformationType::Standard, kMinimum);
    auto disc = detail::decode_rows<DiscInformation>(kDiscRows, honoured);
    if (disc && honoured->bytes.size() > kOpcCount) {
        std::size_t left = honoured->bytes[kOpcCount];
        for (ByteView rest = detail::from(honoured->bytes, kFixedSize);
             left > 0 && rest.size() >= kOpcEntrySize; rest = rest.subspan(kOpcEntrySize), --left) {
            disc->opc_tables.push_back(*decode_opc_entry(rest));
        }
    }
    return disc;
}

Result<TrackResources, DecodeError> decode_track_resources(ByteView bytes) {
    return detail::decode_rows<TrackResources>(
        kTrackResourcesRows, honour_type(bytes, DiscInformationType::TrackResources, 12));
}

Result<PowResources, DecodeError> decode_pow_resources(ByteView bytes) {
    return detail::decode_rows<PowResources>(
        kPowResourcesRows, honour_type(bytes, DiscInformationType::PowResources, 16));
}

Encoded encode(const OpcEntry& value) {
    detail::Writer writer(kOpcEntrySize);
    writer.rows(kOpcRows, &value);
    writer.copy(2, value.values);
    return writer.finish();
}

Encoded encode(const DiscInformation& value) {
    detail::Writer writer(kFixedSize);
    writer.rows(kDiscRows, &value);
    writer.number(kOpcCount, 1, value.opc_tables.size());
    for (const OpcEntry& entry : value.opc_tables) {
        writer.append_rows(kOpcRows, &entry, kOpcEntrySize);
        writer.copy(writer.size() - entry.values.size(), entry.values);
    }
    return writer.finish({});
}

Encoded encode(const TrackResources& value) {
    detail::Writer writer(12);
    writer.rows(kTrackResourcesRows, &value);
    writer.number(2, 1, static_cast<unsigned>(DiscInformationType::TrackResources) << 5U);
    return writer.finish({});
}

Encoded encode(const PowResources& value) {
    detail::Writer writer(16);
    writer.rows(kPowResourcesRows, &value);
    writer.number(2, 1, static_cast<unsigned>(DiscInformationType::PowResources) << 5U);
    return writer.finish({});
}

std::string_view words(DiscStatus status) {
    return detail::word_in(kDiscStatusWords, static_cast<std::int64_t>(status));
}
std::string_view words(SessionState state) {
    return detail::word_in(kSessionStateWords, static_cast<std::int64_t>(state));
}
std::string_view words(BackgroundFormat format) {
    return detail::word_in(kBackgroundFormatWords, static_cast<std::int64_t>(format));
}

}  // namespace kiln::mmc

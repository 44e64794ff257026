#include "mmc/responses/toc.h"

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "mmc/bytes.h"
#include "mmc/layout.h"
#include "mmc/responses/answer.h"
#include "mmc/responses/codec.h"
#include "mmc/responses/tables.h"
#include "mmc/result.h"

namespace kiln::mmc {
namespace {

constexpr std::size_t kHeaderSize = 4;
constexpr std::size_t kTrackSize = 8;
constexpr std::size_t kPointSize = 11;
constexpr std::size_t kSessionInformationSize = 12;

constexpr std::array kTocRows{
    number<&Toc::first_track>("first_track", 2, 2),
    number<&Toc::last_track>("last_track", 3, 3),
};
constexpr std::array kTrackRows{
    bits<&TocTrack::adr>("adr", 1, 7, 4),
    bits<&TocTrack::control>("control", 1, 3, 0),
    number<&TocTrack::track>("track", 2, 2),
    number<&TocTrack::address>("address", 4, 7),
};

using Session = SessionInformation;
constexpr std::array kSessionRows{
    number<&Session::first_session>("first_session", 2, 2),
    number<&Session::last_session>("last_session", 3, 3),
    bits<&Session::adr>("adr", 5, 7, 4),
    bits<&Session::control>("control", 5, 3, 0),
    number<&Session::first_track_in_last_session>("first_track_last_session", 6, 6),
    number<&Session::address>("start_lba", 8, 11),
};

constexpr std::array kFullTocRows{
    number<&FullToc::first_session>("first_session", 2, 2),
    number<&FullToc::last_session>("last_session", 3, 3),
};

/// The rows of a point stand flat; an Msf is three of them.
struct FlatPoint {
    TocPoint point{};
    std::array<std::uint8_t, 3> running{};
    std::array<std::uint8_t, 3> pointed{};
};
template <auto Member>
constexpr Row of_point(std::string_view name, std::size_t byte, unsigned high, unsigned low) {
    return {
        .name = name,
        .last = byte,
        .low = low,
        .width = high - low + 1U,
        .get =
            [](const void* flat) {
                return static_cast<std::int64_t>(static_cast<const FlatPoint*>(flat)->point.*
                                                 Member);
            },
        .set =
            [](void* flat, std::int64_t value) {
                static_cast<FlatPoint*>(flat)->point.*Member = static_cast<std::uint8_t>(value);
            },
    };
}
constexpr std::array kPointRows{
    of_point<&TocPoint::session>("session", 0, 7, 0),
    of_point<&TocPoint::adr>("adr", 1, 7, 4),
    of_point<&TocPoint::control>("control", 1, 3, 0),
    of_point<&TocPoint::tno>("tno", 2, 7, 0),
    of_point<&TocPoint::point>("point", 3, 7, 0),
    detail::element<&FlatPoint::running, 0>("min", 4, 4),
    detail::element<&FlatPoint::running, 1>("sec", 5, 5),
    detail::element<&FlatPoint::running, 2>("frame", 6, 6),
    of_point<&TocPoint::zero>("zero", 7, 7, 0),
    detail::element<&FlatPoint::pointed, 0>("pmin", 8, 8),
    detail::element<&FlatPoint::pointed, 1>("psec", 9, 9),
    detail::element<&FlatPoint::pointed, 2>("pframe", 10, 10),
};

Msf msf_of(const std::array<std::uint8_t, 3>& bytes) {
    return {.minute = bytes[0], .second = bytes[1], .frame = bytes[2]};
}
std::array<std::uint8_t, 3> bytes_of(Msf msf) {
    return {msf.minute, msf.second, msf.frame};
}

}  // namespace

std::span<const Row> tables::toc() {
    return kTocRows;
}
std::span<const Row> tables::session_information() {
    return kSessionRows;
}
std::span<const Row> tables::full_toc() {
    return kFullTocRows;
}

Result<Toc, DecodeError> decode_toc(ByteView bytes) {
    const auto honoured = detail::honour(bytes, {}, kHeaderSize);
    auto toc = detail::decode_rows<Toc>(kTocRows, honoured);
    if (toc) {
        for (ByteView rest = detail::from(honoured->bytes, kHeaderSize); rest.size() >= kTrackSize;
             rest = rest.subspan(kTrackSize)) {
            decode_present(kTrackRows, rest, &toc->tracks.emplace_back());
        }
    }
    return toc;
}

Result<SessionInformation, DecodeError> decode_session_information(ByteView bytes) {
    return detail::decode_rows<SessionInformation>(
        kSessionRows, detail::honour(bytes, {}, kSessionInformationSize));
}

Result<FullToc, DecodeError> decode_full_toc(ByteView bytes) {
    const auto honoured = detail::honour(bytes, {}, kHeaderSize);
    auto toc = detail::decode_rows<FullToc>(kFullTocRows, honoured);
    if (toc) {
        for (ByteView rest = detail::from(honoured->bytes, kHeaderSize); rest.size() >= kPointSize;
             rest = rest.subspan(kPointSize)) {
            FlatPoint flat;
            decode_present(kPointRows, rest, &flat);
            flat.point.running = msf_of(flat.running);
            flat.point.pointed = msf_of(flat.pointed);
            toc->points.push_back(flat.point);
        }
    }
    return toc;
}

Encoded encode(const Toc& value) {
    detail::Writer writer(kHeaderSize);
    writer.rows(kTocRows, &value);
    for (const TocTrack& track : value.tracks) {
        writer.append_rows(kTrackRows, &track, kTrackSize);
    }
    return writer.finish({});
}

Encoded encode(const SessionInformation& value) {
    detail::Writer writer(kSessionInformationSize);
    writer.rows(kSessionRows, &value);
    return writer.finish({});
}

Encoded encode(const FullToc& value) {
    detail::Writer writer(kHeaderSize);
    writer.rows(kFullTocRows, &value);
    for (const TocPoint& point : value.points) {
        const FlatPoint flat{
            .point = point, .running = bytes_of(point.running), .pointed = bytes_of(point.pointed)};
        writer.append_rows(kPointRows, &flat, kPointSize);
    }
    return writer.finish({});
}

std::string_view point_in_words(const TocPoint& point) {
    constexpr std::array kPosition{
        Word{0xA0, "first track"},
        Word{0xA1, "last track"},
        Word{0xA2, "lead-out start"},
    };
    constexpr std::array kMode5{
        Word{0xB0, "next program area"}, Word{0xB1, "number of skipped intervals and tracks"},
        Word{0xB2, "skipped tracks"},    Word{0xB3, "skipped tracks"},
        Word{0xB4, "skipped tracks"},    Word{0xC0, "first lead-in start"},
        Word{0xC1, "copy of ATIP A1"},   Word{0xCF, "inner lead-out and outer lead-in"},
    };
    if (point.point >= 1 && point.point <= 99) {
        return point.adr == 5 ? "skipped interval" : "";
    }
    return point.adr == 5 ? detail::word_in(kMode5, point.point)
                          : detail::word_in(kPosition, point.point);
}

}  // namespace kiln::mmc

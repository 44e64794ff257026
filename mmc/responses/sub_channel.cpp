#include "mmc/responses/sub_channel.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
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
constexpr std::uint8_t kPosition = 1;
constexpr std::uint8_t kCatalogueNumber = 2;
constexpr std::uint8_t kIsrc = 3;
constexpr std::size_t kPositionSize = 16;
constexpr std::size_t kCodeSize = 24;
constexpr std::size_t kCode = 9;
constexpr detail::LengthField kLength{.offset = 2, .width = 2, .before = 4};

constexpr std::array kStatusWords{
    Word{0x00, "not supported"},
    Word{0x11, "playing"},
    Word{0x12, "paused"},
    Word{0x13, "completed"},
    Word{0x14, "stopped by an error"},
    Word{0x15, "none"},
};

constexpr std::array kRows{
    number<&SubChannel::audio_status>("audio_status", 1, 1, kStatusWords),
    number<&SubChannel::format>("format", 4, 4),
};
constexpr std::array kPositionRows{
    bits<&SubChannel::adr>("adr", 5, 7, 4),
    bits<&SubChannel::control>("control", 5, 3, 0),
    number<&SubChannel::track>("track", 6, 6),
    number<&SubChannel::index>("index", 7, 7),
    number<&SubChannel::absolute_address>("absolute_address", 8, 11),
    number<&SubChannel::relative_address>("relative_address", 12, 15),
};
constexpr std::array kCatalogueNumberRows{
    bits<&SubChannel::valid>("mcval", 8, 7, 7),
};
constexpr std::array kIsrcRows{
    bits<&SubChannel::adr>("adr", 5, 7, 4),
    bits<&SubChannel::control>("control", 5, 3, 0),
    number<&SubChannel::track>("track", 6, 6),
    bits<&SubChannel::valid>("tcval", 8, 7, 7),
};

std::size_t code_size(std::uint8_t format) {
    return format == kCatalogueNumber ? 13 : 12;
}

bool has_code(std::uint8_t format) {
    return format == kCatalogueNumber || format == kIsrc;
}

}  // namespace

std::span<const Row> tables::sub_channel() {
    return kRows;
}

std::span<const Row> tables::sub_channel_format(std::uint8_t format) {
    switch (format) {
        case kPosition:
            return kPositionRows;
        case kCatalogueNumber:
            return kCatalogueNumberRows;
        case kIsrc:
            return kIsrcRows;
        default:
            return {};
    }
}

Result<SubChannel, DecodeError> decode_sub_channel(ByteView bytes) {
    const auto honoured = detail::honour(bytes, kLength, kHeaderSize);
    auto value = detail::decode_rows<SubChannel>(kRows, honoured);
    if (value) {
        decode_present(tables::sub_channel_format(value->format), honoured->bytes, &*value);
        if (has_code(value->format) && value->valid) {
            value->code = detail::text_at(honoured->bytes, kCode, code_size(value->format));
        }
    }
    return value;
}

Encoded encode(const SubChannel& value) {
    if (value.format == 0) {
        detail::Writer header(kHeaderSize + 1);
        header.rows(kRows, &value);
        header.resize(kHeaderSize);
        return header.finish(kLength);
    }
    detail::Writer writer(has_code(value.format) ? kCodeSize : kPositionSize);
    writer.rows(kRows, &value);
    writer.rows(tables::sub_channel_format(value.format), &value);
    if (has_code(value.format)) {
        writer.text(kCode, code_size(value.format), value.code, '\0');
    }
    return writer.finish(kLength);
}

std::string_view words(AudioStatus status) {
    return detail::word_in(kStatusWords, static_cast<std::int64_t>(status));
}

}  // namespace kiln::mmc

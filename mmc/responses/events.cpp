#include "mmc/responses/events.h"

#include <array>
#include <cstddef>
#include <cstdint>
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
constexpr std::size_t kSize = 8;

constexpr std::array kClassWords{
    Word{0, "none"},
    Word{1, "operational change"},
    Word{2, "power management"},
    Word{3, "external request"},
    Word{4, "media"},
    Word{5, "multiple hosts"},
    Word{6, "device busy"},
};
constexpr std::array kMediaEventWords{
    Word{0, "no change"},
    Word{1, "eject request"},
    Word{2, "new media"},
    Word{3, "media removal"},
    Word{4, "media changed"},
    Word{5, "background format completed"},
    Word{6, "background format restarted"},
};

constexpr std::array kRows{
    bits<&EventStatus::no_event_available>("nea", 2, 7, 7),
    bits<&EventStatus::event_class>("class", 2, 2, 0, kClassWords),
    number<&EventStatus::supported_classes>("supported", 3, 3),
    bits<&EventStatus::event>("event", 4, 3, 0),
    number<&EventStatus::status>("status", 5, 5),
    number<&EventStatus::parameter>("parameter", 6, 7),
};

}  // namespace

std::span<const Row> tables::event_status() {
    return kRows;
}

Result<EventStatus, DecodeError> decode_event_status(ByteView bytes) {
    auto value = detail::decode_rows<EventStatus>(kRows, detail::honour(bytes, {}, kHeaderSize));
    if (value) {
        value->has_event = value->extent.received >= kSize;
    }
    return value;
}

Encoded encode(const EventStatus& value) {
    detail::Writer writer(kSize);
    writer.rows(kRows, &value);
    if (!value.has_event) {
        writer.resize(kHeaderSize);
    }
    return writer.finish({});
}

std::string_view words(EventClass event_class) {
    return detail::word_in(kClassWords, static_cast<std::int64_t>(event_class));
}
std::string_view words(MediaEvent event) {
    return detail::word_in(kMediaEventWords, static_cast<std::int64_t>(event));
}

}  // namespace kiln::mmc

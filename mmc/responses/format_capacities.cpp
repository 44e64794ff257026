#include "mmc/responses/format_capacities.h"

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
constexpr std::size_t kDescriptorSize = 8;
constexpr std::size_t kMinimum = kHeaderSize + kDescriptorSize;
constexpr detail::LengthField kLength{.offset = 3, .width = 1, .before = 4};

constexpr std::array kCapacityWords{
    Word{1, "unformatted or blank medium"},
    Word{2, "formatted medium"},
    Word{3, "no medium, or of unknown capacity"},
};
constexpr std::array kFormatWords{
    Word{0x00, "full"},
    Word{0x01, "spare area expansion"},
    Word{0x04, "zone reformat"},
    Word{0x05, "zone format"},
    Word{0x10, "CD-RW or DVD-RW full"},
    Word{0x11, "grow session"},
    Word{0x12, "add session"},
    Word{0x13, "DVD-RW quick grow last border"},
    Word{0x14, "DVD-RW quick add border"},
    Word{0x15, "DVD-RW quick"},
    Word{0x16, "HD DVD-R test zone expansion"},
    Word{0x20, "full with sparing parameters"},
    Word{0x24, "MRW"},
    Word{0x26, "DVD+RW basic"},
    Word{0x30, "BD-RE full with spare areas"},
    Word{0x31, "BD-RE full without spare areas"},
    Word{0x32, "BD-R full with spare areas"},
};

constexpr std::array kRows{
    number<&FormatCapacities::blocks>("blocks", 4, 7),
    bits<&FormatCapacities::descriptor_type>("descriptor_type", 8, 1, 0, kCapacityWords),
    number<&FormatCapacities::block_length>("block_length", 9, 11),
};
constexpr std::array kFormattableRows{
    number<&FormattableCapacity::blocks>("blocks", 0, 3),
    bits<&FormattableCapacity::format_type>("format_type", 4, 7, 2, kFormatWords),
    bits<&FormattableCapacity::sub_type>("sub_type", 4, 1, 0),
    number<&FormattableCapacity::parameter>("parameter", 5, 7),
};

}  // namespace

std::span<const Row> tables::format_capacities() {
    return kRows;
}

Result<FormatCapacities, DecodeError> decode_format_capacities(ByteView bytes) {
    const auto honoured = detail::honour(bytes, kLength, kMinimum);
    auto value = detail::decode_rows<FormatCapacities>(kRows, honoured);
    if (value) {
        for (ByteView rest = detail::from(honoured->bytes, kMinimum);
             rest.size() >= kDescriptorSize; rest = rest.subspan(kDescriptorSize)) {
            decode_present(kFormattableRows, rest, &value->formattable.emplace_back());
        }
    }
    return value;
}

Encoded encode(const FormatCapacities& value) {
    detail::Writer writer(kMinimum);
    writer.rows(kRows, &value);
    for (const FormattableCapacity& capacity : value.formattable) {
        writer.append_rows(kFormattableRows, &capacity, kDescriptorSize);
    }
    return writer.finish(kLength);
}

std::string_view words(CapacityType type) {
    return detail::word_in(kCapacityWords, static_cast<std::int64_t>(type));
}
std::string_view words(FormatType type) {
    return detail::word_in(kFormatWords, static_cast<std::int64_t>(type));
}

}  // namespace kiln::mmc

#include "mmc/responses/lists.h"

#include <cstddef>
#include <cstdint>
#include <vector>

#include "mmc/bytes.h"
#include "mmc/layout.h"
#include "mmc/responses/answer.h"
#include "mmc/responses/codec.h"
#include "mmc/result.h"

namespace kiln::mmc {
namespace {

constexpr std::size_t kUnitsHeader = 8;
constexpr std::size_t kUnitSize = 8;
constexpr std::size_t kSerialHeader = 4;
constexpr detail::LengthField kUnitsLength{.offset = 0, .width = 4, .before = kUnitsHeader};
constexpr detail::LengthField kSerialLength{.offset = 2, .width = 2, .before = kSerialHeader};

}  // namespace

Result<LogicalUnits, DecodeError> decode_logical_units(ByteView bytes) {
    const auto honoured = detail::honour(bytes, kUnitsLength, kUnitsHeader);
    auto value = detail::decode_rows<LogicalUnits>({}, honoured);
    if (value) {
        for (ByteView rest = honoured->bytes.subspan(kUnitsHeader); rest.size() >= kUnitSize;
             rest = rest.subspan(kUnitSize)) {
            value->units.push_back(load_big_endian<std::uint64_t>(rest, 0, kUnitSize));
        }
    }
    return value;
}

Result<MediaSerialNumber, DecodeError> decode_media_serial_number(ByteView bytes) {
    const auto honoured = detail::honour(bytes, kSerialLength, kSerialHeader);
    auto value = detail::decode_rows<MediaSerialNumber>({}, honoured);
    if (value) {
        const ByteView text = honoured->bytes.subspan(kSerialHeader);
        value->serial_number.assign(text.begin(), text.end());
    }
    return value;
}

Encoded encode(const LogicalUnits& value) {
    detail::Writer writer(kUnitsHeader);
    for (const std::uint64_t unit : value.units) {
        writer.resize(writer.size() + kUnitSize);
        writer.number(writer.size() - kUnitSize, kUnitSize, unit);
    }
    return writer.finish(kUnitsLength);
}

Encoded encode(const MediaSerialNumber& value) {
    detail::Writer writer(kSerialHeader);
    writer.append(
        std::vector<std::uint8_t>(value.serial_number.begin(), value.serial_number.end()));
    return writer.finish(kSerialLength);
}

}  // namespace kiln::mmc

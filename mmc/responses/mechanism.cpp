#include "mmc/responses/mechanism.h"

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

constexpr std::size_t kHeaderSize = 8;
constexpr std::size_t kSlotSize = 4;
constexpr detail::LengthField kLength{.offset = 6, .width = 2, .before = 8};

constexpr std::array kStateWords{
    Word{0, "idle"},
    Word{1, "playing"},
    Word{2, "scanning"},
    Word{3, "at work for the host"},
};
constexpr std::array kChangerWords{
    Word{0, "ready"},
    Word{1, "loading"},
    Word{2, "unloading"},
    Word{3, "initialising"},
};

constexpr std::array kRows{
    bits<&MechanismStatusData::fault>("fault", 0, 7, 7),
    bits<&MechanismStatusData::changer_state>("changer_state", 0, 6, 5, kChangerWords),
    bits<&MechanismStatusData::current_slot>("current_slot", 0, 4, 0),
    bits<&MechanismStatusData::mechanism_state>("mechanism_state", 1, 7, 5, kStateWords),
    bits<&MechanismStatusData::door_open>("door_open", 1, 4, 4),
    number<&MechanismStatusData::lba>("lba", 2, 4),
    number<&MechanismStatusData::slots>("slots", 5, 5),
};
constexpr std::array kSlotRows{
    bits<&ChangerSlot::present>("present", 0, 7, 7),
    bits<&ChangerSlot::change>("change", 0, 0, 0),
};

}  // namespace

std::span<const Row> tables::mechanism_status() {
    return kRows;
}

Result<MechanismStatusData, DecodeError> decode_mechanism_status(ByteView bytes) {
    const auto honoured = detail::honour(bytes, kLength, kHeaderSize);
    auto value = detail::decode_rows<MechanismStatusData>(kRows, honoured);
    if (value) {
        for (ByteView rest = detail::from(honoured->bytes, kHeaderSize); rest.size() >= kSlotSize;
             rest = rest.subspan(kSlotSize)) {
            decode_present(kSlotRows, rest, &value->slot_table.emplace_back());
        }
    }
    return value;
}

Encoded encode(const MechanismStatusData& value) {
    detail::Writer writer(kHeaderSize);
    writer.rows(kRows, &value);
    for (const ChangerSlot& slot : value.slot_table) {
        writer.append_rows(kSlotRows, &slot, kSlotSize);
    }
    return writer.finish(kLength);
}

std::string_view words(MechanismState state) {
    return detail::word_in(kStateWords, static_cast<std::int64_t>(state));
}

}  // namespace kiln::mmc

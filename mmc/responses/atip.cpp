#include "mmc/responses/atip.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "mmc/bytes.h"
#include "mmc/layout.h"
#include "mmc/responses/answer.h"
#include "mmc/responses/codec.h"
#include "mmc/responses/tables.h"
#include "mmc/responses/toc.h"
#include "mmc/result.h"

namespace kiln::mmc {
namespace {

constexpr std::size_t kMinimum = 15;  // through the last possible lead-out
constexpr std::size_t kSize = 28;

constexpr std::array kRows{
    bits<&Atip::indicative_target_writing_power>("indicative_power", 4, 6, 4),
    bits<&Atip::reference_speed>("reference_speed", 4, 2, 0),
    bits<&Atip::unrestricted_use>("uru", 5, 6, 6),
    bits<&Atip::rewritable>("rewritable", 6, 6, 6),
    bits<&Atip::sub_type>("subtype", 6, 5, 3),
    bits<&Atip::a1_valid>("a1_v", 6, 2, 2),
    bits<&Atip::a2_valid>("a2_v", 6, 1, 1),
    bits<&Atip::a3_valid>("a3_v", 6, 0, 0),
};

// Bytes 4 and 6 have their top bit always set.
constexpr std::uint8_t kMarker = 0x80;

Msf msf_at(ByteView bytes, std::size_t offset) {
    return {.minute = bytes[offset], .second = bytes[offset + 1], .frame = bytes[offset + 2]};
}

void store(detail::Writer& writer, std::size_t offset, Msf msf) {
    writer.copy(offset, std::array{msf.minute, msf.second, msf.frame});
}

void load(ByteView bytes, std::size_t offset, std::array<std::uint8_t, 3>& words) {
    if (bytes.size() >= offset + words.size()) {
        words = {bytes[offset], bytes[offset + 1], bytes[offset + 2]};
    }
}

}  // namespace

std::span<const Row> tables::atip() {
    return kRows;
}

Result<Atip, DecodeError> decode_atip(ByteView bytes) {
    const auto honoured = detail::honour(bytes, {}, kMinimum);
    auto atip = detail::decode_rows<Atip>(kRows, honoured);
    if (atip) {
        atip->lead_in_start = msf_at(honoured->bytes, 8);
        atip->last_possible_lead_out_start = msf_at(honoured->bytes, 12);
        load(honoured->bytes, 16, atip->a1);
        load(honoured->bytes, 20, atip->a2);
        load(honoured->bytes, 24, atip->a3);
    }
    return atip;
}

Encoded encode(const Atip& value) {
    detail::Writer writer(kSize);
    writer.number(4, 1, kMarker);
    writer.number(6, 1, kMarker);
    writer.rows(kRows, &value);
    store(writer, 8, value.lead_in_start);
    store(writer, 12, value.last_possible_lead_out_start);
    writer.copy(16, value.a1);
    writer.copy(20, value.a2);
    writer.copy(24, value.a3);
    return writer.finish({});
}

}  // namespace kiln::mmc

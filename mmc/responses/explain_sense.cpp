// Sense data as fields, all of them: what nobody acts on too.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <tl/expected.hpp>

#include "mmc/bytes.h"
#include "mmc/responses/catalog.h"
#include "mmc/responses/explain.h"
#include "mmc/sense.h"
#include "mmc/sense_codes.h"

namespace kiln::mmc {
namespace explain {
namespace {

constexpr std::size_t kHeaderSize = 8;

bool bit(ByteView bytes, std::size_t index, unsigned number) {
    return index < bytes.size() && (bytes[index] >> number & 1U) != 0;
}

/// Where the parts of both formats stand; empty where they did not come.
struct SenseParts {
    bool descriptors = false;
    ByteView flags;             // filemark, EOM and ILI in bits 7 to 5
    ByteView command_specific;  // 4 or 8 bytes
    ByteView unit;              // field replaceable unit code
    ByteView specific;          // SKSV and two bytes more
};

SenseParts parts_of_fixed(ByteView bytes) {
    const auto part = [bytes](std::size_t at, std::size_t size) {
        return at + size <= bytes.size() ? bytes.subspan(at, size) : ByteView();
    };
    return {.flags = part(2, 1),
            .command_specific = part(8, 4),
            .unit = part(14, 1),
            .specific = part(15, 3)};
}

SenseParts parts_of_descriptors(ByteView bytes) {
    SenseParts parts{.descriptors = true};
    ByteView rest = bytes.size() > kHeaderSize ? bytes.subspan(kHeaderSize) : ByteView();
    while (rest.size() >= 2) {
        const std::size_t size = std::min<std::size_t>(rest.size(), 2U + rest[1]);
        const ByteView one = rest.first(size);
        rest = rest.subspan(size);
        if (one[0] == 0x01 && size >= 12) {
            parts.command_specific = one.subspan(4, 8);
        } else if (one[0] == 0x02 && size >= 7) {
            parts.specific = one.subspan(4, 3);
        } else if (one[0] == 0x03 && size >= 4) {
            parts.unit = one.subspan(3, 1);
        } else if ((one[0] == 0x04 || one[0] == 0x05) && size >= 4) {  // stream, block commands
            parts.flags = one.subspan(3, 1);
        }
    }
    return parts;
}

/// Spec:    SPC, sense key specific sense data
void add_specific(SenseKey key, ByteView specific, Fields& fields) {
    if (specific.empty()) {
        return;
    }
    fields.add("sksv", bit(specific, 0, 7) ? 1 : 0);
    if (!bit(specific, 0, 7)) {
        return;
    }
    const auto number = load_big_endian<std::uint16_t>(specific, 1, 2);
    switch (key) {
        case SenseKey::IllegalRequest: {
            const bool in_cdb = bit(specific, 0, 6);
            fields.add("c_d", in_cdb ? 1 : 0, in_cdb ? "in the CDB" : "in the parameter list");
            fields.add("bpv", bit(specific, 0, 3) ? 1 : 0);
            if (bit(specific, 0, 3)) {
                fields.add("bit_pointer", specific[0] & 0x07);
            }
            fields.add("field_pointer", number);
            break;
        }
        case SenseKey::NoSense:
        case SenseKey::NotReady:
            fields.add("progress_indication", number, "of 65536");
            break;
        case SenseKey::RecoveredError:
        case SenseKey::MediumError:
        case SenseKey::HardwareError:
            fields.add("actual_retry_count", number);
            break;
        case SenseKey::UnitAttention:
            fields.add("overflow", bit(specific, 0, 0) ? 1 : 0);
            break;
        default:
            break;
    }
}

}  // namespace

void add_sense_details(ByteView bytes, Fields& fields) {
    const bool in_descriptors = (bytes[0] & 0x7EU) == 0x72;
    const SenseParts parts = in_descriptors ? parts_of_descriptors(bytes) : parts_of_fixed(bytes);
    if (!parts.flags.empty()) {
        fields.add("filemark", bit(parts.flags, 0, 7) ? 1 : 0);
        fields.add("eom", bit(parts.flags, 0, 6) ? 1 : 0);
    }
    if (bytes.size() >= kHeaderSize) {
        fields.add("sdat_ovfl", bit(bytes, in_descriptors ? 4 : 2, in_descriptors ? 7 : 4) ? 1 : 0);
        fields.add("additional_sense_length", bytes[7]);
    }
    if (!parts.command_specific.empty()) {
        fields.add("command_specific_information",
                   static_cast<std::int64_t>(load_big_endian<std::uint64_t>(
                       parts.command_specific, 0, parts.command_specific.size())));
    }
    if (!parts.unit.empty()) {
        fields.add("field_replaceable_unit_code", parts.unit[0]);
    }
    add_specific(decode_sense(bytes).key, parts.specific, fields);
}

}  // namespace explain

Result<Answer, ExplainError> explain_sense(ByteView bytes) {
    if (bytes.empty()) {
        return tl::make_unexpected(ExplainError::TooShort);
    }
    const unsigned code = bytes[0] & 0x7FU;
    if (code < 0x70 || code > 0x73) {
        return tl::make_unexpected(ExplainError::WrongType);
    }
    const Sense sense = decode_sense(bytes);
    explain::Fields fields;
    fields.add("response_code", code, sense.deferred ? "of an earlier command" : "of this command");
    fields.add("valid", sense.information ? 1 : 0);
    fields.add("sense_key", static_cast<std::int64_t>(sense.key), words(sense.key));
    fields.add("ili", sense.incorrect_length ? 1 : 0);
    if (sense.information) {
        fields.add("information", static_cast<std::int64_t>(*sense.information));
    }
    fields.add("additional_sense_code", sense.additional_sense_code);
    fields.add("additional_sense_code_qualifier", sense.additional_sense_code_qualifier);
    explain::add_sense_details(bytes, fields);
    // Byte 7 says how long they are; without it nobody knows.
    const bool complete = bytes.size() >= 8 && bytes.size() >= 8U + bytes[7];
    return Answer{.name = code >= 0x72 ? "DESCRIPTOR FORMAT SENSE DATA" : "FIXED FORMAT SENSE DATA",
                  .fields = fields.take(),
                  .complete = complete};
}

}  // namespace kiln::mmc

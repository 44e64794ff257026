#include "mmc/sense.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mmc/bytes.h"
#include "mmc/sense_codes.h"

namespace kiln::mmc {
namespace {

constexpr std::uint8_t kDeferredBit = 0x01;
constexpr std::size_t kFixedSize = 18;
constexpr std::size_t kHeaderSize = 8;

bool has_progress(SenseKey key) {
    return key == SenseKey::NoSense || key == SenseKey::NotReady;
}

/// Bytes 15 to 17 of fixed format, or 4 to 6 of the sense key specific descriptor.
std::optional<std::uint16_t> progress_of(SenseKey key, ByteView specific) {
    const bool valid = specific.size() >= 3 && (specific[0] & 0x80U) != 0;  // SKSV
    if (!valid || !has_progress(key)) {
        return std::nullopt;
    }
    return load_big_endian<std::uint16_t>(specific, 1, 2);
}

void decode_fixed(ByteView bytes, Sense& sense) {
    if (bytes.size() > 2) {
        sense.key = static_cast<SenseKey>(bytes[2] & 0x0FU);
        sense.incorrect_length = (bytes[2] & 0x20U) != 0;
    }
    if (bytes.size() >= 7 && (bytes[0] & 0x80U) != 0) {  // VALID
        sense.information = load_big_endian<std::uint32_t>(bytes, 3, 4);
    }
    if (bytes.size() > 12) {
        sense.additional_sense_code = bytes[12];
    }
    if (bytes.size() > 13) {
        sense.additional_sense_code_qualifier = bytes[13];
    }
    if (bytes.size() >= kFixedSize) {
        sense.progress = progress_of(sense.key, bytes.subspan(15, 3));
    }
}

/// One descriptor with its two header bytes.
void decode_descriptor(ByteView descriptor, Sense& sense) {
    switch (descriptor[0]) {
        case 0x00:  // information
            if (descriptor.size() >= 12 && (descriptor[2] & 0x80U) != 0) {
                sense.information = load_big_endian<std::uint64_t>(descriptor, 4, 8);
            }
            break;
        case 0x02:  // sense key specific
            if (descriptor.size() >= 7) {
                if (const auto progress = progress_of(sense.key, descriptor.subspan(4, 3))) {
                    sense.progress = progress;
                }
            }
            break;
        case 0x04:  // stream commands
        case 0x05:  // block commands
            if (descriptor.size() >= 4) {
                sense.incorrect_length = (descriptor[3] & 0x20U) != 0;
            }
            break;
        case 0x0A:  // another progress indication; the sense key specific one goes first
            if (descriptor.size() >= 8 && !sense.progress) {
                sense.progress = load_big_endian<std::uint16_t>(descriptor, 6, 2);
            }
            break;
        default:
            break;
    }
}

void decode_descriptors(ByteView bytes, Sense& sense) {
    if (bytes.size() > 1) {
        sense.key = static_cast<SenseKey>(bytes[1] & 0x0FU);
    }
    if (bytes.size() > 2) {
        sense.additional_sense_code = bytes[2];
    }
    if (bytes.size() > 3) {
        sense.additional_sense_code_qualifier = bytes[3];
    }
    if (bytes.size() <= kHeaderSize) {
        return;
    }
    for (ByteView rest = bytes.subspan(kHeaderSize); rest.size() >= 2;) {
        const std::size_t size = std::min<std::size_t>(rest.size(), 2U + rest[1]);
        decode_descriptor(rest.first(size), sense);
        rest = rest.subspan(size);
    }
}

void append_hex(std::string& text, std::uint64_t value, unsigned digits) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    for (unsigned digit = digits; digit-- > 0;) {
        text += kDigits[value >> (4U * digit) & 0xFU];
    }
}

}  // namespace

Sense decode_sense(ByteView bytes) {
    Sense sense;
    sense.raw_size = static_cast<std::uint8_t>(std::min(bytes.size(), sense.raw.size()));
    std::copy_n(bytes.begin(), sense.raw_size, sense.raw.begin());
    if (bytes.empty()) {
        return sense;
    }
    // Byte 7 may cut what is there short (the rest is a buffer's old content), never lengthen it.
    ByteView valid = bytes;
    if (bytes.size() >= kHeaderSize) {
        valid = bytes.first(std::min<std::size_t>(bytes.size(), kHeaderSize + bytes[7]));
    }
    const unsigned response_code = bytes[0] & 0x7FU;
    if (response_code >= 0x70U && response_code <= 0x73U) {
        sense.deferred = (response_code & kDeferredBit) != 0;
        if (response_code <= 0x71U) {
            decode_fixed(valid, sense);
        } else {
            decode_descriptors(valid, sense);
        }
    }
    return sense;
}

Sense make_sense(SenseKey key, AdditionalSense additional, std::optional<std::uint32_t> information,
                 std::optional<std::uint16_t> progress, bool deferred) {
    std::array<std::uint8_t, kFixedSize> bytes{};
    bytes[0] = deferred ? 0x71 : 0x70;
    bytes[2] = static_cast<std::uint8_t>(key);
    bytes[7] = kFixedSize - kHeaderSize;
    store_big_endian(MutableByteView(bytes), 12, 2, additional);
    if (information) {
        bytes[0] |= 0x80U;  // VALID
        store_big_endian(MutableByteView(bytes), 3, 4, *information);
    }
    if (progress) {
        bytes[15] = 0x80;  // SKSV
        store_big_endian(MutableByteView(bytes), 16, 2, *progress);
    }
    return decode_sense(bytes);
}

std::string describe(const Sense& sense) {
    std::string text = sense.deferred ? "deferred " : "";
    append_hex(text, static_cast<std::uint8_t>(sense.key), 2);
    text += '/';
    append_hex(text, sense.additional_sense_code, 2);
    text += '/';
    append_hex(text, sense.additional_sense_code_qualifier, 2);
    text += ' ';
    if (const auto known = additional_sense_in_words(sense.additional()); !known.empty()) {
        // "No additional sense information" says nothing; the key does.
        text += sense.additional() == 0 ? std::string(words(sense.key)) : known;
    } else {
        text += words(sense.key);
        text +=
            is_vendor_specific(sense.additional()) ? ", vendor specific code" : ", unknown code";
    }
    if (sense.information) {
        text += ", information ";
        text += std::to_string(*sense.information);
    }
    if (sense.progress) {
        text += ", ";
        text += std::to_string(*sense.progress * 100U / 65536U);
        text += " % done";
    }
    return text;
}

}  // namespace kiln::mmc

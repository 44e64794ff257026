#include "mmc/commands/parameters.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "mmc/bytes.h"
#include "mmc/layout.h"
#include "mmc/responses/answer.h"
#include "mmc/result.h"

namespace kiln::mmc {
namespace {

constexpr std::array kHeaderRows = {
    bits<&FormatListHeader::format_options_valid>("fov", 1, 7, 7),
    bits<&FormatListHeader::disable_primary>("dpry", 1, 6, 6),
    bits<&FormatListHeader::disable_certification>("dcrt", 1, 5, 5),
    bits<&FormatListHeader::stop_format>("stpf", 1, 4, 4),
    bits<&FormatListHeader::initialization_pattern>("ip", 1, 3, 3),
    bits<&FormatListHeader::try_out>("try_out", 1, 2, 2),
    bits<&FormatListHeader::immediate>("immed", 1, 1, 1),
    bits<&FormatListHeader::vendor_specific>("vs", 1, 0, 0),
    number<&FormatListHeader::format_descriptor_length>("format_descriptor_length", 2, 3),
};

constexpr std::array kDescriptorRows = {
    number<&FormatDescriptor::number_of_blocks>("number_of_blocks", 0, 3),
    bits<&FormatDescriptor::format_type>("format_type", 4, 7, 2),
    bits<&FormatDescriptor::sub_type>("sub_type", 4, 1, 0),
    number<&FormatDescriptor::type_dependent_parameter>("type_dependent_parameter", 5, 7),
};

constexpr std::array kStreamingRows = {
    bits<&StreamingDescriptor::write_rotation_control>("wrc", 0, 4, 3),
    bits<&StreamingDescriptor::restore_drive_defaults>("rdd", 0, 2, 2),
    bits<&StreamingDescriptor::exact>("exact", 0, 1, 1),
    bits<&StreamingDescriptor::random_access>("ra", 0, 0, 0),
    number<&StreamingDescriptor::start_lba>("start", 4, 7),
    number<&StreamingDescriptor::end_lba>("end", 8, 11),
    number<&StreamingDescriptor::read_size>("read_size", 12, 15),
    number<&StreamingDescriptor::read_time>("read_time", 16, 19),
    number<&StreamingDescriptor::write_size>("write_size", 20, 23),
    number<&StreamingDescriptor::write_time>("write_time", 24, 27),
};

constexpr std::array kLayerRows = {
    number<&LayerBoundary::data_length>("data_length", 0, 1),
    number<&LayerBoundary::layer_0_capacity>("layer_0_capacity", 8, 11),
};

constexpr std::array kCueRows = {
    bits<&CueSheetEntry::control>("ctl", 0, 7, 4),
    bits<&CueSheetEntry::address_mode>("adr", 0, 3, 0),
    number<&CueSheetEntry::track_number>("tno", 1, 1),
    number<&CueSheetEntry::index>("index", 2, 2),
    number<&CueSheetEntry::data_form>("data_form", 3, 3),
    number<&CueSheetEntry::scms>("scms", 4, 4),
    number<&CueSheetEntry::minute>("min", 5, 5),
    number<&CueSheetEntry::second>("sec", 6, 6),
    number<&CueSheetEntry::frame>("frame", 7, 7),
};

// Decimal digits instead of bits, so no rows: where each number stands behind the header.
struct Digits {
    std::size_t first;
    std::size_t count;
};
constexpr std::array kTimestampDigits = {
    Digits{.first = 4, .count = 4},  Digits{.first = 8, .count = 2},
    Digits{.first = 10, .count = 2}, Digits{.first = 12, .count = 2},
    Digits{.first = 14, .count = 2}, Digits{.first = 16, .count = 2},
};

// Bytes 1 to 7 of an entry that holds characters.
CueSheetEntry entry_of(std::uint8_t control, std::uint8_t address_mode,
                       std::array<std::uint8_t, CueSheetEntry::kSize> bytes) {
    CueSheetEntry entry;
    decode_present(kCueRows, bytes, &entry);
    entry.control = control;
    entry.address_mode = address_mode;
    return entry;
}

bool is_digit(char character) {
    return character >= '0' && character <= '9';
}

template <typename Value>
Encoded encoded(std::span<const Row> rows, const Value& value) {
    std::vector<std::uint8_t> bytes(Value::kSize);
    KILN_RETURN_IF_ERROR(encode_into(rows, &value, bytes));
    return bytes;
}

template <typename Value>
Result<Value, DecodeError> decoded(std::span<const Row> rows, ByteView bytes) {
    if (bytes.size() < Value::kSize) {
        return tl::make_unexpected(DecodeError::TooShort);
    }
    Value value;
    decode_present(rows, bytes, &value);
    return value;
}

}  // namespace

std::optional<std::array<CueSheetEntry, 2>> catalogue_number_entries(std::string_view digits) {
    constexpr std::size_t kInFirst = 7;
    if (digits.size() != 13 || !std::ranges::all_of(digits, is_digit)) {
        return std::nullopt;
    }
    std::array<std::uint8_t, CueSheetEntry::kSize> first{};
    std::array<std::uint8_t, CueSheetEntry::kSize> second{};
    std::ranges::copy(digits.substr(0, kInFirst), first.begin() + 1);
    std::ranges::copy(digits.substr(kInFirst), second.begin() + 1);
    return std::array{entry_of(0, 2, first), entry_of(0, 2, second)};
}

std::optional<std::array<CueSheetEntry, 2>> isrc_entries(std::uint8_t control,
                                                         std::uint8_t track_number,
                                                         std::string_view isrc) {
    constexpr std::size_t kInFirst = 6;
    const auto allowed = [](char letter) {
        return is_digit(letter) || (letter >= 'A' && letter <= 'Z');
    };
    if (isrc.size() != 12 || !std::ranges::all_of(isrc, allowed)) {
        return std::nullopt;
    }
    std::array<std::uint8_t, CueSheetEntry::kSize> first{0, track_number};
    std::array<std::uint8_t, CueSheetEntry::kSize> second{0, track_number};
    std::ranges::copy(isrc.substr(0, kInFirst), first.begin() + 2);
    std::ranges::copy(isrc.substr(kInFirst), second.begin() + 2);
    return std::array{entry_of(control, 3, first), entry_of(control, 3, second)};
}

Encoded encode_cue_sheet(std::span<const CueSheetEntry> cue_sheet) {
    std::vector<std::uint8_t> bytes(cue_sheet.size() * CueSheetEntry::kSize);
    MutableByteView rest(bytes);
    for (const CueSheetEntry& entry : cue_sheet) {
        KILN_RETURN_IF_ERROR(encode_into(kCueRows, &entry, rest.first(CueSheetEntry::kSize)));
        rest = rest.subspan(CueSheetEntry::kSize);
    }
    return bytes;
}

Result<std::vector<CueSheetEntry>, DecodeError> decode_cue_sheet(ByteView bytes) {
    if (bytes.empty() || bytes.size() % CueSheetEntry::kSize != 0) {
        return tl::make_unexpected(DecodeError::TooShort);
    }
    std::vector<CueSheetEntry> cue_sheet(bytes.size() / CueSheetEntry::kSize);
    for (CueSheetEntry& entry : cue_sheet) {
        decode_present(kCueRows, bytes.first(CueSheetEntry::kSize), &entry);
        bytes = bytes.subspan(CueSheetEntry::kSize);
    }
    return cue_sheet;
}

Encoded encode(const Timestamp& timestamp) {
    std::vector<std::uint8_t> bytes(Timestamp::kSize);
    store_big_endian<std::uint16_t>(bytes, 0, 2, Timestamp::kSize - 2);
    const std::array<unsigned, kTimestampDigits.size()> numbers{
        timestamp.year, timestamp.month,  timestamp.day,
        timestamp.hour, timestamp.minute, timestamp.second,
    };
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        auto rest = numbers[i];
        for (auto at = kTimestampDigits[i].count; at-- > 0; rest /= 10U) {
            bytes[kTimestampDigits[i].first + at] = static_cast<std::uint8_t>('0' + rest % 10U);
        }
        if (rest != 0) {
            return tl::make_unexpected(EncodeError::FieldOverflow);
        }
    }
    return bytes;
}

Result<Timestamp, DecodeError> decode_timestamp(ByteView bytes) {
    if (bytes.size() < Timestamp::kSize) {
        return tl::make_unexpected(DecodeError::TooShort);
    }
    std::array<std::uint16_t, kTimestampDigits.size()> numbers{};
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        for (const auto byte :
             bytes.subspan(kTimestampDigits[i].first, kTimestampDigits[i].count)) {
            if (!is_digit(static_cast<char>(byte))) {
                return tl::make_unexpected(DecodeError::WrongType);
            }
            numbers[i] = static_cast<std::uint16_t>(numbers[i] * 10U + (byte - '0'));
        }
    }
    return Timestamp{.year = numbers[0],
                     .month = static_cast<std::uint8_t>(numbers[1]),
                     .day = static_cast<std::uint8_t>(numbers[2]),
                     .hour = static_cast<std::uint8_t>(numbers[3]),
                     .minute = static_cast<std::uint8_t>(numbers[4]),
                     .second = static_cast<std::uint8_t>(numbers[5])};
}

Encoded encode(const FormatList& list) {
    KILN_ASSIGN_OR_RETURN(std::vector<std::uint8_t> bytes, encoded(kHeaderRows, list.header));
    KILN_ASSIGN_OR_RETURN(const auto tail, encoded(kDescriptorRows, list.descriptor));
    bytes.insert(bytes.end(), tail.begin(), tail.end());
    return bytes;
}

Encoded encode(const StreamingDescriptor& descriptor) {
    return encoded(kStreamingRows, descriptor);
}

Encoded encode(const LayerBoundary& boundary) {
    return encoded(kLayerRows, boundary);
}

Result<FormatList, DecodeError> decode_format_list(ByteView bytes) {
    // The header alone tells nothing.
    if (bytes.size() < FormatListHeader::kSize + FormatDescriptor::kSize) {
        return tl::make_unexpected(DecodeError::TooShort);
    }
    FormatList list;
    KILN_ASSIGN_OR_RETURN(list.header, decoded<FormatListHeader>(kHeaderRows, bytes));
    KILN_ASSIGN_OR_RETURN(
        list.descriptor,
        decoded<FormatDescriptor>(kDescriptorRows, bytes.subspan(FormatListHeader::kSize)));
    return list;
}

Result<StreamingDescriptor, DecodeError> decode_streaming_descriptor(ByteView bytes) {
    return decoded<StreamingDescriptor>(kStreamingRows, bytes);
}

Result<LayerBoundary, DecodeError> decode_layer_boundary(ByteView bytes) {
    return decoded<LayerBoundary>(kLayerRows, bytes);
}

}  // namespace kiln::mmc

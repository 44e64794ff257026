#include "mmc/responses/performance.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "mmc/bytes.h"
#include "mmc/layout.h"
#include "mmc/responses/answer.h"
#include "mmc/responses/codec.h"
#include "mmc/responses/tables.h"
#include "mmc/result.h"

namespace kiln::mmc {
namespace {

constexpr std::size_t kHeaderSize = 8;
constexpr std::size_t kNominalSize = 16;
constexpr std::size_t kExceptionSize = 6;
constexpr std::size_t kUnusableSize = 8;
constexpr std::size_t kDefectSize = 2048;
constexpr std::size_t kDefectBits = 10;
constexpr std::size_t kWriteSpeedSize = 16;
constexpr detail::LengthField kLength{.offset = 0, .width = 4, .before = 4};

constexpr std::array kTypeWords{
    Word{0, "performance"},
    Word{1, "unusable area"},
    Word{2, "defect status"},
    Word{3, "write speed"},
    Word{4, "defective block information"},
    Word{5, "defective block information cache zone"},
};

// Reserved in the other types.
constexpr std::array kHeaderRows{
    bits<&Performance::write>("write", 4, 1, 1),
    bits<&Performance::except>("except", 4, 0, 0),
};
constexpr std::array kNominalRows{
    number<&NominalPerformance::start_lba>("start_lba", 0, 3),
    number<&NominalPerformance::start_kb_s>("start_performance", 4, 7),
    number<&NominalPerformance::end_lba>("end_lba", 8, 11),
    number<&NominalPerformance::end_kb_s>("end_performance", 12, 15),
};
constexpr std::array kExceptionRows{
    number<&PerformanceException::lba>("lba", 0, 3),
    number<&PerformanceException::time_ms>("time", 4, 5),
};
constexpr std::array kUnusableRows{
    number<&UnusableArea::lba>("lba", 0, 3),
    number<&UnusableArea::blocks>("blocks", 4, 7),
};
constexpr std::array kDefectRows{
    number<&DefectStatus::start_lba>("start_lba", 0, 3),
    number<&DefectStatus::end_lba>("end_lba", 4, 7),
    number<&DefectStatus::blocking_factor>("blocking_factor", 8, 8),
    bits<&DefectStatus::first_bit_offset>("first_bit_offset", 9, 2, 0),
};
constexpr std::array kWriteSpeedRows{
    bits<&WriteSpeedPerformance::write_rotation_control>("wrc", 0, 4, 3),
    bits<&WriteSpeedPerformance::restore_default>("rdd", 0, 2, 2),
    bits<&WriteSpeedPerformance::exact>("exact", 0, 1, 1),
    bits<&WriteSpeedPerformance::mixed_read_write>("mrw", 0, 0, 0),
    number<&WriteSpeedPerformance::end_lba>("end_lba", 4, 7),
    number<&WriteSpeedPerformance::read_kb_s>("read_speed", 8, 11),
    number<&WriteSpeedPerformance::write_kb_s>("write_speed", 12, 15),
};

template <typename T>
void read_list(ByteView bytes, std::span<const Row> rows, std::size_t size, std::vector<T>& list) {
    for (ByteView rest = bytes; rest.size() >= size; rest = rest.subspan(size)) {
        decode_present(rows, rest, &list.emplace_back());
    }
}

template <typename T>
void write_list(detail::Writer& writer, std::span<const Row> rows, std::size_t size,
                const std::vector<T>& list) {
    for (const T& entry : list) {
        writer.append_rows(rows, &entry, size);
    }
}

void read_defects(ByteView bytes, std::vector<DefectStatus>& list) {
    read_list(bytes, kDefectRows, kDefectSize, list);
    for (std::size_t i = 0; i < list.size(); ++i) {
        const ByteView bits =
            bytes.subspan(i * kDefectSize + kDefectBits, kDefectSize - kDefectBits);
        list[i].bits.assign(bits.begin(), bits.end());
    }
}

void read_descriptors(ByteView bytes, Performance& value) {
    switch (value.type) {
        case PerformanceType::Performance:
            if (value.except) {
                read_list(bytes, kExceptionRows, kExceptionSize, value.exceptions);
            } else {
                read_list(bytes, kNominalRows, kNominalSize, value.nominal);
            }
            break;
        case PerformanceType::UnusableArea:
            read_list(bytes, kUnusableRows, kUnusableSize, value.unusable_areas);
            break;
        case PerformanceType::DefectStatus:
            read_defects(bytes, value.defects);
            break;
        case PerformanceType::WriteSpeed:
            read_list(bytes, kWriteSpeedRows, kWriteSpeedSize, value.write_speeds);
            break;
        case PerformanceType::DefectiveBlockInformation:
        case PerformanceType::DefectiveBlockCacheZone:
        default:
            value.other.assign(bytes.begin(), bytes.end());
            break;
    }
}

}  // namespace

Result<Performance, DecodeError> decode_performance(ByteView bytes, PerformanceType type) {
    const auto honoured = detail::honour(bytes, kLength, kHeaderSize);
    auto value = detail::decode_rows<Performance>(type == PerformanceType::Performance
                                                      ? std::span<const Row>(kHeaderRows)
                                                      : std::span<const Row>(),
                                                  honoured);
    if (value) {
        value->type = type;
        read_descriptors(honoured->bytes.subspan(kHeaderSize), *value);
    }
    return value;
}

Encoded encode(const Performance& value) {
    detail::Writer writer(kHeaderSize);
    if (value.type == PerformanceType::Performance) {
        writer.rows(kHeaderRows, &value);
    }
    write_list(writer, kNominalRows, kNominalSize, value.nominal);
    write_list(writer, kExceptionRows, kExceptionSize, value.exceptions);
    write_list(writer, kUnusableRows, kUnusableSize, value.unusable_areas);
    for (const DefectStatus& defect : value.defects) {
        writer.append_rows(kDefectRows, &defect, kDefectSize);
        writer.copy(writer.size() - kDefectSize + kDefectBits, defect.bits);
    }
    write_list(writer, kWriteSpeedRows, kWriteSpeedSize, value.write_speeds);
    writer.append(value.other);
    return writer.finish(kLength);
}

std::string_view words(PerformanceType type) {
    return detail::word_in(kTypeWords, static_cast<std::int64_t>(type));
}

}  // namespace kiln::mmc

#include "mmc/features.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "mmc/bytes.h"
#include "mmc/feature_codes.h"
#include "mmc/feature_tables.h"
#include "mmc/layout.h"
#include "mmc/profiles.h"
#include "mmc/responses/codec.h"
#include "mmc/result.h"

namespace kiln::mmc {
namespace {

constexpr std::size_t kHeader = Feature::kHeaderSize;
constexpr std::size_t kLinkSizeCount = 7;
constexpr std::size_t kLinkSizes = 8;

constexpr std::array kHeaderRows{
    number<&Feature::code>("code", 0, 1),
    bits<&Feature::version>("version", 2, 5, 2),
    bits<&Feature::persistent>("persistent", 2, 1, 1),
    bits<&Feature::current>("current", 2, 0, 0),
    number<&Feature::additional_length>("additional", 3, 3),
};

/// The descriptor from its byte 0 on, as far as it came; offsets are the standard's then.
std::vector<std::uint8_t> whole(const Feature& feature) {
    std::vector<std::uint8_t> bytes(kHeader);
    bytes.insert(bytes.end(), feature.body.begin(), feature.body.end());
    return bytes;
}

// What rows cannot say: lists and texts. The general case has none.
template <typename T>
void read_list(ByteView, T&) {}
template <typename T>
void write_list(const T&, detail::Writer&) {}

void read_list(ByteView bytes, ProfileListFeature& value) {
    for (ByteView rest = detail::from(bytes, kHeader); rest.size() >= 4; rest = rest.subspan(4)) {
        value.profiles.push_back({.profile = Profile{load_big_endian<std::uint16_t>(rest, 0, 2)},
                                  .current = (rest[2] & 1U) != 0});
    }
}
void write_list(const ProfileListFeature& value, detail::Writer& writer) {
    for (const ProfileEntry& entry : value.profiles) {
        const auto number = static_cast<unsigned>(entry.profile);
        writer.append(std::array{
            static_cast<std::uint8_t>(number >> 8U), static_cast<std::uint8_t>(number & 0xFFU),
            static_cast<std::uint8_t>(entry.current ? 1 : 0), std::uint8_t{0}});
    }
}

void read_link_sizes(ByteView bytes, std::vector<std::uint8_t>& sizes) {
    if (bytes.size() > kLinkSizeCount) {
        const ByteView rest = detail::from(bytes, kLinkSizes);
        const ByteView list = rest.first(std::min<std::size_t>(rest.size(), bytes[kLinkSizeCount]));
        sizes.assign(list.begin(), list.end());
    }
}
void write_link_sizes(const std::vector<std::uint8_t>& sizes, detail::Writer& writer) {
    writer.number(kLinkSizeCount, 1, sizes.size());
    writer.append(sizes);
    writer.resize((writer.size() + 3U) / 4U * 4U);
}
void read_list(ByteView bytes, IncrementalStreamingWritableFeature& value) {
    read_link_sizes(bytes, value.link_sizes);
}
void write_list(const IncrementalStreamingWritableFeature& value, detail::Writer& writer) {
    write_link_sizes(value.link_sizes, writer);
}
void read_list(ByteView bytes, LayerJumpRecordingFeature& value) {
    read_link_sizes(bytes, value.link_sizes);
}
void write_list(const LayerJumpRecordingFeature& value, detail::Writer& writer) {
    write_link_sizes(value.link_sizes, writer);
}

void read_list(ByteView bytes, DriveSerialNumberFeature& value) {
    value.serial_number = detail::text_at(bytes, kHeader, bytes.size());
}
void write_list(const DriveSerialNumberFeature& value, detail::Writer& writer) {
    const std::size_t size = (value.serial_number.size() + 3U) / 4U * 4U;
    writer.resize(kHeader + size);
    writer.text(kHeader, size, value.serial_number, ' ');
}

void read_list(ByteView bytes, DiscControlBlocksFeature& value) {
    for (ByteView rest = detail::from(bytes, kHeader); rest.size() >= 4; rest = rest.subspan(4)) {
        value.tags.push_back(load_big_endian<std::uint32_t>(rest, 0, 4));
    }
}
void write_list(const DiscControlBlocksFeature& value, detail::Writer& writer) {
    for (const std::uint32_t tag : value.tags) {
        writer.resize(writer.size() + 4);
        writer.number(writer.size() - 4, 4, tag);
    }
}

// Fourteen digits, yyyymmddhhmmss.
void read_list(ByteView bytes, FirmwareInformationFeature& value) {
    value.date = detail::text_at(bytes, 4, 8);
    value.time = detail::text_at(bytes, 12, 6);
}
void write_list(const FirmwareInformationFeature& value, detail::Writer& writer) {
    writer.text(4, 8, value.date, '0');
    writer.text(12, 6, value.time, '0');
}

void read_list(ByteView bytes, OsscFeature& value) {
    if (bytes.size() < 6) {
        return;
    }
    std::size_t left = bytes[5];
    for (ByteView rest = detail::from(bytes, 6); left > 0 && rest.size() >= 2;
         rest = rest.subspan(2), --left) {
        value.profiles.push_back(Profile{load_big_endian<std::uint16_t>(rest, 0, 2)});
    }
}
void write_list(const OsscFeature& value, detail::Writer& writer) {
    writer.number(5, 1, value.profiles.size());
    writer.resize(6);
    for (const Profile profile : value.profiles) {
        writer.resize(writer.size() + 2);
        writer.number(writer.size() - 2, 2, static_cast<std::uint16_t>(profile));
    }
    writer.resize((writer.size() + 3U) / 4U * 4U);
}

}  // namespace

Result<Feature, DecodeError> decode_feature(ByteView bytes) {
    if (bytes.size() < kHeader) {
        return tl::make_unexpected(DecodeError::TooShort);
    }
    Feature feature;
    decode_present(kHeaderRows, bytes, &feature);
    const ByteView rest = bytes.subspan(kHeader);
    const ByteView body = rest.first(std::min<std::size_t>(rest.size(), feature.additional_length));
    feature.body.assign(body.begin(), body.end());
    return feature;
}

Result<void, EncodeError> append_feature(const Feature& feature, std::vector<std::uint8_t>& bytes) {
    if (feature.body.size() > 0xFF) {
        return tl::make_unexpected(EncodeError::FieldOverflow);
    }
    // In place: a drive has some forty of them, and each answer lists them all.
    const std::size_t base = bytes.size();
    bytes.resize(base + kHeader);
    const auto header = MutableByteView(bytes).subspan(base, kHeader);
    if (auto written = encode_into(kHeaderRows, &feature, header); !written) {
        bytes.resize(base);
        return written;
    }
    header[3] = static_cast<std::uint8_t>(feature.body.size());
    bytes.insert(bytes.end(), feature.body.begin(), feature.body.end());
    return {};
}

std::span<const Row> tables::feature_header() {
    return kHeaderRows;
}

std::span<const Row> rows_of(FeatureCode code) {
    return tables::feature(code).rows;
}

template <typename T>
std::optional<T> feature_as(const Feature& feature) {
    if (feature.code != T::kCode) {
        return std::nullopt;
    }
    T value;
    const auto bytes = whole(feature);
    decode_present(rows_of(T::kCode), bytes, &value);
    read_list(ByteView(bytes), value);
    return value;
}

template <typename T>
Result<Feature, EncodeError> make_feature(const T& value) {
    const tables::FeatureTable& table = tables::feature(T::kCode);
    detail::Writer writer(table.size);
    writer.rows(table.rows, &value);
    write_list(value, writer);
    if (writer.size() > kHeader + 0xFFU) {
        return tl::make_unexpected(EncodeError::FieldOverflow);
    }
    return writer.finish().map([&](const std::vector<std::uint8_t>& bytes) {
        return Feature{.code = T::kCode,
                       .version = table.version,
                       .additional_length = static_cast<std::uint8_t>(bytes.size() - kHeader),
                       .body = {bytes.begin() + kHeader, bytes.end()}};
    });
}

Feature make_feature(FeatureCode code) {
    const tables::FeatureTable& table = tables::feature(code);
    const std::size_t size = std::max(table.size, kHeader) - kHeader;
    return {.code = code,
            .version = table.version,
            .additional_length = static_cast<std::uint8_t>(size),
            .body = std::vector<std::uint8_t>(size)};
}

// NOLINTBEGIN(bugprone-macro-parentheses): a type
#define KILN_FEATURE(T)                                              \
    template std::optional<T> feature_as<T>(const Feature& feature); \
    template Result<Feature, EncodeError> make_feature<T>(const T& value)
// NOLINTEND(bugprone-macro-parentheses)

KILN_FEATURE(ProfileListFeature);
KILN_FEATURE(CoreFeature);
KILN_FEATURE(MorphingFeature);
KILN_FEATURE(RemovableMediumFeature);
KILN_FEATURE(WriteProtectFeature);
KILN_FEATURE(RandomReadableFeature);
KILN_FEATURE(CdReadFeature);
KILN_FEATURE(DvdReadFeature);
KILN_FEATURE(RandomWritableFeature);
KILN_FEATURE(IncrementalStreamingWritableFeature);
KILN_FEATURE(FormattableFeature);
KILN_FEATURE(HardwareDefectManagementFeature);
KILN_FEATURE(WriteOnceFeature);
KILN_FEATURE(MrwFeature);
KILN_FEATURE(EnhancedDefectReportingFeature);
KILN_FEATURE(DvdPlusRwFeature);
KILN_FEATURE(DvdPlusRFeature);
KILN_FEATURE(RigidRestrictedOverwriteFeature);
KILN_FEATURE(CdTrackAtOnceFeature);
KILN_FEATURE(CdMasteringFeature);
KILN_FEATURE(DvdMinusWriteFeature);
KILN_FEATURE(DdcdRWriteFeature);
KILN_FEATURE(DdcdRwWriteFeature);
KILN_FEATURE(LayerJumpRecordingFeature);
KILN_FEATURE(LayerJumpRigidRestrictedOverwriteFeature);
KILN_FEATURE(CdRwMediaWriteSupportFeature);
KILN_FEATURE(DvdPlusRwDualLayerFeature);
KILN_FEATURE(DvdPlusRDualLayerFeature);
KILN_FEATURE(BdReadFeature);
KILN_FEATURE(BdWriteFeature);
KILN_FEATURE(HdDvdReadFeature);
KILN_FEATURE(HdDvdWriteFeature);
KILN_FEATURE(HdDvdRwFragmentRecordingFeature);
KILN_FEATURE(HybridDiscFeature);
KILN_FEATURE(SmartFeature);
KILN_FEATURE(EmbeddedChangerFeature);
KILN_FEATURE(CdAudioExternalPlayFeature);
KILN_FEATURE(FirmwareUpgradeFeature);
KILN_FEATURE(TimeOutFeature);
KILN_FEATURE(DvdCssFeature);
KILN_FEATURE(RealTimeStreamingFeature);
KILN_FEATURE(DriveSerialNumberFeature);
KILN_FEATURE(DiscControlBlocksFeature);
KILN_FEATURE(DvdCprmFeature);
KILN_FEATURE(FirmwareInformationFeature);
KILN_FEATURE(AacsFeature);
KILN_FEATURE(DvdCssManagedRecordingFeature);
KILN_FEATURE(BdCpsFeature);
KILN_FEATURE(OsscFeature);

#undef KILN_FEATURE

}  // namespace kiln::mmc

#include "stack/volume_size.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "mmc/bytes.h"
#include "mmc/lba.h"

#include "stack/facts.h"

namespace kiln::stack {
namespace {

using mmc::ByteView;
using mmc::load_big_endian;
using mmc::load_little_endian;

constexpr std::size_t kTagSize = 16;
constexpr std::uint16_t kAnchorTag = 2;
constexpr std::uint16_t kPartitionTag = 5;
constexpr std::uint16_t kTerminatingTag = 8;
constexpr std::uint32_t kAnchorBlock = 256;

struct UdfExtent {
    std::uint32_t bytes = 0;
    std::uint32_t location = 0;

    [[nodiscard]] std::uint64_t blocks() const {
        return (std::uint64_t{bytes} + kBlockSize - 1) / kBlockSize;
    }
    [[nodiscard]] std::uint64_t end() const { return location + blocks(); }
};

// ECMA-167 3/7.2: identifier, version, checksum over the tag without itself, location.
std::optional<std::uint16_t> tag_of(ByteView block, std::uint64_t location) {
    if (block.size() < kBlockSize) {
        return std::nullopt;
    }
    std::uint8_t sum = 0;
    for (std::size_t i = 0; i < kTagSize; ++i) {
        sum = static_cast<std::uint8_t>(sum + (i == 4 ? 0 : block[i]));
    }
    const bool right =
        sum == block[4] && load_little_endian<std::uint32_t>(block, 12, 4) == location;
    return right ? std::optional(load_little_endian<std::uint16_t>(block, 0, 2)) : std::nullopt;
}

bool has_tag(const ReadOneBlock& read, std::uint64_t location, std::uint16_t tag) {
    if (location > 0x7FFF'FFFFU) {
        return false;
    }
    const auto block = read(static_cast<mmc::Lba>(location));
    return block && tag_of(*block, location) == tag;
}

UdfExtent extent_at(ByteView block, std::size_t offset) {
    return {.bytes = load_little_endian<std::uint32_t>(block, offset, 4),
            .location = load_little_endian<std::uint32_t>(block, offset + 4, 4)};
}

std::uint64_t end_of_partitions(const ReadOneBlock& read, const UdfExtent& sequence) {
    // A sequence is 16 blocks where nobody wants more; what claims more is not followed.
    constexpr std::uint64_t kMost = 64;
    std::uint64_t end = 0;
    for (std::uint64_t i = 0; i < std::min(sequence.blocks(), kMost); ++i) {
        const std::uint64_t location = sequence.location + i;
        const auto block =
            location > 0x7FFF'FFFFU ? std::nullopt : read(static_cast<mmc::Lba>(location));
        const auto tag = block ? tag_of(*block, location) : std::nullopt;
        if (!tag || *tag == kTerminatingTag) {
            break;
        }
        if (*tag == kPartitionTag) {
            const std::uint64_t start = load_little_endian<std::uint32_t>(*block, 188, 4);
            end = std::max(end, start + load_little_endian<std::uint32_t>(*block, 192, 4));
        }
    }
    return end;
}

}  // namespace

std::optional<std::uint64_t> iso9660_blocks(ByteView descriptor) {
    constexpr std::array<std::uint8_t, 7> kPrimary{1, 'C', 'D', '0', '0', '1', 1};
    if (descriptor.size() < kBlockSize ||
        !std::equal(kPrimary.begin(), kPrimary.end(), descriptor.begin())) {
        return std::nullopt;
    }
    const auto both = [&](std::size_t little, std::size_t width) {
        const auto value = load_big_endian<std::uint64_t>(descriptor, little + width, width);
        return value != 0 ? value : load_little_endian<std::uint64_t>(descriptor, little, width);
    };
    const std::uint64_t blocks = both(80, 4);
    const std::uint64_t block_size = both(128, 2);
    if (blocks == 0 || block_size == 0) {
        return std::nullopt;
    }
    return (blocks * block_size + kBlockSize - 1) / kBlockSize;
}

std::optional<std::uint64_t> iso9660_volume_blocks(const ReadOneBlock& read) {
    constexpr std::int32_t kFirst = 16;
    constexpr std::int32_t kMost = 32;
    for (std::int32_t lba = kFirst; lba < kFirst + kMost; ++lba) {
        const auto block = read(static_cast<mmc::Lba>(lba));
        if (!block) {
            return std::nullopt;
        }
        if (const auto blocks = iso9660_blocks(*block)) {
            return blocks;
        }
        constexpr std::array<std::uint8_t, 5> kIdentifier{'C', 'D', '0', '0', '1'};
        const bool descriptor =
            block->size() >= kBlockSize && (*block)[0] != 255 &&
            std::equal(kIdentifier.begin(), kIdentifier.end(), block->begin() + 1);
        if (!descriptor) {
            return std::nullopt;
        }
    }
    return std::nullopt;
}

std::optional<std::uint64_t> udf_volume_blocks(const ReadOneBlock& read) {
    const auto anchor = read(static_cast<mmc::Lba>(kAnchorBlock));
    if (!anchor || tag_of(*anchor, kAnchorBlock) != kAnchorTag) {
        return std::nullopt;
    }
    const UdfExtent main = extent_at(*anchor, 16);
    const UdfExtent reserve = extent_at(*anchor, 24);
    const auto partitions = end_of_partitions(read, main);
    if (partitions == 0) {
        return std::nullopt;
    }
    std::uint64_t end = std::max({partitions, main.end(), reserve.end(), std::uint64_t{257}});
    // Another anchor stands in the volume's last block, or 256 before it: at most a cluster of 32
    // blocks behind what is known by now.
    for (std::uint64_t behind = 0; behind < 32; ++behind) {
        if (has_tag(read, end + behind, kAnchorTag)) {
            end += behind + 1;
            break;
        }
    }
    return has_tag(read, end + 255, kAnchorTag) ? end + 256 : end;
}

std::optional<std::uint64_t> volume_blocks(const ReadOneBlock& read) {
    const auto iso = iso9660_volume_blocks(read);
    const auto udf = udf_volume_blocks(read);
    return iso && udf ? std::max(iso, udf) : (iso ? iso : udf);
}

}  // namespace kiln::stack

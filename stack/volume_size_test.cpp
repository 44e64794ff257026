#include "stack/volume_size.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "mmc/bytes.h"
#include "mmc/lba.h"

namespace kiln::stack {
namespace {

using Block = std::vector<std::uint8_t>;

void put_little_endian(Block& block, std::size_t offset, std::size_t width, std::uint64_t value) {
    for (std::size_t i = 0; i < width; ++i) {
        block[offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
}

void put_both_endian(Block& block, std::size_t offset, std::size_t width, std::uint64_t value) {
    put_little_endian(block, offset, width, value);
    mmc::store_big_endian<std::uint64_t>(block, offset + width, width, value);
}

// ECMA-119 8.4, field by field.
Block primary_descriptor(std::uint32_t blocks, std::uint16_t block_size = 2048) {
    Block block(2048);
    block[0] = 1;
    constexpr std::string_view kIdentifier = "CD001";
    std::copy(kIdentifier.begin(), kIdentifier.end(), block.begin() + 1);
    block[6] = 1;
    put_both_endian(block, 80, 4, blocks);
    put_both_endian(block, 128, 2, block_size);
    return block;
}

Block with_type(Block block, std::uint8_t type) {
    block[0] = type;
    return block;
}

// ECMA-167 3/7.2.
Block with_tag(Block block, std::uint16_t identifier, std::uint32_t location) {
    put_little_endian(block, 0, 2, identifier);
    put_little_endian(block, 2, 2, 2);
    put_little_endian(block, 12, 4, location);
    block[4] = 0;
    std::uint8_t sum = 0;
    for (std::size_t i = 0; i < 16; ++i) {
        sum = static_cast<std::uint8_t>(sum + block[i]);
    }
    block[4] = sum;
    return block;
}

class Disc {
public:
    std::map<std::int32_t, Block> blocks;
    std::size_t reads = 0;

    ReadOneBlock reader() {
        return [this](mmc::Lba lba) -> std::optional<Block> {
            ++reads;
            const auto found = blocks.find(static_cast<std::int32_t>(lba));
            return found == blocks.end() ? std::nullopt : std::optional(found->second);
        };
    }
    void anchor(std::int32_t lba, std::uint32_t main, std::uint32_t reserve) {
        Block block(2048);
        put_little_endian(block, 16, 4, 16 * 2048);
        put_little_endian(block, 20, 4, main);
        put_little_endian(block, 24, 4, 16 * 2048);
        put_little_endian(block, 28, 4, reserve);
        blocks[lba] = with_tag(block, 2, static_cast<std::uint32_t>(lba));
    }
    void partition(std::int32_t lba, std::uint32_t start, std::uint32_t length) {
        Block block(2048);
        put_little_endian(block, 188, 4, start);
        put_little_endian(block, 192, 4, length);
        blocks[lba] = with_tag(block, 5, static_cast<std::uint32_t>(lba));
    }
    void terminator(std::int32_t lba) {
        blocks[lba] = with_tag(Block(2048), 8, static_cast<std::uint32_t>(lba));
    }
};

TEST(Iso9660Blocks, AreTheVolumeSpaceSize) {
    EXPECT_EQ(iso9660_blocks(primary_descriptor(12345)), 12345U);
}

TEST(Iso9660Blocks, CountSmallerLogicalBlocksInBlocksOf2048) {
    EXPECT_EQ(iso9660_blocks(primary_descriptor(9, 512)), 3U);
}

TEST(Iso9660Blocks, NeedAPrimaryDescriptor) {
    EXPECT_EQ(iso9660_blocks(Block(2048)), std::nullopt);
    EXPECT_EQ(iso9660_blocks(with_type(primary_descriptor(9), 2)), std::nullopt);
    EXPECT_EQ(iso9660_blocks(primary_descriptor(0)), std::nullopt);
    EXPECT_EQ(iso9660_blocks(primary_descriptor(9, 0)), std::nullopt);
}

TEST(Iso9660Blocks, AreNotReadFromACutBlock) {
    const auto block = primary_descriptor(9);
    for (std::size_t size = 0; size < block.size(); ++size) {
        EXPECT_EQ(iso9660_blocks(mmc::ByteView(block).first(size)), std::nullopt);
    }
}

TEST(Iso9660VolumeBlocks, SkipOtherDescriptors) {
    Disc disc;
    disc.blocks[16] = with_type(primary_descriptor(1), 0);
    disc.blocks[17] = primary_descriptor(700);
    EXPECT_EQ(iso9660_volume_blocks(disc.reader()), 700U);
}

TEST(Iso9660VolumeBlocks, StopAtTheTerminator) {
    Disc disc;
    disc.blocks[16] = with_type(primary_descriptor(1), 255);
    disc.blocks[17] = primary_descriptor(700);
    EXPECT_EQ(iso9660_volume_blocks(disc.reader()), std::nullopt);
}

TEST(Iso9660VolumeBlocks, DoNotFollowDescriptorsForEver) {
    Disc disc;
    for (std::int32_t lba = 16; lba < 4000; ++lba) {
        disc.blocks[lba] = with_type(primary_descriptor(1), 3);
    }
    EXPECT_EQ(iso9660_volume_blocks(disc.reader()), std::nullopt);
    EXPECT_LE(disc.reads, 32U);
}

TEST(UdfVolumeBlocks, ReachToTheLastAnchor) {
    Disc disc;
    disc.anchor(256, 32, 48);
    disc.partition(33, 272, 1000);
    disc.terminator(34);
    disc.blocks[32] = with_tag(Block(2048), 1, 32);
    disc.anchor(1280, 32, 48);
    EXPECT_EQ(udf_volume_blocks(disc.reader()), 1281U);
}

TEST(UdfVolumeBlocks, ReachToTheAnchor256BlocksBehind) {
    Disc disc;
    disc.anchor(256, 32, 48);
    disc.partition(32, 272, 1000);
    disc.anchor(1272 + 255, 32, 48);
    EXPECT_EQ(udf_volume_blocks(disc.reader()), 1528U);
}

TEST(UdfVolumeBlocks, AreThePartitionsEndWithoutASecondAnchor) {
    Disc disc;
    disc.anchor(256, 32, 48);
    disc.partition(32, 272, 1000);
    EXPECT_EQ(udf_volume_blocks(disc.reader()), 1272U);
}

TEST(UdfVolumeBlocks, NeedAnAnchorWithARightChecksum) {
    Disc disc;
    disc.anchor(256, 32, 48);
    disc.partition(32, 272, 1000);
    disc.blocks[256][5] ^= 1;
    EXPECT_EQ(udf_volume_blocks(disc.reader()), std::nullopt);
}

TEST(UdfVolumeBlocks, DoNotBelieveADescriptorInTheWrongPlace) {
    Disc disc;
    disc.anchor(256, 32, 48);
    disc.partition(33, 272, 1000);
    disc.blocks[32] = disc.blocks[33];
    EXPECT_EQ(udf_volume_blocks(disc.reader()), std::nullopt);
}

TEST(UdfVolumeBlocks, DoNotFollowASequenceForEver) {
    Disc disc;
    disc.anchor(256, 1000, 48);
    put_little_endian(disc.blocks[256], 16, 4, 0xFFFF'FFFF);
    disc.blocks[256] = with_tag(disc.blocks[256], 2, 256);
    for (std::int32_t lba = 1000; lba < 9000; ++lba) {
        disc.blocks[lba] = with_tag(Block(2048), 7, static_cast<std::uint32_t>(lba));
    }
    EXPECT_EQ(udf_volume_blocks(disc.reader()), std::nullopt);
    EXPECT_LE(disc.reads, 200U);
}

TEST(UdfVolumeBlocks, SurviveLocationsThatAreNoAddresses) {
    Disc disc;
    disc.anchor(256, 0xFFFF'FFF0, 0xFFFF'FFF0);
    EXPECT_EQ(udf_volume_blocks(disc.reader()), std::nullopt);
    disc.anchor(256, 32, 0xFFFF'FFF0);
    disc.partition(32, 0xFFFF'FFF0, 0xFFFF'FFF0);
    EXPECT_EQ(udf_volume_blocks(disc.reader()), 0x1'FFFF'FFE0U);
}

TEST(VolumeBlocks, AreTheLargerOfABridgeDisc) {
    Disc disc;
    disc.blocks[16] = primary_descriptor(600);
    disc.anchor(256, 32, 48);
    disc.partition(32, 272, 1000);
    EXPECT_EQ(volume_blocks(disc.reader()), 1272U);
    disc.blocks[16] = primary_descriptor(6000);
    EXPECT_EQ(volume_blocks(disc.reader()), 6000U);
}

TEST(VolumeBlocks, AreNothingOnADiscWithoutAFileSystem) {
    Disc disc;
    EXPECT_EQ(volume_blocks(disc.reader()), std::nullopt);
}

}  // namespace
}  // namespace kiln::stack

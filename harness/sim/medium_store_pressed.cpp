#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/sim/medium_store.h"
#include "harness/sim/medium_store_extents.h"

namespace kiln::harness {

namespace {

// ISO 9660 (ECMA-119). Layout in blocks: 16 primary volume descriptor, 17 terminator, 18 and 19
// path tables (little- and big-endian), 20 root directory, 21 README.TXT, from 22 on NUMBERS.BIN.
constexpr std::uint32_t kBlock = 2048;
constexpr std::uint32_t kDescriptor = 16;
constexpr std::uint32_t kTerminator = 17;
constexpr std::uint32_t kPathLittle = 18;
constexpr std::uint32_t kPathBig = 19;
constexpr std::uint32_t kRoot = 20;
constexpr std::uint32_t kReadme = 21;
constexpr std::uint32_t kNumbers = 22;
constexpr std::uint32_t kPathTableSize = 10;
constexpr std::string_view kText =
    "A pressed disc of a simulated drive. NUMBERS.BIN holds in each block its own address,\n"
    "512 times over, big-endian.\n";

void text_at(MutableByteView bytes, std::size_t at, std::string_view text) {
    std::ranges::copy(text, bytes.subspan(at).begin());
}

void little(MutableByteView bytes, std::size_t at, std::uint32_t value, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i) {
        bytes[at + i] = static_cast<std::uint8_t>(value >> (8 * i) & 0xFFU);
    }
}

/// Both byte orders, one behind the other (ECMA-119 7.2.3, 7.3.3).
void both(MutableByteView bytes, std::size_t at, std::uint32_t value, std::size_t width) {
    little(bytes, at, value, width);
    mmc::store_big_endian(bytes, at + width, width, value);
}

/// 2000-01-01 00:00:00 UTC as in a directory record.
constexpr std::array<std::uint8_t, 7> kDate = {100, 1, 1, 0, 0, 0, 0};

/// Writes a directory record and returns its length.
std::size_t directory_record(MutableByteView bytes, std::size_t at, std::uint32_t block,
                             std::uint32_t size, std::string_view name) {
    const bool folder = name.size() == 1;
    const std::size_t length = 33 + name.size() + (name.size() % 2 == 0 ? 1 : 0);
    bytes[at] = static_cast<std::uint8_t>(length);
    both(bytes, at + 2, block, 4);
    both(bytes, at + 10, size, 4);
    std::ranges::copy(kDate, bytes.subspan(at + 18).begin());
    bytes[at + 25] = folder ? 0x02 : 0x00;
    both(bytes, at + 28, 1, 2);
    bytes[at + 32] = static_cast<std::uint8_t>(name.size());
    text_at(bytes, at + 33, name);
    return length;
}

constexpr std::string_view kSelf("\0", 1);
constexpr std::string_view kParent("\1", 1);

void fill_descriptor(MutableByteView bytes, std::uint32_t blocks) {
    bytes[0] = 1;
    text_at(bytes, 1, "CD001\1");
    std::ranges::fill(bytes.subspan(8, 64), std::uint8_t{' '});
    text_at(bytes, 40, "KILN_PRESSED");
    both(bytes, 80, blocks, 4);
    both(bytes, 120, 1, 2);
    both(bytes, 124, 1, 2);
    both(bytes, 128, kBlock, 2);
    both(bytes, 132, kPathTableSize, 4);
    little(bytes, 140, kPathLittle, 4);
    mmc::store_big_endian(bytes, 148, 4, kPathBig);
    directory_record(bytes, 156, kRoot, kBlock, kSelf);
    std::ranges::fill(bytes.subspan(190, 623), std::uint8_t{' '});
    for (const std::size_t date : {813U, 830U, 847U, 864U}) {
        std::ranges::fill(bytes.subspan(date, 16), std::uint8_t{'0'});
    }
    text_at(bytes, 813, "20000101");
    bytes[881] = 1;
}

void fill_path_table(MutableByteView bytes, bool big) {
    bytes[0] = 1;
    if (big) {
        mmc::store_big_endian(bytes, 2, 4, kRoot);
        mmc::store_big_endian(bytes, 6, 2, std::uint32_t{1});
    } else {
        little(bytes, 2, kRoot, 4);
        little(bytes, 6, 1, 2);
    }
}

void fill_root(MutableByteView bytes, std::uint32_t blocks) {
    std::size_t at = directory_record(bytes, 0, kRoot, kBlock, kSelf);
    at += directory_record(bytes, at, kRoot, kBlock, kParent);
    at += directory_record(bytes, at, kNumbers, (blocks - kNumbers) * kBlock, "NUMBERS.BIN;1");
    directory_record(bytes, at, kReadme, static_cast<std::uint32_t>(kText.size()), "README.TXT;1");
}

void fill_block(std::uint32_t address, std::uint32_t blocks, MutableByteView bytes) {
    std::ranges::fill(bytes, std::uint8_t{0});
    switch (address) {
        case kDescriptor:
            return fill_descriptor(bytes, blocks);
        case kTerminator:
            bytes[0] = 0xFF;
            return text_at(bytes, 1, "CD001\1");
        case kPathLittle:
        case kPathBig:
            return fill_path_table(bytes, address == kPathBig);
        case kRoot:
            return fill_root(bytes, blocks);
        case kReadme:
            return text_at(bytes, 0, kText);
        default:
            break;
    }
    for (std::size_t at = 0; address >= kNumbers && at < bytes.size(); at += 4) {
        mmc::store_big_endian(bytes, at, 4, address);
    }
}

class PressedStore final : public MediumStore {
public:
    explicit PressedStore(std::uint32_t blocks)
        : MediumStore(kBlock), blocks_(std::max(blocks, kNumbers + 1)) {}

    Result<void, StoreError> put(Lba /*first*/, ByteView /*bytes*/) override { return refused(); }
    Result<void, StoreError> discard(Lba /*first*/, BlockCount /*count*/) override {
        return refused();
    }

    [[nodiscard]] Result<StoredRun, StoreError> get(Lba first,
                                                    MutableByteView bytes) const override {
        KILN_ASSIGN_OR_RETURN(const std::uint32_t count,
                              checked_blocks(first, bytes.size(), kBlock));
        const auto at = static_cast<std::uint32_t>(first);
        if (at >= blocks_) {
            return StoredRun{.kind = Stored::NotWritten, .blocks = count};
        }
        const StoredRun run{.kind = Stored::Data, .blocks = std::min(count, blocks_ - at)};
        for (std::uint32_t i = 0; i < run.blocks; ++i) {
            fill_block(at + i, blocks_, bytes.subspan(std::size_t{i} * kBlock, kBlock));
        }
        return run;
    }

    [[nodiscard]] Result<Match, StoreError> matches(Lba first, ByteView bytes) const override {
        std::vector<std::uint8_t> stored(bytes.size());
        KILN_ASSIGN_OR_RETURN(const StoredRun run, get(first, stored));
        if (run.kind != Stored::Data || std::size_t{run.blocks} * kBlock != bytes.size()) {
            return Match::NotWritten;
        }
        return std::ranges::equal(bytes, stored) ? Match::Equal : Match::Differs;
    }

    [[nodiscard]] std::unique_ptr<MediumStore> clone() const override {
        return std::make_unique<PressedStore>(*this);
    }

private:
    static Result<void, StoreError> refused() {
        return tl::make_unexpected(
            StoreError{.os_code = EROFS, .detail = "a pressed disc cannot be written"});
    }
    std::uint32_t blocks_;
};

}  // namespace

std::unique_ptr<MediumStore> make_pressed_store(std::uint32_t blocks) {
    return std::make_unique<PressedStore>(blocks);
}

}  // namespace kiln::harness

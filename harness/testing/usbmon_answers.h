/// \file
/// For tests only: the commands and answers out of a usbmon capture of a Bulk-Only drive.

#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "mmc/bytes.h"

#include "harness/testing/test_data.h"

namespace kiln::harness {

struct RecordedAnswer {
    std::vector<std::uint8_t> cdb;
    std::uint32_t asked = 0;  // bytes the host had room for
    bool data_in = false;
    bool good = false;
    std::vector<std::uint8_t> data;  // in either direction
};

/// Reads a little-endian pcap of link type 220 (usbmon, 64-byte header); empty if it is no such
/// file. A command is a packet that begins with USBC, its status one that begins with USBS, and
/// what goes over bulk pipes in between is data.
inline std::vector<RecordedAnswer> recorded_answers(const std::filesystem::path& capture) {
    constexpr std::size_t kFileHeader = 24;
    constexpr std::size_t kPacketHeader = 16;
    constexpr std::size_t kUsbmonHeader = 64;
    constexpr std::uint8_t kBulk = 3;
    const auto file = read_bytes(capture);
    const auto little = [&](std::size_t offset, std::size_t width) {
        std::uint32_t value = 0;
        for (std::size_t i = width; i-- > 0;) {
            value = value << 8U | file[offset + i];
        }
        return value;
    };
    std::vector<RecordedAnswer> answers;
    if (file.size() < kFileHeader || little(0, 4) != 0xA1B2C3D4U || little(20, 4) != 220) {
        return answers;
    }
    std::optional<RecordedAnswer> open;
    for (std::size_t at = kFileHeader; at + kPacketHeader + kUsbmonHeader <= file.size();) {
        const std::size_t packet = at + kPacketHeader;
        const std::size_t size = little(at + 8, 4);
        at = packet + size;
        if (size < kUsbmonHeader || at > file.size() || file[packet + 9] != kBulk) {
            continue;
        }
        const std::size_t begin = packet + kUsbmonHeader;
        const mmc::ByteView data = mmc::ByteView(file).subspan(begin, at - begin);
        const bool command = data.size() == 31 && little(begin, 4) == 0x43425355U;
        const bool status = data.size() == 13 && little(begin, 4) == 0x53425355U;
        if (command) {
            const std::size_t length = data[14] & 0x1FU;
            open = RecordedAnswer{
                .cdb = {data.begin() + 15,
                        data.begin() + 15 + static_cast<std::ptrdiff_t>(length % 17)},
                .asked = little(begin + 8, 4),
                .data_in = (data[12] & 0x80U) != 0};
        } else if (status && open) {
            open->good = data[12] == 0;
            answers.push_back(*std::move(open));
            open.reset();
        } else if (open) {
            open->data.insert(open->data.end(), data.begin(), data.end());
        }
    }
    return answers;
}

}  // namespace kiln::harness

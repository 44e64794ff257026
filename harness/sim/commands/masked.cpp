#include "harness/sim/commands/masked.h"

#include <algorithm>
#include <array>

namespace kiln::harness {

namespace {

constexpr std::array<std::uint16_t, 11> kProfiles{0x0016, 0x0017, 0x0018, 0x0021, 0x0022, 0x002A,
                                                  0x0042, 0x0051, 0x0052, 0x0053, 0x0058};

constexpr std::array<std::uint16_t, 29> kFeatures{
    0x0027, 0x0028, 0x0029, 0x002E, 0x0030, 0x0031, 0x0032, 0x0033, 0x0034, 0x003A,
    0x0042, 0x0050, 0x0051, 0x0052, 0x0080, 0x0101, 0x0102, 0x0103, 0x0104, 0x0106,
    0x010A, 0x010B, 0x010D, 0x010E, 0x0110, 0x0113, 0x0120, 0x0142, 0x0022};

constexpr std::array<std::uint8_t, 3> kPages{0x03, 0x0E, 0x18};

void keep_bits(std::vector<std::uint8_t>& bytes, std::size_t at, unsigned kept) {
    if (at < bytes.size()) {
        bytes[at] = static_cast<std::uint8_t>(bytes[at] & kept);
    }
}

}  // namespace

bool is_masked_profile(std::uint16_t profile) {
    return std::ranges::find(kProfiles, profile) != kProfiles.end();
}

bool is_masked_feature(std::uint16_t code) {
    return std::ranges::find(kFeatures, code) != kFeatures.end();
}

bool is_masked_page(std::uint8_t code) {
    return std::ranges::find(kPages, code) != kPages.end();
}

void mask_feature(std::uint16_t code, std::vector<std::uint8_t>& body) {
    switch (code) {
        case 0x001E:  // CD read: no DAP, C2, CD-Text
            keep_bits(body, 0, 0);
            break;
        case 0x0021:  // incremental streaming: no track resources
            keep_bits(body, 2, 0xFB);
            break;
        case 0x0023:  // formattable: no random recording mode
            keep_bits(body, 4, 0xFE);
            break;
        case 0x002D:  // track at once: mode 1 data and nothing in the sub-channel
            keep_bits(body, 0, 0x46);
            keep_bits(body, 2, 0x01);
            keep_bits(body, 3, 0);
            break;
        case 0x002F:  // DVD-R/-RW: buffer, DL, test write, DVD-RW
            keep_bits(body, 0, 0x4E);
            break;
        default:
            break;
    }
}

void mask_page(std::uint8_t code, std::vector<std::uint8_t>& page) {
    constexpr std::uint8_t kCapabilities = 0x2A;
    if (code != kCapabilities) {
        return;
    }
    keep_bits(page, 4, 0xD0);  // no audio play, composite, digital ports
    keep_bits(page, 5, 0x00);  // no CD-DA, sub-channel, C2, ISRC, UPC, bar code
    keep_bits(page, 7, 0x1C);  // no volume, mute, P-W in lead-in
    keep_bits(page, 10, 0);    // no volume levels
    keep_bits(page, 11, 0);
}

}  // namespace kiln::harness

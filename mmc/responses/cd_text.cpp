#include "mmc/responses/cd_text.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "mmc/bytes.h"
#include "mmc/layout.h"
#include "mmc/responses/answer.h"
#include "mmc/responses/codec.h"
#include "mmc/result.h"

namespace kiln::mmc {
namespace {

constexpr std::size_t kHeaderSize = 4;
constexpr std::size_t kPackSize = 18;
constexpr std::size_t kTextOffset = 4;
constexpr std::size_t kCrcOffset = 16;

using Pack = CdTextPack;
constexpr std::array kRows{
    number<&Pack::type>("type", 0, 0),
    bits<&Pack::extension>("extension", 1, 7, 7),
    bits<&Pack::track>("track", 1, 6, 0),
    number<&Pack::sequence>("sequence", 2, 2),
    bits<&Pack::double_byte>("double_byte", 3, 7, 7),
    bits<&Pack::block>("block", 3, 6, 4),
    bits<&Pack::character_position>("character_position", 3, 3, 0),
    number<&Pack::crc>("crc", 16, 17),
};

constexpr std::array kTypeWords{
    Word{0x80, "title"},
    Word{0x81, "performer"},
    Word{0x82, "songwriter"},
    Word{0x83, "composer"},
    Word{0x84, "arranger"},
    Word{0x85, "message"},
    Word{0x86, "disc identification"},
    Word{0x87, "genre"},
    Word{0x88, "table of contents"},
    Word{0x89, "second table of contents"},
    Word{0x8D, "closed information"},
    Word{0x8E, "catalogue number or ISRC"},
    Word{0x8F, "size information"},
};

bool is_text(CdTextPackType type) {
    return (type >= CdTextPackType::Title && type <= CdTextPackType::DiscIdentification) ||
           type == CdTextPackType::ClosedInformation || type == CdTextPackType::CatalogueNumber;
}

detail::Writer write(const CdTextPack& pack) {
    detail::Writer writer(kPackSize);
    writer.rows(kRows, &pack);
    writer.copy(kTextOffset, pack.text);
    return writer;
}

/// Puts the texts of one block and type together: each ends with a zero, two of them in double-byte
/// blocks, and then the next track's begins, in the same pack or the next.
class Assembler {
public:
    void add(const CdTextPack& pack, std::vector<CdTextString>& out) {
        if (text_.empty()) {
            track_ = pack.track;
        }
        const std::size_t width = pack.double_byte ? 2 : 1;
        for (std::size_t i = 0; i + width <= pack.text.size(); i += width) {
            const bool end = std::all_of(pack.text.begin() + static_cast<std::ptrdiff_t>(i),
                                         pack.text.begin() + static_cast<std::ptrdiff_t>(i + width),
                                         [](std::uint8_t byte) { return byte == 0; });
            if (!end) {
                text_.append(pack.text.begin() + static_cast<std::ptrdiff_t>(i),
                             pack.text.begin() + static_cast<std::ptrdiff_t>(i + width));
                continue;
            }
            finish(pack, width, out);
        }
    }

private:
    void finish(const CdTextPack& pack, std::size_t width, std::vector<CdTextString>& out) {
        if (text_ == std::string(width, '\t')) {
            text_ = previous_;
        }
        if (!text_.empty()) {
            out.push_back({.block = pack.block, .type = pack.type, .track = track_, .text = text_});
        }
        previous_ = std::exchange(text_, {});
        // Padding behind the last text makes numbers of tracks that are not there; it has no text.
        ++track_;
    }

    std::uint8_t track_ = 0;
    std::string text_;
    std::string previous_;
};

}  // namespace

std::uint16_t cd_text_crc(ByteView bytes) {
    unsigned crc = 0;
    for (const std::uint8_t byte : bytes) {
        crc ^= static_cast<unsigned>(byte) << 8U;
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc & 0x8000U) != 0 ? (crc << 1U) ^ 0x1021U : crc << 1U;
        }
    }
    return static_cast<std::uint16_t>(~crc & 0xFFFFU);
}

bool crc_holds(const CdTextPack& pack) {
    return pack.crc == 0 || with_crc(pack).crc == pack.crc;
}

CdTextPack with_crc(CdTextPack pack) {
    if (const auto bytes = write(pack).finish()) {
        pack.crc = cd_text_crc(ByteView(*bytes).first(kCrcOffset));
    }
    return pack;
}

Result<CdTextPack, DecodeError> decode_cd_text_pack(ByteView bytes) {
    if (bytes.size() < kPackSize) {
        return tl::make_unexpected(DecodeError::TooShort);
    }
    CdTextPack pack;
    decode_present(kRows, bytes, &pack);
    std::ranges::copy(bytes.subspan(kTextOffset, pack.text.size()), pack.text.begin());
    return pack;
}

Result<CdText, DecodeError> decode_cd_text(ByteView bytes) {
    const auto honoured = detail::honour(bytes, {}, kHeaderSize);
    auto text = detail::decode_rows<CdText>({}, honoured);
    if (text) {
        for (ByteView rest = detail::from(honoured->bytes, kHeaderSize); rest.size() >= kPackSize;
             rest = rest.subspan(kPackSize)) {
            text->packs.push_back(*decode_cd_text_pack(rest));
        }
    }
    return text;
}

Encoded encode(const CdTextPack& value) {
    return write(value).finish();
}

Encoded encode(const CdText& value) {
    detail::Writer writer(kHeaderSize);
    for (const CdTextPack& pack : value.packs) {
        writer.append_rows(kRows, &pack, kPackSize);
        writer.copy(writer.size() - kPackSize + kTextOffset, pack.text);
    }
    return writer.finish({});
}

std::vector<CdTextString> strings_of(const CdText& text) {
    std::vector<CdTextString> strings;
    std::map<std::pair<std::uint8_t, CdTextPackType>, Assembler> assemblers;
    for (const CdTextPack& pack : text.packs) {
        if (is_text(pack.type) && crc_holds(pack)) {
            assemblers[{pack.block, pack.type}].add(pack, strings);
        }
    }
    return strings;
}

std::string_view words(CdTextPackType type) {
    return detail::word_in(kTypeWords, static_cast<std::int64_t>(type));
}

}  // namespace kiln::mmc

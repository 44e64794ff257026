#include "mmc/responses/cue_sheet.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <tl/expected.hpp>

#include "mmc/bytes.h"
#include "mmc/layout.h"
#include "mmc/responses/answer.h"
#include "mmc/responses/codec.h"
#include "mmc/result.h"

namespace kiln::mmc {
namespace {

constexpr std::size_t kStart = 5;

constexpr std::array kFormWords{
    Word{0x00, "audio, 2352 bytes"},      Word{0x01, "audio pause"},
    Word{0x10, "mode 1, 2048 bytes"},     Word{0x11, "mode 1, 2352 bytes"},
    Word{0x14, "mode 1 pause"},           Word{0x20, "XA or CD-I, 2336 bytes"},
    Word{0x21, "XA or CD-I, 2352 bytes"}, Word{0x24, "XA or CD-I pause"},
    Word{0x30, "mode 2, 2336 bytes"},     Word{0x31, "mode 2, 2352 bytes"},
    Word{0x34, "mode 2 pause"},
};

constexpr std::array kRows{
    bits<&CueSheetEntry::control>("ctl", 0, 7, 4),
    bits<&CueSheetEntry::adr>("adr", 0, 3, 0),
    number<&CueSheetEntry::track>("tno", 1, 1),
    number<&CueSheetEntry::index>("index", 2, 2),
    number<&CueSheetEntry::data_form>("data_form", 3, 3, kFormWords),
    number<&CueSheetEntry::scms>("scms", 4, 4),
};

}  // namespace

Result<CueSheet, DecodeError> decode_cue_sheet(ByteView bytes) {
    if (bytes.empty() || bytes.size() % CueSheet::kEntrySize != 0) {
        return tl::make_unexpected(DecodeError::TooShort);
    }
    CueSheet sheet;
    for (ByteView rest = bytes; !rest.empty(); rest = rest.subspan(CueSheet::kEntrySize)) {
        CueSheetEntry& entry = sheet.entries.emplace_back();
        decode_present(kRows, rest, &entry);
        entry.start = {
            .minute = rest[kStart], .second = rest[kStart + 1], .frame = rest[kStart + 2]};
    }
    return sheet;
}

Encoded encode(const CueSheet& sheet) {
    detail::Writer writer(0);
    for (const CueSheetEntry& entry : sheet.entries) {
        const std::size_t base = writer.size();
        writer.append_rows(kRows, &entry, CueSheet::kEntrySize);
        writer.copy(base + kStart,
                    std::array{entry.start.minute, entry.start.second, entry.start.frame});
    }
    return writer.finish();
}

std::string_view words(CueDataForm form) {
    return detail::word_in(kFormWords, static_cast<std::int64_t>(form));
}

std::uint32_t block_size_of(CueDataForm form) {
    switch (form) {
        case CueDataForm::Audio:
        case CueDataForm::Mode1Raw:
        case CueDataForm::XaOrCdIRaw:
        case CueDataForm::Mode2Raw:
            return 2352;
        case CueDataForm::Mode1:
            return 2048;
        case CueDataForm::XaOrCdI:
        case CueDataForm::Mode2:
            return 2336;
        case CueDataForm::AudioPause:
        case CueDataForm::Mode1Pause:
        case CueDataForm::XaOrCdIPause:
        case CueDataForm::Mode2Pause:
        default:
            return 0;
    }
}

}  // namespace kiln::mmc

#include "mmc/responses/disc_structure.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "mmc/bytes.h"
#include "mmc/commands/media.h"
#include "mmc/layout.h"
#include "mmc/responses/answer.h"
#include "mmc/responses/codec.h"
#include "mmc/responses/tables.h"
#include "mmc/result.h"

namespace kiln::mmc {
namespace {

constexpr std::size_t kHeader = DiscStructure::kHeaderSize;

constexpr std::array kEntryRows{
    number<&DiscStructureListEntry::format>("code", 0, 0),
    bits<&DiscStructureListEntry::sendable>("sds", 1, 7, 7),
    bits<&DiscStructureListEntry::readable>("rds", 1, 6, 6),
    number<&DiscStructureListEntry::length>("len", 2, 3),
};
constexpr std::array kWriteProtectionRows{
    bits<&WriteProtectionStatus::media_software_inhibit>("mswi", 4, 3, 3),
    bits<&WriteProtectionStatus::cartridge>("cwp", 4, 2, 2),
    bits<&WriteProtectionStatus::persistent>("pwp", 4, 1, 1),
    bits<&WriteProtectionStatus::software>("swpp", 4, 0, 0),
};

constexpr std::array kCommonNames{
    Word{0x80, "AACS volume identifier"},  Word{0x81, "AACS media serial number"},
    Word{0x82, "AACS media identifier"},   Word{0x83, "AACS media key block"},
    Word{0x84, "AACS data keys"},          Word{0x85, "AACS LBA extents"},
    Word{0x86, "CPRM media key block"},    Word{0x90, "recognized format layers"},
    Word{0xC0, "write protection status"}, Word{0xFF, "list of formats"},
};
constexpr std::array kDvdNames{
    Word{0x00, "physical format information"},
    Word{0x01, "copyright information"},
    Word{0x02, "disc key"},
    Word{0x03, "burst cutting area"},
    Word{0x04, "disc manufacturing information"},
    Word{0x05, "copyright management information"},
    Word{0x06, "media identifier"},
    Word{0x07, "media key block"},
    Word{0x08, "DVD-RAM disc definition"},
    Word{0x09, "DVD-RAM medium status"},
    Word{0x0A, "DVD-RAM spare area"},
    Word{0x0B, "DVD-RAM recording type"},
    Word{0x0C, "RMD in the last border-out"},
    Word{0x0D, "RMD"},
    Word{0x0E, "pre-recorded information"},
    Word{0x0F, "unique disc identifier"},
    Word{0x10, "physical format information of the control data zone"},
    Word{0x11, "ADIP"},
    Word{0x12, "HD DVD copyright information"},
    Word{0x15, "HD DVD copyright data"},
    Word{0x19, "HD DVD-R medium status"},
    Word{0x1A, "HD DVD-R RMD"},
    Word{0x20, "layer boundary"},
    Word{0x21, "shifted middle area"},
    Word{0x22, "jump interval"},
    Word{0x23, "manual layer jump"},
    Word{0x24, "remapping address"},
    Word{0x30, "disc control block"},
    Word{0x31, "MTA ECC block"},
};
constexpr std::array kBdNames{
    Word{0x00, "disc information"},
    Word{0x03, "burst cutting area"},
    Word{0x08, "disc definition structure"},
    Word{0x09, "cartridge status"},
    Word{0x0A, "spare area"},
    Word{0x0F, "timestamp"},
    Word{0x12, "defect list"},
    Word{0x30, "physical access control"},
};

}  // namespace

std::span<const Row> tables::write_protection_status() {
    return kWriteProtectionRows;
}

Result<DiscStructure, DecodeError> decode_disc_structure(ByteView bytes) {
    const auto honoured = detail::honour(bytes, {}, kHeader);
    auto value = detail::decode_rows<DiscStructure>({}, honoured);
    if (value) {
        const ByteView data = honoured->bytes.subspan(kHeader);
        value->data.assign(data.begin(), data.end());
    }
    return value;
}

Result<DiscStructureList, DecodeError> decode_disc_structure_list(ByteView bytes) {
    const auto honoured = detail::honour(bytes, {}, kHeader);
    auto value = detail::decode_rows<DiscStructureList>({}, honoured);
    if (value) {
        for (ByteView rest = honoured->bytes.subspan(kHeader); rest.size() >= 4;
             rest = rest.subspan(4)) {
            decode_present(kEntryRows, rest, &value->entries.emplace_back());
        }
    }
    return value;
}

Result<WriteProtectionStatus, DecodeError> decode_write_protection_status(ByteView bytes) {
    return detail::decode_rows<WriteProtectionStatus>(kWriteProtectionRows,
                                                      detail::honour(bytes, {}, kHeader + 4));
}

Encoded encode(const DiscStructure& value) {
    detail::Writer writer(kHeader);
    writer.append(value.data);
    return writer.finish({});
}

Encoded encode(const DiscStructureList& value) {
    detail::Writer writer(kHeader);
    for (const DiscStructureListEntry& entry : value.entries) {
        writer.append_rows(kEntryRows, &entry, 4);
    }
    return writer.finish({});
}

Encoded encode(const WriteProtectionStatus& value) {
    detail::Writer writer(kHeader + 4);
    writer.rows(kWriteProtectionRows, &value);
    return writer.finish({});
}

std::string_view disc_structure_name(StructureMedia media, std::uint8_t format) {
    if (format >= 0x80) {
        return detail::word_in(kCommonNames, format);
    }
    return media == StructureMedia::Bd ? detail::word_in(kBdNames, format)
                                       : detail::word_in(kDvdNames, format);
}

}  // namespace kiln::mmc

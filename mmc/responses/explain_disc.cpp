// Answers about the disc, its tracks and its table of contents.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "mmc/bytes.h"
#include "mmc/commands/track.h"
#include "mmc/layout.h"
#include "mmc/responses/atip.h"
#include "mmc/responses/catalog.h"
#include "mmc/responses/cd_text.h"
#include "mmc/responses/disc_information.h"
#include "mmc/responses/explain.h"
#include "mmc/responses/sub_channel.h"
#include "mmc/responses/tables.h"
#include "mmc/responses/toc.h"
#include "mmc/responses/track_information.h"

namespace kiln::mmc::explain {
namespace {

constexpr std::size_t kOpcCount = 33;

void fill_disc_information(const DiscInformation& disc, Fields& fields) {
    fields.rows(tables::disc_information(), &disc, disc.extent.received);
    fields.as_hex("last_lead_in", 8);
    fields.as_hex("last_lead_out", 8);
    fields.as_hex("bar_code", 16);
    if (disc.extent.received > kOpcCount) {
        fields.add("opc_entries", static_cast<std::int64_t>(disc.opc_tables.size()));
    }
    for (std::size_t i = 0; i < disc.opc_tables.size(); ++i) {
        const std::string name = "opc" + std::to_string(i);
        fields.add(name + "_speed", disc.opc_tables[i].speed_kb_s);
        fields.add_text(name + "_values", hex_of(disc.opc_tables[i].values));
    }
}

void add_address(Fields& fields, const std::string& name, std::uint32_t address, AddressForm form) {
    if (form == AddressForm::Lba) {
        fields.add(name + "_lba", static_cast<std::int32_t>(address));
    } else {
        fields.add_text(name + "_msf", msf_text(to_msf(address_of(address, form))));
    }
}

Explained explain_toc(ByteView bytes, AddressForm form) {
    return answer(
        "READ TOC/PMA/ATIP, TOC", decode_toc(bytes), 2, [&](const Toc& toc, Fields& fields) {
            fields.rows(tables::toc(), &toc, toc.extent.received);
            for (const TocTrack& track : toc.tracks) {
                const std::string name = "t" + (track.track <= 99 ? std::to_string(track.track)
                                                                  : hex_number(track.track, 2));
                fields.add(name + "_adr", track.adr);
                fields.add(name + "_control", track.control);
                add_address(fields, name, track.address, form);
            }
        });
}

Explained explain_sessions(ByteView bytes, AddressForm form) {
    return answer("READ TOC/PMA/ATIP, session information", decode_session_information(bytes), 2,
                  [&](const SessionInformation& session, Fields& fields) {
                      fields.rows(tables::session_information(), &session, 8);
                      add_address(fields, "start", session.address, form);
                  });
}

std::string padded(Msf msf) {
    const std::string text = msf_text(msf);
    return msf.minute < 10 ? "0" + text : text;
}

std::string point_text(const TocPoint& point) {
    return std::to_string(point.session) + '/' +
           hex_number(static_cast<unsigned>(point.adr << 4U | point.control), 2) + '/' +
           hex_number(point.tno, 2) + '/' + hex_number(point.point, 2) + '/' +
           padded(point.running) + '/' + hex_number(point.zero, 2) + '/' +
           std::to_string(point.pointed.minute) + ':' + std::to_string(point.pointed.second) + ':' +
           std::to_string(point.pointed.frame);
}

Explained explain_full_toc(std::string_view name, ByteView bytes) {
    return answer(name, decode_full_toc(bytes), 2, [](const FullToc& toc, Fields& fields) {
        fields.rows(tables::full_toc(), &toc, toc.extent.received);
        fields.add("descriptors", static_cast<std::int64_t>(toc.points.size()));
        std::vector<std::string> points;
        for (const TocPoint& point : toc.points) {
            points.push_back(point_text(point));
        }
        fields.add_list("s/adrctl/tno/point/msf/zero/pmsf", std::move(points));
    });
}

void fill_atip(const Atip& atip, Fields& fields) {
    fields.rows(tables::atip(), &atip, atip.extent.received);
    fields.add_text("lead_in_msf", msf_text(atip.lead_in_start));
    fields.add("lead_in_lba", static_cast<std::int64_t>(to_lba(atip.lead_in_start)));
    fields.add_text("last_lead_out_msf", msf_text(atip.last_possible_lead_out_start));
    fields.add("last_lead_out_lba",
               static_cast<std::int64_t>(to_lba(atip.last_possible_lead_out_start)));
    if (atip.a1_valid) {
        fields.add_text("a1", hex_of(atip.a1));
        fields.add("a1_clv_low", atip.a1[0] >> 4U & 7U);
        fields.add("a1_clv_high", atip.a1[0] & 0xFU);
        fields.add("a1_power_mult", atip.a1[1] >> 4U & 7U);
        fields.add("a1_target_y", atip.a1[1] >> 1U & 7U);
        fields.add("a1_erase_write_ratio", atip.a1[2] >> 4U & 7U);
    }
    if (atip.a2_valid) {
        fields.add_text("a2", hex_of(atip.a2));
    }
    if (atip.a3_valid) {
        fields.add_text("a3", hex_of(atip.a3));
    }
}

void fill_cd_text(const CdText& text, Fields& fields) {
    std::vector<std::string> packs;
    std::int64_t wrong = 0;
    for (const CdTextPack& pack : text.packs) {
        wrong += crc_holds(pack) ? 0 : 1;
        packs.push_back(hex_number(static_cast<unsigned>(pack.type), 2) + '/' +
                        std::to_string(pack.block) + '/' + std::to_string(pack.track) + '/' +
                        std::to_string(pack.sequence) + '/' +
                        std::to_string(pack.character_position) + '/' + hex_of(pack.text));
    }
    fields.add("packs", static_cast<std::int64_t>(text.packs.size()));
    fields.add("wrong_crcs", wrong);
    fields.add_list("type/block/track/sequence/position/text", std::move(packs));
    for (const CdTextString& string : strings_of(text)) {
        std::string name =
            "block" + std::to_string(string.block) + "_track" + std::to_string(string.track) + '_';
        for (const char letter : words(string.type)) {
            name += letter == ' ' ? '_' : letter;
        }
        fields.add_text(name, string.text);
    }
}

void fill_sub_channel(const SubChannel& channel, AddressForm form, Fields& fields) {
    fields.rows(tables::sub_channel(), &channel, channel.extent.received);
    const std::size_t rows_end = channel.format == 1 ? std::size_t{8} : channel.extent.received;
    fields.rows(tables::sub_channel_format(channel.format), &channel,
                std::min(rows_end, channel.extent.received));
    if (channel.format == 1 && channel.extent.received >= 16) {
        add_address(fields, "abs", channel.absolute_address, form);
        add_address(fields, "rel", channel.relative_address, form);
    } else if (channel.format == 2) {
        fields.add_text("mcn", channel.code);
    } else if (channel.format == 3) {
        fields.add_text("isrc", channel.code);
    }
}

}  // namespace

Explained disc_information(const Format& format, ByteView bytes) {
    // The answer says which kind it is; some drives give the standard one whatever was asked.
    const unsigned type = bytes.size() > 2 ? bytes[2] >> 5U : format.number.value_or(0);
    switch (static_cast<DiscInformationType>(type)) {
        case DiscInformationType::Standard:
            return answer("READ DISC INFORMATION, standard", decode_disc_information(bytes), 2,
                          fill_disc_information);
        case DiscInformationType::TrackResources:
            return answer("READ DISC INFORMATION, track resources", decode_track_resources(bytes),
                          2, [&](const TrackResources& resources, Fields& fields) {
                              fields.add("data_type", type);
                              fields.rows(tables::track_resources(), &resources,
                                          resources.extent.received);
                          });
        case DiscInformationType::PowResources:
            return answer("READ DISC INFORMATION, POW resources", decode_pow_resources(bytes), 2,
                          [&](const PowResources& resources, Fields& fields) {
                              fields.add("data_type", type);
                              fields.rows(tables::pow_resources(), &resources,
                                          resources.extent.received);
                          });
        default:
            return tl::make_unexpected(ExplainError::UnknownFormat);
    }
}

Explained track_information(const Format&, ByteView bytes) {
    return answer_of_rows("READ TRACK INFORMATION", decode_track_information(bytes), 2,
                          tables::track_information());
}

Explained toc(const Format& format, ByteView bytes) {
    switch (format.number.value_or(0)) {
        case 0:
            return explain_toc(bytes, format.form);
        case 1:
            return explain_sessions(bytes, format.form);
        case 2:
            return explain_full_toc("READ TOC/PMA/ATIP, full TOC", bytes);
        case 3:
            return explain_full_toc("READ TOC/PMA/ATIP, PMA", bytes);
        case 4:
            return answer("READ TOC/PMA/ATIP, ATIP", decode_atip(bytes), 2, fill_atip);
        case 5:
            return answer("READ TOC/PMA/ATIP, CD-Text", decode_cd_text(bytes), 2, fill_cd_text);
        default:
            return tl::make_unexpected(ExplainError::UnknownFormat);
    }
}

Explained sub_channel(const Format& format, ByteView bytes) {
    return answer("READ SUB-CHANNEL", decode_sub_channel(bytes), 4,
                  [&](const SubChannel& channel, Fields& fields) {
                      fill_sub_channel(channel, format.form, fields);
                  });
}

}  // namespace kiln::mmc::explain

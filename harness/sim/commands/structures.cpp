// READ DISC STRUCTURE, SEND DISC STRUCTURE.

#include <array>
#include <optional>
#include <string_view>

#include "mmc/bytes.h"
#include "mmc/commands/media.h"
#include "mmc/responses/bd_structures.h"
#include "mmc/responses/disc_structure.h"
#include "mmc/responses/dvd_structures.h"

#include "harness/sim/commands/table.h"

namespace kiln::harness {

namespace {

using Bytes = std::optional<std::vector<std::uint8_t>>;

constexpr std::uint32_t kDvdDataStart = 0x30000;
constexpr std::uint32_t kDvdRamDataStart = 0x31000;
constexpr std::uint32_t kBdDataStart = 0x100000;

bool is_plus(MediumKind kind) {
    return kind == MediumKind::DvdPlusR || kind == MediumKind::DvdPlusRw ||
           kind == MediumKind::DvdPlusRDl;
}

bool is_dual_layer(MediumKind kind) {
    return kind == MediumKind::DvdRDl || kind == MediumKind::DvdPlusRDl;
}

mmc::BookType book_of(MediumKind kind) {
    switch (kind) {
        case MediumKind::DvdR:
        case MediumKind::DvdRDl:
            return mmc::BookType::DvdR;
        case MediumKind::DvdRw:
        case MediumKind::DvdRwRestrictedOverwrite:
            return mmc::BookType::DvdRw;
        case MediumKind::DvdRam:
            return mmc::BookType::DvdRam;
        case MediumKind::DvdPlusR:
            return mmc::BookType::DvdPlusR;
        case MediumKind::DvdPlusRDl:
            return mmc::BookType::DvdPlusRDualLayer;
        case MediumKind::DvdPlusRw:
            return mmc::BookType::DvdPlusRw;
        default:
            return mmc::BookType::DvdRom;
    }
}

/// Blocks on layer 0 of a disc with two.
std::uint32_t layer0_blocks(const Medium& medium) {
    return medium.layer_break_set ? medium.layer_break : medium.unformatted / 2U;
}

std::vector<std::uint8_t> dvd_physical(const DriveState& drive) {
    const Medium& medium = *drive.medium;
    const bool ram = medium.kind == MediumKind::DvdRam;
    const std::uint32_t start = ram ? kDvdRamDataStart : kDvdDataStart;
    const std::uint32_t recorded = family_in(drive).capacity(medium);
    const bool plus = is_plus(medium.kind);
    const std::uint32_t blocks = recorded != 0 && !plus ? recorded : medium.capacity;
    const bool dual = is_dual_layer(medium.kind);
    mmc::PhysicalFormat format{
        .book_type = book_of(medium.kind),
        .part_version = 1,
        .maximum_rate = 2,
        .layers_minus1 = static_cast<std::uint8_t>(dual ? 1 : 0),
        .opposite_track_path = dual,
        .layer_type = static_cast<std::uint8_t>(!family_in(drive).writable()  ? 1
                                                : family_in(drive).erasable() ? 4
                                                                              : 2),
        .data_start = start,
        .data_end = start + blocks - 1,
        .media_specific = {}};
    if (dual) {
        format.layer0_end = start + layer0_blocks(medium) - 1;
    }
    if (plus) {
        constexpr std::string_view kMaker = "KILN    SIM";
        format.media_specific.assign(14, 0);
        std::copy(kMaker.begin(), kMaker.end(), format.media_specific.begin() + 2);
    }
    return *mmc::encode(format);
}

Bytes dvd_ram_structure(const Medium& medium, unsigned format) {
    switch (format) {
        case 0x08:
            return *mmc::encode(mmc::DvdRamDefinition{.identifier = 0x0A0A,
                                                      .manufacturer_certified = true,
                                                      .update_count = 1,
                                                      .groups = 1});
        case 0x09:
            return *mmc::encode(mmc::DvdRamMediumStatus{.disc_type = 0x10});
        case 0x0A:
            return *mmc::encode(mmc::DvdRamSpareArea{.unused_primary = medium.spares_left});
        default:
            return std::nullopt;
    }
}

Bytes dvd_structure(const DriveState& drive, unsigned format) {
    const Medium& medium = *drive.medium;
    switch (format) {
        case 0x00:
            return dvd_physical(drive);
        case 0x01:
            return *mmc::encode(mmc::DvdCopyright{});
        case 0x11:
            return is_plus(medium.kind) ? Bytes(dvd_physical(drive)) : std::nullopt;
        case 0x10:
            return book_of(medium.kind) == mmc::BookType::DvdR ||
                           book_of(medium.kind) == mmc::BookType::DvdRw
                       ? Bytes(dvd_physical(drive))
                       : std::nullopt;
        case 0x0E: {
            const auto book = book_of(medium.kind);
            if (book != mmc::BookType::DvdR && book != mmc::BookType::DvdRw) {
                return std::nullopt;
            }
            return *mmc::encode(
                mmc::PreRecordedInformation{.physical_code = 0x20,
                                            .last_address = kDvdDataStart + medium.unformatted - 1,
                                            .manufacturer = "KILN SIM    ",
                                            .raw = {}});
        }
        case 0x20:
            if (is_dual_layer(medium.kind)) {
                const bool fixed = medium.layer_break_set || medium.status != DiscStatus::Empty;
                return *mmc::encode(
                    mmc::LayerCapacity{.immutable = fixed, .l0_capacity = layer0_blocks(medium)});
            }
            return std::nullopt;
        default:
            return medium.kind == MediumKind::DvdRam ? dvd_ram_structure(medium, format)
                                                     : std::nullopt;
    }
}

/// However small a medium is made: BD-R XL and BD-RE XL have three layers of 33.4e9 bytes or four
/// of 32e9.
std::uint32_t bd_layers(const Medium& medium) {
    constexpr std::uint32_t kThreeLayers = 48878592;
    switch (medium.kind) {
        case MediumKind::BdRDl:
        case MediumKind::BdReDl:
            return 2;
        case MediumKind::BdRXl:
        case MediumKind::BdReXl:
            return medium.unformatted > kThreeLayers ? 4 : 3;
        default:
            return 1;
    }
}

std::vector<std::uint8_t> bd_disc_information(const DriveState& drive) {
    const Medium& medium = *drive.medium;
    const bool writable = family_in(drive).writable();
    const bool rewritable = writable && family_in(drive).erasable();
    const std::uint32_t layers = bd_layers(medium);
    mmc::BdDiscInformation information;
    for (std::uint32_t layer = 0; layer < layers; ++layer) {
        information.units.push_back({.units_per_block = static_cast<std::uint8_t>(layers),
                                     .layer = static_cast<std::uint8_t>(layer),
                                     .sequence = static_cast<std::uint8_t>(layer),
                                     .bytes_in_use = static_cast<std::uint8_t>(writable ? 112 : 64),
                                     .disc_type = rewritable ? "BDW" : (writable ? "BDR" : "BDO"),
                                     .size_class_version = 0x01,
                                     .layers = static_cast<std::uint8_t>(layers),
                                     .layer_types = 0x01,
                                     .max_rate_mbps = 72,
                                     .last_sector = kBdDataStart + medium.unformatted - 1,
                                     .first_address = kBdDataStart,
                                     .last_address = kBdDataStart + medium.unformatted - 1,
                                     .manufacturer = "KILN  ",
                                     .media_type = "SIM",
                                     .revision = 0});
    }
    return *mmc::encode(information);
}

Bytes bd_structure(const DriveState& drive, unsigned format) {
    const Medium& medium = *drive.medium;
    switch (format) {
        case 0x00:
            return bd_disc_information(drive);
        case 0x09:
            return *mmc::encode(mmc::BdCartridgeStatus{});
        case 0x0A:  // a BD-R without spares has none to tell of (WH16NS40: 5/24/00)
            return medium.spares > 0
                       ? Bytes(*mmc::encode(mmc::BdSpareArea{.free_blocks = medium.spares_left,
                                                             .allocated_blocks = medium.spares}))
                       : std::nullopt;
        default:
            return std::nullopt;
    }
}

Bytes structure(const DriveState& drive, bool bd, unsigned format) {
    return bd ? bd_structure(drive, format) : dvd_structure(drive, format);
}

std::vector<std::uint8_t> list_of_structures(const DriveState& drive, bool bd) {
    constexpr std::array<std::uint8_t, 11> kDvd{0x00, 0x01, 0x08, 0x09, 0x0A, 0x0E,
                                                0x10, 0x11, 0x20, 0xC0, 0xFF};
    constexpr std::array<std::uint8_t, 5> kBd{0x00, 0x09, 0x0A, 0xC0, 0xFF};
    mmc::DiscStructureList list;
    for (const std::uint8_t format : bd ? std::span<const std::uint8_t>(kBd) : kDvd) {
        const Bytes bytes = structure(drive, bd, format);
        const bool common = format >= 0xC0;
        if (bytes || common) {
            list.entries.push_back(
                {.format = format,
                 .sendable = format == 0x20,
                 .readable = true,
                 .length = static_cast<std::uint16_t>(bytes ? bytes->size() : 8)});
        }
    }
    return *mmc::encode(list);
}

void begin_read_structure(DriveState& drive, mmc::ByteView cdb, Instant) {
    const auto command = decode_or_fail<mmc::ReadDiscStructure>(drive, cdb);
    if (!command) {
        return;
    }
    const bool bd = command->media_type == mmc::StructureMedia::Bd;
    const MediumFamily wanted = bd ? MediumFamily::Bd : MediumFamily::Dvd;
    if (static_cast<unsigned>(command->media_type) > 1 || medium_class(drive) != wanted) {
        fail(drive, verdicts::kInvalidField);
        return;
    }
    constexpr unsigned kWriteProtection = 0xC0;
    constexpr unsigned kList = 0xFF;
    const auto format = static_cast<unsigned>(command->format_code);
    Bytes bytes;
    if (format == kList) {
        bytes = list_of_structures(drive, bd);
    } else if (format == kWriteProtection) {
        bytes = *mmc::encode(mmc::WriteProtectionStatus{});
    } else {
        bytes = structure(drive, bd, format);
    }
    if (!bytes) {
        fail(drive, verdicts::kInvalidField);
        return;
    }
    answer(drive, *std::move(bytes), command->allocation_length);
}

constexpr std::uint8_t kLayerBoundary = 0x20;
constexpr std::uint8_t kTimestamp = 0x0F;

void begin_send_structure(DriveState& drive, mmc::ByteView cdb, Instant) {
    const auto command = decode_or_fail<mmc::SendDiscStructure>(drive, cdb);
    if (!command) {
        return;
    }
    const auto format = static_cast<unsigned>(command->format_code);
    const bool boundary = format == kLayerBoundary && is_dual_layer(drive.medium->kind);
    const bool timestamp = format == kTimestamp && family_in(drive).writable() &&
                           medium_class(drive) != MediumFamily::Cd;
    if (!boundary && !timestamp) {
        fail(drive, verdicts::kInvalidField);
        return;
    }
    constexpr std::uint32_t kBoundarySize = 12;
    constexpr std::uint32_t kTimestampSize = 20;
    if (command->structure_data_length != (boundary ? kBoundarySize : kTimestampSize)) {
        fail(drive, verdicts::kParameterListLength);
        return;
    }
    expect(drive, command->structure_data_length);
}

void finish_send_structure(DriveState& drive, Instant) {
    const mmc::ByteView list = drive.command.data;
    if (list.size() < drive.command.bytes) {
        fail(drive, verdicts::kParameterListLength);
        return;
    }
    if (drive.command.cdb.bytes()[7] != kLayerBoundary) {
        return;  // the time of day of a burn: nothing here reads it
    }
    Medium& medium = *drive.medium;
    const auto blocks = mmc::load_big_endian<std::uint32_t>(list, 8, 4);
    if (medium.layer_break_set || medium.status != DiscStatus::Empty) {
        fail(drive, verdicts::kSequence);  // once, before anything is written
        return;
    }
    if (blocks == 0 || blocks % 16 != 0 || blocks > medium.unformatted / 2U) {
        fail(drive, verdicts::kInvalidParameter);
        return;
    }
    medium.layer_break = blocks;
    medium.layer_break_set = true;
    medium.capacity = 2 * blocks;
    medium.tracks.back().size = medium.capacity;
}

constexpr std::array kCommands{
    CommandEntry{0xAD, 12, {.medium = true}, begin_read_structure, nullptr},
    CommandEntry{0xBF, 12, {.medium = true}, begin_send_structure, finish_send_structure},
};

}  // namespace

std::span<const CommandEntry> structure_commands() {
    return kCommands;
}

}  // namespace kiln::harness

#include "mmc/commands/catalog.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "mmc/bytes.h"
#include "mmc/cdb.h"
#include "mmc/commands/read.h"
#include "mmc/commands/track.h"
#include "mmc/commands/write.h"
#include "mmc/hex.h"
#include "mmc/layout.h"
#include "mmc/lba.h"

#include "harness/testing/effort.h"

namespace kiln::mmc {
namespace {

template <typename Command>
std::string hex_of(const Command& command) {
    const auto cdb = encode(command);
    return cdb ? to_hex(cdb->bytes()) : "no encoding";
}

std::int64_t largest(const Row& row) {
    const auto bits = row.is_signed ? row.width - 1U : row.width;
    return static_cast<std::int64_t>((std::uint64_t{1} << bits) - 1U);
}

bool in_form(const Row& row, const AnyCommand& command) {
    return row.in_form == nullptr || row.in_form(command.value());
}

AnyCommand all_zero(const CommandKind& kind) {
    AnyCommand command(kind);
    for (const Row& row : kind.layout->rows) {
        row.set(command.value(), 0);
    }
    return command;
}

// --- every command, by its table ---------------------------------------------------------------

TEST(EveryCommand, IsListedOnceByOperationCode) {
    for (std::size_t i = 1; i < all_commands().size(); ++i) {
        EXPECT_LT(all_commands()[i - 1].layout->opcode, all_commands()[i].layout->opcode);
    }
    EXPECT_EQ(all_commands().size(), 47U);
}

// By the rows' positions alone: how often each bit of the CDB is used.
using BitUse = std::array<std::array<int, 8>, Cdb::kMaxSize>;

BitUse bit_use(const AnyCommand& command) {
    BitUse use{};
    walk(command.kind().layout->rows, command.value(), [&](const Row& row, std::int64_t) {
        for (auto bit = row.low; bit < row.low + row.width; ++bit) {
            ++use.at(row.last - bit / 8U).at(bit % 8U);
        }
    });
    return use;
}

void expect_rows_apart(const AnyCommand& command) {
    const auto use = bit_use(command);
    EXPECT_EQ(use[0], (std::array<int, 8>{}));  // the operation code
    for (std::size_t byte = 0; byte < use.size(); ++byte) {
        EXPECT_LE(*std::ranges::max_element(use[byte]), byte < command.kind().layout->size ? 1 : 0)
            << "byte " << byte;
    }
}

TEST(EveryCommand, HasRowsThatDoNotOverlapAndStayInsideTheirBytes) {
    for (const auto& kind : all_commands()) {
        SCOPED_TRACE(kind.name());
        auto command = all_zero(kind);
        expect_rows_apart(command);
        // The other form, where there is one.
        for (const Row& row : kind.layout->rows) {
            row.set(command.value(), 1);
        }
        expect_rows_apart(command);
    }
}

TEST(EveryCommand, WithAllFieldsZeroIsItsOperationCodeAndZeros) {
    for (const auto& kind : all_commands()) {
        SCOPED_TRACE(kind.name());
        std::vector<std::uint8_t> bytes(kind.layout->size);
        bytes[0] = kind.layout->opcode;
        const auto cdb = all_zero(kind).encode();
        ASSERT_TRUE(cdb);
        EXPECT_EQ(to_hex(cdb->bytes()), to_hex(bytes));
    }
}

TEST(EveryCommand, TakesTheLargestValueOfEachFieldAlone) {
    for (const auto& kind : all_commands()) {
        for (const Row& row : kind.layout->rows) {
            SCOPED_TRACE(std::string(kind.name()) + ", " + std::string(row.name));
            auto command = all_zero(kind);
            row.set(command.value(), largest(row));
            if (!in_form(row, command)) {
                EXPECT_EQ(command.encode().error(), EncodeError::FieldNotInForm);
                continue;
            }
            const auto cdb = command.encode();
            ASSERT_TRUE(cdb);
            const auto back = AnyCommand::decode(cdb->bytes());
            if (!back) {  // with service action 0 it is another command
                EXPECT_EQ(kind.name(), "READ MEDIA SERIAL NUMBER");
                continue;
            }
            for (const Row& other : kind.layout->rows) {
                EXPECT_EQ(other.get(back->value()), other.get(command.value())) << other.name;
            }
        }
    }
}

TEST(EveryCommand, RefusesOneOverWhereTheMemberCanHoldIt) {
    std::size_t refused = 0;
    for (const auto& kind : all_commands()) {
        for (const Row& row : kind.layout->rows) {
            SCOPED_TRACE(std::string(kind.name()) + ", " + std::string(row.name));
            auto command = all_zero(kind);
            const auto over = largest(row) + 1;
            row.set(command.value(), over);
            if (row.get(command.value()) != over) {
                continue;  // as wide as the field, or a flag
            }
            const auto cdb = command.encode();
            ASSERT_FALSE(cdb);
            EXPECT_EQ(cdb.error(), EncodeError::FieldOverflow);
            ++refused;
        }
    }
    EXPECT_GT(refused, 50U);
}

// `bytes` without the bits that belong to no row.
std::vector<std::uint8_t> without_reserved(const AnyCommand& command,
                                           std::vector<std::uint8_t> bytes) {
    const auto use = bit_use(command);
    for (std::size_t byte = 1; byte < bytes.size(); ++byte) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            const auto keep = use.at(byte).at(bit) != 0 ? 1U << bit : 0U;
            bytes[byte] &= static_cast<std::uint8_t>(keep | ~(1U << bit));
        }
    }
    return bytes;
}

TEST(EveryCommand, KeepsAllButReservedBitsOfRandomBytes) {
    std::mt19937 random(20090211);  // NOLINT: the same bytes in every run
    std::size_t decoded = 0;
    for (const auto& kind : all_commands()) {
        for (int round = 0; round < harness::testing::effort(500); ++round) {
            std::vector<std::uint8_t> bytes(kind.layout->size);
            for (auto& byte : bytes) {
                byte = static_cast<std::uint8_t>(random());
            }
            bytes[0] = kind.layout->opcode;
            const auto command = AnyCommand::decode(bytes);
            if (!command) {
                EXPECT_EQ(kind.name(), "READ MEDIA SERIAL NUMBER");
                continue;
            }
            ++decoded;
            const auto cdb = command->encode();
            ASSERT_TRUE(cdb) << to_hex(bytes);
            EXPECT_EQ(to_hex(cdb->bytes()), to_hex(without_reserved(*command, bytes)));
        }
    }
    EXPECT_GT(decoded, 46U * 500U);
}

TEST(EveryCdb, OfAnyLengthAndContentHasWordsAndATransferOrAnError) {
    std::mt19937 random(577);  // NOLINT: the same bytes in every run
    for (int round = 0; round < harness::testing::effort(20'000); ++round) {
        std::vector<std::uint8_t> bytes(random() % 18U);
        for (auto& byte : bytes) {
            byte = static_cast<std::uint8_t>(random());
        }
        const auto words = describe(ByteView(bytes));
        EXPECT_FALSE(words.name.empty());
        EXPECT_FALSE(line_of(bytes).empty());
        const auto transfer = transfer_of(bytes);
        EXPECT_EQ(static_cast<bool>(transfer), words.known && words.complete);
        if (transfer && transfer->direction == DataDirection::None) {
            EXPECT_EQ(transfer->bytes, 0U);
        }
        EXPECT_EQ(effect_of(bytes) == Effect::Unknown || effect_of(bytes) == Effect::Vendor,
                  !words.known);
    }
}

// --- single commands ---------------------------------------------------------------------------

TEST(Write10, EncodesFieldsAtTheStandardsPositions) {
    EXPECT_EQ(hex_of(Write10{.force_unit_access = true,
                             .logical_block_address = Lba{0x01020304},
                             .transfer_length = BlockCount{0x0506}}),
              "2a 08 01 02 03 04 00 05 06 00");
}

TEST(Write10, EncodesAddressesBelowZero) {
    EXPECT_EQ(
        hex_of(Write10{.logical_block_address = Lba{-11634}, .transfer_length = BlockCount{27}}),
        "2a 00 ff ff d2 8e 00 00 1b 00");
}

TEST(Write10, DecodesWhatItEncodes) {
    const Write10 write{.timely_safe_recording = true,
                        .logical_block_address = Lba{-150},
                        .transfer_length = BlockCount{65535}};
    EXPECT_EQ(decode<Write10>(encode(write)->bytes()), write);
}

TEST(Write10, RefusesACountThatDoesNotFit) {
    const auto cdb = encode(Write10{.transfer_length = BlockCount{65536}});
    ASSERT_FALSE(cdb);
    EXPECT_EQ(cdb.error(), EncodeError::FieldOverflow);
}

TEST(Write10, IsNotDecodedFromAnotherCommand) {
    const auto read = encode(Read10{});
    ASSERT_TRUE(read);
    EXPECT_EQ(decode<Write10>(read->bytes()).error(), DecodeError::WrongOpcode);
}

TEST(ReserveTrack, HasAFormBySizeAndAFormByAddress) {
    EXPECT_EQ(hex_of(ReserveTrack{.reservation_size = 0x01020304}),
              "53 00 00 00 00 01 02 03 04 00");
    EXPECT_EQ(hex_of(ReserveTrack{.address_form = true, .logical_block_address = Lba{0x01020304}}),
              "53 01 01 02 03 04 00 00 00 00");
}

TEST(ReserveTrack, RefusesAFieldOfTheOtherForm) {
    const auto both = encode(ReserveTrack{.address_form = true, .reservation_size = 1});
    ASSERT_FALSE(both);
    EXPECT_EQ(both.error(), EncodeError::FieldNotInForm);
}

TEST(ReserveTrack, DecodesOnlyTheFieldsOfItsForm) {
    const auto track = decode<ReserveTrack>(from_hex("53 01 01 02 03 04 ff ff ff 00"));
    ASSERT_TRUE(track);
    EXPECT_EQ(*track,
              (ReserveTrack{.address_form = true, .logical_block_address = Lba{0x01020304}}));
}

TEST(CloseTrackSession, KeepsValuesThatTheStandardDoesNotName) {
    const auto close = decode<CloseTrackSession>(from_hex("5b 00 07 00 00 00 00 00 00 00"));
    ASSERT_TRUE(close);
    EXPECT_EQ(static_cast<unsigned>(close->close_function), 7U);
    EXPECT_EQ(hex_of(*close), "5b 00 07 00 00 00 00 00 00 00");
}

// --- the catalog -------------------------------------------------------------------------------

TEST(FindCommand, TakesNamesInAnyCaseAndPunctuation) {
    const auto name_of = [](std::string_view name) {
        const auto* kind = find_command(name);
        return kind == nullptr ? std::string_view("none") : kind->name();
    };
    EXPECT_EQ(name_of("WRITE (10)"), "WRITE (10)");
    EXPECT_EQ(name_of("write12"), "WRITE (12)");
    EXPECT_EQ(name_of("write"), "WRITE (10)");
    EXPECT_EQ(name_of("read-toc-pma-atip"), "READ TOC/PMA/ATIP");
    EXPECT_EQ(name_of("ReadDiscInformation"), "READ DISC INFORMATION");
    EXPECT_EQ(name_of("write sideways"), "none");
    EXPECT_EQ(name_of(""), "none");
}

TEST(FindCommand, TellsServiceActionsApart) {
    EXPECT_NE(find_command(ByteView(from_hex("ab 01"))), nullptr);
    EXPECT_EQ(find_command(ByteView(from_hex("ab 02"))), nullptr);
    EXPECT_EQ(describe(ByteView(from_hex("ab 02 00 00 00 00 00 00 00 00 00 00"))).name,
              "opcode ab");
}

TEST(CdbSize, IsTheCommandsOrItsGroups) {
    EXPECT_EQ(cdb_size(0x2A), 10U);
    EXPECT_EQ(cdb_size(0xBE), 12U);
    EXPECT_EQ(cdb_size(0x0A), 6U);
    EXPECT_EQ(cdb_size(0x8A), 16U);
    EXPECT_EQ(cdb_size(0x7F), 0U);
    EXPECT_EQ(cdb_size(0xD8), 0U);
}

struct TransferCase {
    TransferCase(std::string_view hex, DataDirection way, std::optional<std::uint64_t> count)
        : cdb(hex), direction(way), bytes(count) {}

    std::string_view cdb;
    DataDirection direction;
    std::optional<std::uint64_t> bytes;
};

TEST(TransferOf, FollowsDirectionAndLengthOfTheCdb) {
    using enum DataDirection;
    const TransferCase cases[] = {
        {"00 00 00 00 00 00", None, 0},
        {"12 00 00 00 24 00", In, 36},
        {"12 00 00 00 00 00", None, 0},  // an allocation length of 0 moves nothing
        {"25 00 00 00 00 00 00 00 00 00", In, 8},
        {"28 00 00 00 00 10 00 00 02 00", In, 4096},
        {"2a 00 00 00 00 00 00 00 20 00", Out, 65536},
        {"aa 00 00 00 00 00 ff ff ff ff 00 00", Out, 0xFFFFFFFFU * std::uint64_t{2048}},
        {"2f 00 00 00 00 00 00 00 20 00", None, 0},
        {"2f 02 00 00 00 00 00 00 20 00", Out, 65536},
        {"55 10 00 00 00 00 00 00 3c 00", Out, 60},
        {"5d 00 00 00 00 00 01 00 00 00", Out, 65536},
        {"54 01 00 00 00 00 00 00 00 00", None, 0},
        {"04 11 00 00 00 00", Out, 12},
        {"04 01 00 00 00 00", None, 0},
        {"a1 11 00 00 00 00 00 00 00 00 00 00", None, 0},
        {"a4 00 00 00 00 00 00 00 00 08 08 00", In, 8},
        {"a4 00 00 00 00 00 00 00 00 08 3f 00", None, 0},
        {"ac 00 00 00 00 00 00 00 00 0c 03 00", In, 8 + 12 * 16},
        {"ac 10 00 00 00 00 00 00 00 02 00 00", In, 8 + 2 * 16},
        {"ac 12 00 00 00 00 00 00 00 02 00 00", In, 8 + 2 * 6},
        {"ac 00 00 00 00 00 00 00 00 02 04 00", In, std::nullopt},
        {"b6 00 00 00 00 00 00 00 00 00 1c 00", Out, 28},
        {"be 00 00 00 00 00 00 00 02 f8 00 00", In, 2 * 2352},
        {"be 08 00 00 00 00 00 00 02 10 00 00", In, 2 * 2048},
        {"be 14 00 00 00 00 00 00 02 10 00 00", In, 2 * 2328},
        {"be 04 00 00 00 00 00 00 01 12 01 00", In, 2352 + 294 + 96},
        {"be 04 00 00 00 00 00 00 01 14 02 00", In, 2352 + 296 + 16},
        {"be 00 00 00 00 00 00 00 02 10 00 00", In, std::nullopt},  // by the sector's own type
        {"be 00 00 00 00 00 00 00 02 00 00 00", None, 0},
        {"b9 00 00 00 02 00 00 02 10 f8 00 00", In, 16 * 2352},
        {"b9 00 00 00 02 10 00 02 00 f8 00 00", None, 0},  // ends before it starts
    };
    for (const auto& each : cases) {
        SCOPED_TRACE(each.cdb);
        const auto transfer = transfer_of(from_hex(each.cdb), 2048);
        ASSERT_TRUE(transfer);
        EXPECT_EQ(transfer->direction, each.direction);
        EXPECT_EQ(transfer->bytes, each.bytes);
    }
}

TEST(EffectOf, NamesWhatACommandMayDo) {
    const auto effect = [](std::string_view cdb) { return effect_of(from_hex(cdb)); };
    EXPECT_EQ(effect("28 00 00 00 00 00 00 00 01 00"), Effect::Harmless);
    EXPECT_EQ(effect("2a 00 00 00 00 00 00 00 01 00"), Effect::Writes);
    EXPECT_EQ(effect("2a"), Effect::Writes);  // too short, but one knows what was meant
    EXPECT_EQ(effect("5b 00 02 00 00 00 00 00 00 00"), Effect::Writes);
    EXPECT_EQ(effect("a1 01 00 00 00 00 00 00 00 00 00 00"), Effect::Erases);
    EXPECT_EQ(effect("04 11 00 00 00 00"), Effect::Formats);
    EXPECT_EQ(effect("3b 02 00 00 00 00 00 00 04 00"), Effect::Harmless);
    EXPECT_EQ(effect("3b 05 00 00 00 00 00 00 04 00"), Effect::Firmware);
    EXPECT_EQ(effect("3b"), Effect::Firmware);
    EXPECT_EQ(effect("d8 00 00 00 00 00"), Effect::Vendor);
    EXPECT_EQ(effect("0a 00 00 00 01 00"), Effect::Unknown);  // WRITE (6)
    EXPECT_EQ(effect(""), Effect::Unknown);
}

TEST(Describe, GivesNumbersWithTheirWords) {
    const auto words = describe(ByteView(from_hex("5b 01 02 00 00 00 00 00 00 00")));
    EXPECT_EQ(words.name, "CLOSE TRACK/SESSION");
    ASSERT_EQ(words.fields.size(), 4U);
    EXPECT_EQ(
        words.fields[1],
        (FieldWords{.name = "close_function", .bits = 2, .number = 2, .words = "close session"}));
}

TEST(Describe, GivesAddressesBelowZeroAsBitsAndAsNumber) {
    const auto words = describe(ByteView(from_hex("2a 00 ff ff ff 6a 00 00 1b 00")));
    EXPECT_EQ(words.fields[4].bits, 0xFFFFFF6AU);
    EXPECT_EQ(words.fields[4].number, -150);
}

TEST(Describe, KeepsUnknownOperationCodesAsNumbers) {
    const auto words = describe(ByteView(from_hex("d8 00 00 00 00 00 00 00 00 00 00 00")));
    EXPECT_EQ(words.name, "opcode d8");
    EXPECT_FALSE(words.known);
    EXPECT_EQ(words.size, 0U);
    EXPECT_TRUE(words.fields.empty());
}

TEST(Describe, SaysOfNoBytesThatThereIsNoCommand) {
    EXPECT_EQ(describe(ByteView{}).name, "no command");
    EXPECT_FALSE(describe(ByteView{}).complete);
}

TEST(LineOf, IsTheHousesNotation) {
    const auto line = [](std::string_view cdb) { return line_of(from_hex(cdb)); };
    EXPECT_EQ(line("2a 00 00 01 00 00 00 00 20 00"), "WRITE (10) lba=65536 n=32");
    EXPECT_EQ(line("2a 08 ff ff ff 6a 00 00 1b 00"), "WRITE (10) fua=1 lba=-150 n=27");
    EXPECT_EQ(line("28 00 00 00 00 00 00 00 00 00"), "READ (10) lba=0 n=0");
    EXPECT_EQ(line("00 00 00 00 00 00"), "TEST UNIT READY");
    EXPECT_EQ(line("12 00 00 00 24 00"), "INQUIRY max=36");
    EXPECT_EQ(line("5a 00 2a 00 00 00 00 00 80 00"),
              "MODE SENSE (10) page=0x2a (capabilities and mechanical status) max=128");
    EXPECT_EQ(line("5b 01 02 00 00 00 00 00 00 00"),
              "CLOSE TRACK/SESSION immed=1 close_function=2 (close session)");
    EXPECT_EQ(line("5b 01 00 00 00 00 00 00 00 00"),
              "CLOSE TRACK/SESSION immed=1 close_function=0 (stop background format)");
    EXPECT_EQ(line("d8 01 02"), "opcode d8 (d8 01 02)");
    EXPECT_EQ(line("2a 00"), "WRITE (10) (2a 00)");
    EXPECT_EQ(line(""), "no command");
}

}  // namespace
}  // namespace kiln::mmc

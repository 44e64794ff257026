#include "mmc/commands/catalog.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "mmc/bytes.h"
#include "mmc/cdb.h"
#include "mmc/commands/primary.h"
#include "mmc/hex.h"
#include "mmc/layout.h"
#include "mmc/result.h"

namespace kiln::mmc {
namespace {

// Nothing to move is no data phase at all.
Transfer normal(Transfer transfer) {
    return transfer.bytes == 0 ? Transfer{} : transfer;
}

std::string plain(std::string_view name) {
    std::string letters;
    for (const char character : name) {
        if ((character >= '0' && character <= '9') || (character >= 'a' && character <= 'z')) {
            letters += character;
        } else if (character >= 'A' && character <= 'Z') {
            letters += static_cast<char>(character - 'A' + 'a');
        }
    }
    return letters;
}

std::uint64_t bits_of(const Row& row, std::int64_t number) {
    const auto mask = row.width >= 64U ? ~std::uint64_t{0} : (std::uint64_t{1} << row.width) - 1U;
    return static_cast<std::uint64_t>(number) & mask;
}

}  // namespace

const CommandKind* find_command(ByteView cdb) {
    if (cdb.empty()) {
        return nullptr;
    }
    // SERVICE ACTION IN (12): all but READ MEDIA SERIAL NUMBER are other commands.
    constexpr std::uint8_t kServiceActionIn12 = 0xAB;
    if (cdb[0] == kServiceActionIn12 && cdb.size() > 1 && (cdb[1] & 0x1FU) != 0x01U) {
        return nullptr;
    }
    for (const CommandKind& kind : all_commands()) {
        if (kind.layout->opcode == cdb[0]) {
            return &kind;
        }
    }
    return nullptr;
}

const CommandKind* find_command(std::string_view name) {
    const auto wanted = plain(name);
    const auto with_size = wanted + "10";
    for (const CommandKind& kind : all_commands()) {
        const auto candidate = plain(kind.name());
        if (candidate == wanted || candidate == with_size) {
            return &kind;
        }
    }
    return nullptr;
}

std::size_t cdb_size(std::uint8_t operation_code) {
    for (const CommandKind& kind : all_commands()) {
        if (kind.layout->opcode == operation_code) {
            return kind.layout->size;
        }
    }
    switch (operation_code >> 5U) {
        case 0:
            return 6;
        case 1:
        case 2:
            return 10;
        case 4:
            return 16;
        case 5:
            return 12;
        default:
            return 0;
    }
}

bool is_vendor_specific(std::uint8_t operation_code) {
    return operation_code >= 0xC0U;
}

AnyCommand::AnyCommand(const CommandKind& kind) : kind_(&kind) {
    kind.construct(storage_.data());
}

Result<AnyCommand, DecodeError> AnyCommand::decode(ByteView cdb) {
    const auto* kind = find_command(cdb);
    if (kind == nullptr) {
        return tl::make_unexpected(cdb.empty() ? DecodeError::TooShort : DecodeError::WrongOpcode);
    }
    AnyCommand command(*kind);
    KILN_RETURN_IF_ERROR(detail::decode(*kind->layout, cdb, command.value()));
    return command;
}

Result<Cdb, EncodeError> AnyCommand::encode() const {
    return detail::encode(*kind_->layout, value());
}

Transfer AnyCommand::transfer(std::uint32_t block_size) const {
    return normal(kind_->transfer(value(), block_size));
}

Result<Transfer, DecodeError> transfer_of(ByteView cdb, std::uint32_t block_size) {
    KILN_ASSIGN_OR_RETURN(const AnyCommand command, AnyCommand::decode(cdb));
    return command.transfer(block_size);
}

Effect effect_of(ByteView cdb) {
    const auto* kind = find_command(cdb);
    if (kind == nullptr) {
        return !cdb.empty() && is_vendor_specific(cdb[0]) ? Effect::Vendor : Effect::Unknown;
    }
    if (const auto write = decode<WriteBuffer>(cdb)) {
        const bool data = write->mode == BufferMode::Data || write->mode == BufferMode::Echo;
        return data ? Effect::Harmless : Effect::Firmware;
    }
    return kind->effect;
}

CommandWords describe(ByteView cdb) {
    const auto* kind = find_command(cdb);
    if (kind == nullptr) {
        const auto size = cdb.empty() ? 0 : cdb_size(cdb[0]);
        return {.name = cdb.empty() ? "no command" : "opcode " + to_hex(cdb.first(1)),
                .known = false,
                .size = size,
                .complete = !cdb.empty() && cdb.size() >= size,
                .fields = {}};
    }
    AnyCommand command(*kind);
    decode_present(kind->layout->rows, cdb, command.value());
    CommandWords words{.name = std::string(kind->name()),
                       .known = true,
                       .size = kind->layout->size,
                       .complete = cdb.size() >= kind->layout->size,
                       .fields = {}};
    walk(kind->layout->rows, command.value(), [&](const Row& row, std::int64_t number) {
        if (row.end() <= cdb.size()) {
            words.fields.push_back({.name = row.name,
                                    .bits = bits_of(row, number),
                                    .number = number,
                                    .words = word_for(row, number)});
        }
    });
    return words;
}

std::string line_of(ByteView cdb) {
    if (const auto command = AnyCommand::decode(cdb)) {
        return detail::describe(*command->kind().layout, command->value());
    }
    const auto words = describe(cdb);
    return cdb.empty() ? words.name : words.name + " (" + to_hex(cdb) + ")";
}

}  // namespace kiln::mmc

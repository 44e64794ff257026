/// \file
/// All commands in one list: names, sizes, what a CDB moves, what it may do, and its words.
///
/// For whoever meets a CDB that it did not build: loggers, `kiln explain`, `kiln cmd`, the fake
/// drive.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mmc/bytes.h"
#include "mmc/cdb.h"
#include "mmc/layout.h"
#include "mmc/result.h"

namespace kiln::mmc {

enum class DataDirection : std::uint8_t { None, In, Out };

/// What a CDB makes the data phase move.
struct Transfer {
    DataDirection direction = DataDirection::None;
    /// At most this much (allocation length) or exactly this much (blocks, parameter lists); absent
    /// where the CDB does not tell.
    std::optional<std::uint64_t> bytes = 0;
    friend constexpr bool operator==(const Transfer&, const Transfer&) = default;
};

/// What a command may do to the disc or the drive.
enum class Effect : std::uint8_t {
    Harmless,
    Writes,  // data, or the marks that close and reserve
    Erases,
    Formats,
    Firmware,
    Vendor,   // a vendor's opcode: nobody but the vendor knows
    Unknown,  // an opcode that this catalog lacks
};

/// Room for any command's struct.
inline constexpr std::size_t kMaxCommandSize = 48;

/// One kind of command.
struct CommandKind {
    const Layout* layout = nullptr;
    Effect effect = Effect::Harmless;
    void (*construct)(void* storage) = nullptr;
    Transfer (*transfer)(const void* command, std::uint32_t block_size) = nullptr;

    [[nodiscard]] std::string_view name() const { return layout->name; }
};

/// Every command of mmc/commands, by operation code.
[[nodiscard]] std::span<const CommandKind> all_commands();

/// The kind of `cdb` by operation code and, where several commands share it, service action;
/// null if this catalog lacks it. Looks at no more bytes than that.
[[nodiscard]] const CommandKind* find_command(ByteView cdb);

/// By name, in any case and punctuation: "WRITE (10)", "write10", "read-disc-information". A name
/// without its size is the form of 10 bytes: "write". Null if there is none.
[[nodiscard]] const CommandKind* find_command(std::string_view name);

/// Bytes of a CDB with this operation code: the catalog's, else its group's, 0 if nobody knows.
[[nodiscard]] std::size_t cdb_size(std::uint8_t operation_code);

/// True for operation codes that are left to vendors (C0h and above, but for the standard's own).
[[nodiscard]] bool is_vendor_specific(std::uint8_t operation_code);

/// A decoded command of any kind, its struct's type erased. A plain value; no allocation.
class AnyCommand {
public:
    /// With the struct's defaults.
    explicit AnyCommand(const CommandKind& kind);

    /// Errors:  WrongOpcode if the catalog lacks it; TooShort
    [[nodiscard]] static Result<AnyCommand, DecodeError> decode(ByteView cdb);

    [[nodiscard]] const CommandKind& kind() const { return *kind_; }
    [[nodiscard]] const void* value() const { return storage_.data(); }
    [[nodiscard]] void* value() { return storage_.data(); }
    [[nodiscard]] Result<Cdb, EncodeError> encode() const;
    [[nodiscard]] Transfer transfer(std::uint32_t block_size) const;

private:
    const CommandKind* kind_;
    alignas(8) std::array<std::byte, kMaxCommandSize> storage_{};
};

/// What `cdb` moves in its data phase.
///
/// Units:   block_size in bytes, for READ, WRITE and their like
/// Errors:  WrongOpcode if the catalog lacks it; TooShort
[[nodiscard]] Result<Transfer, DecodeError> transfer_of(ByteView cdb,
                                                        std::uint32_t block_size = 2048);

/// What may come of sending `cdb`; a CDB that is too short is judged by its operation code.
[[nodiscard]] Effect effect_of(ByteView cdb);

/// One field of a CDB for people and programs.
struct FieldWords {
    std::string_view name;    // as in the layout table
    std::uint64_t bits = 0;   // the field's bits as a number; addresses below zero wrap
    std::int64_t number = 0;  // the same with its sign
    std::string_view words;   // what the number means, where the table says
    friend constexpr bool operator==(const FieldWords&, const FieldWords&) = default;
};

/// A CDB for people and programs. Unknown operation codes are "opcode d8" and have no fields.
struct CommandWords {
    std::string name;
    bool known = false;
    std::size_t size = 0;   // bytes the command has; 0 if nobody knows
    bool complete = false;  // false: the CDB is shorter, and only the fields that came are listed
    std::vector<FieldWords> fields;
};
[[nodiscard]] CommandWords describe(ByteView cdb);

/// One line for logs: "WRITE (10) lba=65536 n=32". Unknown operation codes come with their bytes.
[[nodiscard]] std::string line_of(ByteView cdb);

}  // namespace kiln::mmc

#include "harness/sim/commands/table.h"

#include <array>

namespace kiln::harness {

namespace {

using Table = std::array<const CommandEntry*, 256>;

Table make_table() {
    Table table{};
    for (const auto& entries :
         {identity_commands(), readiness_commands(), mode_commands(), configuration_commands(),
          disc_commands(), toc_commands(), read_commands(), write_commands(), session_commands(),
          format_commands(), structure_commands(), speed_commands()}) {
        for (const CommandEntry& entry : entries) {
            table[entry.opcode] = &entry;
        }
    }
    return table;
}

}  // namespace

ReservedBits reserved_bits(const mmc::Layout& layout) {
    ReservedBits reserved;
    reserved.fill(0xFF);
    reserved[0] = 0;
    constexpr std::uint8_t kNoLun = 0x1F;
    reserved[1] = kNoLun;
    for (const mmc::Row& row : layout.rows) {
        for (unsigned bit = row.low; bit < row.low + row.width; ++bit) {
            std::uint8_t& byte = reserved[row.last - bit / 8];
            byte = static_cast<std::uint8_t>(byte & ~(1U << (bit % 8)));
        }
    }
    return reserved;
}

bool sets_any(mmc::ByteView cdb, const ReservedBits& reserved, std::size_t size) {
    unsigned set = 0;
    for (std::size_t i = 0; i < size; ++i) {
        set |= unsigned{cdb[i]} & reserved[i];
    }
    return set != 0;
}

const CommandEntry* find_command(std::uint8_t opcode) {
    static const Table table = make_table();
    return table[opcode];
}

}  // namespace kiln::harness

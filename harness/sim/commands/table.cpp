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

const CommandEntry* find_command(std::uint8_t opcode) {
    static const Table table = make_table();
    return table[opcode];
}

}  // namespace kiln::harness

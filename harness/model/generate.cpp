// generate WRITES FOLDER: the burn machine's table for handshake.pml, as transitions.pml and
// transitions.c. Beside them one with each kind of row spoiled, to see that the model minds:
//   deaf.c       a cancel is heard, and changes nothing
//   forgetful.c  when the flush is done the tray stays locked
//   stubborn.c   the WRITE that was withdrawn is sent all the same

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <span>
#include <string_view>

#include <fmt/format.h>

#include "harness/model/machine_table.h"

namespace {

using kiln::harness::kModelEvents;
using kiln::harness::MachineTable;
using kiln::harness::ModelActions;
using kiln::harness::ModelCommand;
using kiln::harness::ModelEvent;
using kiln::harness::ModelRow;
using kiln::harness::ModelState;
using Stage = kiln::stack::BurnMachine::Stage;

/// As handshake.pml takes it apart.
unsigned number_of(const ModelActions& it) {
    return static_cast<unsigned>(it.command) | (it.read ? 16U : 0U) | (it.interrupt ? 32U : 0U) |
           (it.recover ? 64U : 0U) | (it.last_refused ? 128U : 0U);
}

bool is_cancel(std::size_t event) {
    return event >= static_cast<std::size_t>(ModelEvent::Cancel0);
}

void spoil(MachineTable& table, std::string_view fault) {
    for (std::uint32_t i = 0; i < table.states.size(); ++i) {
        for (std::size_t event = 0; event < kModelEvents; ++event) {
            ModelRow& row = table.states[i].rows.at(event);
            if (row.next == ModelRow::kCannotHappen) {
                continue;
            }
            if (fault == "deaf" && is_cancel(event) && table.states[i].stage == Stage::Writing) {
                row = {.next = i, .actions = {}};
            } else if (fault == "forgetful" && row.actions.command == ModelCommand::Unlock) {
                // To a state in which it has ended.
                row.actions.command = ModelCommand::None;
                for (std::uint32_t k = 0; k < table.states.size(); ++k) {
                    if (table.states[k].stage == Stage::Ended) {
                        row.next = k;
                    }
                }
            } else if (fault == "stubborn" &&
                       event >= static_cast<std::size_t>(ModelEvent::Withdrawn0)) {
                row.actions.command = ModelCommand::FirstWrite;
            }
        }
    }
}

/// One row a state, one value an event.
template <typename Value>
void print_table(std::ofstream& out, std::string_view type_and_name, const MachineTable& table,
                 Value value) {
    out << fmt::format("static const {}[][{}] = {{\n", type_and_name, kModelEvents);
    for (const ModelState& state : table.states) {
        out << "    {";
        for (const ModelRow& row : state.rows) {
            out << value(row) << ',';
        }
        out << "},\n";
    }
    out << "};\n";
}

std::uint32_t next_of(const ModelRow& row) {
    return row.next;
}
unsigned actions_of(const ModelRow& row) {
    return number_of(row.actions);
}

/// For the model.
bool print_names(const MachineTable& table, const std::filesystem::path& file) {
    std::ofstream names(file);
    names << "/* Made of the burn machine by harness/model/generate. */\n";
    for (std::size_t i = 0; i < kModelEvents; ++i) {
        names << fmt::format("#define {} {}\n", name_of(static_cast<ModelEvent>(i)), i);
    }
    names << fmt::format("#define AT_BEGIN {}\n", number_of(table.at_begin));
    names << "c_decl {\n\\#include \"transitions.c\"\n}\n";
    return names.flush().good();
}

/// For the checker that spin makes of it.
bool print_tables(const MachineTable& table, const std::filesystem::path& file) {
    std::ofstream tables(file);
    print_table(tables, "unsigned short kNext", table, next_of);
    print_table(tables, "unsigned char kDoes", table, actions_of);
    // 0: goes on; else 1 + the outcome.
    tables << "static const unsigned char kEnded[] = {";
    for (const ModelState& state : table.states) {
        const bool ended = state.stage == Stage::Ended;
        tables << (ended ? 1 + static_cast<unsigned>(state.outcome) : 0U) << ',';
    }
    tables << "};\n";
    return tables.flush().good();
}

}  // namespace

int main(int count, char** values) {
    const std::span<char*> arguments(values, static_cast<std::size_t>(count));
    if (arguments.size() != 3) {
        fmt::print(stderr, "usage: generate WRITES FOLDER\n");
        return 2;
    }
    const kiln::harness::WalkedMachine walked =
        kiln::harness::walk_machine(static_cast<unsigned>(std::strtoul(arguments[1], nullptr, 10)));
    if (walked.wrong != 0) {
        fmt::print(stderr, "generate: {} rows depend on more than the state\n", walked.wrong);
        return 1;
    }
    const std::filesystem::path folder = arguments[2];
    bool written = print_names(walked.table, folder / "transitions.pml") &&
                   print_tables(walked.table, folder / "transitions.c");
    for (const std::string_view fault : {"deaf", "forgetful", "stubborn"}) {
        MachineTable table = walked.table;
        spoil(table, fault);
        written = print_tables(table, folder / fmt::format("{}.c", fault)) && written;
    }
    fmt::print("{} states\n", walked.table.states.size());
    return written ? 0 : 1;
}

/// \file
/// What a command line asks for: one plain struct a verb.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "stack/burn.h"
#include "stack/outcome.h"

#include "tools/kiln/units.h"

namespace kiln::tools {

struct DrivesArguments {
    bool watch = false;
};

struct InfoArguments {
    std::string drive;
};

struct BurnArguments {
    std::string source;
    std::string drive;
    stack::BurnOptions options;
    std::optional<CancelAfter> cancel_after;
};

struct BlankArguments {
    std::string drive;
    stack::BlankKind kind = stack::BlankKind::Fast;
};

struct FormatArguments {
    std::string drive;
    stack::FormatOptions options;
};

struct ReadArguments {
    std::string drive;
    std::string file;  // "-": standard output
    std::optional<std::uint16_t> track;
    std::optional<BlockRange> blocks;
};

enum class Tray : std::uint8_t { Load, Eject };
struct TrayArguments {
    std::string drive;
    Tray to = Tray::Load;
};

struct CmdArguments {
    std::string drive;
    std::string bytes;                    // hex
    std::optional<std::uint32_t> in;      // bytes to ask for
    std::optional<std::string> out_file;  // bytes to send
    transports::Duration timeout = std::chrono::seconds(60);
    bool destructive = false;
};

struct ExplainArguments {
    std::string bytes;  // hex, or @FILE
    bool sense = false;
    std::optional<std::string> answer_to;
};

struct SimNewArguments {
    std::string path;
    std::string medium;
    std::string drive;  // empty: the medium's default
};
struct SimListArguments {};
struct SimShowArguments {
    std::string path;
};
struct SimRunArguments {
    std::string path;
    std::vector<std::string> command;
};

struct SimServeArguments {
    std::string path;
    std::string listen = "127.0.0.1";
    std::uint16_t port = 3240;
    bool attach = false;
    bool super_speed = false;
};

using VerbArguments =
    std::variant<DrivesArguments, InfoArguments, BurnArguments, BlankArguments, FormatArguments,
                 ReadArguments, TrayArguments, CmdArguments, ExplainArguments, SimNewArguments,
                 SimListArguments, SimShowArguments, SimRunArguments, SimServeArguments>;

struct Arguments {
    VerbArguments verb;
    bool json = false;
    std::string log;  // --log FILE
};

}  // namespace kiln::tools

/// \file
/// The verbs: one function each, one file each.

#pragma once

#include <string>

#include "transports/clock.h"

#include "tools/kiln/arguments.h"
#include "tools/kiln/reporter.h"

namespace kiln::tools {

/// What every verb gets from main().
struct Context {
    Reporter& reporter;
    transports::Clock& clock;  // the operating system's
    transports::Waker& waker;  // of this run; signal handlers wake it
    std::string log;           // file for the commands, a line each; empty: none
};

[[nodiscard]] ExitStatus run(const Context& context, const DrivesArguments& arguments);
[[nodiscard]] ExitStatus run(const Context& context, const InfoArguments& arguments);
[[nodiscard]] ExitStatus run(const Context& context, const BurnArguments& arguments);
[[nodiscard]] ExitStatus run(const Context& context, const BlankArguments& arguments);
[[nodiscard]] ExitStatus run(const Context& context, const FormatArguments& arguments);
[[nodiscard]] ExitStatus run(const Context& context, const ReadArguments& arguments);
[[nodiscard]] ExitStatus run(const Context& context, const TrayArguments& arguments);
[[nodiscard]] ExitStatus run(const Context& context, const CmdArguments& arguments);
[[nodiscard]] ExitStatus run(const Context& context, const ExplainArguments& arguments);
[[nodiscard]] ExitStatus run(const Context& context, const SimNewArguments& arguments);
[[nodiscard]] ExitStatus run(const Context& context, const SimListArguments& arguments);
[[nodiscard]] ExitStatus run(const Context& context, const SimShowArguments& arguments);
[[nodiscard]] ExitStatus run(const Context& context, const SimRunArguments& arguments);
[[nodiscard]] ExitStatus run(const Context& context, const SimServeArguments& arguments);

}  // namespace kiln::tools

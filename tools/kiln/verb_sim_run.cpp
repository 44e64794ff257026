/// \file
/// kiln sim run: any program, with a simulated drive as its /dev/sr0 and /dev/sg0.

#include <string>

#include "stack/hresult.h"

#include "harness/sim/sim_address.h"
#include "harness/umockdev/sim_run.h"

#include "tools/kiln/drive_session.h"
#include "tools/kiln/problem.h"
#include "tools/kiln/sim_path.h"
#include "tools/kiln/verbs.h"
#include "tools/libkiln/address.h"

namespace kiln::tools {
ExitStatus run(const Context& context, const SimRunArguments& arguments) {
    const std::string doing = "sim run " + arguments.path;
    const auto failed = [&](const harness::SimError& error) {
        return context.reporter.failed(problem_from(doing, open_error_from(error)));
    };
    const auto address = harness::parse_sim_address(sim_address_of(arguments.path));
    if (!address) {
        return failed(address.error());
    }
    const auto status = harness::run_with_simulated_drive(*address, arguments.command);
    // The program spoke for itself; its status is ours.
    return status ? static_cast<ExitStatus>(*status) : failed(status.error());
}

}  // namespace kiln::tools

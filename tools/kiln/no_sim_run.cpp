/// \file
/// kiln sim run in a build that has nothing to show a simulated drive with.

#include "tools/kiln/verbs.h"

namespace kiln::tools {

ExitStatus run(const Context& context, const SimRunArguments& arguments) {
    return context.reporter.failed(unsuitable("sim run " + arguments.path,
                                              "this build has no umockdev: tools/setup",
                                              stack::HResult::NotImplemented));
}

}  // namespace kiln::tools

#include "stack/runner.h"

#include "stack/runner_loop.h"

namespace kiln::stack {

template class BasicRunner<StandardSync>;

}  // namespace kiln::stack

/// \file
/// What the program ends with. Scripts rely on these numbers.

#pragma once

namespace kiln::tools {

enum class ExitStatus : int {
    Done = 0,          // done, and proved
    Failed = 1,        // failed; or the source cannot be read, is empty or ends early
    WrongUsage = 2,    // the command line makes no sense
    Cancelled = 3,     // cancelled, or a cancel left out something that was asked for
    Unsuitable = 4,    // no such drive, medium or personality; or this cannot be done with it
    NotPermitted = 5,  // not permitted, or in use by another program
};

}  // namespace kiln::tools

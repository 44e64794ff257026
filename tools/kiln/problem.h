/// \file
/// Why a verb could not do what it was asked for: one line for people, a status for scripts.

#pragma once

#include <optional>
#include <string>

#include "stack/failure.h"
#include "stack/hresult.h"

#include "tools/kiln/exit_status.h"

namespace kiln::tools {

template <typename T, typename E>
using Result = mmc::Result<T, E>;

struct Problem {
    ExitStatus status = ExitStatus::Failed;
    stack::HResult code = stack::HResult::Fail;
    std::string doing;                      // "opening image.iso"
    std::string message;                    // "No such file or directory"; one line, no full stop
    std::optional<stack::Failure> failure;  // where a drive was involved

    /// "opening image.iso: No such file or directory"
    [[nodiscard]] std::string line() const;
};

[[nodiscard]] Problem wrong_usage(std::string message);

/// A request to stop came while `doing`; nothing else is wrong.
[[nodiscard]] Problem cancelled(std::string doing);

/// Something of the host: a file, a pipe, a folder.
[[nodiscard]] Problem host_problem(std::string doing, std::string message);

/// A state, a name or a size that the verb cannot be done with.
[[nodiscard]] Problem unsuitable(std::string doing, std::string message,
                                 stack::HResult code = stack::HResult::InvalidArgument);

/// A failure of the stack, with what the program was doing about it.
[[nodiscard]] Problem problem_from(std::string doing, const stack::Failure& failure);

}  // namespace kiln::tools

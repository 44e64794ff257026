/// \file
/// What signals do to a burn: they cancel it, and nothing else stops it.

#pragma once

#include <array>
#include <csignal>
#include <cstddef>
#include <cstdint>

#include "stack/burn.h"

namespace kiln::tools {

/// A reader that goes away is an error of a write, not the death of the program. For the whole run.
void ignore_broken_pipes();

/// What is said when one is heard.
enum class SignalWords : std::uint8_t { Burning, Reading };

/// While it lives: SIGINT, SIGTERM and SIGHUP ask `cancel` for `policy`, each further one for the
/// next policy; each is answered at once on standard error. SIGTSTP is answered and held off until
/// the end; writing to the terminal from the background stops nothing.
///
/// Thread:  made and ended on the main thread before others are started and after they ended; one
///          at a time
class SignalGuard {
public:
    explicit SignalGuard(stack::CancelSwitch& cancel, SignalWords words = SignalWords::Burning,
                         stack::CancelPolicy policy = stack::CancelPolicy::MakeReadable);
    ~SignalGuard();
    SignalGuard(const SignalGuard&) = delete;
    SignalGuard& operator=(const SignalGuard&) = delete;

private:
    struct Saved {
        int number = 0;
        struct sigaction action{};
    };
    std::array<Saved, 5> saved_{};
};

}  // namespace kiln::tools

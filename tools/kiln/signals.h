/// \file
/// What signals do: they cancel a burn, and nothing else stops it; they end every wait of what
/// only asks or reads, and the drive is given back.

#pragma once

#include <array>
#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstdint>

#include "transports/stop.h"
#include "transports/transport.h"

#include "stack/burn.h"

namespace kiln::tools {

/// A reader that goes away is an error of a write, not the death of the program. For the whole run.
void ignore_broken_pipes();

/// What is said when one is heard.
enum class SignalWords : std::uint8_t { Asking, Watching, Reading, Burning };

/// While it lives SIGINT, SIGTERM and SIGHUP are requests, each answered at once on standard error;
/// writing to the terminal from the background stops nothing.
///
/// Thread:  made and ended on the main thread before others are started and after they ended; an
///          inner one takes over until it ends
class SignalGuard {
public:
    /// They ask `cancel` for `policy`, each further one for the next policy. SIGTSTP is answered
    /// and held off until the end.
    SignalGuard(stack::CancelSwitch& cancel, stack::CancelPolicy policy);
    /// They ask for `stop`, each anew; system calls that wait end with EINTR. SIGTSTP suspends.
    SignalGuard(transports::Stop& stop, SignalWords words);
    ~SignalGuard();
    SignalGuard(const SignalGuard&) = delete;
    SignalGuard& operator=(const SignalGuard&) = delete;

    /// While there is one, what it was asked is interrupted as well, each time: for phases in which
    /// it only reads. Null: none.
    ///
    /// Thread:  any
    void interrupt_too(transports::Transport* transport) { asked_.reading = transport; }

    /// Whom signals ask.
    struct Asked {
        stack::CancelSwitch* cancel = nullptr;
        transports::Stop* stop = nullptr;
        SignalWords words = SignalWords::Burning;
        stack::CancelPolicy policy = stack::CancelPolicy::MakeReadable;
        std::atomic<transports::Transport*> reading{nullptr};
    };

private:
    void take_signals();

    struct Saved {
        int number = 0;
        struct sigaction action{};
    };
    Asked asked_;
    const Asked* before_ = nullptr;
    std::array<Saved, 5> saved_{};
};

}  // namespace kiln::tools

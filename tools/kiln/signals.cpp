#include "tools/kiln/signals.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <string_view>

#include <unistd.h>

namespace kiln::tools {
namespace {

// What a handler may look at. Lock-free atomics are what the standard lets it use.
std::atomic<stack::CancelSwitch*> current_switch{nullptr};
std::atomic<unsigned> first_policy{0};
std::atomic<unsigned> requests{0};
std::atomic<bool> reading{false};
std::atomic<bool> stop_was_asked{false};
static_assert(std::atomic<stack::CancelSwitch*>::is_always_lock_free);

// By the policy that is asked for now. Each says what one more request does.
constexpr std::array<std::string_view, stack::kCancelPolicies> kHeard{
    "\nkiln: heard; cancelling so that what was written can be read (once more: leave it "
    "resumable)\n",
    "\nkiln: heard; cancelling so that the disc can be continued (once more: fastest release)\n",
    "\nkiln: heard; cancelling, fastest release (once more: emergency, the drive is reset)\n",
    "\nkiln: heard; emergency: the drive is reset; what is in its buffer may be lost\n",
};
constexpr std::string_view kReadHeard = "\nkiln: heard; ending the read, what came is kept\n";
constexpr std::string_view kStopHeard =
    "\nkiln: heard; a burn cannot be suspended: will stop when it has ended\n";

void say(std::string_view text) {
    // Nothing can be done about a terminal that is gone.
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
}

void on_cancel_signal(int /*number*/) {
    const int saved_errno = errno;
    if (stack::CancelSwitch* cancel = current_switch.load(); cancel != nullptr) {
        const unsigned first = first_policy.load();
        const unsigned policy = first + requests.fetch_add(1);
        cancel->request_or_escalate(static_cast<stack::CancelPolicy>(first));
        say(reading.load() ? kReadHeard
                           : kHeard[policy < kHeard.size() ? policy : kHeard.size() - 1]);
    }
    errno = saved_errno;
}

void on_stop_signal(int /*number*/) {
    const int saved_errno = errno;
    stop_was_asked.store(true);
    say(kStopHeard);
    errno = saved_errno;
}

struct sigaction action_for(void (*handler)(int)) {
    struct sigaction action{};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigfillset(&action.sa_mask);
    return action;
}

}  // namespace

void ignore_broken_pipes() {
    const struct sigaction ignore = action_for(SIG_IGN);
    sigaction(SIGPIPE, &ignore, nullptr);
}

SignalGuard::SignalGuard(stack::CancelSwitch& cancel, SignalWords words,
                         stack::CancelPolicy policy) {
    reading.store(words == SignalWords::Reading);
    first_policy.store(static_cast<unsigned>(policy));
    requests.store(0);
    stop_was_asked.store(false);
    current_switch.store(&cancel);
    saved_[0].number = SIGINT;
    saved_[1].number = SIGTERM;
    saved_[2].number = SIGHUP;
    saved_[3].number = SIGTSTP;
    saved_[4].number = SIGTTOU;
    for (Saved& saved : saved_) {
        struct sigaction action = action_for(&on_cancel_signal);
        if (saved.number == SIGTSTP && words == SignalWords::Reading) {
            action = saved.action;  // a read may well be suspended
        } else if (saved.number == SIGTSTP) {
            action = action_for(&on_stop_signal);
        } else if (saved.number == SIGTTOU) {
            action = action_for(SIG_IGN);
        }
        sigaction(saved.number, nullptr, &saved.action);
        // nohup means it: a hangup that is ignored stays ignored.
        if (saved.number != SIGHUP || saved.action.sa_handler != SIG_IGN) {
            sigaction(saved.number, &action, nullptr);
        }
    }
}

SignalGuard::~SignalGuard() {
    for (const Saved& saved : saved_) {
        sigaction(saved.number, &saved.action, nullptr);
    }
    current_switch.store(nullptr);
    if (stop_was_asked.load()) {
        raise(SIGTSTP);
    }
}

}  // namespace kiln::tools

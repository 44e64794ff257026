#include "tools/kiln/signals.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <string_view>

#include <unistd.h>

namespace kiln::tools {
namespace {

// What a handler may look at. Lock-free atomics are what the standard lets it use.
std::atomic<const SignalGuard::Asked*> asked{nullptr};
std::atomic<unsigned> requests{0};
std::atomic<bool> stop_was_asked{false};
static_assert(std::atomic<const SignalGuard::Asked*>::is_always_lock_free);

// By the policy that is asked for now. Each says what one more request does.
constexpr std::array<std::string_view, stack::kCancelPolicies> kHeard{
    "\nkiln: heard; cancelling so that what was written can be read (once more: leave it "
    "resumable)\n",
    "\nkiln: heard; cancelling so that the disc can be continued (once more: fastest release)\n",
    "\nkiln: heard; cancelling, fastest release (once more: emergency, the drive is reset)\n",
    "\nkiln: heard; emergency: the drive is reset; what is in its buffer may be lost\n",
};
constexpr std::string_view kReadHeard = "\nkiln: heard; ending the read, what came is kept\n";
constexpr std::string_view kWatchHeard = "\nkiln: heard; the watch ends\n";
constexpr std::string_view kAskingHeard = "\nkiln: heard; giving the drive back\n";
constexpr std::string_view kStopHeard =
    "\nkiln: heard; a burn cannot be suspended: will stop when it has ended\n";

void say(std::string_view text) {
    // Nothing can be done about a terminal that is gone.
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
}

void on_cancel_signal(int /*number*/) {
    const int saved_errno = errno;
    const SignalGuard::Asked* const now = asked.load();
    if (now != nullptr && now->stop != nullptr) {
        now->stop->request();
        say(now->words == SignalWords::Reading    ? kReadHeard
            : now->words == SignalWords::Watching ? kWatchHeard
                                                  : kAskingHeard);
    } else if (now != nullptr) {
        const unsigned policy = static_cast<unsigned>(now->policy) + requests.fetch_add(1);
        now->cancel->request_or_escalate(now->policy);
        if (transports::Transport* const transport = now->reading.load(); transport != nullptr) {
            transport->interrupt();
        }
        say(kHeard[policy < kHeard.size() ? policy : kHeard.size() - 1]);
    }
    errno = saved_errno;
}

void on_stop_signal(int /*number*/) {
    const int saved_errno = errno;
    stop_was_asked.store(true);
    say(kStopHeard);
    errno = saved_errno;
}

struct sigaction action_for(void (*handler)(int), int flags = SA_RESTART) {
    struct sigaction action{};
    action.sa_handler = handler;
    action.sa_flags = flags;
    sigfillset(&action.sa_mask);
    return action;
}

}  // namespace

void ignore_broken_pipes() {
    const struct sigaction ignore = action_for(SIG_IGN);
    sigaction(SIGPIPE, &ignore, nullptr);
}

SignalGuard::SignalGuard(stack::CancelSwitch& cancel, stack::CancelPolicy policy)
    : asked_{.cancel = &cancel, .policy = policy} {
    take_signals();
}

SignalGuard::SignalGuard(transports::Stop& stop, SignalWords words)
    : asked_{.stop = &stop, .words = words} {
    take_signals();
}

void SignalGuard::take_signals() {
    const bool burning = asked_.words == SignalWords::Burning;
    requests.store(0);
    stop_was_asked.store(false);
    before_ = asked.exchange(&asked_);
    saved_[0].number = SIGINT;
    saved_[1].number = SIGTERM;
    saved_[2].number = SIGHUP;
    saved_[3].number = SIGTSTP;
    saved_[4].number = SIGTTOU;
    for (Saved& saved : saved_) {
        sigaction(saved.number, nullptr, &saved.action);
        struct sigaction action = action_for(&on_cancel_signal, burning ? SA_RESTART : 0);
        if (saved.number == SIGTSTP) {
            // What only asks or reads may well be suspended.
            action = burning ? action_for(&on_stop_signal) : saved.action;
        } else if (saved.number == SIGTTOU) {
            action = action_for(SIG_IGN);
        }
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
    asked.store(before_);
    if (stop_was_asked.load()) {
        raise(SIGTSTP);
    }
}

}  // namespace kiln::tools

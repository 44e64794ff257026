// A cancel from a signal handler, at every instruction of what the signal may interrupt.
//
// The processor's trap flag makes each instruction of this thread raise SIGTRAP; what handles that
// is the handler under test. A lock anywhere on the way would be met held.

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "mmc/bytes.h"

#include "transports/os/file_source.h"
#include "transports/os/os_clock.h"
#include "transports/source.h"

#include "stack/burn.h"
#include "stack/policy.h"

namespace kiln::harness {
namespace {

#if defined(__x86_64__)

constexpr greg_t kTrapFlag = 0x100;
constexpr std::size_t kMostSystemCalls = 64;
constexpr int kSomeErrno = 4711;

/// What the handler does and finds; plain memory, for it runs on the thread that it interrupts.
struct Stepping {
    stack::CancelSwitch* cancel = nullptr;  // null: only looks
    volatile bool stop = false;
    unsigned steps = 0;
    unsigned errno_changed = 0;
    std::size_t system_calls = 0;
    long numbers[kMostSystemCalls] = {};
};
Stepping stepping;

void on_step(int /*number*/, siginfo_t* /*info*/, void* context) {
    auto& registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
    if (stepping.stop) {
        registers[REG_EFL] &= ~kTrapFlag;
        return;
    }
    ++stepping.steps;
    const int before = errno;
    if (stepping.cancel != nullptr) {
        errno = kSomeErrno;
        stepping.cancel->request_or_escalate(stack::CancelPolicy::MakeReadable);
        stepping.errno_changed += errno == kSomeErrno ? 0 : 1;
    }
    errno = before;
    std::uint16_t instruction = 0;
    std::memcpy(&instruction,
                reinterpret_cast<const void*>(registers[REG_RIP]),  // NOLINT: where it stands
                sizeof instruction);
    constexpr std::uint16_t kSystemCall = 0x050F;
    if (instruction == kSystemCall && stepping.system_calls < kMostSystemCalls) {
        stepping.numbers[stepping.system_calls++] = static_cast<long>(registers[REG_RAX]);
    }
}

void on_start(int /*number*/, siginfo_t* /*info*/, void* context) {
    static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_EFL] |= kTrapFlag;
}

/// From its construction to its end each instruction is a step.
class EveryInstruction {
public:
    explicit EveryInstruction(stack::CancelSwitch* cancel) {
        stepping = {};
        stepping.cancel = cancel;
        struct sigaction action{};
        action.sa_flags = SA_SIGINFO;
        action.sa_sigaction = &on_step;
        ::sigaction(SIGTRAP, &action, &old_trap_);
        action.sa_sigaction = &on_start;
        ::sigaction(SIGUSR1, &action, &old_user_);
        ::raise(SIGUSR1);
    }
    ~EveryInstruction() {
        stepping.stop = true;
        ::sigaction(SIGUSR1, &old_user_, nullptr);
        ::sigaction(SIGTRAP, &old_trap_, nullptr);
    }
    EveryInstruction(const EveryInstruction&) = delete;
    EveryInstruction& operator=(const EveryInstruction&) = delete;

private:
    struct sigaction old_trap_{};
    struct sigaction old_user_{};
};

std::unique_ptr<transports::FileSource> endless_zeros() {
    auto opened = transports::FileSource::open("/dev/zero");
    return opened ? *std::move(opened) : nullptr;
}

TEST(CancelInASignalHandler, MayComeAtEveryInstruction) {
    transports::OsWaker waker;
    const auto source = endless_zeros();
    ASSERT_TRUE(source);
    stack::CancelSwitch cancel(waker, source.get());
    std::uint8_t bytes[16] = {};
    {
        const EveryInstruction every(&cancel);
        (void)waker.wait_for(transports::Duration::zero());
        cancel.request(stack::CancelPolicy::LeaveResumable);
        (void)cancel.word().first_write_issued();
        (void)waker.wait_for(std::chrono::seconds(1));
        (void)source->read(mmc::MutableByteView(bytes));
        const auto text = std::make_unique<std::string>(100, 'x');  // the heap's lock, too
        cancel.word().write_ended();
    }
    EXPECT_GT(stepping.steps, 500U);
    EXPECT_EQ(stepping.errno_changed, 0U);
    EXPECT_EQ(cancel.word().requested(), stack::CancelPolicy::Emergency);
    EXPECT_TRUE(waker.wait_for(transports::Duration::zero())) << "the last wake is still there";
    const auto read = source->read(mmc::MutableByteView(bytes));
    EXPECT_TRUE(!read && read.error().interrupted);
}

TEST(CancelInASignalHandler, MakesNoSystemCallsButAWakeAndAnEvent) {
    transports::OsWaker waker;
    const auto source = endless_zeros();
    ASSERT_TRUE(source);
    stack::CancelSwitch cancel(waker, source.get());
    {
        const EveryInstruction every(nullptr);
        cancel.request(stack::CancelPolicy::MakeReadable);
    }
    std::set<long> numbers(stepping.numbers, stepping.numbers + stepping.system_calls);
    EXPECT_EQ(numbers.count(SYS_futex), 1U);
    EXPECT_EQ(numbers.count(SYS_write), 1U) << "FileSource's event";
    numbers.erase(SYS_futex);
    numbers.erase(SYS_write);
    // Of this test itself: it sets the signals back.
    numbers.erase(SYS_rt_sigaction);
    numbers.erase(SYS_rt_sigprocmask);
    numbers.erase(SYS_rt_sigreturn);
    numbers.erase(SYS_tgkill);
    EXPECT_TRUE(numbers.empty()) << "the first is number " << *numbers.begin();
}

/// Takes a lock where none may be taken; says so instead of waiting for ever.
class LockingSource final : public transports::Source {
public:
    transports::Result<std::size_t, transports::SourceError> read(
        mmc::MutableByteView /*buffer*/) override {
        while (lock_.test_and_set()) {
        }
        lock_.clear();
        return 0U;
    }
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return std::nullopt; }
    void interrupt() noexcept override {
        if (lock_.test_and_set()) {
            ++would_hang;
        } else {
            lock_.clear();
        }
    }

    unsigned would_hang = 0;

private:
    std::atomic_flag lock_;
};

TEST(CancelInASignalHandler, ASourceThatTakesALockIsCaught) {
    transports::OsWaker waker;
    LockingSource source;
    stack::CancelSwitch cancel(waker, &source);
    std::uint8_t bytes[16] = {};
    {
        const EveryInstruction every(&cancel);
        (void)source.read(mmc::MutableByteView(bytes));
    }
    EXPECT_GT(source.would_hang, 0U);
}

#endif

// What a handler touches, on every processor.
static_assert(std::atomic<std::uint32_t>::is_always_lock_free, "the word and the waker");
static_assert(std::atomic<bool>::is_always_lock_free, "FileSource's flag");
static_assert(noexcept(std::declval<stack::CancelSwitch&>().request({})));
static_assert(noexcept(std::declval<stack::CancelSwitch&>().request_or_escalate({})));
static_assert(noexcept(std::declval<transports::Waker&>().wake()));
static_assert(noexcept(std::declval<transports::Source&>().interrupt()));

}  // namespace
}  // namespace kiln::harness

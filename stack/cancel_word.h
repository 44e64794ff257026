/// \file
/// The one word that a cancel and the write share.
///
/// Who asks swaps it, and so does whoever issues the first and the last WRITE; every answer is the
/// outcome of one compare-and-swap, so there is no instant at which both sides think they won.
///
///     bits 0-1  Idle -> Writing -> LastIssued (-> Writing again when the drive refused that WRITE)
///     bit  2    cancel_write() was accepted
///     bits 4-6  1 + the latched CancelPolicy; 0: none

#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "stack/hresult.h"
#include "stack/policy.h"

namespace kiln::stack {

/// The atomics of the real world. Another Sync lets a controlled scheduler step through them.
struct StandardSync {
    template <typename T>
    using Atomic = std::atomic<T>;
};

template <typename Sync>
class CancelWord {
public:
    /// IWriteEngine2::CancelWrite, not latching: Ok between the issue of the first WRITE and that
    /// of the last, and again Ok once accepted; else WriteNotInProgress, and nothing is remembered.
    ///
    /// Thread:  any, and signal handlers
    HResult cancel_write() noexcept {
        std::uint32_t old = word_.load();
        do {
            if ((old & kAccepted) != 0) {
                return HResult::Ok;
            }
            if ((old & kStateMask) != kWriting) {
                return HResult::WriteNotInProgress;
            }
        } while (!word_.compare_exchange_weak(old, old | kAccepted));
        return HResult::Ok;
    }

    /// Latches `policy`; only ever escalates.
    ///
    /// Thread:  any, and signal handlers
    void request(CancelPolicy policy) noexcept {
        const std::uint32_t wanted = encoded(policy);
        std::uint32_t old = word_.load();
        do {
            if ((old & kPolicyMask) >= wanted) {
                return;
            }
        } while (!word_.compare_exchange_weak(old, (old & ~kPolicyMask) | wanted));
    }

    /// The first request latches `first`, each later one the next policy.
    void request_or_escalate(CancelPolicy first) noexcept {
        std::uint32_t old = word_.load();
        std::uint32_t next = 0;
        do {
            const std::uint32_t now = old & kPolicyMask;
            next = now == 0 ? encoded(first) : now + kPolicyStep;
            if (next > encoded(CancelPolicy::Emergency)) {
                return;
            }
        } while (!word_.compare_exchange_weak(old, (old & ~kPolicyMask) | next));
    }

    /// What is asked for: the latched policy; an accepted cancel_write() counts as FastestRelease,
    /// for it ends the writing and nothing else.
    [[nodiscard]] std::optional<CancelPolicy> requested() const noexcept {
        const std::uint32_t word = word_.load();
        if ((word & kPolicyMask) != 0) {
            return static_cast<CancelPolicy>(((word & kPolicyMask) >> kPolicyShift) - 1U);
        }
        return (word & kAccepted) != 0 ? std::optional(CancelPolicy::FastestRelease) : std::nullopt;
    }

    // The engine's side. Thread:  the one that issues the WRITEs

    /// False: a cancel came first, do not issue it.
    [[nodiscard]] bool first_write_issued() noexcept { return advance(kIdle, kWriting); }
    /// False: a cancel came first, do not issue it.
    [[nodiscard]] bool last_write_issued() noexcept { return advance(kWriting, kLastIssued); }
    /// The drive was busy: the section is being written again while we wait.
    void last_write_refused() noexcept {
        std::uint32_t old = word_.load();
        while ((old & kStateMask) == kLastIssued &&
               !word_.compare_exchange_weak(old, (old & ~kStateMask) | kWriting)) {
        }
    }
    /// The writing is over, however. The latched policy stays for what comes after it.
    void write_ended() noexcept {
        std::uint32_t old = word_.load();
        while (!word_.compare_exchange_weak(old, old & ~(kStateMask | kAccepted))) {
        }
    }
    /// As new: for the next job.
    void reset() noexcept { word_.store(0); }

private:
    static constexpr std::uint32_t kStateMask = 0x3;
    static constexpr std::uint32_t kIdle = 0;
    static constexpr std::uint32_t kWriting = 1;
    static constexpr std::uint32_t kLastIssued = 2;
    static constexpr std::uint32_t kAccepted = 0x4;
    static constexpr std::uint32_t kPolicyMask = 0x70;
    static constexpr std::uint32_t kPolicyShift = 4;
    static constexpr std::uint32_t kPolicyStep = 1U << kPolicyShift;

    static constexpr std::uint32_t encoded(CancelPolicy policy) {
        return (static_cast<std::uint32_t>(policy) + 1U) << kPolicyShift;
    }

    bool advance(std::uint32_t from, std::uint32_t to) noexcept {
        std::uint32_t old = word_.load();
        do {
            if ((old & (kAccepted | kPolicyMask)) != 0 || (old & kStateMask) != from) {
                return false;
            }
        } while (!word_.compare_exchange_weak(old, (old & ~kStateMask) | to));
        return true;
    }

    typename Sync::template Atomic<std::uint32_t> word_{0};
};

using AtomicCancelWord = CancelWord<StandardSync>;
static_assert(std::atomic<std::uint32_t>::is_always_lock_free, "signal handlers use it");

}  // namespace kiln::stack

/// \file
/// Cancel words with one fault each: what an explorer of interleavings has to catch.

#pragma once

#include <cstdint>
#include <optional>

#include "stack/hresult.h"
#include "stack/policy.h"

#include "harness/testing/interleave/explored_sync.h"

namespace kiln::harness::interleave {

/// A cancel word of which a derived one spoils one operation. The bits are as in CancelWord.
class PlainWord {
public:
    stack::HResult cancel_write() {
        std::uint32_t old = word_.load();
        do {
            if ((old & kAccepted) != 0) {
                return stack::HResult::Ok;
            }
            if ((old & kState) != kWriting) {
                return stack::HResult::WriteNotInProgress;
            }
        } while (!word_.compare_exchange_weak(old, old | kAccepted));
        return stack::HResult::Ok;
    }
    void request(stack::CancelPolicy policy) {
        std::uint32_t old = word_.load();
        do {
            if ((old & kPolicy) >= encoded(policy)) {
                return;
            }
        } while (!word_.compare_exchange_weak(old, (old & ~kPolicy) | encoded(policy)));
    }
    void request_or_escalate(stack::CancelPolicy first) {
        std::uint32_t old = word_.load();
        std::uint32_t next = 0;
        do {
            next = (old & kPolicy) == 0 ? encoded(first) : (old & kPolicy) + 0x10;
        } while (!word_.compare_exchange_weak(old, (old & ~kPolicy) | next));
    }
    [[nodiscard]] std::optional<stack::CancelPolicy> requested() const {
        const std::uint32_t word = word_.load();
        if ((word & kPolicy) != 0) {
            return static_cast<stack::CancelPolicy>((word & kPolicy) / 0x10 - 1);
        }
        return (word & kAccepted) != 0 ? std::optional(stack::CancelPolicy::FastestRelease)
                                       : std::nullopt;
    }
    [[nodiscard]] bool first_write_issued() { return advance(0, kWriting); }
    [[nodiscard]] bool last_write_issued() { return advance(kWriting, kLastIssued); }
    void last_write_refused() {
        std::uint32_t old = word_.load();
        while ((old & kState) == kLastIssued &&
               !word_.compare_exchange_weak(old, (old & ~kState) | kWriting)) {
        }
    }
    void write_ended() {
        std::uint32_t old = word_.load();
        while (!word_.compare_exchange_weak(old, old & ~(kState | kAccepted))) {
        }
    }
    void reset() { word_.store(0); }

protected:
    static constexpr std::uint32_t kState = 0x3;
    static constexpr std::uint32_t kWriting = 1;
    static constexpr std::uint32_t kLastIssued = 2;
    static constexpr std::uint32_t kAccepted = 0x4;
    static constexpr std::uint32_t kPolicy = 0x70;

    static std::uint32_t encoded(stack::CancelPolicy policy) {
        return (static_cast<std::uint32_t>(policy) + 1) * 0x10;
    }
    bool advance(std::uint32_t from, std::uint32_t to) {
        std::uint32_t old = word_.load();
        do {
            if ((old & (kAccepted | kPolicy)) != 0 || (old & kState) != from) {
                return false;
            }
        } while (!word_.compare_exchange_weak(old, (old & ~kState) | to));
        return true;
    }
    /// As advance(), but a cancel between the look and the store is lost.
    bool advance_by_store(std::uint32_t from, std::uint32_t to) {
        const std::uint32_t old = word_.load();
        if ((old & (kAccepted | kPolicy)) != 0 || (old & kState) != from) {
            return false;
        }
        word_.store((old & ~kState) | to);
        return true;
    }

    Atomic<std::uint32_t> word_{0};
};

class LastWriteIsStored : public PlainWord {
public:
    [[nodiscard]] bool last_write_issued() { return advance_by_store(kWriting, kLastIssued); }
};

class FirstWriteIsStored : public PlainWord {
public:
    [[nodiscard]] bool first_write_issued() { return advance_by_store(0, kWriting); }
};

class RefusedIsRemembered : public PlainWord {
public:
    stack::HResult cancel_write() {
        const bool writing = (word_.load() & kState) == kWriting;
        std::uint32_t old = word_.load();
        while (!word_.compare_exchange_weak(old, old | kAccepted)) {
        }
        return writing ? stack::HResult::Ok : stack::HResult::WriteNotInProgress;
    }
};

class CancelIsStored : public PlainWord {
public:
    stack::HResult cancel_write() {
        const std::uint32_t old = word_.load();
        if ((old & kState) != kWriting) {
            return stack::HResult::WriteNotInProgress;
        }
        word_.store(old | kAccepted);
        return stack::HResult::Ok;
    }
};

class SecondIsRefused : public PlainWord {
public:
    stack::HResult cancel_write() {
        std::uint32_t old = word_.load();
        do {
            if ((old & (kAccepted | kState)) != kWriting) {
                return stack::HResult::WriteNotInProgress;
            }
        } while (!word_.compare_exchange_weak(old, old | kAccepted));
        return stack::HResult::Ok;
    }
};

class RefusalForgets : public PlainWord {
public:
    void last_write_refused() { word_.store(kWriting); }
    stack::HResult cancel_write() {
        // That it takes the cancel while the last WRITE is out is what makes the store lose it.
        std::uint32_t old = word_.load();
        do {
            if ((old & kState) == 0) {
                return stack::HResult::WriteNotInProgress;
            }
        } while (!word_.compare_exchange_weak(old, old | kAccepted));
        return stack::HResult::Ok;
    }
};

class RequestIsStored : public PlainWord {
public:
    void request(stack::CancelPolicy policy) {
        const std::uint32_t old = word_.load();
        if ((old & kPolicy) < encoded(policy)) {
            word_.store((old & ~kPolicy) | encoded(policy));
        }
    }
};

class RequestGoesBack : public PlainWord {
public:
    void request(stack::CancelPolicy policy) {
        std::uint32_t old = word_.load();
        while (!word_.compare_exchange_weak(old, (old & ~kPolicy) | encoded(policy))) {
        }
    }
};

class EndForgets : public PlainWord {
public:
    void write_ended() { word_.store(0); }
};

}  // namespace kiln::harness::interleave

/// \file
/// --cancel-after: asks for a cancel when so much was written, or so much time has passed.

#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "transports/clock.h"
#include "transports/transport.h"

#include "stack/burn.h"

#include "tools/kiln/units.h"

namespace kiln::tools {

/// Looks at every command that has ended, so that a share or an amount is exact to one WRITE. Time
/// counts from the first command, on the drive's clock, and is looked at when a command has ended.
///
/// Thread:  execute() where the transport below is used; the setters before the first WRITE
class CancelAfterTransport final : public transports::Transport {
public:
    CancelAfterTransport(transports::Transport& below, transports::Clock& clock,
                         std::optional<CancelAfter> after, stack::CancelPolicy policy)
        : below_(below), clock_(clock), after_(after), policy_(policy) {}

    /// Whom to ask. Before it is set nothing is asked for.
    void arm(stack::CancelSwitch& cancel) { cancel_ = &cancel; }
    /// What 100 % are; 0 where that is not known, and a share then never comes.
    void expect_blocks(std::uint64_t blocks) { expected_.store(blocks); }
    [[nodiscard]] bool asked() const { return asked_.load(); }

    transports::Result<transports::Completion, transports::TransportError> execute(
        const transports::Request& request) override;
    [[nodiscard]] bool begin(const transports::Request& request) override;
    [[nodiscard]] transports::Advance advance(transports::Instant until) override {
        return below_.advance(until);
    }
    [[nodiscard]] transports::Result<transports::Completion, transports::TransportError> complete()
        override;
    [[nodiscard]] transports::Waker* waker() noexcept override { return below_.waker(); }
    void interrupt() noexcept override { below_.interrupt(); }
    transports::Result<void, transports::TransportError> recover(transports::Rung rung) override {
        return below_.recover(rung);
    }
    [[nodiscard]] transports::Limits limits() const override { return below_.limits(); }
    [[nodiscard]] transports::Buffers make_buffers(std::size_t count, std::size_t each) override {
        return below_.make_buffers(count, each);
    }

private:
    using Outcome = transports::Result<transports::Completion, transports::TransportError>;

    void look(const transports::Request& request, const Outcome& outcome);
    void count(const transports::Request& request);
    [[nodiscard]] bool due(transports::Instant now) const;

    transports::Transport& below_;
    transports::Clock& clock_;
    std::optional<CancelAfter> after_;
    stack::CancelPolicy policy_;
    stack::CancelSwitch* cancel_ = nullptr;
    transports::Request begun_;
    std::optional<transports::Instant> start_;
    std::uint64_t accepted_bytes_ = 0;
    std::atomic<std::uint64_t> expected_{0};
    std::atomic<bool> asked_{false};
};

}  // namespace kiln::tools

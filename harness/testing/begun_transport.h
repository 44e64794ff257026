/// \file
/// A transport used the other way: every command that can be begun is, and advanced step by step.

#pragma once

#include <chrono>
#include <cstddef>

#include "transports/clock.h"
#include "transports/transport.h"

namespace kiln::harness {

/// execute() is begin(), advance() as often as it takes, and complete() below. Steps are of
/// different lengths, none at all among them, and every third is ended by a wake.
class BegunTransport final : public transports::Transport {
public:
    using Outcome = transports::Result<transports::Completion, transports::TransportError>;

    BegunTransport(transports::Transport& below, const transports::Clock& clock)
        : below_(&below), clock_(&clock) {}

    Outcome execute(const transports::Request& request) override {
        if (!below_->begin(request)) {
            return below_->execute(request);
        }
        ++begun_;
        while (true) {
            ++step_;
            if (step_ % 3 == 0) {
                below_->waker()->wake();
            }
            const auto until = clock_->now() + std::chrono::milliseconds(step_ % 4 * 100);
            const auto how = below_->advance(until);
            if (how != transports::Advance::UnderWay) {
                blocked_ += how == transports::Advance::Blocks ? 1 : 0;
                return below_->complete();
            }
        }
    }
    void interrupt() noexcept override { below_->interrupt(); }
    transports::Result<void, transports::TransportError> recover(transports::Rung rung) override {
        return below_->recover(rung);
    }
    [[nodiscard]] transports::Limits limits() const override { return below_->limits(); }
    [[nodiscard]] transports::Buffers make_buffers(std::size_t count, std::size_t each) override {
        return below_->make_buffers(count, each);
    }

    [[nodiscard]] std::size_t begun() const { return begun_; }
    [[nodiscard]] std::size_t blocked() const { return blocked_; }

private:
    transports::Transport* below_;
    const transports::Clock* clock_;
    std::size_t step_ = 0;
    std::size_t begun_ = 0;
    std::size_t blocked_ = 0;
};

}  // namespace kiln::harness

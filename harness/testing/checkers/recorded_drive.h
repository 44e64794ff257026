/// \file
/// A simulated drive on virtual time, and a log of all that is sent to it.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "transports/error.h"
#include "transports/faults/fault.h"
#include "transports/faults/fault_transport.h"
#include "transports/transport.h"

#include "stack/outcome.h"
#include "stack/policy.h"
#include "stack/ports.h"

#include "harness/sim/fake_drive.h"
#include "harness/sim/medium_kind.h"
#include "harness/sim/medium_store.h"
#include "harness/sim/personality.h"
#include "harness/sim/sim_transport.h"
#include "harness/sim/virtual_clock.h"
#include "harness/sim/virtual_ports.h"
#include "harness/testing/burn_world.h"
#include "harness/testing/explore/evidence.h"
#include "harness/testing/generated_source.h"

namespace kiln::harness {

/// Writes down every command, and tells a listener of each before it goes on.
class RecordingTransport final : public transports::Transport {
public:
    using Listener = std::function<void(std::size_t command)>;

    RecordingTransport(transports::Transport& below, transports::Clock& clock)
        : below_(&below), clock_(&clock) {}

    transports::Result<transports::Completion, transports::TransportError> execute(
        const transports::Request& request) override {
        SentCommand sent;
        sent.cdb = request.cdb.bytes();
        sent.start = clock_->now();
        sent.timeout = request.timeout;
        sent.never_reset = request.guard == transports::Guard::NeverReset;
        const auto* const out = std::get_if<transports::DataOut>(&request.data);
        if (out != nullptr && out->buffer.size() < 2048) {
            sent.parameters.assign(out->buffer.begin(), out->buffer.end());
        }
        sent.end = transports::Instant::max();
        commands.push_back(std::move(sent));
        const std::size_t index = commands.size() - 1;
        if (listener) {
            listener(index);
        }
        auto outcome = below_->execute(request);
        note_end(commands[index], outcome);
        return outcome;
    }
    void interrupt() noexcept override { below_->interrupt(); }
    transports::Result<void, transports::TransportError> recover(transports::Rung rung) override {
        resets.push_back({.rung = rung, .at = clock_->now(), .commands_before = commands.size()});
        return below_->recover(rung);
    }
    [[nodiscard]] transports::Limits limits() const override { return below_->limits(); }
    [[nodiscard]] transports::Buffers make_buffers(std::size_t count, std::size_t each) override {
        return below_->make_buffers(count, each);
    }

    /// Whether the last command has not ended yet.
    [[nodiscard]] bool busy() const {
        return !commands.empty() && commands.back().end > clock_->now();
    }
    /// The host gives the last command up, now.
    void give_up() {
        if (busy()) {
            commands.back().broken = transports::TransportError::Kind::Interrupted;
            commands.back().end = clock_->now();
        }
    }

    std::vector<SentCommand> commands;
    std::vector<ResetSeen> resets;
    Listener listener;

private:
    void note_end(SentCommand& sent, const auto& outcome) const {
        if (!outcome) {
            sent.broken = outcome.error().kind;
            const bool timed_out = *sent.broken == transports::TransportError::Kind::TimedOut;
            sent.end = timed_out ? sent.start + sent.timeout : clock_->now();
            return;
        }
        sent.end = outcome->end;
        sent.moved = outcome->moved;
        sent.status = static_cast<std::uint8_t>(outcome->status);
        if (sent.status == 2) {
            sent.sense = static_cast<std::uint32_t>(outcome->sense.key) << 16U |
                         static_cast<std::uint32_t>(outcome->sense.additional());
            sent.deferred = outcome->sense.deferred;
        }
    }

    transports::Transport* below_;
    transports::Clock* clock_;
};

/// Sees when a command in flight is given up.
class RecordingPorts final : public stack::Ports {
public:
    RecordingPorts(stack::Ports& below, RecordingTransport& log) : below_(&below), log_(&log) {}

    [[nodiscard]] transports::Instant now() const override { return below_->now(); }
    [[nodiscard]] std::size_t slots() const override { return below_->slots(); }
    [[nodiscard]] std::size_t slot_bytes() const override { return below_->slot_bytes(); }
    void set_source(transports::Source* source) override { below_->set_source(source); }
    void start(const stack::Execute& command) override { below_->start(command); }
    void read(const stack::ReadBlocks& read) override { below_->read(read); }
    void interrupt() override {
        log_->give_up();
        below_->interrupt();
    }
    void recover(transports::Rung rung) override { below_->recover(rung); }
    [[nodiscard]] stack::Event next(transports::Instant deadline) override {
        return below_->next(deadline);
    }
    [[nodiscard]] bool settle(transports::Duration patience) override {
        return below_->settle(patience);
    }

private:
    stack::Ports* below_;
    RecordingTransport* log_;
};

/// A drive with a fresh medium, what is between it and an engine, and the evidence of one job.
class RecordedDrive {
public:
    explicit RecordedDrive(MediumKind kind)
        : personality_(std::make_shared<const Personality>(default_personality(kind).value())),
          drive_(personality_),
          sim_({.drive = &drive_, .clock = &clock_, .pace = Pace::WaitForEnd}, personality_->link),
          faults_({.below = &sim_, .clock = &clock_, .waker = &fault_waker_}, {}),
          log_(faults_, clock_) {
        insert(kind);
    }
    RecordedDrive(const RecordedDrive&) = delete;
    RecordedDrive& operator=(const RecordedDrive&) = delete;

    void insert(MediumKind kind) {
        const MediumSupport* const support = personality_->support_for(kind);
        drive_.insert_ready(fresh_medium(kind, support != nullptr ? support->blocks : 0),
                            make_memory_store(), clock_.now());
    }

protected:
    ~RecordedDrive() = default;

    void begin(MediumKind kind, std::uint64_t seed, std::uint64_t bytes,
               const std::optional<transports::Fault>& fault) {
        it_ = {};
        log_.commands.clear();
        log_.resets.clear();
        if (fault) {
            faults_.add(*fault);
        }
        it_.medium = kind;
        it_.seed = seed;
        it_.source_bytes = bytes;
        it_.fault_injected = fault.has_value();
        it_.before = drive_;
        it_.began = clock_.now();
    }

    void end() {
        it_.completions = 1;
        it_.ended = clock_.now();
        it_.commands = log_.commands;
        it_.resets = log_.resets;
        drive_.run_until(clock_.now());
        it_.after = drive_;
    }

    VirtualPorts::Parts port_parts() {
        return {
            .transport = &log_, .clock = &clock_, .waker = &waker_, .set_pace = [this](Pace pace) {
                set_pace(pace);
            }};
    }

    void add_update(const stack::Progress& progress) {
        it_.updates.push_back(
            {.at = clock_.now(), .progress = progress, .commands_before = log_.commands.size()});
    }

    void add_cancel(std::optional<stack::CancelPolicy> policy) {
        it_.cancels.push_back({.at = clock_.now(),
                               .commands_before = log_.commands.size(),
                               .inside = log_.busy(),
                               .policy = policy,
                               .answered = {},
                               .predicted = {}});
    }

    VirtualClock clock_;
    FlagWaker waker_;
    Evidence it_;

private:
    void set_pace(Pace pace) {
        using FaultPace = transports::FaultTransport::Pace;
        sim_.set_pace(pace);
        faults_.set_pace(pace == Pace::LeaveClock ? FaultPace::LeaveClock : FaultPace::WaitForEnd);
    }

    FlagWaker fault_waker_;
    std::shared_ptr<const Personality> personality_;
    FakeDrive drive_;
    SimTransport sim_;
    transports::FaultTransport faults_;

protected:
    RecordingTransport log_;
};

}  // namespace kiln::harness

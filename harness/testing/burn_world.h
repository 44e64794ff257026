/// \file
/// A simulated drive with a medium, and burns on it: the whole stack on virtual time.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mmc/bytes.h"

#include "transports/clock.h"
#include "transports/faults/fault.h"
#include "transports/faults/fault_transport.h"
#include "transports/source.h"
#include "transports/transport.h"

#include "stack/burn.h"
#include "stack/drive.h"
#include "stack/outcome.h"

#include "harness/sim/fake_drive.h"
#include "harness/sim/medium_kind.h"
#include "harness/sim/medium_store.h"
#include "harness/sim/personality.h"
#include "harness/sim/sim_transport.h"
#include "harness/sim/virtual_clock.h"
#include "harness/sim/virtual_ports.h"
#include "harness/testing/generated_source.h"

namespace kiln::harness {

/// A waker for one thread: nothing really waits on virtual time.
class FlagWaker final : public transports::Waker {
public:
    void wake() noexcept override { woken_ = true; }
    bool wait_for(transports::Duration /*real*/) override { return std::exchange(woken_, false); }

private:
    bool woken_ = false;
};

/// Remembers what it was told, and may act on an update.
class RecordingObserver final : public stack::BurnObserver {
public:
    void on_begin(const stack::Forecast& it) override { forecast = &it; }
    void on_plan(const stack::PlanSummary& plan) override { plans.push_back(plan); }
    void on_phase(stack::Phase phase) override { phases.push_back(phase); }
    void on_update(const stack::Progress& progress) override {
        updates.push_back(progress);
        if (act) {
            act(progress);
        }
    }
    void on_warning(const std::string& text) override { warnings.push_back(text); }

    const stack::Forecast* forecast = nullptr;  // while the job runs
    std::vector<stack::PlanSummary> plans;
    std::vector<stack::Phase> phases;
    std::vector<stack::Progress> updates;
    std::vector<std::string> warnings;
    std::function<void(const stack::Progress&)> act;
};

class BurnWorld {
public:
    explicit BurnWorld(MediumKind kind) : BurnWorld(kind, default_personality(kind).value()) {}

    BurnWorld(MediumKind kind, Personality personality)
        : personality_(std::make_shared<const Personality>(std::move(personality))),
          drive_(personality_),
          transport_({.drive = &drive_, .clock = &clock_, .pace = Pace::WaitForEnd},
                     personality_->link),
          port_(&transport_) {
        const MediumSupport* support = personality_->support_for(kind);
        drive_.insert_ready(fresh_medium(kind, support != nullptr ? support->blocks : 0),
                            make_memory_store(), clock_.now());
    }

    /// Puts faults between the stack and the drive.
    void add_fault(const transports::Fault& fault) {
        if (!faults_) {
            faults_ = std::make_unique<transports::FaultTransport>(
                transports::FaultTransport::Parts{
                    .below = &transport_, .clock = &clock_, .waker = &fault_waker_},
                std::vector<transports::Fault>{});
            port_ = faults_.get();
        }
        faults_->add(fault);
    }

    /// Burns `source`; `before` may arm the cancel.
    stack::BurnReport burn(
        transports::Source& source, const stack::BurnOptions& options,
        const std::function<void(stack::CancelSwitch&, RecordingObserver&)>& before = {}) {
        return job(
            [&](stack::Drive& drive, VirtualPorts& ports, stack::CancelSwitch& cancel) {
                if (before) {
                    before(cancel, observer);
                }
                return stack::burn({.drive = drive,
                                    .ports = ports,
                                    .source = source,
                                    .cancel = cancel,
                                    .observer = observer,
                                    .options = options});
            },
            &source);
    }

    /// Burns `bytes` of the pattern of `seed`.
    stack::BurnReport burn(std::uint64_t seed, std::uint64_t bytes,
                           const stack::BurnOptions& options = {}) {
        GeneratedSource source(seed, bytes);
        return burn(source, options);
    }

    /// May arm the cancel.
    using Before = std::function<void(stack::CancelSwitch&, RecordingObserver&)>;

    stack::BurnReport blank(stack::BlankKind kind, const Before& before = {}) {
        return job([&](stack::Drive& drive, VirtualPorts& ports, stack::CancelSwitch& cancel) {
            if (before) {
                before(cancel, observer);
            }
            return stack::blank(drive, ports, cancel, observer, kind);
        });
    }

    stack::BurnReport format(const stack::FormatOptions& options, const Before& before = {}) {
        return job([&](stack::Drive& drive, VirtualPorts& ports, stack::CancelSwitch& cancel) {
            if (before) {
                before(cancel, observer);
            }
            return stack::format(drive, ports, cancel, observer, options);
        });
    }

    /// Bytes of the medium itself, not through the drive.
    [[nodiscard]] std::vector<std::uint8_t> on_medium(std::int32_t first,
                                                      std::uint32_t blocks) const {
        std::vector<std::uint8_t> bytes(std::size_t{blocks} * 2048);
        const auto view = drive_.view();
        for (std::uint32_t i = 0; i < blocks; ++i) {
            (void)view.store->get(mmc::Lba{first + static_cast<std::int32_t>(i)},
                                  mmc::MutableByteView(bytes).subspan(std::size_t{i} * 2048, 2048));
        }
        return bytes;
    }

    /// A `Drive` over this world, for reading and asking.
    stack::Drive host() { return {*port_, clock_, waker_}; }

    FakeDrive& fake() { return drive_; }
    VirtualClock& clock() { return clock_; }
    SimTransport& transport() { return transport_; }

    RecordingObserver observer;

private:
    template <typename Do>
    stack::BurnReport job(const Do& what, transports::Source* source = nullptr) {
        observer.plans.clear();
        observer.phases.clear();
        observer.updates.clear();
        observer.warnings.clear();
        stack::Drive drive(*port_, clock_, waker_);
        VirtualPorts ports(
            {.transport = port_, .clock = &clock_, .waker = &waker_, .set_pace = [this](Pace pace) {
                 transport_.set_pace(pace);
             }});
        stack::CancelSwitch cancel(waker_, source);
        return what(drive, ports, cancel);
    }

    void set_pace(Pace pace) {
        using FaultPace = transports::FaultTransport::Pace;
        transport_.set_pace(pace);
        if (faults_) {
            faults_->set_pace(pace == Pace::LeaveClock ? FaultPace::LeaveClock
                                                       : FaultPace::WaitForEnd);
        }
    }

    VirtualClock clock_;
    FlagWaker waker_;
    FlagWaker fault_waker_;
    std::shared_ptr<const Personality> personality_;
    FakeDrive drive_;
    SimTransport transport_;
    std::unique_ptr<transports::FaultTransport> faults_;
    transports::Transport* port_;
};

/// `bytes` of the pattern of `seed`.
inline std::vector<std::uint8_t> pattern(std::uint64_t seed, std::uint64_t bytes) {
    std::vector<std::uint8_t> data(static_cast<std::size_t>(bytes));
    fill_pattern(seed, 0, data);
    return data;
}

}  // namespace kiln::harness

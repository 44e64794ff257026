/// \file
/// Whole burns on virtual time that leave evidence: what tests of the checkers judge and spoil.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "transports/faults/fault.h"

#include "stack/burn.h"
#include "stack/drive.h"
#include "stack/outcome.h"
#include "stack/policy.h"

#include "harness/sim/medium_kind.h"
#include "harness/sim/virtual_ports.h"
#include "harness/testing/checkers/recorded_drive.h"
#include "harness/testing/explore/evidence.h"
#include "harness/testing/generated_source.h"

namespace kiln::harness {

/// When to ask for a cancel.
struct CancelAt {
    stack::CancelPolicy policy = stack::CancelPolicy::MakeReadable;
    std::optional<std::size_t> command;  // at its entry; counted from 0
    std::optional<std::size_t> update;   // in its handler
};

struct RecordedBurn {
    MediumKind medium = MediumKind::CdR;
    stack::BurnOptions options{};
    std::uint64_t bytes = std::uint64_t{100} * 2048;
    std::uint64_t seed = 1;
    std::vector<CancelAt> cancels{};
    std::optional<transports::Fault> fault{};
};

/// Jobs of kiln's own face.
class RecordedWorld final : public RecordedDrive, public stack::BurnObserver {
public:
    using RecordedDrive::RecordedDrive;

    Evidence run(const RecordedBurn& job) {
        begin(job.medium, job.seed, job.bytes, job.fault);
        it_.options = job.options;
        cancels_ = job.cancels;
        log_.listener = [this](std::size_t command) { cancel_at(&CancelAt::command, command); };
        GeneratedSource source(job.seed, job.bytes);
        stack::Drive drive(log_, clock_, waker_);
        VirtualPorts virtual_ports(port_parts());
        RecordingPorts ports(virtual_ports, log_);
        stack::CancelSwitch cancel(waker_, &source);
        cancel_ = &cancel;
        it_.report = stack::burn({.drive = drive,
                                  .ports = ports,
                                  .source = source,
                                  .cancel = cancel,
                                  .observer = *this,
                                  .options = job.options});
        cancel_ = nullptr;
        forecast_ = nullptr;
        it_.returned = it_.report->code;
        end();
        return it_;
    }

    /// Another job on the same drive, with a new medium.
    stack::Outcome run_next(const RecordedBurn& job) {
        insert(job.medium);
        return run({.medium = job.medium, .bytes = std::uint64_t{32} * 2048}).report->outcome;
    }

    void on_begin(const stack::Forecast& forecast) override { forecast_ = &forecast; }
    void on_phase(stack::Phase phase) override { it_.phases.push_back(phase); }
    void on_update(const stack::Progress& progress) override {
        add_update(progress);
        cancel_at(&CancelAt::update, it_.updates.size() - 1);
    }

private:
    void cancel_at(std::optional<std::size_t> CancelAt::* where, std::size_t now) {
        for (const CancelAt& cancel : cancels_) {
            if (cancel.*where == now) {
                add_cancel(cancel.policy);
                it_.cancels.back().predicted = forecast_->if_cancelled(cancel.policy);
                cancel_->request(cancel.policy);
            }
        }
    }

    stack::CancelSwitch* cancel_ = nullptr;
    const stack::Forecast* forecast_ = nullptr;  // while it runs
    std::vector<CancelAt> cancels_;
};

/// One burn on a fresh medium.
inline Evidence recorded(const RecordedBurn& job) {
    return RecordedWorld(job.medium).run(job);
}

}  // namespace kiln::harness

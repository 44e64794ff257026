/// \file
/// Sections that IMAPI2's engine writes on virtual time, and that leave evidence.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "transports/faults/fault.h"

#include "stack/hresult.h"
#include "stack/imapi/exclusive_access.h"
#include "stack/imapi/recorder.h"
#include "stack/imapi/stream.h"
#include "stack/imapi/write_engine.h"
#include "stack/outcome.h"

#include "harness/sim/medium_kind.h"
#include "harness/sim/virtual_ports.h"
#include "harness/testing/checkers/recorded_drive.h"
#include "harness/testing/explore/evidence.h"
#include "harness/testing/generated_source.h"

namespace kiln::harness {

struct SectionJob {
    MediumKind medium = MediumKind::BdR;  // one that needs no preparation
    std::int32_t blocks = 100;
    std::vector<std::size_t> cancel_commands{};  // CancelWrite at their entry
    std::vector<std::size_t> cancel_updates{};   // and in these handlers
    std::optional<transports::Fault> fault{};
};

/// One section from the first block on.
class RecordedSection final : public RecordedDrive, public stack::imapi::WriteEngineEvents {
public:
    using RecordedDrive::RecordedDrive;

    Evidence run(const SectionJob& job) {
        job_ = job;
        const std::uint64_t bytes = std::uint64_t{2048} * static_cast<unsigned>(job.blocks);
        begin(job.medium, 1, bytes, job.fault);
        it_.face = Face::Imapi;
        it_.section_blocks = job.blocks;
        log_.listener = [this](std::size_t command) { cancel_if(job_.cancel_commands, command); };
        GeneratedSource source(1, bytes);
        stack::imapi::SourceStream stream(source);
        VirtualPorts virtual_ports(port_parts());
        RecordingPorts ports(virtual_ports, log_);
        stack::imapi::ExclusiveAccess access;
        stack::imapi::Recorder recorder({.transport = log_,
                                         .clock = clock_,
                                         .waker = waker_,
                                         .ports = ports,
                                         .access = access});
        stack::imapi::WriteEngine engine;
        engine_ = &engine;
        engine.advise(this);
        (void)engine.set_recorder(&recorder);
        (void)engine.set_bytes_per_sector(2048);
        it_.returned = engine.write_section(&stream, 0, job.blocks);
        it_.exclusive_access_held = !access.owner().empty();
        end();
        return it_;
    }

    stack::HResult update(stack::imapi::WriteEngine& /*object*/,
                          const stack::imapi::WriteEngineEventArgs& args) override {
        stack::Progress progress;
        progress.phase = stack::Phase::WritingData;
        progress.start_lba = args.start_lba;
        progress.sector_count = static_cast<std::uint64_t>(args.sector_count);
        progress.last_read_lba = args.last_read_lba;
        progress.last_written_lba = args.last_written_lba;
        progress.total_system_buffer = static_cast<std::uint64_t>(args.total_system_buffer);
        progress.used_system_buffer = static_cast<std::uint64_t>(args.used_system_buffer);
        progress.free_system_buffer = static_cast<std::uint64_t>(args.free_system_buffer);
        add_update(progress);
        cancel_if(job_.cancel_updates, it_.updates.size() - 1);
        return stack::HResult::Ok;
    }

private:
    void cancel_if(const std::vector<std::size_t>& wanted, std::size_t now) {
        if (std::find(wanted.begin(), wanted.end(), now) != wanted.end()) {
            add_cancel({});
            it_.cancels.back().answered = engine_->cancel_write();
        }
    }

    stack::imapi::WriteEngine* engine_ = nullptr;
    SectionJob job_;
};

inline Evidence recorded_section(const SectionJob& job) {
    return RecordedSection(job.medium).run(job);
}

}  // namespace kiln::harness

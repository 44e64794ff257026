#include "harness/testing/explore/cut_section.h"

#include <utility>

#include "stack/imapi/stream.h"

namespace kiln::harness {

namespace imapi = stack::imapi;
using stack::HResult;

CutSection::CutSection(transports::Transport& transport, transports::Clock& clock,
                       transports::Waker& waker, stack::Ports& ports, OnUpdate on_update)
    : recorder_({.transport = transport,
                 .clock = clock,
                 .waker = waker,
                 .ports = ports,
                 .access = access_}),
      on_update_(std::move(on_update)) {
    engine_.advise(this);
}

HResult CutSection::write(transports::Source& source, std::int32_t start, std::int32_t blocks) {
    constexpr std::int32_t kBytesPerSector = 2048;
    imapi::SourceStream stream(source);
    HResult result = recorder_.acquire_exclusive_access(imapi::VariantBool::False, "kiln-explore");
    if (result == HResult::Ok) {
        result = engine_.set_recorder(&recorder_);
    }
    if (result == HResult::Ok) {
        result = engine_.set_bytes_per_sector(kBytesPerSector);
    }
    if (result == HResult::Ok) {
        result = engine_.write_section(&stream, start, blocks);
    }
    (void)recorder_.release_exclusive_access();
    return result;
}

HResult CutSection::update(imapi::WriteEngine& /*object*/,
                           const imapi::WriteEngineEventArgs& progress) {
    const auto bytes = [](std::int32_t count) { return static_cast<std::uint64_t>(count); };
    stack::Progress it;
    it.phase = stack::Phase::WritingData;
    it.start_lba = progress.start_lba;
    it.sector_count = bytes(progress.sector_count);
    it.last_read_lba = progress.last_read_lba;
    it.last_written_lba = progress.last_written_lba;
    it.total_system_buffer = bytes(progress.total_system_buffer);
    it.used_system_buffer = bytes(progress.used_system_buffer);
    it.free_system_buffer = bytes(progress.free_system_buffer);
    on_update_(it);
    return HResult::Ok;
}

}  // namespace kiln::harness

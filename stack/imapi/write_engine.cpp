#include "stack/imapi/write_engine.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>

#include "mmc/lba.h"

#include "transports/clock.h"

#include "stack/hresult.h"
#include "stack/imapi/exclusive_access.h"
#include "stack/imapi/recorder.h"
#include "stack/imapi/section_machine.h"
#include "stack/imapi/stream.h"
#include "stack/outcome.h"
#include "stack/policy.h"
#include "stack/ports.h"
#include "stack/runner.h"

namespace kiln::stack::imapi {
namespace {

/// Who has the drive while a section is written by somebody who did not ask for it himself.
constexpr std::string_view kClientName = "kiln write engine";
constexpr std::int32_t kMaximumSpeed = -1;
constexpr std::int32_t kNeverSet = -1;
constexpr std::size_t kMostBlocks = 0xFFFF;  // of a WRITE (10)

std::size_t most_bytes(const Recorder& recorder) {
    return std::min(recorder.maximum_page_aligned_transfer_size(),
                    recorder.device().ports.slot_bytes());
}

Section section_of(const Recorder& recorder, std::int32_t start, std::int32_t count,
                   std::int32_t bytes_per_sector) {
    const auto bytes = static_cast<std::uint32_t>(bytes_per_sector);
    const std::size_t blocks = std::min(most_bytes(recorder) / bytes, kMostBlocks);
    return {.start = mmc::Lba{start},
            .count = mmc::BlockCount{static_cast<std::uint32_t>(count)},
            .bytes_per_sector = bytes,
            .sectors_per_write = static_cast<std::uint32_t>(blocks)};
}

WriteEngineEventArgs args_of(const Progress& progress) {
    return {.start_lba = static_cast<std::int32_t>(progress.start_lba),
            .sector_count = static_cast<std::int32_t>(progress.sector_count),
            .last_read_lba = static_cast<std::int32_t>(progress.last_read_lba),
            .last_written_lba = static_cast<std::int32_t>(progress.last_written_lba),
            .total_system_buffer = static_cast<std::int32_t>(progress.total_system_buffer),
            .used_system_buffer = static_cast<std::int32_t>(progress.used_system_buffer),
            .free_system_buffer = static_cast<std::int32_t>(progress.free_system_buffer)};
}

}  // namespace

/// The runner's updates become the engine's.
class WriteEngine::Teller final : public BurnObserver {
public:
    explicit Teller(WriteEngine& engine) : engine_(engine) {}
    void on_update(const Progress& progress) override { engine_.tell(progress); }

private:
    WriteEngine& engine_;
};

HResult WriteEngine::write_section(Stream* data, std::int32_t starting_block_address,
                                   std::int32_t number_of_blocks) {
    if (data == nullptr) {
        return HResult::Pointer;
    }
    Settings settings;
    const HResult begun = begin(starting_block_address, number_of_blocks, settings);
    if (begun != HResult::Ok) {
        return begun;
    }
    Section section = section_of(*settings.recorder, starting_block_address, number_of_blocks,
                                 settings.bytes_per_sector);
    section.streaming = settings.streams_on != nullptr;
    section.starting_sectors_per_second = settings.starting_sectors_per_second;
    section.ending_sectors_per_second = settings.ending_sectors_per_second;
    return run(settings, section, *data);
}

HResult WriteEngine::begin(std::int32_t start, std::int32_t count, Settings& settings) {
    const std::lock_guard lock(mutex_);
    if (in_progress_) {
        return HResult::WriteInProgress;
    }
    settings = settings_;
    if (settings.recorder == nullptr) {
        return HResult::RecorderRequired;
    }
    const bool streams_elsewhere =
        settings.streams_on != nullptr && settings.streams_on != settings.recorder;
    const bool past_the_end = count > 0 && start > std::numeric_limits<std::int32_t>::max() - count;
    if (settings.bytes_per_sector == kNeverSet || count <= 0 || past_the_end || streams_elsewhere ||
        static_cast<std::size_t>(settings.bytes_per_sector) > most_bytes(*settings.recorder)) {
        return HResult::InvalidArgument;
    }
    word_.reset();
    waker_ = &settings.recorder->device().waker;
    in_progress_ = true;
    return HResult::Ok;
}

HResult WriteEngine::run(const Settings& settings, const Section& section, Stream& data) {
    const Device& device = settings.recorder->device();
    Ports& ports = device.ports;
    SectionMachine machine(section, ports.slots());
    auto source = std::make_unique<StreamSource>(data);
    const StreamSource& given = *source;
    failure_.reset();
    sectors_written_ = 0;
    {
        const DriveUse use(device.access, settings.recorder);
        if (use.code() != HResult::Ok) {
            in_progress_ = false;
            return use.code();
        }
        (void)settings.recorder->acquire_exclusive_access(VariantBool::True, kClientName);
        Teller teller(*this);
        ports.set_source(source.get());
        Runner(machine, ports, word_, teller).run();
        if (!ports.settle(std::chrono::seconds(5))) {
            (void)source.release();  // a read that does not come back still uses it
        }
        ports.set_source(nullptr);
        // A wake that came too late would end somebody's next wait: that for a flush, say.
        (void)device.waker.wait_for(transports::Duration::zero());
        settings.recorder->release_exclusive_access();
    }
    SectionEnd end = machine.end();
    failure_ = std::move(end.failure);
    sectors_written_ = end.written;
    const bool code_of_stream = end.stream_failed && given.failure() != HResult::Ok;
    in_progress_ = false;
    tell(machine.progress(ports.now()));
    return code_of_stream ? given.failure() : end.code;
}

void WriteEngine::tell(const Progress& progress) {
    if (events_ != nullptr) {
        (void)events_->update(*this, args_of(progress));
    }
}

HResult WriteEngine::cancel_write() noexcept {
    const HResult answer = word_.cancel_write();
    if (transports::Waker* waker = waker_; answer == HResult::Ok && waker != nullptr) {
        waker->wake();
    }
    return answer;
}

HResult WriteEngine::request_cancel() noexcept {
    if (!in_progress_) {
        return HResult::WriteNotInProgress;
    }
    word_.request(CancelPolicy::FastestRelease);
    if (transports::Waker* waker = waker_; waker != nullptr) {
        waker->wake();
    }
    return HResult::Ok;
}

HResult WriteEngine::set_recorder(Recorder* value) {
    if (value == nullptr) {
        return HResult::Pointer;
    }
    const std::lock_guard lock(mutex_);
    if (in_progress_) {
        return HResult::Fail;
    }
    const HResult usable = value->device().access.may_use(value);
    if (usable == HResult::Ok) {
        settings_.recorder = value;
    }
    return usable;
}

HResult WriteEngine::set_use_streaming_write_12(VariantBool value) {
    const bool wanted = value != VariantBool::False;
    if (wanted && extensions_ == Extensions::Off) {
        return HResult::NotImplemented;  // in every state
    }
    if (in_progress_) {
        return HResult::Fail;
    }
    Recorder* const on = recorder();
    if (wanted && (on == nullptr || !on->writes_streams())) {
        return HResult::NotImplemented;
    }
    const std::lock_guard lock(mutex_);
    if (in_progress_) {
        return HResult::Fail;
    }
    settings_.streams_on = wanted ? on : nullptr;
    return HResult::Ok;
}

HResult WriteEngine::change(std::int32_t Settings::* member, std::int32_t value) {
    const std::lock_guard lock(mutex_);
    if (in_progress_) {
        return HResult::Fail;
    }
    settings_.*member = value;
    return HResult::Ok;
}

HResult WriteEngine::set_starting_sectors_per_second(std::int32_t value) {
    if (value == 0 || value < kMaximumSpeed) {
        return in_progress_ ? HResult::Fail : HResult::InvalidArgument;
    }
    return change(&Settings::starting_sectors_per_second, value);
}

HResult WriteEngine::set_ending_sectors_per_second(std::int32_t value) {
    if (value == 0 || value < kMaximumSpeed) {
        return in_progress_ ? HResult::Fail : HResult::InvalidArgument;
    }
    return change(&Settings::ending_sectors_per_second, value);
}

HResult WriteEngine::set_bytes_per_sector(std::int32_t value) {
    const Recorder* const on = recorder();
    const bool too_large =
        on != nullptr && value > 0 &&
        static_cast<std::size_t>(value) > on->maximum_page_aligned_transfer_size();
    if (value < 1 || too_large) {
        return in_progress_ ? HResult::Fail : HResult::InvalidArgument;
    }
    return change(&Settings::bytes_per_sector, value);
}

WriteEngine::Settings WriteEngine::settings() const {
    const std::lock_guard lock(mutex_);
    return settings_;
}

Recorder* WriteEngine::recorder() const {
    return settings().recorder;
}
VariantBool WriteEngine::use_streaming_write_12() const {
    return settings().streams_on != nullptr ? VariantBool::True : VariantBool::False;
}
std::int32_t WriteEngine::starting_sectors_per_second() const {
    return settings().starting_sectors_per_second;
}
std::int32_t WriteEngine::ending_sectors_per_second() const {
    return settings().ending_sectors_per_second;
}
std::int32_t WriteEngine::bytes_per_sector() const {
    return settings().bytes_per_sector;
}
VariantBool WriteEngine::write_in_progress() const noexcept {
    return in_progress_ ? VariantBool::True : VariantBool::False;
}

}  // namespace kiln::stack::imapi

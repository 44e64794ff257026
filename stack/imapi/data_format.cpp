#include "stack/imapi/data_format.h"

#include <chrono>
#include <cmath>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "transports/clock.h"

#include "stack/burn.h"
#include "stack/drive.h"
#include "stack/facts.h"
#include "stack/failure.h"
#include "stack/hresult.h"
#include "stack/imapi/exclusive_access.h"
#include "stack/imapi/format_layer.h"
#include "stack/imapi/recorder.h"
#include "stack/imapi/stream.h"
#include "stack/medium.h"
#include "stack/outcome.h"
#include "stack/policy.h"
#include "stack/speeds.h"

namespace kiln::stack::imapi {
namespace {

constexpr std::uint64_t kSector = 2048;  // IMAPI_SECTOR_SIZE
constexpr std::uint64_t kPostgap = 150;  // sectors

/// IMAPI_SECTORS_PER_SECOND_AT_1X_…
double sectors_at_1x(MediumClass medium_class) {
    switch (medium_class) {
        case MediumClass::Cd:
            return 75;
        case MediumClass::Dvd:
            return 680;
        default:
            return 2195;
    }
}

std::int32_t seconds_of(transports::Duration duration) {
    return to_long(std::chrono::duration_cast<std::chrono::seconds>(duration).count());
}

DataEventArgs args_of(const Progress& progress, Phase phase) {
    DataEventArgs args;
    args.write = {
        .start_lba = to_long(progress.start_lba),
        .sector_count = to_long(static_cast<std::int64_t>(progress.sector_count)),
        .last_read_lba = to_long(progress.last_read_lba),
        .last_written_lba = to_long(progress.last_written_lba),
        .total_system_buffer = to_long(static_cast<std::int64_t>(progress.total_system_buffer)),
        .used_system_buffer = to_long(static_cast<std::int64_t>(progress.used_system_buffer)),
        .free_system_buffer = to_long(static_cast<std::int64_t>(progress.free_system_buffer))};
    args.elapsed_time = seconds_of(progress.elapsed);
    if (progress.remaining) {
        args.remaining_time = seconds_of(*progress.remaining);
        args.total_time = seconds_of(progress.elapsed + *progress.remaining);
    }
    args.current_action = phase;
    return args;
}

/// Spec:    IDiscFormat2Data::put_ForceMediaToBeClosed, remarks: 2 % or less are left
bool fills(const Medium& medium, std::uint64_t sectors) {
    const auto free = static_cast<std::uint64_t>(medium.free);
    return !medium.is_overwritable() && sectors <= free &&
           (free - sectors) * 50 <= static_cast<std::uint64_t>(medium.capacity);
}

Result<Medium, Failure> look_at(Drive& drive) {
    KILN_RETURN_IF_ERROR(drive.wait_until_ready());
    return detect_medium(drive);
}

/// Spec:    IDiscFormat2Data::put_DisableConsumerDvdCompatibilityMode, the table of both properties
bool closes(MediumFamily family, bool forced, bool compatible) {
    return forced || family == MediumFamily::DvdPlusRDl ||
           (family == MediumFamily::DvdPlusR && compatible);
}

}  // namespace

/// Phases and updates of the burn become Updates.
class DataFormat::Teller final : public BurnObserver {
public:
    explicit Teller(DataFormat& format) : format_(format) {}
    void on_phase(Phase phase) override {
        phase_ = phase;
        tell();
    }
    void on_update(const Progress& progress) override {
        progress_ = progress;
        tell();
    }

private:
    void tell() {
        if (format_.events_ != nullptr) {
            (void)format_.events_->update(format_, args_of(progress_, phase_));
        }
    }

    DataFormat& format_;
    Phase phase_ = Phase::ValidatingMedia;
    Progress progress_;
};

DataFormat::DataFormat()
    : FormatLayer({.in_use = HResult::WriteInProgress,
                   .no_recorder = HResult::RecorderRequired,
                   .bad_client_name = HResult::DataClientNameNotValid}) {}

HResult DataFormat::write(Stream* data) {
    if (data == nullptr) {
        return HResult::Pointer;
    }
    const Job job(*this);
    if (job.code() != HResult::Ok) {
        return job.code();
    }
    const std::uint64_t size = data->size().value_or(0);
    if (size == 0 || size % kSector != 0) {
        return HResult::DataStreamNotSupported;
    }
    auto source = std::make_unique<StreamSource>(*data);
    const HResult code = burn_it(*recorder(), *source);
    if (report_ && report_->source_left_behind) {
        // A read that does not come back still uses it.
        static_cast<void>(source.release());  // NOLINT(*-unused-return-value, *.NewDeleteLeaks)
    }
    return code;
}

HResult DataFormat::burn_it(Recorder& recorder, StreamSource& source) {
    const Device& device = recorder.device();
    report_.reset();
    const DriveUse use(device.access, &recorder);
    if (use.code() != HResult::Ok) {
        return use.code();
    }
    // A wake that an earlier cancel left would end the first wait.
    (void)device.waker.wait_for(transports::Duration::zero());
    // A read that is stuck is interrupted by the ports when the burn is over: a cancel from another
    // thread never calls into a stream that may be gone by then.
    CancelSwitch cancel(device.waker, nullptr);
    running(&cancel);
    Drive drive(device.transport, device.clock, device.waker);
    const auto medium = look_at(drive);
    if (medium) {
        Teller teller(*this);
        report_ = burn({.drive = drive,
                        .ports = device.ports,
                        .source = source,
                        .cancel = cancel,
                        .observer = teller,
                        .options = options_for(*medium, source)});
    }
    running(nullptr);
    if (!medium) {
        return cancel.word().requested() ? HResult::RequestCancelled : code_of(medium.error());
    }
    const bool of_stream = report_->code == HResult::Fail && source.failure() != HResult::Ok;
    return of_stream ? source.failure() : report_->code;
}

BurnOptions DataFormat::options_for(const Medium& medium, StreamSource& source) const {
    const std::lock_guard lock(mutex_);
    const bool replaces =
        properties_.force_overwrite != VariantBool::False && medium.facts().rewritable;
    const bool compatible =
        properties_.disable_consumer_dvd_compatibility_mode == VariantBool::False;
    BurnOptions options;
    options.overwrite = replaces;
    options.append = !replaces && !medium.is_blank() && !medium.is_overwritable();
    const bool forced = properties_.force_media_to_be_closed != VariantBool::False;
    if (medium.facts().medium_class == MediumClass::Cd &&
        properties_.postgap_already_in_image == VariantBool::False) {
        source.append_zeros(kPostgap * kSector);
    }
    options.close = closes(medium.family, forced, compatible) ||
                    fills(medium, source.size().value_or(0) / kSector);
    options.speed_x = speed_x_;
    options.underrun_protection = properties_.buffer_underrun_free_disabled == VariantBool::False;
    return options;
}

void DataFormat::running(CancelSwitch* cancel) {
    const std::lock_guard lock(mutex_);
    running_ = cancel;
}

HResult DataFormat::cancel_write() {
    const std::lock_guard lock(mutex_);
    if (running_ == nullptr) {
        return HResult::DataWriteNotInProgress;
    }
    running_->request(CancelPolicy::MakeReadable);
    return HResult::Ok;
}

HResult DataFormat::set_force_media_to_be_closed(VariantBool value) {
    return change(properties_.force_media_to_be_closed, value);
}
VariantBool DataFormat::force_media_to_be_closed() const {
    return value_of(properties_.force_media_to_be_closed);
}

HResult DataFormat::set_buffer_underrun_free_disabled(VariantBool value) {
    return change(properties_.buffer_underrun_free_disabled, value);
}
VariantBool DataFormat::buffer_underrun_free_disabled() const {
    return value_of(properties_.buffer_underrun_free_disabled);
}

HResult DataFormat::set_postgap_already_in_image(VariantBool value) {
    return change(properties_.postgap_already_in_image, value);
}
VariantBool DataFormat::postgap_already_in_image() const {
    return value_of(properties_.postgap_already_in_image);
}

HResult DataFormat::set_disable_consumer_dvd_compatibility_mode(VariantBool value) {
    return change(properties_.disable_consumer_dvd_compatibility_mode, value);
}
VariantBool DataFormat::disable_consumer_dvd_compatibility_mode() const {
    return value_of(properties_.disable_consumer_dvd_compatibility_mode);
}

HResult DataFormat::set_force_overwrite(VariantBool value) {
    const std::lock_guard lock(mutex_);
    properties_.force_overwrite = value;
    return HResult::Ok;
}
VariantBool DataFormat::force_overwrite() const {
    return value_of(properties_.force_overwrite);
}

HResult DataFormat::set_write_speed(std::int32_t sectors_per_second, VariantBool pure_cav) {
    if (sectors_per_second == 0 || sectors_per_second < -1) {
        return HResult::InvalidArgument;
    }
    Recorder* const on = recorder();
    if (on == nullptr) {
        return HResult::RecorderRequired;
    }
    const DriveUse use(on->device().access, on);
    if (use.code() != HResult::Ok) {
        return use.code();
    }
    Drive drive(on->device().transport, on->device().clock, on->device().waker);
    const auto medium = look_at(drive);
    const auto speeds = medium ? read_speeds(drive, *medium) : tl::make_unexpected(medium.error());
    if (!speeds) {
        return code_of(speeds.error());
    }
    const double one = sectors_at_1x(speeds->medium_class);
    const bool fastest = sectors_per_second < 0;
    const auto wish = fastest ? std::nullopt : std::optional(sectors_per_second / one);
    const auto speed = nearest_speed(*speeds, wish);
    const double given = speed ? to_x(speeds->medium_class, speed->write_kilobytes) * one : 0;
    const bool adjusted = !fastest && std::lround(given) != sectors_per_second;
    const bool cav = pure_cav != VariantBool::False;
    {
        const std::lock_guard lock(mutex_);
        requested_speed_ = sectors_per_second;
        requested_cav_ = pure_cav;
        speed_x_ = wish;
    }
    if (adjusted) {
        return cav ? HResult::BothAdjusted : HResult::SpeedAdjusted;
    }
    return cav ? HResult::RotationAdjusted : HResult::Ok;
}

std::int32_t DataFormat::requested_write_speed() const {
    return value_of(requested_speed_);
}
VariantBool DataFormat::requested_rotation_type_is_pure_cav() const {
    return value_of(requested_cav_);
}

}  // namespace kiln::stack::imapi

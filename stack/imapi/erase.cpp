#include "stack/imapi/erase.h"

#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>

#include "transports/clock.h"

#include "stack/burn.h"
#include "stack/drive.h"
#include "stack/failure.h"
#include "stack/hresult.h"
#include "stack/imapi/exclusive_access.h"
#include "stack/imapi/format_layer.h"
#include "stack/imapi/recorder.h"
#include "stack/outcome.h"

namespace kiln::stack::imapi {
namespace {

HResult code_of_erase(const BurnReport& report) {
    if (report.outcome == Outcome::Completed || !report.failure) {
        return report.code;
    }
    const Failure& failure = *report.failure;
    switch (failure.kind) {
        case FailureKind::Unsuitable:
            return HResult::EraseMediaNotErasable;
        case FailureKind::TimedOut:
            return HResult::EraseTookTooLong;
        case FailureKind::Failed:
            break;
        default:
            return report.code;
    }
    // Without a command that failed: every one was GOOD, and the disc says otherwise.
    return failure.sense || failure.transport ? HResult::EraseCommandFailed
                                              : HResult::EraseUnexpectedResponse;
}

}  // namespace

class Erase::Teller final : public BurnObserver {
public:
    explicit Teller(Erase& erase) : erase_(erase) {}
    void on_update(const Progress& progress) override {
        if (erase_.events_ == nullptr) {
            return;
        }
        const double elapsed = std::chrono::duration<double>(progress.elapsed).count();
        const double part = progress.operation_percent.value_or(0) / 100.0;
        const double total = part > 0 ? elapsed / part : 0;
        (void)erase_.events_->update(erase_, to_long(std::lround(elapsed)),
                                     to_long(std::lround(total)));
    }

private:
    Erase& erase_;
};

Erase::Erase()
    : FormatLayer({.in_use = HResult::EraseRecorderInUse,
                   .no_recorder = HResult::RecorderRequired,
                   .bad_client_name = HResult::EraseClientNameNotValid}) {}

HResult Erase::erase_media() {
    const Job job(*this);
    if (job.code() != HResult::Ok) {
        return job.code();
    }
    Recorder* const on = recorder();
    const Device& device = on->device();
    const DriveUse use(device.access, on);
    if (use.code() != HResult::Ok) {
        return use.code();
    }
    (void)device.waker.wait_for(transports::Duration::zero());
    CancelSwitch nobody(device.waker, nullptr);
    Drive drive(device.transport, device.clock, device.waker);
    Teller teller(*this);
    const auto kind = full_erase() != VariantBool::False ? BlankKind::Full : BlankKind::Fast;
    report_ = blank(drive, device.ports, nobody, teller, kind);
    return code_of_erase(*report_);
}

}  // namespace kiln::stack::imapi

// What takes a Drive long: the tray, and everything that is sent with IMMED and waited for.

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mmc/bytes.h"
#include "mmc/commands/media.h"
#include "mmc/commands/parameters.h"
#include "mmc/commands/performance.h"
#include "mmc/commands/primary.h"
#include "mmc/commands/track.h"
#include "mmc/commands/write.h"
#include "mmc/lba.h"
#include "mmc/sense.h"

#include "transports/transport.h"

#include "stack/drive.h"
#include "stack/facts.h"
#include "stack/failure.h"
#include "stack/wait.h"

namespace kiln::stack {
namespace {

using transports::Guard;
using transports::NoData;

// "Invalid field" in the CDB or in the parameter list: how a drive says that it has no IMMED.
bool refuses_a_field(const Failure& failure) {
    return failure.sense && !failure.sense->deferred &&
           (failure.sense->is(mmc::SenseKey::IllegalRequest, 0x2400) ||
            failure.sense->is(mmc::SenseKey::IllegalRequest, 0x2600));
}

// A parameter list, or the failure of the command that it has no encoding for.
template <typename Command>
Result<std::vector<std::uint8_t>, Failure> encoded(const Command& command, mmc::Encoded list) {
    if (!list) {
        Failure failure = make_failure(FailureKind::Unsuitable, "",
                                       "a value does not fit its field of the parameter list");
        failure.command = mmc::describe(command);
        return tl::make_unexpected(std::move(failure));
    }
    return *std::move(list);
}

}  // namespace

void Drive::assume(MediumFamily family, mmc::BlockCount capacity) {
    family_ = family;
    capacity_ = capacity;
}

template <typename Command>
Result<void, Failure> Drive::operate(Command command, LongOperation operation,
                                     const OnProgress& progress) {
    return operate_forms(
        operation,
        [&](Immediate immediate, const How& how) {
            command.immediate = immediate == Immediate::Yes;
            return run(command, NoData{}, how);
        },
        progress);
}

Result<void, Failure> Drive::operate_forms(LongOperation operation, const SendForm& send,
                                           const OnProgress& progress) {
    How how;
    how.role = Role::Operation;
    how.guard = Guard::NeverReset;
    how.poll = poll_for(operation, family_, capacity_);
    how.timeout = kImmediateTimeout;
    auto started = send(Immediate::Yes, how);
    if (!started && refuses_a_field(started.error())) {
        how.timeout = how.poll.deadline;
        // The first refusal wins: if it was not IMMED that the drive disliked, it says so again.
        if (auto ended = send(Immediate::No, how)) {
            started = std::move(ended);
        } else if (!refuses_a_field(ended.error())) {
            started = std::move(ended);
        }
    }
    KILN_RETURN_IF_ERROR(std::move(started));
    // Also without IMMED: drives exist that answer GOOD to a close and go on with it.
    return wait_for(operation, progress);
}

Result<void, Failure> Drive::synchronize_cache(const OnProgress& progress) {
    return operate(mmc::SynchronizeCache10{}, LongOperation::Flush, progress);
}

Result<void, Failure> Drive::close(mmc::CloseFunction function, std::uint16_t track,
                                   const OnProgress& progress) {
    mmc::CloseTrackSession command;
    command.close_function = function;
    command.logical_track_number = track;
    return operate(command, operation_of(function), progress);
}

Result<void, Failure> Drive::blank(mmc::BlankingType type, const OnProgress& progress) {
    mmc::Blank command;
    command.blanking_type = type;
    const bool fast = type == mmc::BlankingType::Minimal;
    return operate(command, fast ? LongOperation::BlankFast : LongOperation::BlankFull, progress);
}

Result<void, Failure> Drive::format(const mmc::FormatList& list, LongOperation extent,
                                    const OnProgress& progress) {
    const mmc::FormatUnit command;
    // Its IMMED is in the parameter list.
    const auto send = [&](Immediate immediate,
                          const How& how) -> Result<transports::Completion, Failure> {
        mmc::FormatList form = list;
        form.header.immediate = immediate == Immediate::Yes;
        KILN_ASSIGN_OR_RETURN(const auto bytes, encoded(command, mmc::encode(form)));
        return run(command, transports::DataOut{bytes}, how);
    };
    return operate_forms(extent, send, progress);
}

Result<void, Failure> Drive::reserve_track(mmc::BlockCount blocks) {
    mmc::ReserveTrack command;
    command.reservation_size = static_cast<std::uint32_t>(blocks);
    How how;
    how.role = Role::Operation;
    how.guard = Guard::NeverReset;
    how.poll = poll_for(LongOperation::ReserveTrack, family_, capacity_);
    how.timeout = how.poll.deadline;
    KILN_RETURN_IF_ERROR(run(command, NoData{}, how));
    return {};
}

Result<void, Failure> Drive::calibrate_power() {
    mmc::SendOpcInformation command;
    command.perform_opc = true;
    How how;
    how.role = Role::Operation;
    how.guard = Guard::NeverReset;
    how.poll = poll_for(LongOperation::PowerCalibration, family_, capacity_);
    how.timeout = how.poll.deadline;
    KILN_RETURN_IF_ERROR(run(command, NoData{}, how));
    return {};
}

Result<void, Failure> Drive::prevent_removal() {
    mmc::PreventAllowMediumRemoval command;
    command.prevent = true;
    KILN_RETURN_IF_ERROR(run(command));
    return {};
}

Result<void, Failure> Drive::allow_removal() {
    KILN_RETURN_IF_ERROR(run(mmc::PreventAllowMediumRemoval{}));
    return {};
}

Result<void, Failure> Drive::load() {
    mmc::StartStopUnit command;
    command.load_eject = true;
    command.start = true;
    How how;
    how.poll = poll_for(LongOperation::Load, family_);
    how.timeout = how.poll.deadline;
    auto loaded = run(command, NoData{}, how);
    // A drive with nothing in its tray may say so here.
    if (!loaded && loaded.error().kind != FailureKind::NoMedium) {
        return tl::make_unexpected(while_doing("loading the tray", std::move(loaded).error()));
    }
    constexpr auto kDoubt = std::chrono::seconds(15);
    auto ready = wait_until_ready(kDoubt);
    if (!ready && ready.error().kind != FailureKind::NoMedium) {
        return tl::make_unexpected(while_doing("loading the tray", std::move(ready).error()));
    }
    return {};
}

Result<void, Failure> Drive::eject() {
    // A refusal here is no reason not to try: the eject says what is wrong.
    (void)allow_removal();
    mmc::StartStopUnit command;
    command.load_eject = true;
    How how;
    how.poll = poll_for(LongOperation::Eject, family_);
    how.poll.longest_pause = std::chrono::milliseconds(333);  // Pioneer: "every third of a second"
    how.timeout = how.poll.deadline;
    auto ejected = run(command, NoData{}, how);
    if (ejected) {
        return {};
    }
    Failure failure = while_doing("ejecting the medium", std::move(ejected).error());
    if (failure.sense && failure.sense->additional() == 0x5302) {
        failure.kind = FailureKind::InUse;
        failure.detail = "the tray is still locked; whoever locked it must release it";
    }
    return tl::make_unexpected(std::move(failure));
}

Result<void, Failure> Drive::set_streaming(const mmc::StreamingDescriptor& descriptor) {
    const mmc::SetStreaming command;
    KILN_ASSIGN_OR_RETURN(const auto bytes, encoded(command, mmc::encode(descriptor)));
    KILN_RETURN_IF_ERROR(run(command, transports::DataOut{bytes}));
    return {};
}

Result<void, Failure> Drive::set_cd_speed(const mmc::SetCdSpeed& speeds) {
    KILN_RETURN_IF_ERROR(run(speeds));
    return {};
}

}  // namespace kiln::stack

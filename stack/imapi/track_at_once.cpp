#include "stack/imapi/track_at_once.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "mmc/commands/primary.h"
#include "mmc/commands/track.h"
#include "mmc/lba.h"
#include "mmc/mode_pages.h"
#include "mmc/responses/track_information.h"
#include "mmc/result.h"

#include "transports/clock.h"

#include "stack/drive.h"
#include "stack/facts.h"
#include "stack/failure.h"
#include "stack/hresult.h"
#include "stack/imapi/exclusive_access.h"
#include "stack/imapi/format_layer.h"
#include "stack/imapi/recorder.h"
#include "stack/imapi/stream.h"
#include "stack/imapi/write_engine.h"
#include "stack/medium.h"
#include "stack/outcome.h"

namespace kiln::stack::imapi {
namespace {

constexpr std::uint32_t kMostTracks = 99;
constexpr std::uint32_t kInvisibleTrack = 0xFF;
constexpr std::uint16_t kPause = 150;  // sectors between two tracks, of Red Book discs

/// Two channels without pre-emphasis; what follows on the disc is another session or none.
mmc::WriteParametersPage audio_track() {
    mmc::WriteParametersPage page;
    page.buffer_underrun_free = true;
    page.write_type = mmc::WriteType::TrackAtOnce;
    page.multi_session = mmc::MultiSession::Allowed;
    page.track_mode = 0;
    page.data_block_type = mmc::DataBlockType::Raw2352;
    page.audio_pause_length = kPause;
    return page;
}

/// For what has to be waited for whoever wakes us: a cancel does not end a flush.
Drive patient_drive(const Device& device) {
    Drive drive(device.transport, device.clock, device.waker);
    drive.on_wake(OnWake::Ignored);
    drive.assume(MediumFamily::CdR, mmc::BlockCount{0});
    return drive;
}

HResult code_of(const Result<void, Failure>& result) {
    return result ? HResult::Ok : stack::code_of(result.error());
}

}  // namespace

HResult TrackAtOnce::Relay::update(WriteEngine& object, const WriteEngineEventArgs& progress) {
    if (layer_.cancel_asked_) {
        (void)object.request_cancel();
    }
    return layer_.events_ != nullptr ? layer_.events_->update(object, progress) : HResult::Ok;
}

TrackAtOnce::TrackAtOnce()
    : FormatLayer({.in_use = HResult::TaoWriteInProgress,
                   .no_recorder = HResult::TaoNoRecorder,
                   .bad_client_name = HResult::TaoClientNameNotValid}) {
    engine_.advise(&relay_);
}

TrackAtOnce::~TrackAtOnce() {
    if (prepared_) {
        recorder()->release_exclusive_access();
    }
}

HResult TrackAtOnce::refusal() const {
    const HResult busy = FormatLayer::refusal();
    return busy == HResult::Ok && prepared_ ? HResult::TaoMediaPrepared : busy;
}

HResult TrackAtOnce::prepare_media() {
    const Job job(*this);
    if (job.code() != HResult::Ok) {
        return job.code();
    }
    if (prepared_) {
        return HResult::TaoMediaPrepared;
    }
    const HResult fits = look_for_blank_cd();
    if (fits != HResult::Ok) {
        return fits;
    }
    // One more than the job's: until release_media().
    const HResult taken = recorder()->acquire_exclusive_access(VariantBool::True, client_name());
    if (taken == HResult::Ok) {
        tracks_ = 0;
        prepared_ = true;
    }
    return taken;
}

HResult TrackAtOnce::look_for_blank_cd() {
    Recorder* const on = recorder();
    const DriveUse use(on->device().access, on);
    if (use.code() != HResult::Ok) {
        return use.code();
    }
    Drive drive = patient_drive(on->device());
    if (auto ready = drive.wait_until_ready(); !ready) {
        return code_of(ready);
    }
    const auto medium = detect_medium(drive);
    if (!medium) {
        return stack::code_of(medium.error());
    }
    if (medium->family != MediumFamily::CdR && medium->family != MediumFamily::CdRw) {
        return HResult::TaoMediaNotSupported;
    }
    return medium->is_blank() ? HResult::Ok : HResult::TaoMediaNotBlank;
}

HResult TrackAtOnce::add_audio_track(Stream* data) {
    if (data == nullptr) {
        return HResult::Pointer;
    }
    if (!prepared_) {
        return HResult::TaoMediaNotPrepared;
    }
    const Job job(*this);
    if (job.code() != HResult::Ok) {
        return job.code();
    }
    const std::uint64_t size = data->size().value_or(0);
    if (size == 0 || size % kAudioSector != 0) {
        return HResult::TaoStreamNotSupported;
    }
    if (tracks_ >= kMostTracks) {
        return HResult::TaoTrackLimitReached;
    }
    cancel_asked_ = false;
    adding_ = true;
    const HResult code = add(*recorder(), *data, size / kAudioSector);
    adding_ = false;
    return code;
}

HResult TrackAtOnce::add(Recorder& recorder, Stream& data, std::uint64_t sectors) {
    if (const HResult set = set_write_parameters(recorder); set != HResult::Ok) {
        return set;
    }
    const auto room = next_track(recorder);
    if (!room) {
        return room.error();
    }
    if (sectors > room->free) {
        return HResult::TaoNotEnoughSpace;
    }
    if (cancel_asked_) {
        return HResult::RequestCancelled;
    }
    (void)engine_.set_recorder(&recorder);
    (void)engine_.set_bytes_per_sector(kAudioSector);
    const HResult written = engine_.write_section(&data, static_cast<std::int32_t>(room->next),
                                                  static_cast<std::int32_t>(sectors));
    // Whatever came of it: what the drive has accepted becomes a track, and the next can follow.
    const HResult flushed = flush(recorder);
    tracks_ += engine_.sectors_written() > 0 ? 1U : 0U;
    return written != HResult::Ok ? written : flushed;
}

HResult TrackAtOnce::set_write_parameters(Recorder& recorder) {
    const auto page = mmc::make_page(audio_track());
    const auto bytes = page ? mmc::encode(*page) : tl::make_unexpected(page.error());
    return bytes ? recorder.set_mode_page(mmc::PageControl::Current, *bytes) : HResult::Fail;
}

Result<TrackAtOnce::Room, HResult> TrackAtOnce::next_track(Recorder& recorder) {
    KILN_ASSIGN_OR_RETURN(const auto bytes, recorder.track_information(
                                                kInvisibleTrack, mmc::TrackAddressType::Track));
    const auto track = mmc::decode_track_information(bytes);
    if (!track || !track->next_writable_address_valid) {
        return tl::make_unexpected(HResult::InvalidResponse);
    }
    return Room{.next = track->next_writable_address,
                .free = static_cast<std::uint32_t>(track->free_blocks)};
}

HResult TrackAtOnce::flush(Recorder& recorder) {
    const DriveUse use(recorder.device().access, &recorder);
    return use.code() != HResult::Ok
               ? use.code()
               : code_of(patient_drive(recorder.device()).synchronize_cache());
}

HResult TrackAtOnce::close_session(Recorder& recorder) {
    const DriveUse use(recorder.device().access, &recorder);
    return use.code() != HResult::Ok
               ? use.code()
               : code_of(patient_drive(recorder.device()).close(mmc::CloseFunction::Session));
}

HResult TrackAtOnce::cancel_add_track() noexcept {
    if (!adding_) {
        return HResult::TaoWriteNotInProgress;
    }
    cancel_asked_ = true;
    (void)engine_.request_cancel();
    return HResult::Ok;
}

HResult TrackAtOnce::release_media() {
    const Job job(*this);
    if (job.code() == HResult::TaoWriteInProgress) {
        return job.code();
    }
    if (!prepared_) {
        return HResult::TaoMediaNotPrepared;
    }
    Recorder* const on = recorder();
    const bool closes = tracks_ > 0 && do_not_finalize_media() == VariantBool::False;
    const HResult closed = closes ? close_session(*on) : HResult::Ok;
    prepared_ = false;
    on->release_exclusive_access();
    return closed;
}

}  // namespace kiln::stack::imapi

/// \file
/// IDiscFormat2TrackAtOnce: audio tracks on a CD, one after the other.
///
///              prepare_media           add_audio_track            release_media
///     Unprepared -------> Prepared <--------------------> Adding
///         ^                  |                              | a cancel, a failure: flushed all the
///         +------------------+                              | same, and Prepared again
///
/// Each track is a section of the write engine: what stages 1, 2 and 5 of it are in IMAPI2, mode
/// page 05h, the next writable address, the flush, are here.

#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "mmc/lba.h"

#include "stack/drive.h"
#include "stack/failure.h"
#include "stack/hresult.h"
#include "stack/imapi/format_layer.h"
#include "stack/imapi/recorder.h"
#include "stack/imapi/stream.h"
#include "stack/imapi/write_engine.h"

namespace kiln::stack::imapi {

/// Bytes of a sector of audio.
inline constexpr std::uint32_t kAudioSector = 2352;

class TrackAtOnce final : public FormatLayer {
public:
    TrackAtOnce();
    TrackAtOnce(const TrackAtOnce&) = delete;
    TrackAtOnce& operator=(const TrackAtOnce&) = delete;
    ~TrackAtOnce() override;

    /// Takes the drive until release_media().
    ///
    /// Spec:    IDiscFormat2TrackAtOnce::PrepareMedia
    /// Errors:  TaoWriteInProgress; TaoMediaPrepared: it is already; TaoNoRecorder;
    ///          TaoClientNameNotValid: none was set; TaoMediaNotSupported: no CD-R or CD-RW;
    ///          TaoMediaNotBlank; Locked; the codes of stack/failure_codes.h
    [[nodiscard]] HResult prepare_media();

    /// Writes the stream as the next track. One of less than 300 sectors (4 s) is padded by the
    /// drive.
    ///
    /// Spec:    IDiscFormat2TrackAtOnce::AddAudioTrack
    /// Units:   the stream's size is known and a multiple of 2352
    /// Blocks:  until the drive has written the track's end
    /// Cancel:  cancel_add_track(); the drive's buffer is flushed, so what was accepted is a track
    /// Errors:  Pointer; TaoMediaNotPrepared; TaoWriteInProgress; TaoStreamNotSupported: the size;
    ///          TaoTrackLimitReached; TaoNotEnoughSpace; RequestCancelled; those of write_section()
    ///          and of stack/failure_codes.h
    [[nodiscard]] HResult add_audio_track(Stream* data);

    /// Asks for the end of add_audio_track(), and is remembered where the track has not begun.
    ///
    /// Spec:    IDiscFormat2TrackAtOnce::CancelAddTrack
    /// Blocks:  never
    /// Errors:  TaoWriteNotInProgress
    /// Thread:  any
    HResult cancel_add_track() noexcept;

    /// Closes the session, unless that is not wanted or there is no track, and gives the drive
    /// back.
    ///
    /// Spec:    IDiscFormat2TrackAtOnce::ReleaseMedia
    /// Errors:  TaoWriteInProgress; TaoMediaNotPrepared; those of closing: the drive is given back
    HResult release_media();

    // The properties, False at first. Setters and those of FormatLayer: TaoWriteInProgress while a
    // track is added, TaoMediaPrepared while the medium is prepared.

    /// The session stays open at release_media().
    HResult set_do_not_finalize_media(VariantBool value) {
        return change(do_not_finalize_media_, value);
    }
    [[nodiscard]] VariantBool do_not_finalize_media() const {
        return value_of(do_not_finalize_media_);
    }

    /// Tracks added since prepare_media(), cancelled ones with sectors too.
    [[nodiscard]] std::uint32_t number_of_existing_tracks() const { return tracks_; }
    /// Updates are those of the engine; its object too.
    void advise(WriteEngineEvents* events) { events_ = events; }

protected:
    [[nodiscard]] HResult refusal() const override;

private:
    /// Hands the engine's Updates on. The first one, at the latest, finds what was asked for before
    /// the engine could hear of it.
    class Relay final : public WriteEngineEvents {
    public:
        explicit Relay(TrackAtOnce& layer) : layer_(layer) {}
        HResult update(WriteEngine& object, const WriteEngineEventArgs& progress) override;

    private:
        TrackAtOnce& layer_;
    };

    [[nodiscard]] HResult look_for_blank_cd();
    [[nodiscard]] HResult add(Recorder& recorder, Stream& data, std::uint64_t sectors);
    [[nodiscard]] HResult set_write_parameters(Recorder& recorder);
    struct Room {
        mmc::Lba next{};
        std::uint32_t free = 0;
    };
    [[nodiscard]] Result<Room, HResult> next_track(Recorder& recorder);
    [[nodiscard]] HResult flush(Recorder& recorder);
    [[nodiscard]] HResult close_session(Recorder& recorder);

    std::atomic<bool> prepared_{false};
    std::atomic<bool> adding_{false};
    std::atomic<bool> cancel_asked_{false};
    VariantBool do_not_finalize_media_ = VariantBool::False;
    std::uint32_t tracks_ = 0;
    WriteEngineEvents* events_ = nullptr;
    Relay relay_{*this};
    WriteEngine engine_;
};

}  // namespace kiln::stack::imapi

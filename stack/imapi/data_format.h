/// \file
/// IDiscFormat2Data: a whole burn of 2048-byte blocks, by IMAPI2's rules and codes.
///
/// A face over burn(): the recipe of the medium, its ending, the checks afterwards are kiln's. Not
/// done as IMAPI2 does it: a stream has no IBlockRangeList.

#pragma once

#include <cstdint>
#include <optional>

#include "stack/burn.h"
#include "stack/hresult.h"
#include "stack/imapi/format_layer.h"
#include "stack/imapi/recorder.h"
#include "stack/imapi/stream.h"
#include "stack/imapi/write_engine.h"
#include "stack/medium.h"
#include "stack/outcome.h"

namespace kiln::stack::imapi {

/// IDiscFormat2DataEventArgs.
///
/// Units:   seconds; remaining and total -1: not known
struct DataEventArgs {
    WriteEngineEventArgs write;
    std::int32_t elapsed_time = 0;
    std::int32_t remaining_time = -1;
    std::int32_t total_time = -1;
    Phase current_action = Phase::ValidatingMedia;
};

class DataFormat;

/// DDiscFormat2DataEvents.
class DataEvents {
public:
    DataEvents() = default;
    DataEvents(const DataEvents&) = delete;
    DataEvents& operator=(const DataEvents&) = delete;
    virtual ~DataEvents() = default;

    /// What it returns is ignored.
    ///
    /// Thread:  write()'s; no lock is held
    virtual HResult update(DataFormat& object, const DataEventArgs& progress) = 0;
};

class DataFormat final : public FormatLayer {
public:
    DataFormat();

    /// Burns the stream: onto sequential media as a new session, onto rewritable ones from sector
    /// 0.
    ///
    /// Spec:    IDiscFormat2Data::Write
    /// Units:   the stream's size is known and a multiple of 2048
    /// Blocks:  until the drive is released
    /// Cancel:  cancel_write(), in every phase
    /// Errors:  Pointer; WriteInProgress; RecorderRequired; DataClientNameNotValid: none was set;
    ///          DataStreamNotSupported: the size; Locked; RequestCancelled; the stream's own code;
    ///          DataMediaNotBlank, DataStreamTooLarge, DataMediaNotSupported,
    ///          DataInvalidMediaState; the codes of stack/failure_codes.h
    [[nodiscard]] HResult write(Stream* data);

    /// Asks for the end of write(). Not at once on all media: what was written is closed, so that
    /// it can be read. Too late to leave anything out, the disc is complete and write() says S_OK.
    ///
    /// Here "no write is in progress" is an error, other than IWriteEngine2's.
    ///
    /// Spec:    IDiscFormat2Data::CancelWrite
    /// Blocks:  never
    /// Errors:  DataWriteNotInProgress
    /// Thread:  any
    HResult cancel_write();

    // Spec:    IDiscFormat2Data, the properties. All are False at first.
    // Errors:  WriteInProgress while write() runs, but for set_force_overwrite(), which is for the
    //          next one

    /// True: no session can follow. A disc of which 2 % or less would be left is closed anyway.
    HResult set_force_media_to_be_closed(VariantBool value);
    [[nodiscard]] VariantBool force_media_to_be_closed() const;
    /// True: a CD is written without underrun protection. No effect on other media.
    HResult set_buffer_underrun_free_disabled(VariantBool value);
    [[nodiscard]] VariantBool buffer_underrun_free_disabled() const;
    /// False: 150 sectors of zeros follow the stream on CD.
    HResult set_postgap_already_in_image(VariantBool value);
    [[nodiscard]] VariantBool postgap_already_in_image() const;
    /// False: a DVD+R is closed, whatever force_media_to_be_closed() says; True: that decides. A
    /// DVD+R DL is always closed.
    HResult set_disable_consumer_dvd_compatibility_mode(VariantBool value);
    [[nodiscard]] VariantBool disable_consumer_dvd_compatibility_mode() const;
    /// What a rewritable medium holds is replaced.
    HResult set_force_overwrite(VariantBool value);
    [[nodiscard]] VariantBool force_overwrite() const;

    /// Asks the drive for its speeds with the medium in, and takes the nearest.
    ///
    /// Spec:    IDiscFormat2Data::SetWriteSpeed
    /// Units:   sectors per second, of which 1x has 75 (CD), 680 (DVD), 2195 (BD); -1: the fastest
    /// Errors:  SpeedAdjusted, RotationAdjusted (kiln leaves the rotation to the drive),
    ///          BothAdjusted: codes of success; InvalidArgument: 0 or below -1; RecorderRequired;
    ///          Locked; those of looking at the medium
    HResult set_write_speed(std::int32_t sectors_per_second, VariantBool pure_cav);
    [[nodiscard]] std::int32_t requested_write_speed() const;
    [[nodiscard]] VariantBool requested_rotation_type_is_pure_cav() const;

    /// One sink; null: none.
    void advise(DataEvents* events) { events_ = events; }
    /// Of the last write(): what kiln knows beside the code.
    [[nodiscard]] const std::optional<BurnReport>& report() const { return report_; }

private:
    class Teller;
    struct Properties {
        VariantBool force_media_to_be_closed = VariantBool::False;
        VariantBool buffer_underrun_free_disabled = VariantBool::False;
        VariantBool postgap_already_in_image = VariantBool::False;
        VariantBool disable_consumer_dvd_compatibility_mode = VariantBool::False;
        VariantBool force_overwrite = VariantBool::False;
    };

    [[nodiscard]] HResult burn_it(Recorder& recorder, StreamSource& source);
    [[nodiscard]] BurnOptions options_for(const Medium& medium, StreamSource& source) const;
    void running(CancelSwitch* cancel);

    Properties properties_;
    std::int32_t requested_speed_ = -1;
    VariantBool requested_cav_ = VariantBool::False;
    std::optional<double> speed_x_;
    CancelSwitch* running_ = nullptr;
    DataEvents* events_ = nullptr;
    std::optional<BurnReport> report_;
};

}  // namespace kiln::stack::imapi

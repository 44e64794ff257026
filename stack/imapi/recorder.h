/// \file
/// IDiscRecorder2Ex, and of IDiscRecorder2 the exclusive access: one drive, spoken to in commands.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mmc/bytes.h"
#include "mmc/cdb.h"
#include "mmc/commands/device.h"
#include "mmc/commands/primary.h"
#include "mmc/commands/track.h"
#include "mmc/feature_codes.h"
#include "mmc/layout.h"
#include "mmc/mode_pages.h"
#include "mmc/profiles.h"
#include "mmc/responses/configuration.h"
#include "mmc/result.h"

#include "transports/clock.h"
#include "transports/transport.h"

#include "stack/failure.h"
#include "stack/failure_codes.h"
#include "stack/hresult.h"
#include "stack/imapi/exclusive_access.h"
#include "stack/ports.h"

namespace kiln::stack::imapi {

/// A drive. All of it outlives its recorders; one `access` for all recorders of one drive.
struct Device {
    transports::Transport& transport;
    transports::Clock& clock;
    transports::Waker& waker;
    Ports& ports;  // over `transport`; `waker` is theirs too
    ExclusiveAccess& access;
};

/// VARIANT_BOOL, with its numbers.
enum class VariantBool : std::int16_t { False = 0, True = -1 };

/// Thread:  any, one call at a time reaches the drive: the others, and those during a write, get
///          Locked
class Recorder {
public:
    explicit Recorder(const Device& device) : device_(device) {}
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;
    ~Recorder();

    [[nodiscard]] const Device& device() const { return device_; }

    // ---- IDiscRecorder2: exclusive access

    /// Each call adds one. Both values of `force` do the same: whether a file system is mounted was
    /// decided when the transport opened the drive.
    ///
    /// Spec:    IDiscRecorder2::AcquireExclusiveAccess
    /// Errors:  InvalidArgument for the name; Locked where another recorder has it
    HResult acquire_exclusive_access(VariantBool force, std::string_view client_name);
    /// The last one frees the drive; so does the recorder's end.
    ///
    /// Spec:    IDiscRecorder2::ReleaseExclusiveAccess; at count 0 nothing is documented
    /// Errors:  Fail where nobody has it; InvalidHandle where another has
    HResult release_exclusive_access();
    /// The holder's name, to be asked for after Locked; empty where there is none.
    [[nodiscard]] std::string exclusive_access_owner() const { return device_.access.owner(); }

    // ---- IDiscRecorder2Ex: what the transport can do

    /// A power of two; a buffer is aligned where `address & (value - 1)` is 0. (IMAPI calls it a
    /// mask, and it is not one.)
    ///
    /// Spec:    IDiscRecorder2Ex::GetByteAlignmentMask
    [[nodiscard]] std::size_t byte_alignment_mask() const;
    /// Units:   bytes in one command, from any address
    ///
    /// Spec:    IDiscRecorder2Ex::GetMaximumNonPageAlignedTransferSize
    [[nodiscard]] std::size_t maximum_non_page_aligned_transfer_size() const;
    /// Units:   bytes in one command, from the start of a page of memory
    ///
    /// Spec:    IDiscRecorder2Ex::GetMaximumPageAlignedTransferSize
    [[nodiscard]] std::size_t maximum_page_aligned_transfer_size() const;

    // ---- IDiscRecorder2Ex: any command

    /// 18 bytes of sense, zeros where the drive sent none.
    using SenseBuffer = std::array<std::uint8_t, 18>;

    /// Sends one command as it is, once.
    ///
    /// **CommandHasSenseData is a code of success for a command that the drive failed**: compare
    /// with Ok.
    ///
    /// Spec:    IDiscRecorder2Ex::SendCommandNoData
    /// Units:   the time-out in seconds, at least 1
    /// Errors:  InvalidArgument: a length that is not the operation code's (see cdb_length_fits());
    ///          CommandHasSenseData; MediaBusy, Fail for the other statuses; the codes of
    ///          stack/failure_codes.h for a command that did not complete; Locked
    HResult send_command_no_data(mmc::ByteView cdb, SenseBuffer& sense, std::uint32_t timeout);
    /// Spec:    IDiscRecorder2Ex::SendCommandSendDataToDevice
    /// Errors:  also InvalidArgument: no data, more than the transport takes, not aligned
    HResult send_command_send_data_to_device(mmc::ByteView cdb, SenseBuffer& sense,
                                             std::uint32_t timeout, mmc::ByteView buffer);
    /// `fetched`: bytes that came.
    ///
    /// Spec:    IDiscRecorder2Ex::SendCommandGetDataFromDevice
    /// Errors:  as for sending
    HResult send_command_get_data_from_device(mmc::ByteView cdb, SenseBuffer& sense,
                                              std::uint32_t timeout, mmc::MutableByteView buffer,
                                              std::size_t& fetched);

    // ---- IDiscRecorder2Ex: what drive and medium say. Each asks within 10 s
    // (IMAPI2_DEFAULT_COMMAND_TIMEOUT), again after a unit attention, and does not wait for a drive
    // that is not ready: that is an error here. Errors of all of them: stack/failure_codes.h,
    // InvalidResponse for an answer that cannot be read, Locked.

    using Bytes = Result<std::vector<std::uint8_t>, HResult>;

    /// Spec:    IDiscRecorder2Ex::ReadDvdStructure; READ DISC STRUCTURE, the header taken off
    /// Errors:  InvalidArgument: format or layer above FFh, AGID above 3; NoDvdStructure
    [[nodiscard]] Bytes read_dvd_structure(std::uint32_t format, std::uint32_t address,
                                           std::uint32_t layer, std::uint32_t agid);
    /// Spec:    IDiscRecorder2Ex::SendDvdStructure; SEND DISC STRUCTURE, the header put before
    /// Errors:  InvalidArgument: format above FFh, no data or more than FFFDh bytes
    HResult send_dvd_structure(std::uint32_t format, mmc::ByteView data);
    /// STORAGE_ADAPTER_DESCRIPTOR.
    ///
    /// Spec:    IDiscRecorder2Ex::GetAdapterDescriptor
    [[nodiscard]] Bytes adapter_descriptor();
    /// STORAGE_DEVICE_DESCRIPTOR, with vendor, product and revision behind it.
    ///
    /// Spec:    IDiscRecorder2Ex::GetDeviceDescriptor
    [[nodiscard]] Bytes device_descriptor();
    /// The answer of READ DISC INFORMATION as it came.
    ///
    /// Spec:    IDiscRecorder2Ex::GetDiscInformation
    [[nodiscard]] Bytes disc_information();
    /// The answer of READ TRACK INFORMATION as it came. `address`: an address, a track's or a
    /// session's number.
    ///
    /// Spec:    IDiscRecorder2Ex::GetTrackInformation, IMAPI_READ_TRACK_ADDRESS_TYPE
    [[nodiscard]] Bytes track_information(std::uint32_t address, mmc::TrackAddressType type);
    /// One feature descriptor, without the header before it.
    ///
    /// Spec:    IDiscRecorder2Ex::GetFeaturePage; GET CONFIGURATION
    /// Errors:  NoSuchFeature; FeatureNotCurrent: it is there, and only a current one was wanted;
    ///          NoGetConfiguration
    [[nodiscard]] Bytes feature_page(mmc::FeatureCode feature, VariantBool current_feature_only);
    /// One mode page, without header and block descriptors.
    ///
    /// Spec:    IDiscRecorder2Ex::GetModePage; MODE SENSE (10)
    /// Errors:  InvalidArgument: a page above 3Eh; NoSuchModePage
    [[nodiscard]] Bytes mode_page(mmc::PageCode page, mmc::PageControl request_type);
    /// `data` is one page; the header is put before it, and PS cleared.
    ///
    /// Spec:    IDiscRecorder2Ex::SetModePage; MODE SELECT (10)
    /// Errors:  InvalidArgument: neither Current nor Saved, or `data` is no page;
    ///          InvalidModeParameters
    HResult set_mode_page(mmc::PageControl request_type, mmc::ByteView data);
    /// Spec:    IDiscRecorder2Ex::GetSupportedFeaturePages; GetSupportedProfiles;
    ///          GetSupportedModePages. What Windows returns as sizes are numbers of entries
    [[nodiscard]] Result<std::vector<mmc::FeatureCode>, HResult> supported_feature_pages(
        VariantBool current_feature_only);
    [[nodiscard]] Result<std::vector<mmc::Profile>, HResult> supported_profiles(
        VariantBool current_only);
    [[nodiscard]] Result<std::vector<mmc::PageCode>, HResult> supported_mode_pages(
        mmc::PageControl request_type);

    /// Not IMAPI2's: the drive has feature 0107h (real-time streaming) with Stream Writing, and it
    /// is current. No answer is no.
    [[nodiscard]] bool writes_streams();

private:
    HResult send(mmc::ByteView cdb, SenseBuffer& sense, std::uint32_t timeout,
                 transports::DataPhase data, std::size_t& moved);
    [[nodiscard]] HResult check_buffer(mmc::ByteView buffer) const;
    using EncodedCdb = mmc::Result<mmc::Cdb, mmc::EncodeError>;
    /// Sends a command of our own; the completion is GOOD.
    [[nodiscard]] Result<transports::Completion, HResult> ask(const EncodedCdb& cdb,
                                                              transports::DataPhase data,
                                                              Asked asked);
    template <typename Command>
    [[nodiscard]] Bytes fetch(Command command, std::uint32_t size, Asked asked);
    template <typename Command>
    [[nodiscard]] Bytes fetch_announced(const Command& command, std::uint32_t header,
                                        std::size_t length_bytes, Asked asked);
    [[nodiscard]] Result<mmc::Configuration, HResult> configuration(mmc::RequestedFeatures which,
                                                                    mmc::FeatureCode from,
                                                                    std::uint32_t size);
    [[nodiscard]] Bytes fetch_inquiry();
    /// STORAGE_BUS_TYPE; 0 where the drive does not say.
    [[nodiscard]] std::uint8_t bus();

    Device device_;
};

/// The lengths that SendCommand takes for an operation code: of group 0 6 bytes, 1 and 2 10, 4 16,
/// 5 12; any from 6 to 16 of groups 3, 6 and 7 and of some codes of groups 0 and 1 whose use by
/// other device types differs.
///
/// Spec:    IDiscRecorder2Ex::SendCommandNoData, remarks
[[nodiscard]] bool cdb_length_fits(mmc::ByteView cdb);

}  // namespace kiln::stack::imapi

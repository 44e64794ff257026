/// \file
/// IDiscRecorder2Ex, and of IDiscRecorder2 the exclusive access: one drive, spoken to in commands.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "transports/clock.h"
#include "transports/transport.h"

#include "stack/hresult.h"
#include "stack/imapi/exclusive_access.h"
#include "stack/ports.h"

namespace kiln::stack::imapi {

/// A drive. All of it outlives its recorders; one `access` for all recorders of one drive.
struct Device {
    transports::Transport& transport;
    transports::Clock& clock;
    transports::Waker& waker;
    Ports& ports;  // over `transport`; `waker` is theirs
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

    /// Not IMAPI2's: the drive has feature 0107h (real-time streaming) with Stream Writing, and it
    /// is current. No answer is no.
    [[nodiscard]] bool writes_streams();

private:
    Device device_;
};

}  // namespace kiln::stack::imapi

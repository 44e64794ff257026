/// \file
/// IWriteEngine2: writes one section of blocks, and can be cancelled.
///
/// Of the five stages of a burn it does the fourth alone, the WRITE commands: no mode page, speed
/// or format before, no flush or close after. A section that was cancelled or has failed leaves the
/// track open; SYNCHRONIZE CACHE and CLOSE TRACK are the caller's, who keeps the drive locked until
/// they are done.
///
///     Unset --set_recorder, set_bytes_per_sector--> Idle
///
///     Idle --write_section--> Starting --first WRITE--> Writing --last accepted--> Done --> Idle
///                             "before" Update           Update every 0.5 s         "after" Update
///                                 |                         | cancel_write              ^
///                                 |                         v                           |
///                                 |                     Cancelling --WRITE ended--------+
///                                 +--failure, request_cancel----------------------------+
///
/// Every pair of a state and a call, and what it gives, is a row of the table in README.md.
///
/// Spec:    IWriteEngine2, DWriteEngine2Events, IWriteEngine2EventArgs (imapi2.h; the pages of
///          MicrosoftDocs/sdk-api, imapi2)

#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>

#include "transports/clock.h"

#include "stack/cancel_word.h"
#include "stack/failure.h"
#include "stack/hresult.h"
#include "stack/imapi/recorder.h"
#include "stack/imapi/section_machine.h"
#include "stack/imapi/stream.h"
#include "stack/outcome.h"

namespace kiln::stack::imapi {

/// IWriteEngine2EventArgs: a snapshot, not a live object.
///
/// Units:   addresses and counts in blocks of the section, buffers in bytes
struct WriteEngineEventArgs {
    std::int32_t start_lba = 0;         // as given to write_section(); may be negative
    std::int32_t sector_count = 0;      // as given to write_section()
    std::int32_t last_read_lba = 0;     // from the stream; start_lba - 1 before the first
    std::int32_t last_written_lba = 0;  // accepted by the drive; start_lba - 1 before the first
    std::int32_t total_system_buffer = 0;
    std::int32_t used_system_buffer = 0;
    std::int32_t free_system_buffer = 0;  // total - used
};

class WriteEngine;

/// DWriteEngine2Events.
class WriteEngineEvents {
public:
    WriteEngineEvents() = default;
    WriteEngineEvents(const WriteEngineEvents&) = delete;
    WriteEngineEvents& operator=(const WriteEngineEvents&) = delete;
    virtual ~WriteEngineEvents() = default;

    /// Once before the section, every 0.5 s during it (also while one WRITE takes longer), once
    /// after it. What it returns is ignored: cancel_write() is the way to stop.
    ///
    /// A cancel_write() in here counts once: to call it again and again until it is accepted cannot
    /// work in the Update before the section, for nothing goes on meanwhile. Try once an Update.
    ///
    /// Spec:    DWriteEngine2Events::Update
    /// Thread:  write_section()'s; no lock is held
    virtual HResult update(WriteEngine& object, const WriteEngineEventArgs& progress) = 0;
};

/// kiln's additions that change what a documented call gives.
enum class Extensions : std::uint8_t { Off, On };

/// Thread:  the owner's; cancel_write(), request_cancel() and write_in_progress() from any
class WriteEngine {
public:
    explicit WriteEngine(Extensions extensions = Extensions::Off) : extensions_(extensions) {}
    WriteEngine(const WriteEngine&) = delete;
    WriteEngine& operator=(const WriteEngine&) = delete;
    ~WriteEngine() = default;

    /// Writes `number_of_blocks` blocks of bytes_per_sector() to `starting_block_address` and up,
    /// from the stream's current position, which is read forward; several sections can follow each
    /// other on one stream. Has the drive to itself meanwhile.
    ///
    /// What comes back with 02/04/07, 02/04/08 or another "not ready yet" is sent again until the
    /// deadline of one WRITE (stack/wait.cpp); a WRITE that a unit attention came to never is. The
    /// first of an error and a cancel is what is returned.
    ///
    /// Spec:    IWriteEngine2::WriteSection
    /// Units:   blocks; a negative address is before the start of a CD's user data
    /// Blocks:  until the drive has accepted the last block
    /// Cancel:  cancel_write(); the WRITE in flight is awaited. A stream that is stuck is
    ///          interrupted
    /// Errors:  Pointer: no stream. WriteInProgress: one is running. RecorderRequired.
    ///          InvalidArgument: bytes per sector unset or more than the recorder takes, a count
    ///          below 1, an end past 2^31 - 1, streaming on another recorder than it was set for.
    ///          Locked. These before the first Update; after it RequestCancelled, the stream's own
    ///          code, Fail for a stream that ends early, the codes of stack/failure_codes.cpp
    [[nodiscard]] HResult write_section(Stream* data, std::int32_t starting_block_address,
                                        std::int32_t number_of_blocks);

    /// Asks for the end of the section under way; does not wait for it.
    ///
    /// S_OK from the issue of the first WRITE to that of the last, and again for whoever asks
    /// again: write_section() will return RequestCancelled, unless an error came first. Otherwise
    /// S_IMAPI_WRITE_NOT_IN_PROGRESS: nothing is cancelled, and nothing remembered. That is a code
    /// of success: who tests it with SUCCEEDED() believes that he cancelled.
    ///
    /// Spec:    IWriteEngine2::CancelWrite; imapi2error.h on 00AA0302
    /// Blocks:  never
    /// Errors:  Fail is documented and cannot happen: the answer is one compare-and-swap
    /// Thread:  any, and signal handlers; update() is where IMAPI2 wants it
    HResult cancel_write() noexcept;

    /// Not IMAPI2's: remembered for the section under way, and carried out at the first point where
    /// cancel_write() would have given S_OK, so nobody has to try again.
    ///
    /// S_IMAPI_WRITE_NOT_IN_PROGRESS where no section is under way.
    ///
    /// Thread:  any, and signal handlers
    HResult request_cancel() noexcept;

    /// IMAPI2 has no code for "busy" here: while a section is written the setters give Fail, and
    /// the value stays.

    /// Spec:    IWriteEngine2::put_Recorder
    /// Errors:  Pointer: null, which does not clear it. Locked: another recorder of the drive has
    ///          exclusive access
    HResult set_recorder(Recorder* value);
    /// Null: none was set.
    [[nodiscard]] Recorder* recorder() const;

    /// True: WRITE (12) with the Streaming bit, false: WRITE (10).
    ///
    /// Spec:    IWriteEngine2::put_UseStreamingWrite12, which documents E_NOTIMPL for TRUE. With
    ///          Extensions::On a recorder with feature 0107h and Stream Writing current takes it
    /// Errors:  NotImplemented
    HResult set_use_streaming_write_12(VariantBool value);
    [[nodiscard]] VariantBool use_streaming_write_12() const;

    /// Estimates for the length of the pauses while the drive's buffer is full. They do not set the
    /// drive's speed.
    ///
    /// Spec:    IWriteEngine2::put_StartingSectorsPerSecond, put_EndingSectorsPerSecond
    /// Units:   sectors per second; -1: maximum
    /// Errors:  InvalidArgument: 0, or below -1
    HResult set_starting_sectors_per_second(std::int32_t value);
    [[nodiscard]] std::int32_t starting_sectors_per_second() const;
    HResult set_ending_sectors_per_second(std::int32_t value);
    [[nodiscard]] std::int32_t ending_sectors_per_second() const;

    /// Any size: 2048, 2352, 2448 … Looked at again by write_section(): the setters have no order.
    ///
    /// Spec:    IWriteEngine2::put_BytesPerSector
    /// Errors:  InvalidArgument: below 1, or more than the recorder's
    ///          maximum_page_aligned_transfer_size()
    HResult set_bytes_per_sector(std::int32_t value);
    /// What was last set, whatever the medium has; -1 where nothing was.
    [[nodiscard]] std::int32_t bytes_per_sector() const;

    /// True from the entry of write_section() until just before the Update after it. So it is true
    /// in the Update before the section, where cancel_write() says that no write is in progress.
    ///
    /// Spec:    IWriteEngine2::get_WriteInProgress
    /// Thread:  any
    [[nodiscard]] VariantBool write_in_progress() const noexcept;

    /// DWriteEngine2Events' connection point, of one sink; null: none.
    void advise(WriteEngineEvents* events) { events_ = events; }

    /// Why the last section was not completed, in words.
    [[nodiscard]] const std::optional<Failure>& failure() const { return failure_; }
    /// Blocks that the drive accepted of the last section.
    [[nodiscard]] std::uint32_t sectors_written() const { return sectors_written_; }

private:
    class Teller;
    struct Settings {
        Recorder* recorder = nullptr;
        const Recorder* streams_on = nullptr;  // where it was set
        std::int32_t starting_sectors_per_second = -1;
        std::int32_t ending_sectors_per_second = -1;
        std::int32_t bytes_per_sector = -1;
    };

    /// Ok: the section is under way.
    [[nodiscard]] HResult begin(std::int32_t start, std::int32_t count, Settings& settings);
    [[nodiscard]] HResult run(const Settings& settings, const Section& section, Stream& data);
    void tell(const Progress& progress);
    HResult change(std::int32_t Settings::* member, std::int32_t value);
    [[nodiscard]] Settings settings() const;

    Extensions extensions_;
    mutable std::mutex mutex_;  // of settings_; not held across a call out
    Settings settings_;
    std::atomic<bool> in_progress_{false};
    std::atomic<transports::Waker*> waker_{nullptr};
    AtomicCancelWord word_;
    WriteEngineEvents* events_ = nullptr;
    std::optional<Failure> failure_;
    std::uint32_t sectors_written_ = 0;
};

}  // namespace kiln::stack::imapi

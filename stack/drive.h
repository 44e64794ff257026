/// \file
/// One drive, spoken to in whole operations: each sends its commands, waits and retries by the one
/// policy of wait.h, and answers with values or a Failure.
///
///     caller --> Drive --> Transport --> device
///                  |  ^
///                  |  +-- classify(): done | wait | again | fail
///                  +----- Clock, Waker: every pause, every deadline

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "mmc/bytes.h"
#include "mmc/cdb.h"
#include "mmc/commands/device.h"
#include "mmc/commands/media.h"
#include "mmc/commands/parameters.h"
#include "mmc/commands/performance.h"
#include "mmc/commands/primary.h"
#include "mmc/commands/read.h"
#include "mmc/commands/track.h"
#include "mmc/commands/write.h"
#include "mmc/layout.h"
#include "mmc/lba.h"
#include "mmc/mode_pages.h"
#include "mmc/responses/atip.h"
#include "mmc/responses/capacity.h"
#include "mmc/responses/cd_text.h"
#include "mmc/responses/configuration.h"
#include "mmc/responses/disc_information.h"
#include "mmc/responses/events.h"
#include "mmc/responses/format_capacities.h"
#include "mmc/responses/inquiry.h"
#include "mmc/responses/performance.h"
#include "mmc/responses/toc.h"
#include "mmc/responses/track_information.h"
#include "mmc/sense.h"

#include "transports/clock.h"
#include "transports/transport.h"

#include "stack/drive/identity.h"
#include "stack/failure.h"
#include "stack/wait.h"

namespace kiln::stack {

/// How far a long operation is, of 1.0, where the drive tells. Called once a poll, on the drive's
/// thread.
using OnProgress = std::function<void(std::optional<double> part)>;

/// What a wake does to a wait inside a Drive.
enum class OnWake : std::uint8_t {
    EndsWait,  // the operation returns Interrupted; what was started goes on in the drive
    Ignored,   // for reading a disc back after a cancel: deadlines still hold
};

/// How one command is sent.
struct How {
    Role role = Role::Query;
    transports::Duration timeout = kQueryTimeout;
    transports::Guard guard = transports::Guard::MayReset;
    /// How long KeepWaiting answers are followed.
    Poll poll{};
};

/// Thread:  one at a time: the drive's thread
class Drive {
public:
    Drive(transports::Transport& transport, transports::Clock& clock, transports::Waker& waker);

    [[nodiscard]] transports::Transport& transport() { return *transport_; }
    [[nodiscard]] transports::Clock& clock() { return *clock_; }
    void on_wake(OnWake what) { on_wake_ = what; }

    // ---- Any command
    // -----------------------------------------------------------------------------

    /// Sends `command`, follows KeepWaiting and Retry, and returns the completion that was Done.
    ///
    /// Blocks:  how.poll.deadline, and one command's time-out more, at most
    /// Errors:  the last completion or transport error, with the command in words; Unsuitable when
    /// the
    ///          command has no encoding
    template <typename Command>
    [[nodiscard]] Result<transports::Completion, Failure> run(
        const Command& command, transports::DataPhase data = transports::NoData{},
        const How& how = {}) {
        return run_words(
            mmc::encode(command), data, how,
            [](const void* words) { return mmc::describe(*static_cast<const Command*>(words)); },
            &command);
    }

    // ---- Who are you
    // -----------------------------------------------------------------------------

    /// INQUIRY, serial number, features, capabilities page. Works without a medium, and on drives
    /// that know no GET CONFIGURATION. Remembered until the next call.
    [[nodiscard]] Result<DriveIdentity, Failure> identify();

    /// Errors:  Failed with 5/20/00 on drives older than MMC-2
    [[nodiscard]] Result<mmc::Configuration, Failure> configuration(
        mmc::RequestedFeatures requested = mmc::RequestedFeatures::All, std::uint16_t from = 0);

    [[nodiscard]] Result<mmc::InquiryData, Failure> inquiry();

    /// One mode page of MODE SENSE (10), wherever in the answer a drive puts it.
    ///
    /// Errors:  Failed where the page does not come, also with GOOD
    [[nodiscard]] Result<mmc::ModePage, Failure> mode_page(
        mmc::PageCode code, mmc::PageControl control = mmc::PageControl::Current);

    /// MODE SELECT (10) of one page, header added, PS cleared.
    [[nodiscard]] Result<void, Failure> select_mode_page(const mmc::ModePage& page);

    // ---- Is it ready
    // -----------------------------------------------------------------------------

    /// One TEST UNIT READY, after any unit attentions. Nothing where it is ready; what is in the
    /// way otherwise.
    ///
    /// Errors:  of a drive that does not answer, not of one that is not ready
    [[nodiscard]] Result<std::optional<mmc::Sense>, Failure> test_unit_ready();

    /// Waits until the medium can be used: TEST UNIT READY and READ DISC INFORMATION both.
    ///
    /// Errors:  NoMedium; Failed after the deadline for BecomeReady, still not ready then
    [[nodiscard]] Result<void, Failure> wait_until_ready();

    /// Current sense; with DVD+RW and formats it has the progress that TEST UNIT READY hides.
    [[nodiscard]] Result<mmc::Sense, Failure> request_sense();

    [[nodiscard]] Result<mmc::EventStatus, Failure> events(mmc::NotificationClass classes);

    // ---- What is in
    // ------------------------------------------------------------------------------

    [[nodiscard]] Result<mmc::DiscInformation, Failure> disc_information();
    [[nodiscard]] Result<mmc::TrackResources, Failure> track_resources();
    [[nodiscard]] Result<mmc::PowResources, Failure> pow_resources();
    [[nodiscard]] Result<mmc::TrackInformation, Failure> track_information(std::uint16_t number);
    [[nodiscard]] Result<mmc::TrackInformation, Failure> track_at(mmc::Lba lba);
    /// Track FFh: the open or invisible one, where the drive knows that number.
    [[nodiscard]] Result<mmc::TrackInformation, Failure> invisible_track();
    [[nodiscard]] Result<mmc::Toc, Failure> toc();
    [[nodiscard]] Result<mmc::SessionInformation, Failure> session_information();
    [[nodiscard]] Result<mmc::FullToc, Failure> full_toc();
    [[nodiscard]] Result<mmc::FullToc, Failure> program_memory_area();
    [[nodiscard]] Result<mmc::Atip, Failure> atip();
    [[nodiscard]] Result<mmc::CdText, Failure> cd_text();
    [[nodiscard]] Result<mmc::FormatCapacities, Failure> format_capacities();
    /// The whole answer, its 4-byte header included: what the decoders of mmc/ take.
    [[nodiscard]] Result<std::vector<std::uint8_t>, Failure> disc_structure(
        mmc::StructureMedia media, mmc::StructureFormat format, std::uint8_t layer = 0,
        std::uint32_t address = 0);
    /// Blocks that READ CAPACITY says can be read; 0 on a blank medium.
    [[nodiscard]] Result<mmc::BlockCount, Failure> read_capacity();
    [[nodiscard]] Result<mmc::BufferCapacity, Failure> buffer_capacity();
    /// GET PERFORMANCE type 3.
    [[nodiscard]] Result<mmc::Performance, Failure> write_speeds();

    /// READ (10), or READ (12) where (10) cannot hold the count; `buffer` is a multiple of 2048
    /// bytes that the transport takes in one command.
    ///
    /// Errors:  the address of the sense where the drive tells one, else `first`
    [[nodiscard]] Result<void, Failure> read_blocks(mmc::Lba first, mmc::MutableByteView buffer);

    // ---- The tray
    // --------------------------------------------------------------------------------

    [[nodiscard]] Result<void, Failure> prevent_removal();
    [[nodiscard]] Result<void, Failure> allow_removal();
    /// Closes the tray and waits until the medium is ready or there is none.
    [[nodiscard]] Result<void, Failure> load();
    /// Allows removal and opens the tray. A drive that is busy is waited for.
    [[nodiscard]] Result<void, Failure> eject();

    // ---- Speed
    // -----------------------------------------------------------------------------------

    [[nodiscard]] Result<void, Failure> set_cd_speed(const mmc::SetCdSpeed& speeds);
    [[nodiscard]] Result<void, Failure> set_streaming(const mmc::StreamingDescriptor& descriptor);

    // ---- What takes long
    // ------------------------------------------------------------------------- Sent with IMMED and
    // waited for; without it, and a long time-out, to a drive that refuses IMMED. Never reset by a
    // time-out. `family` and `capacity` choose the deadline.

    /// What kind of medium the deadlines are for; Medium detection sets it.
    void assume(MediumFamily family, mmc::BlockCount capacity);

    [[nodiscard]] Result<void, Failure> synchronize_cache(const OnProgress& progress = {});
    [[nodiscard]] Result<void, Failure> close(mmc::CloseFunction function, std::uint16_t track = 0,
                                              const OnProgress& progress = {});
    [[nodiscard]] Result<void, Failure> blank(mmc::BlankingType type,
                                              const OnProgress& progress = {});
    /// FORMAT UNIT; `extent` is FormatFast or FormatFull, and chooses the deadline. DVD+RW goes on
    /// in the background after this returns.
    [[nodiscard]] Result<void, Failure> format(const mmc::FormatList& list, LongOperation extent,
                                               const OnProgress& progress = {});
    [[nodiscard]] Result<void, Failure> calibrate_power();
    [[nodiscard]] Result<void, Failure> reserve_track(mmc::BlockCount blocks);

    /// Waits until an operation that was started with IMMED has ended: TEST UNIT READY *and* READ
    /// DISC INFORMATION say so, since Pioneer drives answer GOOD to the first while they close.
    ///
    /// Errors:  Failed with the sense where it ended badly; TimedOut with the last sense at the
    ///          deadline
    [[nodiscard]] Result<void, Failure> wait_for(LongOperation operation,
                                                 const OnProgress& progress = {});

private:
    using Words = std::string (*)(const void* command);
    using EncodedCdb = Result<mmc::Cdb, mmc::EncodeError>;

    [[nodiscard]] Result<transports::Completion, Failure> run_words(const EncodedCdb& cdb,
                                                                    transports::DataPhase data,
                                                                    const How& how, Words words,
                                                                    const void* command);

    /// The answer to `command`, as many bytes of `size` as came.
    template <typename Command>
    [[nodiscard]] Result<std::vector<std::uint8_t>, Failure> fetch(Command command,
                                                                   std::uint32_t size);
    enum class Immediate : std::uint8_t { No, Yes };
    using SendForm =
        std::function<Result<transports::Completion, Failure>(Immediate immediate, const How& how)>;
    /// Sends an operation with IMMED and waits; without IMMED where the drive refuses it.
    [[nodiscard]] Result<void, Failure> operate_forms(LongOperation operation, const SendForm& send,
                                                      const OnProgress& progress);
    template <typename Command>
    [[nodiscard]] Result<void, Failure> operate(Command command, LongOperation operation,
                                                const OnProgress& progress);
    [[nodiscard]] std::string serial_of_page();
    [[nodiscard]] Result<transports::Completion, transports::TransportError> ask(Probe probe);
    [[nodiscard]] Result<void, Failure> wait_until_ready(transports::Duration doubt_no_medium);
    void tell_progress(const OnProgress& progress, const std::optional<mmc::Sense>& sense);
    /// True where the pause was cut short by a wake that ends waits.
    [[nodiscard]] bool pause_is_cut(transports::Duration pause, transports::Instant deadline);

    transports::Transport* transport_;
    transports::Clock* clock_;
    transports::Waker* waker_;
    OnWake on_wake_ = OnWake::EndsWait;
    MediumFamily family_ = MediumFamily::Unknown;
    mmc::BlockCount capacity_{};
};

}  // namespace kiln::stack

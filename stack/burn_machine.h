/// \file
/// One job on one drive, from the locked tray to the unlocked one: pure, copyable, no thread, no
/// clock, no I/O. Events in, actions out.
///
///              first bytes        steps done            all accepted       steps done
///     Waiting ------------> Preparing ------> Writing ----------> Finishing ------> Releasing
///        |                     |                |  |                 |                  |
///        | cancel, failure     |                |  | WRITE failed    | cancel that      | tray
///        |                     |                |  v                 | closes less      | unlocked
///        |                     |                | Salvaging --+      v                  v
///        |                     |                +---------> Cancelling ----> ...      Ended
///        |                     |                   cancel   (pads, then the policy's steps)
///        |                     +--> Releasing, where nothing has been written
///        +------------------------> Ended
///     Emergency: the WRITE in flight is interrupted -> Recovering -> Releasing
///     A drive that is gone: Ended, from everywhere
///
/// In every state a read of the source and a wake-up may be out too.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "transports/clock.h"

#include "stack/command_sequence.h"
#include "stack/machine.h"
#include "stack/outcome.h"
#include "stack/plan.h"
#include "stack/ports.h"
#include "stack/step_commands.h"
#include "stack/wait.h"
#include "stack/write_window.h"

namespace kiln::stack {

/// How often an observer is told.
inline constexpr transports::Duration kUpdateInterval = std::chrono::milliseconds(500);

/// How the machine ended.
struct MachineEnd {
    Outcome outcome = Outcome::Failed;
    HResult code = HResult::Fail;
    std::optional<Failure> failure;
    std::optional<CancelPolicy> cancelled;  // the policy that was carried out
    std::uint64_t accepted_payload = 0;     // blocks
    std::uint64_t accepted_blocks = 0;      // with padding
    bool wrote = false;                     // at least one WRITE was sent
    bool write_failed = false;
    bool gone = false;
    bool ending_done = false;  // the planned or the policy's ending ran to its end
    OpSet steps_done;
    bool operation_begun = false;    // a blank or format
    bool operation_stopped = false;  // and ended before it was done
    transports::Duration writing{};  // first WRITE to the end of the flush
};

class BurnMachine final : public Machine {
public:
    enum class Stage : std::uint8_t {
        Idle,
        Waiting,
        Preparing,
        Writing,
        Finishing,
        Cancelling,
        Salvaging,
        Recovering,
        Releasing,
        Ended,
    };

    /// `slots` of the ports' ring; `on_failure`: how the disc is left when the source fails.
    BurnMachine(const Plan& plan, std::size_t slots, CancelPolicy on_failure);

    void step(const Event& event, transports::Instant now, ActionList& out) override;

    [[nodiscard]] bool ended() const override { return stage_ == Stage::Ended; }
    [[nodiscard]] Stage stage() const { return stage_; }
    [[nodiscard]] transports::Instant wake_at() const override;
    [[nodiscard]] Progress progress(transports::Instant now) const override;
    [[nodiscard]] MachineEnd end() const;
    /// What the disc will be if `policy` were asked for now: exact for the orderly policies as long
    /// as the drive does what it is told.
    [[nodiscard]] Prediction if_cancelled(CancelPolicy policy) const;
    [[nodiscard]] const Plan& plan() const { return plan_; }

private:
    void begin(transports::Instant now, ActionList& out);
    void completed(const Completed& event, transports::Instant now, ActionList& out);
    void blocks_read(const BlocksRead& event, transports::Instant now, ActionList& out);
    void cancel_seen(const CancelSeen& event, transports::Instant now, ActionList& out);
    void tick(transports::Instant now, ActionList& out);

    void enter(Stage stage, transports::Instant now, ActionList& out);
    void sequence_moved(CommandSequence::Status status, transports::Instant now, ActionList& out);
    void prepared(transports::Instant now, ActionList& out);
    [[nodiscard]] bool operation_is_done() const;
    [[nodiscard]] bool was_interrupted(const Completed& event) const;
    void pump_reads(ActionList& out);
    void pump_writes(transports::Instant now, ActionList& out);
    void send_write(transports::Instant now, ActionList& out);
    void write_completed(const Completed& event, transports::Instant now, ActionList& out);
    void send_again(transports::Instant at, ActionList& out);
    void buffer_answered(const Completed& event, transports::Instant now, ActionList& out);
    [[nodiscard]] bool falls_back_to_disc_at_once(const Completed& event, transports::Instant now,
                                                  ActionList& out);
    void write_refused(const Completed& event, transports::Instant now, ActionList& out);
    void source_failed(const transports::SourceError& error);
    void source_ended_badly();
    void fail(Failure failure);
    /// No command is out: what comes after a cancel or a failure.
    void wind_down(transports::Instant now, ActionList& out);
    [[nodiscard]] bool wants_to_stop() const;
    [[nodiscard]] bool command_out() const;
    [[nodiscard]] bool left_nothing_out() const;
    [[nodiscard]] Phase phase_now() const;
    void sample_speed(transports::Instant now);

    Plan plan_;
    CancelPolicy on_failure_ = CancelPolicy::MakeReadable;
    Stage stage_ = Stage::Idle;
    WriteWindow window_;
    CommandSequence sequence_;
    Learned learned_;
    std::size_t prepare_list_ = 0;
    bool locked_once_ = false;

    // The WRITE loop.
    std::optional<Chunk> chunk_;  // the WRITE in flight, or to be sent again
    bool write_out_ = false;
    bool buffer_query_out_ = false;
    bool buffer_query_works_ = true;
    bool buffer_query_due_ = false;
    std::optional<transports::Instant> resend_at_;
    std::optional<transports::Instant> hold_writes_until_;  // the drive's buffer is full
    std::optional<transports::Instant> go_on_at_;           // somebody is being told
    transports::Instant chunk_since_;
    unsigned write_retries_ = 0;
    bool wrote_ = false;
    bool write_failed_ = false;
    bool interrupted_ = false;     // asked for
    bool needs_recovery_ = false;  // a WRITE was cut short: the drive's state is unknown
    bool padding_failed_ = false;
    bool source_failed_ = false;  // what it gave before is still written

    std::optional<CancelPolicy> cancel_;
    std::optional<CancelPolicy> policy_carried_out_;
    std::optional<Failure> failure_;
    bool gone_ = false;
    bool all_accepted_ = false;
    bool ending_done_ = false;
    bool recovering_out_ = false;

    // Telling.
    transports::Instant started_;
    transports::Instant next_update_;
    transports::Instant first_write_;
    transports::Instant last_write_;
    std::optional<double> drive_buffer_percent_;
    std::uint64_t total_buffer_ = 0;
    struct Sample {
        transports::Instant at;
        std::uint64_t blocks = 0;
    };
    std::array<Sample, 4> samples_{};
    std::size_t sample_count_ = 0;
};

}  // namespace kiln::stack

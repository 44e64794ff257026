/// \file
/// One section: blocks from a stream, written one WRITE after the other, and nothing else. Pure,
/// copyable; a Runner lets it act.
///
///            Begin            first WRITE            all accepted
///     Idle --------> Starting -----------> Writing ---------------> Ended
///                       |                  |  ^  |                    ^
///                       |     02/04/08 ... |  |  | cancel, failure    |
///                       |                  v  |  |                    |
///                       |                 (pause,|                    |
///                       |             same WRITE)|                    |
///                       |                        v                    |
///                       | cancel,            Stopping ----------------+
///                       | failure   the WRITE in flight is awaited    |
///                       +---------------------------------------------+
///
/// The first of a cancel and a failure decides what the section ends with; but a section whose
/// blocks were all accepted is complete, whatever came meanwhile.
///
/// Spec:    IWriteEngine2::WriteSection; DWriteEngine2Events::Update

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "mmc/lba.h"

#include "transports/clock.h"

#include "stack/failure.h"
#include "stack/hresult.h"
#include "stack/machine.h"
#include "stack/outcome.h"
#include "stack/ports.h"

namespace kiln::stack::imapi {

/// What is to be written.
struct Section {
    mmc::Lba start{};
    mmc::BlockCount count{};
    std::uint32_t bytes_per_sector = 2048;
    std::uint32_t sectors_per_write = 32;  // bytes of one WRITE: not more than a slot of the ports
    bool streaming = false;                // WRITE (12) with the Streaming bit
    /// Estimates in sectors per second, -1: maximum. They choose the pauses while the drive's
    /// buffer is full, and nothing else.
    std::int32_t starting_sectors_per_second = -1;
    std::int32_t ending_sectors_per_second = -1;
};

struct SectionEnd {
    HResult code = HResult::Fail;
    std::optional<Failure> failure;
    bool stream_failed = false;  // the failure is the stream's
    std::uint32_t written = 0;   // blocks that the drive accepted
};

class SectionMachine final : public Machine {
public:
    enum class Stage : std::uint8_t { Idle, Starting, Writing, Stopping, Ended };

    /// `slots` of the ports' ring.
    SectionMachine(const Section& section, std::size_t slots)
        : section_(section), slots_(static_cast<std::uint32_t>(slots)) {}

    /// Sends NotifyUpdate at Begin, before anything else, and every 0.5 s; the Update after the end
    /// is for whoever runs it: the cancel word says by then that nothing is written any more.
    void step(const Event& event, transports::Instant now, ActionList& out) override;
    [[nodiscard]] bool ended() const override { return stage_ == Stage::Ended; }
    [[nodiscard]] transports::Instant wake_at() const override;
    [[nodiscard]] Progress progress(transports::Instant now) const override;

    [[nodiscard]] Stage stage() const { return stage_; }
    [[nodiscard]] SectionEnd end() const;

private:
    void blocks_read(const BlocksRead& event);
    void stream_failed(const std::string& detail);
    void write_completed(const Completed& event, transports::Instant now, ActionList& out);
    void write_failed(const Completed& event);
    void cancel_seen(const CancelSeen& event);
    void stop(HResult code);
    void tick(transports::Instant now, ActionList& out);
    void read_ahead(ActionList& out);
    void write_next(transports::Instant now, ActionList& out);
    [[nodiscard]] Result<Execute, Failure> write_command() const;
    [[nodiscard]] Milestone milestone() const;
    [[nodiscard]] transports::Duration pause() const;
    [[nodiscard]] std::uint32_t count() const { return static_cast<std::uint32_t>(section_.count); }
    [[nodiscard]] std::uint32_t chunk_at(std::uint32_t block) const;

    Section section_;
    std::uint32_t slots_ = 0;
    Stage stage_ = Stage::Idle;
    transports::Instant started_;
    transports::Instant next_update_;

    // Blocks, counted from the section's first.
    std::uint32_t asked_ = 0;    // of the stream
    std::uint32_t read_ = 0;     // whole ones that came
    std::uint32_t written_ = 0;  // accepted by the drive
    bool reading_ = false;
    bool write_out_ = false;
    bool first_issued_ = false;

    // The WRITE under way, or to be sent again.
    transports::Instant write_since_;
    unsigned refusals_ = 0;
    std::optional<transports::Instant> resend_at_;

    std::optional<HResult> code_;  // the first one wins
    std::optional<Failure> failure_;
    bool stream_failed_ = false;
};

}  // namespace kiln::stack::imapi

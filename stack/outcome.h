/// \file
/// What a burn is asked for, what it tells while it runs, and what it ends with.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mmc/lba.h"

#include "transports/clock.h"

#include "stack/failure.h"
#include "stack/hresult.h"
#include "stack/policy.h"

namespace kiln::stack {

/// IMAPI_FORMAT2_DATA_WRITE_ACTION, with its numbers.
enum class Phase : std::uint8_t {
    ValidatingMedia = 0,
    FormattingMedia = 1,
    InitializingHardware = 2,
    CalibratingPower = 3,
    WritingData = 4,
    Finalization = 5,
    Completed = 6,
    Verifying = 7,
};
[[nodiscard]] std::string_view name_of(Phase phase);  // "writing-data"

enum class Outcome : std::uint8_t { Completed, Cancelled, Failed };
[[nodiscard]] std::string_view name_of(Outcome outcome);

enum class Verified : std::uint8_t { Yes, No, Cancelled, NotAsked };
[[nodiscard]] std::string_view name_of(Verified verified);

/// READ DISC INFORMATION's disc status, plus NoMedium and Unknown (it could not be read).
enum class DiscStatus : std::uint8_t { Blank, Appendable, Complete, Other, NoMedium, Unknown };
[[nodiscard]] std::string_view name_of(DiscStatus status);

/// A disc as its drive reports it, or as it is predicted to be.
struct DiscState {
    std::uint16_t profile = 0;
    DiscStatus status = DiscStatus::Unknown;
    std::uint32_t sessions = 0;  // complete ones
    std::uint32_t tracks = 0;    // that hold data
    /// Blocks of this burn that can be read, counted from its first one.
    std::uint64_t user_blocks = 0;
    bool readable = false;    // what was written can be read elsewhere
    bool appendable = false;  // something more can be written without losing what is there
    friend bool operator==(const DiscState&, const DiscState&) = default;
};

/// What the disc will be. Exact where `least` and `most` user blocks are equal and `exact` is set.
struct Prediction {
    DiscState disc;
    std::uint64_t least_user_blocks = 0;
    std::uint64_t most_user_blocks = 0;
    /// Else only the bounds hold: after an emergency or a failure, and where a session is closed on
    /// a disc that has no room for another one, which the drive may finalise.
    bool exact = true;
    /// Status, sessions and tracks mean something too: not on overwritable media, whose drives
    /// report what they like.
    bool structured = true;
    transports::Duration worst_case{};  // from the request to a released drive
    std::string words;                  // one line for people
};

/// Whether what the drive reports is what was predicted.
[[nodiscard]] bool fits(const Prediction& prediction, const DiscState& fact);

/// IMAPI2's code for a failure, by its sense, transport error or kind.
[[nodiscard]] HResult code_of(const Failure& failure);

struct BurnOptions {
    bool append = false;
    bool overwrite = false;
    bool close = false;
    std::optional<double> speed_x;  // none: maximum
    bool verify = false;
    bool simulate = false;
    bool eject = false;
    bool underrun_protection = true;  // off on CD alone: elsewhere media would be lost by it
    CancelPolicy on_cancel = CancelPolicy::MakeReadable;
    std::optional<std::uint64_t> size;  // bytes, where the source does not know it
};

/// What `kiln blank` and `kiln format` are asked for.
enum class BlankKind : std::uint8_t { Fast, Full };
enum class SpareAreas : std::uint8_t { Default, None, Max, Blocks };
/// Spare areas for defects, on media that have a choice.
struct FormatOptions {
    bool full = false;
    SpareAreas spare = SpareAreas::Default;
    std::uint64_t spare_blocks = 0;
};

/// What will be done, told before the first command that changes anything.
struct PlanSummary {
    std::string recipe;  // "CD-R track at once"
    std::uint16_t profile = 0;
    mmc::Lba start{0};
    std::optional<std::uint64_t> blocks;  // payload; none: a stream of unknown size
    std::uint64_t capacity_blocks = 0;    // that fit from `start`
    double speed_x = 0;
    std::uint32_t speed_kb_s = 0;
    bool closes_disc = false;
    bool formats = false;
    bool blanks = false;
    Prediction when_done;
    /// Per policy: if it were cancelled half way.
    std::vector<Prediction> when_cancelled;
};

/// An immutable snapshot, IWriteEngine2EventArgs' fields and more.
struct Progress {
    Phase phase = Phase::ValidatingMedia;
    std::int64_t start_lba = 0;
    std::uint64_t sector_count = 0;     // 0: not known yet
    std::int64_t last_read_lba = 0;     // start_lba - 1 before the first
    std::int64_t last_written_lba = 0;  // accepted by the drive; start_lba - 1 before the first
    std::uint64_t total_system_buffer = 0;
    std::uint64_t used_system_buffer = 0;
    std::uint64_t free_system_buffer = 0;
    transports::Duration elapsed{};
    std::optional<transports::Duration> remaining;
    double speed_x = 0;
    std::optional<double> drive_buffer_percent;
    std::optional<double> operation_percent;  // of a format, blank, flush or close
};

struct BurnReport {
    Outcome outcome = Outcome::Failed;
    HResult code = HResult::Fail;
    Verified verified = Verified::NotAsked;
    std::optional<Failure> failure;  // the first one
    transports::Duration drive_time{};
    std::uint64_t written_blocks = 0;  // payload blocks that the drive accepted
    bool simulated = false;            // by a test write: nothing is on the disc
    DiscState disc;
    bool as_predicted = false;
    Prediction predicted;
    std::vector<std::string> warnings;
    bool ejected = false;
    /// Something that was asked for (verify, eject) was left out because of a cancel.
    bool something_left_out = false;
    /// The source did not let go of a read within seconds of interrupt(): it is still used, by a
    /// thread of its own, and has to live until that read comes back.
    bool source_left_behind = false;
};

/// What a cancel would leave, at any time of a job: exact for the orderly policies as long as the
/// drive does what it is told, bounds for Emergency.
///
/// Thread:  the job's: inside an observer's call
class Forecast {
public:
    Forecast() = default;
    Forecast(const Forecast&) = delete;
    Forecast& operator=(const Forecast&) = delete;
    virtual ~Forecast() = default;

    [[nodiscard]] virtual Prediction if_cancelled(CancelPolicy policy) const = 0;
};

/// Who watches a burn. Called on the thread that called burn(), no lock held.
class BurnObserver {
public:
    BurnObserver() = default;
    BurnObserver(const BurnObserver&) = delete;
    BurnObserver& operator=(const BurnObserver&) = delete;
    virtual ~BurnObserver() = default;

    /// First of all. The forecast can be asked until the job's call returns.
    virtual void on_begin(const Forecast& /*forecast*/) {}
    virtual void on_plan(const PlanSummary& /*plan*/) {}
    virtual void on_phase(Phase /*phase*/) {}
    /// Once before the first WRITE, every 0.5 s, once after the last.
    virtual void on_update(const Progress& /*progress*/) {}
    virtual void on_warning(const std::string& /*text*/) {}
};

}  // namespace kiln::stack

/// \file
/// What one run with a cancel left behind, for the checkers to judge: raw bytes of every command,
/// the fake medium before and after, and what the engine said. Nothing in here was decoded by mmc/.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "transports/clock.h"
#include "transports/error.h"
#include "transports/transport.h"

#include "stack/hresult.h"
#include "stack/outcome.h"
#include "stack/policy.h"

#include "harness/sim/fake_drive.h"
#include "harness/sim/medium_kind.h"
#include "harness/testing/explore/cdb_bytes.h"

namespace kiln::harness {

/// Whose calls the run made.
enum class Face : std::uint8_t {
    Kiln,   // stack::burn() and request(policy)
    Imapi,  // WriteSection and CancelWrite: stage 4 only
};

enum class Job : std::uint8_t { Burn, Blank, Format };

/// One command as the drive got it. What did not reach the drive is not in the log.
struct SentCommand {
    CdbBytes cdb;
    transports::Instant start;
    transports::Instant end;  // of its status; of its being given up where there was none
    std::uint8_t status = 0;  // SAM: 00h GOOD, 02h CHECK CONDITION
    std::uint32_t sense = 0;  // key << 16 | ASC << 8 | ASCQ; 0: none
    bool deferred = false;    // the sense was a deferred error
    std::uint32_t moved = 0;  // bytes
    bool injected = false;    // the answer is a fault's, not the drive's own
    /// Why there was no status: the host gave it up, or it was lost.
    std::optional<transports::TransportError::Kind> broken;
    transports::Duration timeout{};
    bool never_reset = false;
    std::vector<std::uint8_t> parameters;  // data-out that is no user data; user data are not kept
};

/// Transport resets that the host asked for.
struct ResetSeen {
    transports::Rung rung{};
    transports::Instant at;
    std::size_t commands_before = 0;
};

/// One call that asks for a cancel.
struct CancelCall {
    transports::Instant at;
    /// Commands that the engine had handed to the transport when it was made; `inside`: the last of
    /// them had not ended.
    std::size_t commands_before = 0;
    bool inside = false;
    /// Kiln: what was asked for. Imapi: none.
    std::optional<stack::CancelPolicy> policy;
    /// Imapi: what CancelWrite answered.
    std::optional<stack::HResult> answered;
    /// What the engine said just before the call that this cancel would leave, where asked.
    std::optional<stack::Prediction> predicted;
};

/// An Update, and when.
struct UpdateSeen {
    transports::Instant at;
    stack::Progress progress;
    std::size_t commands_before = 0;
};

struct Evidence {
    // What was asked for.
    Face face = Face::Kiln;
    Job job = Job::Burn;
    MediumKind medium{};
    std::string personality;
    std::string scenario;  // its name, for the words of a violation
    stack::BurnOptions options;
    std::uint64_t seed = 0;          // of the source's pattern
    std::uint64_t source_bytes = 0;  // what the source would have given
    std::int32_t section_start = 0;  // Imapi: WriteSection's arguments
    std::int32_t section_blocks = 0;

    // What happened.
    std::vector<SentCommand> commands;
    std::vector<ResetSeen> resets;
    std::vector<CancelCall> cancels;
    std::vector<UpdateSeen> updates;
    std::vector<stack::Phase> phases;
    bool fault_injected = false;  // a pair: something other than the cancel happened too
    /// When a read of the source gave an error, where one did.
    std::optional<transports::Instant> source_failed;
    bool drive_lost = false;      // unplugged, or a command that never came back
    std::size_t completions = 0;  // times that the job's call returned: 1
    transports::Instant began;
    transports::Instant ended;  // the call returned

    // What the engine said.
    stack::HResult returned = stack::HResult::Fail;  // the report's code; WriteSection's
    std::optional<stack::BurnReport> report;         // Kiln only
    bool exclusive_access_held = false;              // after the end

    // What is so.
    std::optional<FakeDrive> before;  // snapshots: the fake medium is in their view()
    std::optional<FakeDrive> after;   // at `ended`, before the next job
    /// The next job on the same engine, drive and (where it takes another) medium.
    std::optional<stack::Outcome> next_outcome;
    std::string next_words;  // why it failed
};

/// One demand that was not met.
struct Violation {
    std::string checker;  // its name in the table of checkers
    std::string words;    // what was expected, what was found
};

}  // namespace kiln::harness

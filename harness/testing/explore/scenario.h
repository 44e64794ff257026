/// \file
/// What is done, on what, before anybody cancels it: everything that a run needs but the cancel.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "transports/clock.h"

#include "stack/outcome.h"

#include "harness/sim/fake_drive.h"
#include "harness/sim/medium_kind.h"
#include "harness/sim/personality.h"
#include "harness/testing/explore/evidence.h"

namespace kiln::harness {

/// A plain value; what is not said is as a plain burn of a new disc has it.
struct Scenario {
    std::string name;  // of the list it comes from, "bd-r/append"
    Face face = Face::Kiln;
    Job job = Job::Burn;
    MediumKind medium = MediumKind::BdR;
    std::string personality;  // empty: the drive that the medium takes by itself
    stack::BurnOptions options;
    stack::BlankKind blank = stack::BlankKind::Fast;
    stack::FormatOptions format;
    std::uint32_t medium_blocks = 0;  // 0: as usual for its kind
    // What was done to it on another day, in this order.
    bool formatted = false;   // a quick format; a background one goes on
    bool left_open = false;   // a burn was cancelled, and can be continued
    bool holds_data = false;  // a burn is on it

    std::uint64_t bytes = std::uint64_t{5} * 2048;  // what the source gives
    bool size_known = true;
    transports::Duration read_time{};  // of each read of the source
    std::int32_t section_start = 0;    // Imapi: where WriteSection writes

    std::uint32_t chunk_blocks = 2;  // of one WRITE, as the transport takes it
    std::uint32_t slots = 2;         // of the ring
    std::uint32_t buffer_bytes = 0;  // of the drive; 0: as the drive has it
};

inline constexpr std::uint64_t kScenarioSeed = 0x6b696c6e;  // of the source's pattern
inline constexpr std::uint64_t kEarlierSeed = 0x0b5e55ed;   // of what was on the disc before

/// All that a cancel is looked at with, in the order of media.
[[nodiscard]] const std::vector<Scenario>& all_scenarios();

/// Whether `text` fits `pattern`, in which `*` stands for anything.
[[nodiscard]] bool fits_glob(std::string_view pattern, std::string_view text);

/// The policies that a scenario is cancelled with. IMAPI2 has none: FastestRelease is what its
/// CancelWrite comes to.
[[nodiscard]] std::vector<stack::CancelPolicy> policies_of(const Scenario& scenario);

/// The words for a face: "kiln", "imapi".
[[nodiscard]] std::string_view name_of(Face face);

/// A scenario's drive with its medium in it, just before the job; made once, copied for each run.
struct Prepared {
    Scenario scenario;
    std::shared_ptr<const Personality> personality;
    FakeDrive drive;
    transports::Instant now;            // of its clock
    std::vector<std::uint8_t> pattern;  // what the source gives
};

/// Errors:  in words: no such personality, a drive that does not write this medium, an earlier burn
///          that failed
[[nodiscard]] mmc::Result<Prepared, std::string> prepare(const Scenario& scenario);

/// Whether a host reads much of the medium before it writes to it, to see whether it holds data.
[[nodiscard]] bool is_looked_through(MediumKind kind);
/// A new medium of the kind. A host looks through all of those that can be overwritten, so they
/// have no more than `blocks`.
[[nodiscard]] Medium small_medium(MediumKind kind, const Personality& personality,
                                  std::uint32_t blocks);

}  // namespace kiln::harness

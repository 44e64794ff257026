/// \file
/// Judges runs with a cancel: what was sent and what is on the medium, against the documents.
///
/// Nothing here looks at how the engine works, or decodes with the tables of mmc/: a CDB is read
/// byte by byte, the disc is the fake medium itself.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/testing/explore/evidence.h"

namespace kiln::harness {

namespace checks {

struct Run;

/// Where a demand applies: bits of these, any of each.
enum Bit : unsigned {
    // The face.
    kKiln = 1U << 0,
    kImapi = 1U << 1,
    // What was asked for, the last escalation; nothing, also where CancelWrite refused.
    kNoCancel = 1U << 2,
    kMakeReadable = 1U << 3,
    kLeaveResumable = 1U << 4,
    kFastestRelease = 1U << 5,
    kEmergency = 1U << 6,
    kCancelWrite = 1U << 7,
    // How it ended.
    kCompleted = 1U << 8,
    kCancelled = 1U << 9,
    kFailed = 1U << 10,
    // What else happened: nothing, a fault, the drive was lost.
    kClean = 1U << 11,
    kFault = 1U << 12,
    kLost = 1U << 13,
    // The job: with WRITEs or without.
    kBurns = 1U << 14,
    kErases = 1U << 15,
};
using Where = std::uint16_t;

}  // namespace checks

/// One demand. The table of them is the specification.
struct Checker {
    std::string_view name;
    std::string_view demands;
    checks::Where where = 0;
    /// What was expected and what was found, if that is not the same.
    std::optional<std::string> (*look)(const checks::Run& run) = nullptr;
};

[[nodiscard]] std::span<const Checker> checkers();
/// "kiln; cancelled; no fault": what of a kind is left out applies always.
[[nodiscard]] std::string words_of(checks::Where where);

/// Every demand that applies to this run and was not met. Empty: the run is as it should be.
[[nodiscard]] std::vector<Violation> judge(const Evidence& evidence);

}  // namespace kiln::harness

/// \file
/// Good runs, and ways to spoil them: each has to be refused by the checker that it names.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "harness/testing/checkers/checkers.h"
#include "harness/testing/checkers/seen.h"
#include "harness/testing/explore/evidence.h"

namespace kiln::harness {

/// Real runs that every checker accepts.
enum class Good : std::uint8_t {
    Bd,                // BD-R, 100 blocks
    Cd,                // CD-R, the same, which is padded to 300
    Ram,               // DVD-RAM, padded to 112
    CdReadable,        // CD-R, make-readable in the second WRITE
    BdResumable,       // BD-R, leave-resumable there
    BdFastest,         // BD-R, fastest-release there
    BdEmergency,       // BD-R, emergency there
    BdLateEmergency,   // BD-R, emergency while the session is closed
    CdEscalated,       // CD-R, make-readable there, fastest-release in the filling up
    CdClosedEarly,     // CD-R, make-readable there, fastest-release while the session is closed
    DvdTest,           // DVD-R, a test write
    DvdAtOnce,         // DVD-R, closed: its track is reserved, and padded to 112
    CdWriteError,      // CD-R whose second WRITE fails with 3/0C/00
    Section,           // IMAPI2's engine: BD-R, 100 blocks
    SectionCancelled,  // CancelWrite in the second WRITE
    SectionError,      // its second WRITE fails with 3/0C/00
};
inline constexpr std::size_t kGoodRuns = static_cast<std::size_t>(Good::SectionError) + 1;
[[nodiscard]] const Evidence& good_run(Good which);

struct Spoiled {
    std::string_view checker;
    Good run = Good::Bd;
    std::string_view how;
    void (*spoil)(Evidence& evidence) = nullptr;
};
[[nodiscard]] std::span<const Spoiled> spoiled_results();
[[nodiscard]] std::span<const Spoiled> spoiled_answers();
[[nodiscard]] std::span<const Spoiled> spoiled_cancels();
[[nodiscard]] std::span<const Spoiled> spoiled_ends();
[[nodiscard]] std::span<const Spoiled> spoiled_media();
[[nodiscard]] std::span<const Spoiled> spoiled_updates();
[[nodiscard]] std::span<const Spoiled> spoiled_orders();
[[nodiscard]] std::span<const Spoiled> spoiled_retries();

// --- tools to spoil with

/// The `number`-th command of this kind, from 0; of a CLOSE with this function.
[[nodiscard]] std::size_t nth(const Evidence& evidence, checks::Act act, std::size_t number = 0);
[[nodiscard]] std::size_t close_of(const Evidence& evidence, std::uint8_t function);
/// A GOOD command at the time of the one before which it is put.
void put_before(Evidence& evidence, std::size_t index, const CdbBytes& cdb);
void drop(Evidence& evidence, std::size_t index);
/// Without all commands of this kind.
void drop_all(Evidence& evidence, checks::Act act);
/// Answered with CHECK CONDITION and this sense.
void answer(Evidence& evidence, std::size_t index, std::uint32_t sense);
[[nodiscard]] std::vector<std::uint8_t> write_cdb(std::int32_t lba, std::uint16_t blocks,
                                                  std::uint8_t opcode = 0x2A);
/// A command that somebody else sends to the drive after the end.
void tamper(Evidence& evidence, const std::vector<std::uint8_t>& cdb,
            const std::vector<std::uint8_t>& data = {});

}  // namespace kiln::harness

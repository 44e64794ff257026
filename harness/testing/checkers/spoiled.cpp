#include "harness/testing/checkers/spoiled.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "mmc/bytes.h"
#include "mmc/sense.h"

#include "transports/faults/fault.h"

#include "stack/policy.h"

#include "harness/testing/checkers/recorded_burn.h"
#include "harness/testing/checkers/recorded_section.h"

namespace kiln::harness {
namespace {

using checks::Act;
using checks::Run;

transports::Fault second_write_fails() {
    return {.operation_code = 0x2A,
            .first = 2,
            .last = 2,
            .kind = transports::FailWith{mmc::make_sense(mmc::SenseKey::MediumError, 0x0C00)}};
}

Evidence cancelled(MediumKind kind, stack::CancelPolicy policy) {
    const std::size_t second = nth(recorded(RecordedBurn{.medium = kind}), Act::Write, 1);
    return recorded(
        RecordedBurn{.medium = kind, .cancels = {{.policy = policy, .command = second}}});
}

/// Make-readable in the second WRITE, and more at the command that `where` finds behind it.
Evidence escalated(std::size_t (*where)(const Evidence& milder)) {
    RecordedBurn job{.medium = MediumKind::CdR};
    const std::size_t second = nth(recorded(job), Act::Write, 1);
    job.cancels = {{.policy = stack::CancelPolicy::MakeReadable, .command = second}};
    job.cancels.push_back(
        {.policy = stack::CancelPolicy::FastestRelease, .command = where(recorded(job))});
    return recorded(job);
}

Evidence make(Good which) {
    using enum stack::CancelPolicy;
    switch (which) {
        case Good::Bd:
            return recorded(RecordedBurn{.medium = MediumKind::BdR});
        case Good::Cd:
            return recorded(RecordedBurn{.medium = MediumKind::CdR});
        case Good::Ram:
            return recorded(RecordedBurn{.medium = MediumKind::DvdRam});
        case Good::CdReadable:
            return cancelled(MediumKind::CdR, MakeReadable);
        case Good::BdResumable:
            return cancelled(MediumKind::BdR, LeaveResumable);
        case Good::BdFastest:
            return cancelled(MediumKind::BdR, FastestRelease);
        case Good::BdEmergency:
            return cancelled(MediumKind::BdR, Emergency);
        case Good::BdLateEmergency: {
            const std::size_t close = close_of(recorded({.medium = MediumKind::BdR}), 2);
            return recorded(
                {.medium = MediumKind::BdR, .cancels = {{.policy = Emergency, .command = close}}});
        }
        case Good::CdEscalated:
            return escalated([](const Evidence& it) { return nth(it, Act::Write, 3); });
        case Good::CdClosedEarly:
            return escalated([](const Evidence& it) { return close_of(it, 2); });
        case Good::DvdTest:
            return recorded(
                RecordedBurn{.medium = MediumKind::DvdR, .options = {.simulate = true}});
        case Good::DvdAtOnce:
            return recorded(RecordedBurn{.medium = MediumKind::DvdR, .options = {.close = true}});
        case Good::CdWriteError:
            return recorded(RecordedBurn{.medium = MediumKind::CdR, .fault = second_write_fails()});
        case Good::Section:
            return recorded_section({});
        case Good::SectionCancelled:
            return recorded_section({.cancel_commands = {1}});
        case Good::SectionError:
            return recorded_section({.fault = second_write_fails()});
    }
    return {};
}

}  // namespace

const Evidence& good_run(Good which) {
    static std::array<std::optional<Evidence>, kGoodRuns> runs;
    auto& run = runs.at(static_cast<std::size_t>(which));
    if (!run) {
        run = make(which);
        run->next_outcome = stack::Outcome::Completed;
    }
    return *run;
}

std::size_t nth(const Evidence& evidence, Act act, std::size_t number) {
    const Run run(evidence);
    for (std::size_t i = 0; i < run.commands.size(); ++i) {
        if (run.commands[i].act == act && number-- == 0) {
            return i;
        }
    }
    return Run::npos;
}

std::size_t close_of(const Evidence& evidence, std::uint8_t function) {
    const Run run(evidence);
    for (std::size_t i = 0; i < run.commands.size(); ++i) {
        if (run.commands[i].act == Act::Close && run.commands[i].function == function) {
            return i;
        }
    }
    return Run::npos;
}

void put_before(Evidence& evidence, std::size_t index, const CdbBytes& cdb) {
    SentCommand sent;
    sent.cdb = cdb;
    sent.start = sent.end =
        index < evidence.commands.size() ? evidence.commands[index].start : evidence.ended;
    sent.never_reset = true;
    evidence.commands.insert(evidence.commands.begin() + static_cast<std::ptrdiff_t>(index), sent);
}

void drop(Evidence& evidence, std::size_t index) {
    evidence.commands.erase(evidence.commands.begin() + static_cast<std::ptrdiff_t>(index));
}

void drop_all(Evidence& evidence, Act act) {
    for (std::size_t i = nth(evidence, act); i != Run::npos; i = nth(evidence, act)) {
        drop(evidence, i);
    }
}

void answer(Evidence& evidence, std::size_t index, std::uint32_t sense) {
    evidence.commands.at(index).status = 2;
    evidence.commands.at(index).sense = sense;
}

std::vector<std::uint8_t> write_cdb(std::int32_t lba, std::uint16_t blocks, std::uint8_t opcode) {
    const auto address = static_cast<std::uint32_t>(lba);
    const auto byte = [](std::uint32_t value, unsigned shift) {
        return static_cast<std::uint8_t>(value >> shift & 0xFFU);
    };
    std::vector<std::uint8_t> cdb = {
        opcode, 0, byte(address, 24), byte(address, 16), byte(address, 8), byte(address, 0)};
    if (opcode == 0xAA) {
        cdb.insert(cdb.end(), {0, 0, byte(blocks, 8), byte(blocks, 0), 0, 0});
    } else {
        cdb.insert(cdb.end(), {0, byte(blocks, 8), byte(blocks, 0), 0});
    }
    return cdb;
}

void tamper(Evidence& evidence, const std::vector<std::uint8_t>& cdb,
            const std::vector<std::uint8_t>& data) {
    FakeDrive& drive = *evidence.after;
    (void)drive.begin(cdb, evidence.ended);
    drive.take(data);
    (void)drive.end(evidence.ended);
}

}  // namespace kiln::harness

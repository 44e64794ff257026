#include "harness/testing/checkers/seen.h"

#include <algorithm>
#include <chrono>
#include <span>

#include <fmt/format.h>

#include "harness/sim/medium_kind.h"

namespace kiln::harness::checks {
namespace {

constexpr std::uint32_t kBlockSize = 2048;

using Bytes = std::span<const std::uint8_t>;

std::uint32_t number_at(Bytes bytes, std::size_t at, std::size_t size) {
    std::uint32_t value = 0;
    for (std::size_t i = at; i < at + size; ++i) {
        value = value << 8U | (i < bytes.size() ? bytes[i] : 0U);
    }
    return value;
}

bool bit(Bytes bytes, std::size_t at, unsigned which) {
    return (number_at(bytes, at, 1) >> which & 1U) != 0;
}

Act act_of(const CdbBytes& cdb) {
    switch (cdb.empty() ? 0xFF : cdb[0]) {
        case 0x00:
        case 0x03:
        case 0x12:
        case 0x46:
        case 0x4A:
            return Act::Poll;
        case 0x51:
        case 0x52:
            return Act::ReadState;
        case 0x2A:
        case 0x2E:
        case 0xAA:
            return Act::Write;
        case 0x35:
            return Act::Synchronize;
        case 0x5B:
            return Act::Close;
        case 0xA1:
            return Act::Blank;
        case 0x04:
            return Act::Format;
        case 0x15:
        case 0x55:
            return Act::ModeSelect;
        case 0xB6:
        case 0xBB:
            return Act::SetSpeed;
        case 0x53:
            return Act::Reserve;
        case 0x54:
            return Act::Calibrate;
        case 0x5D:
            return Act::SendCueSheet;
        case 0x58:
            return Act::Repair;
        case 0xBF:
            return Act::SendStructure;
        case 0x1E:
            return bit(cdb, 4, 0) ? Act::Prevent : Act::Allow;
        case 0x1B:
            return Act::StartStop;
        case 0x5C:
            return Act::BufferCapacity;
        default:
            return Act::Other;
    }
}

SeenCommand seen(const SentCommand& sent) {
    SeenCommand it;
    const auto& cdb = sent.cdb;
    it.act = act_of(cdb);
    it.good = sent.status == 0 && !sent.broken;
    switch (it.act) {
        case Act::Write:
            it.lba = static_cast<std::int32_t>(number_at(cdb, 2, 4));
            it.blocks = cdb[0] == 0xAA ? number_at(cdb, 6, 4) : number_at(cdb, 7, 2);
            break;
        case Act::Synchronize:
            it.immediate = bit(cdb, 1, 1);
            break;
        case Act::Close:
            it.immediate = bit(cdb, 1, 0);
            it.function = static_cast<std::uint8_t>(number_at(cdb, 2, 1) & 7U);
            break;
        case Act::Blank:
            it.immediate = bit(cdb, 1, 4);
            break;
        case Act::Format:
            it.immediate = bit(sent.parameters, 1, 1);
            it.function = static_cast<std::uint8_t>(number_at(sent.parameters, 8, 1) >> 2U);
            break;
        case Act::StartStop:
        case Act::Repair:
            it.immediate = bit(cdb, 1, 0);
            it.function = static_cast<std::uint8_t>(number_at(cdb, 4, 1) & 3U);
            break;
        default:
            break;
    }
    return it;
}

/// Whether this call counts: made before the job's end, and not refused.
bool counts(const Evidence& evidence, const CancelCall& call) {
    if (call.at > evidence.ended) {
        return false;
    }
    return evidence.face == Face::Kiln ? call.policy.has_value()
                                       : call.answered == stack::HResult::Ok;
}

Bit asked_bit(const Run& run) {
    if (run.cancel == nullptr) {
        return kNoCancel;
    }
    if (run.evidence->face == Face::Imapi) {
        return kCancelWrite;
    }
    switch (run.policy.value_or(stack::CancelPolicy::MakeReadable)) {
        case stack::CancelPolicy::MakeReadable:
            return kMakeReadable;
        case stack::CancelPolicy::LeaveResumable:
            return kLeaveResumable;
        case stack::CancelPolicy::FastestRelease:
            return kFastestRelease;
        case stack::CancelPolicy::Emergency:
            return kEmergency;
    }
    return kNoCancel;
}

Bit end_bit(const Evidence& evidence) {
    if (evidence.face == Face::Kiln && evidence.report) {
        switch (evidence.report->outcome) {
            case stack::Outcome::Completed:
                return kCompleted;
            case stack::Outcome::Cancelled:
                return kCancelled;
            case stack::Outcome::Failed:
                return kFailed;
        }
    }
    return evidence.returned == stack::HResult::Ok                 ? kCompleted
           : evidence.returned == stack::HResult::RequestCancelled ? kCancelled
                                                                   : kFailed;
}

Where where_of(const Run& run) {
    const Evidence& it = *run.evidence;
    const Bit face = it.face == Face::Kiln ? kKiln : kImapi;
    const Bit trouble = it.drive_lost ? kLost : it.fault_injected ? kFault : kClean;
    const Bit job = it.job == Job::Burn ? kBurns : kErases;
    return static_cast<Where>(face | asked_bit(run) | end_bit(it) | trouble | job);
}

void find_cancel(Run& run) {
    const Evidence& it = *run.evidence;
    run.started_before_cancel = it.commands.size();
    run.started_before_policy = it.commands.size();
    for (const CancelCall& call : it.cancels) {
        if (!counts(it, call)) {
            continue;
        }
        if (run.cancel == nullptr) {
            run.cancel = &call;
            run.started_before_cancel = call.commands_before;
            run.started_before_policy = call.commands_before;
        }
        if (call.policy && (!run.policy || *run.policy < *call.policy)) {
            run.policy = call.policy;
            run.started_before_policy = call.commands_before;
        }
    }
}

void count_writes(Run& run) {
    const Evidence& it = *run.evidence;
    std::uint64_t before_cancel = 0;
    for (std::size_t i = 0; i < run.commands.size(); ++i) {
        const SeenCommand& command = run.commands[i];
        if (command.act != Act::Write) {
            continue;
        }
        if (run.first_write == Run::npos) {
            run.first_write = i;
            run.start = it.face == Face::Imapi ? it.section_start : command.lba;
        }
        run.last_write = i;
        const auto next = std::int64_t{run.start} + static_cast<std::int64_t>(run.accepted);
        if (command.good && command.lba == next) {
            run.accepted += command.blocks;
        }
        if (i < run.started_before_cancel) {
            before_cancel = run.accepted;
        }
    }
    run.payload = std::min(before_cancel, run.wanted);
}

}  // namespace

Run::Run(const Evidence& from) : evidence(&from) {
    commands.reserve(from.commands.size());
    for (const SentCommand& sent : from.commands) {
        commands.push_back(seen(sent));
    }
    if (from.before) {
        before = from.before->view();
    }
    if (from.after) {
        after = from.after->view();
    }
    start = from.section_start;
    wanted = from.face == Face::Imapi ? static_cast<std::uint64_t>(std::max(0, from.section_blocks))
                                      : (from.source_bytes + kBlockSize - 1) / kBlockSize;
    const auto verifying =
        std::find_if(from.updates.begin(), from.updates.end(),
                     [](const auto& it) { return it.progress.phase == stack::Phase::Verifying; });
    updates = {from.updates.begin(), verifying};
    find_cancel(*this);
    count_writes(*this);
    where = where_of(*this);
}

bool was_lied_about(const Run& run, Act act) {
    for (std::size_t i = 0; i < run.commands.size(); ++i) {
        if (run.commands[i].act == act && run.commands[i].good &&
            run.evidence->commands[i].injected) {
            return true;
        }
    }
    return false;
}

bool has_sense(const SentCommand& sent, std::uint8_t key, std::uint16_t additional) {
    return sent.status == 2 && !sent.broken && sent.sense >> 16U == key &&
           (additional == 0xFFFF || (sent.sense & 0xFFFFU) == additional);
}

bool says_busy(const SentCommand& sent) {
    return has_sense(sent, 2) && (sent.sense >> 8U & 0xFFU) == 0x04;
}

bool is_preparation(Act act) {
    switch (act) {
        case Act::Blank:
        case Act::Format:
        case Act::ModeSelect:
        case Act::SetSpeed:
        case Act::Reserve:
        case Act::Calibrate:
        case Act::SendStructure:
        case Act::SendCueSheet:
        case Act::Repair:
            return true;
        default:
            return false;
    }
}

bool is_sequential(MediumKind kind) {
    switch (kind) {
        case MediumKind::CdR:
        case MediumKind::CdRw:
        case MediumKind::DvdR:
        case MediumKind::DvdRw:
        case MediumKind::DvdRDl:
        case MediumKind::DvdPlusR:
        case MediumKind::DvdPlusRDl:
        case MediumKind::BdR:
        case MediumKind::BdRDl:
        case MediumKind::BdRXl:
            return true;
        default:
            return false;
    }
}

std::string seconds(transports::Duration time) {
    return fmt::format("{:.3f} s", std::chrono::duration<double>(time).count());
}

std::string words_of(const SeenCommand& command) {
    switch (command.act) {
        case Act::Write:
            return fmt::format("WRITE lba={} n={}", command.lba, command.blocks);
        case Act::Synchronize:
            return "SYNCHRONIZE CACHE";
        case Act::Close:
            return fmt::format("CLOSE TRACK/SESSION {}", command.function);
        case Act::Blank:
            return "BLANK";
        case Act::Format:
            return "FORMAT UNIT";
        case Act::ModeSelect:
            return "MODE SELECT";
        case Act::SetSpeed:
            return "SET CD SPEED or SET STREAMING";
        case Act::Reserve:
            return "RESERVE TRACK";
        case Act::Calibrate:
            return "SEND OPC INFORMATION";
        case Act::SendStructure:
            return "SEND DISC STRUCTURE";
        case Act::SendCueSheet:
            return "SEND CUE SHEET";
        case Act::Repair:
            return "REPAIR TRACK";
        case Act::Prevent:
            return "PREVENT";
        case Act::Allow:
            return "ALLOW";
        case Act::StartStop:
            return "START STOP UNIT";
        default:
            return "a command";
    }
}

std::string words_of(const Run& run, std::size_t index) {
    const SentCommand& sent = run.evidence->commands.at(index);
    return fmt::format("{} [{:02x}] (command {})", words_of(run.commands.at(index)),
                       sent.cdb.empty() ? 0 : sent.cdb[0], index);
}

}  // namespace kiln::harness::checks

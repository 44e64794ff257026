// What CancelWrite and WriteSection answer, as a table of what the log says was under way. Source:
// imapi2.md 2.2, 8, 9.1 and 9.2.

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "stack/hresult.h"

#include "harness/testing/checkers/demands.h"

namespace kiln::harness::checks {
namespace {

using stack::HResult;

enum class Stage : std::uint8_t {
    Starting,    // no WRITE was issued yet
    Writing,     // and there is more to issue
    LastIssued,  // nothing can be taken back
    Cancelling,  // a cancel was accepted
    Ending,      // every command has ended: accepted or over, both can be said
};

/// Whether this WRITE has the section's last block in it.
bool is_last(const Run& run, const SeenCommand& it) {
    return it.act == Act::Write &&
           std::int64_t{it.lba} + it.blocks >= run.start + static_cast<std::int64_t>(run.wanted);
}

Stage stage_at(const Run& run, std::size_t index) {
    const CancelCall& call = run.evidence->cancels[index];
    const std::size_t started = std::min(call.commands_before, run.commands.size());
    const bool all_over = started == run.commands.size() && !call.inside;
    for (std::size_t i = 0; i < index; ++i) {
        if (run.evidence->cancels[i].answered == HResult::Ok) {
            return all_over ? Stage::Ending : Stage::Cancelling;
        }
    }
    if (run.first_write == Run::npos || started <= run.first_write) {
        return Stage::Starting;
    }
    for (std::size_t i = started; i > 0; --i) {
        const SeenCommand& it = run.commands[i - 1];
        if (it.act != Act::Write) {
            continue;
        }
        // Refused because the buffer is full, it is written again while it waits: from when the
        // engine has seen that, at the instant of the answer itself or a moment later.
        const bool refused = says_busy(run.evidence->commands[i - 1]);
        if (is_last(run, it) && refused && run.evidence->commands[i - 1].end == call.at) {
            return Stage::Ending;
        }
        const bool waits = refused && run.evidence->commands[i - 1].end <= call.at;
        if (is_last(run, it) && !waits) {
            return Stage::LastIssued;
        }
        const bool failed = !it.good && !waits;
        return all_over && failed ? Stage::Ending : Stage::Writing;
    }
    return Stage::Writing;
}

bool may_answer(Stage stage, HResult code) {
    switch (stage) {
        case Stage::Starting:
        case Stage::LastIssued:
            return code == HResult::WriteNotInProgress;
        case Stage::Writing:
        case Stage::Cancelling:
            return code == HResult::Ok;
        case Stage::Ending:
            return code == HResult::Ok || code == HResult::WriteNotInProgress;
    }
    return false;
}

/// Sense to code: key, additional code and qualifier (FFh: any), as imapi2.md 8 suggests.
struct SenseCode {
    std::uint8_t key = 0;  // FFh: any
    std::uint8_t code = 0;
    std::uint8_t qualifier = 0;
    HResult result = HResult::UnexpectedResponse;
};
constexpr std::array kSenseCodes = {
    SenseCode{0x02, 0x3A, 0xFF, HResult::NoMedia},
    SenseCode{0x02, 0x04, 0x01, HResult::MediaBecomingReady},
    SenseCode{0x02, 0x04, 0x04, HResult::MediaFormatInProgress},
    SenseCode{0x02, 0x04, 0x07, HResult::MediaBusy},
    SenseCode{0x02, 0x04, 0x08, HResult::MediaBusy},
    SenseCode{0xFF, 0x30, 0xFF, HResult::MediaIncompatible},
    SenseCode{0x07, 0x27, 0xFF, HResult::MediaWriteProtected},
    SenseCode{0x03, 0x0C, 0x09, HResult::LossOfStreaming},
};

HResult code_of_sense(std::uint32_t sense) {
    const auto fits = [sense](std::uint8_t wanted, unsigned shift) {
        return wanted == 0xFF || (sense >> shift & 0xFFU) == wanted;
    };
    const auto* const found =
        std::find_if(kSenseCodes.begin(), kSenseCodes.end(), [&](const SenseCode& it) {
            return fits(it.key, 16) && fits(it.code, 8) && fits(it.qualifier, 0);
        });
    return found == kSenseCodes.end() ? HResult::UnexpectedResponse : found->result;
}

}  // namespace

Found cancel_write_answers_as_documented(const Run& run) {
    constexpr std::array kNames = {"before the first WRITE", "while writing",
                                   "after the last WRITE was issued", "after an accepted cancel",
                                   "at the end"};
    for (std::size_t i = 0; i < run.evidence->cancels.size(); ++i) {
        const auto& answered = run.evidence->cancels[i].answered;
        const Stage stage = stage_at(run, i);
        if (answered && !may_answer(stage, *answered)) {
            return fmt::format("CancelWrite {} answered {}",
                               kNames.at(static_cast<std::size_t>(stage)),
                               stack::name_of(*answered));
        }
    }
    return {};
}

Found section_returns_cancelled(const Run& run) {
    return fmt::format("a cancel was accepted, and WriteSection returned {}",
                       stack::name_of(run.evidence->returned));
}

Found section_error_fits_the_sense(const Run& run) {
    if (run.evidence->source_failed || run.last_write == Run::npos) {
        return {};
    }
    const SentCommand& last = run.evidence->commands[run.last_write];
    if (last.status != 2 || last.broken) {
        return {};
    }
    const HResult wanted = code_of_sense(last.sense);
    if (run.evidence->returned != wanted) {
        return fmt::format("{} ended with {:06x}, which is {}, and WriteSection returned {}",
                           words_of(run, run.last_write), last.sense, stack::name_of(wanted),
                           stack::name_of(run.evidence->returned));
    }
    return {};
}

}  // namespace kiln::harness::checks

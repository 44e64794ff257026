// What may still be sent once a cancel was accepted. Source: the policies of the command line
// contract; for CancelWrite, that the WRITE in flight ends and no other is issued.

#include <algorithm>

#include <fmt/format.h>

#include "harness/testing/checkers/demands.h"

namespace kiln::harness::checks {
namespace {

/// A CD's track has at least 300 blocks; elsewhere what is short of an ECC block or a cluster is
/// filled.
std::uint64_t with_filler(MediumKind kind, std::uint64_t blocks) {
    const bool cd = kind == MediumKind::CdR || kind == MediumKind::CdRw;
    if (cd) {
        return std::max<std::uint64_t>(blocks, 300);
    }
    const std::uint64_t unit = facts_of(kind).family == MediumFamily::Bd ? 32 : 16;
    return (blocks + unit - 1) / unit * unit;
}

}  // namespace

Found no_write_after_cancel(const Run& run) {
    if (run.last_write == Run::npos || run.last_write < run.started_before_policy) {
        return {};
    }
    for (std::size_t i = run.started_before_policy; i < run.commands.size(); ++i) {
        if (run.commands[i].act == Act::Write) {
            return fmt::format("{} was started after a cancel that was made before command {}",
                               words_of(run, i), run.started_before_policy);
        }
    }
    return {};
}

Found only_filler_after_cancel(const Run& run) {
    std::uint64_t written = 0;
    for (std::size_t i = 0; i < run.commands.size(); ++i) {
        const SeenCommand& command = run.commands[i];
        if (command.act != Act::Write) {
            continue;
        }
        const auto next = std::int64_t{run.start} + static_cast<std::int64_t>(written);
        if (i < run.started_before_cancel) {
            written += command.good && command.lba == next ? command.blocks : 0;
            continue;
        }
        const std::uint64_t most = written == 0 ? 0 : with_filler(run.evidence->medium, written);
        const auto end = std::int64_t{command.lba} + command.blocks - run.start;
        if (command.lba < next || end > static_cast<std::int64_t>(most)) {
            return fmt::format(
                "{} was started after a cancel with {} blocks accepted: filler may end at {}",
                words_of(run, i), written, most);
        }
    }
    return {};
}

Found tracks_are_filled_up(const Run& run) {
    const std::uint64_t least =
        run.accepted == 0 ? 0 : with_filler(run.evidence->medium, run.accepted);
    if (run.accepted < least) {
        return fmt::format("{} blocks were written, and the medium needs {} for them", run.accepted,
                           least);
    }
    return {};
}

Found nothing_prepared_after_cancel(const Run& run) {
    const bool formats = std::any_of(run.commands.begin(), run.commands.end(),
                                     [](const SeenCommand& it) { return it.act == Act::Format; });
    for (std::size_t i = run.started_before_cancel; i < run.commands.size(); ++i) {
        const SeenCommand& command = run.commands[i];
        // Where nothing was begun that wants an end, a close is for what an earlier job left open.
        const bool closes_before = command.act == Act::Close && command.function != 0 &&
                                   run.first_write == Run::npos && !formats;
        if (is_preparation(command.act) || closes_before) {
            return fmt::format("{} was started after a cancel that was made before command {}",
                               words_of(run, i), run.started_before_cancel);
        }
    }
    return {};
}

Found nothing_closed_after_cancel(const Run& run) {
    for (std::size_t i = run.started_before_policy; i < run.commands.size(); ++i) {
        const SeenCommand& command = run.commands[i];
        // Function 0 stops a background format, which leaves the disc as it is.
        if (command.act == Act::Close && command.function != 0) {
            return fmt::format("{}, but track and session are to be left as they are",
                               words_of(run, i));
        }
    }
    return {};
}

}  // namespace kiln::harness::checks

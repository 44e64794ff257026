// The state in which the drive is left: what the next program finds.

#include <cstddef>
#include <cstdint>

#include <fmt/format.h>

#include "harness/testing/checkers/demands.h"

namespace kiln::harness::checks {

Found tray_is_unlocked(const Run& run) {
    if (run.after.locked && !was_lied_about(run, Act::Allow)) {
        return "the tray is still locked";
    }
    return {};
}

namespace {

/// It may have, where nobody heard an answer.
bool opened_the_tray(const Run& run, std::size_t index) {
    constexpr std::uint8_t kLoadEject = 2;
    const SeenCommand& it = run.commands[index];
    return it.act == Act::StartStop && it.function == kLoadEject &&
           (it.good || run.evidence->commands[index].broken);
}

}  // namespace

Found drive_is_ready(const Run& run) {
    bool ejected = false;
    for (std::size_t i = 0; i < run.commands.size(); ++i) {
        ejected = ejected || opened_the_tray(run, i);
    }
    if (!run.after.ready && !ejected) {
        return "the drive is not ready";
    }
    return {};
}

Found buffer_is_empty(const Run& run) {
    if (run.after.buffered_bytes > 0 && !was_lied_about(run, Act::Synchronize)) {
        return fmt::format("{} bytes are still in the drive's buffer", run.after.buffered_bytes);
    }
    return {};
}

Found nothing_is_pending(const Run& run) {
    if (run.after.attention) {
        return "a unit attention or a deferred error waits for the next program";
    }
    return {};
}

Found nothing_is_running(const Run& run) {
    if (run.after.busy && run.after.busy_until > run.evidence->ended) {
        return fmt::format("the drive is busy for another {}",
                           seconds(run.after.busy_until - run.evidence->ended));
    }
    return {};
}

Found access_is_released(const Run& run) {
    if (run.evidence->exclusive_access_held) {
        return "exclusive access is still held";
    }
    return {};
}

}  // namespace kiln::harness::checks

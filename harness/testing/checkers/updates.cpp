// The Updates: when they come and what they say. Sources: imapi2.md 3, 4 and 9.2.

#include <algorithm>
#include <chrono>
#include <span>

#include <fmt/format.h>

#include "harness/testing/checkers/demands.h"

namespace kiln::harness::checks {
namespace {

using stack::Progress;
using transports::Duration;
using transports::Instant;
using Updates = std::span<const UpdateSeen>;

constexpr Duration kInterval = std::chrono::milliseconds(500);

/// Blocks from the start that WRITEs were answered GOOD for, as time goes on.
class Accepted {
public:
    explicit Accepted(const Run& run) : run_(&run) {}

    /// Takes in what ended before `at`; `at` itself does not count.
    void pass(Instant at) {
        while (next_ < run_->commands.size() && run_->evidence->commands[next_].end < at) {
            take();
        }
    }
    /// With what ended at that very instant.
    [[nodiscard]] std::int64_t with(Instant at) const {
        Accepted then = *this;
        while (then.next_ < run_->commands.size() &&
               run_->evidence->commands[then.next_].end <= at) {
            then.take();
        }
        return then.blocks_;
    }
    [[nodiscard]] std::int64_t blocks() const { return blocks_; }

private:
    void take() {
        const SeenCommand& it = run_->commands[next_++];
        if (it.act == Act::Write && it.good && it.lba == run_->start + blocks_) {
            blocks_ += it.blocks;
        }
    }

    const Run* run_;
    std::size_t next_ = 0;
    std::int64_t blocks_ = 0;
};

/// An Update whose time is a multiple of the interval behind another: one of the periodic ones.
bool is_periodic(Updates updates, std::size_t index) {
    return std::any_of(updates.begin(), updates.begin() + static_cast<std::ptrdiff_t>(index),
                       [&](const UpdateSeen& it) {
                           const Duration apart = updates[index].at - it.at;
                           return apart > Duration{} && apart % kInterval == Duration{};
                       });
}

/// Nobody can be told of anything while a drive that was given up is brought back.
bool was_reset_between(const Run& run, Instant from, Instant to) {
    const auto& resets = run.evidence->resets;
    return std::any_of(resets.begin(), resets.end(),
                       [&](const ResetSeen& it) { return it.at > from && it.at <= to; });
}

}  // namespace

Found updated_before(const Run& run) {
    const Updates updates = run.updates;
    if (run.first_write == Run::npos) {
        return {};
    }
    const bool before = std::any_of(updates.begin(), updates.end(), [&](const UpdateSeen& it) {
        return it.commands_before <= run.first_write &&
               it.progress.last_written_lba == it.progress.start_lba - 1;
    });
    if (!before) {
        return "no Update came before the first WRITE";
    }
    return {};
}

Found section_updates_frame_it(const Run& run) {
    const Updates updates = run.updates;
    if (updates.empty() && run.commands.empty() && (run.where & kFailed) != 0) {
        return {};  // arguments that were refused
    }
    if (updates.size() < 2) {
        return fmt::format("{} Updates: one comes before and one after", updates.size());
    }
    if (updates.front().commands_before != 0) {
        return fmt::format("the first Update came after {} commands",
                           updates.front().commands_before);
    }
    if (updates.back().commands_before != run.commands.size()) {
        return fmt::format("the last Update came before {} commands",
                           run.commands.size() - updates.back().commands_before);
    }
    const Progress& first = updates.front().progress;
    if (first.last_read_lba != run.start - 1 || first.last_written_lba != run.start - 1) {
        return fmt::format("the first Update says read {} and written {}: nothing is before {}",
                           first.last_read_lba, first.last_written_lba, run.start);
    }
    const auto between = static_cast<Duration::rep>(updates.size() - 2);
    const auto most = (updates.back().at - updates.front().at) / kInterval;
    if (between > most) {
        return fmt::format("{} Updates between the first and the last, in {}", between,
                           seconds(updates.back().at - updates.front().at));
    }
    return {};
}

Found updated_after(const Run& run) {
    const Updates updates = run.updates;
    if (run.last_write == Run::npos) {
        return {};
    }
    if (updates.empty() || updates.back().commands_before <= run.last_write) {
        return "no Update came after the last WRITE";
    }
    for (std::size_t i = 1; i < updates.size(); ++i) {
        if (updates[i].at == updates[i - 1].at &&
            updates[i].commands_before == updates[i - 1].commands_before &&
            !is_periodic(updates, i)) {
            return fmt::format("Updates {} and {} came at the same moment", i - 1, i);
        }
    }
    return {};
}

Found updated_every_interval(const Run& run) {
    const Updates updates = run.updates;
    for (std::size_t i = 1; i < updates.size(); ++i) {
        const Duration apart = updates[i].at - updates[i - 1].at;
        if (apart > kInterval && !was_reset_between(run, updates[i - 1].at, updates[i].at)) {
            return fmt::format("{} between Updates {} and {}", seconds(apart), i - 1, i);
        }
    }
    return {};
}

Found updates_are_monotone(const Run& run) {
    const Updates updates = run.updates;
    for (std::size_t i = 0; i < updates.size(); ++i) {
        const Progress& it = updates[i].progress;
        if (it.last_written_lba > it.last_read_lba) {
            return fmt::format("Update {} says written {} and read only {}", i, it.last_written_lba,
                               it.last_read_lba);
        }
        if (i == 0 || it.start_lba != updates[i - 1].progress.start_lba) {
            continue;
        }
        const Progress& last = updates[i - 1].progress;
        if (it.last_written_lba < last.last_written_lba || it.last_read_lba < last.last_read_lba) {
            return fmt::format("Update {} goes back to written {} read {}, from {} and {}", i,
                               it.last_written_lba, it.last_read_lba, last.last_written_lba,
                               last.last_read_lba);
        }
    }
    return {};
}

Found update_buffers_add_up(const Run& run) {
    for (const UpdateSeen& update : run.updates) {
        const Progress& it = update.progress;
        if (it.used_system_buffer + it.free_system_buffer != it.total_system_buffer) {
            return fmt::format("used {} and free {} of a buffer of {}", it.used_system_buffer,
                               it.free_system_buffer, it.total_system_buffer);
        }
    }
    return {};
}

Found updates_stay_in_the_section(const Run& run) {
    const auto wanted = static_cast<std::int64_t>(run.wanted);
    for (const UpdateSeen& update : run.updates) {
        const Progress& it = update.progress;
        const bool outside =
            it.last_written_lba < it.start_lba - 1 || it.last_read_lba > it.start_lba - 1 + wanted;
        const bool other = run.first_write != Run::npos &&
                           update.commands_before > run.first_write && it.start_lba != run.start;
        if (outside || other) {
            return fmt::format(
                "an Update says start {} read {} written {}; the section is {} "
                "blocks from {}",
                it.start_lba, it.last_read_lba, it.last_written_lba, wanted, run.start);
        }
    }
    return {};
}

Found updates_say_what_was_accepted(const Run& run) {
    Accepted accepted(run);
    for (const UpdateSeen& update : run.updates) {
        const Progress& it = update.progress;
        accepted.pass(update.at);
        const std::int64_t said = it.last_written_lba - it.start_lba + 1;
        const auto wanted = static_cast<std::int64_t>(run.wanted);
        const std::int64_t least = std::min(wanted, accepted.blocks());
        const std::int64_t most = std::min(wanted, accepted.with(update.at));
        const bool fills = run.cancel != nullptr || run.evidence->source_failed.has_value();
        if (said > most || (said < least && !fills)) {
            return fmt::format(
                "an Update says {} blocks are written, and the drive had accepted {}", said, most);
        }
    }
    return {};
}

}  // namespace kiln::harness::checks

#include "harness/testing/explore/cut_points.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "harness/testing/explore/alike_polls.h"

namespace kiln::harness {
namespace {

using transports::Duration;
using transports::Instant;

constexpr std::uint8_t kParts[] = {0, 10, 50, 90, 100};
/// Less than this has no middle.
constexpr Duration kShortest{2};

class Collector {
public:
    Collector(const CutWorld& run, Since since, Polls polls) : run_(run) {
        const Evidence& evidence = run.evidence();
        looked_at_ = polls == Polls::Unlike ? looked_at(evidence.commands, evidence.ended)
                                            : std::vector<bool>(evidence.commands.size(), true);
        if (since == Since::FirstCancel) {
            from_ = run.counts_at_cancel();
            cancelled_at_ = run.evidence().cancels.front().at;
            second_ = true;
        }
    }

    CutPoints collect() {
        if (!second_) {
            add(Where::BeforeCall, 0, 0);
        }
        told();
        reads();
        const auto& commands = run_.evidence().commands;
        for (std::size_t i = std::max<std::size_t>(from_.commands, 1) - 1; i < commands.size();
             ++i) {
            command(i);
        }
        add(Where::AfterEnd, 0, static_cast<std::uint32_t>(commands.size()));
        return std::move(found_);
    }

private:
    /// `command` is the last one that had been sent by then.
    void add(Where where, std::uint32_t n, std::uint32_t command, std::uint8_t percent = 0,
             Duration delay = {}) {
        if (command > 0 && !looked_at_[command - 1]) {
            ++found_.alike;
            return;
        }
        found_.points.push_back(
            {.cut = {.where = where, .n = n, .percent = percent, .delay = delay},
             .command = command});
    }

    void told() {
        const auto& phases = run_.phase_commands();
        if (run_.counts().planned && !from_.planned) {
            add(Where::InPlan, 0, phases.size() > 1 ? phases[1] : 0);
        }
        for (std::uint32_t n = from_.phases + 1; n <= phases.size(); ++n) {
            add(Where::InPhase, n, phases[n - 1]);
        }
        const auto& updates = run_.evidence().updates;
        for (std::uint32_t n = from_.updates + 1; n <= updates.size(); ++n) {
            add(Where::InUpdate, n, static_cast<std::uint32_t>(updates[n - 1].commands_before));
        }
    }

    void reads() {
        const auto& reads = run_.read_commands();
        for (std::uint32_t n = from_.reads + 1; n <= reads.size(); ++n) {
            add(Where::InRead, n, reads[n - 1]);
            if (const Duration time = run_.read_time(); time >= kShortest) {
                add(Where::DuringRead, n, reads[n - 1], 0, time / 2);
            }
            add(Where::AfterRead, n, reads[n - 1]);
        }
    }

    [[nodiscard]] bool passed(Instant instant) const { return second_ && instant <= cancelled_at_; }

    void command(std::size_t i) {
        const auto n = static_cast<std::uint32_t>(i + 1);
        const SentCommand& sent = run_.evidence().commands[i];
        const CommandTimes& times = run_.command_times()[i];
        if (n > from_.commands) {
            add(Where::BeforeCommand, n, n);
        }
        if (times.data.begin - sent.start >= kShortest && !passed(times.data.begin)) {
            add(Where::AtEntry, n, n);
        }
        for (const std::uint8_t part : kParts) {
            if (times.data.end - times.data.begin >= kShortest && !passed(times.data.begin)) {
                add(Where::DuringData, n, n, part);
            }
        }
        if (sent.end - times.data.end >= kShortest && !passed(times.data.end)) {
            add(Where::BeforeStatus, n, n);
        }
        if (!passed(sent.end)) {
            add(Where::AtCompletion, n, n);
            if (!times.blocking) {
                add(Where::AfterCommand, n, n);
            }
        }
        pause(i, n);
    }

    /// Nothing goes on but time.
    void pause(std::size_t i, std::uint32_t n) {
        const auto& commands = run_.evidence().commands;
        const Instant end = commands[i].end;
        const Instant next =
            i + 1 < commands.size() ? commands[i + 1].start : run_.evidence().ended;
        if (next - end >= kShortest && !passed(end)) {
            add(Where::InPause, n, n, 0, (next - end) / 2);
        }
    }

    const CutWorld& run_;
    Counts from_;
    Instant cancelled_at_;
    bool second_ = false;
    std::vector<bool> looked_at_;  // by command
    CutPoints found_;
};

}  // namespace

CutPoints cut_points(const CutWorld& run, Since since, Polls polls) {
    return Collector(run, since, polls).collect();
}

}  // namespace kiln::harness

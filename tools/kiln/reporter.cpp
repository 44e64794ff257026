#include "tools/kiln/reporter.h"

#include <chrono>

#include <fmt/format.h>

#include "stack/facts.h"

#include "tools/kiln/json_events.h"
#include "tools/kiln/units.h"

namespace kiln::tools {
namespace {

std::string counted(std::uint64_t count, std::string_view what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

/// What else can be burnt onto it.
std::string_view room_on(const stack::DiscState& disc) {
    const bool overwritable = facts_of(stack::family_of_profile(disc.profile)).overwritable;
    if (overwritable) {
        return disc.appendable ? "can be overwritten" : "cannot be overwritten";
    }
    return disc.appendable ? "appendable" : "not appendable";
}

}  // namespace

ExitStatus Reporter::burn_failed_early(const Problem& problem) {
    return failed(problem, json_of(stack::BurnReport{}));
}

ExitStatus status_of(const stack::BurnReport& report) {
    switch (report.outcome) {
        case stack::Outcome::Completed:
            if (report.verified == stack::Verified::No) {
                return ExitStatus::Failed;
            }
            // Everything is on the disc, but something else that was asked for is not done.
            return report.something_left_out ? ExitStatus::Cancelled : ExitStatus::Done;
        case stack::Outcome::Cancelled:
            return ExitStatus::Cancelled;
        case stack::Outcome::Failed:
            break;
    }
    if (!report.failure) {
        return ExitStatus::Failed;
    }
    return static_cast<ExitStatus>(stack::exit_status(report.failure->kind));
}

std::string words_for_disc(const stack::BurnReport& report) {
    const stack::DiscState& disc = report.disc;
    if (disc.status == stack::DiscStatus::NoMedium) {
        return "no disc is in the drive now";
    }
    if (disc.status == stack::DiscStatus::Unknown) {
        return "what is on the disc now could not be read";
    }
    if (disc.status == stack::DiscStatus::Blank) {
        return "the disc is blank now";
    }
    std::string words = fmt::format("on the disc now: {}, {}", counted(disc.sessions, "session"),
                                    counted(disc.tracks, "track"));
    if (report.written_blocks > 0 && !report.simulated) {
        words += fmt::format(", {} of this burn can be read{}", counted(disc.user_blocks, "block"),
                             disc.readable ? "" : " in this drive");
    }
    return fmt::format("{}, {}", words, room_on(disc));
}

std::string words_for(const stack::BurnReport& report) {
    const std::string disc = words_for_disc(report);
    const std::string_view how = report.simulated ? "test-written" : "written";
    const std::string written = fmt::format("{} {}", counted(report.written_blocks, "block"), how);
    const std::string time = words_for_time(report.drive_time);
    switch (report.outcome) {
        case stack::Outcome::Completed:
            if (report.verified == stack::Verified::No) {
                return fmt::format("verifying: what was read back is not what was written; {}",
                                   disc);
            }
            if (report.written_blocks == 0) {
                return fmt::format("done in {}; {}", time, disc);
            }
            return fmt::format("done: {} in {}{}{}; {}", written, time,
                               report.verified == stack::Verified::Yes ? ", verified" : "",
                               report.something_left_out ? ", the rest was cancelled" : "", disc);
        case stack::Outcome::Cancelled:
            return fmt::format("cancelled: {} in {}; {}", written, time, disc);
        case stack::Outcome::Failed:
            break;
    }
    const std::string why = report.failure ? report.failure->message() : "failed";
    return report.written_blocks > 0 ? fmt::format("{}; {}; {}", why, written, disc)
                                     : fmt::format("{}; {}", why, disc);
}

}  // namespace kiln::tools

#include "tools/explore/picture.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "stack/policy.h"

#include "harness/testing/explore/cut_world.h"
#include "harness/testing/explore/scenario.h"

namespace kiln::tools::explore {
namespace {

using harness::Scenario;
using stack::CancelPolicy;

constexpr double kLeft = 122;
constexpr double kWidth = 740;
constexpr double kTop = 64;
constexpr double kRow = 138;
constexpr double kBand = 116;       // of a row, for the points
constexpr double kShortest = 1e-4;  // seconds at the bottom of a row
constexpr double kLongest = 1e4;    // and at its top

/// What a cancel led to, in the order of the legend.
enum class Led : std::uint8_t { ToNothingWritten, ToADisc, ToCompletion, ToAFailure };
struct LedTo {
    const char* colour;
    const char* words;
};
constexpr std::array<LedTo, 4> kLedTo = {{
    {"#3a9d5d", "cancelled, nothing was written"},
    {"#e8890c", "cancelled, the disc is as the policy says"},
    {"#2a6fd6", "completed: too late to leave anything out"},
    {"#c0392b", "failed"},
}};

/// One cancel.
struct Point {
    double part = 0;     // of all cut points, in their order in time
    double release = 0;  // seconds
    Led led = Led::ToNothingWritten;
    std::optional<stack::Phase> phase;  // in which it came; none: before the first
};

struct Row {
    CancelPolicy policy{};
    std::vector<Point> points;
    double bound = 0;  // seconds, as stated
};

double seconds(transports::Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

Led led_to(const stack::BurnReport& report) {
    switch (report.outcome) {
        case stack::Outcome::Completed:
            return Led::ToCompletion;
        case stack::Outcome::Cancelled:
            return report.written_blocks > 0 ? Led::ToADisc : Led::ToNothingWritten;
        case stack::Outcome::Failed:
            break;
    }
    return Led::ToAFailure;
}

std::optional<stack::Phase> phase_of(const harness::CutWorld& world) {
    const std::size_t phases = world.counts_at_cancel().phases;
    return phases == 0 ? std::nullopt : std::optional(world.evidence().phases.at(phases - 1));
}

/// Cut points by time, each at its place among them: the command's length does not matter.
Row row_of(const Scenario& scenario, CancelPolicy policy) {
    struct Seen {
        transports::Instant at;
        std::uint32_t phases = 0;  // told by then: more than one begins at an instant
        Point point;
    };
    std::vector<Seen> seen;
    Row row{.policy = policy, .points = {}};
    harness::Explorer explorer(
        {.effort = {.singles = 1, .pairs = 0, .seconds = 0}}, [](const harness::Finding&) {},
        [&](const Scenario&, const harness::Trial& trial, const harness::CutWorld& world) {
            const harness::Evidence& evidence = world.evidence();
            if (trial.way != harness::Way::InPlace || evidence.cancels.empty() ||
                !evidence.report) {
                return;
            }
            const auto at = evidence.cancels.front().at;
            seen.push_back({.at = at,
                            .phases = world.counts_at_cancel().phases,
                            .point = {.part = 0,
                                      .release = seconds(evidence.ended - at),
                                      .led = led_to(*evidence.report),
                                      .phase = phase_of(world)}});
            if (evidence.report->outcome == stack::Outcome::Cancelled) {
                row.bound = std::max(row.bound, seconds(evidence.report->predicted.worst_case));
            }
        });
    explorer.explore(scenario, policy);
    std::stable_sort(seen.begin(), seen.end(), [](const Seen& a, const Seen& b) {
        return std::tie(a.at, a.phases) < std::tie(b.at, b.phases);
    });
    for (std::size_t i = 0; i < seen.size(); ++i) {
        seen[i].point.part = static_cast<double>(i) / static_cast<double>(seen.size());
        row.points.push_back(seen[i].point);
    }
    return row;
}

/// Logarithmic.
double height_of(double release) {
    const double decades = std::log10(std::clamp(release, kShortest, kLongest) / kShortest);
    return kBand * decades / std::log10(kLongest / kShortest);
}

std::string axis(double bottom) {
    constexpr std::pair<double, const char*> kMarks[] = {
        {1e-4, "at once"}, {1e-3, "1 ms"}, {1e-2, "10 ms"}, {0.1, "0.1 s"},  {1, "1 s"},
        {10, "10 s"},      {100, "100 s"}, {1e3, "1000 s"}, {1e4, "10000 s"}};
    std::string svg;
    for (const auto& [value, words] : kMarks) {
        const double y = bottom - height_of(value);
        svg += fmt::format(
            "<line x1='{:.0f}' x2='{:.0f}' y1='{:.1f}' y2='{:.1f}' class='grid'/>"
            "<text x='{:.0f}' y='{:.1f}' class='mark'>{}</text>\n",
            kLeft, kLeft + kWidth, y, y, kLeft + kWidth + 6, y + 3, words);
    }
    return svg;
}

/// A line where another phase begins, and in the first row its name.
std::string phases(const Row& row, double bottom, bool named) {
    std::string svg;
    std::optional<stack::Phase> phase;
    std::size_t names = 0;
    for (const Point& point : row.points) {
        if (!point.phase || point.phase == phase) {
            continue;
        }
        phase = point.phase;
        const double x = kLeft + point.part * kWidth;
        svg +=
            fmt::format("<line x1='{:.1f}' x2='{:.1f}' y1='{:.1f}' y2='{:.1f}' class='phase'/>\n",
                        x, x, bottom - kBand - 4, bottom);
        if (named) {
            // Two lines, in turns: short phases stand close together.
            svg +=
                fmt::format("<text x='{:.1f}' y='{:.1f}' class='mark'>{}</text>\n", x + 3,
                            bottom - kBand - (names++ % 2 == 0 ? 6 : 17), stack::name_of(*phase));
        }
    }
    return svg;
}

std::string dots(const Row& row, double bottom) {
    std::string svg;
    for (std::size_t led = 0; led < kLedTo.size(); ++led) {
        std::string path;
        for (const Point& point : row.points) {
            if (static_cast<std::size_t>(point.led) == led) {
                path += fmt::format("M{:.1f} {:.1f}h2", kLeft + point.part * kWidth,
                                    bottom - height_of(point.release));
            }
        }
        if (!path.empty()) {
            svg += fmt::format("<path d='{}' stroke='{}' stroke-width='2.6'/>\n", path,
                               kLedTo.at(led).colour);
        }
    }
    return svg;
}

std::string drawn(const Row& row, double bottom, bool first) {
    const double bound = bottom - height_of(row.bound);
    return axis(bottom) + phases(row, bottom, first) + dots(row, bottom) +
           fmt::format(
               "<text x='{:.0f}' y='{:.1f}' class='name'>{}</text>\n"
               "<line x1='{:.0f}' x2='{:.0f}' y1='{:.1f}' y2='{:.1f}' class='bound'/>"
               "<text x='{:.0f}' y='{:.1f}' class='mark'>stated bound, {:.0f} s</text>\n",
               kLeft - 8, bottom - kBand / 2, stack::name_of(row.policy), kLeft, kLeft + kWidth,
               bound, bound, kLeft + 4, bound + 11, row.bound);
}

std::string legend(double y) {
    std::string svg;
    double x = kLeft;
    for (const LedTo& it : kLedTo) {
        svg += fmt::format(
            "<rect x='{:.0f}' y='{:.0f}' width='9' height='9' fill='{}'/>"
            "<text x='{:.0f}' y='{:.0f}' class='mark'>{}</text>\n",
            x, y - 8, it.colour, x + 13, y, it.words);
        x += 30 + 5.4 * static_cast<double>(std::string_view(it.words).size());
    }
    return svg;
}

}  // namespace

std::string picture_of(const harness::Selection& selection) {
    const auto scenarios = harness::selected_scenarios(selection);
    if (scenarios.empty()) {
        return {};
    }
    const Scenario& scenario = scenarios.front();
    const auto policies = harness::policies_of(scenario);
    const double height = kTop + kRow * static_cast<double>(policies.size()) + 46;
    std::string rows;
    std::size_t points = 0;
    double bottom = kTop + kBand;
    for (const CancelPolicy policy : policies) {
        const Row row = row_of(scenario, policy);
        points = std::max(points, row.points.size());
        rows += drawn(row, bottom, policy == policies.front());
        bottom += kRow;
    }
    return fmt::format(
               "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 940 {0:.0f}' width='940' "
               "height='{0:.0f}' font-family='sans-serif'>\n<style>.grid{{stroke:#e4e4e4}}"
               ".phase{{stroke:#b8b8b8}}.bound{{stroke:#888;stroke-dasharray:5 4}}"
               ".mark{{font-size:10.5px;fill:#666}}"
               ".name{{font-size:12px;text-anchor:end;fill:#333}}</style>\n"
               "<rect width='940' height='{0:.0f}' fill='#fff'/>\n"
               "<text x='{1:.0f}' y='22' font-size='14'>{2}: from a cancel at each of {3} points "
               "to a released drive, by policy (virtual time)</text>\n",
               height, kLeft, scenario.name, points) +
           rows +
           fmt::format(
               "<text x='{:.0f}' y='{:.0f}' class='mark'>cut points in the order of time "
               "(not to scale)</text>\n",
               kLeft, height - 32) +
           legend(height - 12) + "</svg>\n";
}

}  // namespace kiln::tools::explore

#include "tools/explore/picture.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <vector>

#include <fmt/format.h>

#include "stack/policy.h"

#include "harness/testing/explore/cut_world.h"
#include "harness/testing/explore/scenario.h"

namespace kiln::tools::explore {
namespace {

using harness::Scenario;
using stack::CancelPolicy;

constexpr double kLeft = 120;
constexpr double kWidth = 760;
constexpr double kTop = 46;
constexpr double kRow = 96;
constexpr double kBand = 76;       // of a row, for the points
constexpr double kLongest = 1000;  // seconds at the top of a row

/// One cancel.
struct Point {
    double part = 0;     // of all cut points, in their order in time
    double release = 0;  // seconds
    stack::Outcome outcome{};
    bool wrote = false;
};

struct Row {
    CancelPolicy policy{};
    std::vector<Point> points;
};

double seconds(transports::Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

/// Cut points by time, each at its place among them: the command's length does not matter.
Row row_of(const Scenario& scenario, CancelPolicy policy) {
    struct Seen {
        transports::Instant at;
        Point point;
    };
    std::vector<Seen> seen;
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
                            .point = {.part = 0,
                                      .release = seconds(evidence.ended - at),
                                      .outcome = evidence.report->outcome,
                                      .wrote = evidence.report->written_blocks > 0}});
        });
    explorer.explore(scenario, policy);
    std::stable_sort(seen.begin(), seen.end(),
                     [](const Seen& a, const Seen& b) { return a.at < b.at; });
    Row row{.policy = policy, .points = {}};
    for (std::size_t i = 0; i < seen.size(); ++i) {
        seen[i].point.part = static_cast<double>(i) / static_cast<double>(seen.size());
        row.points.push_back(seen[i].point);
    }
    return row;
}

const char* colour_of(const Point& point) {
    switch (point.outcome) {
        case stack::Outcome::Completed:
            return "#2a7de1";
        case stack::Outcome::Cancelled:
            return point.wrote ? "#e8890c" : "#5aa469";
        case stack::Outcome::Failed:
            break;
    }
    return "#c0392b";
}

/// A millisecond is at the bottom of a row, kLongest at its top: logarithmic.
double height_of(double release) {
    const double decades = std::log10(std::clamp(release, 0.001, kLongest) / 0.001);
    return kBand * decades / std::log10(kLongest / 0.001);
}

std::string axis(double bottom) {
    std::string svg;
    for (const double mark : {0.01, 1.0, 100.0}) {
        const double y = bottom - height_of(mark);
        svg += fmt::format(
            "<line x1='{:.0f}' x2='{:.0f}' y1='{:.1f}' y2='{:.1f}' class='grid'/>"
            "<text x='{:.0f}' y='{:.1f}' class='mark'>{:g} s</text>\n",
            kLeft, kLeft + kWidth, y, y, kLeft + kWidth + 6, y + 3, mark);
    }
    return svg;
}

std::string drawn(const Row& row, double bottom) {
    std::string svg = axis(bottom);
    svg += fmt::format("<text x='{:.0f}' y='{:.1f}' class='name'>{}</text>\n", kLeft - 8,
                       bottom - kBand / 2, stack::name_of(row.policy));
    for (const Point& point : row.points) {
        svg += fmt::format("<rect x='{:.2f}' y='{:.1f}' width='1.6' height='2.4' fill='{}'/>\n",
                           kLeft + point.part * kWidth, bottom - height_of(point.release),
                           colour_of(point));
    }
    return svg;
}

std::string legend(double y) {
    constexpr std::pair<const char*, const char*> kWords[] = {
        {"#5aa469", "cancelled, nothing written"},
        {"#e8890c", "cancelled, disc left as the policy says"},
        {"#2a7de1", "completed: too late to change anything"},
    };
    std::string svg;
    double x = kLeft;
    for (const auto& [colour, words] : kWords) {
        svg += fmt::format(
            "<rect x='{:.0f}' y='{:.0f}' width='9' height='9' fill='{}'/>"
            "<text x='{:.0f}' y='{:.0f}' class='mark'>{}</text>\n",
            x, y - 8, colour, x + 13, y, words);
        x += 255;
    }
    return svg;
}

}  // namespace

std::string picture_of(const harness::Selection& selection) {
    const auto& all = harness::all_scenarios();
    const auto scenario = std::find_if(all.begin(), all.end(), [&](const Scenario& it) {
        return harness::selects(selection, it);
    });
    if (scenario == all.end()) {
        return {};
    }
    const auto policies = harness::policies_of(*scenario);
    const double height = kTop + kRow * static_cast<double>(policies.size()) + 34;
    std::string svg = fmt::format(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 940 {:.0f}' width='940' "
        "font-family='sans-serif'>\n<style>.grid{{stroke:#ddd}}.mark{{font-size:11px;fill:#666}}"
        ".name{{font-size:12px;text-anchor:end;fill:#333}}</style>\n"
        "<rect width='940' height='{:.0f}' fill='#fff'/>\n"
        "<text x='{:.0f}' y='24' font-size='14'>{}: a cancel at every point of the burn, and the "
        "time until the drive is released</text>\n",
        height, height, kLeft, scenario->name);
    double bottom = kTop + kBand;
    for (const CancelPolicy policy : policies) {
        svg += drawn(row_of(*scenario, policy), bottom);
        bottom += kRow;
    }
    return svg + legend(height - 14) + "</svg>\n";
}

}  // namespace kiln::tools::explore

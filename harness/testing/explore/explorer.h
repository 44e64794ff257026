/// \file
/// Takes every cut of every scenario, in every way, and has each run judged.
///
///     scenario x policy:  no cancel
///                         every cut point x every way                          (singles)
///                         every cut point x every trouble x this, next command (pairs)
///                         every cut point x every point behind it, for a second request (seconds)
///
/// Each of the three kinds is taken in full, or one of so many, chosen by its hash: the same ones
/// in every run of the program, other ones with another seed.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "stack/policy.h"

#include "harness/sim/medium_kind.h"
#include "harness/testing/explore/cut_points.h"
#include "harness/testing/explore/cut_world.h"
#include "harness/testing/explore/evidence.h"
#include "harness/testing/explore/scenario.h"

namespace kiln::harness {

/// One of so many is taken; 0: none.
struct Effort {
    std::uint32_t singles = 1;
    std::uint32_t pairs = 1;
    std::uint32_t seconds = 1;
};

/// Part `index` of `count`: a cut point with all that is tried at it is in one of them.
struct Shard {
    std::uint32_t index = 0;
    std::uint32_t count = 1;
};

struct Selection {
    std::string filter = "*";  // of "MEDIUM/MODE"
    std::vector<MediumKind> media;
    std::vector<stack::CancelPolicy> policies;
    std::vector<Face> faces;
    /// Every scenario on this drive, whose media it writes; empty: on the drives of the list.
    std::string personality;
    Polls polls = Polls::Unlike;
    Effort effort;
    Shard shard;
    std::uint64_t seed = 0;
    std::uint64_t limit = 0;  // runs at most, spread over all cases; 0: all
};

/// What of the list is selected, on the drive that is asked for.
[[nodiscard]] std::vector<Scenario> selected_scenarios(const Selection& selection);
[[nodiscard]] bool selects(const Selection& selection, const Scenario& scenario);
[[nodiscard]] bool selects(const Selection& selection, stack::CancelPolicy policy);

/// A run that was not as it should be.
struct Finding {
    Scenario scenario;
    Trial trial;
    std::vector<Violation> violations;
};

/// What is counted together.
struct Cell {
    MediumKind medium{};
    Face face = Face::Kiln;
    stack::CancelPolicy policy{};
    friend auto operator<=>(const Cell&, const Cell&) = default;
};

struct Tally {
    std::uint64_t points = 0;  // cut points of the scenarios, for all shards
    std::uint64_t alike = 0;   // more of them, at polls that are like others
    std::uint64_t runs = 0;
    std::uint64_t distinct = 0;
    std::uint64_t violations = 0;
    std::uint64_t completed = 0;
    std::uint64_t cancelled = 0;
    std::uint64_t failed = 0;
    std::uint64_t singles = 0;
    std::uint64_t pairs = 0;
    std::uint64_t seconds = 0;
    /// Of runs that ended cancelled, with one request and no trouble: from the request to the
    /// drive's release, virtual.
    std::vector<double> release_s;
    double bound_s = 0;  // the longest that was stated
};

class Explorer {
public:
    using OnFinding = std::function<void(const Finding&)>;
    /// Sees every run that was made.
    using OnRun = std::function<void(const Scenario&, const Trial&, const CutWorld&)>;

    /// Told before each case, of all that there are.
    using OnCase = std::function<void(std::size_t done, std::size_t all)>;

    Explorer(Selection selection, OnFinding on_finding, OnRun on_run = {}, OnCase on_case = {});

    /// All that is selected.
    void explore();
    /// One case: a scenario and a policy.
    void explore(const Scenario& scenario, stack::CancelPolicy policy);

    [[nodiscard]] const std::map<Cell, Tally>& tallies() const { return tallies_; }
    [[nodiscard]] std::uint64_t runs() const { return runs_; }
    /// Cut points of the scenarios, each counted once whatever is tried at it, and for all shards.
    [[nodiscard]] std::uint64_t points() const { return points_; }
    /// Those that were left out, at polls that are like others; no trials.
    [[nodiscard]] std::uint64_t alike() const { return alike_; }
    /// Trials that there are where every kind is taken in full; seconds are not known before they
    /// are taken, and not in it.
    [[nodiscard]] std::uint64_t trials_in_full() const { return trials_in_full_; }

private:
    struct Case;

    [[nodiscard]] static bool is_there(const Case& it, std::uint32_t command);
    /// Cancels with trouble, where all are taken.
    [[nodiscard]] static std::uint64_t pairs_at(const Case& it,
                                                const std::vector<CutPoint>& points);
    void at_point(Case& it, const CutPoint& point);
    void singles(Case& it, const CutPoint& point);
    void pairs(Case& it, const CutPoint& point);
    void seconds(Case& it, const CutPoint& point);
    void take(Case& it, const Trial& trial, std::uint64_t Tally::* kind);
    void count(Case& it, const Trial& trial, const CutWorld& world, bool violated);
    [[nodiscard]] bool is_sampled(std::uint64_t hash, std::uint32_t one_of) const;
    /// Of the limit, what falls to the first `done` cases of so many.
    void share_limit(std::size_t done, std::size_t cases);
    void thin_out(Case& it, std::size_t points) const;
    [[nodiscard]] bool is_over() const;

    Selection selection_;
    std::uint64_t over_at_ = 0;  // runs; 0: never
    OnFinding on_finding_;
    OnRun on_run_;
    OnCase on_case_;
    std::map<Cell, Tally> tallies_;
    std::uint64_t runs_ = 0;
    std::uint64_t points_ = 0;
    std::uint64_t alike_ = 0;
    std::uint64_t trials_in_full_ = 0;
};

}  // namespace kiln::harness

// The list of scenarios: media and modes of the recipes, drives that fit, section lengths.

#include <algorithm>
#include <array>
#include <chrono>
#include <initializer_list>
#include <utility>

#include <fmt/format.h>

#include "harness/testing/explore/scenario.h"

namespace kiln::harness {
namespace {

using stack::BlankKind;
using Kinds = std::initializer_list<MediumKind>;

constexpr std::array kWritable = {
    MediumKind::CdR,
    MediumKind::CdRw,
    MediumKind::DvdR,
    MediumKind::DvdRw,
    MediumKind::DvdRwRestrictedOverwrite,
    MediumKind::DvdRDl,
    MediumKind::DvdPlusR,
    MediumKind::DvdPlusRw,
    MediumKind::DvdPlusRDl,
    MediumKind::DvdRam,
    MediumKind::BdR,
    MediumKind::BdRDl,
    MediumKind::BdRXl,
    MediumKind::BdRe,
    MediumKind::BdReDl,
    MediumKind::BdReXl,
};

/// A burn of five WRITEs, the last one with a part of a block.
Scenario plain(MediumKind kind) {
    Scenario it;
    it.medium = kind;
    // Restricted overwrite takes whole ECC blocks; a CD track has at least 300 blocks; of what can
    // be overwritten a host reads much before.
    const bool cd = facts_of(kind).family == MediumFamily::Cd;
    it.chunk_blocks = cd || is_looked_through(kind) ? 16 : 2;
    it.bytes = std::uint64_t{5} * it.chunk_blocks * 2048 - 1000;
    it.name = fmt::format("{}/burn", facts_of(kind).name);
    return it;
}

Scenario named(Scenario scenario, std::string_view mode) {
    scenario.name = fmt::format("{}/{}", facts_of(scenario.medium).name, mode);
    return scenario;
}

class List {
public:
    std::vector<Scenario> make() {
        for (const MediumKind kind : kWritable) {
            add(plain(kind), "burn");
        }
        modes();
        sources();
        lengths();
        drives();
        without_data();
        sections();
        std::stable_sort(all_.begin(), all_.end(),
                         [](const Scenario& a, const Scenario& b) { return a.medium < b.medium; });
        return std::move(all_);
    }

private:
    void add(Scenario scenario, std::string_view mode) {
        all_.push_back(named(std::move(scenario), mode));
    }
    template <typename Change>
    void each(Kinds kinds, std::string_view mode, const Change& change) {
        for (const MediumKind kind : kinds) {
            Scenario scenario = plain(kind);
            change(scenario);
            add(std::move(scenario), mode);
        }
    }

    void modes() {
        using enum MediumKind;
        each({CdR, CdRw, DvdR, DvdRw, DvdPlusR, DvdPlusRDl, BdR}, "close",
             [](Scenario& it) { it.options.close = true; });
        each({CdR, CdRw, DvdR, DvdRw, DvdPlusR, DvdPlusRDl, BdR, BdRDl}, "append",
             [](Scenario& it) {
                 it.options.append = true;
                 it.holds_data = true;
             });
        each({CdRw, DvdRw, DvdRwRestrictedOverwrite, DvdPlusRw, DvdRam, BdRe}, "overwrite",
             [](Scenario& it) {
                 it.options.overwrite = true;
                 it.holds_data = true;
             });
        // What kiln itself left to be continued.
        each({CdR, CdRw, DvdR, DvdRw, DvdPlusR, DvdPlusRDl, BdR, BdRDl}, "resume",
             [](Scenario& it) {
                 it.options.append = true;
                 it.left_open = true;
             });
        // On what was formatted before: with an open border, in a background format that goes on,
        // without a format of its own, with spare areas.
        each({DvdRwRestrictedOverwrite, DvdPlusRw, DvdRam, BdR, BdRe}, "formatted",
             [](Scenario& it) { it.formatted = true; });
        layers();
        each({CdR, DvdPlusR, BdR}, "speed", [](Scenario& it) { it.options.speed_x = 4; });
        each({CdR, DvdR, DvdPlusRw, DvdRam, BdR, BdRe}, "verify",
             [](Scenario& it) { it.options.verify = true; });
        each({CdR, CdRw, DvdR, DvdRw}, "simulate",
             [](Scenario& it) { it.options.simulate = true; });
        each({DvdR, DvdRw, DvdRDl}, "simulate-close", [](Scenario& it) {
            it.options.simulate = true;
            it.options.close = true;
        });
        each({CdRw, DvdPlusR, BdRe}, "eject", [](Scenario& it) { it.options.eject = true; });
    }

    /// Onto the second layer of media whose layers are small.
    void layers() {
        using enum MediumKind;
        const auto sized = [](std::uint32_t chunk, std::uint32_t layer, std::uint32_t blocks) {
            return [=](Scenario& it) {
                it.chunk_blocks = chunk;
                it.medium_blocks = 2 * layer;
                it.bytes = std::uint64_t{blocks} * 2048;
            };
        };
        // A burn that closes the disc sets the layer break to its middle: between two WRITEs, and
        // inside one.
        each({DvdRDl, DvdPlusRDl}, "layer-break", [&](Scenario& it) {
            sized(16, 48, 64)(it);
            it.options.close = true;
        });
        each({DvdRDl, DvdPlusRDl}, "layer-break-in-a-write", [&](Scenario& it) {
            sized(32, 64, 96)(it);
            it.options.close = true;
        });
        // Elsewhere it stays where it is: inside a WRITE (on a BD between two clusters) of a
        // session behind another one, and of what fills the disc.
        each({DvdPlusRDl, BdRDl}, "second-layer", [&](Scenario& it) {
            const bool plus = it.medium == DvdPlusRDl;  // 2048 blocks behind the first session
            sized(32, plus ? 2144 : 128, 96)(it);
            it.options.append = true;
            it.holds_data = true;
        });
        each({DvdRDl}, "second-layer", [&](Scenario& it) {
            sized(32, 48, 80)(it);
            it.size_known = false;
        });
        each({DvdPlusR, DvdPlusRDl, BdR, BdRDl}, "full",
             [&](Scenario& it) { sized(32, 48, 96)(it); });
    }

    void sources() {
        using enum MediumKind;
        each({CdR, CdRw, DvdR, DvdRw, DvdRwRestrictedOverwrite, DvdRDl, DvdPlusR, DvdPlusRDl,
              DvdPlusRw, DvdRam, BdR, BdRe},
             "stream", [](Scenario& it) { it.size_known = false; });
        // A DVD-RW is blanked in full for a stream, and fast where --size tells how long it is.
        each({CdRw, DvdRw}, "overwrite-stream", [](Scenario& it) {
            it.options.overwrite = true;
            it.holds_data = true;
            it.size_known = false;
        });
        each({DvdRw}, "overwrite-sized-stream", [](Scenario& it) {
            it.options.overwrite = true;
            it.holds_data = true;
            it.size_known = false;
            it.options.size = it.bytes;
        });
        each({CdR, DvdR, DvdPlusRw, BdR}, "slow",
             [](Scenario& it) { it.read_time = std::chrono::milliseconds(1300); });
        // Twelve WRITEs through a drive's buffer of two: 2/04/08, or WRITEs that are held.
        each({CdR, CdRw, DvdR, DvdRw, DvdPlusR, DvdPlusRw, BdR, BdRe}, "small-buffer",
             [](Scenario& it) {
                 it.buffer_bytes = 2 * it.chunk_blocks * 2048;
                 it.bytes = std::uint64_t{12} * it.chunk_blocks * 2048;
             });
    }

    /// Around one WRITE and around the ring.
    void lengths() {
        for (const MediumKind kind :
             {MediumKind::CdR, MediumKind::DvdPlusR, MediumKind::DvdPlusRw, MediumKind::BdR}) {
            const std::uint64_t chunk = plain(kind).chunk_blocks;
            const std::uint64_t ring = chunk * plain(kind).slots;
            for (const std::uint64_t blocks : {std::uint64_t{1}, chunk - 1, chunk, chunk + 1,
                                               ring - 1, ring, ring + 1, 2 * ring + 1}) {
                Scenario it = plain(kind);
                it.bytes = blocks * 2048;
                const auto name = fmt::format("blocks-{}", blocks);
                if (all_.empty() || all_.back().name != named(it, name).name) {
                    add(std::move(it), name);
                }
            }
        }
        for (const std::uint32_t slots : {1U, 3U, 8U}) {
            Scenario it = plain(MediumKind::DvdR);
            it.slots = slots;
            add(std::move(it), fmt::format("slots-{}", slots));
        }
    }

    /// The other drives that write the medium.
    void drives() {
        using enum MediumKind;
        constexpr std::pair<MediumKind, std::string_view> kFit[] = {
            {CdR, "asmedia-asm105x"},        {CdR, "lg-ced-8083b"},
            {CdR, "pioneer-dvr-111d"},       {CdR, "plextor-px-w4824a"},
            {CdRw, "hl-dt-st-gp60n"},        {CdRw, "pioneer-bdr-209m"},
            {DvdR, "asmedia-asm105x"},       {DvdR, "hl-dt-st-gp60n"},
            {DvdR, "pioneer-dvr-111d"},      {DvdRw, "optiarc-ad-7590s"},
            {DvdRw, "pioneer-dvr-111d"},     {DvdPlusR, "optiarc-ad-7590s"},
            {DvdPlusR, "pioneer-dvr-111d"},  {DvdPlusR, "tsstcorp-se-506cb"},
            {DvdPlusRw, "asmedia-asm105x"},  {DvdPlusRw, "initio-ds-8absh"},
            {DvdPlusRw, "pioneer-dvr-111d"}, {DvdRam, "pioneer-dvr-111d"},
            {BdR, "pioneer-bdr-209m"},       {BdR, "tsstcorp-se-506cb"},
            {BdRe, "pioneer-bdr-209m"},      {BdRe, "tsstcorp-se-506cb"},
        };
        for (const auto& [kind, name] : kFit) {
            Scenario it = plain(kind);
            it.personality = name;
            add(std::move(it), fmt::format("burn@{}", name));
        }
    }

    void without_data() {
        using enum MediumKind;
        const auto job = [](Job what, BlankKind blank, bool full) {
            return [=](Scenario& it) {
                it.job = what;
                it.blank = blank;
                it.format.full = full;
                it.holds_data = what == Job::Blank;
                it.bytes = 0;
            };
        };
        each({CdRw, DvdRw}, "blank-fast", job(Job::Blank, BlankKind::Fast, false));
        each({CdRw, DvdRw}, "blank-full", job(Job::Blank, BlankKind::Full, false));
        // Those of a DVD-RAM and the full ones are polled for an hour.
        each({DvdRw, DvdRwRestrictedOverwrite, DvdPlusRw, DvdRam, BdR, BdRe}, "format",
             job(Job::Format, BlankKind::Fast, false));
        each({DvdRw, DvdRwRestrictedOverwrite, DvdPlusRw, DvdRam, BdRe}, "format-full",
             [&](Scenario& it) {
                 job(Job::Format, BlankKind::Fast, true)(it);
                 // The spare areas that it is certified with have a least size.
                 it.medium_blocks = it.medium == BdRe ? facts_of(it.medium).blocks : 0;
             });
        for (const auto& [spare, mode] : {std::pair(stack::SpareAreas::None, "format-spare-none"),
                                          std::pair(stack::SpareAreas::Max, "format-spare-max")}) {
            Scenario it = plain(BdRe);
            job(Job::Format, BlankKind::Fast, false)(it);
            it.format.spare = spare;
            it.medium_blocks = facts_of(it.medium).blocks;  // spare areas have a least size
            add(std::move(it), mode);
        }
    }

    /// WriteSection: on what takes a WRITE as it is, new or with a burn on it; a CD-R is
    /// prepared for track at once by its caller.
    void sections() {
        using enum MediumKind;
        for (const auto& [kind, holds_data] :
             {std::pair(CdR, false), std::pair(DvdR, false), std::pair(DvdPlusR, false),
              std::pair(DvdPlusRw, true), std::pair(DvdRam, true), std::pair(BdR, false),
              std::pair(BdRe, true)}) {
            Scenario it = plain(kind);
            it.face = Face::Imapi;
            it.holds_data = holds_data;
            for (const std::uint32_t writes : {1U, 2U, 5U}) {
                it.bytes = std::uint64_t{writes} * it.chunk_blocks * 2048;
                add(it, fmt::format("section-{}", writes));
            }
            // One block behind a WRITE and behind the ring: the last WRITE is short.
            for (const std::uint32_t writes : {1U, it.slots}) {
                it.bytes = (std::uint64_t{writes} * it.chunk_blocks + 1) * 2048;
                add(it, fmt::format("section-{}-and-a-block", writes));
            }
            it.buffer_bytes = 2 * it.chunk_blocks * 2048;
            add(it, "section-small-buffer");
        }
    }

    std::vector<Scenario> all_;
};

}  // namespace

const std::vector<Scenario>& all_scenarios() {
    static const std::vector<Scenario> kAll = List().make();
    return kAll;
}

bool fits_glob(std::string_view pattern, std::string_view text) {
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t resume = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.size() && pattern[p] == text[t]) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

std::vector<stack::CancelPolicy> policies_of(const Scenario& scenario) {
    using enum stack::CancelPolicy;
    if (scenario.face == Face::Imapi) {
        return {FastestRelease};
    }
    return {MakeReadable, LeaveResumable, FastestRelease, Emergency};
}

std::string_view name_of(Face face) {
    return face == Face::Kiln ? "kiln" : "imapi";
}

}  // namespace kiln::harness

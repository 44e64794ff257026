// Plans of the jobs that write no data: blank and format.

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

#include "stack/facts.h"
#include "stack/plan.h"
#include "stack/plan_parts.h"

namespace kiln::stack {
namespace {

std::uint64_t count(mmc::BlockCount blocks) {
    return static_cast<std::uint64_t>(blocks);
}

/// FORMAT UNIT sub-types of BD: how a BD-RE is certified, what a BD-R becomes.
constexpr std::uint8_t kFullCertification = 2;
constexpr std::uint8_t kSequentialRecording = 1;  // without pseudo-overwrite

/// A BD-RE or DVD-RAM with so much room for defects.
Result<FormatPlan, Failure> with_spare(const Medium& medium, const FormatOptions& options,
                                       std::uint8_t type) {
    const FormatOption* least = nullptr;
    const FormatOption* most = nullptr;
    for (const FormatOption& option : medium.formats) {
        if (option.type == type) {
            least =
                least == nullptr || count(option.blocks) > count(least->blocks) ? &option : least;
            most = most == nullptr || count(option.blocks) < count(most->blocks) ? &option : most;
        }
    }
    if (least == nullptr) {
        return refuse(fmt::format("the drive offers no choice of spare areas for this {}",
                                  medium.facts().name));
    }
    if (options.spare == SpareAreas::Max) {
        return plan_of(*most);
    }
    if (options.spare == SpareAreas::None) {
        return plan_of(*least);
    }
    const std::uint64_t whole = count(least->blocks) + std::uint64_t{least->parameter} * 32;
    const std::uint64_t spare = (options.spare_blocks + 31) / 32 * 32;
    if (whole < spare + count(most->blocks) || whole - spare > count(least->blocks)) {
        return refuse(fmt::format("spare areas of {} blocks: this {} takes {} to {}", spare,
                                  medium.facts().name, whole - count(least->blocks),
                                  whole - count(most->blocks)));
    }
    FormatPlan plan = plan_of(*least);
    plan.blocks = static_cast<std::uint32_t>(whole - spare);
    plan.parameter = static_cast<std::uint32_t>(spare / 32);
    return plan;
}

/// Only a format with spare areas can be certified: there defects are replaced from.
Result<FormatPlan, Failure> certified(const Medium& medium, FormatPlan plan) {
    if (plan.type == 0x00) {
        const auto same = std::find_if(
            medium.formats.begin(), medium.formats.end(), [&](const FormatOption& option) {
                return option.type == 0x30 && count(option.blocks) == plan.blocks;
            });
        if (same != medium.formats.end()) {
            plan = plan_of(*same);
        }
    }
    if (plan.type != 0x30) {
        return refuse("--full: the drive certifies no format of this size");
    }
    plan.subtype = kFullCertification;
    return plan;
}

Result<FormatPlan, Failure> bd_format(const Medium& medium, const FormatOptions& options) {
    const bool write_once = medium.family == MediumFamily::BdR;
    if (write_once && options.full) {
        return refuse("a BD-R is not certified: --full fits rewritable media");
    }
    FormatPlan plan;
    if (options.spare == SpareAreas::Default) {
        const FormatOption* option = offered(medium, {0x00, 0x30, 0x32});
        if (option == nullptr) {
            return refuse(
                fmt::format("the drive offers no format for this {}", medium.facts().name));
        }
        plan = plan_of(*option);
    } else if (options.spare == SpareAreas::None) {
        const FormatOption* option = offered(medium, {0x31});
        if (write_once || option == nullptr) {
            return refuse(write_once ? "a BD-R without spare areas is one that was never formatted"
                                     : "the drive offers no format without spare areas");
        }
        plan = plan_of(*option);
    } else {
        KILN_ASSIGN_OR_RETURN(plan, with_spare(medium, options, write_once ? 0x32 : 0x30));
    }
    if (write_once) {
        plan.subtype = kSequentialRecording;
    }
    return options.full ? certified(medium, plan) : plan;
}

Result<FormatPlan, Failure> dvd_format(const Medium& medium, const FormatOptions& options) {
    const bool ram = medium.family == MediumFamily::DvdRam;
    if (options.spare != SpareAreas::Default && ram) {
        return with_spare(medium, options, 0x00);
    }
    if (options.spare != SpareAreas::Default) {
        return refuse(fmt::format("{} has no spare areas", medium.facts().name));
    }
    const FormatOption* option = nullptr;
    if (medium.family == MediumFamily::DvdPlusRw) {
        option = offered(medium, {0x26});
    } else if (ram) {
        option = offered(medium, {0x00});
    } else {
        option = options.full ? offered(medium, {0x10, 0x00}) : offered(medium, {0x15, 0x10, 0x00});
    }
    if (option == nullptr) {
        return refuse(fmt::format("the drive offers no format for this {}", medium.facts().name));
    }
    FormatPlan plan = plan_of(*option);
    if (plan.type == 0x15) {
        plan.blocks = 0;  // only the lead-in; the rest grows with the data
    }
    return plan;
}

}  // namespace

Result<Plan, Failure> make_blank_plan(const Situation& situation, bool full) {
    const Medium& medium = situation.medium;
    const bool fits = medium.family == MediumFamily::CdRw || medium.family == MediumFamily::DvdRw ||
                      medium.family == MediumFamily::DvdRwOverwrite;
    if (!fits) {
        return refuse(
            fmt::format("{} cannot be blanked{}", medium.facts().name,
                        medium.facts().rewritable ? "; it can be formatted or overwritten" : ""));
    }
    Plan plan = common_plan(situation, {});
    plan.recipe = &recipe(RecipeId::BlankOnly);
    plan.blanks = true;
    plan.full_blank = full;
    return plan;
}

Result<Plan, Failure> make_format_plan(const Situation& situation, const FormatOptions& options) {
    const Medium& medium = situation.medium;
    Plan plan = common_plan(situation, {});
    plan.recipe = &recipe(RecipeId::FormatOnly);
    plan.formats = true;
    switch (medium.family) {
        case MediumFamily::BdR:
            if (!medium.is_blank()) {
                return refuse("a BD-R can only be formatted before anything is written to it");
            }
            [[fallthrough]];
        case MediumFamily::BdRe: {
            KILN_ASSIGN_OR_RETURN(plan.format, bd_format(medium, options));
            break;
        }
        case MediumFamily::DvdRw:
        case MediumFamily::DvdRwOverwrite:
        case MediumFamily::DvdPlusRw:
        case MediumFamily::DvdRam: {
            KILN_ASSIGN_OR_RETURN(plan.format, dvd_format(medium, options));
            break;
        }
        default:
            return refuse(fmt::format("{} cannot be formatted", medium.facts().name));
    }
    plan.format.full = options.full;
    plan.format_runs_on = medium.family == MediumFamily::DvdPlusRw;
    return plan;
}

}  // namespace kiln::stack

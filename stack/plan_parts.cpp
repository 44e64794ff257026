#include "stack/plan_parts.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "stack/facts.h"

namespace kiln::stack {

tl::unexpected<Failure> refuse(std::string detail, HResult code) {
    Failure failure = make_failure(FailureKind::Unsuitable, "planning", std::move(detail));
    failure.code = code;
    return tl::make_unexpected(std::move(failure));
}

const FormatOption* offered(const Medium& medium, std::initializer_list<std::uint8_t> types) {
    for (const std::uint8_t type : types) {
        const auto found =
            std::find_if(medium.formats.begin(), medium.formats.end(),
                         [type](const FormatOption& option) { return option.type == type; });
        if (found != medium.formats.end()) {
            return &*found;
        }
    }
    return nullptr;
}

FormatPlan plan_of(const FormatOption& option) {
    return {.type = option.type,
            .subtype = option.subtype,
            .blocks = static_cast<std::uint32_t>(option.blocks),
            .parameter = option.parameter,
            .full = false};
}

Plan common_plan(const Situation& situation, const BurnOptions& options) {
    const Medium& medium = situation.medium;
    const FamilyFacts& facts = medium.facts();
    Plan plan;
    plan.family = medium.family;
    plan.profile = medium.profile;
    plan.status_before = medium.status;
    plan.sessions_before = medium.complete_sessions;
    plan.tracks_before =
        static_cast<std::uint32_t>(std::count_if(medium.tracks.begin(), medium.tracks.end(),
                                                 [](const Track& t) { return t.holds_blocks(); }));
    plan.status_found = plan.status_before;
    plan.sessions_found = plan.sessions_before;
    plan.tracks_found = plan.tracks_before;
    plan.stops_long_operations =
        medium.abilities.stop_long_operation || medium.family == MediumFamily::DvdPlusRw;
    plan.medium_capacity = medium.capacity;
    plan.immediate = situation.immediate;
    plan.simulates = options.simulate;
    plan.underrun_protection =
        medium.abilities.underrun_protection &&
        (options.underrun_protection || facts.medium_class != MediumClass::Cd);
    plan.use_streaming = facts.medium_class != MediumClass::Cd && medium.abilities.set_streaming;
    if (const auto speed = nearest_speed(situation.speeds, options.speed_x)) {
        plan.write_kilobytes = speed->write_kilobytes;
        plan.read_kilobytes = speed->read_kilobytes;
    }
    plan.one_x_bytes = payload_bytes_per_second(facts.medium_class, 1000) / 1000.0 *
                       one_x_kilobytes(facts.medium_class);
    const auto fits = static_cast<std::uint32_t>(
        std::min<std::size_t>(situation.limits.max_transfer / kBlockSize, 32));
    plan.chunk_blocks =
        std::max(1U, fits >= facts.alignment ? fits / facts.alignment * facts.alignment : fits);
    return plan;
}

}  // namespace kiln::stack

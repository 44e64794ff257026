#include "stack/plan.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "stack/facts.h"
#include "stack/failure.h"
#include "stack/plan_parts.h"

namespace kiln::stack {
namespace {

constexpr std::string_view kDoing = "planning";

std::uint64_t count(mmc::BlockCount blocks) {
    return static_cast<std::uint64_t>(blocks);
}

bool is_cd(MediumFamily family) {
    return family == MediumFamily::CdR || family == MediumFamily::CdRw;
}

bool is_dvd_minus(MediumFamily family) {
    return family == MediumFamily::DvdR || family == MediumFamily::DvdRw ||
           family == MediumFamily::DvdRDl;
}

/// "the CD-R holds data; --append adds to it"
std::string holds_data_words(const Medium& medium, const BurnOptions& options) {
    std::string help;
    if (medium.facts().rewritable) {
        help = medium.is_appendable() ? "--append adds to it, --overwrite replaces it"
                                      : "--overwrite replaces it";
    } else {
        help = options.overwrite ? "it is written once, which --overwrite does not change; " : "";
        help += medium.is_appendable() ? "--append adds to it" : "it is closed for good";
    }
    return fmt::format("the {} holds data; {}", medium.facts().name, help);
}

/// Where a sequential medium goes on, or why it cannot.
Result<void, Failure> place_sequential(Plan& plan, const Situation& situation,
                                       const BurnOptions& options) {
    const Medium& medium = situation.medium;
    const std::string name(medium.facts().name);
    if (!medium.is_blank() && options.overwrite && medium.facts().rewritable) {
        plan.blanks = true;
        plan.start = mmc::Lba{0};
        plan.track = 1;
        plan.capacity_blocks = count(medium.capacity);
        plan.sessions_before = 0;
        plan.tracks_before = 0;
        plan.status_before = DiscStatus::Blank;
        return {};
    }
    if (!medium.is_blank() && !options.append) {
        return refuse(holds_data_words(medium, options), HResult::DataMediaNotBlank);
    }
    if (medium.last_session == SessionState::Damaged && !medium.next_writable) {
        return refuse(
            fmt::format("the {}'s last session is damaged and cannot be continued", name));
    }
    if (!medium.is_blank() && !medium.is_appendable()) {
        return refuse(fmt::format("the {} is closed: nothing can be added to it", name));
    }
    if (medium.pseudo_overwrite && !medium.is_blank()) {
        return refuse(fmt::format(
            "the {} is formatted for pseudo-overwrite, which needs another way of writing", name));
    }
    plan.start = medium.next_writable.value_or(mmc::Lba{0});
    plan.start_known = medium.next_writable.has_value();
    plan.capacity_blocks = count(medium.free);
    const Track* open = medium.open_track();
    plan.track = open != nullptr ? open->number : static_cast<std::uint16_t>(medium.last_track);
    // On CD a new track follows in the same session; elsewhere an open session is closed first.
    if (medium.has_open_session() && !is_cd(medium.family)) {
        plan.closes_open_session = true;
        plan.open_track = open != nullptr && open->holds_blocks() ? open->number : 0;
        if (plan.open_track != 0) {
            ++plan.track;  // the one behind it, once it is closed
        }
        plan.start_known = false;
        plan.sessions_before += 1;
    }
    if (!plan.start_known && !plan.closes_open_session) {
        return refuse(
            fmt::format("the {} has no next writable address: it is full or damaged", name));
    }
    return {};
}

void place_dvd_plus_rw(Plan& plan, const Medium& medium) {
    const auto* option = offered(medium, {0x26});
    const bool blank = medium.background_format == BackgroundFormat::None;
    const bool stopped = medium.background_format == BackgroundFormat::Stopped;
    plan.formats = blank || stopped;
    // One that somebody else started is stopped too: the disc is to be readable.
    plan.format_runs_on = plan.formats || medium.background_format == BackgroundFormat::Running;
    if (option != nullptr) {
        plan.capacity_blocks = std::max(plan.capacity_blocks, count(option->blocks));
    }
    plan.format = {
        .type = 0x26,
        .blocks = option != nullptr ? static_cast<std::uint32_t>(option->blocks) : 0xFFFFFFFFU,
        .parameter = stopped ? 1U : 0U};
}

/// A partly formatted one is formatted again where the image needs more than it has.
void place_dvd_rw_overwrite(Plan& plan, const Medium& medium,
                            std::optional<std::uint64_t> payload_blocks) {
    plan.border_open = medium.last_session == SessionState::Incomplete;
    const auto* largest = offered(medium, {0x10, 0x00, 0x15});
    const std::uint64_t possible =
        std::max(count(medium.capacity), largest != nullptr ? count(largest->blocks) : 0);
    const auto* quick = offered(medium, {0x15});
    const bool too_small = !payload_blocks || *payload_blocks > count(medium.capacity);
    if (too_small && quick != nullptr && count(medium.capacity) < possible) {
        plan.formats = true;
        plan.format = plan_of(*quick);
        plan.format.blocks = 0;  // no more than the lead-in; the rest grows with the data
        plan.border_open = true;
        plan.capacity_blocks = possible;
    }
}

/// DVD-RAM and BD-RE: formatted once, by whoever writes first.
Result<void, Failure> place_formatted(Plan& plan, const Medium& medium) {
    if (medium.format_state != FormatState::Unformatted && !medium.is_blank()) {
        return {};
    }
    const auto* option = offered(medium, {0x00, 0x30, 0x31});
    if (option == nullptr) {
        return refuse(fmt::format("the {} is not formatted, and the drive offers no format for it",
                                  medium.facts().name));
    }
    plan.formats = true;
    plan.format = plan_of(*option);
    plan.capacity_blocks = count(option->blocks);
    return {};
}

/// Formats that overwritable media need before they can be written.
Result<void, Failure> place_overwritable(Plan& plan, const Situation& situation,
                                         const BurnOptions& options,
                                         std::optional<std::uint64_t> payload_blocks) {
    const Medium& medium = situation.medium;
    const std::string name(medium.facts().name);
    if (options.append) {
        return refuse(
            fmt::format("the {} has no sessions to append to; --overwrite replaces what it "
                        "holds",
                        name));
    }
    if (situation.holds_data && !options.overwrite) {
        return refuse(fmt::format("the {} holds data; --overwrite replaces it", name),
                      HResult::DataMediaNotBlank);
    }
    plan.start = mmc::Lba{0};
    plan.track = 1;
    plan.capacity_blocks = count(medium.capacity);
    switch (medium.family) {
        case MediumFamily::DvdPlusRw:
            place_dvd_plus_rw(plan, medium);
            return {};
        case MediumFamily::DvdRwOverwrite:
            place_dvd_rw_overwrite(plan, medium, payload_blocks);
            return {};
        default:
            return place_formatted(plan, medium);
    }
}

RecipeId recipe_of(MediumFamily family) {
    switch (family) {
        case MediumFamily::CdR:
        case MediumFamily::CdRw:
            return RecipeId::CdTrackAtOnce;
        case MediumFamily::DvdRwOverwrite:
            return RecipeId::DvdRwOverwrite;
        case MediumFamily::DvdPlusR:
            return RecipeId::DvdPlusR;
        case MediumFamily::DvdPlusRDl:
            return RecipeId::DvdPlusRDl;
        case MediumFamily::DvdPlusRw:
            return RecipeId::DvdPlusRw;
        case MediumFamily::DvdRam:
            return RecipeId::DvdRam;
        case MediumFamily::BdR:
            return RecipeId::BdR;
        case MediumFamily::BdRe:
            return RecipeId::BdRe;
        default:
            return RecipeId::DvdMinusIncremental;
    }
}

/// DVD-R and DVD-RW: incremental where the medium takes it and another session may follow; disc at
/// once where it takes nothing else (a minimally blanked DVD-RW), or where the disc is closed
/// anyway and the size is known.
void choose_dvd_minus_mode(Plan& plan, const Medium& medium, const BurnOptions& options) {
    const bool blank = plan.status_before == DiscStatus::Blank;
    const bool incremental = medium.abilities.incremental && !plan.blanks;
    const bool sized = plan.payload_bytes.has_value();
    const bool dual_layer = medium.family == MediumFamily::DvdRDl;
    if (blank && (!incremental || ((options.close || dual_layer) && sized))) {
        if (plan.blanks && !sized) {
            plan.full_blank = true;  // only a full blank leaves it fit for incremental writing
            plan.recipe = &recipe(RecipeId::DvdMinusIncremental);
            return;
        }
        plan.recipe = &recipe(RecipeId::DvdMinusDiscAtOnce);
        plan.closes = true;
        plan.write_type = 2;
        return;
    }
    plan.recipe = &recipe(RecipeId::DvdMinusIncremental);
    plan.closes = options.close || dual_layer;
}

Result<void, Failure> check_drive(const Medium& medium) {
    const WriteAbilities& can = medium.abilities;
    const auto refuse_drive = [&] {
        return refuse(fmt::format("this drive does not write {}", medium.facts().name),
                      HResult::DataRecorderNotSupported);
    };
    switch (medium.facts().medium_class) {
        case MediumClass::Cd:
            // With a closed disc in, what the drive writes is not current.
            if (!can.track_at_once && (medium.is_blank() || medium.is_appendable())) {
                return refuse_drive();
            }
            break;
        case MediumClass::Bd:
            if (!can.bd_write) {
                return refuse_drive();
            }
            break;
        default:
            break;
    }
    return {};
}

Result<void, Failure> check_medium(const Situation& situation, const BurnOptions& options) {
    const Medium& medium = situation.medium;
    const FamilyFacts& facts = medium.facts();
    if (medium.family == MediumFamily::None) {
        return tl::make_unexpected(make_failure(FailureKind::NoMedium, std::string(kDoing),
                                                "there is no medium in the drive"));
    }
    if (!facts.writable) {
        return refuse(
            medium.family == MediumFamily::Unknown
                ? std::string("the medium is of a kind that cannot be written here")
                : fmt::format("the medium is a pressed {}: it cannot be written", facts.name),
            HResult::DataMediaNotSupported);
    }
    if (medium.family == MediumFamily::BdRRandom) {
        return refuse("the BD-R is formatted for random recording, which no drive here writes");
    }
    if (medium.write_protected) {
        return refuse(
            fmt::format("the {} is write-protected: {}", facts.name, medium.write_protection));
    }
    if (options.append && options.overwrite) {
        return refuse("--append and --overwrite exclude each other");
    }
    const bool can_simulate = is_cd(medium.family) || is_dvd_minus(medium.family);
    if (options.simulate && (!can_simulate || !medium.abilities.test_write)) {
        return refuse(fmt::format("{} cannot be test-written {}", facts.name,
                                  can_simulate ? "by this drive" : "at all"));
    }
    return check_drive(medium);
}

Result<void, Failure> check_size(const Plan& plan) {
    const auto blocks = plan.payload_blocks();
    if (plan.recipe->needs_size && !blocks) {
        return refuse(
            fmt::format("{} must know the size before it begins; give --size", plan.recipe->name));
    }
    if (blocks && !plan.closes_open_session && *blocks > plan.capacity_blocks) {
        return refuse(fmt::format("the image has {} blocks of 2048 bytes, but {} fit onto the disc",
                                  *blocks, plan.capacity_blocks),
                      HResult::DataStreamTooLarge);
    }
    if (plan.capacity_blocks == 0 && !plan.closes_open_session) {
        return refuse("nothing fits onto the disc any more");
    }
    return {};
}

}  // namespace

std::optional<std::uint64_t> Plan::payload_blocks() const {
    if (!payload_bytes) {
        return std::nullopt;
    }
    return (*payload_bytes + kBlockSize - 1) / kBlockSize;
}

std::uint64_t Plan::padded(std::uint64_t payload) const {
    const WriteRule& rule = recipe->write;
    const std::uint64_t whole = (payload + rule.multiple - 1) / rule.multiple * rule.multiple;
    return std::max<std::uint64_t>(rule.minimum, whole);
}

std::optional<std::uint64_t> Plan::total_blocks() const {
    const auto payload = payload_blocks();
    return payload ? std::optional(padded(*payload)) : std::nullopt;
}

Result<Plan, Failure> make_plan(const Situation& situation, const BurnOptions& options,
                                std::optional<std::uint64_t> source_bytes) {
    KILN_RETURN_IF_ERROR(check_medium(situation, options));
    const Medium& medium = situation.medium;
    Plan plan = common_plan(situation, options);
    plan.payload_bytes = options.size ? options.size : source_bytes;
    if (options.size && source_bytes && *source_bytes != *options.size) {
        return tl::make_unexpected(
            make_failure(FailureKind::Failed, std::string(kDoing),
                         fmt::format("--size says {} bytes, but the source has {}", *options.size,
                                     *source_bytes)));
    }
    if (plan.payload_bytes == std::uint64_t{0}) {
        return tl::make_unexpected(
            make_failure(FailureKind::Failed, std::string(kDoing), "the source is empty"));
    }
    plan.recipe = &recipe(recipe_of(medium.family));
    plan.closes = options.close;
    if (medium.is_overwritable()) {
        KILN_RETURN_IF_ERROR(place_overwritable(plan, situation, options, plan.payload_blocks()));
        plan.closes = false;
    } else {
        KILN_RETURN_IF_ERROR(place_sequential(plan, situation, options));
        plan.calibrates = medium.facts().uses_write_parameters && !options.simulate &&
                          medium.opc_tables.value_or(0) == 0;
    }
    if (is_cd(medium.family)) {
        plan.write_type = 1;
    }
    if (is_dvd_minus(medium.family)) {
        choose_dvd_minus_mode(plan, medium, options);
    }
    plan.multi_session = !plan.closes;
    KILN_RETURN_IF_ERROR(check_size(plan));
    if (const auto blocks = plan.total_blocks()) {
        plan.reserve_blocks = static_cast<std::uint32_t>(*blocks);
        // Two layers of one closed session are filled to the same radius, or half of a layer is
        // written with zeros for nothing.
        const bool two_layers =
            medium.family == MediumFamily::DvdPlusRDl || medium.family == MediumFamily::DvdRDl;
        const std::uint64_t half = (*blocks / 2 + 15) / 16 * 16;
        if (two_layers && plan.closes && medium.is_blank() && medium.first_layer &&
            half < count(*medium.first_layer) && *blocks > count(*medium.first_layer)) {
            plan.layer_break = static_cast<std::uint32_t>(half);
        }
    }
    return plan;
}

}  // namespace kiln::stack

#include "harness/sim/media/family.h"

#include "harness/sim/media/bd_r.h"
#include "harness/sim/media/bd_re.h"
#include "harness/sim/media/cd.h"
#include "harness/sim/media/dvd_minus.h"
#include "harness/sim/media/dvd_plus_r.h"
#include "harness/sim/media/dvd_plus_rw.h"
#include "harness/sim/media/dvd_ram.h"
#include "harness/sim/media/dvd_restricted_overwrite.h"
#include "harness/sim/media/overwritable.h"
#include "harness/sim/media/pressed.h"
#include "harness/sim/media/track_list.h"

namespace kiln::harness {

Verdict Family::accepts(const Medium&, const WriteMode&) const {
    return verdicts::kGood;  // not looked at: growisofs sends the page for DVD+R, and may
}

Planned Family::synchronize(const Medium&, const WriteMode&) const {
    return Operation{.kind = Operation::Kind::Flush};
}

Planned Family::close(const Medium&, const WriteMode&, std::uint8_t, std::uint16_t) const {
    return tl::make_unexpected(writable() ? verdicts::kInvalidField : verdicts::kCannotWrite);
}

Planned Family::blank(const Medium&, std::uint8_t, std::uint32_t) const {
    return tl::make_unexpected(verdicts::kCannotWrite);
}

Planned Family::format(const Medium&, const FormatRequest&) const {
    return tl::make_unexpected(verdicts::kCannotWrite);
}

Planned Family::repair(const Medium&, std::uint16_t) const {
    return tl::make_unexpected(verdicts::kCannotWrite);
}

Verdict Family::reserve(Medium&, const WriteMode&, std::uint32_t) const {
    return verdicts::kCannotWrite;
}

void Family::complete(Medium&, const Operation&) const {}

void Family::cut(Medium&, std::int32_t, std::uint32_t) const {}

std::vector<FormatCapacity> Family::formats(const Medium& medium) const {
    return {{.blocks = medium.capacity, .type = 2}};
}

const Family& family_of(MediumKind kind) {
    switch (kind) {
        case MediumKind::CdR:
            return cd_r_family();
        case MediumKind::CdRw:
            return cd_rw_family();
        case MediumKind::DvdR:
            return dvd_r_family();
        case MediumKind::DvdRw:
            return dvd_rw_family();
        case MediumKind::DvdRwRestrictedOverwrite:
            return dvd_restricted_overwrite_family();
        case MediumKind::DvdRDl:
            return dvd_r_dl_family();
        case MediumKind::DvdPlusR:
            return dvd_plus_r_family();
        case MediumKind::DvdPlusRDl:
            return dvd_plus_r_dl_family();
        case MediumKind::DvdPlusRw:
            return dvd_plus_rw_family();
        case MediumKind::DvdRam:
            return dvd_ram_family();
        case MediumKind::BdR:
        case MediumKind::BdRDl:
        case MediumKind::BdRXl:
            return bd_r_family();
        case MediumKind::BdRe:
        case MediumKind::BdReDl:
        case MediumKind::BdReXl:
            return bd_re_family();
        case MediumKind::None:
        case MediumKind::CdRom:
        case MediumKind::DvdRom:
        case MediumKind::BdRom:
            break;
    }
    return pressed_family();
}

namespace {

/// What a host can write of the blocks up to the last possible lead-out.
std::uint32_t usable(MediumKind kind, std::uint32_t blocks) {
    switch (kind) {
        case MediumKind::CdR:
        case MediumKind::CdRw:
            return blocks - kRunOut;
        case MediumKind::DvdR:
        case MediumKind::DvdRw:
            return blocks - 608;  // a blank DVD-R with lead-out 2298496 says 2297888 (GSA-H31N)
        default:
            return blocks;
    }
}

}  // namespace

Medium fresh_medium(MediumKind kind, std::uint32_t blocks) {
    Medium medium;
    medium.kind = kind;
    medium.unformatted = blocks == 0 ? facts_of(kind).blocks : blocks;
    medium.capacity = usable(kind, medium.unformatted);
    const Family& family = family_of(kind);
    if (kind == MediumKind::DvdRam || kind == MediumKind::DvdRwRestrictedOverwrite) {
        make_formatted(medium, medium.capacity);
    }
    if (kind == MediumKind::DvdRam) {
        medium.status = DiscStatus::Other;
        medium.spares = medium.spares_left = 2295072 - 2236704 + 12800;
    } else if (!family.writable()) {
        medium.tracks = {Track{.kind = TrackKind::Pressed,
                               .size = medium.capacity,
                               .recorded = medium.capacity,
                               .closed = true}};
        finalize(medium);
    } else if (medium.tracks.empty()) {
        make_blank(medium);
    }
    return medium;
}

}  // namespace kiln::harness

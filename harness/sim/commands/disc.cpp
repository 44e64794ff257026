// READ DISC INFORMATION, READ TRACK INFORMATION.

#include <algorithm>
#include <array>

#include "mmc/commands/track.h"
#include "mmc/responses/disc_information.h"
#include "mmc/responses/toc.h"
#include "mmc/responses/track_information.h"

#include "harness/sim/commands/table.h"
#include "harness/sim/media/track_list.h"

namespace kiln::harness {

namespace {

constexpr std::uint32_t kNone = 0xFFFFFFFF;
constexpr std::int32_t kLeadIn = 4500;  // blocks
constexpr std::int32_t kPregap = 150;

std::uint32_t msf_field(std::int32_t lba) {
    return mmc::address_field(mmc::Lba{lba}, mmc::AddressForm::Msf);
}

const Track* first_of_session(const Medium& medium, std::uint16_t session) {
    const auto found = std::ranges::find(medium.tracks, session, &Track::session);
    return found == medium.tracks.end() ? nullptr : &*found;
}

/// Bytes 16 to 23: on CD in minutes, else as addresses; all ones on a complete disc.
void fill_addresses(const DriveState& drive, mmc::DiscInformation& information) {
    const Medium& medium = *drive.medium;
    const bool complete = medium.status == DiscStatus::Complete;
    const Track* const first = first_of_session(medium, medium.sessions);
    const std::int32_t start = first == nullptr ? 0 : first->start;
    if (medium_class(drive) == MediumFamily::Cd) {
        // The first lead-in begins where the groove says: 97:27:00 here.
        constexpr std::uint32_t kFirstLeadIn = 0x00611B00;
        information.last_session_lead_in_start =
            complete ? 0x00FFFFFF
                     : (medium.sessions == 1 ? kFirstLeadIn : msf_field(start - kPregap - kLeadIn));
        information.last_possible_lead_out_start =
            complete ? 0x00FFFFFF : msf_field(static_cast<std::int32_t>(medium.unformatted));
        return;
    }
    const bool none = medium.status == DiscStatus::Empty || medium.sessions == 1;
    information.last_session_lead_in_start =
        complete ? kNone : (none ? 0 : static_cast<std::uint32_t>(start));
    information.last_possible_lead_out_start =
        complete && family_in(drive).sequential() ? kNone : medium.unformatted;
}

mmc::DiscInformation standard_information(const DriveState& drive) {
    const Medium& medium = *drive.medium;
    mmc::DiscInformation information{
        .erasable = family_in(drive).erasable(),
        .state_of_last_session = static_cast<mmc::SessionState>(medium.last_session),
        .disc_status = static_cast<mmc::DiscStatus>(medium.status),
        .first_track = 1,
        .sessions = medium.sessions,
        .unrestricted_use = family_in(drive).writable(),
        .background_format = static_cast<mmc::BackgroundFormat>(medium.background),
        .opc_tables = {}};
    const Track* const first = first_of_session(medium, medium.sessions);
    information.first_track_in_last_session = first == nullptr ? std::uint16_t{1} : first->number;
    information.last_track_in_last_session =
        medium.tracks.empty() ? std::uint16_t{1} : medium.tracks.back().number;
    fill_addresses(drive, information);
    return information;
}

void begin_read_disc_information(DriveState& drive, mmc::ByteView cdb, Instant) {
    // dvd+rw-mediainfo sets bit 4 of byte 1, and drives give it the standard answer (iHBS112).
    const auto command = decode_or_fail<mmc::ReadDiscInformation>(drive, cdb, Reserved::Ignored);
    if (!command) {
        return;
    }
    const Medium& medium = *drive.medium;
    switch (command->data_type) {
        case mmc::DiscInformationType::Standard:
            answer(drive, *mmc::encode(standard_information(drive)), command->allocation_length);
            return;
        case mmc::DiscInformationType::PowResources:
            if (medium.bd_r_mode == BdRMode::PseudoOverwrite && !medium.tracks.empty()) {
                const Track& last = medium.tracks.back();
                const std::uint32_t clusters = (last.size - last.recorded) / 32;
                answer(drive,
                       *mmc::encode(
                           mmc::PowResources{.remaining_pow_replacements = clusters,
                                             .remaining_pow_reallocation_map_entries = clusters,
                                             .remaining_pow_updates = clusters}),
                       command->allocation_length);
                return;
            }
            break;
        default:
            break;
    }
    fail(drive, verdicts::kInvalidField);
}

const Track* track_asked_for(const DriveState& drive, const mmc::ReadTrackInformation& command) {
    const Medium& medium = *drive.medium;
    const std::uint32_t number = command.address_or_number;
    switch (command.address_number_type) {
        case mmc::TrackAddressType::LogicalBlockAddress: {
            const auto lba = static_cast<std::int32_t>(number);
            const auto found = std::ranges::find_if(medium.tracks, [lba](const Track& track) {
                return lba < end_of(track);  // a gap belongs to the track behind it
            });
            return lba < -kPregap || found == medium.tracks.end() ? nullptr : &*found;
        }
        case mmc::TrackAddressType::Track: {
            constexpr std::uint32_t kInvisible = 0xFF;
            if (number == kInvisible && !medium.tracks.empty() && !medium.tracks.back().closed) {
                return &medium.tracks.back();
            }
            return number > 0xFFFF ? nullptr
                                   : track_numbered(medium, static_cast<std::uint16_t>(number));
        }
        case mmc::TrackAddressType::Session:
            return number > 0xFFFF ? nullptr
                                   : first_of_session(medium, static_cast<std::uint16_t>(number));
    }
    return nullptr;
}

void begin_read_track_information(DriveState& drive, mmc::ByteView cdb, Instant) {
    const auto command = decode_or_fail<mmc::ReadTrackInformation>(drive, cdb);
    if (!command) {
        return;
    }
    const Track* track = track_asked_for(drive, *command);
    if (track != nullptr && command->open) {
        while (track != nullptr && track->closed) {
            track = track == &drive.medium->tracks.back() ? nullptr : track + 1;
        }
    }
    if (track == nullptr) {
        fail(drive, verdicts::kInvalidField);
        return;
    }
    const TrackReport report = family_in(drive).report(*drive.medium, *track, drive.mode);
    const mmc::TrackInformation information{
        .track = report.number,
        .session = report.session,
        .damage = report.damage,
        .track_mode = static_cast<mmc::TrackMode>(report.track_mode),
        .reserved_track = report.reserved,
        .blank = report.blank,
        .packet_incremental = report.packet,
        .fixed_packet = report.fixed_packet,
        .data_mode = static_cast<mmc::DataMode>(report.data_mode),
        .last_recorded_address_valid = report.last_recorded_valid,
        .next_writable_address_valid = report.next_writable_valid,
        .start = mmc::Lba{report.start},
        .next_writable_address = mmc::Lba{report.next_writable},
        .free_blocks = mmc::BlockCount{report.free_blocks},
        .fixed_packet_size = mmc::BlockCount{report.fixed_packet_size},
        .track_size = mmc::BlockCount{report.size},
        .last_recorded_address = mmc::Lba{report.last_recorded},
        .read_compatibility_lba = mmc::Lba{static_cast<std::int32_t>(report.read_compatibility)}};
    answer(drive, *mmc::encode(information), command->allocation_length);
}

constexpr std::array kCommands{
    CommandEntry{0x51, 10, {.medium = true}, begin_read_disc_information, nullptr},
    CommandEntry{0x52, 10, {.medium = true}, begin_read_track_information, nullptr},
};

}  // namespace

std::span<const CommandEntry> disc_commands() {
    return kCommands;
}

}  // namespace kiln::harness

// READ TOC/PMA/ATIP formats 0 to 5, in the old form too; READ SUB-CHANNEL.

#include "mmc/responses/toc.h"

#include <algorithm>
#include <array>

#include "mmc/commands/read.h"
#include "mmc/responses/atip.h"

#include "harness/sim/commands/table.h"
#include "harness/sim/media/track_list.h"

namespace kiln::harness {

namespace {

constexpr std::uint8_t kData = 0x04;
constexpr mmc::Msf kFirstLeadIn{.minute = 97, .second = 27, .frame = 0};

mmc::Msf msf(std::int32_t lba) {
    return mmc::to_msf(mmc::Lba{lba});
}

/// What a TOC tells of: the tracks of complete sessions.
std::vector<Track> complete_tracks(const DriveState& drive) {
    const Medium& medium = *drive.medium;
    std::vector<Track> tracks;
    const bool all = medium.status == DiscStatus::Complete || !family_in(drive).sequential();
    for (const Track& track : medium.tracks) {
        if (all ? track.size > 0 : track.session < medium.sessions) {
            tracks.push_back(track);
        }
    }
    if (!family_in(drive).sequential() && medium.format == FormatState::Unformatted &&
        family_in(drive).writable()) {
        tracks.clear();
    }
    return tracks;
}

void give_toc(DriveState& drive, const mmc::ReadTocPmaAtip& command,
              const std::vector<Track>& tracks) {
    const auto form = command.time ? mmc::AddressForm::Msf : mmc::AddressForm::Lba;
    const std::uint8_t first = command.track_session_number;
    const auto last = static_cast<std::uint8_t>(tracks.back().number);
    if (first > last && first != mmc::kLeadOutTrack) {
        fail(drive, verdicts::kInvalidField);
        return;
    }
    mmc::Toc toc{.first_track = static_cast<std::uint8_t>(tracks.front().number),
                 .last_track = last,
                 .tracks = {}};
    for (const Track& track : tracks) {
        if (track.number >= first) {
            toc.tracks.push_back({.control = kData,
                                  .track = static_cast<std::uint8_t>(track.number),
                                  .address = mmc::address_field(mmc::Lba{track.start}, form)});
        }
    }
    toc.tracks.push_back({.control = kData,
                          .track = mmc::kLeadOutTrack,
                          .address = mmc::address_field(mmc::Lba{end_of(tracks.back())}, form)});
    answer(drive, *mmc::encode(toc), command.allocation_length);
}

void give_sessions(DriveState& drive, const mmc::ReadTocPmaAtip& command,
                   const std::vector<Track>& tracks) {
    const auto form = command.time ? mmc::AddressForm::Msf : mmc::AddressForm::Lba;
    const Track& first = *std::ranges::find(tracks, tracks.back().session, &Track::session);
    const mmc::SessionInformation information{
        .first_session = 1,
        .last_session = static_cast<std::uint8_t>(first.session),
        .control = kData,
        .first_track_in_last_session = static_cast<std::uint8_t>(first.number),
        .address = mmc::address_field(mmc::Lba{first.start}, form)};
    answer(drive, *mmc::encode(information), command.allocation_length);
}

/// The entries of one session's lead-in.
void add_session_points(mmc::FullToc& toc, const DriveState& drive,
                        const std::vector<Track>& tracks, std::uint8_t session) {
    const auto add = [&](std::uint8_t adr, std::uint8_t point, mmc::Msf running, mmc::Msf pointed,
                         std::uint8_t zero = 0) {
        toc.points.push_back({.session = session,
                              .adr = adr,
                              .control = kData,
                              .point = point,
                              .running = running,
                              .zero = zero,
                              .pointed = pointed});
    };
    std::vector<Track> mine;
    std::ranges::copy_if(tracks, std::back_inserter(mine),
                         [&](const Track& track) { return track.session == session; });
    if (mine.empty()) {
        return;
    }
    add(1, 0xA0, {}, {.minute = static_cast<std::uint8_t>(mine.front().number)});
    add(1, 0xA1, {}, {.minute = static_cast<std::uint8_t>(mine.back().number)});
    add(1, 0xA2, {}, msf(end_of(mine.back())));
    for (const Track& track : mine) {
        add(1, static_cast<std::uint8_t>(track.number), {}, msf(track.start));
    }
    if (!family_in(drive).writable()) {
        return;
    }
    // B0: where the next session may begin, or all ones; C0 in the first session: the groove.
    const Medium& medium = *drive.medium;
    const bool more = medium.status != DiscStatus::Complete || session < tracks.back().session;
    const auto next = std::ranges::find_if(
        medium.tracks, [&](const Track& track) { return track.session > session; });
    const bool follows = more && next != medium.tracks.end();
    constexpr mmc::Msf kNever{.minute = 0xFF, .second = 0xFF, .frame = 0xFF};
    add(5, 0xB0, follows ? msf(next->start - 150) : kNever,
        msf(static_cast<std::int32_t>(medium.unformatted)), 2);
    if (session == 1) {
        add(5, 0xC0, {}, kFirstLeadIn);
    }
}

void give_full_toc(DriveState& drive, const mmc::ReadTocPmaAtip& command,
                   const std::vector<Track>& tracks) {
    mmc::FullToc toc{.first_session = 1,
                     .last_session = static_cast<std::uint8_t>(tracks.back().session),
                     .points = {}};
    if (command.track_session_number > toc.last_session) {
        fail(drive, verdicts::kInvalidField);
        return;
    }
    const std::uint8_t first = std::max<std::uint8_t>(command.track_session_number, 1);
    for (unsigned session = first; session <= toc.last_session; ++session) {
        add_session_points(toc, drive, tracks, static_cast<std::uint8_t>(session));
    }
    answer(drive, *mmc::encode(toc), command.allocation_length);
}

/// The PMA knows the tracks that were ended, in open sessions too.
void give_pma(DriveState& drive, const mmc::ReadTocPmaAtip& command) {
    mmc::FullToc pma;
    for (const Track& track : drive.medium->tracks) {
        if (track.closed || track.reserved) {
            pma.points.push_back({.control = kData,
                                  .point = static_cast<std::uint8_t>(track.number),
                                  .running = msf(end_of(track)),
                                  .pointed = msf(track.start)});
        }
    }
    answer(drive, *mmc::encode(pma), command.allocation_length);
}

void give_atip(DriveState& drive, const mmc::ReadTocPmaAtip& command) {
    const bool rewritable = family_in(drive).erasable();
    const mmc::Atip atip{
        .indicative_target_writing_power = 4,
        .reference_speed = static_cast<std::uint8_t>(rewritable ? 1 : 0),
        .rewritable = rewritable,
        .lead_in_start = kFirstLeadIn,
        .last_possible_lead_out_start = msf(static_cast<std::int32_t>(drive.medium->unformatted))};
    answer(drive, *mmc::encode(atip), command.allocation_length);
}

/// True for a format whose answer needs no complete session; it is given or refused then.
bool gave_recordable_format(DriveState& drive, const mmc::ReadTocPmaAtip& command) {
    const bool recordable_cd =
        medium_class(drive) == MediumFamily::Cd && family_in(drive).writable();
    switch (command.format) {
        case mmc::TocFormat::Pma:
            recordable_cd ? give_pma(drive, command) : fail(drive, verdicts::kInvalidField);
            return true;
        case mmc::TocFormat::Atip:
            recordable_cd ? give_atip(drive, command) : fail(drive, verdicts::kInvalidField);
            return true;
        case mmc::TocFormat::CdText:
            fail(drive, verdicts::kInvalidField);  // no disc here has any, and no feature says so
            return true;
        default:
            return false;
    }
}

void begin_read_toc(DriveState& drive, mmc::ByteView cdb, Instant) {
    auto command = decode_or_fail<mmc::ReadTocPmaAtip>(drive, cdb);
    if (!command) {
        return;
    }
    const auto old_format = static_cast<unsigned>(command->control) >> 6U;
    if (static_cast<unsigned>(command->format) == 0 && old_format != 0) {
        command->format = static_cast<mmc::TocFormat>(old_format);
    }
    if (gave_recordable_format(drive, *command)) {
        return;
    }
    const std::vector<Track> tracks = complete_tracks(drive);
    if (tracks.empty()) {
        fail(drive, verdicts::kInvalidField);  // blank: there is none
        return;
    }
    switch (command->format) {
        case mmc::TocFormat::Toc:
            give_toc(drive, *command, tracks);
            return;
        case mmc::TocFormat::SessionInformation:
            give_sessions(drive, *command, tracks);
            return;
        case mmc::TocFormat::FullToc:
            if (medium_class(drive) == MediumFamily::Cd) {
                give_full_toc(drive, *command, tracks);
                return;
            }
            break;
        default:
            break;
    }
    fail(drive, verdicts::kInvalidField);
}

void begin_read_sub_channel(DriveState& drive, mmc::ByteView cdb, Instant) {
    const auto command = decode_or_fail<mmc::ReadSubChannel>(drive, cdb);
    if (!command) {
        return;
    }
    constexpr std::uint8_t kNoAudio = 0x15;
    std::vector<std::uint8_t> bytes{0, kNoAudio, 0, 0};
    if (!command->sub_q) {
        answer(drive, std::move(bytes), command->allocation_length);
        return;
    }
    const auto parameter = static_cast<std::uint8_t>(command->sub_channel_parameter_list);
    if (medium_class(drive) != MediumFamily::Cd || parameter < 1 || parameter > 3) {
        fail(drive, verdicts::kInvalidField);
        return;
    }
    constexpr std::size_t kPosition = 16;
    constexpr std::size_t kCode = 24;
    bytes.resize(parameter == 1 ? kPosition : kCode);
    bytes[3] = static_cast<std::uint8_t>(bytes.size() - 4);
    bytes[4] = parameter;
    if (parameter == 1) {
        bytes[5] = 0x10U | kData;
        bytes[6] = 1;
        bytes[7] = 1;
    }
    answer(drive, std::move(bytes), command->allocation_length);
}

constexpr std::array kCommands{
    CommandEntry{0x42, 10, {.medium = true}, begin_read_sub_channel, nullptr},
    CommandEntry{0x43, 10, {.medium = true}, begin_read_toc, nullptr},
};

}  // namespace

std::span<const CommandEntry> toc_commands() {
    return kCommands;
}

}  // namespace kiln::harness

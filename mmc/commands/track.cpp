#include "mmc/commands/track.h"

#include "mmc/layout.h"

namespace kiln::mmc {
namespace {

constexpr Word kDiscInformationTypes[] = {
    {0, "standard"},
    {1, "track resources"},
    {2, "POW resources"},
};
constexpr Row kReadDiscInformation[] = {
    bits<&ReadDiscInformation::data_type>("data_type", 1, 2, 0, kDiscInformationTypes),
    number<&ReadDiscInformation::allocation_length>("allocation_length", 7, 8),
    number<&ReadDiscInformation::control>("control", 9, 9),
};

constexpr Word kTrackAddressTypes[] = {
    {0, "logical block address"},
    {1, "track number"},
    {2, "session number"},
};
constexpr Row kReadTrackInformation[] = {
    bits<&ReadTrackInformation::open>("open", 1, 2, 2),
    bits<&ReadTrackInformation::address_number_type>("address_number_type", 1, 1, 0,
                                                     kTrackAddressTypes),
    number<&ReadTrackInformation::address_or_number>("logical_block_address_track_session_number",
                                                     2, 5),
    number<&ReadTrackInformation::allocation_length>("allocation_length", 7, 8),
    number<&ReadTrackInformation::control>("control", 9, 9),
};

constexpr Row kReserveTrack[] = {
    bits<&ReserveTrack::recording_management_zone>("rmz", 1, 1, 1),
    bits<&ReserveTrack::address_form>("arsv", 1, 0, 0),
    only_if<&ReserveTrack::address_form>(
        true, number<&ReserveTrack::logical_block_address>("logical_block_address", 2, 5)),
    only_if<&ReserveTrack::address_form>(
        false, number<&ReserveTrack::reservation_size>("reservation_size", 5, 8)),
    number<&ReserveTrack::control>("control", 9, 9),
};

constexpr Row kRepairTrack[] = {
    bits<&RepairTrack::immediate>("immed", 1, 0, 0),
    number<&RepairTrack::track_number>("track_number", 4, 5),
    number<&RepairTrack::control>("control", 9, 9),
};

constexpr Word kCloseFunctions[] = {
    {0, "stop background format"},
    {1, "close track"},
    {2, "close session"},
    {3, "special close session"},
    {5, "finalise with minimal radius"},
    {6, "finalise"},
};
constexpr Row kCloseTrackSession[] = {
    bits<&CloseTrackSession::immediate>("immed", 1, 0, 0),
    bits<&CloseTrackSession::close_function>("close_function", 2, 2, 0, kCloseFunctions),
    number<&CloseTrackSession::logical_track_number>("logical_track_number", 4, 5),
    number<&CloseTrackSession::control>("control", 9, 9),
};

}  // namespace

template <>
constinit const Layout LayoutOf<ReadDiscInformation>::kLayout{"READ DISC INFORMATION", 0x51, 10,
                                                              kReadDiscInformation};
template <>
constinit const Layout LayoutOf<ReadTrackInformation>::kLayout{"READ TRACK INFORMATION", 0x52, 10,
                                                               kReadTrackInformation};
template <>
constinit const Layout LayoutOf<ReserveTrack>::kLayout{"RESERVE TRACK", 0x53, 10, kReserveTrack};
template <>
constinit const Layout LayoutOf<RepairTrack>::kLayout{"REPAIR TRACK", 0x58, 10, kRepairTrack};
template <>
constinit const Layout LayoutOf<CloseTrackSession>::kLayout{"CLOSE TRACK/SESSION", 0x5B, 10,
                                                            kCloseTrackSession};

}  // namespace kiln::mmc

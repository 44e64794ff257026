/// \file
/// Commands about the disc, its sessions and tracks.
///
/// Spec:    MMC-6 r02g, the command of the struct's name; rows in track.cpp

#pragma once

#include <cstdint>

#include "mmc/layout.h"
#include "mmc/lba.h"

namespace kiln::mmc {

enum class DiscInformationType : std::uint8_t {
    Standard = 0,
    TrackResources = 1,
    PowResources = 2
};

/// READ DISC INFORMATION, 51h. Data in.
struct ReadDiscInformation {
    DiscInformationType data_type = DiscInformationType::Standard;
    std::uint32_t allocation_length = 34;
    std::uint8_t control = 0;
    bool operator==(const ReadDiscInformation&) const = default;
};
template <>
const Layout LayoutOf<ReadDiscInformation>::kLayout;

/// What READ TRACK INFORMATION's number is.
enum class TrackAddressType : std::uint8_t { LogicalBlockAddress = 0, Track = 1, Session = 2 };

/// READ TRACK INFORMATION, 52h. Data in. With Track, FFh is the invisible (incomplete) track.
struct ReadTrackInformation {
    bool open = false;  // the open track at or after the one named
    TrackAddressType address_number_type = TrackAddressType::Track;
    /// Logical block address, track or session number; addresses below zero as two's complement.
    std::uint32_t address_or_number = 0;
    std::uint32_t allocation_length = 36;
    std::uint8_t control = 0;
    bool operator==(const ReadTrackInformation&) const = default;
};
template <>
const Layout LayoutOf<ReadTrackInformation>::kLayout;

/// RESERVE TRACK, 53h. No data. Two forms: by size, or by the address after the track.
struct ReserveTrack {
    bool recording_management_zone = false;  // RMZ; with the size form
    bool address_form = false;               // ARSV
    Lba logical_block_address{};             // address form only
    std::uint32_t reservation_size = 0;      // blocks; size form only
    std::uint8_t control = 0;
    bool operator==(const ReserveTrack&) const = default;
};
template <>
const Layout LayoutOf<ReserveTrack>::kLayout;

/// REPAIR TRACK, 58h. No data.
struct RepairTrack {
    bool immediate = false;  // IMMED
    std::uint16_t track_number = 0;
    std::uint8_t control = 0;
    bool operator==(const RepairTrack&) const = default;
};
template <>
const Layout LayoutOf<RepairTrack>::kLayout;

/// What CLOSE TRACK/SESSION closes. What a function does depends on the medium.
enum class CloseFunction : std::uint8_t {
    StopBackgroundFormat = 0,  // DVD+RW, MRW: also called stop long operation
    Track = 1,
    Session = 2,                // border, on DVD+RW: stop formatting with a lead-out
    SpecialSession = 3,         // intermediate border
    FinalizeMinimalRadius = 5,  // DVD+R
    Finalize = 6,               // DVD+R, BD-R
};

/// CLOSE TRACK/SESSION, 5Bh. No data.
struct CloseTrackSession {
    bool immediate = false;  // IMMED
    CloseFunction close_function = CloseFunction::StopBackgroundFormat;
    std::uint16_t logical_track_number = 0;  // with CloseFunction::Track
    std::uint8_t control = 0;
    bool operator==(const CloseTrackSession&) const = default;
};
template <>
const Layout LayoutOf<CloseTrackSession>::kLayout;

}  // namespace kiln::mmc

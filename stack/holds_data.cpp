// Whether somebody may miss what is on a medium: IMAPI2's heuristic for overwritable ones.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "mmc/lba.h"

#include "stack/drive.h"
#include "stack/facts.h"
#include "stack/failure.h"
#include "stack/medium.h"

namespace kiln::stack {
namespace {

constexpr std::uint64_t kLooked = 1024;  // blocks: 2 MB
constexpr std::uint64_t kPiece = 32;

// Each byte is the one before it: a comparison of memory, many times as fast as a loop.
bool all_zeros(const std::vector<std::uint8_t>& bytes) {
    return bytes.empty() ||
           (bytes.front() == 0 && std::equal(bytes.begin() + 1, bytes.end(), bytes.begin()));
}

// Anything but zeros in [first, end). What cannot be read holds nothing that could be missed; a few
// unreadable pieces in a row are taken for an unwritten area, since each may cost seconds.
Result<bool, Failure> anything_in(Drive& drive, std::uint64_t first, std::uint64_t end) {
    constexpr unsigned kPatience = 8;
    // A bridge that takes less in one command is asked more often.
    const std::uint64_t piece =
        std::clamp<std::uint64_t>(drive.transport().limits().max_transfer / kBlockSize, 1, kPiece);
    std::vector<std::uint8_t> buffer(piece * kBlockSize);
    unsigned unreadable = 0;
    for (std::uint64_t at = first; at < end && unreadable < kPatience; at += piece) {
        buffer.resize(static_cast<std::size_t>(std::min(piece, end - at)) * kBlockSize);
        const auto read =
            drive.read_blocks(static_cast<mmc::Lba>(static_cast<std::int64_t>(at)), buffer);
        if (!read) {
            if (!read.error().sense) {
                return tl::make_unexpected(
                    while_doing("looking whether the medium holds data", read.error()));
            }
            ++unreadable;
            continue;
        }
        unreadable = 0;
        if (!all_zeros(buffer)) {
            return true;
        }
    }
    return false;
}

}  // namespace

Result<bool, Failure> holds_data(Drive& drive, const Medium& medium) {
    if (!medium.is_overwritable()) {
        const bool told = std::any_of(medium.tracks.begin(), medium.tracks.end(),
                                      [](const Track& track) { return track.holds_blocks(); });
        const bool unknown = medium.tracks.empty() && !medium.is_blank();
        return told || unknown;
    }
    const auto blocks = static_cast<std::uint64_t>(
        static_cast<std::uint32_t>(medium.readable) != 0 ? medium.readable : medium.capacity);
    if (medium.format_state == FormatState::Unformatted || blocks == 0) {
        return false;
    }
    const auto first_end = std::min(blocks, kLooked);
    KILN_ASSIGN_OR_RETURN(const bool at_start, anything_in(drive, 0, first_end));
    if (at_start) {
        return true;
    }
    return anything_in(drive, std::max(first_end, blocks - std::min(blocks, kLooked)), blocks);
}

}  // namespace kiln::stack

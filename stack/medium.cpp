#include "stack/medium.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "mmc/lba.h"

#include "stack/facts.h"
#include "stack/outcome.h"

namespace kiln::stack {

bool Track::holds_blocks() const {
    // A track whose next address is its first one is open and empty, whatever its blank bit says: a
    // BD-R that was formatted and never written.
    const bool untouched = next_writable && *next_writable <= start;
    return !blank && !untouched && static_cast<std::uint32_t>(size) != 0;
}

bool Medium::has_open_session() const {
    if (is_overwritable() || status != DiscStatus::Appendable) {
        return false;
    }
    if (last_session != SessionState::Damaged) {
        return last_session == SessionState::Incomplete;
    }
    // "Reserved or damaged" is what some drives say of the empty session on an appendable DVD-RW:
    // then nothing is in it.
    return std::any_of(tracks.begin(), tracks.end(), [this](const Track& track) {
        return track.number >= first_track_in_last_session && track.holds_blocks();
    });
}

bool Medium::is_appendable() const {
    if (write_protected || !facts().writable) {
        return false;
    }
    return is_overwritable() || (next_writable && static_cast<std::uint32_t>(free) != 0);
}

const Track* Medium::track(std::uint16_t number) const {
    const auto found = std::find_if(tracks.begin(), tracks.end(), [number](const Track& track) {
        return track.number == number;
    });
    return found == tracks.end() ? nullptr : &*found;
}

const Track* Medium::open_track() const {
    // A reserved track may stand open before the invisible one: the first with an address to write
    // to.
    const auto open = std::find_if(tracks.begin(), tracks.end(), [](const Track& track) {
        return track.next_writable.has_value();
    });
    return open == tracks.end() ? nullptr : &*open;
}

}  // namespace kiln::stack

/// \file
/// A simulated drive that is kept in a folder: one program burns it and the next reads it.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "mmc/bytes.h"
#include "mmc/result.h"

#include "harness/sim/medium_kind.h"
#include "harness/sim/medium_store.h"
#include "harness/sim/sim_address.h"
#include "harness/sim/sim_transport.h"

namespace kiln::harness {

/// What stands in a folder's state file beside the drive's own state.
struct FolderState {
    MediumKind medium = MediumKind::None;
    std::string drive;  // personality
    std::uint32_t block_size = 2048;
    Instant time{};           // the drive's clock when it was put away
    std::string drive_state;  // JSON of the fake drive; empty: as new
};

/// One command since the state was put away.
struct JournalEntry {
    std::vector<std::uint8_t> cdb;
    std::vector<std::uint8_t> sent;  // empty for a command that writes blocks
    std::uint64_t sent_size = 0;
    std::uint64_t received_size = 0;
    Instant start{};
    Instant end{};
};

/// The files:
///
///     kiln-sim.json   format and version, FolderState, generation g; replaced atomically
///     journal.g       the commands since, each with a checksum; a torn last one is ignored
///     blocks          user data, sparse, block n at n * block_size
///     written         one bit per block
///     lock            flock()ed by the one user
///
/// Data reach `blocks` and a command its journal before the host hears of its end. So whatever
/// happens to the process, state + journal is the drive as the host knew it.
///
/// Thread:  one at a time
class SimFolder : public CommandJournal {
public:
    /// Makes a new one; `path` must not exist, or be an empty folder.
    ///
    /// Errors:  Usage where something is there; NotPermitted, Failed
    [[nodiscard]] static mmc::Result<void, SimError> create(const std::string& path,
                                                            const FolderState& state);
    /// Takes the lock and reads everything.
    ///
    /// Errors:  NoSuch, Damaged, InUse, NotPermitted, Failed
    [[nodiscard]] static mmc::Result<std::unique_ptr<SimFolder>, SimError> open(
        const std::string& path);
    /// The state as it was last put away, without the lock: for `kiln sim show`.
    [[nodiscard]] static mmc::Result<FolderState, SimError> peek(const std::string& path);

    [[nodiscard]] virtual const FolderState& state() const = 0;
    /// Commands that a process that was killed left behind; empty after an orderly end.
    [[nodiscard]] virtual const std::vector<JournalEntry>& left_behind() const = 0;
    [[nodiscard]] virtual std::unique_ptr<MediumStore> make_store() = 0;
    /// While the journal is replayed on a drive, the store keeps what is in it: the data of those
    /// commands are there already.
    virtual void set_replaying(bool replaying) = 0;
    /// The journal is long enough that a new put_away() is worth its while.
    [[nodiscard]] virtual bool is_long() const = 0;
    /// Replaces the state and begins an empty journal.
    virtual mmc::Result<void, SimError> put_away(const FolderState& state) = 0;
};

/// Makes a folder with a fresh medium for `kiln sim new`.
[[nodiscard]] mmc::Result<void, SimError> new_sim_folder(const std::string& path, MediumKind medium,
                                                         const std::string& drive);

}  // namespace kiln::harness

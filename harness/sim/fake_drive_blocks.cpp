// Blocks between host and medium, in pieces of any size; and what becomes of them when power goes.

#include <algorithm>

#include "harness/sim/fake_drive_state.h"
#include "harness/sim/media/track_list.h"

namespace kiln::harness {

namespace {

constexpr std::uint32_t kBlock = 2048;
constexpr Verdict kInternalFailure{mmc::SenseKey::HardwareError, 0x4400};

mmc::Lba block_at(const RunningCommand& command, std::uint32_t byte) {
    return mmc::Lba{command.lba + static_cast<std::int32_t>(byte / kBlock)};
}

void put(DriveState& drive, mmc::Lba lba, mmc::ByteView bytes) {
    if (bytes.empty() || drive.store.get() == nullptr) {
        return;
    }
    if (!drive.store.get()->put(lba, bytes)) {
        fail(drive, kInternalFailure);  // the host's own disk is full, say
    }
}

bool only_pretends(const DriveState& drive) {
    return drive.before_simulation.has_value() || drive.before_silence.has_value();
}

}  // namespace

void take_blocks(DriveState& drive, mmc::ByteView out) {
    RunningCommand& command = drive.command;
    out = out.first(std::min<std::size_t>(out.size(), command.bytes - command.moved));
    std::uint32_t at = command.moved;
    command.moved += static_cast<std::uint32_t>(out.size());
    if (only_pretends(drive)) {
        return;
    }
    if (!command.data.empty()) {  // the rest of a block that came in part
        const std::size_t want = std::min(kBlock - command.data.size(), out.size());
        const std::uint32_t start = at - static_cast<std::uint32_t>(command.data.size());
        command.data.insert(command.data.end(), out.begin(),
                            out.begin() + static_cast<std::ptrdiff_t>(want));
        out = out.subspan(want);
        at += static_cast<std::uint32_t>(want);
        if (command.data.size() < kBlock) {
            return;
        }
        put(drive, block_at(command, start), command.data);
        command.data.clear();
    }
    const std::size_t whole = out.size() / kBlock * kBlock;
    put(drive, block_at(command, at), out.first(whole));
    const mmc::ByteView rest = out.subspan(whole);
    command.data.assign(rest.begin(), rest.end());
}

namespace {

/// Blocks from `lba` into `in`; how many could be read.
std::uint32_t get(DriveState& drive, mmc::Lba lba, mmc::MutableByteView in) {
    std::uint32_t done = 0;
    const auto blocks = static_cast<std::uint32_t>(in.size() / kBlock);
    while (done < blocks) {
        const mmc::MutableByteView rest = in.subspan(std::size_t{done} * kBlock);
        std::uint32_t run = blocks - done;
        Stored kind = Stored::NotWritten;
        if (drive.store.get() != nullptr) {
            const auto stored = drive.store.get()->get(
                mmc::Lba{static_cast<std::int32_t>(lba) + static_cast<std::int32_t>(done)}, rest);
            if (!stored || stored->blocks == 0) {
                fail(drive, kInternalFailure);
                return done;
            }
            run = std::min(run, stored->blocks);
            kind = stored->kind;
        }
        if (kind == Stored::DigestOnly) {
            // Written, and only a digest of it kept: the simulation cannot give the bytes back.
            fail(drive, verdicts::kUnrecovered, static_cast<std::uint32_t>(lba) + done);
            return done;
        }
        if (kind == Stored::NotWritten) {
            std::ranges::fill(rest.first(std::size_t{run} * kBlock), std::uint8_t{0});
        }
        done += run;
    }
    return done;
}

}  // namespace

std::size_t give_blocks(DriveState& drive, mmc::MutableByteView in) {
    RunningCommand& command = drive.command;
    std::size_t given = 0;
    while (given < in.size() && command.moved < command.bytes && !command.failed) {
        const mmc::MutableByteView rest = in.subspan(given);
        const std::uint32_t inside = command.moved % kBlock;
        const auto left = std::size_t{command.bytes - command.moved};
        std::size_t size = std::min(rest.size(), left) / kBlock * kBlock;
        if (inside == 0 && size > 0) {
            size = std::size_t{get(drive, block_at(command, command.moved), rest.first(size))} *
                   kBlock;
        } else {
            command.data.resize(kBlock);
            if (get(drive, block_at(command, command.moved), command.data) == 0) {
                break;
            }
            size = std::min({rest.size(), std::size_t{kBlock - inside}, left});
            std::copy_n(command.data.begin() + inside, size, rest.begin());
        }
        given += size;
        command.moved += static_cast<std::uint32_t>(size);
    }
    return given;
}

void lose_buffer(DriveState& drive, Instant now) {
    end_simulation(drive);
    if (!drive.medium) {
        return;
    }
    if (!drive.writing) {
        family_in(drive).cut(*drive.medium, 0, 0);
        return;
    }
    const std::uint64_t bytes = drive.buffer.drop(now);
    auto lost = static_cast<std::uint32_t>((bytes + kBlock - 1) / kBlock);
    const Family& family = family_in(drive);
    if (lost > 0 && family.sequential() && drive.recent_count > 0) {
        const RecentWrite& last = drive.recent[(drive.recent_count - 1) % drive.recent.size()];
        const std::int32_t end = last.lba + static_cast<std::int32_t>(last.count);
        const std::int32_t first = end - static_cast<std::int32_t>(lost);
        family.cut(*drive.medium, end, lost);
        if (drive.store.get() != nullptr && first >= 0) {
            (void)drive.store.get()->discard(mmc::Lba{first}, mmc::BlockCount{lost});
        }
    } else {
        // What the lost WRITEs would have replaced is gone with them: undefined on real media (the
        // last units are), zeros here. The newest first, for as long as the buffer's bytes last.
        std::uint64_t n = drive.recent_count;
        const std::uint64_t oldest = n > drive.recent.size() ? n - drive.recent.size() : 0;
        while (n > oldest && lost > 0) {
            --n;
            const RecentWrite& write = drive.recent[n % drive.recent.size()];
            const std::uint32_t count = std::min(write.count, lost);
            const std::int32_t first = write.lba + static_cast<std::int32_t>(write.count - count);
            if (drive.store.get() != nullptr) {
                (void)drive.store.get()->discard(mmc::Lba{first}, mmc::BlockCount{count});
            }
            lost -= count;
        }
        family.cut(*drive.medium, 0, 0);
    }
    drive.underruns_before += drive.buffer.stops();
    drive.buffer = DriveBuffer();
    drive.writing = false;
    drive.recent_count = 0;
}

void abort_operation(DriveState& drive) {
    using Kind = Operation::Kind;
    RunningOperation& running = drive.running;
    if (!running.active || !drive.medium) {
        running.active = false;
        return;
    }
    running.active = false;
    Medium& medium = *drive.medium;
    switch (running.operation.kind) {
        case Kind::CloseSession:
        case Kind::Finalize:
            // Half a lead-in, half a lead-out: nobody can read on from it, or write on.
            medium.last_session = SessionState::Damaged;
            for (Track& track : medium.tracks) {
                track.damaged = !track.closed;
            }
            break;
        case Kind::Blank:
            medium.last_session = SessionState::Damaged;
            medium.status = DiscStatus::Incomplete;
            medium.tracks = {Track{.size = medium.capacity, .damaged = true}};
            break;
        case Kind::Format:
        case Kind::BackgroundFormat:
            if (family_in(drive).erasable() && !family_in(drive).sequential()) {
                medium.format = FormatState::Unformatted;
                medium.background = BackgroundFormat::None;
                medium.status = DiscStatus::Empty;
                medium.last_session = SessionState::Empty;
                medium.formatted = 0;
            }
            break;
        default:
            break;
    }
}

}  // namespace kiln::harness

// Spoiled: the bytes on the medium, the disc's state, the drive as it is left.

#include <array>
#include <cstdint>
#include <vector>

#include "harness/sim/medium_store.h"
#include "harness/testing/checkers/spoiled.h"

namespace kiln::harness {
namespace {

/// Somebody writes `count` blocks of `value` where the job has written, or beside it.
void overwrite(Evidence& it, std::int32_t lba, std::uint16_t count, std::uint8_t value) {
    tamper(it, write_cdb(lba, count), std::vector<std::uint8_t>(std::size_t{count} * 2048, value));
}

/// The disc that another good run left.
void exchange(Evidence& it, Good other) {
    it.after = good_run(other).after;
}

void damage(Evidence& it) {
    Medium medium = *it.after->view().medium;
    medium.tracks.front().damaged = true;
    it.after->insert_ready(medium, make_memory_store(), it.ended);
}

constexpr std::array kSpoiled = {
    Spoiled{"bytes/written", Good::Ram, "a block in the middle is overwritten",
            [](Evidence& it) { overwrite(it, 48, 16, 0x55); }},
    Spoiled{"bytes/written", Good::Bd, "another source's bytes", [](Evidence& it) { ++it.seed; }},
    Spoiled{"bytes/written", Good::Bd, "an empty disc", [](Evidence& it) { it.after = it.before; }},
    Spoiled{"bytes/written", Good::BdFastest, "more is reported than was written",
            [](Evidence& it) { it.report->written_blocks += 1; }},
    Spoiled{"bytes/written", Good::BdEmergency, "a block that was kept is wrong",
            [](Evidence& it) { ++it.seed; }},
    Spoiled{"bytes/written", Good::Section, "a section's bytes are others",
            [](Evidence& it) { ++it.seed; }},
    Spoiled{"bytes/filler", Good::Ram, "data in the padding of an ECC block",
            [](Evidence& it) { overwrite(it, 96, 16, 0x55); }},
    Spoiled{"bytes/filler", Good::CdReadable, "data in the padding of a track",
            [](Evidence& it) { it.report->written_blocks -= 1; }},
    Spoiled{"bytes/nothing-else", Good::Ram, "a write behind the section",
            [](Evidence& it) { overwrite(it, 128, 16, 0x55); }},
    Spoiled{"bytes/nothing-else", Good::Ram, "a write right behind it",
            [](Evidence& it) { overwrite(it, 112, 16, 0); }},
    Spoiled{"bytes/whole", Good::Bd, "the last cluster is not filled up",
            [](Evidence& it) { it.commands[nth(it, checks::Act::Write, 3)].cdb[8] = 4; }},
    Spoiled{"bytes/whole", Good::CdReadable, "a track of less than 300 blocks",
            [](Evidence& it) { it.commands[checks::Run(it).last_write].cdb[8] -= 1; }},

    Spoiled{"disc/predicted", Good::Bd, "a session too many is predicted",
            [](Evidence& it) { ++it.report->predicted.disc.sessions; }},
    Spoiled{"disc/predicted", Good::BdFastest, "fewer blocks are predicted",
            [](Evidence& it) {
                it.report->predicted.least_user_blocks = 0;
                it.report->predicted.most_user_blocks = 1;
            }},
    Spoiled{"disc/foretold", Good::BdFastest, "another state was foretold",
            [](Evidence& it) {
                it.cancels.front().predicted = it.report->predicted;
                it.cancels.front().predicted->disc.status = stack::DiscStatus::Complete;
            }},
    Spoiled{"disc/foretold", Good::CdReadable, "more blocks were foretold",
            [](Evidence& it) {
                it.cancels.front().predicted = it.report->predicted;
                it.cancels.front().predicted->least_user_blocks = 1000;
                it.cancels.front().predicted->most_user_blocks = 1000;
            }},
    Spoiled{"disc/reported", Good::Bd, "a track too many is reported",
            [](Evidence& it) { ++it.report->disc.tracks; }},
    Spoiled{"disc/reported", Good::Cd, "blank is reported",
            [](Evidence& it) { it.report->disc.status = stack::DiscStatus::Blank; }},
    Spoiled{"disc/session", Good::BdFastest, "it is closed",
            [](Evidence& it) { exchange(it, Good::Bd); }},
    Spoiled{"disc/session", Good::Bd, "it is open",
            [](Evidence& it) { exchange(it, Good::BdFastest); }},
    Spoiled{"disc/session", Good::CdEscalated, "it is closed behind the second request",
            [](Evidence& it) { exchange(it, Good::CdReadable); }},
    Spoiled{"disc/session", Good::CdReadable, "it is open, and nobody asked for that",
            [](Evidence& it) { exchange(it, Good::CdEscalated); }},
    Spoiled{"disc/damaged", Good::Bd, "a track is damaged", damage},

    Spoiled{"drive/unlocked", Good::Bd, "the tray is locked",
            [](Evidence& it) { tamper(it, {0x1E, 0, 0, 0, 1, 0}); }},
    Spoiled{"drive/unlocked", Good::BdEmergency, "the tray is locked",
            [](Evidence& it) { tamper(it, {0x1E, 0, 0, 0, 1, 0}); }},
    Spoiled{"drive/ready", Good::BdFastest, "the tray is open",
            [](Evidence& it) { it.after->press_eject(it.ended); }},
    Spoiled{"drive/buffer", Good::Ram, "a WRITE is not flushed",
            [](Evidence& it) { overwrite(it, 96, 16, 0); }},
    Spoiled{"drive/sense", Good::BdFastest, "the drive was reset",
            [](Evidence& it) { it.after->reset(Reset::Device, it.ended); }},
    Spoiled{"drive/idle", Good::Ram, "a flush is running",
            [](Evidence& it) {
                overwrite(it, 96, 16, 0);
                tamper(it, {0x35, 2, 0, 0, 0, 0, 0, 0, 0, 0});
            }},
    Spoiled{"drive/access", Good::SectionCancelled, "access is still held",
            [](Evidence& it) { it.exclusive_access_held = true; }},
};

}  // namespace

std::span<const Spoiled> spoiled_media() {
    return kSpoiled;
}

}  // namespace kiln::harness

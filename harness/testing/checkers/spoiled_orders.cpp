// Spoiled: the order of commands, and what was made of answers.

#include <array>
#include <utility>

#include "transports/error.h"
#include "transports/transport.h"

#include "harness/testing/checkers/spoiled.h"

namespace kiln::harness {
namespace {

using checks::Act;
using checks::Run;

const std::vector<std::uint8_t> kModeSelect = {0x55, 0x10, 0, 0, 0, 0, 0, 0, 60, 0};
const std::vector<std::uint8_t> kSetSpeed = {0xBB, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0};
const std::vector<std::uint8_t> kBlank = {0xA1, 0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
const std::vector<std::uint8_t> kSynchronize = {0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0};

void reset_at(Evidence& it, std::size_t commands_before) {
    it.resets.push_back({.rung = transports::Rung::ResetDevice,
                         .at = it.commands.at(commands_before - 1).end,
                         .commands_before = commands_before});
}

/// The second WRITE ended so, and is sent again.
std::size_t repeat_second_write(Evidence& it) {
    const std::size_t second = nth(it, Act::Write, 1);
    put_before(it, second, it.commands[second].cdb);
    return second;
}

/// What is asked behind this command, until something else is sent.
void drop_polls_behind(Evidence& it, std::size_t index) {
    for (Act act = Act::Poll; index + 1 < it.commands.size();) {
        act = Run(it).commands[index + 1].act;
        if (act != Act::Poll && act != Act::ReadState) {
            return;
        }
        drop(it, index + 1);
    }
}

constexpr std::array kOrders = {
    Spoiled{"order/addresses", Good::Bd, "a gap",
            [](Evidence& it) { it.commands[nth(it, Act::Write, 1)].cdb[5] += 32; }},
    Spoiled{"order/addresses", Good::Cd, "the same again",
            [](Evidence& it) {
                const std::size_t first = nth(it, Act::Write);
                put_before(it, first, it.commands[first].cdb);
            }},
    Spoiled{"order/addresses", Good::Section, "backwards",
            [](Evidence& it) { std::swap(it.commands[1].cdb, it.commands[2].cdb); }},
    Spoiled{"order/flush", Good::Bd, "no flush before CLOSE",
            [](Evidence& it) { drop_all(it, Act::Synchronize); }},
    Spoiled{"order/track-first", Good::Bd, "no CLOSE 1 before CLOSE 2",
            [](Evidence& it) { drop(it, close_of(it, 1)); }},
    Spoiled{"order/track-first", Good::DvdTest, "not even tried of a test write",
            [](Evidence& it) {
                // A drive without IMMED is asked twice.
                for (auto i = close_of(it, 1); i != Run::npos; i = close_of(it, 1)) {
                    drop(it, i);
                }
            }},
    Spoiled{"order/after-flush", Good::Bd, "a WRITE between flush and close",
            [](Evidence& it) { put_before(it, close_of(it, 1), write_cdb(128, 32)); }},
    Spoiled{"order/prepared", Good::Cd, "MODE SELECT in the middle of writing",
            [](Evidence& it) { put_before(it, nth(it, Act::Write, 2), kModeSelect); }},
    Spoiled{"order/prepared", Good::Bd, "SET CD SPEED there",
            [](Evidence& it) { put_before(it, nth(it, Act::Write, 2), kSetSpeed); }},
    Spoiled{"order/running", Good::Bd, "nobody waits for the flush",
            [](Evidence& it) { drop_polls_behind(it, nth(it, Act::Synchronize)); }},
    Spoiled{"order/running", Good::BdFastest, "only TEST UNIT READY is asked",
            [](Evidence& it) {
                std::size_t i = nth(it, Act::Synchronize);
                while (Run(it).commands[i].act != Act::Allow) {
                    i = Run(it).commands[i].act == Act::ReadState ? (drop(it, i), i) : i + 1;
                }
            }},
    Spoiled{"order/locked", Good::Bd, "nothing locks the tray",
            [](Evidence& it) { drop_all(it, Act::Prevent); }},
    Spoiled{"order/unlocked", Good::Bd, "nothing unlocks it",
            [](Evidence& it) { drop_all(it, Act::Allow); }},
    Spoiled{"order/unlocked", Good::CdReadable, "it is unlocked before the session is closed",
            [](Evidence& it) { put_before(it, close_of(it, 2), {0x1E, 0, 0, 0, 0, 0}); }},
    Spoiled{"order/reset", Good::Bd, "a flush that a reset may cut off",
            [](Evidence& it) { it.commands[nth(it, Act::Synchronize)].never_reset = false; }},
    Spoiled{"order/reset", Good::Bd, "a reset while the session is closed",
            [](Evidence& it) { reset_at(it, close_of(it, 2) + 1); }},
    Spoiled{"order/reset", Good::CdReadable, "a reset of a flush that does not answer",
            [](Evidence& it) {
                const std::size_t flush = nth(it, Act::Synchronize);
                it.commands[flush].broken = transports::TransportError::Kind::TimedOut;
                reset_at(it, flush + 1);
            }},
    Spoiled{"order/medium", Good::Bd, "mode page 05h on a BD-R",
            [](Evidence& it) { put_before(it, nth(it, Act::Write), kModeSelect); }},
    Spoiled{"order/medium", Good::Cd, "BLANK on a CD-R",
            [](Evidence& it) { put_before(it, nth(it, Act::Write), kBlank); }},
    Spoiled{"order/medium", Good::Cd, "CLOSE 6 on a CD-R",
            [](Evidence& it) { it.commands[close_of(it, 2)].cdb[2] = 6; }},
    Spoiled{"order/stage-4", Good::Section, "the write engine flushes",
            [](Evidence& it) { put_before(it, it.commands.size(), kSynchronize); }},
    Spoiled{"order/stage-4", Good::Section, "it sets the speed",
            [](Evidence& it) { put_before(it, 0, kSetSpeed); }},
    Spoiled{"order/flushed", Good::BdFastest, "nothing is flushed",
            [](Evidence& it) { drop_all(it, Act::Synchronize); }},
    Spoiled{"order/flushed", Good::CdReadable, "the flush was refused",
            [](Evidence& it) { answer(it, nth(it, Act::Synchronize), 0x052400); }},
    Spoiled{"order/readable", Good::CdReadable, "the session is not closed",
            [](Evidence& it) { drop_all(it, Act::Close); }},
};

constexpr std::array kRetries = {
    Spoiled{"retry/attention", Good::Bd, "the same WRITE after 6/29/00",
            [](Evidence& it) { answer(it, repeat_second_write(it), 0x062900); }},
    Spoiled{"retry/attention", Good::Section, "the same after 6/28/00",
            [](Evidence& it) { answer(it, repeat_second_write(it), 0x062800); }},
    Spoiled{"retry/silence", Good::Cd, "the same WRITE after a time-out",
            [](Evidence& it) {
                it.commands[repeat_second_write(it)].broken =
                    transports::TransportError::Kind::TimedOut;
            }},
    Spoiled{"retry/busy", Good::Bd, "a flush with 2/04/08 is taken as done",
            [](Evidence& it) {
                const std::size_t flush = nth(it, Act::Synchronize);
                drop_polls_behind(it, flush);
                answer(it, flush, 0x020408);
            }},
    Spoiled{"retry/busy", Good::BdLateEmergency, "so is one that ended before the emergency",
            [](Evidence& it) {
                const std::size_t flush = nth(it, Act::Synchronize);
                const std::size_t commands = it.commands.size();
                drop_polls_behind(it, flush);
                it.cancels.front().commands_before -= commands - it.commands.size();
                answer(it, flush, 0x020408);
            }},
    Spoiled{"retry/busy", Good::CdReadable, "a close with 2/04/07 is taken as done",
            [](Evidence& it) {
                const std::size_t close = close_of(it, 2);
                drop_polls_behind(it, close);
                answer(it, close, 0x020407);
            }},
};

}  // namespace

std::span<const Spoiled> spoiled_orders() {
    return kOrders;
}

std::span<const Spoiled> spoiled_retries() {
    return kRetries;
}

}  // namespace kiln::harness

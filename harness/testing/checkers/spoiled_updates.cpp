// Spoiled: when Updates came, and what they said.

#include <algorithm>
#include <array>
#include <chrono>

#include "harness/testing/checkers/spoiled.h"

namespace kiln::harness {
namespace {

using checks::Run;

void drop_updates_before_writing(Evidence& it) {
    const std::size_t first = Run(it).first_write;
    std::erase_if(it.updates,
                  [first](const UpdateSeen& update) { return update.commands_before <= first; });
}

void drop_updates_after_writing(Evidence& it) {
    const std::size_t last = Run(it).last_write;
    std::erase_if(it.updates,
                  [last](const UpdateSeen& update) { return update.commands_before > last; });
}

/// The one that came last, again.
void repeat_the_last(Evidence& it) {
    it.updates.push_back(it.updates.back());
}

stack::Progress& last(Evidence& it) {
    return it.updates.back().progress;
}

constexpr std::array kSpoiled = {
    Spoiled{"update/before", Good::Bd, "none before the first WRITE", drop_updates_before_writing},
    Spoiled{"update/before", Good::Cd, "it says that something is written",
            [](Evidence& it) {
                for (UpdateSeen& update : it.updates) {
                    update.progress.last_written_lba += 1;
                }
            }},
    Spoiled{"update/after", Good::Bd, "none after the last WRITE", drop_updates_after_writing},
    Spoiled{"update/after", Good::BdFastest, "two of them", repeat_the_last},
    Spoiled{"update/frame", Good::Section, "two after it", repeat_the_last},
    Spoiled{"update/frame", Good::Section, "two before it",
            [](Evidence& it) { it.updates.insert(it.updates.begin(), it.updates.front()); }},
    Spoiled{"update/frame", Good::Section, "none before it",
            [](Evidence& it) { it.updates.front().commands_before = 1; }},
    Spoiled{"update/frame", Good::SectionCancelled, "none after it",
            [](Evidence& it) { it.updates.pop_back(); }},
    Spoiled{"update/frame", Good::Section, "the first says StartLba",
            [](Evidence& it) { it.updates.front().progress.last_written_lba = 0; }},
    Spoiled{"update/interval", Good::Bd, "one is missing",
            [](Evidence& it) { it.updates.erase(it.updates.begin() + 1, it.updates.end() - 1); }},
    Spoiled{"update/interval", Good::Section, "the last is late",
            [](Evidence& it) { it.updates.back().at += std::chrono::milliseconds(600); }},
    Spoiled{"update/monotone", Good::Bd, "more written than read",
            [](Evidence& it) { last(it).last_read_lba = last(it).last_written_lba - 1; }},
    Spoiled{"update/monotone", Good::Bd, "it goes back",
            [](Evidence& it) { last(it).last_written_lba -= 1; }},
    Spoiled{"update/buffer", Good::Bd, "used and free are too much",
            [](Evidence& it) { last(it).used_system_buffer += 1; }},
    Spoiled{"update/buffer", Good::Section, "or too little",
            [](Evidence& it) { last(it).free_system_buffer -= 1; }},
    Spoiled{"update/section", Good::Bd, "read behind the section",
            [](Evidence& it) { last(it).last_read_lba += 1000; }},
    Spoiled{"update/section", Good::Section, "another StartLba",
            [](Evidence& it) { last(it).start_lba += 1; }},
    Spoiled{"update/accepted", Good::Bd, "it runs ahead of the drive",
            [](Evidence& it) { it.updates.front().progress.last_written_lba = 31; }},
    Spoiled{"update/accepted", Good::Section, "it lags behind the drive",
            [](Evidence& it) { last(it).last_written_lba -= 32; }},
};

}  // namespace

std::span<const Spoiled> spoiled_updates() {
    return kSpoiled;
}

}  // namespace kiln::harness

#include "harness/testing/explore/alike_polls.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace kiln::harness {
namespace {

using transports::Duration;
using transports::Instant;

constexpr std::uint8_t kTestUnitReady = 0x00;
/// Asked behind it: REQUEST SENSE, GET EVENT STATUS NOTIFICATION, READ DISC INFORMATION.
constexpr std::array<std::uint8_t, 3> kAskedBehind = {0x03, 0x4A, 0x51};

/// Rounds at either end of a stretch that are looked at.
constexpr std::size_t kAtAnEnd = 2;

struct Round {
    std::size_t first = 0;
    std::size_t end = 0;  // one behind
    Duration pause{};     // before what comes next
};

std::uint8_t opcode(const SentCommand& sent) {
    return sent.cdb.empty() ? std::uint8_t{0xFF} : sent.cdb[0];
}

bool is_asked_behind(const SentCommand& sent) {
    return std::find(kAskedBehind.begin(), kAskedBehind.end(), opcode(sent)) != kAskedBehind.end();
}

std::vector<Round> rounds_of(const std::vector<SentCommand>& commands, Instant ended) {
    std::vector<Round> rounds;
    for (std::size_t i = 0; i < commands.size();) {
        Round round{.first = i, .end = i + 1, .pause = {}};
        if (opcode(commands[i]) == kTestUnitReady) {
            while (round.end < commands.size() && is_asked_behind(commands[round.end])) {
                ++round.end;
            }
            const Instant next = round.end < commands.size() ? commands[round.end].start : ended;
            round.pause = next - commands[round.end - 1].end;
            rounds.push_back(round);
        }
        i = round.end;
    }
    return rounds;
}

bool are_alike(const SentCommand& a, const SentCommand& b) {
    return a.cdb == b.cdb && a.end - a.start == b.end - b.start && a.status == b.status &&
           a.sense == b.sense && a.deferred == b.deferred && a.moved == b.moved &&
           a.injected == b.injected && a.broken == b.broken;
}

/// `b` follows `a` at once, and is the same again.
bool are_alike(const Round& a, const Round& b, const std::vector<SentCommand>& commands) {
    if (a.end != b.first || a.end - a.first != b.end - b.first || a.pause != b.pause) {
        return false;
    }
    return std::equal(commands.begin() + static_cast<std::ptrdiff_t>(a.first),
                      commands.begin() + static_cast<std::ptrdiff_t>(a.end),
                      commands.begin() + static_cast<std::ptrdiff_t>(b.first),
                      [](const auto& one, const auto& other) { return are_alike(one, other); });
}

}  // namespace

std::vector<bool> looked_at(const std::vector<SentCommand>& commands, Instant ended) {
    std::vector<bool> looked(commands.size(), true);
    const std::vector<Round> rounds = rounds_of(commands, ended);
    for (std::size_t first = 0; first < rounds.size();) {
        std::size_t last = first;
        while (last + 1 < rounds.size() && are_alike(rounds[last], rounds[last + 1], commands)) {
            ++last;
        }
        const std::size_t middle = first + (last - first) / 2;
        for (std::size_t i = first + kAtAnEnd; i + kAtAnEnd <= last; ++i) {
            for (std::size_t at = rounds[i].first; at < rounds[i].end && i != middle; ++at) {
                looked[at] = false;
            }
        }
        first = last + 1;
    }
    return looked;
}

}  // namespace kiln::harness

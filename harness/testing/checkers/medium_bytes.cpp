// Which bytes are on the fake medium: those that were reported written, and no others.

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include <fmt/format.h>

#include "mmc/bytes.h"
#include "mmc/lba.h"

#include "harness/sim/medium_store.h"
#include "harness/testing/checkers/demands.h"
#include "harness/testing/generated_source.h"

namespace kiln::harness::checks {
namespace {

constexpr std::size_t kBlock = 2048;
/// Blocks before and behind the job's own that are compared with what was there before.
constexpr std::int64_t kAround = 64;
/// Patterns are remembered up to here: a run of the explorer is far shorter.
constexpr std::size_t kRemembered = 4096 * kBlock;

using Block = std::array<std::uint8_t, kBlock>;
constexpr Block kZeros{};

/// The pattern of one seed, made once for many runs.
class Pattern {
public:
    /// Block `index`; what lies behind `size` bytes is zeros. Good until the next call.
    mmc::ByteView block(std::uint64_t seed, std::uint64_t index, std::uint64_t size) {
        const std::uint64_t first = index * kBlock;
        if (first + kBlock > kRemembered || first + kBlock > size) {
            one_.fill(0);
            const auto count = std::min<std::uint64_t>(kBlock, size - std::min(size, first));
            fill_pattern(seed, first, mmc::MutableByteView(one_).first(count));
            return one_;
        }
        if (seed != seed_ || first + kBlock > bytes_.size()) {
            seed_ = seed;
            bytes_.resize(std::max<std::size_t>(bytes_.size(), (index / 64 + 1) * 64 * kBlock));
            fill_pattern(seed, 0, bytes_);
        }
        return mmc::ByteView(bytes_).subspan(first, kBlock);
    }

private:
    std::uint64_t seed_ = 0;
    std::vector<std::uint8_t> bytes_;
    Block one_{};
};

/// What is at `lba` of `store`: null where nothing was ever written.
const Block* read(const MediumStore& store, std::int64_t lba, Block& buffer) {
    if (lba < 0) {
        return nullptr;
    }
    const auto run = store.get(mmc::Lba{static_cast<std::int32_t>(lba)}, buffer);
    return run && run->kind == Stored::Data ? &buffer : nullptr;
}

Match compare(const MediumStore& store, std::int64_t lba, mmc::ByteView bytes) {
    const auto match = store.matches(mmc::Lba{static_cast<std::int32_t>(lba)}, bytes);
    return match ? *match : Match::Unknown;
}

/// Blocks of data that the job says the drive took.
std::uint64_t reported(const Run& run) {
    if (run.evidence->report) {
        return run.evidence->report->written_blocks;
    }
    if ((run.where & kImapi) != 0 && (run.where & kCompleted) != 0) {
        return run.wanted;
    }
    if (run.evidence->updates.empty()) {
        return 0;
    }
    const auto& last = run.evidence->updates.back().progress;
    return static_cast<std::uint64_t>(
        std::max<std::int64_t>(0, last.last_written_lba + 1 - run.start));
}

/// Something happened that costs what the drive held, and the drive or the engine said so.
bool may_have_lost_data(const Run& run) {
    if ((run.where & (kEmergency | kLost)) != 0 || !run.evidence->resets.empty()) {
        return true;
    }
    return std::any_of(run.evidence->commands.begin(), run.evidence->commands.end(),
                       [](const SentCommand& sent) {
                           return has_sense(sent, 3) || has_sense(sent, 4) || sent.deferred ||
                                  has_sense(sent, 0xB);
                       });
}

/// A GOOD that the drive never gave.
bool was_lied_to(const Run& run, std::uint64_t block) {
    const auto lba = std::int64_t{run.start} + static_cast<std::int64_t>(block);
    for (std::size_t i = 0; i < run.commands.size(); ++i) {
        const SeenCommand& it = run.commands[i];
        if (it.act == Act::Write && it.good && run.evidence->commands[i].injected &&
            lba >= it.lba && lba < std::int64_t{it.lba} + it.blocks) {
            return true;
        }
    }
    return false;
}

bool is_test_write(const Run& run) {
    return run.evidence->options.simulate;
}

bool same_as_before(const Run& run, std::int64_t lba, const Block* now) {
    Block buffer;
    const Block* const was =
        run.before.store == nullptr ? nullptr : read(*run.before.store, lba, buffer);
    return was == nullptr || now == nullptr ? was == now : *was == *now;
}

/// BLANK and FORMAT UNIT may empty all of the disc.
bool was_emptied(const Run& run) {
    return std::any_of(run.commands.begin(), run.commands.end(), [](const SeenCommand& it) {
        return it.act == Act::Blank || it.act == Act::Format;
    });
}

Found changed(const Run& run, std::int64_t first, std::int64_t end, bool emptied) {
    for (std::int64_t lba = std::max<std::int64_t>(0, first); lba < end; ++lba) {
        Block buffer;
        const Block* const now = read(*run.after.store, lba, buffer);
        if ((now == nullptr && emptied) || same_as_before(run, lba, now)) {
            continue;
        }
        return fmt::format("block {} was changed, and the job's are {} to {}", lba, run.start,
                           std::int64_t{run.start} + static_cast<std::int64_t>(run.accepted) - 1);
    }
    return {};
}

}  // namespace

Found written_is_on_the_medium(const Run& run) {
    if (run.after.store == nullptr || is_test_write(run)) {
        return {};
    }
    static thread_local Pattern pattern;
    const bool lossy = may_have_lost_data(run);
    const std::uint64_t bytes =
        (run.where & kImapi) != 0 ? run.wanted * kBlock : run.evidence->source_bytes;
    const std::uint64_t blocks = reported(run);
    for (std::uint64_t i = 0; i < blocks; ++i) {
        const std::int64_t lba = std::int64_t{run.start} + static_cast<std::int64_t>(i);
        const Match match =
            compare(*run.after.store, lba, pattern.block(run.evidence->seed, i, bytes));
        if (match == Match::Equal || match == Match::Unknown) {
            continue;
        }
        const bool missing = match == Match::NotWritten;
        Block buffer;
        const bool as_before = same_as_before(run, lba, read(*run.after.store, lba, buffer));
        if (((missing || as_before) && lossy) || was_lied_to(run, i)) {
            continue;
        }
        return fmt::format("{} blocks are reported written, but block {} of them (lba {}) {}",
                           blocks, i, lba, missing ? "is not on the medium" : "has other bytes");
    }
    return {};
}

/// A source that failed may have left a block half filled: nobody promised its bytes.
Found filler_is_zeros(const Run& run) {
    if (run.after.store == nullptr || is_test_write(run) || run.evidence->source_failed) {
        return {};
    }
    for (std::uint64_t i = reported(run); i < run.accepted; ++i) {
        const std::int64_t lba = std::int64_t{run.start} + static_cast<std::int64_t>(i);
        const Match match = compare(*run.after.store, lba, kZeros);
        if (match == Match::Differs && !was_lied_to(run, i)) {
            return fmt::format("block {} (lba {}) fills up the track, and is not zeros", i, lba);
        }
    }
    return {};
}

Found nothing_else_is_written(const Run& run) {
    if (run.after.store == nullptr || run.before.store == nullptr) {
        return {};
    }
    const std::int64_t start = run.start;
    std::int64_t end = start + static_cast<std::int64_t>(is_test_write(run) ? 0 : run.accepted);
    // Of a WRITE that failed, or was given up, a part may be there.
    for (std::size_t i = 0; i < run.commands.size() && !is_test_write(run); ++i) {
        const SeenCommand& it = run.commands[i];
        if (it.act == Act::Write && !it.good && it.lba <= end) {
            end = std::max(end, std::int64_t{it.lba} + it.blocks);
        }
    }
    const bool emptied = was_emptied(run);
    if (auto found = changed(run, start - kAround, start, emptied)) {
        return found;
    }
    return changed(run, end, end + kAround, emptied);
}

}  // namespace kiln::harness::checks

/// \file
/// kiln read: a disc into a file, going on where an earlier call ended.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "stack/read_disc.h"

#include "tools/kiln/console.h"
#include "tools/kiln/drive_session.h"
#include "tools/kiln/read_target.h"
#include "tools/kiln/units.h"
#include "tools/kiln/verbs.h"

namespace kiln::tools {
namespace {

constexpr std::string_view kDoing = "reading the disc";

std::int64_t number(mmc::Lba lba) {
    return static_cast<std::int32_t>(lba);
}

mmc::Lba plus(mmc::Lba lba, std::uint64_t blocks) {
    return static_cast<mmc::Lba>(number(lba) + static_cast<std::int64_t>(blocks));
}

std::int64_t end_of(const stack::BlockExtent& extent) {
    return number(extent.first) + static_cast<std::int64_t>(extent.blocks);
}

/// What is read, and which block of the file each stands in: block n is `first` + n, and what lies
/// between two extents is zeros.
struct Range {
    std::vector<stack::BlockExtent> extents;

    [[nodiscard]] mmc::Lba first() const { return extents.front().first; }
    [[nodiscard]] std::uint64_t blocks() const {
        return static_cast<std::uint64_t>(end_of(extents.back()) - number(first()));
    }
    [[nodiscard]] bool has(mmc::Lba lba) const {
        return std::any_of(extents.begin(), extents.end(), [lba](const auto& extent) {
            return number(lba) >= number(extent.first) && number(lba) < end_of(extent);
        });
    }
};

Result<Range, Problem> choose_range(stack::Drive& drive, const ReadArguments& arguments) {
    const auto problem = [](const stack::Failure& failure) {
        return problem_from(std::string(kDoing), failure);
    };
    auto medium = stack::detect_medium(drive);
    if (!medium) {
        return tl::make_unexpected(problem(medium.error()));
    }
    const auto alone = [](const stack::BlockExtent& extent) { return Range{{extent}}; };
    if (arguments.blocks) {
        return alone({static_cast<mmc::Lba>(arguments.blocks->first), arguments.blocks->count});
    }
    if (arguments.track) {
        return stack::track_extent(drive, *medium, *arguments.track).map(alone).map_error(problem);
    }
    return stack::recorded_extents(drive, *medium)
        .map([](const stack::RecordedExtents& recorded) { return Range{recorded.extents}; })
        .map_error(problem);
}

/// What the file holds must be the beginning of what is read: its first and last block are
/// compared.
Result<void, Problem> check_held(stack::Drive& drive, const Range& range,
                                 const ReadTarget& target) {
    const std::uint64_t held = target.held_blocks();
    const std::string doing = "going on with " + target.name();
    if (held > range.blocks()) {
        return tl::make_unexpected(
            host_problem(doing, fmt::format("it holds {} blocks already, more than the {} to read",
                                            held, range.blocks())));
    }
    if (held == 0) {
        return {};
    }
    for (const std::uint64_t index : {std::uint64_t{0}, held - 1}) {
        KILN_ASSIGN_OR_RETURN(const std::vector<std::uint8_t> kept, target.held_block(index));
        const mmc::Lba lba = plus(range.first(), index);
        std::vector<std::uint8_t> block(stack::kBlockSize);
        if (range.has(lba)) {
            if (const auto read = drive.read_blocks(lba, block); !read) {
                return tl::make_unexpected(problem_from(std::string(kDoing), read.error()));
            }
        }
        if (block != kept) {
            return tl::make_unexpected(host_problem(
                doing,
                fmt::format("its block {} is not what is on the disc at {}", index, number(lba))));
        }
    }
    return {};
}

/// A read that is under way, from where the file ends.
struct Reading {
    const Context& context;
    DriveSession& session;
    const Range& range;
    ReadTarget& target;
};

/// Reads `extent`, which begins `before` blocks behind the range's first.
stack::ReadResult read_extent(const Reading& reading, const stack::BlockExtent& extent,
                              std::uint64_t before) {
    constexpr std::size_t kMost = 65536;
    const std::size_t transfer = std::min(reading.session.transport().limits().max_transfer, kMost);
    const transports::Instant start = reading.session.clock().now();
    const stack::ReadJob job{
        .extent = extent,
        .blocks_per_read =
            static_cast<std::uint32_t>(std::max<std::size_t>(transfer / stack::kBlockSize, 1)),
        .stop = [&reading] { return reading.session.stop().requested(); },
        .progress =
            [&](std::uint64_t done, std::uint64_t /*all*/) {
                reading.context.reporter.on_read(
                    {.done_blocks = before + done,
                     .all_blocks = reading.range.blocks(),
                     .elapsed = reading.session.clock().now() - start});
            },
    };
    return stack::read_disc(reading.session.drive(), job, reading.target);
}

/// What came, counted from the range's first block: gaps before it too.
stack::ReadResult read_rest(const Reading& reading) {
    stack::ReadResult all;
    all.blocks = reading.target.held_blocks();
    for (const stack::BlockExtent& extent : reading.range.extents) {
        const auto begin =
            static_cast<std::uint64_t>(number(extent.first) - number(reading.range.first()));
        if (begin + extent.blocks <= all.blocks) {
            continue;
        }
        if (begin > all.blocks) {
            if (const auto filled = reading.target.take_zeros(begin - all.blocks); !filled) {
                all.failure = filled.error();
                return all;
            }
            all.blocks = begin;
        }
        const std::uint64_t skip = all.blocks - begin;
        const stack::ReadResult result =
            read_extent(reading, {plus(extent.first, skip), extent.blocks - skip}, all.blocks);
        all.blocks += result.blocks;
        all.failure = result.failure;
        all.stopped = result.stopped || (result.failure && reading.session.stop().requested());
        if (all.failure || all.stopped) {
            break;
        }
    }
    return all;
}

ExitStatus ended(const Context& context, const ReadArguments& arguments, const Reading& reading,
                 const stack::ReadResult& result) {
    const std::uint64_t held = reading.target.held_blocks();
    const std::uint64_t blocks = result.blocks;
    JsonObject details;
    details.set("file", arguments.file)
        .set("first_lba", number(reading.range.first()))
        .set("blocks", blocks)
        .set("kept_blocks", held)
        .set("bytes", blocks * stack::kBlockSize);
    const std::string kept = fmt::format("{} of {} blocks are in {}", blocks,
                                         reading.range.blocks(), reading.target.name());
    if (result.stopped) {
        Problem problem = host_problem("", fmt::format("cancelled: {}", kept));
        problem.status = ExitStatus::Cancelled;
        problem.code = stack::HResult::RequestCancelled;
        return context.reporter.failed(problem, details);
    }
    if (result.failure) {
        const std::int64_t lba =
            number(result.failure->lba.value_or(plus(reading.range.first(), blocks)));
        Problem problem = problem_from(fmt::format("reading block {}", lba), *result.failure);
        // A disc that ends early is a failure of this read, whatever its sense is called.
        problem.status = ExitStatus::Failed;
        problem.message += fmt::format("; {}", kept);
        details.set("unreadable_lba", lba);
        return context.reporter.failed(problem, details);
    }
    return context.reporter.ended(
        {.words = fmt::format("read {} blocks ({}) from {} into {}{}", blocks,
                              words_for_bytes(blocks * stack::kBlockSize),
                              number(reading.range.first()), reading.target.name(),
                              held > 0 ? fmt::format("; {} of them were there", held) : ""),
         .details = details});
}

Result<stack::ReadResult, Problem> read_into(const Reading& reading) {
    KILN_RETURN_IF_ERROR(check_held(reading.session.drive(), reading.range, reading.target));
    KILN_RETURN_IF_ERROR(reading.target.go_on());
    stack::ReadResult result = read_rest(reading);
    KILN_RETURN_IF_ERROR(reading.target.finish());
    KILN_RETURN_IF_ERROR(reading.session.close());
    return result;
}

}  // namespace

ExitStatus run(const Context& context, const ReadArguments& arguments) {
    auto session = DriveSession::open(context, arguments.drive, SignalWords::Reading);
    if (!session) {
        return context.reporter.failed(session.error());
    }
    const auto range = choose_range((*session)->drive(), arguments);
    if (!range) {
        return context.reporter.failed(range.error());
    }
    auto target = ReadTarget::open(arguments.file, (*session)->stop());
    if (!target) {
        return context.reporter.failed(target.error());
    }
    const Reading reading{
        .context = context, .session = **session, .range = *range, .target = **target};
    const auto result = read_into(reading);
    return result ? ended(context, arguments, reading, *result)
                  : context.reporter.failed(result.error());
}

}  // namespace kiln::tools

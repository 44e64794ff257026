#include "stack/read_disc.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "mmc/bytes.h"
#include "mmc/lba.h"

#include "transports/transport.h"

#include "stack/drive.h"
#include "stack/facts.h"
#include "stack/failure.h"

namespace kiln::stack {
namespace {

mmc::Lba at(mmc::Lba lba, std::uint64_t blocks) {
    return static_cast<mmc::Lba>(static_cast<std::int64_t>(lba) +
                                 static_cast<std::int64_t>(blocks));
}

// Where in a failed piece the trouble is: every block on its own, up to the first that fails.
std::uint32_t read_singly(Drive& drive, mmc::Lba first, mmc::MutableByteView buffer,
                          const StopReading& stop, std::optional<Failure>& failure) {
    const auto count = static_cast<std::uint32_t>(buffer.size() / kBlockSize);
    for (std::uint32_t done = 0; done < count; ++done) {
        if (stop && stop()) {
            return done;
        }
        const auto block = buffer.subspan(std::size_t{done} * kBlockSize, kBlockSize);
        auto read = drive.read_blocks(at(first, done), block);
        if (!read) {
            failure = std::move(read).error();
            return done;
        }
    }
    return count;
}

// Only what the drive said of the medium is worth another try; a drive that is gone is gone.
bool worth_reading_singly(const Failure& failure) {
    return failure.sense && failure.kind != FailureKind::NoMedium &&
           failure.kind != FailureKind::Interrupted && failure.kind != FailureKind::TimedOut;
}

// A bridge that cannot do so many bytes fails on the way; with fewer it may do. Not one that is
// gone or silent: each try would cost a time-out.
bool worth_reading_shorter(const Failure& failure) {
    return failure.transport && failure.kind == FailureKind::Failed;
}

// Blocks of 32 KiB: no bridge is known that takes less.
constexpr std::size_t kShortest = 16;

}  // namespace

ReadResult read_disc(Drive& drive, const ReadJob& job, BlockSink& sink) {
    ReadResult result;
    const auto fits = drive.transport().limits().max_transfer / kBlockSize;
    auto piece =
        std::clamp<std::size_t>(std::min<std::size_t>(job.blocks_per_read, fits), 1, 0xFFFFU);
    const auto buffers = drive.transport().make_buffers(1, piece * kBlockSize);
    while (result.blocks < job.extent.blocks && !result.failure) {
        if (job.stop && job.stop()) {
            result.stopped = true;
            return result;
        }
        const auto first = at(job.extent.first, result.blocks);
        const auto count = std::min<std::uint64_t>(piece, job.extent.blocks - result.blocks);
        const auto bytes = buffers[0].first(static_cast<std::size_t>(count) * kBlockSize);
        std::uint64_t got = count;
        if (auto read = drive.read_blocks(first, bytes); !read) {
            result.failure = std::move(read).error();
            got = 0;
            if (count > kShortest && worth_reading_shorter(*result.failure)) {
                piece = std::max(static_cast<std::size_t>(count) / 2, kShortest);
                result.failure.reset();
                continue;
            }
            if (count > 1 && worth_reading_singly(*result.failure)) {
                result.failure.reset();
                got = read_singly(drive, first, bytes, job.stop, result.failure);
                result.stopped = got < count && !result.failure;
            }
        }
        if (got > 0) {
            auto taken = sink.take(first, bytes.first(static_cast<std::size_t>(got) * kBlockSize));
            if (!taken) {
                if (!result.failure) {
                    result.failure = std::move(taken).error();
                }
                return result;
            }
            result.blocks += got;
            if (job.progress) {
                job.progress(result.blocks, job.extent.blocks);
            }
        }
        if (result.stopped) {
            return result;
        }
    }
    if (result.failure) {
        result.failure = while_doing("reading the disc", *std::move(result.failure));
    }
    return result;
}

}  // namespace kiln::stack

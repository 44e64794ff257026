/// \file
/// Reading a disc back: what there is to read, and reading it in pieces.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "mmc/bytes.h"
#include "mmc/lba.h"

#include "stack/drive.h"
#include "stack/failure.h"
#include "stack/medium.h"

namespace kiln::stack {

/// Blocks from `first` on.
struct BlockExtent {
    mmc::Lba first{};
    std::uint64_t blocks = 0;

    friend bool operator==(const BlockExtent&, const BlockExtent&) = default;
};

/// Where an extent's length comes from.
enum class ExtentSource : std::uint8_t {
    Tracks,      // what the disc knows to be recorded
    FileSystem,  // the ISO 9660 or UDF volume on an overwritable medium
    Capacity,    // all of it
    Asked,       // the caller
};

/// Ascending, apart from each other: what lies between two of them cannot be read (run-out, pregap,
/// lead-out and lead-in of sessions), and is zeros in a file in which block n stands for address n.
struct RecordedExtents {
    std::vector<BlockExtent> extents;
    ExtentSource source = ExtentSource::Tracks;

    /// Blocks of all of them.
    [[nodiscard]] std::uint64_t blocks() const;
};

/// What `kiln read` reads when nothing else is asked: the data tracks as far as they are recorded,
/// less the two run-out blocks of a track-at-once CD; on overwritable media the volume's size, else
/// the capacity.
///
/// Errors:  Unsuitable where nothing is recorded, or only audio; those of a drive that does not
/// answer
[[nodiscard]] Result<RecordedExtents, Failure> recorded_extents(Drive& drive, const Medium& medium);

/// One track, less its run-out.
///
/// Errors:  Unsuitable where there is no such track, or nothing in it, or audio
[[nodiscard]] Result<BlockExtent, Failure> track_extent(Drive& drive, const Medium& medium,
                                                        std::uint16_t track);

/// Where the blocks go.
class BlockSink {
public:
    BlockSink() = default;
    BlockSink(const BlockSink&) = delete;
    BlockSink& operator=(const BlockSink&) = delete;
    virtual ~BlockSink() = default;

    /// Takes blocks in order, `first` and on; `bytes` is a multiple of 2048. A failure ends the
    /// read.
    virtual Result<void, Failure> take(mmc::Lba first, mmc::ByteView bytes) = 0;
};

/// Between any two reads. True ends it with what was read so far.
using StopReading = std::function<bool()>;
/// After each piece: blocks done, of how many.
using OnRead = std::function<void(std::uint64_t done, std::uint64_t all)>;

struct ReadResult {
    std::uint64_t blocks = 0;  // given to the sink
    bool stopped = false;      // by StopReading
    /// Why it ended early; `lba` is the first block that could not be read.
    std::optional<Failure> failure;

    [[nodiscard]] bool complete(const BlockExtent& extent) const { return blocks == extent.blocks; }
};

struct ReadJob {
    BlockExtent extent;
    std::uint32_t blocks_per_read = 32;
    StopReading stop{};
    OnRead progress{};
};

/// Reads an extent into a sink. A piece that fails is read again block by block, so that everything
/// before the first unreadable block arrives, and the failure names that block. To go on after it,
/// or after a stop, ask for the rest of the extent.
///
/// Blocks:  one READ at a time
/// Cancel:  job.stop, between any two READs
/// Errors:  in the result, the first one
/// Thread:  the drive's thread
[[nodiscard]] ReadResult read_disc(Drive& drive, const ReadJob& job, BlockSink& sink);

}  // namespace kiln::stack

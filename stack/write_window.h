/// \file
/// The ring between the source and the drive: what is filled, what is written, what pads. Pure.
///
///     read ahead        oldest first
///     source --> [slot][slot][slot][slot] --> WRITE --> accepted (slot free again)
///
/// One read fills a quarter of the ring, and is asked for when that much is free.
///
/// A chunk is given out only when it is known whether it is the last one, for the last WRITE is
/// announced to the cancel word.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "mmc/lba.h"

#include "stack/ports.h"
#include "stack/recipe.h"

namespace kiln::stack {

/// One WRITE.
struct Chunk {
    mmc::Lba lba{};
    std::uint32_t blocks = 0;
    std::uint32_t payload_blocks = 0;  // the rest are zeros
    std::optional<std::size_t> slot;   // none: zeros only
    bool first = false;
    bool last = false;
};

class WriteWindow {
public:
    struct Setup {
        mmc::Lba start{};
        std::size_t slots = 0;
        std::uint32_t chunk_blocks = 0;
        WriteRule rule;
        std::optional<std::uint64_t> payload_bytes;
        std::uint64_t capacity_blocks = 0;
    };

    WriteWindow() = default;
    explicit WriteWindow(const Setup& setup) : setup_(setup) {}

    void place(mmc::Lba start, std::uint64_t capacity_blocks) {
        setup_.start = start;
        setup_.capacity_blocks = capacity_blocks;
    }

    /// The next read of the source, when there is room and more to come; marks it under way.
    [[nodiscard]] std::optional<ReadBlocks> next_read();
    void filled(std::size_t bytes, bool ended);
    /// The source gives nothing more, for it failed or nobody wants it.
    void read_failed() { reading_ = false; }
    /// What came is all there will be.
    void end_source() { ended_ = true; }

    /// What to write now, if that is known.
    [[nodiscard]] std::optional<Chunk> next_chunk() const;
    void accepted(const Chunk& chunk);
    /// What is read and not written is dropped; only zeros up to `padded` blocks follow.
    void cut(std::uint64_t padded_blocks);

    [[nodiscard]] bool reading() const { return reading_; }
    [[nodiscard]] bool source_ended() const { return ended_; }
    [[nodiscard]] std::uint64_t read_bytes() const { return read_bytes_; }
    [[nodiscard]] std::uint64_t accepted_blocks() const { return accepted_blocks_; }
    [[nodiscard]] std::uint64_t accepted_payload() const { return accepted_payload_; }
    [[nodiscard]] std::size_t filled_slots() const { return filled_; }
    /// Everything, padding too, was accepted.
    [[nodiscard]] bool finished() const;
    /// Blocks in all, where that is known by now.
    [[nodiscard]] std::optional<std::uint64_t> total_blocks() const;
    /// The source gave more than fits onto the medium.
    [[nodiscard]] bool overflows() const;

private:
    [[nodiscard]] std::uint64_t payload_total() const;
    [[nodiscard]] std::uint64_t chunk_bytes() const;

    Setup setup_;
    std::size_t head_ = 0;    // the next slot to fill
    std::size_t filled_ = 0;  // slots that hold data
    bool reading_ = false;
    bool ended_ = false;
    bool cut_ = false;
    std::uint64_t cut_padded_ = 0;
    std::uint64_t read_bytes_ = 0;
    std::uint64_t accepted_blocks_ = 0;
    std::uint64_t accepted_payload_ = 0;
};

}  // namespace kiln::stack

#include "stack/write_window.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "stack/facts.h"

namespace kiln::stack {
namespace {

/// A read is handed to another thread and back: it is worth a part of the ring, and the rest is
/// written meanwhile.
constexpr std::size_t kReadsOfARing = 4;

std::uint64_t round_up(std::uint64_t value, std::uint64_t multiple) {
    return (value + multiple - 1) / multiple * multiple;
}

}  // namespace

std::uint64_t WriteWindow::chunk_bytes() const {
    return std::uint64_t{setup_.chunk_blocks} * kBlockSize;
}

std::uint64_t WriteWindow::payload_total() const {
    return (read_bytes_ + kBlockSize - 1) / kBlockSize;
}

std::optional<ReadBlocks> WriteWindow::next_read() {
    if (reading_ || ended_ || cut_) {
        return std::nullopt;
    }
    const std::size_t at_once =
        std::min(std::max(setup_.slots / kReadsOfARing, std::size_t{1}), setup_.slots - head_);
    if (setup_.slots - filled_ < at_once) {
        return std::nullopt;
    }
    reading_ = true;
    std::uint64_t bytes = at_once * chunk_bytes();
    if (setup_.payload_bytes) {
        bytes = std::min(bytes, *setup_.payload_bytes - read_bytes_);
    }
    return ReadBlocks{.slot = head_,
                      .bytes = static_cast<std::size_t>(bytes),
                      .each = static_cast<std::size_t>(chunk_bytes())};
}

void WriteWindow::filled(std::size_t bytes, bool ended) {
    reading_ = false;
    if (cut_) {
        return;
    }
    read_bytes_ += bytes;
    ended_ = ended || (setup_.payload_bytes && read_bytes_ >= *setup_.payload_bytes);
    const auto slots = static_cast<std::size_t>((bytes + chunk_bytes() - 1) / chunk_bytes());
    head_ = (head_ + slots) % setup_.slots;
    filled_ += slots;
}

std::optional<std::uint64_t> WriteWindow::total_blocks() const {
    if (cut_) {
        return cut_padded_;
    }
    std::uint64_t payload = 0;
    if (ended_) {
        payload = payload_total();
    } else if (setup_.payload_bytes) {
        payload = (*setup_.payload_bytes + kBlockSize - 1) / kBlockSize;
    } else {
        return std::nullopt;
    }
    const std::uint64_t padded =
        std::max<std::uint64_t>(setup_.rule.minimum, round_up(payload, setup_.rule.multiple));
    // A disc that ends within a write unit takes what fits.
    return payload <= setup_.capacity_blocks ? std::min(padded, setup_.capacity_blocks) : padded;
}

bool WriteWindow::finished() const {
    const auto total = total_blocks();
    return (cut_ || ended_) && total && accepted_blocks_ >= *total;
}

bool WriteWindow::overflows() const {
    return !cut_ && payload_total() > setup_.capacity_blocks;
}

std::optional<Chunk> WriteWindow::next_chunk() const {
    const auto total = total_blocks();
    Chunk chunk;
    chunk.lba = mmc::Lba{static_cast<std::int32_t>(static_cast<std::int64_t>(setup_.start) +
                                                   static_cast<std::int64_t>(accepted_blocks_))};
    chunk.first = accepted_blocks_ == 0;
    if (!cut_ && filled_ > 0) {
        // Of a stream, behind the oldest slot there must be another one or the end: else wait.
        const std::uint64_t unwritten = payload_total() - accepted_payload_;
        if (filled_ == 1 && !ended_ && !setup_.payload_bytes) {
            return std::nullopt;
        }
        const bool is_last_payload = filled_ == 1 && ended_;
        chunk.slot = (head_ + setup_.slots - filled_) % setup_.slots;
        chunk.payload_blocks =
            static_cast<std::uint32_t>(std::min<std::uint64_t>(unwritten, setup_.chunk_blocks));
        chunk.blocks = chunk.payload_blocks;
        if (is_last_payload && total) {
            chunk.blocks = static_cast<std::uint32_t>(
                std::min<std::uint64_t>(*total - accepted_blocks_, setup_.chunk_blocks));
            chunk.blocks = std::max(chunk.blocks, chunk.payload_blocks);
        }
    } else if ((cut_ || ended_) && total && accepted_blocks_ < *total) {
        chunk.blocks = static_cast<std::uint32_t>(
            std::min<std::uint64_t>(*total - accepted_blocks_, setup_.chunk_blocks));
    } else {
        return std::nullopt;
    }
    chunk.last = (cut_ || ended_) && total && accepted_blocks_ + chunk.blocks >= *total;
    return chunk;
}

void WriteWindow::accepted(const Chunk& chunk) {
    accepted_blocks_ += chunk.blocks;
    accepted_payload_ += chunk.payload_blocks;
    if (chunk.slot && filled_ > 0) {
        --filled_;
    }
}

void WriteWindow::cut(std::uint64_t padded_blocks) {
    cut_ = true;
    cut_padded_ = std::max(padded_blocks, accepted_blocks_);
    filled_ = 0;
}

}  // namespace kiln::stack

#include <algorithm>
#include <utility>

#include "harness/sim/medium_store.h"
#include "harness/sim/medium_store_extents.h"

namespace kiln::harness {

Result<void, StoreError> StoreComparison::feed(Lba first, ByteView bytes) {
    KILN_ASSIGN_OR_RETURN(const std::uint32_t count,
                          checked_blocks(first, bytes.size(), store_->block_size()));
    const auto at = static_cast<std::uint32_t>(first);
    const auto gathered = static_cast<std::uint32_t>(gathered_.size() / store_->block_size());
    if (gathered != 0 && gathered_at_ + gathered != at) {
        KILN_RETURN_IF_ERROR(finish());
    }
    Result<void, StoreError> outcome;
    for_each_part(first, count, [&](const ExtentPart& part) {
        if (gathered_.empty()) {
            gathered_at_ = at + part.from_start;
        }
        const ByteView piece = bytes.subspan(std::size_t{part.from_start} * store_->block_size(),
                                             std::size_t{part.count} * store_->block_size());
        gathered_.insert(gathered_.end(), piece.begin(), piece.end());
        if (part.first + part.count == kExtentBlocks) {
            outcome = finish();
        }
        return outcome.has_value();
    });
    return outcome;
}

Result<void, StoreError> StoreComparison::finish() {
    if (gathered_.empty()) {
        return {};
    }
    const auto first = Lba{static_cast<std::int32_t>(gathered_at_)};
    const auto match = store_->matches(first, gathered_);
    const std::size_t blocks = gathered_.size() / store_->block_size();
    gathered_.clear();
    if (!match) {
        return tl::make_unexpected(match.error());
    }
    if (*match == Match::Unknown) {
        unknown_ += blocks;
    } else if (*match != Match::Equal && !mismatch_) {
        mismatch_ = first;
    }
    return {};
}

}  // namespace kiln::harness

/// \file
/// What the stores have in common: ranges cut into extents, and a table that copies share.

#pragma once

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "harness/sim/medium_store.h"

namespace kiln::harness {

/// The part of a range that lies in one extent.
struct ExtentPart {
    std::size_t extent = 0;
    std::uint32_t first = 0;       // block in the extent
    std::uint32_t count = 0;       // blocks
    std::uint32_t from_start = 0;  // blocks of the range before this part
};

/// The bits of blocks first … first + count - 1 of an extent.
[[nodiscard]] constexpr std::uint32_t block_mask(std::uint32_t first, std::uint32_t count) {
    const std::uint32_t low = count >= kExtentBlocks ? ~0U : (1U << count) - 1U;
    return low << first;
}

inline constexpr std::uint32_t kWholeExtent = ~0U;

/// Calls `act` for each part of `count` blocks from `first`, in order, until it returns false.
template <typename Act>
void for_each_part(Lba first, std::uint32_t count, Act&& act) {
    auto at = static_cast<std::uint32_t>(first);
    for (std::uint32_t done = 0; done < count;) {
        const std::uint32_t in_extent = at % kExtentBlocks;
        const std::uint32_t here = std::min(kExtentBlocks - in_extent, count - done);
        if (!act(ExtentPart{.extent = at / kExtentBlocks,
                            .first = in_extent,
                            .count = here,
                            .from_start = done})) {
            return;
        }
        done += here;
        at += here;
    }
}

/// Number of blocks in `bytes`, or what is wrong with the range.
[[nodiscard]] Result<std::uint32_t, StoreError> checked_blocks(Lba first, std::size_t bytes,
                                                               std::uint32_t block_size);

/// A sparse array of `Item` by index. A copy is one reference; the first change of a shared item
/// copies a path to it: the root, a page of pointers, the item.
template <typename Item>
class SharedTable {
public:
    /// More than any index, also after it was multiplied by a size.
    static constexpr std::size_t kNone = std::size_t{1} << 40U;

    [[nodiscard]] const Item* find(std::size_t index) const {
        if (root_ == nullptr || index / kPage >= root_->size()) {
            return nullptr;
        }
        const auto& page = (*root_)[index / kPage];
        return page == nullptr ? nullptr : (*page)[index % kPage].get();
    }

    /// The item there, made if there is none, and not shared with any copy.
    Item& at(std::size_t index) {
        auto& root = own(root_);
        if (index / kPage >= root.size()) {
            root.resize(index / kPage + 1);
        }
        return own(own(root[index / kPage])[index % kPage]);
    }

    /// The next index from `index` on that may have an item; kNone where none has.
    [[nodiscard]] std::size_t next(std::size_t index) const {
        while (root_ != nullptr && index / kPage < root_->size() &&
               (*root_)[index / kPage] == nullptr) {
            index = (index / kPage + 1) * kPage;
        }
        return root_ != nullptr && index / kPage < root_->size() ? index : kNone;
    }

    void erase(std::size_t index) {
        if (find(index) != nullptr) {
            own(own(root_)[index / kPage])[index % kPage] = nullptr;
        }
    }

private:
    static constexpr std::size_t kPage = 256;
    using Page = std::array<std::shared_ptr<Item>, kPage>;
    using Root = std::vector<std::shared_ptr<Page>>;

    // Only this table refers to what it counts once, so nobody can begin to share it meanwhile.
    template <typename Part>
    static Part& own(std::shared_ptr<Part>& part) {
        if (part == nullptr) {
            part = std::make_shared<Part>();
        } else if (part.use_count() != 1) {
            part = std::make_shared<Part>(*part);
        }
        return *part;
    }

    std::shared_ptr<Root> root_;
};

}  // namespace kiln::harness

/// \file
/// A command descriptor block as it goes on the wire.

#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "mmc/bytes.h"

namespace kiln::mmc {

/// 6, 10, 12 or 16 bytes; the rest of the storage is zero.
class Cdb {
public:
    static constexpr std::size_t kMaxSize = 16;

    constexpr Cdb() = default;
    explicit constexpr Cdb(std::size_t size) : size_(size) {}

    /// The first 16 bytes of `bytes`, as they are.
    static constexpr Cdb copy_of(ByteView bytes) {
        Cdb cdb(std::min(bytes.size(), kMaxSize));
        std::copy_n(bytes.begin(), cdb.size_, cdb.storage_.begin());
        return cdb;
    }

    [[nodiscard]] constexpr ByteView bytes() const { return ByteView(storage_).first(size_); }
    [[nodiscard]] constexpr MutableByteView mutable_bytes() {
        return MutableByteView(storage_).first(size_);
    }
    friend constexpr bool operator==(const Cdb&, const Cdb&) = default;

private:
    std::array<std::uint8_t, kMaxSize> storage_{};
    std::size_t size_ = 0;
};

}  // namespace kiln::mmc

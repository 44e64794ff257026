/// \file
/// A source of any size that costs next to nothing: for tests and benchmarks.

#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>

#include "mmc/bytes.h"

#include "transports/source.h"

namespace kiln::harness {

/// Word `index` of the pattern that belongs to `seed` (splitmix64): no two blocks are alike, and a
/// block that stands elsewhere than it should is seen.
[[nodiscard]] constexpr std::uint64_t pattern_word(std::uint64_t seed, std::uint64_t index) {
    std::uint64_t word = seed + (index + 1) * 0x9e3779b97f4a7c15U;
    word = (word ^ (word >> 30U)) * 0xbf58476d1ce4e5b9U;
    word = (word ^ (word >> 27U)) * 0x94d049bb133111ebU;
    return word ^ (word >> 31U);
}

/// The pattern's bytes from byte `offset` on, wherever a reader is: what a check compares with.
inline void fill_pattern(std::uint64_t seed, std::uint64_t offset, mmc::MutableByteView out) {
    std::size_t done = 0;
    while (done < out.size()) {
        const std::uint64_t at = offset + done;
        const std::uint64_t word = pattern_word(seed, at / 8);
        if (at % 8 == 0 && out.size() - done >= 8) {
            std::memcpy(out.data() + done, &word, 8);
            done += 8;
        } else {
            out[done] = static_cast<std::uint8_t>(word >> (at % 8 * 8));
            ++done;
        }
    }
}
static_assert(std::endian::native == std::endian::little, "a whole word is stored as it is");

/// `size` bytes of the pattern.
class GeneratedSource final : public transports::Source {
public:
    GeneratedSource(std::uint64_t seed, std::uint64_t size) : seed_(seed), size_(size) {}

    transports::Result<std::size_t, transports::SourceError> read(
        mmc::MutableByteView buffer) override {
        if (interrupted_) {
            return tl::make_unexpected(transports::SourceError{
                .interrupted = true, .detail = "read generated data: interrupted"});
        }
        const auto count =
            static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), size_ - given_));
        fill_pattern(seed_, given_, buffer.first(count));
        given_ += count;
        return count;
    }
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return size_; }
    void interrupt() noexcept override { interrupted_ = true; }

private:
    std::uint64_t seed_;
    std::uint64_t size_;
    std::uint64_t given_ = 0;
    std::atomic<bool> interrupted_{false};
};

}  // namespace kiln::harness

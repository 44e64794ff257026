/// \file
/// The bytes of a command in a log. A run of the explorer has hundreds, and a vector for each was a
/// tenth of its time.

#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <ranges>
#include <span>

namespace kiln::harness {

/// As many bytes as there are of a command descriptor block; what is longer than 16 is cut.
class CdbBytes {
public:
    CdbBytes() = default;
    CdbBytes(std::initializer_list<std::uint8_t> bytes) { assign(bytes); }
    template <std::ranges::contiguous_range Bytes>
    CdbBytes(const Bytes& bytes) {  // NOLINT(google-explicit-constructor): bytes are bytes
        assign(bytes);
    }

    void assign(const std::ranges::contiguous_range auto& bytes) {
        size_ = std::min<std::size_t>(std::ranges::size(bytes), storage_.size());
        std::copy_n(std::ranges::data(bytes), size_, storage_.begin());
    }

    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] const std::uint8_t* data() const { return storage_.data(); }
    [[nodiscard]] const std::uint8_t* begin() const { return data(); }
    [[nodiscard]] const std::uint8_t* end() const { return data() + size_; }
    std::uint8_t& operator[](std::size_t at) { return storage_.at(at); }
    const std::uint8_t& operator[](std::size_t at) const { return storage_.at(at); }
    friend bool operator==(const CdbBytes&, const CdbBytes&) = default;

private:
    std::array<std::uint8_t, 16> storage_{};
    std::size_t size_ = 0;
};

}  // namespace kiln::harness
